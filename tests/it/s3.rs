//! Lake and source in an object store: the same result as on disk.

use std::process::Command;

use chrono::TimeDelta;
use sluss_schemas::clock::{Clock, SystemClock};

use crate::both::{On, both};
use crate::commit_protocol::die_at;
use crate::sandbox::{Sandbox, python};
use crate::{services, small};

/// How the store of the tests is reached; the credentials are secrets of the project.
fn reached(endpoint: &str) -> String {
    format!(
        "endpoint = {endpoint:?}\nallow_http = true\naccess_key_id = {{ secret = \"lager_id\" }}\n\
         secret_access_key = {{ secret = \"lager_nyckel\" }}\n"
    )
}

/// The small project with its lake below `prefix` in the bucket.
fn project(on: &On, endpoint: &str, prefix: &str) -> Sandbox {
    let sandbox = small::project(on);
    let text = std::fs::read_to_string(sandbox.path().join("sluss.toml")).unwrap();
    let is_lake = |line: &&str| line.starts_with("path") && line.contains("var/lake");
    let place = format!("path = \"s3://sluss/{prefix}\"\n[lake.s3]\n{}", reached(endpoint));
    assert_eq!(text.lines().filter(is_lake).count(), 1, "{text}");
    let lines = text.lines().map(|line| if is_lake(&line) { place.clone() } else { format!("{line}\n") });
    sandbox.write("sluss.toml", lines.collect::<String>());
    sandbox.write("secrets.toml", "lager_id = \"test\"\nlager_nyckel = \"test\"\n");
    private(&sandbox, "secrets.toml");
    sandbox
}

/// Secrets that others may read are refused.
fn private(sandbox: &Sandbox, name: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(sandbox.path().join(name), std::fs::Permissions::from_mode(0o600)).unwrap();
}

both! {
    fn a_lake_in_s3_is_what_it_is_on_disk(on: On) {
        let Some(endpoint) = services::s3() else { return };
        let sandbox = project(&on, endpoint, "sjo");
        let disk = small::project(&On::Sqlite);
        for (edition, point) in [(0, None), (1, Some("projicera-stegad")), (2, Some("publish.commit")), (3, None)] {
            small::deliver(&sandbox, edition);
            small::deliver(&disk, edition);
            if let Some(point) = point {
                die_at(&sandbox, &["run", small::JOB], point);
            }
            sandbox.ok(&["run", small::JOB]);
            disk.ok(&["run", small::JOB]);
            assert_eq!(small::figures(&sandbox), small::figures(&disk));
            sandbox.agrees("in the object store");
        }
        assert!(!sandbox.path().join("var/lake").exists());
        let in_eight_days = (SystemClock.now() + TimeDelta::days(8)).to_rfc3339();
        let swept = sandbox.json(&["--clock", &in_eight_days, "sweep", "--now"]);
        let gone = |table: usize, what: &str| swept["lake"][table][what].as_u64().unwrap_or_default();
        assert!(gone(0, "staged") > 0 && gone(0, "replaced") > 0 && gone(1, "replaced") > 0, "{swept}");
        assert_eq!(small::figures(&sandbox), small::figures(&disk));
        sandbox.agrees("after the sweep");
    }
}

#[test]
fn files_in_s3_are_a_source_like_any_other() {
    let (Some(endpoint), Some(python)) = (services::s3(), python()) else { return };
    let sandbox = small::project(&On::Sqlite);
    small::deliver(&sandbox, 1);
    let plan = |sandbox: &Sandbox| sandbox.json(&["run", small::JOB])["runs"][0]["tables"].take();
    let disk = small::project(&On::Sqlite);
    small::deliver(&disk, 1);
    let expected = plan(&disk);

    let file = sandbox.path().join("regions/22-vasternorrland/avtal.csv");
    let code = "import boto3, sys; boto3.client('s3', endpoint_url=sys.argv[1], region_name='eu-north-1', \
                aws_access_key_id='test', aws_secret_access_key='test').upload_file(sys.argv[2], 'sluss', 'in/avtal.csv')";
    let put = Command::new(python).args(["-c", code, endpoint]).arg(&file).output().unwrap();
    assert!(put.status.success(), "{}", String::from_utf8_lossy(&put.stderr));
    std::fs::remove_file(file).unwrap();
    let job = sandbox.path().join("regions/22-vasternorrland/avtal.toml");
    let text = std::fs::read_to_string(&job).unwrap().replace("path = \"avtal.csv\"", "url = \"s3://sluss/in/\"");
    let text = text.replace("[map]", &format!("[source.options.s3]\n{}[map]", reached(endpoint)));
    std::fs::write(&job, text).unwrap();
    // Without the credentials it says which are missing, and shows none.
    let answer = sandbox.run(&["run", small::JOB]);
    assert_eq!(answer.code, Some(2), "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stderr.contains("lager_id"), "{}", answer.stderr);
    sandbox.write("secrets.toml", "lager_id = \"test\"\nlager_nyckel = \"test\"\n");
    private(&sandbox, "secrets.toml");
    assert_eq!(plan(&sandbox), expected);
    // Landed like any other: the replay needs no store.
    let run = sandbox.json(&["runs"])[0]["id"].as_str().unwrap().to_owned();
    assert!(sandbox.json(&["quarantine", "replay", &run])["runs"][0]["publish_seq"].is_null());
    sandbox.agrees("with a source in an object store");
}
