//! Bytes as text: hexadecimal and base64.

use std::fmt::Write;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = (nibble(*high)? << 4) | nibble(*low)?;
    }
    Some(out)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

/// A 32-byte key written in either way. 64 characters can only be hexadecimal: base64 has 43 or 44.
pub(crate) fn key(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    if let Some(key) = from_hex(text) {
        return Some(Zeroizing::new(key));
    }
    let bytes = Zeroizing::new(from_base64(text)?);
    let mut key = Zeroizing::new([0; 32]);
    if bytes.len() != key.len() {
        return None;
    }
    key.copy_from_slice(&bytes);
    Some(key)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_notations_give_the_key_back(bytes: [u8; 32]) {
            prop_assert_eq!(*key(&hex(&bytes)).unwrap(), bytes);
            prop_assert_eq!(*key(&hex(&bytes).to_uppercase()).unwrap(), bytes);
            prop_assert_eq!(*key(&base64(&bytes)).unwrap(), bytes);
            prop_assert_eq!(*key(base64(&bytes).trim_end_matches('=')).unwrap(), bytes);
        }

        #[test]
        fn other_text_is_no_key(text in "\\PC{0,80}") {
            let _ = key(&text);
        }
    }
}
