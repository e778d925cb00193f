//! Rejected rows on their way to the encrypted quarantine, with their index for the ledger.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema};
use roaring::RoaringTreemap;
use sluss_schemas::chunk::{Origin, ROW_ID, RowId, Unread};
use sluss_schemas::secrecy::{Outlet, Status};

use super::engine::Engine;
use super::table::SOURCE_CELLS;
use crate::error::Result;
use crate::job::{Job, Project};
use crate::keys::Delivery;
use crate::ledger::QuarantineRow;
use crate::quarantine::{IndexRow, QuarantineWriter, Reason, Rejected as Row};
use crate::receipt::Example;

/// Places shown on the receipt for each broken rule.
const EXAMPLES: usize = 20;

/// Rejected rows of one table.
pub(super) struct Rejected {
    pub(super) table: String,
    pub(super) rows: UInt64Array,
    pub(super) national: RecordBatch,
    /// One line per finding: rule, column, suggestion, separated by tabs.
    pub(super) findings: ArrayRef,
    /// The source's own cells as JSON, where they were at hand.
    pub(super) cells: ArrayRef,
}

/// The quarantine of one run.
pub(super) struct Quarantining {
    writer: Option<QuarantineWriter>,
    object: String,
    index: Vec<QuarantineRow>,
    origins: HashMap<u64, Origin>,
    /// Lines that could not be read are told of, not kept: they are persons'.
    source_stays: bool,
    /// Whose columns' classes say what a receipt may show.
    project: Arc<Project>,
    /// By table (empty for unread rows) and rule: the first few places.
    examples: Examples,
    /// How often rules without a table were broken.
    unread: BTreeMap<&'static str, u64>,
}

/// The first few places where each rule was broken, by table and rule.
pub(super) type Examples = BTreeMap<(String, String), Vec<Example>>;

/// What the quarantine leaves to the publication and the receipt.
pub(super) struct Quarantined {
    pub(super) index: Vec<QuarantineRow>,
    pub(super) examples: Examples,
    pub(super) unread: BTreeMap<&'static str, u64>,
}

impl Quarantining {
    pub(super) fn begin(engine: &Engine, job: &Job, run: &str, dry: bool) -> Result<Self> {
        let writer = if dry {
            None
        } else {
            let delivery = Delivery::new(&job.file.job.owner, run)?;
            Some(engine.quarantine.begin(&delivery, engine.kept(), engine.clock.now())?)
        };
        let object = format!("{}/{run}", job.file.job.owner);
        Ok(Self {
            writer,
            object,
            index: Vec::new(),
            origins: HashMap::new(),
            source_stays: engine.source_stays(job),
            project: Arc::clone(&engine.project),
            examples: Examples::new(),
            unread: BTreeMap::new(),
        })
    }

    /// Tells where rows of an origin stood.
    pub(super) fn origin(&mut self, origin: &Origin) {
        self.origins.entry(u64::from(origin.index)).or_insert_with(|| origin.clone());
    }

    pub(super) fn unread(&mut self, origin: &Origin, rows: Vec<Unread>) -> Result<()> {
        self.origin(origin);
        for mut row in rows {
            if self.source_stays {
                row.raw = Vec::new();
            }
            *self.unread.entry(row.rule).or_default() += 1;
            self.example("", row.row, row.rule, "", "");
            if let Some(writer) = &mut self.writer {
                let index = writer.unread(origin, &row)?;
                self.indexed(vec![index]);
            }
        }
        Ok(())
    }

    pub(super) fn rejected(&mut self, rejected: &Rejected) -> Result<()> {
        let lines = rejected.findings.as_string_view();
        for row in 0..lines.len() {
            for (rule, column, suggestion) in findings(lines.value(row)) {
                let suggestion = if self.is_shown(&rejected.table, column) { suggestion } else { "" };
                self.example(&rejected.table, RowId(rejected.rows.value(row)), rule, column, suggestion);
            }
        }
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let source = with_cells(rejected)?;
        // A batch may hold rows of several origins: one call for each stretch.
        let mut from = 0;
        while from < lines.len() {
            let origin = RowId(rejected.rows.value(from)).origin();
            let to = (from..lines.len())
                .find(|row| RowId(rejected.rows.value(*row)).origin() != origin)
                .unwrap_or(lines.len());
            let rows: Vec<_> = (from..to)
                .map(|row| {
                    let some = |text| Some(text).filter(|t: &&str| !t.is_empty());
                    let reasons = findings(lines.value(row))
                        .map(|(rule, column, suggestion)| Reason {
                            rule,
                            column: some(column),
                            suggestion: some(suggestion),
                        })
                        .collect();
                    Row { row, reasons }
                })
                .collect();
            let unknown = Origin { index: 0, name: String::new(), part: None };
            let index =
                writer.reject(self.origins.get(&origin).unwrap_or(&unknown), &rejected.table, &source, &rows)?;
            let object = &self.object;
            self.index.extend(index.into_iter().map(|row| ledger_row(row, object)));
            from = to;
        }
        Ok(())
    }

