//! From page to page of a search, a history, or an expansion.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use async_trait::async_trait;
use sluss_schemas::chunk::Chunk;
use sluss_schemas::landing::Landing;
use sluss_schemas::say;

use super::bundle::RESOURCE_TYPE;
use super::options::Increments;
use super::outcome;
use super::plan::{KIND, Plan, Reads, TOTAL};
use super::source::Fhir;
use crate::connect::Connect;
use crate::error::{Actor, ConnectorError, Result};
use crate::files::placed;
use crate::http::Ask;
use crate::http::cursor::State;
use crate::http::increment::Increment;
use crate::http::paging::{At, Memory};
use crate::http::reading::{Intake, Page, Walk};

/// A reading under way.
pub(super) struct Reading {
    plan: Arc<Plan>,
    intake: Intake,
    at: Option<At>,
    memory: Memory,
    increment: Option<Increment>,
    /// Matches so far.
    matches: u64,
    /// Resources whose newest state has come, in a history: by a hash of kind and id.
    seen: HashSet<u64>,
    one: bool,
}

impl Reading {
    /// From the beginning, or where a cursor says.
    pub(super) fn new(plan: Arc<Plan>, state: Option<State>, landing: Arc<dyn Landing>) -> Result<Self> {
        let increment = plan.increment(state.as_ref())?;
        let within = state.filter(|state| state.at.is_some());
        let answers = within.as_ref().map_or(0, |state| state.answers);
        let intake = Intake::new(Arc::clone(&plan.http), landing, plan.chunk_rows, answers);
        let (at, matches) = within.map_or((Some(At::Start), 0), |state| (state.at, state.rows));
        Ok(Self { intake, at, memory: Memory::default(), increment, matches, seen: HashSet::new(), one: false, plan })
    }

    /// Ends after the first page.
    pub(super) fn at_most_one(mut self) -> Self {
        self.one = true;
        self
    }

    async fn page(&mut self, at: &At) -> Result<(Page, Vec<Chunk>)> {
        let plan = Arc::clone(&self.plan);
        let mut first = plan.first.clone();
        if let Some(since) = self.increment.as_ref().and_then(Increment::since) {
            let (parameter, prefix) = plan.since;
            first.query_pairs_mut().append_pair(parameter, &format!("{prefix}{since}"));
        }
        if plan.increments == Some(Increments::LastUpdated) {
            first.query_pairs_mut().append_pair("_sort", "_lastUpdated");
        }
        let url = plan.pager.address(&plan.http, &first, at)?;
        let ask = Ask {
            accept: "application/fhir+json",
            told: Some(outcome::told),
            place: plan.place.clone(),
            ..Ask::json(url.clone())
        };
        let page = self.intake.fetch(&ask).await?;
        let here = |error| placed(error, &page.origin.name);
        let told = plan.envelope.read(&page.answer.body).map_err(here)?;
        let kind = told.get(KIND).and_then(Option::as_deref);
        let wanted: &[&str] = match &plan.reads {
            Reads::Resources(..) => &["Bundle"],
            Reads::Codes(_) => &["Bundle", plan.kind],
        };
        outcome::expect(kind, wanted, &page.answer.body).map_err(here)?;
        let mut chunks = match &plan.reads {
            Reads::Resources(format, _) => self.intake.rows(&page, format).await?,
            Reads::Codes(format) => self.intake.rows(&page, format).await?,
        };
        let rows = chunks.iter().map(|chunk| (chunk.rows.num_rows() + chunk.unread.len()) as u64).sum();
        let next = plan.pager.after(&plan.http, &url, at, &page.answer, rows, &mut self.memory).map_err(here)?;
        self.at = next;
        if plan.increments == Some(Increments::History) {
            for chunk in &mut chunks {
                chunk.rows = newest(&chunk.rows, &mut self.seen)?;
            }
        } else {
            let total = told.get(TOTAL).and_then(Option::as_deref).and_then(|total| total.parse::<u64>().ok());
            self.whole(total, rows, &chunks).map_err(here)?;
        }
        if let Some(increment) = &mut self.increment {
            for chunk in &chunks {
                increment.look(&chunk.rows).map_err(here)?;
            }
        }
        Ok((page, chunks))
    }

