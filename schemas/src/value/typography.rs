//! Blanks and hyphens as people, Excel and word processors write them.

/// Whether `c` shows as nothing: every Unicode white space, and the zero-width characters that
/// come along when text is copied from web pages and PDF files.
pub const fn is_blank(c: char) -> bool {
    matches!(c,
        ' ' | '\t'..='\r' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200d}' | '\u{2028}' | '\u{2029}'
        | '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{3000}' | '\u{feff}')
}

/// Whether `c` is a hyphen, a dash or a minus sign, whatever its width.
pub const fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

/// `text` without blanks at its ends.
pub fn trim(text: &str) -> &str {
    // Nearly every cell begins and ends with a visible ASCII character.
    let bytes = text.as_bytes();
    if matches!((bytes.first(), bytes.last()), (Some(b'!'..=b'~'), Some(b'!'..=b'~'))) {
        return text;
    }
    text.trim_matches(is_blank)
}

/// Whether every byte is an ASCII digit. An empty slice is not a number.
pub(crate) fn all_digits(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit)
}

/// Up to `N` ASCII characters on the stack: what is left of a cell when blanks and hyphens are out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Short<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Short<N> {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; N], len: 0 }
    }

    /// Appends an ASCII character; false where there is no room left or `c` is not ASCII.
    pub(crate) fn push(&mut self, c: char) -> bool {
        match (u8::try_from(c), self.bytes.get_mut(self.len)) {
            (Ok(byte), Some(place)) if byte.is_ascii() => {
                *place = byte;
                self.len += 1;
                true
            }
            _ => false,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(self.bytes()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_of_every_origin_are_trimmed() {
        assert_eq!(trim("\u{feff} \u{a0}CJE20\u{2009}\r\n"), "CJE20");
        assert_eq!(trim("å"), "å");
        assert_eq!(trim(" \u{200b}"), "");
        assert_eq!(trim("a b"), "a b");
    }

    #[test]
    fn short_text_refuses_what_does_not_fit() {
        let mut short = Short::<2>::new();
        assert!(short.push('1') && !short.push('å') && short.push('2') && !short.push('3'));
        assert_eq!(short.text(), "12");
    }
}
