//! From address to address, and from page to page.

use std::collections::VecDeque;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringViewBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use async_trait::async_trait;
use sluss_schemas::chunk::Chunk;
use sluss_schemas::landing::Landing;
use sluss_schemas::say;

use super::bind::Binding;
use super::plan::{Asked, Plan};
use super::source::Rest;
use crate::connect::Connect;
use crate::error::{Actor, ConnectorError, Result};
use crate::http::cursor::State;
use crate::http::increment::Increment;
use crate::http::paging::{At, Memory};
use crate::http::reading::{Intake, Page, Walk};
use crate::http::{Ask, Known};

/// A reading under way.
pub(super) struct Reading {
    plan: Arc<Plan>,
    intake: Intake,
    bindings: Bindings,
    /// The values of the address that is read now.
    bound: Binding,
    /// Its next page; none: the next address.
    at: Option<At>,
    memory: Memory,
    increment: Option<Increment>,
    known: Option<Known>,
    /// The latest chunk, held back until it is known whether it is the last.
    held: Option<Chunk>,
    ended: bool,
}

/// The values that addresses are made of, one after the other.
struct Bindings {
    /// The next of `each`.
    next: usize,
    /// The one whose parents are read now.
    each: Binding,
    parents: Option<At>,
    memory: Memory,
    waiting: VecDeque<Binding>,
}

impl Reading {
    /// From the beginning, or where a cursor says.
    pub(super) fn new(plan: Arc<Plan>, state: Option<State>, landing: Arc<dyn Landing>) -> Result<Self> {
        let increment = plan.increment(state.as_ref())?;
        let within = state.as_ref().filter(|state| state.at.is_some());
        let (answers, each) = within.map_or((0, 0), |state| (state.answers, state.each));
        let intake = Intake::new(Arc::clone(&plan.http), landing, plan.chunk_rows, answers);
        let bindings = Bindings {
            next: each,
            each: Binding::new(),
            parents: None,
            memory: Memory::default(),
            waiting: VecDeque::new(),
        };
        let mut reading = Self {
            intake,
            bindings,
            bound: Binding::new(),
            at: None,
            memory: Memory::default(),
            increment,
            known: None,
            held: None,
            ended: false,
            plan,
        };
        if let Some(state) = state {
            if let Some(at) = state.at {
                reading.bound = reading.plan.each.get(each).cloned().unwrap_or_default();
                reading.bindings.next = each + 1;
                reading.memory.rows = state.rows;
                reading.at = Some(at);
            } else if reading.plan.is_conditional() {
                reading.known = state.known;
            }
        }
        Ok(reading)
    }

    /// One answer's chunks.
    async fn page(&mut self, at: At) -> Result<Vec<Chunk>> {
        let plan = Arc::clone(&self.plan);
        let mut first = plan.asked.address.address(&self.bound)?;
        if let (Some(options), Some(since)) = (&plan.incremental, self.increment.as_ref().and_then(Increment::since)) {
            first.query_pairs_mut().append_pair(&options.parameter, &since);
        }
        let known = self.known.take();
        let Some((page, chunks)) = fetch(&mut self.intake, &plan.asked, &first, &at, known).await? else {
            self.at = None;
            return Ok(Vec::new());
        };
        let asked = plan.asked.pager.address(&plan.http, &first, &at)?;
        let rows = count(&chunks);
        let next = plan.asked.pager.after(&plan.http, &asked, &at, &page.answer, rows, &mut self.memory);
        self.at = next.map_err(|error| at_page(error, &page))?;
        self.known = Some(page.answer.known.clone()).filter(Known::is_known);
        let mut with = Vec::with_capacity(chunks.len());
        for chunk in chunks {
            if let Some(increment) = &mut self.increment {
                increment.look(&chunk.rows).map_err(|error| at_page(error, &page))?;
            }
            let rows = with_bound(&chunk.rows, &self.bound, &plan.bound)?;
            with.push(Chunk { rows, ..chunk });
        }
        Ok(with)
    }

    /// The position after what has been read, where a reading can go on from it.
    fn state(&self) -> Option<State> {
        let increment = self.increment.as_ref()?;
        // A child's place is within a parent's answer, which may be another tomorrow.
        let within = State {
            since: increment.since(),
            high: increment.high(),
            at: Some(self.at.clone()?),
            each: self.bindings.next.saturating_sub(1),
            answers: self.intake.answers(),
            rows: self.memory.rows,
            known: None,
        };
        self.plan.parent.is_none().then_some(within)
    }

    /// The position at the end.
    fn end(&mut self) -> Option<State> {
        match &self.increment {
            Some(increment) => Some(State { high: increment.high().or(increment.since()), ..State::default() }),
            None if self.plan.is_conditional() => Some(State { known: Some(self.known.take()?), ..State::default() }),
            None => None,
        }
    }
}

