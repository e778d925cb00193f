//! The first rows of a job, mapped and judged; nothing is written.
//!
//! What only the whole delivery shows (duplicates, parents, what would end) is `plan`'s to tell.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use futures::StreamExt;
use futures::stream::BoxStream;
use sluss_schemas::chunk::{Chunk, Origin, RowId};
use sluss_schemas::finding::Finding;
use sluss_schemas::rule::Severity;
use sluss_schemas::say;
use sluss_schemas::table::Table;

use super::engine::Engine;
use super::receipted::swedish_day;
use super::table::row_ids;
use crate::error::{PipelineError, Result};
use crate::job::Job;
use crate::map::{FilterCounts, Filters, Lookups, prepare};
use crate::matching::precedence::CONNECTOR;
use crate::validate::{Judged, Validator};

/// The first rows of a job's source, and what they become.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Preview {
    /// Source rows looked at.
    pub rows_in: u64,
    /// Rows that could not be read: file, row and rule.
    pub unread: Vec<(String, u64, String)>,
    /// Rows that named filters left out.
    pub filtered: FilterCounts,
    /// National rows by table, in the order of `feeds`.
    pub tables: Vec<PreviewTable>,
}

/// National rows of one table. They hold cell values.
#[derive(Clone, Debug, serde::Serialize)]
pub struct PreviewTable {
    /// The table.
    pub table: String,
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// Its rows, in the order of the source.
    pub rows: Vec<PreviewRow>,
}

/// One national row.
#[derive(Clone, Debug, serde::Serialize)]
pub struct PreviewRow {
    /// The source file, with sheet or member after a comma.
    pub file: String,
    /// The row that a person sees, from 1.
    pub row: u64,
    /// What would become of it.
    pub verdict: Verdict,
    /// Its values as text, in the columns' order.
    pub values: Vec<Option<String>>,
    /// What is wrong.
    pub findings: Vec<PreviewFinding>,
}

/// What would become of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Published.
    Accepted,
    /// Published after a repair.
    Repaired,
    /// Kept in quarantine.
    Rejected,
}

/// What is wrong with a row.
#[derive(Clone, Debug, serde::Serialize)]
pub struct PreviewFinding {
    /// The rule's id.
    pub rule: String,
    /// The national column.
    pub column: Option<String>,
    /// What the sender probably meant.
    pub suggestion: Option<String>,
    /// What it means in this table.
    pub severity: Severity,
}

/// The first rows of a source.
#[derive(Default)]
struct First {
    batches: Vec<RecordBatch>,
    files: HashMap<u64, String>,
}

impl Engine {
    /// Maps and judges the first `rows` rows of `chunks`.
    pub async fn preview(
        &self,
        job: &Job,
        mut chunks: BoxStream<'static, Result<Chunk>>,
        rows: usize,
    ) -> Result<Preview> {
        let (mut preview, mut first, mut left) = (Preview::default(), First::default(), rows);
        while left > 0 {
            let Some(chunk) = chunks.next().await.transpose()? else { break };
            let file = file_name(&chunk.origin);
            let taken = chunk.rows.slice(0, chunk.rows.num_rows().min(left));
            // Readers tell of a whole chunk at once: what lies beyond the rows looked at is not asked for.
            let cut = taken.num_rows() < chunk.rows.num_rows();
            let last = if cut { row_ids(&taken)?.values().last().copied().unwrap_or_default() } else { u64::MAX };
            for unread in chunk.unread.into_iter().filter(|unread| unread.row.0 <= last) {
                preview.rows_in += 1;
                preview.unread.push((file.clone(), unread.row.row(), unread.rule.to_owned()));
            }
            // A file with other columns than the first is refused when the job runs.
            if first.batches.first().is_some_and(|known| known.schema_ref().fields() != taken.schema_ref().fields()) {
                break;
            }
            left -= taken.num_rows();
            preview.rows_in += taken.num_rows() as u64;
            first.files.insert(u64::from(chunk.origin.index), file);
            first.batches.push(taken);
        }
        drop(chunks);
        let Some(schema) = first.batches.first().map(RecordBatch::schema) else { return Ok(preview) };
        let lookups: Arc<dyn Lookups> = self.lookups().await?;
        let filters = Filters::compile(&job.file.filter, &schema, &lookups)?;
        for batch in &mut first.batches {
            *batch = filters.keep(batch.clone(), &mut preview.filtered)?;
        }
        for (name, sql) in &job.mappings {
            let table = self.table(name)?;
            preview.tables.push(self.judged(job, &table, sql, &first, &lookups).await?);
        }
        Ok(preview)
    }

