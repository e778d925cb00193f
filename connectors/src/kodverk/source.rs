//! The source: reads the file on a thread of its own and hands its rows over as they come.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use futures::stream::{self, BoxStream, StreamExt};
use sluss_schemas::chunk::{Chunk, Cursor};
use sluss_schemas::code::alias::Aliases;
use sluss_schemas::landing::{Landing, NoLanding};
use sluss_schemas::say;
use tokio::sync::mpsc;

use super::columns::unknown;
use super::delimited::{self, Dialect};
use super::intake::{Intake, Landed, open};
use super::lines::Lines;
use super::notice::{NoticeKind, Notices};
use super::options::{Encoding, Form, Options};
use super::out::Out;
use super::{detect, fhir, fixed, genericode, rf2, sheet};
use crate::caught::caught;
use crate::connect::{Connect, Field, Io, Source, Stream};
use crate::error::{Actor, ConnectorError, Result};

/// Chunks that may wait between the reader and the pipeline.
const WAITING: usize = 2;

/// The connector `kodverk`.
#[derive(Clone, Copy, Debug)]
pub struct Kodverk;

impl Connect for Kodverk {
    const NAME: &'static str = "kodverk";
    const DOC: &'static str = include_str!("doc.md");
    type Options = Options;

    fn open(options: Options, io: &Io) -> Result<Box<dyn Source>> {
        Ok(Box::new(KodverkSource::open(options, io)?))
    }
}

/// A code list that has been configured.
#[derive(Clone, Debug)]
pub struct KodverkSource {
    plan: Arc<Plan>,
}

/// Options that have been checked, and the world that they need.
#[derive(Debug)]
pub(super) struct Plan {
    pub options: Options,
    pub base: PathBuf,
    pub chunk_rows: usize,
    pub valid_from: Option<NaiveDate>,
    pub aliases: Aliases,
    pub notices: Notices,
    /// What is read is a part of a larger answer: its totals are those of the whole.
    pub paged: bool,
    constants: Vec<Option<String>>,
    delimiter: Option<u8>,
    quote: Option<u8>,
}

impl KodverkSource {
    /// Checks the options. No I/O.
    pub fn open(options: Options, io: &Io) -> Result<Self> {
        let valid_from = match &options.valid_from {
            Some(text) => Some(text.parse::<NaiveDate>().map_err(|_| {
                ConnectorError::configuration(say!("`valid_from` är inget datum", "`valid_from` is not a date"))
                    .hint(say!("skriv det som 2026-01-01", "write it as 2026-01-01"))
            })?),
            None => None,
        };
        let ascii = |c: char, what: &str| {
            u8::try_from(c).ok().filter(u8::is_ascii).ok_or_else(|| {
                ConnectorError::configuration(say!(
                    "`{what}` ska vara ett ASCII-tecken",
                    "`{what}` must be one ASCII character"
                ))
            })
        };
        let delimiter = options.delimiter.map(|c| ascii(c, "delimiter")).transpose()?;
        let mut mark = options.quote.as_deref().unwrap_or("\"").chars();
        let quote = match (mark.next(), mark.next()) {
            (None, _) => None,
            (Some(c), None) => Some(ascii(c, "quote")?),
            (Some(_), Some(_)) => {
                return Err(ConnectorError::configuration(say!(
                    "`quote` ska vara ett tecken, eller tom",
                    "`quote` must be one character, or empty"
                )));
            }
        };
        let constants = constants(&options)?;
        Ok(Self {
            plan: Arc::new(Plan {
                options,
                base: io.base.clone(),
                chunk_rows: io.chunk_rows,
                valid_from,
                aliases: Aliases::national(),
                notices: Notices::default(),
                paged: false,
                constants,
                delimiter,
                quote,
            }),
        })
    }

    /// For codes that a server gives page by page.
    pub(crate) fn paged(options: Options, io: &Io) -> Result<Self> {
        let source = Self::open(options, io)?;
        let plan = Arc::try_unwrap(source.plan)
            .map_err(|_| ours(say!("en plan delades för tidigt", "a plan is shared too early")))?;
        Ok(Self { plan: Arc::new(Plan { paged: true, ..plan }) })
    }

