//! FHIR terminology resources (R4 and R5, JSON): `CodeSystem`, `ValueSet`, `ConceptMap`, alone or in
//! a `Bundle`. Each resource is a part of the file; a row's number is its concept's ordinal there.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::Value;
use sluss_schemas::say;

use super::notice::NoticeKind;
use super::out::Out;
use super::shape::Gives;
use super::source::Plan;
use crate::error::{ConnectorError, Result};

/// Concepts nested deeper than this are not read: no classification is.
const DEEPEST: usize = 60;

#[derive(Deserialize)]
struct Bundle {
    total: Option<u64>,
    #[serde(default)]
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    resource: Option<Value>,
}

/// The parts of a terminology resource that its rows need.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Resource {
    #[serde(rename = "resourceType")]
    kind: String,
    url: String,
    identifier: Many<Identifier>,
    version: Option<String>,
    name: String,
    title: Option<String>,
    count: Option<u64>,
    // CodeSystem
    concept: Vec<Value>,
    // ValueSet
    compose: Option<Compose>,
    expansion: Option<Expansion>,
    // ConceptMap
    group: Vec<Group>,
}

/// R4 gives some elements once where R5 repeats them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Many<T> {
    All(Vec<T>),
    One(T),
}

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl<T> Many<T> {
    fn iter(&self) -> impl Iterator<Item = &T> {
        match self {
            Self::All(all) => all.iter(),
            Self::One(one) => std::slice::from_ref(one).iter(),
        }
    }
}