    /// The server has told how many there are: so many must have come at the end.
    fn whole(&mut self, total: Option<u64>, rows: u64, chunks: &[Chunk]) -> Result<()> {
        self.matches += match &self.plan.reads {
            Reads::Codes(_) => rows,
            Reads::Resources(..) => {
                chunks.iter().map(|chunk| of_kind(&chunk.rows, self.plan.kind)).sum::<u64>() + unread(chunks)
            }
        };
        if self.plan.expands && total.is_some_and(|total| self.matches >= total) {
            // The codes are counted: no further page is needed to know that this was the last.
            self.at = None;
        }
        // A search for code systems counts resources, of which each has many rows.
        let counts = matches!(self.plan.reads, Reads::Resources(..)) || self.plan.expands;
        if self.at.is_none() && counts && total.is_some_and(|total| self.matches < total) {
            let total = total.unwrap_or_default();
            return Err(ConnectorError::source(say!(
                "servern uppger {total} och ger {}",
                "the server tells of {total} and gives {}",
                self.matches
            ))
            .hint(say!(
                "kör igen; fråga källans förvaltare om det fortsätter",
                "run again; if it stays so, ask the source's administrator"
            ))
            .retryable());
        }
        Ok(())
    }

    /// The position after what has been read.
    fn state(&self) -> Option<State> {
        let increment = self.increment.as_ref()?;
        match &self.at {
            None => Some(State { high: increment.high().or(increment.since()), ..State::default() }),
            // What has been seen of a history is known to this reading only.
            Some(_) if self.plan.increments == Some(Increments::History) => None,
            Some(at) => Some(State {
                since: increment.since(),
                high: increment.high(),
                at: Some(at.clone()),
                answers: self.intake.answers(),
                rows: self.matches,
                ..State::default()
            }),
        }
    }
}

#[async_trait]
impl Walk for Reading {
    async fn step(&mut self) -> Result<Option<Vec<Chunk>>> {
        let Some(at) = self.at.take() else { return Ok(None) };
        let (_, mut chunks) = self.page(&at).await?;
        if self.one {
            self.at = None;
        }
        if let Some(last) = chunks.last_mut() {
            last.cursor = self.state().map(|state| state.cursor(Fhir::NAME));
        }
        Ok(Some(chunks))
    }
}

fn unread(chunks: &[Chunk]) -> u64 {
    chunks.iter().map(|chunk| chunk.unread.len() as u64).sum()
}

fn of_kind(rows: &RecordBatch, kind: &str) -> u64 {
    let kinds = rows.column_by_name(RESOURCE_TYPE).map(AsArray::as_string_view);
    kinds.map_or(0, |kinds| kinds.iter().filter(|named| *named == Some(kind)).count() as u64)
}

/// The rows of resources that have not come before: a history tells the newest first.
fn newest(rows: &RecordBatch, seen: &mut HashSet<u64>) -> Result<RecordBatch> {
    let columns = rows.column_by_name(RESOURCE_TYPE).zip(rows.column_by_name("id"));
    let Some((kinds, ids)) = columns else {
        return Err(ConnectorError::configuration(say!(
            "en historik behöver kolumnen `id`",
            "a history needs the column `id`"
        ))
        .hint(say!("lägg till `id = \"id\"` i `columns`", "add `id = \"id\"` to `columns`")));
    };
    let (kinds, ids) = (kinds.as_string_view(), ids.as_string_view());
    let keep: BooleanArray = (0..rows.num_rows())
        .map(|row| {
            let (kind, id) = (kinds.is_valid(row).then(|| kinds.value(row)), ids.is_valid(row).then(|| ids.value(row)));
            let hash = blake3::hash(format!("{}/{}", kind.unwrap_or_default(), id.unwrap_or_default()).as_bytes());
            let short = hash.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
            Some(seen.insert(short))
        })
        .collect();
    filter_record_batch(rows, &keep).map_err(|error| {
        let mut error = ConnectorError::source(say!(
            "raderna i en historik går inte att välja ut",
            "the rows of a history cannot be chosen"
        ))
        .because(error);
        error.actor = Actor::Us;
        error
    })
}
