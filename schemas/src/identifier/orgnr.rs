//! Organisation numbers (lagen 1974:174): ten digits, Luhn; a sole trader's is a personal number.

use std::borrow::Cow;

use crate::identifier::luhn;
use crate::personnummer::is_birth_date;
use crate::reading::Reading;
use crate::value::typography::{Short, all_digits, is_blank, is_hyphen, trim};

/// Not ten digits in a form that is known.
pub const FELFORMAT: &str = "orgnr_felformat";
/// Ten digits whose check digit is wrong.
pub const LUHN: &str = "orgnr_luhn";

/// Who bears the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A legal person: third digit 2 or higher.
    LegalPerson,
    /// A natural person in business: the number is a personal number or a samordningsnummer, so
    /// it is personal data and is stored as a keyed hash only.
    SoleTrader,
}

/// Reads an organisation number: `2321000016`.
///
/// Hyphen, blanks, the twelve-digit form (16, or a birth century) and the VAT number
/// (`SE232100001601`) are repairs. Fails with `orgnr_felformat` or `orgnr_luhn`.
pub fn read(text: &str) -> Reading<Cow<'_, str>> {
    let bytes = text.as_bytes();
    if bytes.len() == 10 && all_digits(bytes) {
        return match check(bytes) {
            None => Reading::Clean(Cow::Borrowed(text)),
            Some(rule) => Reading::Unreadable(rule),
        };
    }
    let text = trim(text);
    if text.is_empty() {
        return Reading::Empty;
    }
    let Some(digits) = ten_digits(text) else { return Reading::Unreadable(FELFORMAT) };
    match check(digits.bytes()) {
        Some(rule) => Reading::Unreadable(rule),
        None if digits.text() == text => Reading::Repaired(Cow::Borrowed(text)),
        None => Reading::Repaired(Cow::Owned(digits.text().to_owned())),
    }
}

/// Whose number it is; none where `orgnr` is not in canonical form, or is nobody's.
pub fn class(orgnr: &str) -> Option<Class> {
    let bytes = orgnr.as_bytes();
    if bytes.len() != 10 || !all_digits(bytes) {
        return None;
    }
    match bytes.get(2) {
        Some(b'2'..) => Some(Class::LegalPerson),
        _ if is_birth_date(bytes.get(..6)?) => Some(Class::SoleTrader),
        _ => None,
    }
}

/// Whether the number is a person's: [`Class::SoleTrader`].
pub fn is_sole_trader(orgnr: &str) -> bool {
    class(orgnr) == Some(Class::SoleTrader)
}

/// The number in print: `232100-0016`. Anything but ten characters is left as it is.
pub fn display(orgnr: &str) -> Cow<'_, str> {
    match (orgnr.get(..6), orgnr.get(6..)) {
        (Some(head), Some(tail)) if tail.len() == 4 => Cow::Owned(format!("{head}-{tail}")),
        _ => Cow::Borrowed(orgnr),
    }
}

/// What the sender probably meant: the one number of `known` that is a single slip away from
/// `text` (a digit wrong, missing or doubled, or two neighbours swapped). None where several are.
pub fn suggest(text: &str, known: &[&str]) -> Option<String> {
    let mut typed = Short::<14>::new();
    for c in trim(text).chars().filter(|c| !is_hyphen(*c) && !is_blank(*c)) {
        if !typed.push(c) {
            return None;
        }
    }
    let typed = typed.text();
    let typed = if typed.len() == 12 { typed.strip_prefix("16").unwrap_or(typed) } else { typed };
    let mut near = known.iter().filter(|k| k.len().abs_diff(typed.len()) <= 1 && strsim::osa_distance(k, typed) == 1);
    let first = near.next()?;
    near.all(|other| other == first).then(|| (*first).to_owned())
}

/// The rule that ten digits break, if any.
fn check(digits: &[u8]) -> Option<&'static str> {
    let bearer = std::str::from_utf8(digits).ok().and_then(class);
    match bearer {
        None => Some(FELFORMAT),
        Some(_) if !luhn::holds(digits) => Some(LUHN),
        Some(_) => None,
    }
}