#[derive(Deserialize)]
struct Identifier {
    #[serde(default)]
    value: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Concept {
    code: String,
    display: Option<String>,
    definition: Option<String>,
    property: Vec<Value>,
    #[serde(rename = "concept")]
    children: Vec<Value>,
}

#[derive(Deserialize)]
struct Compose {
    #[serde(default)]
    include: Vec<Include>,
    #[serde(default)]
    exclude: Vec<Include>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Include {
    system: String,
    concept: Vec<Value>,
}

#[derive(Deserialize)]
struct Expansion {
    total: Option<u64>,
    #[serde(default)]
    contains: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Member {
    system: String,
    code: String,
    display: Option<String>,
    contains: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Group {
    source: String,
    #[serde(rename = "sourceVersion")]
    source_version: Option<String>,
    target: String,
    #[serde(rename = "targetVersion")]
    target_version: Option<String>,
    element: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Element {
    code: String,
    display: Option<String>,
    target: Vec<MapTarget>,
    #[serde(rename = "noMap")]
    no_map: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct MapTarget {
    code: String,
    display: Option<String>,
    /// R4.
    equivalence: Option<String>,
    /// R5.
    relationship: Option<String>,
    comment: Option<String>,
}

/// Reads a FHIR file.
pub(super) fn read(bytes: &[u8], plan: &Plan, name: &str, out: &mut Out<'_>) -> Result<()> {
    let bytes = bytes.strip_prefix(super::decode::BOM).unwrap_or(bytes);
    let value: Value = serde_json::from_slice(bytes).map_err(|e| {
        let place = format!("{name} line {} column {}", e.line(), e.column());
        // serde_json quotes values in its messages: only where it stopped may be told.
        ConnectorError::source(say!("JSON-filen är felaktig", "the JSON is not well formed")).at(place)
    })?;
    let kind = value.get("resourceType").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut reader = Fhir { plan, seen: HashSet::new() };
    match kind.as_str() {
        "Bundle" => reader.bundle(value, name, out),
        "CodeSystem" | "ValueSet" | "ConceptMap" => {
            let resource = shape(value, name)?;
            reader.resource(&resource, out)
        }
        "OperationOutcome" => Err(ConnectorError::source(say!(
            "servern svarade med ett fel (OperationOutcome)",
            "the server answered with an error (OperationOutcome)"
        ))
        .at(name)),
        "" => {
            Err(ConnectorError::source(say!("JSON-filen är ingen FHIR-resurs", "the JSON is not a FHIR resource"))
                .at(name))
        }
        _ => Err(ConnectorError::source(say!(
            "FHIR-resursen innehåller inga koder",
            "a FHIR resource that holds no codes"
        ))
        .at(name)
        .hint(say!(
            "ge en CodeSystem, ValueSet, ConceptMap eller en Bundle av dem",
            "give a CodeSystem, ValueSet, ConceptMap, or a Bundle of them"
        ))),
    }
}

fn shape(value: Value, place: &str) -> Result<Resource> {
    serde_json::from_value(value).map_err(|_| {
        ConnectorError::source(say!("filen har inte formen av sin FHIR-resurs", "not the shape of its FHIR resource"))
            .at(place)
    })
}

struct Fhir<'a> {
    plan: &'a Plan,
    /// Systems and versions that have been read.
    seen: HashSet<(String, String)>,
}

impl Fhir<'_> {
    fn bundle(&mut self, value: Value, name: &str, out: &mut Out<'_>) -> Result<()> {
        let bundle: Bundle = serde_json::from_value(value).map_err(|_| {
            ConnectorError::source(say!("filen har inte formen av en FHIR-Bundle", "not the shape of a FHIR Bundle"))
                .at(name)
        })?;
        if let Some(total) = bundle.total
            && !self.plan.paged
            && total != bundle.entry.len() as u64
        {
            let detail = format!("the bundle says {total} resources and holds {}", bundle.entry.len());
            out.notice(NoticeKind::CountDiffers, detail);
        }
        let (wanted, mut other, mut empty) = (wanted(out.gives()), 0_u64, 0_u64);
        for (i, entry) in bundle.entry.into_iter().enumerate() {
            match entry.resource {
                Some(resource) if resource.get("resourceType").and_then(Value::as_str) == Some(wanted) => {
                    let resource = shape(resource, &format!("{name} entry {}", i + 1))?;
                    self.resource(&resource, out)?;
                }
                Some(_) => other += 1,
                None => empty += 1,
            }
        }
        if other > 0 {
            let detail = format!("{other} resources that are no {wanted}");
            self.plan.notices.add(NoticeKind::OtherKind, name, detail);
        }
        if empty > 0 {
            self.plan.notices.add(NoticeKind::CountDiffers, name, format!("{empty} entries without a resource"));
        }
        Ok(())
    }

    fn resource(&mut self, resource: &Resource, out: &mut Out<'_>) -> Result<()> {
        let (wanted, kind) = (wanted(out.gives()), resource.kind.as_str());
        if kind != wanted {
            return Err(ConnectorError::configuration(say!(
                "filen har en {kind}, jobbet ber om en {wanted}",
                "a {kind}, where the job asks for a {wanted}"
            ))
            .hint(say!(
                "ange vilka rader som ska läsas: `table = \"kod\"`, `\"vardomrade\"` eller `\"kodmappning\"`",
                "say which rows are wanted: `table = \"kod\"`, `\"vardomrade\"` or `\"kodmappning\"`"
            )));
        }
        let own = self.name(resource);
        let version = self.plan.options.version.clone().or_else(|| resource.version.clone()).unwrap_or_default();
        out.part(if version.is_empty() { own.clone() } else { format!("{own} {version}") }.as_str())?;
        if !self.seen.insert((own.clone(), version.clone())) {
            out.notice(NoticeKind::Repeated, "this version came before in the same file");
        }
        match out.gives() {
            Gives::Kod => code_system(resource, &own, &version, out),
            Gives::Vardomrade => self.value_set(resource, &own, &version, out),
            Gives::Kodmappning => self.concept_map(resource, out),
        }
    }

    /// The canonical name: what the job says; what an alias of its URL or of an identifier says;
    /// else the last part of its URL.
    fn name(&self, resource: &Resource) -> String {
        let told = match resource.kind.as_str() {
            "CodeSystem" => &self.plan.options.system,
            _ => &self.plan.options.value_set,
        };
        let uris = || [resource.url.as_str()].into_iter().chain(resource.identifier.iter().map(|i| i.value.as_str()));
        told.clone()
            .or_else(|| uris().find_map(|uri| self.plan.aliases.canonical(uri)).map(str::to_owned))
            .unwrap_or_else(|| {
                self.plan.aliases.name_for(if resource.url.is_empty() { &resource.name } else { &resource.url })
            })
    }

    fn value_set(&self, resource: &Resource, name: &str, version: &str, out: &mut Out<'_>) -> Result<()> {
        let mut members = Members { plan: self.plan, name, title: resource.title.as_deref(), version, number: 0 };
        if let Some(expansion) = &resource.expansion {
            members.expanded(&expansion.contains, 0, out)?;
            if let Some(total) = expansion.total
                && !self.plan.paged
                && total != members.number
            {
                let detail = format!("the expansion says {total} codes and holds {}", members.number);
                out.notice(NoticeKind::CountDiffers, detail);
            }
            return Ok(());
        }
        let Some(compose) = &resource.compose else {
            out.notice(NoticeKind::NoCodes, "a value set without codes (summary mode): a version with none");
            return Ok(());
        };
        let mut unlisted = compose.exclude.len();
        for include in &compose.include {
            if include.concept.is_empty() {
                unlisted += 1;
            }
            let system = self.plan.aliases.name_for(&include.system);
            for value in &include.concept {
                members.number += 1;
                match Concept::deserialize(value) {
                    Ok(c) if !c.code.is_empty() => members.row(&system, &c.code, c.display.as_deref(), out)?,
                    _ => no_code(members.number, value, out)?,
                }
            }
        }
        if unlisted > 0 {
            let detail = format!("{unlisted} parts that name their codes by a rule: ask the server for the expansion");
            out.notice(NoticeKind::NotListed, detail);
        }
        Ok(())
    }

    fn concept_map(&self, resource: &Resource, out: &mut Out<'_>) -> Result<()> {
        let (mut number, mut unmatched) = (0, 0_u64);
        for group in &resource.group {
            let (from, to) = (self.plan.aliases.name_for(&group.source), self.plan.aliases.name_for(&group.target));
            for value in &group.element {
                number += 1;
                let Ok(element) = Element::deserialize(value) else {
                    no_code(number, value, out)?;
                    continue;
                };
                if element.code.is_empty() {
                    no_code(number, value, out)?;
                    continue;
                }
                let matched = element.target.iter().filter(|t| !t.code.is_empty() && t.maps()).collect::<Vec<_>>();
                unmatched += u64::from(matched.is_empty() || element.no_map);
                for target in matched {
                    out.row(
                        number,
                        &[
                            Some(&from),
                            Some(&element.code),
                            element.display.as_deref(),
                            Some(&to),
                            Some(&target.code),
                            target.display.as_deref(),
                            Some(target.degree().map_or("lika", sluss_schemas::code::Degree::name)),
                            group.source_version.as_deref(),
                            group.target_version.as_deref(),
                            target.comment.as_deref(),
                            None,
                            None,
                        ],
                    )?;
                }
            }
        }
        if unmatched > 0 {
            out.notice(NoticeKind::Unmatched, format!("{unmatched} source codes lead to nothing"));
        }
        if number == 0 {
            out.notice(NoticeKind::NoCodes, "a map without elements (summary mode)");
        }
        Ok(())
    }
}

/// The members of a value set on their way out.
struct Members<'a> {
    plan: &'a Plan,
    name: &'a str,
    title: Option<&'a str>,
    version: &'a str,
    number: u64,
}

impl Members<'_> {
    fn row(&self, system: &str, code: &str, text: Option<&str>, out: &mut Out<'_>) -> Result<()> {
        let cells = [Some(self.name), self.title, Some(self.version), Some(system), Some(code), text, None, None];
        out.row(self.number, &cells)
    }

