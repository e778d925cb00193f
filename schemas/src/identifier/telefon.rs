//! Telephone numbers in international form (ITU-T E.164, Swedish numbering plan PTSFS), with an
//! extension as in a `tel` URI (RFC 3966, section 3).

use std::borrow::Cow;

use super::code::as_it_stood;
use crate::reading::Reading;
use crate::value::typography::{Short, all_digits, is_blank, is_hyphen, trim};

/// Not one telephone number that can be called from anywhere.
pub const FELAKTIGT: &str = "felaktigt_telefonnummer";

/// Reads a telephone number: `+46313421000`, with an extension `+46313421000;ext=4711`.
///
/// National form (`031-342 10 00`), `00` for the plus sign, a zero in parentheses, a lost plus
/// sign, blanks, hyphens, points, a label before (`Tel:`, `vx`) and `ankn` are repairs. Short
/// numbers that have no international form stay as they are: `112`, `1177`, `11313`. Fails with
/// `felaktigt_telefonnummer`, also for a local number without its area code and for several
/// numbers in one cell.
pub fn read(text: &str) -> Reading<Cow<'_, str>> {
    let trimmed = trim(text);
    if trimmed.is_empty() || trimmed.chars().all(is_hyphen) {
        return Reading::Empty;
    }
    if is_canonical(trimmed) {
        return as_it_stood(text, trimmed);
    }
    match written(trimmed) {
        Some(number) => Reading::Repaired(Cow::Owned(number)),
        None => Reading::Unreadable(FELAKTIGT),
    }
}

/// Whether `number` is in the form that [`read`] gives.
pub fn is_canonical(number: &str) -> bool {
    let (number, extension) = number.split_once(";ext=").unwrap_or((number, "0"));
    let digits = number.strip_prefix('+');
    all_digits(extension.as_bytes())
        && extension.len() <= 6
        && match digits {
            Some(digits) => is_international(digits),
            None => is_short(number),
        }
}

/// Country code and national number, 8–15 digits in all; in Sweden seven to nine after the code.
fn is_international(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    all_digits(bytes)
        && bytes.first() != Some(&b'0')
        && match digits.strip_prefix("46") {
            Some(national) => is_national(national),
            None => (8..=15).contains(&bytes.len()),
        }
}

/// A Swedish number without its leading zero.
fn is_national(digits: &str) -> bool {
    (7..=9).contains(&digits.len()) && !digits.starts_with('0')
}

/// Numbers that are called as they stand: emergency, care advice, information, police, and the
/// European social numbers (116) and directory services (118).
fn is_short(digits: &str) -> bool {
    matches!(digits, "112" | "1177" | "11313" | "11414")
        || digits.len() == 6
            && all_digits(digits.as_bytes())
            && (digits.starts_with("116") || digits.starts_with("118"))
}

fn written(text: &str) -> Option<String> {
    if text.len() > 80 {
        return None;
    }
    let text = without_label(text)?;
    let (text, extension) = split_extension(text)?;
    let digits = digits(text)?;
    let digits = digits.text();
    let number = if let Some(rest) = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00")) {
        // +46 (0)31 and +46 031: the zero is for calls within the country.
        let rest = rest.strip_prefix("460").map_or_else(|| rest.to_owned(), |national| format!("46{national}"));
        is_international(&rest).then(|| format!("+{rest}"))?
    } else if let Some(national) = digits.strip_prefix('0') {
        is_national(national).then(|| format!("+46{national}"))?
    } else if let Some(national) = digits.strip_prefix("46").filter(|n| n.len() >= 8) {
        // A spreadsheet took +46… for a sum. No Swedish number is that long without its zero.
        is_national(national).then(|| format!("+46{national}"))?
    } else {
        is_short(digits).then(|| digits.to_owned())?
    };
    Some(match extension {
        Some(extension) => format!("{number};ext={extension}"),
        None => number,
    })
}

/// `Tel: 031…` → `031…`. None where the words before the number are not a label.
fn without_label(text: &str) -> Option<&str> {
    const LABELS: [&str; 16] = [
        "tel",
        "telefon",
        "telefonnummer",
        "telnr",
        "tfn",
        "tlf",
        "nr",
        "vx",
        "växel",
        "mobil",
        "mob",
        "mobiltelefon",
        "fax",
        "ring",
        "direkt",
        "telefonnr",
    ];
    let start = text.find(|c: char| c.is_ascii_digit() || matches!(c, '+' | '('))?;
    let (label, number) = text.split_at_checked(start)?;
    let mut words = label.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty());
    let punctuation = label.chars().all(|c| c.is_alphabetic() || is_blank(c) || matches!(c, ':' | '.'));
    (punctuation && words.all(|w| LABELS.contains(&w.to_lowercase().as_str()))).then_some(number)
}

/// The number and what stands after `ankn`.
fn split_extension(text: &str) -> Option<(&str, Option<&str>)> {
    let Some(start) = text.find(|c: char| c.is_alphabetic() || matches!(c, ';' | '#')) else {
        return Some((text, None));
    };
    let (number, tail) = text.split_at_checked(start)?;
    let digits = tail.find(|c: char| c.is_ascii_digit())?;
    let (word, extension) = tail.split_at_checked(digits)?;
    let word = word.trim_matches(|c: char| is_blank(c) || matches!(c, '.' | ':' | ';' | '=' | '#')).to_lowercase();
    let known = matches!(word.as_str(), "" | "ankn" | "anknytning" | "ank" | "ext" | "x" | "anknr");
    let extension = trim(extension);
    (known && all_digits(extension.as_bytes()) && extension.len() <= 6)
        .then_some((number.trim_end_matches(|c: char| is_blank(c) || matches!(c, ',' | '(')), Some(extension)))
}

