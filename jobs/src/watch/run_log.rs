//! Keeps what the log says of each run, for `sluss runs RUN`: beside the run, never in its way.
//!
//! A layer of the log passes lines on to a task that writes them to the ledger. Where that does not answer, lines
//! wait, and in the end the oldest are lost: they stand on standard error all the same.

use std::collections::{HashMap, VecDeque};
use std::fmt::{self, Write as _};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use sluss_pipeline::ledger::LogLine;
use sluss_pipeline::register::Register;
use sluss_schemas::clock::Clock;
use tokio::sync::{mpsc, oneshot};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// Lines on their way to the task.
const QUEUE: usize = 4096;
/// Lines that wait for a ledger that does not answer.
const WAITING: usize = 20_000;
/// Lines that are kept of one run.
const OF_A_RUN: usize = 500;
/// How long lines are gathered before they are written.
const GATHERED: Duration = Duration::from_secs(1);
/// How long a stopping program waits for the last lines.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where lines go, once a project is open: like the log itself there is one in a process.
static KEEPER: OnceLock<Keeper> = OnceLock::new();

struct Keeper {
    clock: Arc<dyn Clock>,
    queue: mpsc::Sender<Told>,
}

enum Told {
    Began(String),
    Line(LogLine),
    Ended(String),
    Flush(oneshot::Sender<()>),
}

/// Lets lines be kept in this ledger from now on. Must be called within the runtime.
pub(crate) fn keep(register: &Arc<dyn Register>, clock: &Arc<dyn Clock>) {
    let (queue, told) = mpsc::channel(QUEUE);
    if KEEPER.set(Keeper { clock: Arc::clone(clock), queue }).is_ok() {
        tokio::spawn(write(Arc::clone(register), told));
    }
}

/// Waits until what has been said is kept, or given up.
pub(crate) async fn flush() {
    let Some(keeper) = KEEPER.get() else { return };
    let (done, waited) = oneshot::channel();
    let flushed = async {
        if keeper.queue.send(Told::Flush(done)).await.is_ok() {
            let _ = waited.await;
        }
    };
    let _ = tokio::time::timeout(PATIENCE, flushed).await;
}

async fn write(register: Arc<dyn Register>, mut told: mpsc::Receiver<Told>) {
    let mut waiting: VecDeque<LogLine> = VecDeque::new();
    let mut said: HashMap<String, usize> = HashMap::new();
    let mut due = Instant::now();
    loop {
        // Looked at first: where something is always said, waiting for silence would be waiting for ever.
        if !waiting.is_empty() && Instant::now() >= due {
            keep_all(&register, &mut waiting).await;
            due = Instant::now() + GATHERED;
        }
        let next = if waiting.is_empty() {
            told.recv().await
        } else {
            let Ok(next) = tokio::time::timeout_at(due.into(), told.recv()).await else { continue };
            next
        };
        match next {
            Some(Told::Began(run)) => _ = said.insert(run, 0),
            Some(Told::Ended(run)) => _ = said.remove(&run),
            Some(Told::Line(mut line)) => {
                // What is said of a run from outside of it is little.
                let said = said.get_mut(&line.run).map_or(0, |said| {
                    *said += 1;
                    *said
                });
                if said > OF_A_RUN {
                    continue;
                }
                if said == OF_A_RUN {
                    "the log says more of this run than is kept here".clone_into(&mut line.message);
                }
                if waiting.is_empty() {
                    due = Instant::now() + GATHERED;
                }
                waiting.push_back(line);
                if waiting.len() > WAITING {
                    waiting.pop_front();
                }
            }
            Some(Told::Flush(done)) => {
                keep_all(&register, &mut waiting).await;
                let _ = done.send(());
            }
            None => return keep_all(&register, &mut waiting).await,
        }
    }
}

/// Writes what waits; what cannot be written waits on.
async fn keep_all(register: &Arc<dyn Register>, waiting: &mut VecDeque<LogLine>) {
    if waiting.is_empty() {
        return;
    }
    match register.keep_log(waiting.make_contiguous()).await {
        Ok(()) => waiting.clear(),
        Err(error) => tracing::debug!("runs' log cannot be kept now: {error}"),
    }
}

/// The layer that hears what is said within runs, and of them.
pub(super) struct RunLog;

/// On a run's span: its id. Nothing of what is only planned is kept.
struct OfRun(String);

/// On a station's span.
struct Station {
    name: String,
    began: Instant,
}

/// What a span or an event tells.
#[derive(Default)]
struct Fields {
    run: Option<String>,
    station: Option<String>,
    dry: bool,
    message: String,
    others: String,
}

impl Visit for Fields {
    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "dry" {
            self.dry = value;
        }
        self.record_debug(field, &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "run" => self.run = Some(value.to_owned()),
            "station" => self.station = Some(value.to_owned()),
            _ => self.record_debug(field, &format_args!("{value}")),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            "run" => self.run = Some(format!("{value:?}")),
            // The run's own, which it is found by.
            "job" | "owner" => {}
            // Writing to a string cannot fail.
            name => _ = write!(self.others, " {name}={value:?}"),
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for RunLog {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut told = Fields::default();
        match span.name() {
            "run" => {
                attributes.record(&mut told);
                if let (Some(run), false) = (told.run, told.dry) {
                    tell(|_| Told::Began(run.clone()));
                    span.extensions_mut().insert(OfRun(run));
                }
            }
            "station" => {
                attributes.record(&mut told);
                if let Some(name) = told.station {
                    span.extensions_mut().insert(Station { name, began: Instant::now() });
                }
            }
            _ => {}
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut told = Fields::default();
        event.record(&mut told);
        let within = || {
            let scope = context.event_scope(event)?;
            scope.into_iter().find_map(|span| Some(span.extensions().get::<OfRun>()?.0.clone()))
        };
        let Some(run) = told.run.take().or_else(within) else { return };
        let level = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warn",
            _ => "info",
        };
        line(run, level, format!("{}{}", told.message, told.others));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        if let Some(OfRun(run)) = span.extensions_mut().remove() {
            tell(|_| Told::Ended(run));
            return;
        }
        let Some(station) = span.extensions_mut().remove::<Station>() else { return };
        let run = span.parent().and_then(|run| Some(run.extensions().get::<OfRun>()?.0.clone()));
        if let Some(run) = run {
            let took = station.began.elapsed().as_secs_f64();
            line(run, "info", format!("{} took {took:.2} s", station.name));
        }
    }
}

fn line(run: String, level: &str, message: String) {
    tell(|keeper| Told::Line(LogLine { run, at: keeper.clock.now(), level: level.to_owned(), message }));
}

/// Passes on, waits for nobody.
fn tell(what: impl FnOnce(&Keeper) -> Told) {
    if let Some(keeper) = KEEPER.get() {
        let _ = keeper.queue.try_send(what(keeper));
    }
}
