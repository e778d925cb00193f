//! SNOMED CT release format 2 (SNOMED International, *Release File Specification*): concepts with
//! their descriptions, and members of simple reference sets.
//!
//! Files are tab-separated UTF-8 without quotation marks, with a heading line. Comment lines (`#`)
//! and blank lines, which releases lack and test extracts have, are passed over.

use std::collections::{HashMap, HashSet};

use super::intake::{Intake, Landed};
use super::lines::{Line, Lines, refuse_html, without_end};
use super::notice::NoticeKind;
use super::options::Encoding;
use super::out::Out;
use super::shape::Gives;
use super::source::Plan;
use crate::error::{ConnectorError, Result};
use chrono::NaiveDate;
use sluss_schemas::say;

const FULLY_SPECIFIED: &str = "900000000000003001";
const SYNONYM: &str = "900000000000013009";
const PREFERRED: &str = "900000000000548007";

/// Reads a snapshot or delta: concepts as codes, or a simple refset as a value set.
pub(super) fn read(plan: &Plan, intake: &Intake<'_>, out: &mut Out<'_>) -> Result<()> {
    let path = &plan.options.path;
    match out.gives() {
        Gives::Kod => concepts(plan, intake, path, out),
        Gives::Vardomrade => members(plan, intake, path, out),
        Gives::Kodmappning => {
            Err(ConnectorError::configuration(say!("mappningar i RF2 läses inte", "RF2 maps are not read"))
                .at(path)
                .hint(say!(
                    "ge mappningen som en tabell eller som en FHIR ConceptMap",
                    "give the map as a table or as a FHIR ConceptMap"
                )))
        }
    }
}

/// A file's rows, by the names of its headings.
struct Rows {
    lines: Lines<Landed>,
    headings: Vec<String>,
    name: String,
}

/// A line that was read: its cells by heading, or why it could not be.
enum Row {
    Cells(Line, Vec<(usize, usize)>),
    Unread(Line, &'static str, String),
}

impl Rows {
    fn open(file: Landed, needed: &[&str]) -> Result<Self> {
        let name = file.name().to_owned();
        let mut lines = Lines::new(file, &name)?;
        let mut headings = Vec::new();
        while let Some(line) = lines.next()? {
            refuse_html(&line.bytes, &name)?;
            if !passed_over(&line.bytes) {
                let text = String::from_utf8_lossy(without_end(&line.bytes)).into_owned();
                headings = text.split('\t').map(str::to_owned).collect();
                break;
            }
        }
        match needed.iter().find(|n| !headings.iter().any(|h| h == *n)) {
            Some(missing) => Err(ConnectorError::source(say!(
                "kolumnen {missing} saknas: det är inte den RF2-fil som behövs",
                "no column {missing}: not the RF2 file that is needed"
            ))
            .at(name)),
            None => Ok(Self { lines, headings, name }),
        }
    }

    fn at(&self, heading: &str) -> usize {
        self.headings.iter().position(|h| h == heading).unwrap_or(usize::MAX)
    }

    fn next(&mut self) -> Result<Option<Row>> {
        while let Some(line) = self.lines.next()? {
            if passed_over(&line.bytes) {
                continue;
            }
            let bytes = without_end(&line.bytes);
            if let Err(offset) = Encoding::Utf8.decode(bytes) {
                let detail = format!("byte {}: not utf-8", offset + 1);
                return Ok(Some(Row::Unread(line, "ogiltiga_tecken", detail)));
            }
            let mut cells = Vec::with_capacity(self.headings.len());
            let mut start = 0;
            for end in memchr::memchr_iter(b'\t', bytes).chain([bytes.len()]) {
                cells.push((start, end));
                start = end + 1;
            }
            if cells.len() != self.headings.len() {
                let detail = format!("{} columns instead of {}", cells.len(), self.headings.len());
                return Ok(Some(Row::Unread(line, "fel_antal_kolumner", detail)));
            }
            return Ok(Some(Row::Cells(line, cells)));
        }
        Ok(None)
    }

