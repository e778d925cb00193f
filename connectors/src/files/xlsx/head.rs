//! Finds the headings of a sheet and with them its columns.

use calamine::Dimensions;
use sluss_schemas::say;

use super::area::{Area, address, column_name};
use super::book::Line;
use crate::error::{ConnectorError, Result};
use crate::files::cells::distinct;

/// How alike a heading must be to a declared one to be suggested.
const ALIKE: f64 = 0.8;

/// The columns of a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// Their names, distinct.
    pub(super) names: Vec<String>,
    /// Where each of them stands in the sheet, from 0.
    pub(super) at: Vec<u32>,
    /// First and last column of the headings, where a value beside them is a fault of its row.
    pub(super) span: Option<(u32, u32)>,
}

/// What the headings are known by.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// Where the table lies.
    pub(super) area: Area,
    /// Their row; 0 for a sheet without headings.
    pub(super) row: Option<u32>,
    /// Texts that the row must have, all of them.
    pub(super) contains: Vec<String>,
    /// They take two rows.
    pub(super) double: bool,
    /// The columns that are wanted.
    pub(super) wanted: Option<Vec<String>>,
}

/// What became of a row that was offered.
pub(super) enum Found {
    /// It stands before or among the headings.
    Not,
    /// It is the last row of the headings.
    Here(Columns),
    /// It is the first row after the headings.
    Before(Columns),
}

/// The search.
pub(super) struct Search<'a> {
    rule: &'a Rule,
    merged: &'a [Dimensions],
    upper: Option<Line>,
    seen: Vec<bool>,
}

impl<'a> Search<'a> {
    /// Begins to search. `merged` is needed where headings take two rows.
    pub(super) fn new(rule: &'a Rule, merged: &'a [Dimensions]) -> Self {
        Self { rule, merged, upper: None, seen: vec![false; rule.contains.len()] }
    }

    /// Looks at the next row.
    pub(super) fn offer(&mut self, line: &Line) -> Result<Found> {
        if self.rule.row == Some(0) {
            return Ok(Found::Before(self.by_place()));
        }
        if let Some(upper) = self.upper.take() {
            let adjacent = line.number == upper.number + 1;
            let columns = self.columns(&upper, adjacent.then_some(line))?;
            return Ok(if adjacent { Found::Here(columns) } else { Found::Before(columns) });
        }
        if line.is_blank() || !self.is_heading(line)? {
            return Ok(Found::Not);
        }
        if self.rule.double {
            self.upper = Some(line.clone());
            return Ok(Found::Not);
        }
        self.columns(line, None).map(Found::Here)
    }

    /// The sheet has ended without a row after the headings.
    pub(super) fn end(mut self) -> Result<Columns> {
        if self.rule.row == Some(0) {
            return Ok(self.by_place());
        }
        if let Some(upper) = self.upper.take() {
            return self.columns(&upper, None);
        }
        let missing: Vec<_> =
            self.rule.contains.iter().zip(&self.seen).filter(|(_, seen)| !**seen).map(|(t, _)| t.as_str()).collect();
        let what = match (self.rule.row, missing.is_empty()) {
            (Some(row), _) => {
                say!("rad {row}, som ska ha rubrikerna, är tom", "row {row}, which is to hold the headings, is empty")
            }
            (None, false) => say!("ingen rad har rubriken {}", "no row has the heading {}", missing.join(", ")),
            (None, true) if self.rule.contains.is_empty() => say!("bladet är tomt", "the sheet is empty"),
            (None, true) => say!(
                "ingen enskild rad har alla rubriker i header_contains",
                "no single row has all headings of header_contains"
            ),
        };
        Err(ConnectorError::source(what).hint(say!(
            "jämför bladet med sheet, range, header_row och header_contains i jobbfilen",
            "compare the sheet with sheet, range, header_row and header_contains in the job file"
        )))
    }

    fn is_heading(&mut self, line: &Line) -> Result<bool> {
        if let Some(row) = self.rule.row {
            if line.number > row {
                return Err(ConnectorError::source(say!(
                    "rad {row}, som ska ha rubrikerna, är tom",
                    "row {row}, which is to hold the headings, is empty"
                ))
                .hint(say!(
                    "rätta header_row i jobbfilen, eller använd header_contains",
                    "correct header_row in the job file, or use header_contains"
                )));
            }
            return Ok(line.number == row);
        }
        let mut all = true;
        for (text, seen) in self.rule.contains.iter().zip(&mut self.seen) {
            let here = line.cells().any(|(_, cell, _)| same(cell, text));
            *seen |= here;
            all &= here;
        }
        Ok(all)
    }

