//! A row of another region.
//!
//! ## What it checks
//!
//! The owner column of the table, against the owner of the job. A table where regions stand beside
//! others (`ledig_kapacitet`) names the rule with its column: it then binds what regions send.
//!
//! ## Why
//!
//! A region updates and ends its own contracts only. One wrong code in one row must not reach into
//! another region’s register.
//!
//! ## Example
//!
//! A row with `lanskod` 12 in a job of the owner 13.

use arrow::array::{AsArray, RecordBatch};

use super::explained::Explained;
use super::{Context, Judge, RuleDoc, Severity};
use crate::finding::Findings;

/// The rule, in words.
pub(super) static RULE: RuleDoc = RuleDoc {
    id: "fel_agare",
    severity: Severity::Reject,
    sv: "Raden hör till en annan region än den som lämnar den.",
    mend_sv: "Skicka bara er egen regions rader.",
    en: "The row belongs to another region than the one that sends it.",
    mend_en: "Send only your own region’s rows.",
    why_sv: "En region ändrar och avslutar bara sina egna avtal. En enda fel kod får inte nå in i en annan regions uppgifter.",
    example_sv: "En rad med `lanskod` 12 i ett jobb som ägs av 13.",
    doc: super::documentation!("fel_agare.rs"),
};

/// The owner column of a table.
pub(super) struct Owner {
    pub(super) at: usize,
    pub(super) column: u16,
}

impl Judge for Owner {
    fn judge(&self, rows: &RecordBatch, cx: &Context<'_>, out: &mut Findings) {
        let Some(owner) = cx.owner else { return };
        let Some(owners) = rows.columns().get(self.at).and_then(|c| c.as_string_view_opt()) else { return };
        let explained = Explained::of(out, self.column);
        for (row, own) in owners.iter().enumerate() {
            let other = own.is_some_and(|own| !own.is_empty() && own != owner);
            if other && !explained.has(row) {
                out.add(row, RULE.id, Some(self.column));
            }
        }
    }
}
