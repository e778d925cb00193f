//! The engine: an opened project, and the one path by which every job runs.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use futures::stream::BoxStream;
use sluss_schemas::chunk::{Chunk, Cursor};
use sluss_schemas::clock::Clock;
use sluss_schemas::landing::{Landing, NoLanding};
use sluss_schemas::rule::Language;
use sluss_schemas::say;
use sluss_schemas::secret::Secrets;
use sluss_schemas::table::Class;
use tracing::Instrument;
use uuid::Uuid;

use super::extract::{self, Chunks, Extracted};
use super::feeding::Feeding;
use super::known::Known;
use super::outcome::{Outcome, RunState};
use super::publish::Publishing;
use super::quarantined::Quarantining;
use super::receipted::swedish_day;
use super::settle::{Settling, Standing, lost_rows};
use super::table::{self, MappingRows};
use super::traced::{Progress, Stations};
use super::window::Window;
use crate::error::{PipelineError, Result};
use crate::fail;
use crate::job::{Environment, Job, Mode, Project};
use crate::keys::{Delivery, Kept, KeySet};
use crate::lake::Lake;
use crate::landing::{Incoming, Zone};
use crate::ledger::{NewRun, RunState as LedgerState};
use crate::map::{Filters, Lookups, prepare};
use crate::matching::precedence::CONNECTOR;
use crate::quarantine::Quarantine;
use crate::receipt::Signer;
use crate::register::Register;
use crate::validate::Validator;

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Publish.
    Publish,
    /// Say what would be published; write nothing.
    Plan,
}

/// What a run may do besides.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Read from the beginning, whatever the cursor says.
    pub full: bool,
    /// Publish although a guard would hold the delivery: who decided, and why.
    pub believe: Option<String>,
    /// The run whose landed input this is.
    pub replay_of: Option<String>,
    /// The run's id, where the ledger has it already: what is handed in gets its run when it comes.
    pub begun: Option<String>,
    /// Leave the job's cursor where it is: what is read is a past period.
    pub keep_cursor: bool,
    /// The fence of the lease that the run has: where it has passed on, nothing is published.
    pub fence: Option<u64>,
    /// The id that the run is to have, where its caller has told of it before it begins.
    pub id: Option<String>,
    /// The source gives what has arrived since the cursor: it is given its cursor also where each delivery
    /// is a whole, and where nothing has arrived there is no delivery to hold.
    pub arrivals: bool,
}

/// An opened project: everything that runs share.
pub struct Engine {
    /// The project's files.
    pub project: Arc<Project>,
    /// Register and ledger.
    pub register: Arc<dyn Register>,
    /// The lake.
    pub lake: Lake,
    /// The encrypted landing zone.
    pub zone: Zone,
    /// Rejected rows, encrypted.
    pub quarantine: Quarantine,
    /// Secrets by name.
    pub secrets: Arc<dyn Secrets>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Signs what regions are told; none without a key for it.
    pub signer: Option<Signer>,
    pub(super) pseudonyms: KeySet,
    pub(super) known: Known,
    /// Runs that feed the same table for the same owner wait for each other within this process;
    /// between processes the publishing transaction refuses the later one.
    pub(super) feeding: Feeding,
}

