//! What `sluss.toml` may say of watching, and the pages that tell of it.

use crate::cli::compare;
use crate::sandbox::root;

#[test]
fn generated_pages_of_watching_are_committed() {
    compare("docs/drift/matvarden.md", &sluss::figures::page());
    compare("docs/sluss.schema.json", &sluss::schema::project_text());
}

#[test]
fn the_pages_examples_are_such_as_a_project_may_have() {
    let validator = jsonschema::validator_for(&sluss::schema::project()).unwrap();
    let page = std::fs::read_to_string(root().join("docs/drift/overvakning.md")).unwrap();
    let mut examples = 0;
    for example in page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
        let read: Result<sluss_pipeline::job::ProjectFile, _> = toml::from_str(example);
        let job: Result<sluss_pipeline::job::JobFile, _> = toml::from_str(&format!(
            "[job]\nowner = \"22\"\nfeeds = []\n[source]\nconnector = \"files\"\n[map]\n{example}"
        ));
        assert!(read.is_ok() || job.is_ok(), "{example}: {}", read.unwrap_err());
        if read.is_ok() {
            let value: toml::Value = toml::from_str(example).unwrap();
            let errors: Vec<_> =
                validator.iter_errors(&serde_json::to_value(value).unwrap()).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{example}: {errors:?}");
        }
        examples += 1;
    }
    assert!(examples >= 6, "{examples}");
    for part in ["freshness", "alert", "metrics", "openlineage", "otel", "unusual"] {
        assert!(page.contains(part), "the page tells nothing of {part}");
    }
}

#[test]
fn a_wrong_deadline_is_told_with_its_line() {
    let sandbox = super::project("[freshness]\navtal = \"trettiosex timmar\"");
    let answer = sandbox.run(&["jobs"]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.stderr.contains("sluss.toml:") && answer.stderr.contains("36h"), "{}", answer.stderr);
    let sandbox = super::project("[freshness]\navtl = \"36h\"");
    assert!(sandbox.run(&["jobs"]).stderr.contains("menade ni `avtal`?"));
}