    async fn judged(
        &self,
        job: &Job,
        table: &Arc<Table>,
        sql: &str,
        first: &First,
        lookups: &Arc<dyn Lookups>,
    ) -> Result<PreviewTable> {
        let mut out = PreviewTable {
            table: table.name.clone(),
            columns: table.column.iter().map(|c| c.name.clone()).collect(),
            rows: Vec::new(),
        };
        let Some(schema) = first.batches.first().map(RecordBatch::schema) else { return Ok(out) };
        let mut mapping = prepare(sql, &job.mapping_place(&table.name), table, &schema, lookups).await?;
        let mut validator = Validator::new(
            Arc::clone(table),
            self.codes().await?,
            self.known.references(table, &job.file.job.feeds, &self.register, &self.project.tables).await?,
            Arc::clone(lookups),
            swedish_day(self.clock.now()),
            table.owned_by(&job.file.job.owner),
        )
        .of_the_register(job.file.source.connector == CONNECTOR);
        let (feed, batches) = (mapping.feed, first.batches.clone());
        let feeding = tokio::spawn(async move {
            for batch in batches.into_iter().filter(|b| b.num_rows() > 0) {
                if feed.send(batch).await.is_err() {
                    return;
                }
            }
        });
        while let Some(mapped) = mapping.rows.next().await {
            let mapped = mapped.map_err(|e| super::table::function_error(&e))?;
            if mapped.num_rows() > 0 {
                let judged = validator.judge(&mapped, &mapping.notes)?;
                add(&mut out, table, &judged, &first.files)?;
            }
        }
        feeding.await.map_err(|e| {
            PipelineError::us(say!("förhandsvisningen avbröts", "the preview ended abruptly")).because(e)
        })?;
        Ok(out)
    }
}

fn file_name(origin: &Origin) -> String {
    let name = sluss_schemas::personnummer::mask(&origin.name);
    match &origin.part {
        Some(part) => format!("{name}, {}", sluss_schemas::personnummer::mask(part)),
        None => name.into_owned(),
    }
}

fn add(out: &mut PreviewTable, table: &Table, judged: &Judged, files: &HashMap<u64, String>) -> Result<()> {
    let ids = row_ids(&judged.rows)?;
    let options = FormatOptions::default();
    let columns = judged.rows.columns().iter().take(table.column.len());
    let texts = columns.map(|c| Ok((c, ArrayFormatter::try_new(c, &options)?))).collect::<Result<Vec<_>>>()?;
    for row in 0..judged.rows.num_rows() {
        let id = RowId(ids.value(row));
        let findings: Vec<_> =
            judged.findings.iter().filter(|f| usize::try_from(f.row) == Ok(row)).map(|f| finding(f, table)).collect();
        let verdict = match (judged.rejected.value(row), findings.iter().any(|f| f.severity == Severity::Repair)) {
            (true, _) => Verdict::Rejected,
            (false, true) => Verdict::Repaired,
            (false, false) => Verdict::Accepted,
        };
        out.rows.push(PreviewRow {
            file: files.get(&id.origin()).cloned().unwrap_or_default(),
            row: id.row(),
            verdict,
            values: texts.iter().map(|(c, text)| (!c.is_null(row)).then(|| text.value(row).to_string())).collect(),
            findings,
        });
    }
    Ok(())
}

fn finding(finding: &Finding, table: &Table) -> PreviewFinding {
    PreviewFinding {
        rule: finding.rule.to_owned(),
        column: finding.column.and_then(|c| table.column.get(usize::from(c))).map(|c| c.name.clone()),
        suggestion: finding.suggestion.clone(),
        severity: table.severity(finding.rule, finding.column),
    }
}
