//! The JSON Schemas of job files and of `sluss.toml`: what an editor offers and checks while they are written.

use serde_json::{Map, Value, json};
use sluss_pipeline::job::{JobFile, ProjectFile};

use crate::sources::{self, SourceKind};

/// The schema's file in a project's folder; the first line of a job file points at it.
pub const FILE: &str = "job.schema.json";

/// The schema of a job file, with the options of each connector.
pub fn job() -> Value {
    let mut schema = Value::from(schemars::schema_for!(JobFile));
    let mut definitions = Map::new();
    let mut choices = Vec::new();
    let mut names = Vec::new();
    for SourceKind { name, schema: options, .. } in sources::all() {
        let mut options = Value::from(options);
        // Definitions stand at the top of the file that holds them: those of each connector under its name.
        if let Some(own) = options.as_object_mut().and_then(|o| o.remove("$defs")) {
            definitions.insert(name.to_owned(), own);
        }
        point_into(&mut options, name);
        if let Some(object) = options.as_object_mut() {
            object.remove("$schema");
        }
        choices.push(json!({
            "if": { "properties": { "connector": { "const": name } } },
            "then": { "properties": { "options": options } },
        }));
        names.push(name);
    }
    for (name, own) in &mut definitions {
        point_into(own, name);
    }
    if let Some(defs) = schema.get_mut("$defs").and_then(Value::as_object_mut) {
        if let Some(source) = defs.get_mut("SourceSpec") {
            source["allOf"] = Value::Array(choices);
            source["properties"]["connector"]["enum"] = json!(names);
        }
        defs.extend(definitions);
    }
    schema["title"] = json!("A job file of Sluss");
    schema
}

/// The schema as the text of its file.
pub fn job_text() -> String {
    format!("{:#}\n", job())
}

/// The schema of `sluss.toml`.
pub fn project() -> Value {
    let mut schema = Value::from(schemars::schema_for!(ProjectFile));
    schema["title"] = json!("The file sluss.toml of a project of Sluss");
    schema
}

/// The schema of `sluss.toml` as the text of its file.
pub fn project_text() -> String {
    format!("{:#}\n", project())
}

/// `#/$defs/X` becomes `#/$defs/<connector>/X`.
fn point_into(value: &mut Value, connector: &str) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(text) if key == "$ref" => {
                        if let Some(rest) = text.strip_prefix("#/$defs/") {
                            *text = format!("#/$defs/{connector}/{rest}");
                        }
                    }
                    other => point_into(other, connector),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| point_into(value, connector)),
        _ => {}
    }
}
