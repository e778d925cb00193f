//! How the rows that an example gives differ from those that it should give. Examples are made up
//! by whoever writes the job, so their values may be shown.

use std::collections::BTreeSet;

use serde::Serialize;
use sluss_pipeline::run::{PreviewRow, PreviewTable, Verdict};
use sluss_schemas::message::Message;
use sluss_schemas::rule::Severity;
use sluss_schemas::say;
use sluss_schemas::table::Table;

/// What the national table should hold.
pub(super) struct Expected {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// One example and how it came out.
#[derive(Serialize)]
pub(super) struct Compared {
    pub(super) given: String,
    pub(super) expect: String,
    pub(super) table: String,
    pub(super) differences: Vec<Difference>,
}

/// One thing that is not as it was expected.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Difference {
    /// The expected file has a column that the table has not.
    Column { column: String },
    /// An expected row did not come; the rules that rejected it, where it did come.
    Missing { row: String, rejected_by: Vec<String> },
    /// A row came that was not expected.
    Unexpected { row: String },
    /// A value differs.
    Value { row: String, column: String, expected: String, came: String },
    /// A source row of the example cannot be read.
    Unread { row: u64, rule: String },
}

/// Compares row by row: rows are the same where their keys are.
pub(super) fn compare(
    table: &Table,
    came: Option<&PreviewTable>,
    unread: &[(String, u64, String)],
    expected: &Expected,
) -> Vec<Difference> {
    let mut out: Vec<Difference> =
        unread.iter().map(|(_, row, rule)| Difference::Unread { row: *row, rule: rule.clone() }).collect();
    let unknown = expected.columns.iter().filter(|name| table.column(name).is_none());
    out.extend(unknown.map(|column| Difference::Column { column: column.clone() }));
    let none = PreviewTable { table: table.name.clone(), columns: Vec::new(), rows: Vec::new() };
    let came = came.unwrap_or(&none);
    let key: Vec<&str> =
        table.key.iter().map(String::as_str).filter(|k| expected.columns.iter().any(|c| c == k)).collect();
    let key_of_expected = |row: &[String]| -> Vec<String> {
        key.iter()
            .map(|k| expected.columns.iter().position(|c| c == k).and_then(|p| row.get(p)).cloned().unwrap_or_default())
            .collect()
    };
    let value = |row: &PreviewRow, column: &str| {
        let place = came.columns.iter().position(|c| c == column)?;
        row.values.get(place).cloned().flatten()
    };
    let key_of = |row: &PreviewRow| -> Vec<String> { key.iter().map(|k| value(row, k).unwrap_or_default()).collect() };
    let (mut accepted, rejected): (Vec<_>, Vec<_>) = came.rows.iter().partition(|row| row.verdict != Verdict::Rejected);
    for (number, wanted) in expected.rows.iter().enumerate() {
        let wanted_key = key_of_expected(wanted);
        let named = if key.is_empty() { (number + 1).to_string() } else { wanted_key.join(" ") };
        // Without its key in the expected file, a row is known by its place alone.
        let at = if key.is_empty() {
            (!accepted.is_empty()).then_some(0)
        } else {
            accepted.iter().position(|row| key_of(row) == wanted_key)
        };
        let Some(at) = at else {
            let held = rejected.iter().filter(|row| !key.is_empty() && key_of(row) == wanted_key);
            let rules = held.flat_map(|row| &row.findings).filter(|f| f.severity == Severity::Reject);
            let rules: BTreeSet<String> = rules.map(|f| f.rule.clone()).collect();
            out.push(Difference::Missing { row: named, rejected_by: rules.into_iter().collect() });
            continue;
        };
        let row = accepted.remove(at);
        for (column, wanted) in expected.columns.iter().zip(wanted).filter(|(c, _)| table.column(c).is_some()) {
            let came = value(row, column).unwrap_or_default();
            if came != *wanted {
                let (row, column, expected) = (named.clone(), column.clone(), wanted.clone());
                out.push(Difference::Value { row, column, expected, came });
            }
        }
    }
    out.extend(accepted.into_iter().map(|row| Difference::Unexpected { row: key_of(row).join(" ") }));
    out
}

impl Compared {
    /// As a small diff: `-` what was expected, `+` what came.
    pub(super) fn lines(&self) -> Vec<Message> {
        let (given, expect, table) = (&self.given, &self.expect, &self.table);
        let mut lines = vec![say!(
            "  fel: exemplet {given} ger inte raderna i {expect} ({table}); - väntat, + det som kom",
            "  error: the example {given} does not give the rows of {expect} ({table}); - expected, + what came"
        )];
        let mut last = "";
        for difference in &self.differences {
            if let Difference::Value { row, .. } = difference
                && row != last
            {
                last = row;
                lines.push(say!("    rad {row}", "    row {row}"));
            }
            lines.extend(difference.lines());
        }
        lines
    }
}

impl Difference {
    fn lines(&self) -> Vec<Message> {
        match self {
            Self::Column { column } => {
                vec![say!("    tabellen har ingen kolumn {column}", "    the table has no column {column}")]
            }
            Self::Missing { row, rejected_by } if rejected_by.is_empty() => vec![format!("    - {row}").into()],
            Self::Missing { row, rejected_by } => {
                let rules = rejected_by.join(", ");
                vec![say!("    - {row} (avvisad: {rules})", "    - {row} (rejected: {rules})")]
            }
            Self::Unexpected { row } => vec![format!("    + {row}").into()],
            Self::Value { column, expected, came, .. } => {
                vec![format!("      - {column} = {expected}").into(), format!("      + {column} = {came}").into()]
            }
            Self::Unread { row, rule } => vec![say!(
                "    källrad {row} går inte att läsa ({rule})",
                "    source row {row} cannot be read ({rule})"
            )],
        }
    }
}
