//! Rejected rows on their way to the encrypted quarantine, with their index for the ledger.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt64Array};
use roaring::RoaringTreemap;
use sluss_schemas::chunk::{Origin, RowId, Unread};

use super::engine::Engine;
use crate::error::Result;
use crate::job::Job;
use crate::ledger::QuarantineRow;

/// Rejected rows of one table.
pub(super) struct Rejected {
    pub(super) table: String,
    pub(super) rows: UInt64Array,
    pub(super) national: RecordBatch,
    pub(super) findings: ArrayRef,
    pub(super) cells: ArrayRef,
}

/// The quarantine of one run.
pub(super) struct Quarantining {
    index: Vec<QuarantineRow>,
}

impl Quarantining {
    pub(super) fn begin(_engine: &Engine, _job: &Job, _run: &str, _dry: bool) -> Result<Self> {
        Ok(Self { index: Vec::new() })
    }

    pub(super) fn unread(&mut self, _origin: &Origin, rows: Vec<Unread>) -> Result<()> {
        for row in rows {
            self.index.push(QuarantineRow { table: String::new(), row: row.row, rules: vec![row.rule.to_owned()], object: String::new() });
        }
        Ok(())
    }

    pub(super) fn rejected(&mut self, rows: Rejected) -> Result<()> {
        let lines = rows.findings.as_string_view();
        for row in 0..lines.len() {
            let rules = lines.value(row).lines().filter_map(|l| l.split('\t').next()).map(str::to_owned).collect();
            self.index.push(QuarantineRow { table: rows.table.clone(), row: RowId(rows.rows.value(row)), rules, object: String::new() });
        }
        let _ = (rows.national, rows.cells);
        Ok(())
    }

    pub(super) fn lost(&mut self, rows: &RoaringTreemap) -> Result<()> {
        for row in rows {
            self.index.push(QuarantineRow { table: String::new(), row: RowId(row), rules: vec!["rad_utan_tabell".into()], object: String::new() });
        }
        Ok(())
    }

    pub(super) fn examples(&self) -> Vec<QuarantineRow> {
        self.index.iter().take(1000).cloned().collect()
    }

    pub(super) fn finish(self) -> Result<Vec<QuarantineRow>> {
        Ok(self.index)
    }
}
