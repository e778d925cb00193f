//! Judges a column of HSA-ids: the kernel of the rules `hsa_luhn`, `hsa_test`, `hsa_pseudo` and
//! `hsa_personnummer`.
//!
//! An id breaks one of them at most. What is no HSA-id has been told by the normaliser
//! (`hsa_felformat`) and is passed over.

use arrow::array::{AsArray, RecordBatch};

use super::hsa_common::is_legal_persons;
use super::{Context, Judge, hsa_luhn, hsa_personnummer, hsa_pseudo, hsa_test};
use crate::finding::Findings;
use crate::identifier::hsa_id::{self, Class};

/// A column of HSA-ids.
pub(super) struct HsaColumn {
    pub(super) at: usize,
    pub(super) column: u16,
    pub(super) suffix: (u8, u8),
}

impl HsaColumn {
    fn broken(&self, id: &str) -> Option<&'static str> {
        match hsa_id::class_within(id, self.suffix) {
            Class::Real if !hsa_id::luhn_holds(id) => Some(hsa_luhn::RULE.id),
            Class::Real if hsa_id::has_personal_number(id) => Some(hsa_personnummer::RULE.id),
            Class::Test => Some(hsa_test::RULE.id),
            Class::Pseudo => Some(hsa_pseudo::RULE.id),
            Class::Real | Class::NotHsaId => None,
        }
    }
}

impl Judge for HsaColumn {
    fn judge(&self, rows: &RecordBatch, _: &Context<'_>, out: &mut Findings) {
        let Some(ids) = rows.columns().get(self.at).and_then(|c| c.as_string_view_opt()) else { return };
        for (row, id) in ids.iter().enumerate() {
            let rare = id.filter(|id| !is_legal_persons(id.as_bytes()));
            if let Some(rule) = rare.and_then(|id| self.broken(id)) {
                out.add(row, rule, Some(self.column));
            }
        }
    }
}
