//! JSON Schema of one row of a table: what the push interface takes.

use serde_json::{Map, Value, json};

use super::{Class, Column, Identifier, Kind, Table};

/// The dialect that the schemas are written in.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

impl Table {
    /// JSON Schema (2020-12) of one row as an object.
    ///
    /// It says which fields there are and of what type. What identifiers and codes must be is left
    /// to the rules, which answer with reasons: a row that fits the schema can still be rejected.
    pub fn row_schema(&self) -> Value {
        // An id that is computed where it is missing need not be sent.
        let computed = self.identity().map(|(own, _)| own.name.as_str());
        let required: Vec<&str> =
            self.column.iter().filter(|c| c.required && computed != Some(&c.name)).map(|c| c.name.as_str()).collect();
        let properties: Map<String, Value> =
            self.column.iter().map(|c| (c.name.clone(), property(c, required.contains(&c.name.as_str())))).collect();
        json!({
            "$schema": DIALECT,
            "title": self.name,
            "description": self.meaning,
            "$comment": format!("version {}", self.version),
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    }
}

fn property(column: &Column, required: bool) -> Value {
    let mut property = Map::new();
    property.insert("description".into(), column.meaning.as_str().into());
    let types: &[&str] = match column.kind {
        Kind::Text | Kind::Date | Kind::Timestamp => &["string"],
        Kind::Integer => &["integer"],
        Kind::Float => &["number"],
        Kind::Boolean => &["boolean"],
        // As a string a decimal keeps its digits through every JSON library.
        Kind::Decimal(..) => &["string", "number"],
    };
    let null = (!required).then_some("null");
    let types: Vec<&str> = types.iter().copied().chain(null).collect();
    property.insert("type".into(), if let [one] = types.as_slice() { (*one).into() } else { types.into() });
    match column.kind {
        Kind::Date => drop(property.insert("format".into(), "date".into())),
        Kind::Timestamp => drop(property.insert("format".into(), "date-time".into())),
        Kind::Decimal(precision, scale) => drop(property.insert("pattern".into(), decimal(precision, scale).into())),
        Kind::Text if required => drop(property.insert("minLength".into(), 1.into())),
        Kind::Text | Kind::Integer | Kind::Float | Kind::Boolean => {}
    }
    if !column.values.is_empty() {
        let null = (!required).then_some(Value::Null);
        let values = column.values.iter().map(|v| Value::from(v.as_str())).chain(null);
        property.insert("enum".into(), values.collect());
    }
    if let Some(example) = column.identifier.as_ref().and_then(example) {
        property.insert("examples".into(), json!([example]));
    }
    if column.class != Class::Oppen {
        let class = if column.class == Class::Skyddad { "skyddad" } else { "personuppgift" };
        property.insert("x-sekretessklass".into(), class.into());
    }
    Value::Object(property)
}

fn decimal(precision: u8, scale: i8) -> String {
    let whole = i16::from(precision) - i16::from(scale);
    let part = if scale > 0 { format!(r"(\.[0-9]{{1,{scale}}})?") } else { String::new() };
    format!("^-?[0-9]{{1,{}}}{part}$", whole.max(1))
}

fn example(identifier: &Identifier) -> Option<&'static str> {
    match identifier {
        Identifier::Orgnr => Some("2321000016"),
        Identifier::HsaId { .. } => Some("SE2321000016-1A01"),
        Identifier::Sctid => Some("424144002"),
        Identifier::Gln => Some("7300000000004"),
        Identifier::Postnummer => Some("41345"),
        Identifier::Telefon => Some("+46771117700"),
        Identifier::Lanskod => Some("14"),
        Identifier::Manad => Some("2026-02"),
        Identifier::Vecka => Some("2026-W47"),
        Identifier::Code => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::national;
    use super::*;

    fn schema(name: &str) -> Value {
        national().iter().find(|t| t.name == name).map(Table::row_schema).expect("a national table")
    }

    #[test]
    fn says_what_must_be_sent_and_of_what_type() {
        let villkor = schema("villkor");
        let required: Vec<&str> =
            villkor["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert_eq!(
            required,
            ["lanskod", "avtals_id", "uppdrags_id", "tjanst_id", "kod", "beskrivning", "giltig_fran"],
            "the id that is computed need not be sent"
        );
        let property = |name: &str| &villkor["properties"][name];
        assert_eq!(property("giltig_till")["type"], json!(["string", "null"]));
        assert_eq!(property("varde_min")["pattern"], json!(r"^-?[0-9]{1,10}(\.[0-9]{1,2})?$"));
        assert_eq!(villkor["additionalProperties"], json!(false));
        assert_eq!(schema("avtal")["properties"]["sekretess_grund"]["x-sekretessklass"], json!("skyddad"));
        let agarform = &schema("enhet")["properties"]["agarform"]["enum"];
        assert!(agarform.as_array().is_some_and(|values| values.contains(&Value::Null)), "may be left out");
    }
}