impl Engine {
    /// Runs `job` on what `deliver` gives for its cursor and a landing zone.
    ///
    /// # Errors
    ///
    /// Whatever stops the run as a whole; rows that are wrong are data. The run is then noted as
    /// failed, nothing of it is published and its staged rows are swept.
    pub async fn run(
        &self,
        job: &Job,
        intent: Intent,
        deliver: impl FnOnce(Option<Cursor>, Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>>,
        options: RunOptions,
        progress: &dyn Progress,
    ) -> Result<Outcome> {
        let run = options.begun.clone().or_else(|| options.id.clone()).unwrap_or_else(new_run);
        let dry = intent == Intent::Plan;
        let span =
            tracing::info_span!("run", run, dry, job = job.name, owner = job.file.job.owner, otel.name = job.name);
        let stations = Stations::new(progress, span.clone());
        let running = async {
            let done = self.run_as(run, job, intent, deliver, options, &stations).await;
            stations.end();
            done
        };
        running.instrument(span).await
    }

    async fn run_as(
        &self,
        run: String,
        job: &Job,
        intent: Intent,
        deliver: impl FnOnce(Option<Cursor>, Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>>,
        options: RunOptions,
        progress: &dyn Progress,
    ) -> Result<Outcome> {
        let _alone = self.feeding.enter(&job.file.job.owner, &job.file.job.feeds).await;
        let dry = intent == Intent::Plan;
        if !dry && options.begun.is_none() {
            let begun = NewRun {
                id: run.clone(),
                job: job.name.clone(),
                owner: job.file.job.owner.clone(),
                mode: job.file.job.mode.name().to_owned(),
                state: LedgerState::Running,
                input_digest: None,
                replay_of: options.replay_of.clone(),
            };
            self.register.begin_run(&begun).await?;
        }
        tracing::info!(full = options.full, "the run begins");
        let result = self.deliver(job, &run, dry, deliver, &options, progress).await;
        match &result {
            Ok(outcome) => tracing::info!(
                state = ?outcome.state, rows = outcome.balance.rows_in, rejected = outcome.balance.rejected,
                publication = outcome.publish_seq, "the run has ended"
            ),
            Err(error) => tracing::warn!(retry = error.retry, "the run failed: {}", error.what),
        }
        match result {
            // The scheduler begins its runs itself, too, with a lease: what those fetch can be fetched again.
            Err(error) if !dry => {
                let handed_in = options.begun.is_some() && options.fence.is_none();
                Err(self.failed(job, &run, error, handed_in).await)
            }
            result => result,
        }
    }

    /// Notes that a run has failed, and gives the error to tell: the first one, whether or not it can be noted.
    async fn failed(&self, job: &Job, run: &str, error: PipelineError, handed_in: bool) -> PipelineError {
        // After an outage of the database somebody may have taken it for dead, and swept what it had staged:
        // whatever went wrong then says nothing of the job.
        if let Ok(Some(known)) = self.register.run(run).await
            && known.state == LedgerState::Failed
        {
            return PipelineError::operator(say!(
                "körningen togs för död och avslutades av en annan process",
                "the run was taken for dead and ended by another process"
            ))
            .hint(say!(
                "kontrollera att databasen svarar, och kör jobbet igen",
                "check that the database answers, and run the job again"
            ))
            .because(error)
            .retryable();
        }
        // What has been published has not failed, whatever came after.
        let reason = error.told(Language::Swedish);
        if self.register.end_run(run, LedgerState::Failed, Some(&reason), None).await.is_ok() {
            let _ = self.forget_failed(job, run, handed_in);
        }
        error
    }

    async fn deliver(
        &self,
        job: &Job,
        run: &str,
        dry: bool,
        deliver: impl FnOnce(Option<Cursor>, Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>>,
        options: &RunOptions,
        progress: &dyn Progress,
    ) -> Result<Outcome> {
        self.catch_up().await?;
        self.same_pseudonyms().await?;
        let today = self.today();
        let base = self.register.base().await?;
        // A snapshot is always the whole: only what is new is asked for where absence means nothing, or where
        // what is new is a whole.
        let from_start = options.full || (job.file.job.mode == Mode::Snapshot && !options.arrivals);
        let cursor = if from_start { None } else { self.register.cursor(&job.name).await?.map(Cursor) };
        let goes_on = cursor.is_some();
        let incoming = if dry { None } else { Some(self.begin_landing(job, run)?) };
        let landing: Arc<dyn Landing> = match &incoming {
            Some(incoming) => Arc::new(incoming.clone()),
            None => Arc::new(NoLanding),
        };
        progress.station("hämtar");
        let (schema, chunks) = Chunks::begin(deliver(cursor, landing)).await?;
        let mut quarantine = Quarantining::begin(self, job, run, dry)?;
        let lookups = self.lookups().await?;

        let mut settled = Vec::new();
        let mut extracted = Extracted::default();
        let mut followed = None;
        if let Some(schema) = schema {
            let as_lookups: Arc<dyn Lookups> = Arc::clone(&lookups) as Arc<dyn Lookups>;
            let filters = Filters::compile(&job.file.filter, &schema, &as_lookups)?;
            let window = Window::new(!self.source_stays(job));
            let (mut inlets, mut tasks) = (Vec::new(), Vec::new());
            for (name, sql) in &job.mappings {
                let table = self.table(name)?;
                let mapping = prepare(sql, &job.mapping_place(name), &table, &schema, &as_lookups).await?;
                let feeds = &job.file.job.feeds;
                let known = self.known.references(&table, feeds, &self.register, &self.project.tables).await?;
                let validator = Validator::new(
                    Arc::clone(&table),
                    Arc::clone(&lookups.codes),
                    known,
                    Arc::clone(&as_lookups),
                    today,
                    table.owned_by(&job.file.job.owner),
                )
                .of_the_register(job.file.source.connector == CONNECTOR);
                let (feed, rows) = MappingRows::split(mapping);
                inlets.push(feed);
                let one_per = job.file.map.one_per.get(name).cloned();
                tasks.push(table::spawn(rows, validator, window.clone(), one_per, self.project.file.secrecy));
            }
            followed = self.follow(job, &schema, &as_lookups).await?;
            let read = extract::run(chunks, &schema, &filters, inlets, &window, progress, &mut quarantine).await;
            let mut withheld = self.refused_before(job).await?;
            let mut tables = HashMap::new();
            for task in tasks {
                let mut run = task.await.map_err(|e| {
                    PipelineError::us(say!("arbetet med en tabell avbröts", "a table's task ended abruptly")).because(e)
                })??;
                withheld.join(std::mem::take(&mut run.withheld));
                tables.insert(run.table.name.clone(), run);
            }
            extracted = read?;
            fail::point("landad");
            progress.station("prövar");
            let standing = self.place_of(run, options).await?;
            let jobs = job.names();
            let mut settling = Settling {
                run,
                owner: &job.file.job.owner,
                jobs: &jobs,
                mode: job.file.job.mode,
                dry: dry || job.file.job.environment == Environment::Test,
                unread: extracted.account.unread > 0,
                standing,
                register: &self.register,
                lake: &self.lake,
                tables: &self.project.tables,
                withheld,
                parents: HashMap::new(),
            };
            for (name, is_parent) in self.parents_first(&job.file.job.feeds) {
                let Some(table) = tables.remove(&name) else { continue };
                let one_per = job.file.map.one_per.contains_key(&name);
                let done = settling.table(table, one_per, is_parent, &mut |rows| quarantine.rejected(rows)).await?;
                extracted.account.join(&done.account);
                settled.push(done);
            }
            fail::point("stegad");
            settled.sort_by_key(|s| job.file.job.feeds.iter().position(|f| *f == s.outcome.table));
        }
        quarantine.lost(&lost_rows(&mut extracted.account))?;
        let outcome = self.weigh(job, run, dry, &extracted, &settled, options, goes_on).await?;
        let outcome = Outcome { lineage: followed, ..outcome };
        let publishing =
            Publishing { engine: self, job, run, base, options, incoming: incoming.as_ref(), delivered: today };
        progress.station("publicerar");
        let outcome = publishing.finish(outcome, extracted, settled, quarantine).await?;
        if outcome.state == RunState::Done {
            progress.station("speglar");
            self.catch_up().await?;
        }
        Ok(outcome)
    }

    /// How the delivery stands to those that came after it.
    async fn place_of(&self, run: &str, options: &RunOptions) -> Result<Standing> {
        Ok(match &options.replay_of {
            None => Standing::Latest,
            Some(_) if self.register.is_outdated(run).await? => Standing::Outdated,
            Some(_) => Standing::Replayed,
        })
    }

    fn begin_landing(&self, job: &Job, run: &str) -> Result<Incoming> {
        self.land(&Delivery::new(&job.file.job.owner, run)?)
    }

    /// Where a delivery's original bytes go. A delivery that is there already is gone on with.
    pub fn land(&self, delivery: &Delivery) -> Result<Incoming> {
        Ok(self.zone.begin(delivery, self.kept(), self.clock.now())?)
    }

    /// Until when original bytes are kept; quarantine until it has been dealt with, or as long as is declared.
    pub(super) fn kept(&self) -> Kept {
        let days = i64::from(self.project.file.landing.retention_days);
        let until = |days: u32| self.clock.now() + TimeDelta::days(i64::from(days));
        Kept {
            landing_until: Some(self.clock.now() + TimeDelta::days(days)),
            quarantine_until: self.project.file.retention.quarantine_days.map(until),
        }
    }

    /// The day in Sweden.
    pub fn today(&self) -> NaiveDate {
        swedish_day(self.clock.now())
    }

    /// A table by its name.
    pub fn table(&self, name: &str) -> Result<Arc<sluss_schemas::table::Table>> {
        let table = self.project.tables.get(name);
        table.cloned().map(Arc::new).ok_or_else(|| {
            PipelineError::configuration(say!(
                "det finns ingen nationell tabell {name}",
                "there is no national table {name}"
            ))
            .hint(match self.project.tables.nearest(name) {
                Some(near) => say!("menade du {near}?", "did you mean {near}?"),
                None => say!("`sluss docs tabeller` visar dem", "`sluss docs tabeller` lists them"),
            })
        })
    }

    /// Whether the source's own rows stay in the landing zone: a table that the job feeds says that they
    /// are persons'.
    pub(super) fn source_stays(&self, job: &Job) -> bool {
        let tables = job.file.job.feeds.iter().filter_map(|name| self.project.tables.get(name));
        tables.into_iter().any(|table| table.source_class != Class::Oppen)
    }

    /// The code systems as they are now.
    pub async fn codes(&self) -> Result<Arc<sluss_schemas::code::CodeIndex>> {
        self.known.codes(&self.register).await
    }
}

/// A new run's id. Ids grow with time.
pub fn new_run() -> String {
    Uuid::now_v7().to_string()
}