    /// Reads FHIR resources that came by another way than a file, as the origin with this ordinal and
    /// those after it.
    pub(crate) fn fhir(
        &self,
        bytes: &[u8],
        origin: u32,
        name: &str,
        send: &mut dyn FnMut(Chunk) -> Result<()>,
    ) -> Result<()> {
        let plan = &self.plan;
        let constants = plan.dated();
        let mut out = Out::new(plan.options.table, constants, plan.chunk_rows, name, &plan.notices, send);
        out.begin_at(origin);
        fhir::read(bytes, plan, name, &mut out)?;
        out.finish()
    }

    /// What the readings so far had to say: for whoever imports a list by hand.
    pub fn notices(&self) -> Notices {
        self.plan.notices.clone()
    }
}

/// What each column gets in rows that have nothing of their own.
fn constants(options: &Options) -> Result<Vec<Option<String>>> {
    let gives = options.table;
    let mut constants = vec![None; gives.columns().len()];
    let told = [
        ("system", options.system.clone()),
        ("version", options.version.clone()),
        ("omrade", options.value_set.clone()),
    ];
    let told = told.into_iter().filter_map(|(name, value)| Some((name, value?)));
    for (name, value) in told.chain(options.constants.iter().map(|(name, value)| (name.as_str(), value.clone()))) {
        match gives.place(name).and_then(|p| constants.get_mut(p)) {
            Some(slot) => *slot = Some(value),
            None if options.constants.contains_key(name) => return Err(unknown(gives, name)),
            None => {}
        }
    }
    Ok(constants)
}

impl Plan {
    fn form(&self) -> Result<Form> {
        match self.options.form {
            Form::Auto if !self.options.fields.is_empty() => Ok(Form::Fixed),
            Form::Auto => detect::form(&self.base, &self.options.path),
            form => Ok(form),
        }
    }

    /// The constants, with the version's start for codes that have none.
    fn dated(&self) -> Vec<Option<String>> {
        let mut constants = self.constants.clone();
        if let Some(from) = self.valid_from
            && let Some(slot) = self.options.table.place("giltig_fran").and_then(|p| constants.get_mut(p))
        {
            slot.get_or_insert_with(|| from.to_string());
        }
        constants
    }

    /// Reads the whole list and hands over its chunks.
    fn read(&self, landing: &dyn Landing, send: &mut dyn FnMut(Chunk) -> Result<()>) -> Result<()> {
        let form = self.form()?;
        let name = self.options.path.as_str();
        let intake = Intake { base: &self.base, landing };
        // RF2 gives a start only to what is active.
        let constants = if form == Form::Rf2 { self.constants.clone() } else { self.dated() };
        let mut out = Out::new(self.options.table, constants, self.chunk_rows, name, &self.notices, send);
        out.end_inclusive = self.options.end_inclusive;
        if form == Form::Rf2 {
            rf2::read(self, &intake, &mut out)?;
            return out.finish();
        }
        let mut file = intake.open(name, 0)?;
        let file = match form {
            Form::Tsv | Form::Csv | Form::Fixed | Form::Auto => self.text(form, file, &mut out)?,
            Form::Xls | Form::Xlsx => {
                let layout = sheet::Layout {
                    sheet: self.options.sheet.as_deref(),
                    columns: &self.options.columns,
                    header_row: self.options.header_row,
                };
                sheet::read(file.all()?, &layout, name, &mut out)?;
                file
            }
            Form::Fhir => {
                fhir::read(&file.all()?, self, name, &mut out)?;
                file
            }
            Form::Genericode | Form::Rf2 => {
                genericode::read(&file.all()?, self, name, &mut out)?;
                file
            }
        };
        // All bytes have been read well: only now is the object sealed, and the last rows go.
        file.finish()?;
        out.finish()
    }

