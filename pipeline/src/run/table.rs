//! One table of a run while the source is being read: judged rows wait for the delivery's end.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringViewBuilder};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, Schema, UInt64Type};
use futures::StreamExt;
use roaring::RoaringTreemap;
use sluss_schemas::chunk::ROW_ID;
use sluss_schemas::finding::Finding;
use sluss_schemas::rule::Severity;
use sluss_schemas::say;
use sluss_schemas::secrecy::Rules;
use sluss_schemas::table::{Store, Table};
use tokio::task::JoinHandle;
use tracing::Instrument;

use super::account::Account;
use super::partitions::Partitions;
use super::window::Window;
use super::withheld::Withheld;
use crate::error::{PipelineError, Result};
use crate::map::Mapping;
use crate::merge::KeyHash;
use crate::validate::{Duplicates, Judged, MEMORY_BUDGET, Tally, Validator, Waiting};

/// Hidden column of rejected rows: one line per finding, `rule TAB column TAB suggestion`.
pub(super) const FINDINGS: &str = "_fynd";
/// Hidden column of rejected rows: the source's own cells as a JSON object, while they were at hand.
pub(super) const SOURCE_CELLS: &str = "_kalla";

/// Everything known of one table when its mapping has ended.
pub(super) struct TableRun {
    pub(super) table: Arc<Table>,
    /// Rows that no row rule rejects.
    pub(super) accepted: Waiting,
    /// Rows that some row rule rejects, with their findings.
    pub(super) rejected: Waiting,
    pub(super) duplicates: Duplicates,
    pub(super) partitions: Partitions,
    pub(super) tally: Tally,
    pub(super) account: Account,
    /// Contracts that are not to be registered. Their rows are nowhere else in this.
    pub(super) withheld: Withheld,
    pub(super) withheld_rows: u64,
    /// Orders of accepted rows in which something was repaired.
    pub(super) repaired: RoaringTreemap,
    pub(super) mapped: u64,
    /// A rejected row without a readable key came: nothing of this table may be ended.
    pub(super) unreadable_key: bool,
}

/// Sets a table to work beside the others; what it logs is told as its run's.
pub(super) fn spawn(
    mapping: MappingRows,
    validator: Validator,
    window: Window,
    one_per: Option<Vec<String>>,
    rules: Rules,
) -> JoinHandle<Result<TableRun>> {
    tokio::spawn(run(mapping, validator, window, one_per, rules).in_current_span())
}

/// Runs the mapping to its end.
async fn run(
    mut mapping: MappingRows,
    mut validator: Validator,
    window: Window,
    one_per: Option<Vec<String>>,
    rules: Rules,
) -> Result<TableRun> {
    let table = Arc::clone(&validator.table);
    let judged_schema = Arc::clone(validator.schema());
    let mut rejected_fields: Vec<_> = judged_schema.fields().iter().cloned().collect();
    rejected_fields.push(Arc::new(Field::new(FINDINGS, DataType::Utf8View, false)));
    rejected_fields.push(Arc::new(Field::new(SOURCE_CELLS, DataType::Utf8View, true)));
    let rejected_schema = Arc::new(Schema::new(rejected_fields));
    let mut run = TableRun {
        accepted: Waiting::new(judged_schema, MEMORY_BUDGET),
        rejected: Waiting::new(Arc::clone(&rejected_schema), MEMORY_BUDGET / 4),
        duplicates: Duplicates::default(),
        partitions: Partitions::default(),
        tally: Tally::default(),
        account: Account::default(),
        withheld: Withheld::default(),
        withheld_rows: 0,
        repaired: RoaringTreemap::new(),
        mapped: 0,
        unreadable_key: false,
        table: Arc::clone(&table),
    };
    while let Some(batch) = mapping.rows.next().await {
        let batch = batch.map_err(|e| function_error(&e))?;
        if batch.num_rows() == 0 {
            continue;
        }
        let judged = validator.judge(&batch, &mapping.notes)?;
        let first = row_ids(&judged.rows)?.values().first().copied();
        let group = match &one_per {
            Some(columns) => Some(group_keys(&judged.rows, columns, &table)?),
            None => None,
        };
        run.take(judged, group.as_deref(), &rejected_schema, &window, rules)?;
        if let Some(first) = first {
            mapping.notes.forget_before(first);
        }
    }
    Ok(run)
}

