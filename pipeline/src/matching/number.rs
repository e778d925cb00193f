//! Numbers and ids one slip away: a digit wrong, or two neighbours swapped.

use sluss_schemas::identifier::{luhn, orgnr};

/// The organisation numbers that a slip could have made `text` of: one digit or two neighbours, with a right
/// check digit. A person's number is never among them.
pub fn neighbours(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || !bytes.iter().all(u8::is_ascii_digit) {
        return Vec::new();
    }
    let mut found: Vec<String> = slips(text, 0, 10).filter(|n| is_legal_person(n)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether it is a legal person's number with a right check digit.
pub fn is_legal_person(number: &str) -> bool {
    luhn::holds(number.as_bytes()) && orgnr::class(number) == Some(orgnr::Class::LegalPerson)
}

/// The ids that a slip could have made an HSA-id of: a digit, or two neighbours.
pub fn id_neighbours(id: &str) -> Vec<String> {
    let mut found: Vec<String> = slips(id, 2, id.len()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The organisation number that an HSA-id begins with.
pub fn prefix(id: &str) -> Option<&str> {
    let (head, _) = id.split_once('-')?;
    head.get(2..).filter(|digits| digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// Every text that differs from `text` within these places by one digit or by two swapped neighbours.
fn slips(text: &str, from: usize, till: usize) -> impl Iterator<Item = String> {
    let bytes = text.as_bytes().to_vec();
    let swapped = bytes.clone();
    let changed = (from..till).filter(|at| bytes.get(*at).is_some_and(u8::is_ascii_digit)).collect::<Vec<_>>();
    let changed = changed.into_iter().flat_map(move |at| {
        let bytes = bytes.clone();
        (b'0'..=b'9').filter_map(move |digit| {
            let mut other = bytes.clone();
            let place = other.get_mut(at).filter(|place| **place != digit)?;
            *place = digit;
            String::from_utf8(other).ok()
        })
    });
    let swaps = (from..till.saturating_sub(1)).filter_map(move |at| {
        let mut other = swapped.clone();
        let (one, next) = (*other.get(at)?, *other.get(at + 1)?);
        if one == next || one == b'-' || next == b'-' {
            return None;
        }
        *other.get_mut(at)? = next;
        *other.get_mut(at + 1)? = one;
        String::from_utf8(other).ok()
    });
    changed.chain(swaps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_found_again_and_no_person_is() {
        assert!(neighbours("2331000180").contains(&"2321000180".to_owned()));
        assert!(neighbours("2312000180").contains(&"2321000180".to_owned()));
        assert!(neighbours("23210001").is_empty());
        for number in ["8112189876", "8122189876", "2331000180"] {
            assert!(neighbours(number).iter().all(|n| is_legal_person(n)), "{number}");
        }
        assert!(id_neighbours("SE5999009052-EX0001").contains(&"SE5999009052-EX0010".to_owned()));
        assert!(id_neighbours("SE5999009052-EX0001").contains(&"SE5999009052-EX0003".to_owned()));
        assert_eq!(prefix("SE5999009052-EX0001"), Some("5999009052"));
        assert_eq!(prefix("TSTNMT2321000156-ALFA"), None);
    }
}
