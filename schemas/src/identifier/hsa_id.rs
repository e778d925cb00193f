//! HSA-ids: `SE`, an organisation number, a hyphen and a suffix (Inera, *HSA-id*, at most 31
//! characters). Test and pseudo ids are classes of their own: never published as units.

use std::borrow::Cow;

use super::{code::as_it_stood, luhn, orgnr};
use crate::reading::Reading;
use crate::value::typography::{all_digits, is_blank, is_hyphen, trim};

/// Not an HSA-id.
pub const FELFORMAT: &str = "hsa_felformat";
/// The organisation number in it fails its check digit.
pub const LUHN: &str = "hsa_luhn";
/// An id of a test environment.
pub const TEST: &str = "hsa_test";
/// An id that stands for nobody.
pub const PSEUDO: &str = "hsa_pseudo";

/// Prefixes that test environments use instead of `SE`.
const TEST_PREFIXES: [&str; 4] = ["TSTNMT", "TST", "TEST", "IFV"];

/// What kind of id a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Has the form of a real unit's or person's id.
    Real,
    /// Belongs to a test environment (`TSTNMT2321000156-ALFA`).
    Test,
    /// Its organisation number is all zeros (`SE0000000000-OPT001`): a stand-in for a referrer
    /// without an id.
    Pseudo,
    /// Not an HSA-id.
    NotHsaId,
}

/// What a table allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HsaOptions {
    /// Fold to upper case, as a repair. Nationally the string is kept as it is written.
    pub fold_case: bool,
    /// Shortest and longest suffix.
    pub suffix: (u8, u8),
    /// Take ids of test environments for HSA-ids (of class [`Class::Test`]).
    pub test_ids: bool,
}

impl Default for HsaOptions {
    /// The national rule: as written, suffix 1–18, test ids recognised.
    fn default() -> Self {
        Self { fold_case: false, suffix: (1, 18), test_ids: true }
    }
}

/// Reads an HSA-id. Blanks at the ends, a typographic hyphen, a prefix in lower case and (where folded)
/// lower case throughout are repairs; fails with `hsa_felformat`. So does a blank inside: it is most
/// often two cells in one, and [`meant`] tells what the id may have been.
///
/// Test and pseudo ids are read too: [`class`] tells them apart, and the rules `hsa_test` and
/// `hsa_pseudo` judge them. The check digit is judged by [`luhn_holds`] (rule `hsa_luhn`).
pub fn read<'a>(text: &'a str, options: &HsaOptions) -> Reading<Cow<'a, str>> {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return Reading::Empty;
    }
    let fits = |id: &str| match class_within(id, options.suffix) {
        Class::NotHsaId => false,
        Class::Test => options.test_ids,
        Class::Real | Class::Pseudo => true,
    };
    let lower = trimmed.bytes().any(|b| b.is_ascii_lowercase());
    if fits(trimmed) && !(lower && options.fold_case) {
        return as_it_stood(text, trimmed);
    }
    // Longer than any id with wide hyphens in it: no use in repairing.
    if trimmed.len() > 64 || trimmed.contains(is_blank) {
        return Reading::Unreadable(FELFORMAT);
    }
    let mut id: String = trimmed.chars().map(|c| if is_hyphen(c) { '-' } else { c }).collect();
    if options.fold_case {
        id.make_ascii_uppercase();
    } else if let Some((prefix, _)) = id.split_once('-') {
        // The prefix has one spelling only; the suffix is its owner's and is left alone.
        let length = prefix.len();
        if let Some(prefix) = id.get_mut(..length) {
            prefix.make_ascii_uppercase();
        }
    }
    if fits(&id) { Reading::Repaired(Cow::Owned(id)) } else { Reading::Unreadable(FELFORMAT) }
}

/// The id that a text with blanks inside may have been: a suggestion, never a repair.
pub fn meant(text: &str, options: &HsaOptions) -> Option<String> {
    let joined: String = trim(text).chars().take(64).filter(|c| !is_blank(*c)).collect();
    read(&joined, options).value().map(Cow::into_owned)
}