/// Digits and a leading plus sign; none where anything else than spacing stands between them.
fn digits(text: &str) -> Option<Short<20>> {
    let mut digits = Short::new();
    // 08/123 456 has a slash after the area code; 031-123456/57 is two numbers.
    let slash = text.find('/');
    let area_code =
        slash.and_then(|at| text.get(..at)).map_or(0, |head| head.bytes().filter(u8::is_ascii_digit).count());
    if area_code > 4 || text.matches('/').count() > 1 {
        return None;
    }
    for (at, c) in text.char_indices() {
        let kept = match c {
            '0'..='9' => digits.push(c),
            '+' if digits.bytes().is_empty() => digits.push(c),
            '(' | ')' | '.' | '/' => at > 0 || c == '(',
            c => is_blank(c) || is_hyphen(c),
        };
        if !kept {
            return None;
        }
    }
    Some(digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::identifier::real;

    #[test]
    fn forms_of_one_number() {
        assert!(matches!(read("+46313426801"), Reading::Clean(Cow::Borrowed(_))));
        for typed in [
            "031-342 68 01",
            "031-3426801",
            "031 342 68 01",
            "031/342 68 01",
            "(031) 342 68 01",
            "0313426801",
            "+46 31 342 68 01",
            "+46 (0)31-342 68 01",
            "+46(0)313426801",
            "0046 31 342 68 01",
            "0046313426801",
            "46313426801",
            "+46 031-342 68 01",
            "Tel: 031-342 68 01",
            "vx 031-3426801",
            "tel:+46-31-342-68-01",
            "Telefon 031\u{2013}342\u{a0}68\u{a0}01",
            "031.342.68.01",
            " +46313426801 ",
        ] {
            assert_eq!(read(typed), Reading::Repaired("+46313426801".into()), "{typed}");
        }
    }

    #[test]
    fn extensions_and_short_numbers() {
        for typed in [
            "031-342 10 00 ankn 4711",
            "031-342 10 00, ankn. 4711",
            "031-3421000 anknytning: 4711",
            "+46313421000 ext. 4711",
            "031-3421000 (ankn 4711".trim(),
            "031-3421000 #4711",
        ] {
            assert_eq!(read(typed), Reading::Repaired("+46313421000;ext=4711".into()), "{typed}");
        }
        assert!(matches!(read("+46313421000;ext=4711"), Reading::Clean(_)));
        for short in ["112", "1177", "11313", "11414", "116117", "118118"] {
            assert!(matches!(read(short), Reading::Clean(Cow::Borrowed(_))), "{short}");
        }
        assert_eq!(read("113 13"), Reading::Repaired("11313".into()));
        assert_eq!(read("Ring 1177"), Reading::Repaired("1177".into()));
    }

    #[test]
    fn other_series_and_countries() {
        for (typed, number) in [
            ("08-123 45 67", "+4681234567"),
            ("08-12 34 56", "+468123456"),
            ("070-123 45 67", "+46701234567"),
            ("0498-26 90 00", "+46498269000"),
            ("020-12 34 56", "+4620123456"),
            ("010-103 00 00", "+46101030000"),
            ("+45 33 12 34 56", "+4533123456"),
            ("+358 9 123 456", "+3589123456"),
            ("00 47 22 12 34 56", "+4722123456"),
        ] {
            assert_eq!(read(typed), Reading::Repaired(number.into()), "{typed}");
        }
    }

    #[test]
    fn what_nobody_could_call() {
        for bad in [
            "342 68 01",
            "3426801",
            "031-342 68 01, 031-342 68 02",
            "031-342 68 01 / 02",
            "031-3426801/02",
            "031-342 68 01 eller 1177",
            "313426801",
            "+46",
            "+4631",
            "0",
            "00",
            "031",
            "Anna 031-342 68 01",
            "031-342 68 01 säkrast efter lunch",
            "e-post",
            "+",
            "++46313426801",
            "031+342",
            "1234",
            "031-342 68 01 031-342 68 02",
            "å",
            "saknas",
            "(",
            "031-3421000 ankn",
        ] {
            assert_eq!(read(bad), Reading::Unreadable(FELAKTIGT), "{bad}");
        }
        assert_eq!(read(" "), Reading::Empty);
        assert_eq!(read("-"), Reading::Empty);
    }

    #[test]
    fn every_number_of_goteborgs_units_reads_clean() {
        let Some(xml) = real::text("hsa-vgr/vardcentralerGoteborg.xml") else { return };
        let numbers: Vec<&str> = xml.split(['<', '>']).filter(|t| t.starts_with("+46")).collect();
        assert!(numbers.len() > 100);
        assert_eq!(numbers.iter().filter(|n| !matches!(read(n), Reading::Clean(_))).count(), 0);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*", near in "[0-9+() /.-]{0,24}(ankn|ext|x|#)?[0-9 ]{0,5}") {
            for text in [&text, &near] {
                if let Some(number) = read(text).value() {
                    prop_assert!(is_canonical(&number), "{}", number);
                }
            }
        }
    }
}