    fn text(&self, form: Form, file: Landed, out: &mut Out<'_>) -> Result<Landed> {
        let name = self.options.path.as_str();
        let lines = Lines::new(file, name)?;
        let declared = self.options.encoding.unwrap_or_default();
        let encoding = if lines.bom { Encoding::Utf8 } else { declared };
        if encoding != declared {
            out.notice(NoticeKind::Encoding, format!("the file says that it is utf-8, the job {}", declared.name()));
        }
        if form == Form::Fixed {
            let header_row = self.options.header_row.unwrap_or(0);
            return fixed::read(lines, encoding, &self.options.fields, header_row, name, out);
        }
        let delimiter = self.delimiter.or((form == Form::Tsv).then_some(b'\t'));
        let dialect = Dialect { delimiter, quote: self.quote, encoding };
        let header_row = self.options.header_row.unwrap_or(1);
        let layout = delimited::Layout { columns: &self.options.columns, header_row };
        delimited::read(lines, dialect, &layout, name, out)
    }
}

#[async_trait]
impl Source for KodverkSource {
    async fn check(&self) -> Result<()> {
        let plan = Arc::clone(&self.plan);
        blocking(move || {
            open(&plan.base, &plan.options.path)?;
            plan.form()?;
            // The first chunk proves that the form, the encoding and the columns are right.
            match plan.read(&NoLanding, &mut |_| Err(stopped())) {
                Err(e) if *e.what == *STOPPED => Ok(()),
                result => result,
            }
        })
        .await
    }

    async fn discover(&self) -> Result<Vec<Stream>> {
        self.check().await?;
        let columns = self.plan.options.table.columns().iter();
        let columns = columns.map(|name| Field::text(*name, "text")).collect();
        Ok(vec![Stream { name: self.plan.options.path.clone(), columns }])
    }

    fn read(&self, _after: Option<Cursor>, landing: Arc<dyn Landing>) -> BoxStream<'static, Result<Chunk>> {
        let plan = Arc::clone(&self.plan);
        let (sender, receiver) = mpsc::channel::<Message>(WAITING);
        let reader = move || {
            let mut send = |chunk| sender.blocking_send(Message::Chunk(chunk)).map_err(|_| stopped());
            let end = caught(|| plan.read(landing.as_ref(), &mut send));
            let end = end
                .unwrap_or_else(|_| Err(ours(say!("läsningen stannade oväntat", "the reader stopped unexpectedly"))));
            // Nobody may be listening any longer.
            let _ = sender.blocking_send(Message::End(end));
        };
        if let Err(e) = std::thread::Builder::new().name("kodverk".to_owned()).spawn(reader) {
            let error =
                ours(say!("det gick inte att starta en tråd att läsa med", "no thread to read with")).because(e);
            return stream::once(async { Err(error) }).boxed();
        }
        stream::unfold(Some(receiver), |receiver| async {
            let mut receiver = receiver?;
            match receiver.recv().await {
                Some(Message::Chunk(chunk)) => Some((Ok(chunk), Some(receiver))),
                Some(Message::End(Ok(()))) => None,
                Some(Message::End(Err(e))) => Some((Err(e), None)),
                // The thread is gone and did not say goodbye: half a list must not pass for a whole one.
                None => Some((Err(ours(say!("läsningen stannade oväntat", "the reader stopped unexpectedly"))), None)),
            }
        })
        .boxed()
    }
}

enum Message {
    Chunk(Chunk),
    End(Result<()>),
}

const STOPPED: &str = "the reading was stopped";

fn stopped() -> ConnectorError {
    ConnectorError::source(say!("läsningen avbröts", "{STOPPED}"))
}

fn ours(what: sluss_schemas::message::Message) -> ConnectorError {
    ConnectorError {
        what,
        place: None,
        hint: Some(say!("rapportera felet med listans form", "report it, with the form of the list")),
        actor: Actor::Us,
        retry: false,
        source: None,
    }
}

async fn blocking(work: impl FnOnce() -> Result<()> + Send + 'static) -> Result<()> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(e) => Err(ours(say!("läsningen stannade oväntat", "the reader stopped unexpectedly")).because(e)),
    }
}
