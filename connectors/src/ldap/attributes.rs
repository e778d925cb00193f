//! From an entry's attributes to the cells of a row.

use super::entry::Entry;
use super::options::{Attribute, LdapOptions, Several, Values};
use crate::distinguished_name::parent;
use crate::error::{ConnectorError, Result};
use sluss_schemas::say;

/// Between several values of one attribute.
const SEPARATOR: &str = "|";

/// The entry's name, and that of the entry above.
const NAMES: [&str; 2] = ["dn", "parentDN"];

/// What HSA tells of its units (schema 5.3), and what becomes of several values.
const HSA: &[(&str, Values)] = &[
    ("objectClass", Values::Join),
    ("hsaIdentity", Values::One),
    ("orgNo", Values::One),
    ("o", Values::First),
    ("ou", Values::First),
    ("businessClassificationCode", Values::Join),
    ("careType", Values::Join),
    ("management", Values::Join),
    ("hsaBusinessType", Values::Join),
    ("hsaDestinationIndicator", Values::Join),
    ("hsaResponsibleHealthCareProvider", Values::One),
    ("hsaHealthCareUnitMember", Values::Join),
    ("municipalityCode", Values::One),
    ("countyCode", Values::One),
    ("hsaSweRef99Latitude", Values::One),
    ("hsaSweRef99Longitude", Values::One),
    ("geographicalCoordinates", Values::One),
    ("hsaPostalAddress", Values::One),
    ("hsaVisitingAddress", Values::Join),
    ("hsaVpwInformation1", Values::One),
    ("hsaVpwInformation2", Values::One),
    ("hsaVpwInformation4", Values::One),
    ("surgeryHours", Values::Join),
    ("telephoneHours", Values::Join),
    ("dropInHours", Values::Join),
    ("telephoneNumber", Values::Join),
    ("startDate", Values::One),
    ("endDate", Values::One),
    ("modifyTimestamp", Values::One),
];

/// Attributes whose values are pictures, certificates or keys.
const BINARY: &[&str] =
    &["jpegPhoto", "photo", "audio", "jpegLogotype", "thumbnailPhoto", "thumbnailLogo", "objectGUID", "objectSid"];

/// The columns of a job.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    attributes: Vec<(String, Values)>,
    separator: String,
}

impl Columns {
    /// Checks what the job declares.
    pub(super) fn new(options: &LdapOptions) -> Result<Self> {
        let attributes: Vec<(String, Values)> = match &options.attributes {
            None => HSA.iter().map(|(name, values)| ((*name).to_owned(), *values)).collect(),
            Some(attributes) => attributes
                .iter()
                .map(|attribute| match attribute {
                    Attribute::Single(name) => (name.clone(), Values::One),
                    Attribute::Several(Several { name, values }) => (name.clone(), *values),
                })
                .collect(),
        };
        for (nth, (name, _)) in attributes.iter().enumerate() {
            named(name)?;
            let earlier = attributes.iter().take(nth).map(|(name, _)| name.as_str()).chain(NAMES);
            if earlier.into_iter().any(|other| other.eq_ignore_ascii_case(name)) {
                return Err(ConnectorError::configuration(say!(
                    "`attributes` har `{name}` två gånger",
                    "`attributes` has `{name}` twice"
                ))
                .hint(say!(
                    "nämn varje attribut en gång; `dn` och `parentDN` kommer av sig själva",
                    "name each attribute once; `dn` and `parentDN` come by themselves"
                )));
            }
        }
        if attributes.is_empty() {
            return Err(ConnectorError::configuration(say!("`attributes` är tom", "`attributes` is empty")).hint(
                say!(
                    "nämn de attribut som önskas, eller utelämna inställningen för dem som HSA:s enheter har",
                    "name the attributes that are wanted, or leave the option out for those of HSA's units"
                ),
            ));
        }
        if attributes.iter().filter(|(_, values)| *values == Values::Rows).count() > 1 {
            return Err(ConnectorError::configuration(say!(
                "fler än ett attribut ger en rad per värde",
                "more than one attribute gives a row for each value"
            ))
            .hint(say!(
                "ange `values = \"rows\"` för ett attribut, och läs de andra i egna jobb",
                "give `values = \"rows\"` to one attribute, and read the others in jobs of their own"
            )));
        }
        Ok(Self { attributes, separator: options.separator.clone().unwrap_or_else(|| SEPARATOR.to_owned()) })
    }

