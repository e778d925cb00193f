//! Figures as people read them: `1 234`, `84,3 %`.

use sluss_schemas::rule::Language;

/// Keeps a figure on one line.
pub(super) const NO_BREAK: char = '\u{a0}';

/// A count with its thousands apart.
pub(super) fn count(n: u64, language: Language) -> String {
    let separator = match language {
        Language::Swedish => NO_BREAK,
        Language::English => ',',
    };
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 * 2);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// A part as a percentage with one decimal, rounded half up. What is not all never shows as 100, and
/// what is something never as 0. Empty where there is no whole.
pub(super) fn share(part: u64, whole: u64, language: Language) -> String {
    if whole == 0 {
        return String::new();
    }
    let (part, whole) = (u128::from(part), u128::from(whole));
    let mut tenths = (part * 2000 + whole) / (whole * 2);
    if part < whole {
        tenths = tenths.min(999);
    }
    if part > 0 {
        tenths = tenths.max(1);
    }
    match language {
        Language::Swedish => format!("{},{}{NO_BREAK}%", tenths / 10, tenths % 10),
        Language::English => format!("{}.{}%", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        let sv = |n| count(n, Language::Swedish).replace(NO_BREAK, "_");
        assert_eq!([sv(0), sv(999), sv(1000), sv(1_234_567)], ["0", "999", "1_000", "1_234_567"]);
        assert_eq!(count(u64::MAX, Language::English), "18,446,744,073,709,551,615");
    }

    #[test]
    fn shares_round_and_do_not_flatter() {
        let sv = |part, whole| share(part, whole, Language::Swedish).replace(NO_BREAK, "_");
        assert_eq!(sv(843, 1000), "84,3_%");
        assert_eq!([sv(1, 1_000_000), sv(999_999, 1_000_000)], ["0,1_%", "99,9_%"]);
        assert_eq!([sv(0, 7), sv(7, 7), sv(0, 0)], ["0,0_%", "100,0_%", ""]);
        assert_eq!(share(1, 3, Language::English), "33.3%");
        assert_eq!(sv(u64::MAX, u64::MAX), "100,0_%");
    }
}