    fn expanded(&mut self, contains: &[Value], depth: usize, out: &mut Out<'_>) -> Result<()> {
        for value in contains {
            self.number += 1;
            let Ok(member) = Member::deserialize(value) else {
                no_code(self.number, value, out)?;
                continue;
            };
            // An entry without a code only holds others together.
            if !member.code.is_empty() {
                let system = self.plan.aliases.name_for(&member.system);
                self.row(&system, &member.code, member.display.as_deref(), out)?;
            }
            if depth < DEEPEST {
                self.expanded(&member.contains, depth + 1, out)?;
            }
        }
        Ok(())
    }
}

impl MapTarget {
    fn word(&self) -> &str {
        self.relationship.as_deref().or(self.equivalence.as_deref()).unwrap_or_default()
    }

    fn degree(&self) -> Option<sluss_schemas::code::Degree> {
        sluss_schemas::code::Degree::read(self.word())
    }

    fn maps(&self) -> bool {
        self.degree().is_some()
    }
}

/// The kind of resource that gives rows of that shape.
fn wanted(gives: Gives) -> &'static str {
    match gives {
        Gives::Kod => "CodeSystem",
        Gives::Kodmappning => "ConceptMap",
        Gives::Vardomrade => "ValueSet",
    }
}

fn code_system(resource: &Resource, system: &str, version: &str, out: &mut Out<'_>) -> Result<()> {
    let mut codes = Codes { system, version, number: 0 };
    codes.rows(&resource.concept, None, 0, out)?;
    if codes.number == 0 {
        out.notice(
            NoticeKind::NoCodes,
            "a code system without codes (summary mode, or content elsewhere): a version with none",
        );
    } else if let Some(count) = resource.count
        && count != codes.number
    {
        let detail = format!("the code system says {count} codes and holds {}", codes.number);
        out.notice(NoticeKind::CountDiffers, detail);
    }
    Ok(())
}

struct Codes<'a> {
    system: &'a str,
    version: &'a str,
    number: u64,
}