    /// The columns' names.
    pub(super) fn names(&self) -> Vec<&str> {
        NAMES.into_iter().chain(self.attributes.iter().map(|(name, _)| name.as_str())).collect()
    }

    /// What a column holds, in the directory's words.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &'static str> {
        let kind = |values: &Values| match values {
            Values::One => "attribute",
            Values::First => "attribute, first value",
            Values::Join => "attribute, values joined",
            Values::Rows => "attribute, a row for each value",
        };
        NAMES.into_iter().map(|_| "distinguished name").chain(self.attributes.iter().map(move |(_, v)| kind(v)))
    }

    /// The attributes to ask for.
    pub(super) fn wanted(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|(name, _)| name.as_str())
    }

    /// What the columns are made of, for the cursor's fingerprint.
    pub(super) fn described(&self) -> String {
        format!("{:?} {:?}", self.attributes, self.separator)
    }

    /// The rows of an entry, or why it cannot be read.
    pub(super) fn rows(&self, entry: &Entry) -> std::result::Result<Vec<Vec<Option<String>>>, String> {
        let mut row = Vec::with_capacity(NAMES.len() + self.attributes.len());
        row.push(Some(entry.dn.clone()));
        row.push(parent(&entry.dn).map(ToOwned::to_owned));
        let mut several: Option<(usize, Vec<&str>)> = None;
        for (name, values) in &self.attributes {
            let texts = texts(name, entry)?;
            let cell = match (values, texts.as_slice()) {
                (_, []) => None,
                (Values::One, [one]) => Some((*one).to_owned()),
                (Values::One, many) => {
                    let many = many.len();
                    return Err(format!("attributet {name} har {many} värden och är angivet med ett"));
                }
                (Values::First, [first, ..]) => Some((*first).to_owned()),
                (Values::Join, many) => Some(many.join(&self.separator)),
                (Values::Rows, [first, ..]) => {
                    let first = (*first).to_owned();
                    several = Some((row.len(), texts));
                    Some(first)
                }
            };
            row.push(cell);
        }
        let Some((column, texts)) = several else { return Ok(vec![row]) };
        let with = |text: &&str| {
            let mut row = row.clone();
            if let Some(cell) = row.get_mut(column) {
                *cell = Some((*text).to_owned());
            }
            row
        };
        Ok(texts.iter().map(with).collect())
    }
}

/// An attribute's values as text. A directory that gives only a part of them says so in the name.
fn texts<'a>(name: &str, entry: &'a Entry) -> std::result::Result<Vec<&'a str>, String> {
    let part = |known: &str| {
        known.split_once(';').is_some_and(|(own, option)| {
            own.eq_ignore_ascii_case(name) && option.get(..6).is_some_and(|o| o.eq_ignore_ascii_case("range="))
        })
    };
    if entry.attributes.iter().any(|(known, _)| part(known)) {
        return Err(format!("katalogen gav bara en del av värdena i attributet {name}"));
    }
    let texts: std::result::Result<Vec<&str>, _> =
        entry.values(name).iter().map(|value| std::str::from_utf8(value)).collect();
    texts.map_err(|_| format!("attributet {name} innehåller byte som inte är text"))
}

