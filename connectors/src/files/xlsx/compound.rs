//! Looks into a compound file (MS-CFB) before it is read: what it holds, and whether its sheets are
//! of a size that can be.
//!
//! A workbook of the old kind says how large each sheet is, and its reader reserves memory for that.
//! A damaged record would ask for more memory than any machine has, which ends the process and not
//! just the job. So the cell records are walked first, which costs no memory to speak of.

/// Sector numbers from here on are marks, not sectors (MS-CFB 2.1).
const MARKS: u32 = 0xFFFF_FFFA;
/// Streams shorter than this lie in the mini stream (MS-CFB 2.2).
const MINI_CUTOFF: u64 = 4096;
/// Size of a mini sector.
const MINI_SECTOR: usize = 64;
/// Size of a directory entry (MS-CFB 2.6.1).
const ENTRY: usize = 128;

/// What a compound file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A workbook; the number of cells of its largest sheet, counting the empty ones between.
    Workbook {
        /// Rows times columns.
        cells: u64,
    },
    /// A newer workbook behind a password.
    Encrypted,
    /// Some other document.
    Other,
}

/// Looks into a compound file; none where it is damaged.
pub(super) fn look(bytes: &[u8]) -> Option<Kind> {
    let file = File::open(bytes)?;
    if file.entry("EncryptedPackage").is_some() {
        return Some(Kind::Encrypted);
    }
    let Some(entry) = file.entry("Workbook").or_else(|| file.entry("Book")) else { return Some(Kind::Other) };
    let stream = file.stream(entry)?;
    Some(Kind::Workbook { cells: largest_sheet(&stream)? })
}

struct Entry {
    name: String,
    start: u32,
    size: u64,
}

struct File<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    entries: Vec<Entry>,
}

impl<'a> File<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let sector = match u16_at(bytes, 30)? {
            9 => 512,
            12 => 4096,
            _ => return None,
        };
        let mut file = File { bytes, sector, fat: Vec::new(), mini_fat: Vec::new(), entries: Vec::new() };
        let most = bytes.len() / sector + 1;
        let mut tables: Vec<u32> = words(bytes.get(76..512)?).collect();
        let mut next = u32_at(bytes, 68)?;
        let mut seen = 0;
        while next < MARKS {
            seen += 1;
            if seen > most {
                return None;
            }
            tables.extend(words(file.sector(next)?));
            next = tables.pop()?;
        }
        for table in tables.into_iter().filter(|t| *t < MARKS) {
            if file.fat.len() > most * sector {
                return None;
            }
            let part: Vec<u32> = words(file.sector(table)?).collect();
            file.fat.extend(part);
        }
        let directory = file.chain(u32_at(bytes, 48)?)?;
        file.entries = directory.chunks_exact(ENTRY).filter_map(|e| Entry::read(e, sector)).collect();
        let mini = u32_at(bytes, 60)?;
        if mini < MARKS && u32_at(bytes, 64)? > 0 {
            file.mini_fat = words(&file.chain(mini)?).collect();
        }
        Some(file)
    }

    fn sector(&self, id: u32) -> Option<&'a [u8]> {
        let start = (usize::try_from(id).ok()? + 1).checked_mul(self.sector)?;
        let end = start.checked_add(self.sector)?.min(self.bytes.len());
        self.bytes.get(start..end).filter(|s| !s.is_empty())
    }

    fn chain(&self, first: u32) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut id = first;
        while id < MARKS {
            out.extend_from_slice(self.sector(id)?);
            if out.len() > self.bytes.len() + self.sector {
                return None;
            }
            id = *self.fat.get(usize::try_from(id).ok()?)?;
        }
        Some(out)
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.name.eq_ignore_ascii_case(name))
    }

    fn stream(&self, entry: &Entry) -> Option<Vec<u8>> {
        let size = usize::try_from(entry.size).ok()?;
        let mut out = if entry.size >= MINI_CUTOFF {
            self.chain(entry.start)?
        } else {
            let minis = self.chain(self.entries.first()?.start)?;
            let mut out = Vec::new();
            let mut id = entry.start;
            while id < MARKS && out.len() < size {
                let start = usize::try_from(id).ok()?.checked_mul(MINI_SECTOR)?;
                out.extend_from_slice(minis.get(start..minis.len().min(start.checked_add(MINI_SECTOR)?))?);
                id = *self.mini_fat.get(usize::try_from(id).ok()?)?;
            }
            out
        };
        out.truncate(size);
        Some(out)
    }
}