impl Codes<'_> {
    fn rows(&mut self, concepts: &[Value], parent: Option<&str>, depth: usize, out: &mut Out<'_>) -> Result<()> {
        for value in concepts {
            self.number += 1;
            let concept = match Concept::deserialize(value) {
                Ok(concept) if !concept.code.is_empty() => concept,
                _ => {
                    no_code(self.number, value, out)?;
                    continue;
                }
            };
            let facts = Facts::of(&concept.property);
            let parent = parent.or(facts.parent);
            let cells = [
                Some(self.system),
                Some(self.version),
                Some(concept.code.as_str()),
                concept.display.as_deref(),
                concept.definition.as_deref(),
                facts.from.map(day),
                facts.to.map(day),
                facts.successor,
                parent,
                facts.active.map(|yes| if yes { "ja" } else { "nej" }),
            ];
            out.row(self.number, &cells)?;
            if depth < DEEPEST {
                self.rows(&concept.children, Some(&concept.code), depth + 1, out)?;
            }
        }
        Ok(())
    }
}

/// What a concept's properties say (FHIR, *Defined Concept Properties*).
#[derive(Default)]
struct Facts<'a> {
    active: Option<bool>,
    from: Option<&'a str>,
    to: Option<&'a str>,
    successor: Option<&'a str>,
    parent: Option<&'a str>,
}

impl<'a> Facts<'a> {
    fn of(properties: &'a [Value]) -> Self {
        let mut facts = Self::default();
        for property in properties {
            let Some(code) = property.get("code").and_then(Value::as_str) else { continue };
            let text = || {
                ["valueCode", "valueString", "valueDateTime"]
                    .iter()
                    .find_map(|k| property.get(k)?.as_str())
                    .or_else(|| property.get("valueCoding").and_then(|c| c.get("code")).and_then(Value::as_str))
            };
            match code {
                "inactive" => {
                    let inactive = property.get("valueBoolean").and_then(Value::as_bool);
                    facts.active = inactive.map(|yes| !yes).or(facts.active);
                }
                "status" if matches!(text(), Some("retired" | "inactive" | "withdrawn")) => facts.active = Some(false),
                "status" if text() == Some("active") => facts.active = facts.active.or(Some(true)),
                "effectiveDate" => facts.from = text(),
                "retirementDate" => facts.to = text(),
                // Deprecated is still valid until it is retired; without a retirement it is the end that is told.
                "deprecationDate" | "deprecated" => facts.to = facts.to.or_else(text),
                "replacedBy" => facts.successor = text(),
                "parent" | "subsumedBy" => facts.parent = facts.parent.or_else(text),
                _ => {}
            }
        }
        facts
    }
}

/// The day of a FHIR dateTime.
fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or(time)
}

/// A concept that has no code is a row that cannot be read.
fn no_code(number: u64, value: &Value, out: &mut Out<'_>) -> Result<()> {
    out.unread(number, "tomt_obligatoriskt", "a concept without a code".to_owned(), value.to_string().as_bytes())
}
