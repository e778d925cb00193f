//! Looking for one number in texts and bytes.

use std::io::{Cursor, Read};

use sluss_schemas::personnummer;

/// The most of a packed file that is unpacked in memory.
const MOST: u64 = 512 << 20;

/// What one person is looked for by.
pub(super) struct Wanted {
    /// Ten digits.
    pub(super) ten: String,
    /// The keyed hash that stands for them.
    pub(super) pseudonym: String,
}

impl Wanted {
    /// Whether a text has the number, in any notation, or its keyed hash.
    pub(super) fn is_in(&self, text: &str) -> bool {
        text.contains(&self.pseudonym) || personnummer::holds(text, &self.ten)
    }

    /// The text without either, where it has one.
    pub(super) fn masked(&self, text: &str) -> Option<String> {
        if !self.is_in(text) {
            return None;
        }
        let text = text.replace(&self.pseudonym, personnummer::MASK);
        let mut out = String::with_capacity(text.len());
        let mut kept = 0;
        for range in personnummer::find(&text) {
            if personnummer::holds(text.get(range.clone()).unwrap_or_default(), &self.ten) {
                out.push_str(text.get(kept..range.start).unwrap_or_default());
                out.push_str(personnummer::MASK);
                kept = range.end;
            }
        }
        out.push_str(text.get(kept..).unwrap_or_default());
        Some(out)
    }

    /// Whether the bytes of a file have the number: as text in whatever encoding, and within a packed one.
    /// None where it cannot be told: a format whose text is packed in another way.
    pub(super) fn is_in_file(&self, input: &mut dyn Read) -> std::io::Result<Option<bool>> {
        let mut head = [0; 4];
        let mut filled = 0;
        while let Some(rest) = head.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match input.read(rest)? {
                0 => break,
                read => filled += read,
            }
        }
        let start = head.get(..filled).unwrap_or_default();
        let mut whole = Cursor::new(start.to_vec()).chain(input);
        match start {
            [b'P', b'K', 3 | 5, ..] => self.is_in_packed(&mut whole),
            [0x1f, 0x8b, ..] | [b'%', b'P', b'D', b'F'] | [0xd0, 0xcf, 0x11, 0xe0] => {
                // Told, not searched: but read to its end, which verifies it.
                std::io::copy(&mut whole, &mut std::io::sink())?;
                Ok(None)
            }
            _ => self.is_in_bytes(&mut whole).map(Some),
        }
    }

    fn is_in_packed(&self, input: &mut dyn Read) -> std::io::Result<Option<bool>> {
        let mut bytes = Vec::new();
        input.take(MOST).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) >= MOST {
            return Ok(None);
        }
        let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else { return Ok(None) };
        let mut all_read = true;
        for at in 0..archive.len() {
            match archive.by_index(at) {
                Ok(mut member) => match self.is_in_bytes(&mut member) {
                    Ok(true) => return Ok(Some(true)),
                    Ok(false) => {}
                    Err(_) => all_read = false,
                },
                Err(_) => all_read = false,
            }
        }
        Ok(all_read.then_some(false))
    }

    /// Digits one after the other, whatever bytes are between them; full-width ones too.
    fn is_in_bytes(&self, input: &mut dyn Read) -> std::io::Result<bool> {
        let mut last = std::collections::VecDeque::with_capacity(self.ten.len());
        let mut before = [0_u8; 2];
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = input.read(&mut buffer)?;
            if read == 0 {
                return Ok(false);
            }
            for &byte in buffer.get(..read).unwrap_or_default() {
                let digit = match (before, byte) {
                    (_, b'0'..=b'9') => Some(byte),
                    ([0xef, 0xbc], 0x90..=0x99) => Some(byte - 0x90 + b'0'),
                    _ => None,
                };
                before = [before[1], byte];
                let Some(digit) = digit else { continue };
                if last.len() == self.ten.len() {
                    last.pop_front();
                }
                last.push_back(digit);
                if last.iter().copied().eq(self.ten.bytes()) {
                    return Ok(true);
                }
            }
        }
    }
}