    /// Rows that no mapping gave anything for and no filter took.
    pub(super) fn lost(&mut self, rows: &RoaringTreemap) -> Result<()> {
        for row in rows {
            let origin = self.origins.get(&RowId(row).origin()).cloned();
            let origin = origin.unwrap_or(Origin { index: 0, name: String::new(), part: None });
            let lost = Unread { row: RowId(row), rule: "rad_utan_tabell", detail: String::new(), raw: Vec::new() };
            self.unread(&origin, vec![lost])?;
        }
        Ok(())
    }

    /// Seals the object.
    pub(super) fn finish(self) -> Result<Quarantined> {
        if let Some(writer) = self.writer {
            writer.finish()?;
        }
        Ok(Quarantined { index: one_per_row(self.index), examples: self.examples, unread: self.unread })
    }

    /// Whether a receipt may show a suggestion for the column: it may be made of what stood there.
    fn is_shown(&self, table: &str, column: &str) -> bool {
        let column = self.project.tables.get(table).and_then(|table| table.column(column));
        column.is_none_or(|column| Outlet::Receipt.clears(column.class, Status::Open))
    }

    fn indexed(&mut self, rows: Vec<IndexRow>) {
        let object = &self.object;
        self.index.extend(rows.into_iter().map(|row| ledger_row(row, object)));
    }

    fn example(&mut self, table: &str, row: RowId, rule: &str, column: &str, suggestion: &str) {
        let places = self.examples.entry((table.to_owned(), rule.to_owned())).or_default();
        if places.len() == EXAMPLES {
            return;
        }
        let origin = self.origins.get(&row.origin());
        let text = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
        places.push(Example {
            file: origin.map(|o| sluss_schemas::personnummer::mask(&o.name).into_owned()).unwrap_or_default(),
            part: origin.and_then(|o| o.part.clone()),
            row: row.row(),
            column: text(column),
            suggestion: text(suggestion),
        });
    }
}

/// A source row may give several rows of one table (`unnest`): the ledger has it once, with all rules.
fn one_per_row(rows: Vec<QuarantineRow>) -> Vec<QuarantineRow> {
    let mut known: HashMap<(String, u64), usize> = HashMap::with_capacity(rows.len());
    let mut out: Vec<QuarantineRow> = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(first) = known.get(&(row.table.clone(), row.row.0)).and_then(|at| out.get_mut(*at)) {
            first.rules.extend(row.rules.into_iter().filter(|rule| !first.rules.contains(rule)).collect::<Vec<_>>());
        } else {
            known.insert((row.table.clone(), row.row.0), out.len());
            out.push(row);
        }
    }
    out
}

fn ledger_row(row: IndexRow, object: &str) -> QuarantineRow {
    QuarantineRow { table: row.table.unwrap_or_default(), row: row.row, rules: row.rules, object: object.to_owned() }
}

/// Rule, column, suggestion of each line.
fn findings(lines: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    lines.lines().map(|line| {
        let mut parts = line.splitn(3, '\t');
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
    })
}

/// The national columns, the source's own cells, and the source row.
fn with_cells(rejected: &Rejected) -> Result<RecordBatch> {
    let mut fields: Vec<_> = rejected.national.schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(SOURCE_CELLS, DataType::Utf8View, true)));
    fields.push(Arc::new(Field::new(ROW_ID, DataType::UInt64, false)));
    let mut columns = rejected.national.columns().to_vec();
    columns.push(Arc::clone(&rejected.cells));
    columns.push(Arc::new(rejected.rows.clone()));
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}