    /// Columns of a sheet without headings: the declared ones, from the area's first column on.
    fn by_place(&self) -> Columns {
        let names = self.rule.wanted.clone().unwrap_or_default();
        let at: Vec<u32> = (self.rule.area.first_column..).take(names.len()).collect();
        let span = at.first().copied().zip(at.last().copied());
        Columns { names, at, span: if self.rule.area.last_column.is_some() { None } else { span } }
    }

    fn columns(&self, upper: &Line, lower: Option<&Line>) -> Result<Columns> {
        for (column, _, error) in upper.cells().chain(lower.into_iter().flat_map(Line::cells)) {
            if error {
                let place = address(column, upper.number);
                return Err(
                    ConnectorError::source(say!("en rubrik är ett felvärde", "a heading is an error value")).at(place)
                );
            }
        }
        let filled = upper.cells().chain(lower.into_iter().flat_map(Line::cells));
        let filled: Vec<u32> = filled.filter(|(_, text, _)| !text.trim().is_empty()).map(|(c, ..)| c).collect();
        let (Some(&low), Some(&high)) = (filled.iter().min(), filled.iter().max()) else {
            return Err(ConnectorError::source(say!("rubrikerna är tomma", "the headings are empty")).at(say!(
                "rad {}",
                "row {}",
                upper.number
            )));
        };
        let area = self.rule.area;
        let first = if area == Area::ALL { low } else { area.first_column };
        let mut last = area.last_column.unwrap_or(high);
        // A merged heading names all the columns below it.
        if area.last_column.is_none() {
            for m in self.merged.iter().filter(|m| m.start.0 + 1 == upper.number && m.start.1 <= high) {
                last = last.max(m.end.1);
            }
        }
        let names = (first..=last).map(|column| {
            let top = self.label(upper, column);
            let bottom = lower.and_then(|l| l.get(column)).map(tidy).unwrap_or_default();
            match (top.is_empty(), bottom.is_empty()) {
                (true, true) => format!("kolumn_{}", column_name(column).to_ascii_lowercase()),
                (false, true) => top,
                (true, false) => bottom,
                (false, false) if top == bottom => top,
                (false, false) => format!("{top} / {bottom}"),
            }
        });
        let all = Columns {
            names: distinct(names.collect()),
            at: (first..=last).collect(),
            span: area.last_column.is_none().then_some((first, last)),
        };
        match &self.rule.wanted {
            Some(wanted) => all.choose(wanted).map_err(|e| e.at(say!("rad {}", "row {}", upper.number))),
            None => Ok(all),
        }
    }

    /// The upper heading over a column, also where it is merged with those beside it.
    fn label(&self, upper: &Line, column: u32) -> String {
        let row = upper.number - 1;
        let own = upper.get(column).map(tidy).unwrap_or_default();
        if !own.is_empty() {
            return own;
        }
        let over = self.merged.iter().find(|m| m.start.0 == row && m.contains(row, column));
        over.and_then(|m| upper.get(m.start.1)).map(tidy).unwrap_or_default()
    }
}

impl Columns {
    /// The wanted columns in the wanted order.
    pub(super) fn choose(&self, wanted: &[String]) -> Result<Self> {
        let mut at = Vec::with_capacity(wanted.len());
        for name in wanted {
            let place =
                self.names.iter().position(|n| n == name).or_else(|| self.names.iter().position(|n| same(n, name)));
            match place.and_then(|p| self.at.get(p)) {
                Some(column) => at.push(*column),
                None => return Err(self.lacks(name)),
            }
        }
        Ok(Self { names: wanted.to_vec(), at, span: None })
    }

    /// Names a heading only where it is nearly the wanted one: otherwise it might be data.
    fn lacks(&self, name: &str) -> ConnectorError {
        let near = self.names.iter().map(|n| (strsim::jaro_winkler(n, name), n));
        let near = near.filter(|(score, _)| *score >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0));
        let hint = near.map_or_else(
            || say!("kontrollera header_row och columns i jobbfilen", "check header_row and columns in the job file"),
            |(_, n)| {
                say!(
                    "bladet har {n}: ändra columns i jobbfilen om det är den",
                    "the sheet has {n}: change columns in the job file if that is the one"
                )
            },
        );
        ConnectorError::source(say!("rubriken {name} saknas", "the heading {name} is missing")).hint(hint)
    }
}

/// A heading in one line without needless blanks.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether two headings are the same but for case and blanks.
fn same(a: &str, b: &str) -> bool {
    let mut b = b.split_whitespace();
    let alike = a.split_whitespace().all(|x| b.next().is_some_and(|y| x == y || x.to_lowercase() == y.to_lowercase()));
    alike && b.next().is_none()
}
