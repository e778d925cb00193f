//! The committed reference pages and schemas are what the program generates. `UPDATE=1` rewrites them.

use crate::sandbox::{Sandbox, root};

pub(crate) fn compare(path: &str, generated: &str) {
    let file = root().join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, generated).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    let same = match (
        serde_json::from_str::<serde_json::Value>(&committed),
        serde_json::from_str::<serde_json::Value>(generated),
    ) {
        (Ok(a), Ok(b)) => a == b,
        _ => committed == generated,
    };
    assert!(same, "{path} is stale: run the tests with UPDATE=1 and commit what changes");
}

#[test]
fn generated_pages_and_schemas_are_committed() {
    compare("docs/job.schema.json", &sluss::schema::job_text());
    compare("docs/schema/openapi.json", &sluss::openapi::text());
    compare("docs/funktioner.md", &sluss_pipeline::map::functions_page());
    compare("docs/sekretess.md", &sluss_schemas::secrecy::page());
    let pages = sluss::sources::pages();
    for (name, page) in &pages {
        compare(&format!("docs/kopplingar/{name}"), page);
    }
    for entry in std::fs::read_dir(root().join("docs/kopplingar")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(pages.contains_key(&name) || name == "fel.md", "docs/kopplingar/{name} is of no connector: remove it");
    }
}

#[test]
fn generated_schema_fits_every_example_of_a_connector() {
    let validator = jsonschema::validator_for(&sluss::schema::job()).unwrap();
    for (name, page) in sluss::sources::pages() {
        let examples: Vec<&str> = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert_eq!(examples.is_empty(), name == "README.md", "{name} has no example");
        for example in examples {
            let job = format!("[job]\nowner = \"22\"\nfeeds = [\"avtal\"]\n[map]\navtal = \"avtal.sql\"\n{example}");
            let job: toml::Value = toml::from_str(&job).unwrap_or_else(|error| panic!("{name}: {error}"));
            let connector = job["source"]["connector"].as_str().unwrap().to_owned();
            assert_eq!(format!("{connector}.md"), name);
            let errors: Vec<_> =
                validator.iter_errors(&serde_json::to_value(job).unwrap()).map(|e| e.to_string()).collect();
            assert!(errors.is_empty(), "{name}: {errors:?}");
        }
    }
}

#[test]
fn generated_schema_fits_every_job_of_the_sample_country() {
    let validator = jsonschema::validator_for(&sluss::schema::job()).unwrap();
    let mut jobs = 0;
    let mut folders = vec![root().join("jobs/national"), root().join("jobs/regions")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "toml") {
                let file: toml::Value = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
                let errors: Vec<_> =
                    validator.iter_errors(&serde_json::to_value(file).unwrap()).map(|e| e.to_string()).collect();
                assert!(errors.is_empty(), "{}: {errors:?}", path.display());
                jobs += 1;
            }
        }
    }
    assert!(jobs > 20);
    let wrong: toml::Value = toml::from_str(
        "[job]\nowner = \"22\"\nfeeds = []\n[source]\nconnector = \"files\"\n[source.options]\npath = \"a\"\nformat = \"csv\"\nfrmat = 1\n[map]\n",
    )
    .unwrap();
    assert!(!validator.is_valid(&serde_json::to_value(wrong).unwrap()), "a misspelt option of a connector is seen");
}

#[test]
fn generated_schema_stands_in_a_new_project() {
    let sandbox = Sandbox::empty();
    sandbox.ok(&["init", "region", "01"]);
    let job = std::fs::read_to_string(sandbox.path().join("regions/01-stockholm/avtal.toml")).unwrap();
    let hint = job.lines().next().unwrap().strip_prefix("#:schema ").unwrap();
    let schema = std::fs::read_to_string(sandbox.path().join("regions/01-stockholm").join(hint)).unwrap();
    assert_eq!(schema, sluss::schema::job_text());
}
