//! Crosswalks: from one system's codes, or a region's own words, to another system's codes.

use std::collections::{BTreeMap, HashMap};

/// How well a target says what its source says (FHIR `ConceptMap`, relationship, read from the target).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Degree {
    /// The same.
    #[default]
    Lika,
    /// The target means more than the source.
    Vidare,
    /// The target means less than the source.
    Snavare,
    /// They overlap.
    Narliggande,
}

impl Degree {
    /// Reads a degree: the names of `kodmappning`, and FHIR's R4 equivalences and R5 relationships.
    /// None for what is no mapping at all (`unmatched`, `disjoint`, `not-related-to`) or unheard of.
    pub fn read(text: &str) -> Option<Self> {
        Some(match text {
            "" | "lika" | "equal" | "equivalent" => Self::Lika,
            "vidare" | "wider" | "subsumes" | "source-is-narrower-than-target" => Self::Vidare,
            "snavare" | "narrower" | "specializes" | "source-is-broader-than-target" => Self::Snavare,
            "narliggande" | "relatedto" | "related-to" | "inexact" => Self::Narliggande,
            _ => return None,
        })
    }

    /// Its name in `kodmappning`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lika => "lika",
            Self::Vidare => "vidare",
            Self::Snavare => "snavare",
            Self::Narliggande => "narliggande",
        }
    }
}

/// One row of `kodmappning`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MappingRow<'a> {
    /// System, or the name of a region's own list of words.
    pub from_system: &'a str,
    /// Code or word there.
    pub from: &'a str,
    /// System that it leads to.
    pub to_system: &'a str,
    /// Code there.
    pub to: &'a str,
    /// How well they agree.
    pub degree: Degree,
}

/// A code that a crosswalk leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The code.
    pub code: Box<str>,
    /// How well it agrees.
    pub degree: Degree,
}

/// A crosswalk between two systems.
#[derive(Debug, Default)]
pub struct Crosswalk {
    /// By the source as written.
    exact: HashMap<Box<str>, Vec<Target>>,
    /// By the source without regard to case and blanks; none where two sources then clash.
    folded: HashMap<Box<str>, Option<Box<str>>>,
}

impl Crosswalk {
    pub(super) fn add(&mut self, row: &MappingRow<'_>) {
        let targets = self.exact.entry(row.from.into()).or_default();
        let target = Target { code: row.to.into(), degree: row.degree };
        if !targets.contains(&target) {
            targets.push(target);
            targets.sort_by(|a, b| (a.degree, &a.code).cmp(&(b.degree, &b.code)));
        }
        let slot = self.folded.entry(fold(row.from)).or_insert_with(|| Some(row.from.into()));
        if slot.as_deref().is_some_and(|source| source != row.from) {
            *slot = None;
        }
    }

    /// What `source` leads to, best agreement first; empty where it is not mapped. A source that is
    /// not there as written is looked for without regard to case and repeated blanks.
    pub fn targets(&self, source: &str) -> &[Target] {
        if let Some(targets) = self.exact.get(source) {
            return targets;
        }
        let written = self.folded.get(&fold(source)).and_then(Option::as_ref);
        written.and_then(|w| self.exact.get(w)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The one code that `source` leads to; none where it leads to none or to several.
    pub fn one(&self, source: &str) -> Option<&Target> {
        match self.targets(source) {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Whether every source leads to one code.
    pub fn is_one_to_one(&self) -> bool {
        self.exact.values().all(|targets| targets.len() == 1)
    }

    /// Number of sources.
    pub fn len(&self) -> usize {
        self.exact.len()
    }

    /// Whether nothing is mapped.
    pub fn is_empty(&self) -> bool {
        self.exact.is_empty()
    }
}

fn fold(text: &str) -> Box<str> {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded.into()
}

/// The codes that a run met and could not map, with how often: what someone must map next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unmapped {
    counts: BTreeMap<Box<str>, u64>,
}

impl Unmapped {
    /// Counts a code.
    pub fn note(&mut self, code: &str) {
        if let Some(count) = self.counts.get_mut(code) {
            *count += 1;
        } else {
            self.counts.insert(code.into(), 1);
        }
    }

    /// Adds another's counts: parts of a run are counted apart.
    pub fn merge(&mut self, other: &Self) {
        for (code, count) in &other.counts {
            *self.counts.entry(code.clone()).or_default() += count;
        }
    }

    /// The codes, most frequent first, equals in code order.
    pub fn list(&self) -> Vec<(&str, u64)> {
        let mut list: Vec<(&str, u64)> = self.counts.iter().map(|(code, count)| (&**code, *count)).collect();
        list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        list
    }

    /// Whether all was mapped.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}
