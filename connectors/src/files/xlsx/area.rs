//! Cell addresses and ranges as people write them: `E17`, `B4:Q`.

use std::fmt::Write as _;

/// Columns that a sheet can have (ECMA-376 part 1, 18.3.1.4: `XFD`).
const MAX_COLUMNS: u32 = 16_384;
/// Rows that a sheet can have.
const MAX_ROWS: u32 = 1_048_576;

/// A stretch of a sheet. Columns count from 0, rows from 1, both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    /// First column.
    pub(super) first_column: u32,
    /// First row.
    pub(super) first_row: u32,
    /// Last column, where it is said.
    pub(super) last_column: Option<u32>,
    /// Last row, where it is said.
    pub(super) last_row: Option<u32>,
}

impl Area {
    /// The whole sheet.
    pub(super) const ALL: Self = Self { first_column: 0, first_row: 1, last_column: None, last_row: None };

    /// Reads `B4:Q200`, `B4:Q`, `B:Q` or `B4`; none where it is something else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once(':').map_or((text, None), |(a, b)| (a, Some(b)));
        let (first_column, first_row) = corner(first)?;
        let (last_column, last_row) = match last {
            Some(last) => {
                let (column, row) = corner(last)?;
                (Some(column), row)
            }
            None => (None, None),
        };
        let area = Self { first_column, first_row: first_row.unwrap_or(1), last_column, last_row };
        let upright = last_column.is_none_or(|c| c >= first_column) && last_row.is_none_or(|r| r >= area.first_row);
        upright.then_some(area)
    }

    /// Whether a column lies within it.
    pub(super) fn has_column(&self, column: u32) -> bool {
        column >= self.first_column && self.last_column.is_none_or(|last| column <= last)
    }
}

/// Column (from 0) and row (from 1) of `B4` or `B`.
fn corner(text: &str) -> Option<(u32, Option<u32>)> {
    let text = text.trim();
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, digits) = text.split_at_checked(letters)?;
    let column = column_number(name)?;
    if digits.is_empty() {
        return Some((column, None));
    }
    let row = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<u32>().ok()).flatten()?;
    (1..=MAX_ROWS).contains(&row).then_some((column, Some(row)))
}

/// `A` → 0, `AA` → 26.
fn column_number(name: &str) -> Option<u32> {
    if name.is_empty() || name.len() > 3 {
        return None;
    }
    let number = name.bytes().try_fold(0_u32, |sum, b| {
        b.is_ascii_alphabetic().then(|| sum * 26 + u32::from(b.to_ascii_uppercase() - b'A') + 1)
    })?;
    (number <= MAX_COLUMNS).then(|| number - 1)
}

/// 0 → `A`, 26 → `AA`.
pub(super) fn column_name(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// Column from 0 and row from 1 → `E17`.
pub(super) fn address(column: u32, row: u32) -> String {
    let mut text = column_name(column);
    let _ = write!(text, "{row}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_people_write_them() {
        let area = |fc, fr, lc, lr| Some(Area { first_column: fc, first_row: fr, last_column: lc, last_row: lr });
        assert_eq!(Area::parse("B4:Q"), area(1, 4, Some(16), None));
        assert_eq!(Area::parse("b4:q200"), area(1, 4, Some(16), Some(200)));
        assert_eq!(Area::parse("B:Q"), area(1, 1, Some(16), None));
        assert_eq!(Area::parse("B4"), area(1, 4, None, None));
        for wrong in ["", ":", "4", "B0", "Q4:B", "B4:Q2", "B4:Q:R", "XFE1", "Blad1!B4", "B-4", "Å4"] {
            assert_eq!(Area::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn columns_have_their_letters() {
        for (number, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(column_name(number), name);
            assert_eq!(column_number(name), Some(number));
        }
        assert_eq!(address(4, 17), "E17");
    }
}
