//! OASIS Genericode 1.0 (`CodeList`): the code lists of the EU Publications Office, among others.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use sluss_schemas::say;

use super::notice::NoticeKind;
use super::options::ColumnRef;
use super::out::Out;
use super::source::Plan;
use crate::error::{ConnectorError, Result};

/// The columns that a text is taken from where the job names none: Swedish first.
const TEXTS: &[&str] = &["swe_label", "Name", "name", "eng_label", "label"];

/// What the list says of itself.
#[derive(Debug, Default)]
struct Identification {
    short_name: String,
    list_id: String,
    canonical_uri: String,
    version: String,
}

/// Where the parser is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Outside,
    ShortName,
    ListId,
    CanonicalUri,
    Version,
    Value,
}

/// A row of the list: its cells by column reference.
#[derive(Debug, Default)]
struct Row {
    cells: Vec<(String, String)>,
}

impl Row {
    fn get(&self, column: &str) -> Option<&str> {
        self.cells.iter().find(|(name, _)| name == column).map(|(_, text)| text.as_str())
    }
}

/// Reads a Genericode list.
pub(super) fn read(bytes: &[u8], plan: &Plan, name: &str, out: &mut Out<'_>) -> Result<()> {
    let mut reader = Reader::from_reader(bytes);
    let mut about = Identification::default();
    let mut place = Place::Outside;
    let mut in_agency = false;
    let (mut key, mut first_column) = (None::<String>, None::<String>);
    let (mut row, mut column, mut number) = (None::<Row>, String::new(), 0_u64);
    let mut text = String::new();
    let mut root = false;
    let mut filled: Option<Filled> = None;
    loop {
        let at = reader.buffer_position();
        let broken = |e: Box<dyn std::error::Error + Send + Sync>| {
            ConnectorError::source(say!("XML-filen är felaktig", "the XML is not well formed"))
                .at(format!("{name} byte {at}"))
                .because(e)
        };
        match reader.read_event().map_err(|e| broken(e.into()))? {
            Event::Eof => break,
            Event::Start(tag) => {
                text.clear();
                match tag.local_name().as_ref() {
                    b"CodeList" => root = true,
                    b"Agency" => in_agency = true,
                    b"ShortName" if !in_agency && row.is_none() && first_column.is_none() => place = Place::ShortName,
                    b"LongName" if attribute(&tag, b"Identifier").as_deref() == Some("listId") => place = Place::ListId,
                    b"CanonicalUri" => place = Place::CanonicalUri,
                    b"Version" => place = Place::Version,
                    b"Column" => {
                        let id = attribute(&tag, b"Id");
                        first_column = first_column.or(id);
                    }
                    b"Row" => {
                        number += 1;
                        row = Some(Row::default());
                    }
                    b"Value" => column = attribute(&tag, b"ColumnRef").unwrap_or_default(),
                    b"SimpleValue" => place = Place::Value,
                    _ => {}
                }
            }
            // The key of the list (`<Key><ColumnRef Ref="code"/></Key>`).
            Event::Empty(tag) if tag.local_name().as_ref() == b"ColumnRef" => {
                let reference = attribute(&tag, b"Ref");
                key = key.or(reference);
            }
            Event::Text(part) if place != Place::Outside => {
                text.push_str(&part.decode().map_err(|e| broken(e.into()))?);
            }
            Event::CData(part) if place != Place::Outside => {
                text.push_str(&part.decode().map_err(|e| broken(e.into()))?);
            }
            Event::GeneralRef(reference) if place != Place::Outside => {
                text.push_str(&entity(&reference).ok_or_else(|| {
                    ConnectorError::source(say!(
                        "en entitet som XML inte känner till",
                        "an entity that XML does not know"
                    ))
                    .at(format!("{name} byte {at}"))
                })?);
            }
            Event::End(tag) => {
                let value = text.trim();
                match (tag.local_name().as_ref(), place) {
                    (b"ShortName", Place::ShortName) => value.clone_into(&mut about.short_name),
                    (b"LongName", Place::ListId) => value.clone_into(&mut about.list_id),
                    (b"CanonicalUri", Place::CanonicalUri) => value.clone_into(&mut about.canonical_uri),
                    (b"Version", Place::Version) => value.clone_into(&mut about.version),
                    (b"SimpleValue", Place::Value) => {
                        if let Some(row) = &mut row {
                            // Blanks are the list's own: what stands in the value stays.
                            row.cells.push((column.clone(), std::mem::take(&mut text)));
                        }
                    }
                    (b"Agency", _) => in_agency = false,
                    (b"Row", _) => {
                        if let Some(done) = row.take() {
                            let code = key.as_deref().or(first_column.as_deref()).unwrap_or("code");
                            let filled = filled.get_or_insert_with(|| Filled::new(&about, code, plan));
                            filled.row(number, &done, out)?;
                        }
                    }
                    _ => {}
                }
                place = Place::Outside;
            }
            _ => {}
        }
    }
    if !root {
        return Err(ConnectorError::source(say!(
            "XML-filen är ingen kodlista i Genericode",
            "the XML is not a Genericode code list"
        ))
        .at(name));
    }
    if number == 0 {
        out.notice(NoticeKind::NoCodes, "the list has no rows");
    }
    Ok(())
}

