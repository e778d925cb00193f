//! SNOMED CT identifiers: 6–18 digits with a Verhoeff check digit and a partition that tells what
//! they identify (SNOMED International, *Technical Implementation Guide*, 6 SNOMED CT Identifiers).

use std::borrow::Cow;

use super::code::as_it_stood;
use crate::reading::Reading;
use crate::value::typography::{all_digits, trim};

/// Not 6–18 digits, or a partition that there is not.
pub const FELFORMAT: &str = "sctid_felformat";
/// The check digit is wrong.
pub const KONTROLLSIFFRA: &str = "sctid_kontrollsiffra";

/// What an identifier identifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// A concept: the only kind that codes anything in a register.
    Concept,
    /// A term.
    Description,
    /// A link between concepts.
    Relationship,
}

/// Reads a concept's identifier. Blanks at the ends and a term behind it (`73211009 |Diabetes
/// mellitus|`, as in compositional grammar) are repairs; fails with `sctid_felformat`, also for a
/// description or relationship, or with `sctid_kontrollsiffra`.
pub fn read(text: &str) -> Reading<Cow<'_, str>> {
    match read_component(text) {
        Reading::Clean(id) | Reading::Repaired(id) if component(&id) != Some(Component::Concept) => {
            Reading::Unreadable(FELFORMAT)
        }
        other => other,
    }
}

/// Reads an identifier of any component.
pub fn read_component(text: &str) -> Reading<Cow<'_, str>> {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return Reading::Empty;
    }
    let id = match trimmed.split_once('|') {
        Some((id, term)) if term.ends_with('|') && term.matches('|').count() == 1 => trim(id),
        _ => trimmed,
    };
    if component(id).is_none() {
        Reading::Unreadable(FELFORMAT)
    } else if !verhoeff_holds(id.as_bytes()) {
        Reading::Unreadable(KONTROLLSIFFRA)
    } else {
        as_it_stood(text, id)
    }
}

/// What `id` identifies by its partition (the third and second digit from the end); none where it
/// has not the form of an identifier. The check digit is not looked at.
pub fn component(id: &str) -> Option<Component> {
    let bytes = id.as_bytes();
    if !(6..=18).contains(&bytes.len()) || !all_digits(bytes) || bytes.first() == Some(&b'0') {
        return None;
    }
    let [extension, kind, _] = bytes.get(bytes.len() - 3..)? else { return None };
    // An extension's identifier carries its seven-digit namespace.
    match extension {
        b'0' => {}
        b'1' if bytes.len() >= 11 => {}
        _ => return None,
    }
    match kind {
        b'0' => Some(Component::Concept),
        b'1' => Some(Component::Description),
        b'2' => Some(Component::Relationship),
        _ => None,
    }
}

/// Whether `digits` (ASCII) end in their Verhoeff check digit.
pub fn verhoeff_holds(digits: &[u8]) -> bool {
    /// The dihedral group of order ten.
    const PRODUCT: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    /// The permutation of each place, counted from the end.
    const PLACE: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    let sum = digits.iter().rev().zip(PLACE.iter().cycle()).try_fold(0_u8, |sum, (byte, place)| {
        let digit = place.get(usize::from(byte.wrapping_sub(b'0')))?;
        PRODUCT.get(usize::from(sum))?.get(usize::from(*digit)).copied()
    });
    !digits.is_empty() && sum == Some(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identifier::real;

    #[test]
    fn published_concepts() {
        for good in [
            "73211009",
            "404684003",
            "138875005",
            "900000000000207008",
            "45991000052106",
            "424144002",
            "184100006",
            "60621009",
            "302132005",
        ] {
            assert!(matches!(read(good), Reading::Clean(Cow::Borrowed(_))), "{good}");
        }
        assert_eq!(read("73211009 |Diabetes mellitus|"), Reading::Repaired("73211009".into()));
        assert_eq!(read(" 73211009\u{a0}"), Reading::Repaired("73211009".into()));
        for typed in ["73211008", "73221009", "37211009"] {
            assert_eq!(read(typed), Reading::Unreadable(KONTROLLSIFFRA), "{typed}");
        }
        for bad in [
            "12345",
            "073211009",
            "1234567890123456789",
            "73211039",
            "73211209",
            "4,5991E+13",
            "73211009 73211009",
            "Å73211009",
            "73211009|x",
        ] {
            assert_eq!(read(bad), Reading::Unreadable(FELFORMAT), "{bad}");
        }
        assert_eq!(read(""), Reading::Empty);
    }

    #[test]
    fn descriptions_and_relationships_are_not_concepts() {
        assert_eq!(component("680946014"), Some(Component::Description));
        assert!(matches!(read_component("680946014"), Reading::Clean(_)));
        assert_eq!(read("680946014"), Reading::Unreadable(FELFORMAT));
    }

    #[test]
    fn every_concept_of_a_release_reads_clean() {
        let Some(release) =
            real::text("snomed-rf2-mini/Base_snapshot__Snapshot__Terminology__sct2_Concept_Snapshot_INT_20180731.txt")
        else {
            return;
        };
        let ids: Vec<&str> = release
            .lines()
            .filter(|l| l.starts_with(|c: char| c.is_ascii_digit()))
            .filter_map(|l| l.split('\t').next())
            .collect();
        assert_eq!(ids.len(), 12);
        for id in ids {
            assert!(matches!(read(id), Reading::Clean(_)), "{id}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = (read(&text), read_component(&text), verhoeff_holds(text.as_bytes()));
        }

        #[test]
        fn one_wrong_digit_is_always_found(at in 0_usize..18, digit in 0_u8..10) {
            let mut id = *b"900000000000207008";
            let before = id[at];
            id[at] = b'0' + digit;
            prop_assert_eq!(verhoeff_holds(&id), id[at] == before);
        }
    }
}
