//! Names of systems: sources call one and the same system by many URIs and OIDs, so each is led to
//! one canonical name (the one that `kod` and the table files use).

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

/// What sources have been seen to write, and the canonical name. OIDs are written bare.
const KNOWN: &[(&str, &str)] = &[
    ("1.2.752.29.4.19", "hsa_id"),
    ("1.2.752.129.2.1.4.1", "hsa_id"),
    ("https://www.riv.se/infrastructure/technical/frameworks/infrastructure-concepts/hsa-id", "hsa_id"),
    ("2.5.4.97", "orgnr"),
    ("1.2.752.29.4.3", "orgnr"),
    ("1.2.752.129.5.1.1", "orgnr_region_kommun"),
    ("http://electronichealth.se/identifier/hsa-organisationsnummer-region-och-kommun", "orgnr_region_kommun"),
    ("http://electronichealth.se/identifier/personnummer", "personnummer"),
    ("1.2.752.129.2.1.3.1", "personnummer"),
    ("1.2.752.116.1.3.2.1.4", "kva"),
    ("1.2.752.116.1.3.2.3.4", "kva"),
    ("1.2.752.116.1.3.2.3.6", "kva"),
    ("1.2.752.129.2.2.2.1", "kva"),
    ("http://electronichealth.se/id/kva", "kva"),
    ("1.2.752.116.1.1.1", "icd10se"),
    ("http://hl7.org/fhir/sid/icd-10-se", "icd10se"),
    ("http://snomed.info/sct", "snomed"),
    ("1.2.752.116.2.1.1", "snomed"),
    ("2.16.840.1.113883.6.96", "snomed"),
    ("1.2.752.129.5.1.19", "vardtjanst"),
    ("http://electronichealth.se/CodeSystem/hsa-vardtjanst", "vardtjanst"),
    ("1.2.752.129.5.1.46", "vardniva"),
    ("https://terminologitjansten.inera.se/inera-kodverksforvaltning/kodverk/kv_administrativ_vardniva", "vardniva"),
    ("1.2.752.129.2.2.1.3", "verksamhet"),
    ("http://electronichealth.se/CodeSystem/hsa-verksamhetskod", "verksamhet"),
    ("1.2.752.129.2.2.1.4", "befattning"),
    ("http://electronichealth.se/CodeSystem/hsa-befattning", "befattning"),
    ("1.2.752.129.2.2.1.12", "enhetstyp"),
    ("http://electronichealth.se/CodeSystem/hsa-enhetstyp", "enhetstyp"),
    ("1.2.752.129.2.2.1.13", "vardform"),
    ("https://terminologitjansten.inera.se/inera-kodverksforvaltning/kodverk/kv_vard_och_omsorgsform", "vardform"),
    ("1.2.752.129.2.2.1.14", "agarform"),
    ("http://electronichealth.se/CodeSystem/hsa-agareform", "agarform"),
    ("1.2.752.129.2.2.1.17", "kommun"),
    ("http://electronichealth.se/CodeSystem/kv-kommun", "kommun"),
    ("1.2.752.129.2.2.1.18", "lan"),
    ("http://electronichealth.se/CodeSystem/kv-lan", "lan"),
    ("http://data.europa.eu/cpv/Cpv2008/Code", "cpv"),
    ("http://publications.europa.eu/resource/authority/nuts", "nuts"),
];

/// Below these every OID is a version or part of the system.
const FAMILIES: &[(&str, &str)] = &[("1.2.752.116.1.1.1.", "icd10se")];

/// Leads the names that sources use to canonical ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aliases {
    names: BTreeMap<String, String>,
}

/// A name that would lead to two systems. The first stays.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{alias} already leads to {kept}, not to {refused}")]
pub struct Conflict {
    /// The URI or OID.
    pub alias: String,
    /// Where it leads.
    pub kept: String,
    /// Where it would also have led.
    pub refused: String,
}

/// Why a naming resource was not taken in.
#[derive(Debug, Error)]
pub enum NamingError {
    /// Not JSON, or not of the shape of a FHIR `NamingSystem`.
    #[error("not a FHIR NamingSystem: line {line}, column {column}")]
    Shape {
        /// Line of the fault.
        line: usize,
        /// Column of the fault.
        column: usize,
    },
    /// Another kind of resource.
    #[error("a FHIR resource, but not a NamingSystem")]
    Kind,
}

/// FHIR R4 `NamingSystem`, the parts that name.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamingSystem {
    resource_type: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    unique_id: Vec<UniqueId>,
}

#[derive(Deserialize)]
struct UniqueId {
    value: String,
    #[serde(default)]
    preferred: bool,
}

impl Default for Aliases {
    fn default() -> Self {
        Self::national()
    }
}

impl Aliases {
    /// The names that are known from the national services.
    pub fn national() -> Self {
        Self { names: KNOWN.iter().map(|(alias, name)| (plain(alias), (*name).to_owned())).collect() }
    }

    /// The canonical name of what a source calls `system`; none where nobody told.
    pub fn canonical(&self, system: &str) -> Option<&str> {
        let plain = plain(system);
        if let Some(name) = self.names.get(&plain) {
            return Some(name);
        }
        if let Some((_, name)) = FAMILIES.iter().find(|(family, _)| plain.starts_with(family)) {
            return Some(name);
        }
        self.names.values().find(|name| **name == plain).map(String::as_str)
    }

    /// The canonical name, or one made of the last part of the URI where nobody told any.
    pub fn name_for(&self, system: &str) -> String {
        self.canonical(system).map_or_else(|| slug(system, ""), str::to_owned)
    }

