//! What came in, as people are told of it: a line for each file, and one for all answers of an address.
//!
//! The ledger keeps every origin with the object that landed, so that a row is found in the very answer
//! that held it. A receipt of ten thousand lines would tell nobody anything.

use std::collections::HashMap;

use sluss_schemas::chunk::Origin;
use sluss_schemas::personnummer;

use super::outcome::FileOutcome;
use crate::landing::Landed;
use crate::ledger::DeliveredOrigin;

/// The origins of a run, and the lines that tell of them.
#[derive(Default)]
pub(super) struct Sources {
    origins: Vec<Met>,
    lines: Vec<FileOutcome>,
    /// Lines of answers, by what all of them are called.
    answers: HashMap<(String, Option<String>), usize>,
}

/// An origin that rows came from, and the line that tells of it.
struct Met {
    origin: Origin,
    rows: u64,
    line: usize,
}

impl Sources {
    /// Nothing came.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Counts rows of an origin. All rows of one come after each other.
    pub(super) fn add(&mut self, origin: &Origin, rows: u64) {
        if self.origins.last().is_none_or(|last| last.origin.index != origin.index) {
            let line = self.line(origin);
            let origin =
                Origin { index: origin.index, name: masked(&origin.name), part: origin.part.as_deref().map(masked) };
            self.origins.push(Met { origin, rows: 0, line });
        }
        let Some(last) = self.origins.last_mut() else { return };
        last.rows += rows;
        if let Some(line) = self.lines.get_mut(last.line) {
            line.rows += rows;
        }
    }

    /// The line that tells of a new origin.
    fn line(&mut self, origin: &Origin) -> usize {
        let new = self.lines.len();
        let name = origin.answered_by().map(masked);
        let line = match &name {
            Some(name) => *self.answers.entry((name.clone(), origin.part.clone())).or_insert(new),
            None => new,
        };
        if line == new {
            let (name, part) = (name.unwrap_or_else(|| masked(&origin.name)), origin.part.as_deref().map(masked));
            self.lines.push(FileOutcome { name, part, rows: 0, answers: None, bytes: None });
        }
        if origin.answered_by().is_some()
            && let Some(line) = self.lines.get_mut(line)
        {
            *line.answers.get_or_insert(0) += 1;
        }
        line
    }

    /// The lines, in reading order.
    pub(super) fn lines(&self) -> &[FileOutcome] {
        &self.lines
    }

    /// Every origin with the landed object of its file, as the ledger keeps it. `landed` is in the order of
    /// origins.
    pub(super) fn delivered(&self, landed: &[Landed]) -> Vec<DeliveredOrigin> {
        let delivered = |met: &Met| {
            let object = object(landed, met.origin.index);
            DeliveredOrigin {
                origin: met.origin.clone(),
                object: object.map(|o| o.content.to_string()),
                bytes: object.map(|o| o.bytes),
                rows: Some(met.rows),
            }
        };
        self.origins.iter().map(delivered).collect()
    }

    /// The lines with the sizes of what they tell of, where that is more than a file.
    pub(super) fn sized(&self, landed: &[Landed]) -> Vec<FileOutcome> {
        let mut lines = self.lines.clone();
        let mut latest = HashMap::new();
        for met in &self.origins {
            let Some(line) = lines.get_mut(met.line).filter(|line| line.answers.is_some()) else { continue };
            // Several parts of one answer share its object.
            if let Some(object) = object(landed, met.origin.index)
                && latest.insert(met.line, object.origin) != Some(object.origin)
            {
                *line.bytes.get_or_insert(0) += object.bytes;
            }
        }
        lines
    }
}

/// The object that an origin stood in: the latest that began at it or before.
fn object(landed: &[Landed], origin: u32) -> Option<&Landed> {
    landed.get(landed.partition_point(|l| l.origin <= origin).checked_sub(1)?)
}

fn masked(text: &str) -> String {
    personnummer::mask(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::landing::ContentId;

    fn origin(index: u32, name: &str, part: Option<&str>) -> Origin {
        Origin { index, name: name.into(), part: part.map(str::to_owned) }
    }

    fn landed(origin: u32, bytes: u64) -> Landed {
        let mut content = [0; 32];
        content[..4].copy_from_slice(&origin.to_le_bytes());
        Landed { origin, name: "x".into(), content: ContentId(content), bytes }
    }

    #[test]
    fn answers_are_one_line_and_files_are_each_their_own() {
        let mut sources = Sources::default();
        for n in 0..10_000_u32 {
            sources.add(&origin(n, &format!("kalla.se/avtal #{}", n + 1), None), 60);
            sources.add(&origin(n, &format!("kalla.se/avtal #{}", n + 1), None), 40);
        }
        sources.add(&origin(10_000, "in/avtal.xlsx", Some("Blad1")), 3);
        sources.add(&origin(10_001, "in/avtal.xlsx", Some("Blad2")), 4);
        let objects: Vec<Landed> = (0..10_001).map(|n| landed(n, 10)).collect();
        let lines = sources.sized(&objects);
        let told: Vec<_> =
            lines.iter().map(|l| (l.name.as_str(), l.part.as_deref(), l.rows, l.answers, l.bytes)).collect();
        assert_eq!(
            told,
            [
                ("kalla.se/avtal", None, 1_000_000, Some(10_000), Some(100_000)),
                ("in/avtal.xlsx", Some("Blad1"), 3, None, None),
                ("in/avtal.xlsx", Some("Blad2"), 4, None, None),
            ]
        );
        let delivered = sources.delivered(&objects);
        assert_eq!(delivered.len(), 10_002);
        assert_eq!(delivered[16].origin.name, "kalla.se/avtal #17");
        assert_eq!(delivered[16].object, Some(objects[16].content.to_string()));
        assert_eq!(delivered[10_001].object, delivered[10_000].object, "two sheets of one file");
    }
}