/// The class of an id in canonical form, under the national suffix length.
pub fn class(id: &str) -> Class {
    class_within(id, (1, 18))
}

/// The class of an id in canonical form, with a suffix of `shortest..=longest` characters.
pub fn class_within(id: &str, (shortest, longest): (u8, u8)) -> Class {
    let Some((prefix, suffix)) = split(id) else { return Class::NotHsaId };
    let digits = organisation(id).unwrap_or_default();
    if !(usize::from(shortest)..=usize::from(longest)).contains(&suffix.len()) || id.len() > 40 {
        Class::NotHsaId
    } else if prefix != "SE" {
        Class::Test
    } else if id.len() > 31 {
        Class::NotHsaId
    } else if digits.bytes().all(|b| b == b'0') {
        Class::Pseudo
    } else {
        Class::Real
    }
}

/// The rule that the id's class breaks: `hsa_felformat`, `hsa_test`, `hsa_pseudo` or none.
pub fn class_rule(id: &str) -> Option<&'static str> {
    match class(id) {
        Class::Real => None,
        Class::Test => Some(TEST),
        Class::Pseudo => Some(PSEUDO),
        Class::NotHsaId => Some(FELFORMAT),
    }
}

/// The ten digits between prefix and hyphen: an organisation number, of whatever truth.
pub fn organisation(id: &str) -> Option<&str> {
    let (prefix, _) = split(id)?;
    id.get(prefix.len()..prefix.len() + 10)
}

/// Whether the organisation number in the id passes Luhn. Nationally a failure is a warning.
pub fn luhn_holds(id: &str) -> bool {
    organisation(id).is_some_and(|digits| luhn::holds(digits.as_bytes()))
}

/// Whether the organisation number in the id is a person's: a sole trader's unit. Personal data.
pub fn has_personal_number(id: &str) -> bool {
    organisation(id).is_some_and(|digits| orgnr::is_sole_trader(digits) && luhn::holds(digits.as_bytes()))
}

