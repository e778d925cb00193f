//! Guards from a job's own history, in the program as it is.

use super::{JOB, NAME, contracts, deliver, project};

/// A night: the run's exit code, and the guards that held it.
fn night(sandbox: &crate::sandbox::Sandbox, day: u32, arguments: &[&str]) -> Vec<String> {
    let clock = format!("2026-10-{day:02}T03:00:00Z");
    let answer = sandbox.json(&[&["--clock", &clock, "run", "avtal", "--full"], arguments].concat());
    let run = &answer["runs"][0];
    assert!(run.is_object(), "{answer}");
    if run["state"] == "done" && arguments.is_empty() {
        assert_eq!(run["held"], serde_json::json!([]));
    }
    run["held"].as_array().unwrap().iter().map(|held| held["guard"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_delivery_unlike_all_before_is_held_until_a_person_believes_it() {
    let sandbox = project("");
    for day in 1..=10 {
        deliver(&sandbox, &contracts(0..100 + day % 3));
        assert_eq!(night(&sandbox, day, &[]), Vec::<String>::new());
    }
    // Twice as many: no other guard minds.
    deliver(&sandbox, &contracts(0..200));
    assert_eq!(night(&sandbox, 11, &[]), ["ovanligt_antal"]);
    let told = sandbox.ok(&["receipt", &last(&sandbox)]);
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("Leveransen har 200 rader; de senaste 10 leveranserna har haft omkring 101."), "{told}");
    // What is held is no part of the history; believed, it begins a new one.
    assert_eq!(night(&sandbox, 12, &[]), ["ovanligt_antal"]);
    assert_eq!(night(&sandbox, 13, &["--believe", "två register har slagits ihop"]), ["ovanligt_antal"]);
    assert_eq!(night(&sandbox, 14, &[]), Vec::<String>::new());

    // Switched off, it minds nothing.
    sandbox.write(&format!("{NAME}.toml"), format!("{JOB}\n[limits]\nunusual = 0\nmax_ended_share = 1\n"));
    for day in 15..=26 {
        assert_eq!(night(&sandbox, day, &[]), Vec::<String>::new());
    }
    deliver(&sandbox, &contracts(0..450));
    assert_eq!(night(&sandbox, 27, &[]), Vec::<String>::new());
}

fn last(sandbox: &crate::sandbox::Sandbox) -> String {
    let runs = sandbox.json(&["runs", "-n", "1"]);
    runs.as_array().or_else(|| runs["runs"].as_array()).unwrap()[0]["id"].as_str().unwrap().to_owned()
}