    fn finish(self) -> Result<()> {
        self.lines.into_inner().finish()
    }
}

fn cell<'a>(line: &'a Line, cells: &[(usize, usize)], column: usize) -> &'a str {
    let bytes = cells.get(column).and_then(|(from, to)| line.bytes.get(*from..*to)).unwrap_or_default();
    std::str::from_utf8(bytes).unwrap_or_default()
}

fn passed_over(line: &[u8]) -> bool {
    let text = without_end(line);
    text.is_empty() || text.starts_with(b"#")
}

/// Concepts, with their terms.
fn concepts(plan: &Plan, intake: &Intake<'_>, path: &str, out: &mut Out<'_>) -> Result<()> {
    let mut rows = Rows::open(intake.open(path, 0)?, &["id", "effectiveTime", "active", "definitionStatusId"])?;
    let terms = Terms::read(plan, intake, path)?;
    let (version, from) = release(plan, path)?;
    let system = plan.options.system.as_deref().unwrap_or("snomed");
    let (id, time, active) = (rows.at("id"), rows.at("effectiveTime"), rows.at("active"));
    let (mut wrong_digit, mut inactive) = (0_u64, 0_u64);
    while let Some(row) = rows.next()? {
        let (line, cells) = match row {
            Row::Cells(line, cells) => (line, cells),
            Row::Unread(line, rule, detail) => {
                out.unread(line.number, rule, detail, &line.bytes)?;
                continue;
            }
        };
        let code = cell(&line, &cells, id);
        let is_active = cell(&line, &cells, active) == "1";
        let ended = if is_active { None } else { Some(iso(cell(&line, &cells, time))) };
        wrong_digit += u64::from(!verhoeff(code));
        inactive += u64::from(!is_active);
        let term = terms.of(code);
        let row = [
            Some(system),
            Some(version.as_str()),
            Some(code),
            term.and_then(|t| t.preferred()),
            term.and_then(|t| t.full()),
            // Of what has ended only the end is told: from that day on the row says that it is not in use.
            if is_active { from.as_deref() } else { ended.as_deref() },
            None,
            None,
            None,
            Some(if is_active { "ja" } else { "nej" }),
        ];
        out.row(line.number, &row)?;
    }
    if wrong_digit > 0 {
        out.notice(NoticeKind::Verhoeff, format!("{wrong_digit} concept ids whose check digit fails"));
    }
    if inactive > 0 {
        out.notice(NoticeKind::Inactive, format!("{inactive} inactive concepts"));
    }
    rows.finish()
}

/// Members of simple refsets.
fn members(plan: &Plan, intake: &Intake<'_>, path: &str, out: &mut Out<'_>) -> Result<()> {
    let mut rows =
        Rows::open(intake.open(path, 0)?, &["effectiveTime", "active", "refsetId", "referencedComponentId"])?;
    let (version, from) = release(plan, path)?;
    let system = plan.options.system.as_deref().unwrap_or("snomed");
    let at = ["effectiveTime", "active", "refsetId", "referencedComponentId"].map(|heading| rows.at(heading));
    let [time, active, refset, component] = at;
    while let Some(row) = rows.next()? {
        let (line, cells) = match row {
            Row::Cells(line, cells) => (line, cells),
            Row::Unread(line, rule, detail) => {
                out.unread(line.number, rule, detail, &line.bytes)?;
                continue;
            }
        };
        let set = cell(&line, &cells, refset);
        if plan.options.refset.as_deref().is_some_and(|wanted| wanted != set) {
            continue;
        }
        let is_active = cell(&line, &cells, active) == "1";
        let ended = if is_active { None } else { Some(iso(cell(&line, &cells, time))) };
        let row = [
            Some(plan.options.value_set.as_deref().unwrap_or(set)),
            None,
            Some(version.as_str()),
            Some(system),
            Some(cell(&line, &cells, component)),
            None,
            // Of who has left only the end is told.
            if is_active { from.as_deref() } else { None },
            ended.as_deref(),
        ];
        out.row(line.number, &row)?;
    }
    rows.finish()
}

