//! OpenLineage: events that others understand, and that say which column came from which.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{NAME, Receiver, contracts, deliver, project};
use crate::sandbox::{Sandbox, python, root, shared};

/// The events that a project has written.
fn events(sandbox: &Sandbox) -> Vec<Value> {
    let text = std::fs::read_to_string(sandbox.path().join("var/lineage.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A run of each sort: published, held, failed.
fn played() -> (Sandbox, Vec<Value>) {
    let sandbox = project("[openlineage]\npath = \"var/lineage.jsonl\"\nnamespace = \"nationen\"");
    sandbox.ok(&["run", "avtal"]);
    deliver(&sandbox, &contracts(0..10));
    assert_eq!(sandbox.run(&["run", "avtal", "--full"]).code, Some(3));
    deliver(&sandbox, "<!DOCTYPE html><html><body>503</body></html>");
    assert_ne!(sandbox.run(&["run", "avtal", "--full"]).code, Some(0));
    let all = events(&sandbox);
    (sandbox, all)
}

#[test]
fn each_run_has_its_two_events_with_what_it_read_and_made() {
    let (sandbox, all) = played();
    let kinds: Vec<_> = all.iter().map(|event| event["eventType"].as_str().unwrap()).collect();
    assert_eq!(kinds.len() % 2, 0, "{kinds:?}");
    assert_eq!(&kinds[..4], ["START", "COMPLETE", "START", "ABORT"]);
    assert_eq!(kinds[4], "START");
    assert!(["FAIL", "ABORT"].contains(&kinds[5]), "{kinds:?}");
    let ledger = sandbox.json(&["runs"]);
    for pair in all.chunks(2) {
        assert_eq!(pair[0]["run"]["runId"], pair[1]["run"]["runId"]);
        assert!(ledger.to_string().contains(pair[0]["run"]["runId"].as_str().unwrap()), "the ledger knows the run");
        assert_eq!(pair[0]["job"]["name"], NAME);
        assert_eq!(pair[0]["job"]["namespace"], "nationen");
    }
    let done = &all[1];
    assert_eq!(done["inputs"][0]["inputFacets"]["inputStatistics"]["rowCount"], 40);
    assert_eq!(done["inputs"][0]["facets"]["schema"]["fields"][0]["name"], "nr");
    let output = &done["outputs"][0];
    assert_eq!((&output["namespace"], &output["name"]), (&json!("nationen"), &json!("avtal")));
    assert_eq!(output["outputFacets"]["outputStatistics"]["rowCount"], 40);
    assert_eq!(output["facets"]["version"]["datasetVersion"], "1");
    let fields = &output["facets"]["columnLineage"]["fields"];
    let from = |column: &str| {
        let inputs = fields[column]["inputFields"].as_array().unwrap();
        inputs.iter().map(|input| input["field"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (from("avtals_id"), from("giltig_fran"), from("lanskod")),
        (vec!["nr".into()], vec!["fran".into()], vec![])
    );
    assert_eq!(fields["titel"]["inputFields"][0]["name"], done["inputs"][0]["name"]);
    let described = output["facets"]["schema"]["fields"].as_array().unwrap();
    assert!(described.iter().any(|field| field["name"] == "titel" && !field["description"].is_null()));
    let held = &all[3];
    let told = held["run"]["facets"]["errorMessage"]["message"].as_str().unwrap();
    assert!(told.starts_with("held: "), "{told}");
    assert!(held["outputs"][0]["outputFacets"].is_null(), "nothing was written");
    // No cell's value is in any event.
    let text = serde_json::to_string(&all).unwrap();
    assert!(!text.contains("Avtal 7") && !text.contains("A39") && !text.contains("503"), "{text}");
}

/// The part of the specification (2-0-2, with the facets' own versions) that our events keep to, written down from
/// its text: the published files are in no package that a test could install.
fn specification() -> Value {
    serde_json::from_str(&std::fs::read_to_string(root().join("tests/it/watch/openlineage.schema.json")).unwrap())
        .unwrap()
}

fn wrong(validator: &jsonschema::Validator, event: &Value) -> Vec<String> {
    validator.iter_errors(event).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

#[test]
fn events_keep_to_the_specification() {
    let (_sandbox, all) = played();
    let validator = jsonschema::options().should_validate_formats(true).build(&specification()).unwrap();
    for event in &all {
        assert_eq!(wrong(&validator, event), Vec::<String>::new(), "{event:#}");
    }
    // The schema itself finds faults.
    for (pointer, bad) in [
        ("/run/runId", json!("x")),
        ("/eventType", json!("BEGAN")),
        ("/job/facets/jobType/_schemaURL", Value::Null),
        ("/outputs/0/facets/columnLineage/fields", json!([])),
        ("/eventTime", json!("yesterday")),
    ] {
        let mut event = all[1].clone();
        *event.pointer_mut(pointer).unwrap() = bad;
        assert!(!validator.is_valid(&event), "{pointer}");
    }
}

/// Against the published files, where those lie beside the repository.
#[test]
fn events_fit_the_published_schema() {
    let Some(folder) = shared().map(|shared| shared.join("real/openlineage")).filter(|folder| folder.is_dir()) else {
        println!("skipped: the published OpenLineage schema is not in real/openlineage");
        return;
    };
    let (_sandbox, all) = played();
    let read = |name: &str| -> Value {
        let path = folder.join(name);
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
            .unwrap()
    };
    let whole = read("OpenLineage.json");
    let mut known =
        jsonschema::Registry::new().add("https://openlineage.io/spec/2-0-2/OpenLineage.json", whole.clone()).unwrap();
    for entry in std::fs::read_dir(folder.join("facets")).unwrap() {
        let document = read(&format!("facets/{}", entry.unwrap().file_name().display()));
        let id = document["$id"].as_str().unwrap().to_owned();
        known = known.add(id, document).unwrap();
    }
    let known = known.prepare().unwrap();
    let validator = |schema: &Value| {
        jsonschema::options().with_registry(&known).should_validate_formats(true).build(schema).unwrap()
    };
    let run_event = validator(&whole);
    let mut facets = 0;
    for event in &all {
        assert_eq!(wrong(&run_event, event), Vec::<String>::new(), "{event:#}");
        let mut stack = vec![event];
        while let Some(value) = stack.pop() {
            let Some(object) = value.as_object() else {
                stack.extend(value.as_array().into_iter().flatten());
                continue;
            };
            stack.extend(object.values());
            let Some(url) = object.get("_schemaURL").and_then(Value::as_str) else { continue };
            // A version that is not the published one is in no registry.
            let own = validator(&json!({ "$ref": url }));
            assert_eq!(wrong(&own, value), Vec::<String>::new(), "{value:#}");
            facets += 1;
        }
    }
    println!("{} events and {facets} facets fit the published schema", all.len());
    assert!(facets > 30);
}

/// The project's own Python client has classes made from the published schema: it reads every event as its own.
#[test]
fn the_official_client_reads_our_events() {
    let Some(python) = python() else { return };
    let there = Command::new(&python).args(["-c", "import openlineage.client.generated.base"]).output().unwrap();
    if !there.status.success() {
        println!("skipped: openlineage-python is not installed (tests/setup.sh installs it)");
        return;
    }
    let (_sandbox, all) = played();
    let mut client = Command::new(python)
        .arg(root().join("tests/it/watch/read_events.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines: String = all.iter().map(|event| format!("{event}\n")).collect();
    client.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let said = client.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{told}{}", String::from_utf8_lossy(&said.stderr));
    assert!(told.starts_with(&format!("{} events, ", all.len())), "{told}");
}

#[test]
fn events_are_posted_with_their_token_and_a_deaf_receiver_stops_no_run() {
    let receiver = Receiver::start();
    let settings =
        format!("[openlineage]\nurl = \"{}/api/v1/lineage\"\ntoken = {{ secret = \"lineage_token\" }}", receiver.url);
    let sandbox = project(&settings);
    sandbox.secrets("lineage_token = \"lineage-token-0123456789\"\n");
    sandbox.ok(&["run", "avtal"]);
    let posts = receiver.taken();
    let kinds: Vec<_> = posts.iter().map(|post| post.json()["eventType"].clone()).collect();
    assert_eq!(kinds, ["START", "COMPLETE"]);
    assert!(posts.iter().all(|post| post.path == "/api/v1/lineage"));
    assert!(posts.iter().all(|post| post.header("authorization") == Some("Bearer lineage-token-0123456789")));
    receiver.answers(403);
    let answer = sandbox.run(&["run", "avtal", "--full"]);
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    assert!(answer.stderr.contains("a lineage event was not taken"), "{}", answer.stderr);
    assert!(!answer.stderr.contains("lineage-token"), "{}", answer.stderr);
    assert_eq!(receiver.taken().len(), 0);
}

#[test]
fn a_derived_job_names_the_tables_that_it_reads() {
    let sandbox = project("[openlineage]\npath = \"var/lineage.jsonl\"");
    sandbox.write(
        "national/tackning.toml",
        "[job]\nowner = \"nationell\"\nfeeds = [\"tackning\"]\n\
                   [source]\nconnector = \"tackning\"\n[map]\ntackning = \"tackning.sql\"\n",
    );
    sandbox.write(
        "national/tackning.sql",
        "SELECT lanskod, tabell, vantade, registrerade, forandring_30_dagar, \
                   andel_kodade, godkanda, avvisade, undantagna, senast, lage FROM source",
    );
    sandbox.ok(&["run", "tackning"]);
    let all = events(&sandbox);
    let inputs = all[1]["inputs"].as_array().unwrap();
    assert!(inputs.iter().any(|input| input["name"] == "avtal" && input["namespace"] == "sluss"), "{inputs:?}");
}
