//! A connector's reference page: its documentation, and a table of its options out of their schema.

use std::fmt::Write as _;

use serde_json::Value;

/// The page (Markdown). `schema` is that of `[source.options]`.
pub fn page(name: &str, doc: &str, schema: &Value) -> String {
    let mut page = format!("# {name}\n\n{}\n\n## Inställningar\n\n", doc.trim_end());
    page.push_str("Under `[source.options]` i jobbfilen.\n");
    let mut options = Options { schema, named: Vec::new() };
    options.table(schema, &mut page);
    // What is named on the way has a table of its own, each once; it may name more.
    let mut told = 0;
    while let Some((option, definition)) = options.named.get(told).cloned() {
        let schema = &schema["$defs"][definition.as_str()];
        // Writing to a string cannot fail.
        let _ = writeln!(page, "\n### `{option}`\n\n{}", sentence(schema));
        options.definition(schema, &mut page);
        told += 1;
    }
    page
}

/// The first paragraph: what the connector is, in one sentence.
pub fn summary(doc: &str) -> String {
    doc.lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A walk through a schema.
struct Options<'s> {
    schema: &'s Value,
    /// Definitions that have tables of their own: the option that named each first, and its name.
    named: Vec<(String, String)>,
}

impl Options<'_> {
    /// The options of an object.
    fn table(&mut self, object: &Value, page: &mut String) {
        let Some(properties) = object["properties"].as_object() else { return };
        page.push_str("\n| inställning | typ | om inget anges | betydelse |\n|---|---|---|---|\n");
        let required = |name: &str| {
            object["required"].as_array().is_some_and(|names| names.iter().any(|required| required == name))
        };
        for (name, option) in properties {
            let default = match &option["default"] {
                _ if required(name) => "krävs".to_owned(),
                // A whole table's defaults stand in its own.
                Value::Null | Value::Object(_) => String::new(),
                Value::Array(list) if list.is_empty() => String::new(),
                Value::String(text) if text.is_empty() => String::new(),
                Value::Bool(false) => "nej".to_owned(),
                Value::Bool(true) => "ja".to_owned(),
                value => format!("`{}`", plain(value)),
            };
            let kind = self.kind(name, option);
            let _ = writeln!(page, "| `{name}` | {kind} | {default} | {} |", cell(&sentence(option)));
        }
    }

    /// A definition: an object's options, or what can be chosen.
    fn definition(&mut self, schema: &Value, page: &mut String) {
        if schema["properties"].is_object() {
            return self.table(schema, page);
        }
        let choices = schema["oneOf"].as_array().or(schema["anyOf"].as_array());
        let plain_values = schema["enum"].as_array();
        page.push_str("\n| val | betydelse |\n|---|---|\n");
        for value in plain_values.into_iter().flatten() {
            let _ = writeln!(page, "| `{}` | |", plain(value));
        }
        for choice in choices.into_iter().flatten() {
            let meaning = cell(&sentence(choice));
            if let Some(values) = choice["enum"].as_array() {
                for value in values {
                    let _ = writeln!(page, "| `{}` | {meaning} |", plain(value));
                }
            } else if choice["const"].is_string() {
                let _ = writeln!(page, "| `{}` | {meaning} |", plain(&choice["const"]));
            } else if let Some(properties) = choice["properties"].as_object() {
                // One of several tables, each under its own name.
                for (name, table) in properties {
                    let kind = self.kind(name, table);
                    let _ = writeln!(page, "| `{name}`: {kind} | {meaning} |");
                }
            } else {
                let _ = writeln!(page, "| {} | {meaning} |", self.kind("", choice));
            }
        }
    }

    /// The type of an option, in words.
    fn kind(&mut self, option: &str, schema: &Value) -> String {
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
            return self.named(option, name);
        }
        for several in ["anyOf", "oneOf", "allOf"] {
            if let Some(kinds) = schema[several].as_array() {
                let kinds = kinds.iter().filter(|kind| kind["type"] != "null");
                return kinds.map(|kind| self.kind(option, kind)).collect::<Vec<_>>().join(" eller ");
            }
        }
        let first = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().find(|kind| *kind != "null").and_then(Value::as_str),
            kind => kind.as_str(),
        };
        match first {
            Some("string") => "text".to_owned(),
            Some("integer") => "heltal".to_owned(),
            Some("number") => "tal".to_owned(),
            Some("boolean") => "ja/nej".to_owned(),
            Some("array") => match self.kind(option, &schema["items"]) {
                kind if kind.is_empty() => "lista".to_owned(),
                kind => format!("lista: {kind}"),
            },
            Some("object") => match self.kind(option, &schema["additionalProperties"]) {
                kind if kind.is_empty() => "tabell".to_owned(),
                kind => format!("tabell: namn = {kind}"),
            },
            _ => String::new(),
        }
    }

    /// A type that has a name: said at once where it is short, else by its own table.
    fn named(&mut self, option: &str, name: &str) -> String {
        let definition = &self.schema["$defs"][name];
        let is_secret = definition["properties"].as_object().is_some_and(|p| p.len() == 1 && p.contains_key("secret"));
        if is_secret {
            return "hemlighet".to_owned();
        }
        let is_value = |choices: &Vec<Value>| choices.iter().all(|choice| choice["properties"].is_null());
        let untagged = definition["anyOf"].as_array().filter(|choices| is_value(choices));
        if untagged.is_some() {
            return self.kind(option, definition);
        }
        let values = definition["enum"].as_array();
        if let Some(values) = values.filter(|_| definition["oneOf"].is_null()) {
            return values.iter().map(|value| format!("`{}`", plain(value))).collect::<Vec<_>>().join(" eller ");
        }
        if definition["type"].is_string() && definition["properties"].is_null() && definition["oneOf"].is_null() {
            return self.kind(option, definition);
        }
        if !self.named.iter().any(|(_, known)| known == name) {
            self.named.push((option.to_owned(), name.to_owned()));
        }
        let first = self.named.iter().find(|(_, known)| known == name).map_or(option, |(first, _)| first.as_str());
        format!("[`{first}`](#{first})")
    }
}

/// A description on one line.
fn sentence(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::ALL;

    /// What every page tells, in this order.
    const HEADINGS: [&str; 5] = ["## Vad den läser", "## Åtkomst", "## Markör", "## Egenheter", "## Exempel"];

    #[test]
    fn every_page_has_its_headings_and_all_options() {
        for connector in ALL {
            let (name, doc) = (connector.name(), connector.doc());
            let headings: Vec<&str> = doc.lines().filter(|line| line.starts_with("## ")).collect();
            assert_eq!(headings, HEADINGS, "{name}");
            assert!(summary(doc).ends_with('.') && summary(doc).len() < 200, "{name}: {}", summary(doc));
            let schema = Value::from(connector.schema());
            let page = page(name, doc, &schema);
            for option in schema["properties"].as_object().unwrap().keys() {
                assert!(page.contains(&format!("\n| `{option}` | ")), "{name} does not tell of {option}");
            }
            for line in page.lines().filter(|line| line.starts_with("| `")) {
                let line = line.replace("\\|", "");
                let cells: Vec<&str> = line.split('|').map(str::trim).collect();
                match cells.as_slice() {
                    ["", _, kind, _, meaning, ""] => assert!(!kind.is_empty() && !meaning.is_empty(), "{name}: {line}"),
                    cells => assert_eq!(cells.len(), 4, "{name}: {line}"),
                }
            }
        }
    }
}