/// A concept's terms by how well they name it: Swedish before English, preferred before others.
#[derive(Debug, Default)]
struct Term {
    preferred: Option<(u8, String)>,
    full: Option<(u8, String)>,
}

impl Term {
    /// The text: the best synonym, or the fully specified name where there is none.
    fn preferred(&self) -> Option<&str> {
        self.preferred.as_ref().or(self.full.as_ref()).map(|(_, text)| text.as_str())
    }

    /// The fully specified name.
    fn full(&self) -> Option<&str> {
        self.full.as_ref().map(|(_, text)| text.as_str())
    }
}

/// Terms by concept.
#[derive(Debug, Default)]
struct Terms(HashMap<u64, Term>);

impl Terms {
    fn read(plan: &Plan, intake: &Intake<'_>, concepts: &str) -> Result<Self> {
        let mut index = 1;
        let mut chosen = HashSet::new();
        if let Some(path) = &plan.options.language_refset {
            let mut rows =
                Rows::open(intake.open(path, index)?, &["active", "referencedComponentId", "acceptabilityId"])?;
            index += 1;
            let at = ["active", "referencedComponentId", "acceptabilityId"].map(|heading| rows.at(heading));
            while let Some(row) = rows.next()? {
                if let Row::Cells(line, cells) = row {
                    let [active, id, acceptability] = at.map(|column| cell(&line, &cells, column));
                    if active == "1" && acceptability == PREFERRED {
                        chosen.extend(id.parse::<u64>().ok());
                    }
                }
            }
            rows.finish()?;
        }
        let mut terms = Self::default();
        for path in description_files(plan, intake, concepts) {
            let needed = ["id", "active", "conceptId", "languageCode", "typeId", "term"];
            let mut rows = Rows::open(intake.open(&path, index)?, &needed)?;
            index += 1;
            let at = needed.map(|heading| rows.at(heading));
            let mut lost = 0_u64;
            while let Some(row) = rows.next()? {
                match row {
                    Row::Cells(line, cells) => {
                        let [id, active, concept, language, kind, term] = at.map(|column| cell(&line, &cells, column));
                        if active == "1" {
                            let chosen = id.parse().is_ok_and(|id| chosen.contains(&id));
                            terms.add(concept, language, kind, term, chosen);
                        }
                    }
                    Row::Unread(..) => lost += 1,
                }
            }
            if lost > 0 {
                plan.notices.add(
                    NoticeKind::CountDiffers,
                    rows.name.clone(),
                    format!("{lost} descriptions could not be read"),
                );
            }
            rows.finish()?;
        }
        Ok(terms)
    }

    fn add(&mut self, concept: &str, language: &str, kind: &str, term: &str, chosen: bool) {
        let Ok(concept) = concept.parse::<u64>() else { return };
        let rank = match (language, chosen) {
            ("sv", true) => 0,
            ("sv", false) => 1,
            (_, true) => 2,
            ("en", false) => 3,
            _ => 4,
        };
        let terms = self.0.entry(concept).or_default();
        let slot = match kind {
            SYNONYM => &mut terms.preferred,
            FULLY_SPECIFIED => &mut terms.full,
            _ => return,
        };
        // The first of equals stays.
        if slot.as_ref().is_none_or(|(best, _)| rank < *best) {
            *slot = Some((rank, term.to_owned()));
        }
    }

    fn of(&self, code: &str) -> Option<&Term> {
        self.0.get(&code.parse().ok()?)
    }
}

/// The description files that the job names, or those that a release has beside its concept file:
/// `sct2_Concept_Snapshot_X` → `sct2_Description_Snapshot-sv_X`, `…-en_X`.
fn description_files(plan: &Plan, intake: &Intake<'_>, concepts: &str) -> Vec<String> {
    if !plan.options.descriptions.is_empty() {
        return plan.options.descriptions.clone();
    }
    let beside = |language: &str| {
        ["Snapshot", "Delta"].into_iter().find_map(|kind| {
            let (before, after) = concepts.rsplit_once(&format!("sct2_Concept_{kind}_"))?;
            let name = format!("{before}sct2_Description_{kind}-{language}_{after}");
            intake.base.join(&name).is_file().then_some(name)
        })
    };
    ["sv", "en"].into_iter().filter_map(beside).collect()
}

