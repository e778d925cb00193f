//! The interface's own description: what it says holds.

use serde_json::Value;

use super::{Listener, project, rows};
use crate::both::On;
use crate::sandbox::python;

/// What `OpenAPI`'s own validator says of the description on its standard input.
const VALIDATE: &str = "import json, sys\n\
    from openapi_spec_validator import OpenAPIV31SpecValidator, validate\n\
    validate(json.load(sys.stdin), cls=OpenAPIV31SpecValidator)\n\
    print('valid')\n";

#[test]
fn the_description_is_valid_and_the_answers_fit_it() {
    let sandbox = project(&On::Sqlite, "");
    let listener = Listener::start(&sandbox);
    let described = listener.get("/v1/openapi.json", "", &[]);
    assert_eq!(described.status, 200);
    let document = described.json();
    assert_eq!(document, sluss::openapi::description(&sluss_schemas::table::Tables::national()));
    assert!(document["paths"]["/v1/regions/{lanskod}/ledig_kapacitet"]["post"].is_object());
    assert!(document["paths"]["/v1/regions/{lanskod}/kod"].is_null(), "no region hands in national code lists");
    let fits = |schema: &str, value: &Value| {
        let schema = serde_json::json!({
            "$ref": format!("#/components/schemas/{schema}"),
            "components": document["components"],
        });
        let validator = jsonschema::validator_for(&schema).unwrap();
        let wrong: Vec<_> = validator.iter_errors(value).map(|e| e.to_string()).collect();
        assert!(wrong.is_empty(), "{schema}: {wrong:?}");
    };
    let reply = listener.post("avtal", &[], rows("22", 2));
    fits("Answer", &reply.json());
    fits("Problem", &listener.post("avtal", &[], "[").json());
    fits("avtal", &super::row("22", 1));
    let events = listener.get("/v1/events", "vasternorrland", &[]).json();
    assert_eq!(events["events"].as_array().unwrap().len(), 2);
    events["events"].as_array().unwrap().iter().for_each(|event| fits("Event", event));
    let schema = listener.get("/v1/schemas/avtal.json", "", &[]);
    assert_eq!((schema.status, schema.header("content-type")), (200, "application/schema+json"));
    assert_eq!(schema.json()["title"], "avtal");
    assert_eq!(listener.get("/healthz", "", &[]).json(), serde_json::json!({ "status": "ok" }));
    listener.stop();
}

#[test]
fn a_validator_of_others_finds_nothing_wrong() {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let Some(python) = python() else { return };
    let there = Command::new(&python).args(["-c", "import openapi_spec_validator"]).output().unwrap();
    if !there.status.success() {
        println!("skipped: openapi-spec-validator is not installed (tests/setup.sh installs it)");
        return;
    }
    let mut validator =
        Command::new(python).args(["-c", VALIDATE]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    validator.stdin.take().unwrap().write_all(sluss::openapi::text().as_bytes()).unwrap();
    let said = validator.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), "valid");
}