/// Refuses what is no attribute's name (RFC 4512, section 2.5), and attributes that hold no text.
pub(super) fn named(name: &str) -> Result<()> {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | ';' | '.' | '=');
    if name.is_empty() || !name.chars().all(plain) {
        return Err(ConnectorError::configuration(say!(
            "{name:?} är inget attributnamn",
            "{name:?} is no attribute's name"
        ))
        .hint(say!(
            "skriv namnet som katalogens schema har det: hsaIdentity, ou, telephoneNumber",
            "write the name as the directory's schema has it: hsaIdentity, ou, telephoneNumber"
        )));
    }
    let own = name.split(';').next().unwrap_or(name);
    let binary = name.to_ascii_lowercase().ends_with(";binary")
        || BINARY.iter().any(|known| known.eq_ignore_ascii_case(own))
        || own.to_ascii_lowercase().ends_with("certificate");
    if binary {
        return Err(ConnectorError::configuration(say!(
            "attributet `{name}` är binärt",
            "the attribute `{name}` is binary"
        ))
        .hint(say!(
            "ta bort det ur `attributes`: bara text blir kolumner",
            "take it out of `attributes`: only text becomes columns"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn columns(attributes: serde_json::Value) -> Result<Columns> {
        let mut options = json!({ "url": "ldaps://x", "base": "c=SE" });
        options["attributes"] = attributes;
        Columns::new(&serde_json::from_value(options).unwrap())
    }

    fn entry(attributes: &[(&str, &[&[u8]])]) -> Entry {
        let attributes = attributes.iter().map(|(n, v)| ((*n).to_owned(), v.iter().map(|v| v.to_vec()).collect()));
        Entry { dn: "ou=A,c=SE".into(), attributes: attributes.collect() }
    }

    #[test]
    fn values_become_what_is_declared() {
        let columns =
            columns(json!(["a", { "name": "b", "values": "first" }, { "name": "c", "values": "join" }])).unwrap();
        assert_eq!(columns.names(), ["dn", "parentDN", "a", "b", "c"]);
        let rows = columns.rows(&entry(&[("A", &[b"1"]), ("b", &[b"2", b"3"]), ("c", &[b"4", b"5"])])).unwrap();
        let text = |row: &Vec<Option<String>>| {
            row.iter().map(|cell| cell.clone().unwrap_or_else(|| "~".into())).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(rows.iter().map(text).collect::<Vec<_>>(), ["ou=A,c=SE c=SE 1 2 4|5"]);
        assert_eq!(text(&columns.rows(&entry(&[])).unwrap()[0]), "ou=A,c=SE c=SE ~ ~ ~");
        assert!(columns.rows(&entry(&[("a", &[b"1", b"2"])])).unwrap_err().contains("har 2 värden"));
        assert!(columns.rows(&entry(&[("b", &[b"\xFF"])])).unwrap_err().contains("inte är text"));
        assert!(columns.rows(&entry(&[("c;range=0-1499", &[b"1"])])).unwrap_err().contains("en del"));
    }

    #[test]
    fn one_attribute_can_give_a_row_for_each_value() {
        let columns = columns(json!(["a", { "name": "b", "values": "rows" }])).unwrap();
        let rows = columns.rows(&entry(&[("a", &[b"1"]), ("b", &[b"2", b"3"])])).unwrap();
        assert_eq!(rows.iter().map(|row| row[3].clone().unwrap()).collect::<Vec<_>>(), ["2", "3"]);
        assert_eq!(columns.rows(&entry(&[])).unwrap().len(), 1);
    }

    #[test]
    fn wrong_declarations_are_refused() {
        for wrong in [
            json!([]),
            json!(["a", "A"]),
            json!(["dn"]),
            json!(["a b"]),
            json!([""]),
            json!(["jpegPhoto"]),
            json!(["userCertificate;binary"]),
            json!(["cACertificate"]),
            json!([{ "name": "a", "values": "rows" }, { "name": "b", "values": "rows" }]),
        ] {
            assert!(columns(wrong.clone()).is_err(), "{wrong}");
        }
        for (name, _) in HSA {
            named(name).unwrap();
        }
    }
}