/// The output end of a [`Mapping`], once its feed has been handed to the extraction.
pub(super) struct MappingRows {
    pub(super) rows: datafusion::execution::SendableRecordBatchStream,
    pub(super) notes: Arc<crate::map::Notes>,
}

impl MappingRows {
    pub(super) fn split(mapping: Mapping) -> (crate::map::Feed, Self) {
        (mapping.feed, Self { rows: mapping.rows, notes: mapping.notes })
    }
}

pub(super) fn function_error(error: &datafusion::error::DataFusionError) -> PipelineError {
    match error.find_root() {
        datafusion::error::DataFusionError::Execution(text) => PipelineError::configuration(text.clone()),
        other => PipelineError::us(say!(
            "mappningen misslyckades: {}",
            "the mapping failed: {}",
            other.strip_backtrace().lines().next().unwrap_or_default()
        )),
    }
}

pub(super) fn row_ids(rows: &RecordBatch) -> Result<&arrow::array::UInt64Array> {
    rows.column_by_name(ROW_ID)
        .and_then(|c| c.as_primitive_opt::<UInt64Type>())
        .ok_or_else(|| PipelineError::us(say!("ett paket utan källrader", "a batch without its source rows")))
}

fn group_keys(rows: &RecordBatch, columns: &[String], table: &Table) -> Result<Vec<Option<KeyHash>>> {
    let arrays: Vec<&ArrayRef> = columns
        .iter()
        .map(|name| {
            rows.column_by_name(name).ok_or_else(|| {
                PipelineError::configuration(say!(
                    "one_per nämner {name}, som {} inte har",
                    "one_per names {name}, which {} has not",
                    table.name
                ))
            })
        })
        .collect::<Result<_>>()?;
    crate::merge::key_hashes(&arrays, rows.num_rows())
}

impl TableRun {
    fn take(
        &mut self,
        mut judged: Judged,
        group: Option<&[Option<KeyHash>]>,
        rejected_schema: &arrow::datatypes::SchemaRef,
        window: &Window,
        rules: Rules,
    ) -> Result<()> {
        let first_order = self.mapped;
        self.mapped += judged.rows.num_rows() as u64;
        self.account.mapped(row_ids(&judged.rows)?);
        let refused = self.withheld.look(&self.table, &judged.rows, rules)?;
        let is_refused = |row: usize| refused.get(row).copied().unwrap_or_default();
        for (row, id) in row_ids(&judged.rows)?.values().iter().enumerate().filter(|(row, _)| is_refused(*row)) {
            self.account.withheld(*id);
            self.withheld_rows += 1;
            self.unreadable_key |= judged.keys.get(row).copied().flatten().is_none();
        }
        if !refused.is_empty() {
            // Whatever else is wrong with them, it is nobody's to know.
            judged.rejected = judged.rejected.iter().zip(&refused).map(|(r, refused)| Some(r? && !refused)).collect();
            judged.findings.retain(|finding| !is_refused(finding.row as usize));
        }

        let partition = self.partition_of_rows(&judged.rows)?;
        for (row, key) in judged.keys.iter().enumerate() {
            if is_refused(row) {
                continue;
            }
            let order = first_order + row as u64;
            let is_rejected = judged.rejected.value(row);
            let content = judged.contents.get(row).copied().unwrap_or_default();
            let index = partition.get(row).copied().unwrap_or_default();
            if let Some(key) = group.map_or(*key, |g| g.get(row).copied().flatten()) {
                let place = if is_rejected { NO_PARTITION } else { index };
                self.duplicates.add(key, content, packed(order, place));
            }
            if is_rejected {
                self.unreadable_key |= key.is_none();
            } else if let Some((_, digest)) = self.partitions.list.get_mut(index as usize) {
                digest.add(content);
            }
        }
        let mut findings: Vec<Vec<&Finding>> = Vec::new();
        if !judged.findings.is_empty() {
            findings.resize(judged.rows.num_rows(), Vec::new());
            for finding in &judged.findings {
                let severity = self.table.severity(finding.rule, finding.column);
                self.tally.add(finding.rule, finding.column, severity);
                if severity == Severity::Repair && !judged.rejected.value(finding.row as usize) {
                    self.repaired.insert(first_order + u64::from(finding.row));
                }
                if let Some(list) = findings.get_mut(finding.row as usize) {
                    list.push(finding);
                }
            }
        }
        if judged.rejected.true_count() == 0 && refused.is_empty() {
            return self.accepted.push(&judged.rows);
        }
        let keep: Vec<bool> =
            judged.rejected.values().iter().enumerate().map(|(row, rejected)| !rejected && !is_refused(row)).collect();
        self.accepted.push(&filtered(&judged.rows, &keep)?)?;
        if judged.rejected.true_count() == 0 {
            return Ok(());
        }
        let rejected = self.rejected_rows(&judged, &findings, rejected_schema, window)?;
        self.rejected.push(&rejected)
    }

