//! Grounds for secrecy, and how long each may last.

use chrono::{Months, NaiveDate};

/// The law and section that secrecy rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ground {
    /// OSL 31:16, at the region: a contract's terms, at most two years from the day it was entered.
    Region,
    /// OSL 25:17 b, at E-hälsomyndigheten: at most twenty years, and no rule of two.
    Agency,
    /// Another section: how long is for a person to say.
    Other,
}

impl Ground {
    /// How people write [`Ground::Region`], in lower case.
    pub(super) const REGION: [&'static str; 3] = ["31:16", "31 kap. 16 §", "31 kap 16 §"];
    /// How people write [`Ground::Agency`], in lower case.
    pub(super) const AGENCY: [&'static str; 6] =
        ["25:17 b", "25:17b", "25 kap. 17 b §", "25 kap 17 b §", "25 kap. 17b §", "25 kap 17b §"];

    /// Reads what people write: `OSL 31:16`, `31 kap. 16 § OSL`, `25:17b`.
    pub fn read(text: &str) -> Self {
        let text = text.to_lowercase();
        let holds = |forms: &[&str]| forms.iter().any(|form| text.contains(form));
        match (holds(&Self::REGION), holds(&Self::AGENCY)) {
            (true, _) => Self::Region,
            (false, true) => Self::Agency,
            (false, false) => Self::Other,
        }
    }

    /// For how many years at most, counted from the day that the contract was entered.
    pub const fn years(self) -> Option<u32> {
        match self {
            Self::Region => Some(2),
            Self::Agency => Some(20),
            Self::Other => None,
        }
    }

    /// The first day on which it can no longer hold for a contract that was entered on `signed`. None
    /// where the day is unknown or the section has no end of its own: then a person decides.
    pub fn ends(self, signed: Option<NaiveDate>) -> Option<NaiveDate> {
        first_open_day(signed?, self.years()?)
    }
}

/// The first day after `years` years from `signed`.
///
/// A time that the law sets in years ends on the day with the same number; where that month has no such
/// day, on its last. The day of the end is still secret: the one after it is open.
pub fn first_open_day(signed: NaiveDate, years: u32) -> Option<NaiveDate> {
    signed.checked_add_months(Months::new(years.checked_mul(12)?))?.succ_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn two_years_end_on_the_day_with_the_same_number() {
        for (signed, open) in [
            ("2024-03-01", "2026-03-02"),
            ("2024-02-29", "2026-03-01"),
            ("2024-02-28", "2026-03-01"),
            ("2022-02-28", "2024-02-29"),
            ("2024-12-31", "2027-01-01"),
        ] {
            assert_eq!(first_open_day(day(signed), 2), Some(day(open)), "{signed}");
        }
        assert_eq!(Ground::Agency.ends(Some(day("2024-02-29"))), Some(day("2044-03-01")));
        assert_eq!(Ground::Region.ends(None), None);
        assert_eq!(first_open_day(NaiveDate::MAX, 2), None);
    }

    #[test]
    fn a_ground_is_known_however_it_is_written() {
        for text in ["OSL 31:16", "31 kap. 16 § OSL", "osl 31:16"] {
            assert_eq!(Ground::read(text), Ground::Region, "{text}");
        }
        for text in ["OSL 25:17 b", "25 kap. 17b §", "25:17B"] {
            assert_eq!(Ground::read(text), Ground::Agency, "{text}");
        }
        for text in ["", "OSL 25:17 a", "OSL 31:17", "19:3", "bilaga 31"] {
            assert_eq!(Ground::read(text), Ground::Other, "{text}");
        }
    }
}