/// Prefix (`SE` or a test prefix) and suffix of a text that has the form of an id.
fn split(id: &str) -> Option<(&str, &str)> {
    let (head, suffix) = id.split_once('-')?;
    if suffix.is_empty() || !suffix.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let prefix = head.get(..head.len().checked_sub(10)?)?;
    let known = prefix == "SE" || TEST_PREFIXES.contains(&prefix);
    (known && all_digits(head.as_bytes().get(prefix.len()..)?)).then_some((prefix, suffix))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::identifier::real;

    const BENCH: HsaOptions = HsaOptions { fold_case: true, suffix: (4, 8), test_ids: false };

    fn national(text: &str) -> Reading<Cow<'_, str>> {
        read(text, &HsaOptions::default())
    }

    #[test]
    fn classes() {
        for (id, is) in [
            ("SE2321000131-E000000007303", Class::Real),
            ("SE2321000016-3Q41", Class::Real),
            ("SE2321000016-a", Class::Real),
            ("SE2321000131-E00000000730312345", Class::Real),
            ("TSTNMT2321000156-ALFA", Class::Test),
            ("IFV1239877878-1043", Class::Test),
            ("SE0000000000-OPT001", Class::Pseudo),
            ("SE2321000131-E0000000073031234567", Class::NotHsaId),
            ("SE162321000255-O19774", Class::NotHsaId),
            ("SE2321000131", Class::NotHsaId),
            ("SE2321000131-", Class::NotHsaId),
            ("SE2321000131-E-1", Class::NotHsaId),
            ("SE2321000131-Å1", Class::NotHsaId),
            ("NO2321000131-E1", Class::NotHsaId),
            ("EJHSA", Class::NotHsaId),
            ("ifv-testdata", Class::NotHsaId),
            ("", Class::NotHsaId),
        ] {
            assert_eq!(class(id), is, "{id}");
        }
    }

    #[test]
    fn the_string_is_kept_as_written_unless_the_table_folds() {
        assert_eq!(national("SE2321000131-e000000007303"), Reading::Clean("SE2321000131-e000000007303".into()));
        assert_eq!(national("se2321000131-e1"), Reading::Repaired("SE2321000131-e1".into()));
        assert_eq!(national(" SE2321000131-E1"), Reading::Repaired("SE2321000131-E1".into()));
        assert_eq!(national("SE2321000131\u{2013}E1"), Reading::Repaired("SE2321000131-E1".into()));
        for two_in_one in ["SE2321000131- E1", "SE2321000131 -E1", "SE2321000131\u{a0}-E1", "SE2321000131-E1 A"] {
            assert_eq!(national(two_in_one), Reading::Unreadable(FELFORMAT), "{two_in_one}");
        }
        assert_eq!(meant(" SE2321000131 - E1", &HsaOptions::default()).as_deref(), Some("SE2321000131-E1"));
        assert_eq!(meant("SE2321000131 och E1", &HsaOptions::default()), None);
        assert_eq!(read("se2321000131-e123", &BENCH), Reading::Repaired("SE2321000131-E123".into()));
        assert_eq!(read("SE2321000131-E123", &BENCH), Reading::Clean("SE2321000131-E123".into()));
        for bad in ["SE2321000131-E12", "SE2321000131-E12345678", "TSTNMT2321000156-ALFA", "SE232100013-E1234"] {
            assert_eq!(read(bad, &BENCH), Reading::Unreadable(FELFORMAT), "{bad}");
        }
        assert_eq!(national(""), Reading::Empty);
    }

    #[test]
    fn the_prefix_is_checked_apart_from_the_form() {
        assert!(luhn_holds("SE2321000131-E000000007303"));
        assert!(luhn_holds("TSTNMT2321000156-ALFA"));
        assert!(!luhn_holds("SE0000000001-1234"));
        assert!(has_personal_number("SE8112189876-1001"));
        assert!(!has_personal_number("SE2321000131-E1"));
        assert!(!has_personal_number("SE0000000000-OPT001"));
        assert_eq!(organisation("TSTNMT2321000156-ALFA"), Some("2321000156"));
        assert_eq!(class_rule("SE0000000000-OPT001"), Some(PSEUDO));
    }

    /// Every value under a key `id`, at any depth.
    fn ids(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    match member {
                        Value::String(id) if key == "id" => out.push(id.clone()),
                        other => ids(other, out),
                    }
                }
            }
            Value::Array(members) => members.iter().for_each(|m| ids(m, out)),
            _ => {}
        }
    }

    #[test]
    fn the_fictitious_units_fall_in_their_classes() {
        let Some(folder) = real::folder("hsa-inera-fake") else { return };
        let mut all = Vec::new();
        for file in
            std::fs::read_dir(folder).unwrap().flatten().filter(|f| f.path().extension().is_some_and(|e| e == "json"))
        {
            ids(&serde_json::from_slice(&std::fs::read(file.path()).unwrap()).unwrap(), &mut all);
        }
        let mut count = BTreeMap::new();
        for id in &all {
            *count.entry(class(id)).or_insert(0) += 1;
        }
        assert_eq!(all.len(), 154);
        assert_eq!(count, BTreeMap::from([(Class::Real, 5), (Class::Test, 65), (Class::NotHsaId, 84)]));
    }

    #[test]
    fn every_unit_of_goteborg_has_a_real_id() {
        let Some(xml) = real::text("hsa-vgr/vardcentralerGoteborg.xml") else { return };
        let ids: BTreeSet<&str> =
            xml.split(['<', '>']).filter(|t| t.starts_with("SE232100") && t.contains('-')).collect();
        assert_eq!(ids.len(), 51);
        for id in ids {
            assert!(matches!(national(id), Reading::Clean(Cow::Borrowed(_))), "{id}");
            assert!(class(id) == Class::Real && luhn_holds(id) && !has_personal_number(id), "{id}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = (national(&text), read(&text, &BENCH), class(&text), has_personal_number(&text));
        }

        #[test]
        fn what_is_read_reads_clean_again(text in "(SE|se|TSTNMT|IFV) ?[0-9]{10} ?[-–] ?[A-Za-z0-9]{1,19}") {
            if let Some(id) = national(&text).value() {
                prop_assert!(matches!(national(&id), Reading::Clean(_)));
            }
        }
    }
}
