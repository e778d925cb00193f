//! Looking for digits: the part that every cell goes through, in whole vectors.

#![expect(clippy::needless_bitwise_bool, reason = "a lazy operator would branch at every byte")]

const fn is_digit(byte: u8) -> bool {
    byte.wrapping_sub(b'0') < 10
}

/// Whether there can be digits enough for a number: most cells end here. Digits of other scripts begin
/// with a byte from 0xD8 on, which no letter of Swedish does; entities' and percent codes' digits count
/// as they stand.
pub(super) fn ten_digits(bytes: &[u8]) -> bool {
    if bytes.len() < 10 {
        return false;
    }
    let mut seen = 0_u32;
    for chunk in bytes.chunks(128) {
        seen += u32::from(chunk.iter().fold(0_u8, |n, b| n + u8::from(is_digit(*b) | (*b >= 0xd8))));
        if seen >= 10 {
            return true;
        }
    }
    false
}

/// The place of the next digit at or after `from`.
pub(super) fn next_digit(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    for chunk in bytes.get(from..)?.chunks(32) {
        if chunk.iter().fold(false, |any, b| any | is_digit(*b)) {
            return chunk.iter().position(|b| is_digit(*b)).map(|i| at + i);
        }
        at += chunk.len();
    }
    None
}

/// The end of the run of digits that starts at `start`.
pub(super) fn run_end(bytes: &[u8], start: usize) -> usize {
    start + bytes.get(start..).unwrap_or_default().iter().take_while(|b| is_digit(**b)).count()
}

/// Whether the text has several lines.
pub(super) fn has_lines(bytes: &[u8]) -> bool {
    bytes.chunks(128).any(|chunk| chunk.iter().fold(false, |any, b| any | (*b == b'\n') | (*b == b'\r')))
}

/// The next byte at or after `from` with which another spelling can begin: `%`, `&`, or a character that is
/// no letter of Swedish.
pub(super) fn next_foreign(bytes: &[u8], from: usize) -> Option<usize> {
    let foreign = |b: u8| (b >= 0xc2) & (b != 0xc3) | (b == b'%') | (b == b'&');
    let mut at = from;
    for chunk in bytes.get(from..)?.chunks(64) {
        if chunk.iter().fold(false, |any, b| any | foreign(*b)) {
            return chunk.iter().position(|b| foreign(*b)).map(|i| at + i);
        }
        at += chunk.len();
    }
    None
}