/// The ten digits of any notation; none where digits are missing, too many or mixed with letters.
fn ten_digits(text: &str) -> Option<Short<10>> {
    let mut all = Short::<16>::new();
    for c in text.chars() {
        // The plus sign stands between date and number of a person over a hundred.
        let joins = is_blank(c) || is_hyphen(c) || c == '+';
        if !joins && !all.push(c.to_ascii_uppercase()) {
            return None;
        }
    }
    let all = all.text();
    let digits = match all.len() {
        10 => all,
        12 if all.starts_with("SE") => all.get(2..)?,
        12 => {
            let ten = all.get(2..)?;
            match (all.get(..2)?, class(ten)?) {
                ("16", Class::LegalPerson) | ("18" | "19" | "20", Class::SoleTrader) => ten,
                _ => return None,
            }
        }
        14 => all.strip_prefix("SE")?.strip_suffix("01")?,
        _ => return None,
    };
    if !all_digits(digits.as_bytes()) {
        return None;
    }
    let mut ten = Short::new();
    digits.chars().all(|c| ten.push(c)).then_some(ten)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::region::REGIONS;

    fn value(text: &str) -> Reading<String> {
        read(text).map(Cow::into_owned)
    }

    #[test]
    fn every_notation_of_a_region() {
        assert_eq!(value("2321000016"), Reading::Clean("2321000016".into()));
        for form in [
            "232100-0016",
            " 2321000016",
            "232100 0016",
            "232100\u{2013}0016",
            "232100\u{a0}0016",
            "162321000016",
            "16232100-0016",
            "SE232100001601",
            "se 232100-0016 01",
            "SE2321000016",
        ] {
            assert_eq!(value(form), Reading::Repaired("2321000016".into()), "{form}");
        }
        assert_eq!(value("  "), Reading::Empty);
    }

    #[test]
    fn dirt_seen_in_open_data() {
        for typed in ["2331000180", "2220000449", "9950334511", "233100-0180"] {
            assert_eq!(value(typed), Reading::Unreadable(LUHN), "{typed}");
        }
        for foreign in [
            "0145076-7",
            "DK12345678",
            "556036",
            "0000000000",
            "5560360793X",
            "99999999999",
            "192321000016",
            "HRB 1234567",
        ] {
            assert_eq!(value(foreign), Reading::Unreadable(FELFORMAT), "{foreign}");
        }
    }

    #[test]
    fn a_sole_trader_is_a_person() {
        // Test numbers that Skatteverket publishes; the second is a samordningsnummer (day + 60).
        for person in ["8112189876", "7010632391"] {
            assert_eq!(class(person), Some(Class::SoleTrader), "{person}");
            assert!(luhn::holds(person.as_bytes()), "{person}");
        }
        assert_eq!(value("19811218-9876"), Reading::Repaired("8112189876".into()));
        assert_eq!(class("2321000016"), Some(Class::LegalPerson));
        assert_eq!(class("8113329876"), None);
    }

    #[test]
    fn the_nearest_region_is_suggested_when_only_one_is_near() {
        let regions: Vec<&str> = REGIONS.iter().map(|r| r.orgnr).collect();
        assert_eq!(suggest("2331000180", &regions).as_deref(), Some("2321000180"));
        assert_eq!(suggest("233100-0180", &regions).as_deref(), Some("2321000180"));
        assert_eq!(suggest("2312000180", &regions).as_deref(), Some("2321000180"));
        assert_eq!(suggest("23221000180", &regions).as_deref(), Some("2321000180"));
        // 2321000180 without its zero or 2321000198 without its nine.
        assert_eq!(suggest("232100018", &regions), None);
        assert_eq!(suggest("2220000449", &regions), None);
        assert_eq!(suggest("1234567890", &["1234567891", "1234567892"]), None);
        assert_eq!(suggest("2331000180", &[]), None);
    }

    #[test]
    fn a_clean_number_is_borrowed() {
        assert!(matches!(read("2321000016"), Reading::Clean(Cow::Borrowed(_))));
        assert!(matches!(read(" 2321000016 "), Reading::Repaired(Cow::Borrowed("2321000016"))));
        assert_eq!(display("2321000016"), "232100-0016");
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = (value(&text), class(&text), display(&text), suggest(&text, &["2321000016"]));
        }

        #[test]
        fn what_is_read_reads_clean_again(text in "(SE|16|19)?[ ]?[0-9]{6}[-+ ]?[0-9]{4}(01)?") {
            if let Some(number) = read(&text).value() {
                prop_assert!(matches!(read(&number), Reading::Clean(_)));
            }
        }
    }
}
