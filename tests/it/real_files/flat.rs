//! The regions' flat waiting-time file, as a test reads and writes it.

use std::path::Path;

use chrono::NaiveDate;

/// A file of that form: `;` between cells, no quotation marks.
#[derive(Clone)]
pub(super) struct Flat {
    heading: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Flat {
    pub(super) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let mut lines =
            text.trim_start_matches('\u{feff}').lines().map(|l| l.split(';').map(str::to_owned).collect::<Vec<_>>());
        let heading = lines.next().unwrap();
        Self { rows: lines.inspect(|row| assert_eq!(row.len(), heading.len())).collect(), heading }
    }

    /// The same headings over no rows.
    pub(super) fn empty(&self) -> Self {
        Self { heading: self.heading.clone(), rows: Vec::new() }
    }

    pub(super) fn text(&self) -> String {
        let mut lines = vec![self.heading.join(";")];
        lines.extend(self.rows.iter().map(|row| row.join(";")));
        lines.join("\n") + "\n"
    }

    fn at(&self, column: &str) -> usize {
        self.heading.iter().position(|h| h == column).unwrap_or_else(|| panic!("no column {column}"))
    }

    pub(super) fn get<'a>(&self, row: &'a [String], column: &str) -> &'a str {
        &row[self.at(column)]
    }

    pub(super) fn set(&mut self, row: usize, column: &str, value: &str) {
        let at = self.at(column);
        value.clone_into(&mut self.rows[row][at]);
    }

    /// A row with these cells and no others.
    pub(super) fn add(&mut self, cells: &[(&str, &str)]) {
        self.rows.push(vec![String::new(); self.heading.len()]);
        for (column, value) in cells {
            self.set(self.rows.len() - 1, column, value);
        }
    }

    /// The values of a column, without the empty ones.
    pub(super) fn column(&self, column: &str) -> impl Iterator<Item = &str> {
        let at = self.at(column);
        self.rows.iter().map(move |row| row[at].as_str()).filter(|v| !v.is_empty())
    }
}

/// The day of a date with or without a time.
pub(super) fn day(text: &str) -> NaiveDate {
    text.get(..10).and_then(|day| day.parse().ok()).unwrap_or_else(|| panic!("{text} is no date"))
}
