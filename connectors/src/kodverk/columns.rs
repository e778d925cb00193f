//! Which of a list's columns fills which national column.

use std::collections::BTreeMap;

use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::options::ColumnRef;
use super::shape::Gives;
use crate::error::{ConnectorError, Result};

/// For each national column: the list's column (from 0) that fills it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filling(pub Vec<Option<usize>>);

/// Whether the column that fills `giltig_till` holds the last day itself, by its heading.
pub(super) fn ends_on_last_day(gives: Gives, filling: &Filling, headings: &[String]) -> bool {
    let source = gives.place("giltig_till").and_then(|p| filling.0.get(p).copied().flatten());
    source.and_then(|s| headings.get(s)).is_some_and(|h| Gives::is_last_day(&fold(h)))
}

impl Filling {
    /// By the job's `columns`; else by headings that official lists use; else by place.
    pub(super) fn resolve(
        gives: Gives,
        columns: &BTreeMap<String, ColumnRef>,
        headings: Option<&[String]>,
        width: usize,
        place: &str,
    ) -> Result<Self> {
        let folded: Option<Vec<String>> = headings.map(|h| h.iter().map(|heading| fold(heading)).collect());
        let filling = if columns.is_empty() {
            Self::guess(gives, folded.as_deref())
        } else {
            Self::told(gives, columns, folded.as_deref(), width, place)?
        };
        for needed in gives.needed() {
            if gives.place(needed).and_then(|p| filling.0.get(p).copied().flatten()).is_none() {
                return Err(ConnectorError::configuration(say!("ingen av listans {width} kolumner är känd som kolumnen {needed}", "none of the list's {width} columns is known to be the column {needed}"
                ))
                .at(place)
                .hint(say!("ange vilken i `columns = {{ {needed} = \"…\" }}`, eller `header_row = 0` för en lista utan rubriker", "say which in `columns = {{ {needed} = \"…\" }}`, or `header_row = 0` for a list without headings"
                )));
            }
        }
        Ok(filling)
    }

    fn guess(gives: Gives, headings: Option<&[String]>) -> Self {
        let by_heading = |column: &str, headings: &[String]| {
            Gives::headings(column).iter().find_map(|known| headings.iter().position(|h| h == known))
        };
        Self(
            gives
                .columns()
                .iter()
                .map(|column| match headings {
                    Some(headings) => by_heading(column, headings),
                    None => gives.by_place().iter().position(|c| c == column),
                })
                .collect(),
        )
    }

    fn told(
        gives: Gives,
        columns: &BTreeMap<String, ColumnRef>,
        headings: Option<&[String]>,
        width: usize,
        place: &str,
    ) -> Result<Self> {
        let mut filling = vec![None; gives.columns().len()];
        for (national, source) in columns {
            let slot =
                gives.place(national).and_then(|p| filling.get_mut(p)).ok_or_else(|| unknown(gives, national))?;
            *slot = Some(match source {
                ColumnRef::Number(n) => {
                    usize::try_from(*n).ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < width).ok_or_else(|| {
                        ConnectorError::configuration(say!(
                            "listan har {width} kolumner, ingen nummer {n}",
                            "the list has {width} columns, not a number {n}"
                        ))
                        .at(place)
                    })?
                }
                ColumnRef::Name(name) => {
                    let wanted = fold(name);
                    let found = headings.and_then(|h| h.iter().position(|heading| *heading == wanted));
                    found.ok_or_else(|| {
                        let what =
                            say!("listan har ingen kolumn som heter {name}", "the list has no column called {name}");
                        let hint = match headings {
                            Some(_) => say!(
                                "skriv rubriken som den står i listan, eller dess nummer från 1",
                                "write the heading as the list has it, or its number from 1"
                            ),
                            None => say!(
                                "listan har inga rubriker: ange kolumnens nummer från 1",
                                "the list has no headings: give the column's number from 1"
                            ),
                        };
                        ConnectorError::configuration(what).at(place).hint(hint)
                    })?
                }
            });
        }
        Ok(Self(filling))
    }

    /// The cells of a row in the order of the national columns.
    pub(super) fn pick<'a>(&self, cell: impl Fn(usize) -> Option<&'a str>) -> Vec<Option<&'a str>> {
        self.0.iter().map(|source| source.and_then(&cell)).collect()
    }
}

/// The error for a national column that there is not.
pub(super) fn unknown(gives: Gives, column: &str) -> ConnectorError {
    let near = gives
        .columns()
        .iter()
        .max_by(|a, b| strsim::jaro_winkler(a, column).total_cmp(&strsim::jaro_winkler(b, column)));
    ConnectorError::configuration(say!(
        "ingen nationell kolumn heter {column}",
        "no national column is called {column}"
    ))
    .hint(near.map_or_else(|| Message::from(""), |n| say!("menade ni {n}?", "did you mean {n}?")))
}

/// A heading without what varies: case, blanks, hyphens, dots.
pub(super) fn fold(heading: &str) -> String {
    heading.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