    fn rejected_rows(
        &mut self,
        judged: &Judged,
        findings: &[Vec<&Finding>],
        schema: &arrow::datatypes::SchemaRef,
        window: &Window,
    ) -> Result<RecordBatch> {
        let rows = filter_record_batch(&judged.rows, &judged.rejected)?;
        let ids = row_ids(&judged.rows)?;
        let (mut lines, mut cells) = (StringViewBuilder::new(), StringViewBuilder::new());
        for row in (0..judged.rows.num_rows()).filter(|row| judged.rejected.value(*row)) {
            self.account.rejected(ids.value(row));
            let list = findings.get(row).map_or(&[][..], Vec::as_slice);
            lines.append_value(findings_text(list, &self.table));
            cells.append_option(window.find(ids.value(row)).and_then(|source| source_cells(&source)));
        }
        let mut columns = rows.columns().to_vec();
        columns.push(Arc::new(lines.finish()));
        columns.push(Arc::new(cells.finish()));
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }

    /// The partition index of every row; neighbours mostly share one.
    fn partition_of_rows(&mut self, rows: &RecordBatch) -> Result<Vec<u32>> {
        if self.table.store != Store::Lake {
            return Ok(Vec::new());
        }
        self.partitions.of_rows(rows, &self.table)
    }
}

const ORDER_BITS: u32 = 40;
const NO_PARTITION: u32 = 0x00ff_ffff;

/// Order of arrival and partition in one word.
fn packed(order: u64, partition: u32) -> u64 {
    (order << 24) | u64::from(partition & NO_PARTITION)
}

/// The order of arrival and, for an accepted row, its partition.
pub(super) fn unpacked(word: u64) -> (u64, Option<usize>) {
    let partition = word & u64::from(NO_PARTITION);
    let known = (partition != u64::from(NO_PARTITION)).then(|| usize::try_from(partition).unwrap_or_default());
    (word >> 24, known)
}

const _: () = assert!(ORDER_BITS + 24 == u64::BITS);

pub(super) fn findings_text(findings: &[&Finding], table: &Table) -> String {
    let mut text = String::new();
    for finding in findings {
        let column = finding.column.and_then(|c| table.column.get(usize::from(c))).map_or("", |c| c.name.as_str());
        text.push_str(finding.rule);
        text.push('\t');
        text.push_str(column);
        text.push('\t');
        text.push_str(finding.suggestion.as_deref().unwrap_or_default());
        text.push('\n');
    }
    text
}

/// The source's cells as a JSON object, in the source's order.
fn source_cells(row: &RecordBatch) -> Option<String> {
    let mut json = String::from("{");
    for (field, column) in row.schema().fields().iter().zip(row.columns()) {
        if field.name() == ROW_ID || column.is_null(0) {
            continue;
        }
        let value = if let Some(text) = column.as_string_view_opt() {
            serde_json::to_string(text.value(0)).ok()?
        } else {
            let shown = arrow::util::display::array_value_to_string(column, 0).ok()?;
            serde_json::to_string(&shown).ok()?
        };
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&serde_json::to_string(field.name()).ok()?);
        json.push(':');
        json.push_str(&value);
    }
    json.push('}');
    Some(json)
}

/// Rows for which `keep` is true.
pub(super) fn filtered(rows: &RecordBatch, keep: &[bool]) -> Result<RecordBatch> {
    if keep.iter().all(|k| *k) {
        return Ok(rows.clone());
    }
    Ok(filter_record_batch(rows, &BooleanArray::from(keep.to_vec()))?)
}
