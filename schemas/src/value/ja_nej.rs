//! Yes and no, as regions write it.

use crate::reading::Reading;
use crate::value::typography::trim;

/// Neither yes nor no.
pub const FELAKTIGT: &str = "felaktigt_ja_nej";

/// Reads yes or no, in any case: *ja, j, sant, true, t, yes, y, x, 1* and *nej, n, falskt, false,
/// f, no, 0*. Blanks at the ends are a repair; fails with `felaktigt_ja_nej`.
///
/// `2` is refused: in waiting-time deliveries it means no ([`vardgaranti`]), elsewhere nothing.
pub fn read(text: &str) -> Reading<bool> {
    judge(text, |word| match word {
        b"1" | b"x" => Some(true),
        b"0" => Some(false),
        _ => None,
    })
}

/// Reads the care guarantee of a waiting-time delivery (RIV-TA `tillgangligVardSpeci` 1.0, type
/// `JaNej`): as [`read`], but 1 is yes and 2 is no. Fails with `felaktigt_ja_nej`.
pub fn vardgaranti(text: &str) -> Reading<bool> {
    judge(text, |word| match word {
        b"1" => Some(true),
        b"2" => Some(false),
        _ => None,
    })
}

fn judge(text: &str, code: impl Fn(&[u8]) -> Option<bool>) -> Reading<bool> {
    let trimmed = trim(text);
    if trimmed.is_empty() {
        return Reading::Empty;
    }
    let mut word = [0_u8; 6];
    let Some(word) = word.get_mut(..trimmed.len()) else { return Reading::Unreadable(FELAKTIGT) };
    word.copy_from_slice(trimmed.as_bytes());
    word.make_ascii_lowercase();
    let answer = match &*word {
        b"ja" | b"j" | b"sant" | b"true" | b"t" | b"yes" | b"y" => Some(true),
        b"nej" | b"n" | b"falskt" | b"false" | b"f" | b"no" => Some(false),
        other => code(other),
    };
    match answer {
        None => Reading::Unreadable(FELAKTIGT),
        Some(answer) if trimmed.len() == text.len() => Reading::Clean(answer),
        Some(answer) => Reading::Repaired(answer),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings() {
        for yes in ["ja", "Ja", "JA", "j", "J", "1", "true", "TRUE", "sant", "x", "X", "Yes"] {
            assert_eq!(read(yes), Reading::Clean(true), "{yes}");
        }
        for no in ["nej", "NEJ", "n", "0", "false", "falskt", "FALSKT"] {
            assert_eq!(read(no), Reading::Clean(false), "{no}");
        }
        assert_eq!(read(" ja\u{a0}"), Reading::Repaired(true));
        assert_eq!(read(" "), Reading::Empty);
        for neither in ["2", "kanske", "jaha", "ja/nej", "-", "å", "JANEJJA"] {
            assert_eq!(read(neither), Reading::Unreadable(FELAKTIGT), "{neither}");
        }
    }

    #[test]
    fn the_care_guarantee_has_its_own_digits() {
        // Every spelling of the XSD's pattern.
        for (text, yes) in ["1", "j", "J", "ja", "Ja", "JA", "t", "T", "true", "True", "TRUE"]
            .map(|t| (t, true))
            .into_iter()
            .chain(["2", "n", "N", "nej", "Nej", "NEJ", "f", "F", "false", "False", "FALSE"].map(|t| (t, false)))
        {
            assert_eq!(vardgaranti(text), Reading::Clean(yes), "{text}");
        }
        assert_eq!(vardgaranti("0"), Reading::Unreadable(FELAKTIGT));
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*") {
            let _ = (read(&text), vardgaranti(&text));
        }
    }
}