/// The version's name, and its first day. A snapshot is called by its day. A delta adds to a version,
/// which the job must name: it is called `<that version>+<its own day>`.
fn release(plan: &Plan, path: &str) -> Result<(String, Option<String>)> {
    let own = release_day(path);
    let from = plan.valid_from.or_else(|| own.as_ref().and_then(|(_, day)| *day)).map(|d| d.to_string());
    let own = own.map(|(text, _)| text);
    let told = plan.options.version.clone();
    let is = |kind: &str| path.rsplit('/').next().is_some_and(|file| file.contains(kind));
    let version = if is("Full_") || is("Full-") {
        return Err(ConnectorError::configuration(say!(
            "en fullständig RF2-utgåva har varje rad ur varje utgåva",
            "an RF2 full release holds every row of every release"
        ))
        .at(path)
        .hint(say!("ge filen med samma namn och Snapshot i", "give the file of the same name with Snapshot in it")));
    } else if is("Delta_") || is("Delta-") {
        let base = told.ok_or_else(|| {
            ConnectorError::configuration(say!(
                "ett RF2-delta lägger till en version som jobbet inte anger",
                "an RF2 delta adds to a version that the job does not name"
            ))
            .at(path)
            .hint(say!(
                "ange vilken version det bygger på: `version = \"20260131\"`",
                "say which version it adds to: `version = \"20260131\"`"
            ))
        })?;
        format!("{base}+{}", own.unwrap_or_default())
    } else {
        told.or(own).unwrap_or_default()
    };
    Ok((version, from))
}

/// The release's day, which ends the file's name: as text, and as a date where it is one.
fn release_day(path: &str) -> Option<(String, Option<NaiveDate>)> {
    let stem = path.rsplit('/').next()?.rsplit_once('.')?.0;
    let day = stem.rsplit('_').next()?;
    let is_day = day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit());
    is_day.then(|| (day.to_owned(), NaiveDate::parse_from_str(day, "%Y%m%d").ok()))
}

/// `20170731` as `2017-07-31`; as it stands where it is no date.
fn iso(time: &str) -> String {
    NaiveDate::parse_from_str(time, "%Y%m%d").map_or_else(|_| time.to_owned(), |d| d.to_string())
}

/// Verhoeff's check (dihedral group of order 10) over the digits of a SNOMED CT identifier.
fn verhoeff(id: &str) -> bool {
    const PERMUTE: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let multiply = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b - 5) % 5 + 5,
        (false, true) => (a - 5 + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let permuted =
        |digit: u8, times: usize| (0..times % 8).fold(digit, |d, _| PERMUTE.get(usize::from(d)).copied().unwrap_or(0));
    let digits = id.bytes().rev().enumerate();
    (6..=18).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_digit())
        && digits.fold(0, |sum, (i, b)| multiply(sum, permuted(b - b'0', i))) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_of_published_concepts() {
        for id in ["138875005", "404684003", "362969004", "900000000000207008"] {
            assert!(verhoeff(id), "{id}");
        }
        for id in ["138875006", "404648003", "12", "", "13887500x"] {
            assert!(!verhoeff(id), "{id}");
        }
    }

    #[test]
    fn the_release_day_is_in_the_name() {
        let day = |path| release_day(path).map(|(text, day)| (text, day.is_some()));
        assert_eq!(day("a/sct2_Concept_Snapshot_INT_20180731.txt"), Some(("20180731".to_owned(), true)));
        assert_eq!(day("sct2_Concept_Snapshot_X_20180931.txt"), Some(("20180931".to_owned(), false)));
        assert_eq!(day("concepts.txt"), None);
    }
}