impl Entry {
    fn read(bytes: &[u8], sector: usize) -> Option<Self> {
        let units: Vec<u16> =
            bytes.get(..64)?.chunks_exact(2).map(|b| u16_at(b, 0).unwrap_or(0)).take_while(|u| *u != 0).collect();
        let size = u64::from(u32_at(bytes, 120)?);
        let high = if sector == 512 { 0 } else { u64::from(u32_at(bytes, 124)?) };
        Some(Self { name: String::from_utf16_lossy(&units), start: u32_at(bytes, 116)?, size: high << 32 | size })
    }
}

/// Rows times columns of the largest sheet, from what the sheets say and from where their cells are
/// (MS-XLS 2.4.90 and the cell records of 2.5).
fn largest_sheet(stream: &[u8]) -> Option<u64> {
    let mut largest = 0_u64;
    let (mut rows, mut columns) = (0_u64, 0_u64);
    let mut rest = stream;
    while let Some((kind, size)) = u16_at(rest, 0).zip(u16_at(rest, 2)) {
        let size = usize::from(size);
        let Some(data) = rest.get(4..4 + size) else { break };
        match kind {
            // BOF: another sheet begins.
            0x0809 => (rows, columns) = (0, 0),
            // Dimensions: rows and columns after the last, of 4 and 2 bytes, in older files of 2 and 2.
            0x0200 if size >= 14 => {
                let (first, last) = (u32_at(data, 0)?, u32_at(data, 4)?);
                if last > 0 && first > last {
                    return None;
                }
                rows = rows.max(u64::from(last));
                columns = columns.max(u64::from(u16_at(data, 10)?));
            }
            0x0200 if size >= 10 => {
                if u16_at(data, 2)? > 0 && u16_at(data, 0)? > u16_at(data, 2)? {
                    return None;
                }
                rows = rows.max(u64::from(u16_at(data, 2)?));
                columns = columns.max(u64::from(u16_at(data, 6)?));
            }
            // Cells: row, column. MulRk's last column ends the record.
            0x0203 | 0x0204 | 0x00D6 | 0x0205 | 0x027E | 0x00FD | 0x0006 | 0x00BD if size >= 6 => {
                let column = if kind == 0x00BD { u16_at(data, size - 2)? } else { u16_at(data, 2)? };
                rows = rows.max(u64::from(u16_at(data, 0)?) + 1);
                columns = columns.max(u64::from(column) + 1);
            }
            _ => {}
        }
        largest = largest.max(rows * columns);
        rest = rest.get(4 + size..).unwrap_or_default();
    }
    Some(largest)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks_exact(4).map(|b| u32_at(b, 0).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::cells::tests::real;

    #[test]
    fn a_sheet_that_claims_to_be_huge_is_seen() {
        let mut stream = Vec::new();
        stream.extend([0x00, 0x02, 14, 0]);
        stream.extend(0_u32.to_le_bytes());
        stream.extend(u32::MAX.to_le_bytes());
        stream.extend([0, 0, 0xFF, 0xFF, 0, 0]);
        assert_eq!(largest_sheet(&stream), Some(u64::from(u32::MAX) * 0xFFFF));
    }

    #[test]
    fn a_real_workbook_is_measured() {
        let Some(bytes) = real("kva-norddrg/KVA2010.xls") else { return };
        let Some(Kind::Workbook { cells }) = look(&bytes) else { panic!("no workbook") };
        assert!((10_000..10_000_000).contains(&cells), "{cells}");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_looked_into_without_a_panic(mut bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..4000)) {
            look(&bytes);
            if bytes.len() > 40 {
                bytes[30] = 9;
                bytes[31] = 0;
                look(&bytes);
            }
        }
    }
}
