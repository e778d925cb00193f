//! Declared character encodings: to UTF-8 and back, byte for byte.

use schemars::JsonSchema;
use serde::Deserialize;

/// Declared character encoding of a text file. Never guessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Encoding {
    /// UTF-8, with or without byte order mark.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// ISO-8859-1, exactly: bytes 80–9F are control characters.
    #[serde(rename = "iso-8859-1")]
    Latin1,
    /// Windows-1252: as ISO-8859-1 with printable characters in 80–9F.
    #[serde(rename = "windows-1252")]
    Windows1252,
}

impl Encoding {
    /// Rewrites `bytes` as UTF-8 at the end of `text`. UTF-8 itself is copied, unchecked.
    pub(crate) fn append(self, bytes: &[u8], text: &mut Vec<u8>) {
        match self {
            Self::Utf8 => text.extend_from_slice(bytes),
            Self::Latin1 => {
                let old = text.len();
                text.resize(old + bytes.len() * 2, 0);
                let new = text.get_mut(old..).map_or(0, |to| encoding_rs::mem::convert_latin1_to_utf8(bytes, to));
                text.truncate(old + new);
            }
            // Single bytes, all defined: no state between calls and no error.
            Self::Windows1252 => {
                text.extend_from_slice(encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.as_bytes());
            }
        }
    }

    /// The original bytes of decoded text.
    pub(super) fn original(self, text: &[u8]) -> Vec<u8> {
        let decoded = match self {
            Self::Utf8 => return text.to_vec(),
            Self::Latin1 | Self::Windows1252 => String::from_utf8_lossy(text),
        };
        match self {
            Self::Windows1252 => encoding_rs::WINDOWS_1252.encode(&decoded).0.into_owned(),
            _ => encoding_rs::mem::encode_latin1_lossy(&decoded).into_owned(),
        }
    }
}
