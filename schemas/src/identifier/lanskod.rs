//! Länskod: from the code systems and names by which files tell regions apart.
//!
//! **Trap:** SKR's region code 51 is länskod 14, and 10, 12, 13, 21, 22, 23 and 24 exist in both
//! systems with different meanings. The system is therefore the caller's to say.

use std::borrow::Cow;

use crate::identifier::orgnr;
use crate::reading::Reading;
use crate::region::{self, Region};
use crate::value::typography::{all_digits, trim};

/// No region of the system asked for.
pub const OKAND: &str = "okand_region";

/// What a column holds that says *region*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LanSystem {
    /// SCB's länskod: `01`–`25`.
    Lanskod,
    /// SKR's region code, as in waiting-time deliveries: `10`–`65`.
    Skr,
    /// NUTS level 3: `SE110`.
    Nuts3,
    /// Kolada's municipality id: `0001`.
    Kolada,
    /// The region's organisation number.
    Orgnr,
    /// A name.
    Namn,
}

/// Reads a region in the system that the caller knows it to be in. Gives the länskod; fails with
/// `okand_region`.
///
/// A leading zero that a spreadsheet ate is put back: within one known system that is no guess.
pub fn read(text: &str, system: LanSystem) -> Reading<Cow<'static, str>> {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return Reading::Empty;
    }
    let digits = all_digits(trimmed.as_bytes());
    let (exact, repaired): (Option<&Region>, Option<&Region>) = match system {
        LanSystem::Lanskod => (
            region::by_lanskod(trimmed),
            (digits && trimmed.len() == 1).then(|| by_padded(trimmed, |r| r.lanskod)).flatten(),
        ),
        LanSystem::Skr => (region::by_skr(trimmed), None),
        LanSystem::Nuts3 => (region::by_nuts3(trimmed).filter(|r| r.nuts3 == trimmed), region::by_nuts3(trimmed)),
        LanSystem::Kolada => (
            region::by_kolada(trimmed),
            (digits && trimmed.len() < 4).then(|| by_padded(trimmed, |r| r.kolada)).flatten(),
        ),
        LanSystem::Orgnr => match orgnr::read(trimmed) {
            Reading::Clean(number) => (region::by_orgnr(&number), None),
            Reading::Repaired(number) => (None, region::by_orgnr(&number)),
            Reading::Empty | Reading::Unreadable(_) => (None, None),
        },
        LanSystem::Namn => (region::by_name(trimmed), None),
    };
    match (exact, repaired) {
        (Some(r), _) if trimmed.len() == text.len() => Reading::Clean(Cow::Borrowed(r.lanskod)),
        (Some(r), _) | (None, Some(r)) => Reading::Repaired(Cow::Borrowed(r.lanskod)),
        (None, None) => Reading::Unreadable(OKAND),
    }
}

/// Reads a region in any form that can mean only one: a name, NUTS 3, Kolada, an organisation
/// number; two digits are a länskod. Gives the länskod; fails with `okand_region`.
///
/// A code and a name in one cell (`14 Västra Götaland`) are read where they agree. One digit is
/// refused: it may as well be a sjukvårdsregion.
pub fn read_any(text: &str) -> Reading<Cow<'static, str>> {
    let trimmed = trim(text);
    let system = match trimmed.as_bytes() {
        [] => return Reading::Empty,
        b if all_digits(b) && b.len() == 2 => LanSystem::Lanskod,
        b if all_digits(b) && b.len() == 4 => LanSystem::Kolada,
        [b'S' | b's', b'E' | b'e', rest @ ..] if rest.len() == 3 && all_digits(rest) => LanSystem::Nuts3,
        b if b.iter().filter(|b| b.is_ascii_digit()).count() >= 10 => LanSystem::Orgnr,
        b if b.iter().any(u8::is_ascii_digit) => return code_and_name(trimmed),
        _ => LanSystem::Namn,
    };
    read(text, system)
}

