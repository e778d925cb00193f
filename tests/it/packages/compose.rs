//! The image and the compose file, as far as they can be judged without an engine.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::{said, tool};
use crate::sandbox::{python, root};

/// The compose file, with its anchors followed.
fn compose() -> Option<Value> {
    let python = python()?;
    let script = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)";
    let read = Command::new(python).args(["-c", script]).arg(root().join("docker/compose.yaml")).output().unwrap();
    assert!(read.status.success(), "{}", said(&read));
    Some(serde_json::from_slice(&read.stdout).unwrap())
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().map(|all| all.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}

fn names(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_image_is_as_hadolint_wants_it() {
    let file = root().join("docker/Dockerfile");
    // Beside the Python of tests/setup.sh.
    let hadolint = python().map_or_else(|| "hadolint".into(), |python| python.with_file_name("hadolint"));
    if let Some(judged) = tool(Command::new(hadolint).arg("--no-color").arg(&file)) {
        assert!(judged.status.success(), "{}", said(&judged));
    }
    let text = std::fs::read_to_string(file).unwrap();
    let last = text.rsplit("\nFROM ").next().unwrap();
    assert!(last.contains("\nUSER 10001:10001\n"), "not as root");
    assert!(last.contains("\nHEALTHCHECK ") && last.contains("\nVOLUME /var/lib/sluss\n"));
    let copied: Vec<_> = last.lines().filter(|line| line.starts_with("COPY") || line.starts_with("ADD")).collect();
    assert_eq!(copied, ["COPY --from=build /out/ /", "COPY LICENSE /usr/share/doc/sluss/LICENSE"]);
    // What must not come into the builder.
    let ignored = std::fs::read_to_string(root().join(".dockerignore")).unwrap();
    for place in [".git", "target", "docker/hemligheter", "jobs/var"] {
        assert!(ignored.lines().any(|line| line == place), "{place} goes into the image's build");
    }
}

#[test]
fn every_service_is_closed_up_and_nothing_that_it_names_is_missing() {
    let Some(file) = compose() else { return };
    let services = file["services"].as_object().unwrap();
    let (secrets, volumes, networks) = (names(&file["secrets"]), names(&file["volumes"]), names(&file["networks"]));
    let (mut named, mut held) = (BTreeSet::new(), BTreeSet::new());
    for (name, service) in services {
        assert_eq!(service["read_only"], true, "{name} can write where it should not");
        assert_eq!(texts(&service["cap_drop"]), ["ALL"], "{name}");
        assert!(texts(&service["security_opt"]).contains(&"no-new-privileges:true"), "{name}");
        assert!(service.get("privileged").is_none() && service.get("network_mode").is_none(), "{name}");
        for port in texts(&service["ports"]) {
            assert!(port.starts_with("127.0.0.1:"), "{name}: {port} is open to others");
        }
        let image = service["image"].as_str().unwrap();
        assert!(image == "sluss" || !image.ends_with(":latest") && image.matches(':').count() == 1, "{name}: {image}");
        named.extend(texts(&service["secrets"]));
        assert!(texts(&service["networks"]).iter().all(|network| networks.contains(network)), "{name}");
        for volume in texts(&service["volumes"]) {
            let (from, rest) = volume.split_once(':').unwrap();
            if from.starts_with('.') {
                assert!(rest.ends_with(":ro"), "{name}: {volume}");
                assert!(root().join("docker").join(from).exists(), "{name}: {from} is not there");
            } else {
                assert!(volumes.contains(from), "{name}: {from}");
                held.insert(from);
            }
        }
        // Values come in files: what stands in the file is seen by all.
        let environment = service["environment"].as_object();
        for (variable, _) in environment.into_iter().flatten() {
            let is_secret = ["PASSWORD", "KEY", "SECRET", "TOKEN"].iter().any(|word| variable.contains(word));
            assert!(!is_secret || variable.ends_with("_FILE"), "{name}: {variable}");
        }
        for needed in service["depends_on"].as_object().into_iter().flatten() {
            let condition = needed.1["condition"].as_str().unwrap();
            assert!(services.contains_key(needed.0), "{name} waits for {}", needed.0);
            if condition == "service_healthy" {
                assert!(services[needed.0]["healthcheck"].is_object(), "{} has no health", needed.0);
            }
        }
    }
    assert_eq!((named, held), (secrets.clone(), volumes));
    let ours: Vec<_> = services.iter().filter(|(_, service)| service["image"] == "sluss").collect();
    assert_eq!(ours.len(), 2, "two share the work");
    // Its stop is longer than the program's own.
    let project = std::fs::read_to_string(root().join("docker/sluss.toml")).unwrap();
    let project: toml::Table = toml::from_str(&project).unwrap();
    let stop = humantime::parse_duration(project["serve"]["stop"].as_str().unwrap()).unwrap();
    for (name, service) in ours {
        let grace = humantime::parse_duration(service["stop_grace_period"].as_str().unwrap()).unwrap();
        assert!(grace.as_secs() >= stop.as_secs() + 20, "{name}: {grace:?}");
        assert!(texts(&service["volumes"]).contains(&"work:/var/lib/sluss"), "{name}");
    }
    // The secrets are those that the script makes, and those that the project names.
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("h");
    super::processes::make_secrets(&place);
    let made: BTreeSet<String> =
        std::fs::read_dir(&place).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(made.iter().map(String::as_str).collect::<BTreeSet<_>>(), secrets);
    for secret in secrets {
        assert_eq!(file["secrets"][secret]["file"], format!("hemligheter/{secret}"));
    }
}