#[async_trait]
impl Walk for Reading {
    async fn step(&mut self) -> Result<Option<Vec<Chunk>>> {
        while !self.ended {
            let Some(at) = self.at.take() else {
                match self.bindings.next(&self.plan, &mut self.intake).await? {
                    Some(bound) => (self.bound, self.at, self.memory) = (bound, Some(At::Start), Memory::default()),
                    None => self.ended = true,
                }
                continue;
            };
            let mut chunks = self.page(at).await?;
            if let Some(last) = chunks.last_mut() {
                last.cursor = self.state().map(|state| state.cursor(Rest::NAME));
            }
            if let Some(last) = chunks.pop() {
                let mut ready = Vec::with_capacity(chunks.len() + 1);
                ready.extend(self.held.replace(last));
                ready.append(&mut chunks);
                return Ok(Some(ready));
            }
        }
        let Some(mut last) = self.held.take() else { return Ok(None) };
        last.cursor = self.end().map(|state| state.cursor(Rest::NAME));
        Ok(Some(vec![last]))
    }
}

impl Bindings {
    /// The next address's values; none after the last one.
    async fn next(&mut self, plan: &Plan, intake: &mut Intake) -> Result<Option<Binding>> {
        let Some(parent) = &plan.parent else {
            self.next += 1;
            return Ok(plan.each.get(self.next - 1).cloned());
        };
        loop {
            if let Some(values) = self.waiting.pop_front() {
                return Ok(Some([self.each.clone(), values].concat()));
            }
            if let Some(at) = self.parents.take() {
                let first = parent.address.address(&self.each)?;
                let Some((page, chunks)) = fetch(intake, parent, &first, &at, None).await? else { continue };
                let asked = parent.pager.address(&plan.http, &first, &at)?;
                let after = parent.pager.after(&plan.http, &asked, &at, &page.answer, count(&chunks), &mut self.memory);
                self.parents = after.map_err(|error| at_page(error, &page))?;
                for chunk in &chunks {
                    self.waiting.extend(values(chunk).map_err(|error| at_page(error, &page))?);
                }
                continue;
            }
            let Some(each) = plan.each.get(self.next) else { return Ok(None) };
            self.next += 1;
            (self.each, self.parents, self.memory) = (each.clone(), Some(At::Start), Memory::default());
        }
    }
}

/// One page and its rows; none where it is what we have already.
async fn fetch(
    intake: &mut Intake,
    asked: &Asked,
    first: &url::Url,
    at: &At,
    known: Option<Known>,
) -> Result<Option<(Page, Vec<Chunk>)>> {
    let url = asked.pager.address(intake.http(), first, at)?;
    let page = intake.fetch(&Ask { known, place: asked.address.place.clone(), ..Ask::json(url) }).await?;
    if page.answer.unchanged {
        return Ok(None);
    }
    let chunks = intake.rows(&page, &asked.format).await?;
    Ok(Some((page, chunks)))
}

/// The values in a parent's rows. A row without one could hide children: it is an error.
fn values(chunk: &Chunk) -> Result<Vec<Binding>> {
    let missing = || {
        ConnectorError::source(say!(
            "en rad i det första svaret har inget värde till adressen i det andra anropet",
            "a row of the first request has no value for the address of the second"
        ))
        .hint(say!(
            "jämför `parent.values` med vad det första anropet svarar",
            "compare `parent.values` with what the first request answers"
        ))
    };
    if !chunk.unread.is_empty() {
        return Err(missing());
    }
    let schema = chunk.rows.schema();
    let columns = chunk.rows.num_columns().saturating_sub(1);
    let value = |column: usize, row: usize| {
        let array = chunk.rows.column(column).as_string_view();
        let name = schema.field(column).name().clone();
        if array.is_valid(row) { Ok((name, array.value(row).to_owned())) } else { Err(missing()) }
    };
    (0..chunk.rows.num_rows()).map(|row| (0..columns).map(|column| value(column, row)).collect()).collect()
}

/// The rows, with the values that their address was made of.
fn with_bound(rows: &RecordBatch, bound: &Binding, names: &[String]) -> Result<RecordBatch> {
    if names.is_empty() {
        return Ok(rows.clone());
    }
    let (mut fields, mut arrays) = (Vec::new(), Vec::new());
    for name in names {
        let value = bound.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let mut column = StringViewBuilder::new().with_deduplicate_strings();
        (0..rows.num_rows()).for_each(|_| column.append_option(value));
        fields.push(Arc::new(Field::new(name, DataType::Utf8View, true)));
        arrays.push(Arc::new(column.finish()) as ArrayRef);
    }
    // Where the columns are found by themselves, a field may have the name of a bound value.
    for (field, column) in rows.schema().fields().iter().zip(rows.columns()) {
        if !names.contains(field.name()) {
            fields.push(Arc::clone(field));
            arrays.push(Arc::clone(column));
        }
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|error| {
        let mut error =
            ConnectorError::source(say!("raderna passar inte sina kolumner", "the rows do not fit their columns"))
                .because(error);
        error.actor = Actor::Us;
        error
    })
}

fn count(chunks: &[Chunk]) -> u64 {
    chunks.iter().map(|chunk| (chunk.rows.num_rows() + chunk.unread.len()) as u64).sum()
}

fn at_page(error: ConnectorError, page: &Page) -> ConnectorError {
    crate::files::placed(error, &page.origin.name)
}
