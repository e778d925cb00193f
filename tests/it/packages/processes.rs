//! The set-up of the compose file as plain processes: its project, its secrets, a PostgreSQL, an S3 store, and two
//! `sluss serve` that share the work.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::said;
use crate::both::On;
use crate::sandbox::{Sandbox, root};
use crate::services;

/// Runs the script that makes the secrets.
pub(super) fn make_secrets(folder: &Path) {
    let made = Command::new(root().join("docker/hemligheter.sh")).arg(folder).output().unwrap();
    assert!(made.status.success(), "{}", said(&made));
}

/// The project with the addresses of this machine in the place of the services'.
fn project(sandbox: &Sandbox, url: &str, endpoint: &str) {
    // Its folders first, which have everything that the sample country has.
    let state = sandbox.path().join("skrivet");
    let text = std::fs::read_to_string(root().join("docker/sluss.toml")).unwrap();
    assert!(text.contains("http://objects:9000") && text.contains("/var/lib/sluss/"));
    let text = text.replace("http://objects:9000", endpoint).replace("/var/lib/sluss", state.to_str().unwrap());
    sandbox.write("sluss.toml", text.replace("s3://sluss/lake", "s3://sluss/uppstallning"));
    // As the script made them, but for those that say where this machine's services are.
    let secrets = sandbox.path().join(".secrets");
    std::fs::remove_dir_all(&secrets).unwrap();
    make_secrets(&secrets);
    make_secrets(&secrets);
    for (name, value) in [("register_url", url), ("lager_id", "test"), ("lager_nyckel", "test")] {
        std::fs::write(secrets.join(name), value).unwrap();
    }
    for entry in std::fs::read_dir(&secrets).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }
}

fn serve(sandbox: &Sandbox, nth: usize) -> Child {
    let log = std::fs::File::create(sandbox.path().join(format!("serve-{nth}.log"))).unwrap();
    sandbox.command(&["serve", "-v"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

#[test]
fn two_processes_share_the_nations_jobs() {
    let (Some(url), Some(endpoint)) = (services::postgres(), services::s3()) else { return };
    let (sandbox, on) = (Sandbox::demo(), On::Postgres(url.clone()));
    project(&sandbox, &url, endpoint);
    sandbox.ok(&["check", "--offline"]);
    let mut processes = [serve(&sandbox, 1), serve(&sandbox, 2)];
    // Code lists first: what a person asks for begins at once, whatever it builds on.
    let jobs = sandbox.json(&["jobs"]);
    let jobs = jobs.as_array().or_else(|| jobs["jobs"].as_array()).unwrap();
    let jobs: Vec<&str> = jobs.iter().map(|job| job["job"].as_str().unwrap()).collect();
    let are_codes = |job: &&str| job.contains("kodverk/") || job.contains("/egna-");
    let codes: Vec<_> = jobs.iter().copied().filter(are_codes).collect();
    let contracts: Vec<_> = jobs.iter().copied().filter(|job| job.ends_with("/avtal")).collect();
    assert!(codes.len() > 5 && contracts.len() > 10, "{jobs:?}");
    for asked in [&codes, &contracts] {
        for job in asked.iter().copied() {
            sandbox.ok(&["jobs", "trigger", job, "--reason", "uppställningen"]);
        }
        while on.number(&sandbox, "SELECT count(*) FROM tillfalle WHERE state IN ('planned', 'running')") > 0 {
            assert!(processes.iter_mut().all(|process| process.try_wait().unwrap().is_none()), "one has ended");
            std::thread::sleep(Duration::from_millis(500));
        }
    }
    for process in &mut processes {
        let told = Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap();
        assert!(told.success() && process.wait().unwrap().success());
    }
    let asked = i64::try_from(codes.len() + contracts.len()).unwrap();
    assert_eq!(on.number(&sandbox, "SELECT count(*) FROM tillfalle WHERE kind = 'manual'"), asked);
    let failed = on.texts(
        &sandbox,
        "SELECT job || ': ' || coalesce(reason, '') FROM tillfalle WHERE state NOT IN ('done', 'held')",
    );
    assert!(failed.is_empty(), "{failed:#?}");
    let holders = "SELECT count(DISTINCT holder) FROM tillfalle_steg WHERE to_state = 'running'";
    assert_eq!(on.number(&sandbox, holders), 2, "one did everything");
    sandbox.agrees("of two processes");
    // Everything that was written is where the volume is; the project is read only.
    assert!(sandbox.path().join("skrivet/landing/nycklar").is_dir() && !sandbox.path().join("var").exists());
    let copies = tempfile::tempdir().unwrap();
    sandbox.ok(&["backup", copies.path().join("kopia").to_str().unwrap()]);
}
