//! What validation says of a row: sparse, since most rows are right.

/// One rule's verdict on one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Row within the batch, from 0.
    pub row: u32,
    /// The rule's id; its severity and texts are in [`crate::rule`].
    pub rule: &'static str,
    /// The national column that it concerns, by its position in the table; none for the whole row.
    pub column: Option<u16>,
    /// What the sender probably meant: a code, a number. Never the value that was sent.
    pub suggestion: Option<String>,
}

/// The findings on one batch, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// All of them.
    pub list: Vec<Finding>,
}

impl Findings {
    /// Adds a verdict without a suggestion.
    pub fn add(&mut self, row: usize, rule: &'static str, column: Option<u16>) {
        self.suggest(row, rule, column, None);
    }

    /// Adds a verdict.
    pub fn suggest(&mut self, row: usize, rule: &'static str, column: Option<u16>, suggestion: Option<String>) {
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        self.list.push(Finding { row, rule, column, suggestion });
    }
}
