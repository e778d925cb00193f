//! What replaced what, and when: merges, takeovers and new ids, followed forwards and backwards.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::Kind;

/// One row of `relation` that says that one took over from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replaced {
    /// Units or organisations.
    pub kind: Kind,
    /// What was replaced.
    pub old: String,
    /// What replaced it.
    pub new: String,
    /// The first day of it; none: always.
    pub from: Option<NaiveDate>,
    /// The first day on which it no longer is so.
    pub till: Option<NaiveDate>,
}

impl Replaced {
    fn holds(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.till.is_none_or(|till| day < till)
    }
}

/// Where a chain of successions leads on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Led {
    /// Nowhere: nothing had replaced it.
    Stayed,
    /// To this one.
    To(String),
    /// To several: it was divided.
    Divided(Vec<String>),
}

/// All successions.
#[derive(Clone, Debug, Default)]
pub struct Successions {
    by_old: BTreeMap<(Kind, String), Vec<Replaced>>,
    by_new: BTreeMap<(Kind, String), Vec<Replaced>>,
}

impl Successions {
    /// Of these rows, in whatever order.
    pub fn new(mut rows: Vec<Replaced>) -> Self {
        rows.sort();
        rows.dedup();
        let mut all = Self::default();
        for row in rows.into_iter().filter(|row| row.old != row.new) {
            all.by_new.entry((row.kind, row.new.clone())).or_default().push(row.clone());
            all.by_old.entry((row.kind, row.old.clone())).or_default().push(row);
        }
        all
    }

    /// What had replaced it by that day, through every link. A chain that leads back to where it has been
    /// says nothing.
    pub fn forward(&self, kind: Kind, id: &str, day: NaiveDate) -> Led {
        let mut seen = BTreeSet::from([id.to_owned()]);
        let mut at = id.to_owned();
        loop {
            let rows = self.by_old.get(&(kind, at.clone())).map_or(&[][..], Vec::as_slice);
            let next: BTreeSet<&String> = rows.iter().filter(|row| row.holds(day)).map(|row| &row.new).collect();
            let mut next = next.into_iter();
            match (next.next(), next.next()) {
                (None, _) if at == id => return Led::Stayed,
                (None, _) => return Led::To(at),
                (Some(one), None) => {
                    if !seen.insert(one.clone()) {
                        return Led::Stayed;
                    }
                    at.clone_from(one);
                }
                (Some(one), Some(other)) => {
                    return Led::Divided([one, other].into_iter().chain(next).cloned().collect());
                }
            }
        }
    }

    /// Everything that it has ever replaced, through every link: the names and places of those are its
    /// earlier ones.
    pub fn before(&self, kind: Kind, id: &str) -> Vec<String> {
        let (mut seen, mut open) = (BTreeSet::from([id.to_owned()]), vec![id.to_owned()]);
        while let Some(at) = open.pop() {
            for row in self.by_new.get(&(kind, at)).into_iter().flatten() {
                if seen.insert(row.old.clone()) {
                    open.push(row.old.clone());
                }
            }
        }
        seen.remove(id);
        seen.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn row(old: &str, new: &str, from: &str) -> Replaced {
        Replaced { kind: Kind::Unit, old: old.into(), new: new.into(), from: from.parse().ok(), till: None }
    }

    #[test]
    fn chains_are_followed_to_the_day_and_no_further() {
        let all = Successions::new(vec![row("a", "b", "2020-01-01"), row("b", "c", "2024-01-01"), row("x", "c", "")]);
        let led = |id, on| all.forward(Kind::Unit, id, day(on));
        assert_eq!(led("a", "2019-12-31"), Led::Stayed);
        assert_eq!(led("a", "2020-01-01"), Led::To("b".into()));
        assert_eq!(led("a", "2024-01-01"), Led::To("c".into()));
        assert_eq!(led("x", "1999-01-01"), Led::To("c".into()));
        assert_eq!(led("c", "2030-01-01"), Led::Stayed);
        assert_eq!(all.forward(Kind::Organisation, "a", day("2024-01-01")), Led::Stayed);
        assert_eq!(all.before(Kind::Unit, "c"), ["a", "b", "x"]);
    }

    #[test]
    fn a_circle_leads_nowhere_and_what_was_divided_says_so() {
        let all = Successions::new(vec![
            row("a", "b", ""),
            row("b", "a", ""),
            row("d", "e", ""),
            row("d", "f", "2024-01-01"),
        ]);
        assert_eq!(all.forward(Kind::Unit, "a", day("2024-01-01")), Led::Stayed);
        assert_eq!(all.forward(Kind::Unit, "d", day("2023-01-01")), Led::To("e".into()));
        assert_eq!(all.forward(Kind::Unit, "d", day("2024-01-01")), Led::Divided(vec!["e".into(), "f".into()]));
        assert_eq!(all.before(Kind::Unit, "a"), ["b"]);
    }
}
