//! What a message's schema says, as far as its structure and its values' forms go.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use sluss_schemas::message::Message;
use sluss_schemas::say;

/// An element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element {
    /// Its name, without a prefix.
    pub(crate) name: &'static str,
    /// How often it stands there at least and at most.
    pub(crate) times: (u32, u32),
    /// What stands in it.
    pub(crate) holds: Holds,
    /// Its attributes.
    pub(crate) attributes: &'static [Attribute],
    /// Whether elements of other namespaces may follow within it.
    pub(crate) open: bool,
}

/// What stands in an element.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Holds {
    /// A value.
    Value(Kind),
    /// Elements in this order.
    Sequence(&'static [Element]),
    /// One of these elements at most.
    Choice(&'static [Element]),
}

/// An attribute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether it must stand there.
    pub(crate) required: bool,
    /// What its value must be like.
    pub(crate) kind: Kind,
}

/// What a value must be like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Anything.
    Text,
    /// So many signs.
    Length(usize, usize),
    /// A whole number from and to.
    Number(i32, i32),
    /// A year from.
    Year(i32),
    /// `true`, `false`, `1` or `0`.
    Boolean,
    /// A day.
    Date,
    /// A time of day, 24:00:00 included.
    Time,
    /// A day and a time, not before a year.
    DateTime(i32),
    /// One of these.
    OneOf(&'static [&'static str]),
}

/// A message: where its rows are, and what else a row is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contract {
    /// What a person calls it, in Swedish and in English.
    pub(crate) title: (&'static str, &'static str),
    /// The namespace of the message's own elements.
    pub(crate) namespace: &'static str,
    /// The message.
    pub(crate) message: Element,
    /// The way from the message to the elements that are rows.
    pub(crate) rows: &'static [&'static str],
    /// Columns from above the row: names and paths.
    pub(crate) above: &'static [(&'static str, &'static str)],
}

impl Element {
    /// An element with a text.
    pub(crate) const fn text(name: &'static str) -> Self {
        Self::value(name, Kind::Text)
    }
    /// An element with a value of a kind.
    pub(crate) const fn value(name: &'static str, kind: Kind) -> Self {
        Self { name, times: (1, 1), holds: Holds::Value(kind), attributes: &[], open: false }
    }
    /// An element with elements in order.
    pub(crate) const fn sequence(name: &'static str, of: &'static [Element]) -> Self {
        Self { name, times: (1, 1), holds: Holds::Sequence(of), attributes: &[], open: false }
    }
    /// An element with one of some elements, or none.
    pub(crate) const fn choice(name: &'static str, of: &'static [Element]) -> Self {
        Self { name, times: (1, 1), holds: Holds::Choice(of), attributes: &[], open: false }
    }
    /// It may be absent.
    pub(crate) const fn optional(mut self) -> Self {
        self.times = (0, 1);
        self
    }
    /// There may be any number.
    pub(crate) const fn any_number(mut self) -> Self {
        self.times = (0, u32::MAX);
        self
    }
    /// There is at least one.
    pub(crate) const fn at_least_one(mut self) -> Self {
        self.times = (1, u32::MAX);
        self
    }
    /// Elements of other namespaces may follow within it.
    pub(crate) const fn open(mut self) -> Self {
        self.open = true;
        self
    }
    /// It has attributes.
    pub(crate) const fn with(mut self, attributes: &'static [Attribute]) -> Self {
        self.attributes = attributes;
        self
    }
    /// The elements within.
    pub(crate) fn children(&self) -> &'static [Element] {
        match self.holds {
            Holds::Value(_) => &[],
            Holds::Sequence(of) | Holds::Choice(of) => of,
        }
    }
}

impl Attribute {
    /// An attribute that must stand there.
    pub(crate) const fn required(name: &'static str, kind: Kind) -> Self {
        Self { name, required: true, kind }
    }
    /// An attribute that may be absent.
    pub(crate) const fn optional(name: &'static str, kind: Kind) -> Self {
        Self { name, required: false, kind }
    }
}

impl Kind {
    /// Whether a value is like this.
    pub(crate) fn takes(self, value: &str) -> bool {
        // All but texts may have blanks around them (XML Schema, part 2, section 4.3.6).
        let bare = value.trim_matches([' ', '\t', '\n', '\r']);
        match self {
            Self::Text => true,
            Self::Length(from, to) => (from..=to).contains(&value.chars().count()),
            Self::OneOf(values) => values.contains(&value),
            Self::Number(from, to) => {
                let digits = bare.strip_prefix(['+', '-']).unwrap_or(bare);
                !digits.is_empty()
                    && digits.bytes().all(|byte| byte.is_ascii_digit())
                    && bare.parse().is_ok_and(|number: i32| (from..=to).contains(&number))
            }
            Self::Year(from) => {
                let year = unzoned(bare);
                year.len() == 4
                    && year.bytes().all(|byte| byte.is_ascii_digit())
                    && year.parse().is_ok_and(|year: i32| year >= from)
            }
            Self::Boolean => matches!(bare, "true" | "false" | "1" | "0"),
            Self::Date => date(unzoned(bare)).is_some(),
            Self::Time => time(unzoned(bare)).is_some(),
            Self::DateTime(from) => {
                let Some((day, clock)) = bare.split_once('T') else { return false };
                let (Some(day), Some(clock)) = (date(day), time(unzoned(clock))) else { return false };
                let first = NaiveDate::from_ymd_opt(from, 1, 1).unwrap_or(NaiveDate::MIN);
                NaiveDateTime::new(day, clock) >= NaiveDateTime::new(first, NaiveTime::MIN)
            }
        }
    }

