//! Text from bytes in the encodings that code lists come in.

use std::borrow::Cow;

use super::options::Encoding;

/// The UTF-8 byte order mark.
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

impl Encoding {
    /// Decodes a stretch that begins and ends between characters. On failure: the offset of the
    /// first byte that is no text.
    pub(super) fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, usize> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|e| e.valid_up_to()),
            Self::Latin1 => Ok(encoding_rs::mem::decode_latin1(bytes)),
            Self::Windows1252 => Ok(encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0),
        }
    }

    /// Its name, as a job writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Latin1 => "iso-8859-1",
            Self::Windows1252 => "windows-1252",
        }
    }
}