/// What every row gets.
struct Filled {
    system: String,
    version: String,
    columns: Vec<(usize, Vec<String>)>,
    system_at: Option<usize>,
    version_at: Option<usize>,
}

impl Filled {
    fn new(about: &Identification, code: &str, plan: &Plan) -> Self {
        let gives = plan.options.table;
        let uri = [&about.canonical_uri, &about.list_id, &about.short_name].into_iter().find(|t| !t.is_empty());
        let own = uri.map(|uri| plan.aliases.name_for(uri)).unwrap_or_default();
        let columns = (gives.columns().iter().enumerate())
            .filter_map(|(i, national)| {
                let told = plan.options.columns.get(*national).and_then(|c| match c {
                    ColumnRef::Name(name) => Some(vec![name.clone()]),
                    ColumnRef::Number(_) => None,
                });
                let sources = told.or_else(|| match *national {
                    "kod" => Some(vec![code.to_owned()]),
                    "text" => Some(TEXTS.iter().map(|t| (*t).to_owned()).collect()),
                    _ => None,
                })?;
                Some((i, sources))
            })
            .collect();
        Self {
            system: plan.options.system.clone().unwrap_or(own),
            version: plan.options.version.clone().unwrap_or_else(|| about.version.clone()),
            columns,
            system_at: gives.place("system"),
            version_at: gives.place("version"),
        }
    }

    fn row(&self, number: u64, row: &Row, out: &mut Out<'_>) -> Result<()> {
        let mut cells: Vec<Option<&str>> = vec![None; out.gives().columns().len()];
        for (i, sources) in &self.columns {
            if let Some(cell) = cells.get_mut(*i) {
                *cell = sources.iter().find_map(|s| row.get(s));
            }
        }
        for (at, text) in [(self.system_at, &self.system), (self.version_at, &self.version)] {
            if let Some(cell) = at.and_then(|at| cells.get_mut(at)) {
                *cell = Some(text);
            }
        }
        out.row(number, &cells)
    }
}

fn attribute(tag: &BytesStart<'_>, name: &[u8]) -> Option<String> {
    let attribute =
        tag.attributes().filter_map(std::result::Result::ok).find(|a| a.key.local_name().as_ref() == name)?;
    String::from_utf8(attribute.value.into_owned()).ok()
}

/// The text of one of XML's five entities or of a character reference.
fn entity(reference: &quick_xml::events::BytesRef<'_>) -> Option<String> {
    if let Ok(Some(c)) = reference.resolve_char_ref() {
        return Some(c.to_string());
    }
    let name = reference.decode().ok()?;
    quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned)
}