    /// Adds a name. One that leads elsewhere already is refused.
    pub fn add(&mut self, alias: &str, name: &str) -> Result<(), Conflict> {
        match self.canonical(alias) {
            Some(kept) if kept != name => {
                Err(Conflict { alias: plain(alias), kept: kept.to_owned(), refused: name.to_owned() })
            }
            _ => {
                self.names.insert(plain(alias), name.to_owned());
                Ok(())
            }
        }
    }

    /// Takes in a FHIR `NamingSystem`: all its unique ids lead to one name. That is the name
    /// that the preferred id has already, or a national one that any of them has, else the last part
    /// of the preferred URI.
    ///
    /// Gives the name, and the ids that already led elsewhere.
    pub fn add_naming_system(&mut self, json: &str) -> Result<(String, Vec<Conflict>), NamingError> {
        let naming: NamingSystem =
            serde_json::from_str(json).map_err(|e| NamingError::Shape { line: e.line(), column: e.column() })?;
        if naming.resource_type != "NamingSystem" {
            return Err(NamingError::Kind);
        }
        let ids = || naming.unique_id.iter();
        let preferred = ids().find(|id| id.preferred).or_else(|| ids().next());
        // The preferred id says what the system is; the others may have been mistyped.
        let known = preferred.and_then(|id| self.canonical(&id.value));
        // Two naming resources with one OID are two systems of which one has mistyped it; only a
        // national name gathers what has no preferred id in common.
        let national = || ids().find_map(|id| self.canonical(&id.value)).filter(|n| KNOWN.iter().any(|(_, k)| k == n));
        let name = known
            .or_else(national)
            .map_or_else(|| slug(preferred.map_or(&naming.name, |id| &id.value), &naming.name), str::to_owned);
        let conflicts = ids().filter_map(|id| self.add(&id.value, &name).err()).collect();
        Ok((name, conflicts))
    }

    /// Number of names that lead somewhere.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether no name leads anywhere.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// A name without what varies between sources: blanks (also within OIDs), `urn:oid:`, a version
/// after `|`, a closing `/`.
fn plain(system: &str) -> String {
    let text: String = system.split_whitespace().collect();
    let text = text.split('|').next().unwrap_or_default();
    let oid = text.get(..8).filter(|p| p.eq_ignore_ascii_case("urn:oid:")).and_then(|_| text.get(8..));
    oid.unwrap_or(text).trim_end_matches('/').to_owned()
}

/// A canonical name from the last part of a URI; from `other` where the id is an OID.
fn slug(id: &str, other: &str) -> String {
    let id = plain(id);
    let last = id.rsplit(['/', '#']).next().unwrap_or_default();
    let is_oid = last.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let text = if is_oid && !other.is_empty() { other } else { last };
    let mut slug = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'å' | 'ä' => slug.push('a'),
            'ö' => slug.push('o'),
            c if c.is_ascii_alphanumeric() || c == '.' => slug.push(c),
            _ if slug.ends_with('_') => {}
            _ => slug.push('_'),
        }
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_leads_to_one_name() {
        let aliases = Aliases::national();
        for (alias, name) in [
            ("urn:oid:1.2.752.29.4.19", "hsa_id"),
            ("1.2.752.129.2.1.4.1", "hsa_id"),
            ("urn:oid: 1.2.752.129.2.2.1.3 ", "verksamhet"),
            ("URN:OID:1.2.752.116.1.3.2.1.4", "kva"),
            ("1.2.752.116.1.1.1.1.8", "icd10se"),
            ("1.2.752.116.1.1.1", "icd10se"),
            ("http://snomed.info/sct|http://snomed.info/sct/45991000052106/version/20251130", "snomed"),
            ("http://hl7.org/fhir/sid/icd-10-se/", "icd10se"),
            ("kva", "kva"),
        ] {
            assert_eq!(aliases.canonical(alias), Some(name), "{alias}");
        }
        assert_eq!(aliases.canonical("1.2.752.116.1.1.10"), None, "a neighbour of the family");
        assert_eq!(aliases.canonical(""), None);
    }

    #[test]
    fn the_first_of_two_meanings_stays() {
        let mut aliases = Aliases::national();
        let naming = |name: &str, oid: &str| {
            format!(
                r#"{{"resourceType":"NamingSystem","name":"N","uniqueId":[{{"type":"oid","value":"{oid}"}},
                {{"type":"uri","value":"https://exempel.invalid/kodverk/{name}","preferred":true}}]}}"#
            )
        };
        let (name, conflicts) = aliases.add_naming_system(&naming("Exempel_Å", "1.2.3.4")).unwrap();
        assert_eq!((name.as_str(), conflicts.len()), ("exempel_a", 0));
        let (name, conflicts) = aliases.add_naming_system(&naming("annat", " 1.2.3.4 ")).unwrap();
        assert_eq!((name.as_str(), conflicts.len()), ("annat", 1), "one of them has mistyped its OID");
        assert_eq!(aliases.canonical("1.2.3.4"), Some("exempel_a"));
        let (name, conflicts) =
            aliases.add_naming_system(&naming("kva_pa_annat_satt", "1.2.752.116.1.3.2.1.4")).unwrap();
        assert_eq!((name.as_str(), conflicts.len()), ("kva", 0), "a national name gathers");
        assert!(aliases.add("1.2.3.4", "kva").is_err());
        assert!(matches!(aliases.add_naming_system("{"), Err(NamingError::Shape { line: 1, .. })));
        assert!(matches!(aliases.add_naming_system(r#"{"resourceType":"Patient"}"#), Err(NamingError::Kind)));
    }
}