fn by_padded(digits: &str, code: impl Fn(&Region) -> &'static str) -> Option<&'static Region> {
    let number: u16 = digits.parse().ok()?;
    region::REGIONS.iter().find(|r| code(r).parse() == Ok(number))
}

/// `14 Västra Götaland`, `51 - VGR`, `Region Skåne (12)`: the name decides and the code must agree.
fn code_and_name(text: &str) -> Reading<Cow<'static, str>> {
    let mut codes = text.split(|c: char| !c.is_ascii_digit()).filter(|c| !c.is_empty());
    let (Some(code), None) = (codes.next(), codes.next()) else { return Reading::Unreadable(OKAND) };
    let Some((before, after)) = text.split_once(code) else { return Reading::Unreadable(OKAND) };
    let found = region::by_name(if before.chars().any(char::is_alphabetic) { before } else { after });
    match found {
        Some(r) if [r.lanskod, r.skr, r.kolada].contains(&code) && one_side(before, after) => {
            Reading::Repaired(Cow::Borrowed(r.lanskod))
        }
        _ => Reading::Unreadable(OKAND),
    }
}

fn one_side(before: &str, after: &str) -> bool {
    !(before.chars().any(char::is_alphanumeric) && after.chars().any(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::region::REGIONS;

    #[test]
    fn each_system_reads_its_own() {
        for r in &REGIONS {
            for (text, system) in [
                (r.lanskod, LanSystem::Lanskod),
                (r.skr, LanSystem::Skr),
                (r.nuts3, LanSystem::Nuts3),
                (r.kolada, LanSystem::Kolada),
                (r.orgnr, LanSystem::Orgnr),
                (r.name, LanSystem::Namn),
            ] {
                assert_eq!(read(text, system), Reading::Clean(r.lanskod.into()), "{text}");
                if system != LanSystem::Skr {
                    assert_eq!(read_any(text), Reading::Clean(r.lanskod.into()), "{text}");
                }
            }
        }
    }

    #[test]
    fn the_trap() {
        assert_eq!(read("51", LanSystem::Skr), Reading::Clean("14".into()));
        assert_eq!(read("51", LanSystem::Lanskod), Reading::Unreadable(OKAND));
        assert_eq!(read_any("51"), Reading::Unreadable(OKAND));
        assert_eq!(read("21", LanSystem::Skr), Reading::Clean("05".into()));
        assert_eq!(read("21", LanSystem::Lanskod), Reading::Clean("21".into()));
        assert_eq!(read_any("21"), Reading::Clean("21".into()));
        let both: Vec<_> = REGIONS.iter().filter(|r| region::by_skr(r.lanskod).is_some()).map(|r| r.lanskod).collect();
        assert_eq!(both, ["10", "12", "13", "21", "22", "23", "24"]);
    }

    #[test]
    fn repairs_are_counted_and_guesses_refused() {
        assert_eq!(read("1", LanSystem::Lanskod), Reading::Repaired("01".into()));
        assert_eq!(read("14", LanSystem::Kolada), Reading::Repaired("14".into()));
        assert_eq!(read("se232", LanSystem::Nuts3), Reading::Repaired("14".into()));
        assert_eq!(read("232100-0131", LanSystem::Orgnr), Reading::Repaired("14".into()));
        assert_eq!(read_any("1"), Reading::Unreadable(OKAND));
        assert_eq!(read_any(" 14 "), Reading::Repaired("14".into()));
        assert_eq!(read_any("232100-0131"), Reading::Repaired("14".into()));
        for both in ["14 Västra Götaland", "51 - Västra Götalandsregionen", "Region Västra Götaland (14)"] {
            assert_eq!(read_any(both), Reading::Repaired("14".into()), "{both}");
        }
        for no in ["12 Västra Götaland", "2331000180", "SE23", "1480", "02", "Kalmar kommun", "Region 14 Skåne 12"] {
            assert_eq!(read_any(no), Reading::Unreadable(OKAND), "{no}");
        }
        assert_eq!(read_any("Landstinget i Kalmar län"), Reading::Clean("08".into()));
        assert_eq!(read_any(" "), Reading::Empty);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = read_any(&text);
            for system in [LanSystem::Lanskod, LanSystem::Skr, LanSystem::Nuts3, LanSystem::Kolada, LanSystem::Orgnr, LanSystem::Namn] {
                let _ = read(&text, system);
            }
        }
    }
}