    /// What a value should have been.
    pub(crate) fn wanted(self) -> Message {
        match self {
            Self::Text => say!("text", "text"),
            Self::Length(from, to) if from == to => say!("{from} tecken", "{from} signs"),
            Self::Length(from, usize::MAX) => say!("minst {from} tecken", "at least {from} signs"),
            Self::Length(from, to) => say!("{from} till {to} tecken", "{from} to {to} signs"),
            Self::Number(from, to) => say!("ett heltal från {from} till {to}", "a whole number from {from} to {to}"),
            Self::Year(from) => say!("ett år från {from}", "a year from {from}"),
            Self::Boolean => say!("true eller false", "true or false"),
            Self::Date => say!("en dag som 2026-11-22", "a day as 2026-11-22"),
            Self::Time => say!("en tid som 08:00:00", "a time as 08:00:00"),
            Self::DateTime(from) => say!(
                "en tidpunkt som 2026-11-22T08:00:00, från år {from}",
                "a time as 2026-11-22T08:00:00, from the year {from}"
            ),
            Self::OneOf(values) => say!("något av {}", "one of {}", values.join(", ")),
        }
    }
}

/// Without a zone at the end: `Z`, `+01:00`.
fn unzoned(text: &str) -> &str {
    if let Some(utc) = text.strip_suffix('Z') {
        return utc;
    }
    let Some(at) = text.len().checked_sub(6) else { return text };
    let zoned = text.get(at..).is_some_and(|zone| {
        let bytes = zone.as_bytes();
        matches!(bytes, [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()))
            && zone.get(1..3).is_some_and(|hours| hours <= "14")
            && zone.get(4..6).is_some_and(|minutes| minutes <= "59")
    });
    if zoned { text.get(..at).unwrap_or(text) } else { text }
}

fn date(text: &str) -> Option<NaiveDate> {
    (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
}

fn time(text: &str) -> Option<NaiveTime> {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    if fraction.is_some_and(|f| f.is_empty() || !f.bytes().all(|byte| byte.is_ascii_digit())) || whole.len() != 8 {
        return None;
    }
    if whole == "24:00:00" {
        return fraction.is_none_or(|f| f.bytes().all(|byte| byte == b'0')).then_some(NaiveTime::MIN);
    }
    // A leap second is no time in a schema.
    NaiveTime::parse_from_str(whole, "%H:%M:%S").ok().filter(|_| !whole.ends_with(":60"))
}

impl Contract {
    /// The element that is a row.
    pub(crate) fn row(&self) -> Option<&'static Element> {
        let mut children = self.message.children();
        let mut found = None;
        for step in self.rows {
            let element = children.iter().find(|element| element.name == *step)?;
            children = element.children();
            found = Some(element);
        }
        found
    }

    /// The path to the rows, wherever the message stands.
    pub(crate) fn path(&self) -> String {
        format!("//{}/{}", self.message.name, self.rows.join("/"))
    }

    /// All columns: names and paths.
    pub(crate) fn columns(&self) -> Vec<(String, String)> {
        let owned = |(name, path): &(&str, &str)| ((*name).to_owned(), (*path).to_owned());
        let mut columns: Vec<_> = self.above.iter().map(owned).collect();
        if let Some(row) = self.row() {
            values(row, &mut Vec::new(), &mut columns);
        }
        columns
    }
}

/// The columns of an element's values: a value within another has both names.
fn values(element: &Element, way: &mut Vec<&'static str>, columns: &mut Vec<(String, String)>) {
    for attribute in element.attributes {
        let path: String = way.iter().flat_map(|step| [*step, "/"]).collect();
        let name = way.iter().copied().chain([attribute.name]).collect::<Vec<_>>().join("_");
        columns.push((name, format!("{path}@{}", attribute.name)));
    }
    for child in element.children() {
        way.push(child.name);
        if matches!(child.holds, Holds::Value(_)) {
            columns.push((way.join("_"), way.join("/")));
        } else {
            values(child, way, columns);
        }
        way.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_held_against_their_kind() {
        let date_time = Kind::DateTime(2010);
        for (kind, right, wrong) in [
            (Kind::Number(10, 65), &["10", " 65 ", "+21", "014"][..], &["9", "66", "", "1x", "1.0", "+", "--11"][..]),
            (Kind::Length(3, 3), &["511", "åäö"], &["51", "5111"]),
            (Kind::Year(1901), &["1901", "2026Z"], &["1900", "26", "åååå"]),
            (Kind::Boolean, &["true", "0", " 1 "], &["ja", "TRUE", ""]),
            (
                Kind::Date,
                &["2026-11-22", "2026-11-22Z", "2026-11-22+01:00"],
                &["2026-11-31", "20261122", "2026-1-22", "-"],
            ),
            (
                Kind::Time,
                &["08:00:00", "24:00:00", "23:59:59.5+01:00"],
                &["8:00:00", "24:00:01", "24:00:00.1", "08:00", "23:59:60"],
            ),
            (
                date_time,
                &["2010-01-01T00:00:00", "2026-11-22T24:00:00Z"],
                &["2009-12-31T23:59:59", "2026-11-22", "2026-11-22 08:00:00"],
            ),
            (Kind::OneOf(&["a", "b"]), &["a"], &["A", " a"]),
        ] {
            for value in right {
                assert!(kind.takes(value), "{value:?} is {}", kind.wanted());
            }
            for value in wrong {
                assert!(!kind.takes(value), "{value:?} is not {}", kind.wanted());
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_value_is_judged_without_a_panic(value in r"[0-9T:Z+.\-å]{0,26}|.*") {
            for kind in [Kind::Number(1, 2), Kind::Year(1), Kind::Date, Kind::Time, Kind::DateTime(1), Kind::Length(1, 2)] {
                let _ = kind.takes(&value);
            }
        }
    }
}
