//! Freshness: what the ledger and the lake say of what should have come.

use super::{configure, contracts, deliver, project, run_at};
use crate::both::On;
use crate::push::{Listener, project as listening};

/// The value of a figure with these labels.
fn figure(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.starts_with(name) && line.as_bytes().get(name.len()) == Some(&b' '))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn a_tables_age_is_that_of_its_last_delivery() {
    let sandbox = listening(&On::Sqlite, "");
    configure(&sandbox, "[freshness]\navtal = \"36h\"");
    let listener = Listener::start(&sandbox);
    let text = listener.get("/metrics", "", &[]).text;
    assert_eq!(figure(&text, "sluss_standing{owner=\"22\",table=\"avtal\",state=\"silent\"}"), Some(1.0), "{text}");
    assert_eq!(figure(&text, "sluss_late{owner=\"22\",table=\"avtal\"}"), Some(1.0));
    assert_eq!(figure(&text, "sluss_freshness_seconds{owner=\"22\",table=\"avtal\"}"), None);
    listener.post("avtal", &[], crate::push::rows("22", 2));
    let text = listener.get("/metrics", "", &[]).text;
    assert_eq!(figure(&text, "sluss_standing{owner=\"22\",table=\"avtal\",state=\"fresh\"}"), Some(1.0), "{text}");
    assert_eq!(figure(&text, "sluss_late{owner=\"22\",table=\"avtal\"}"), Some(0.0));
    assert!(figure(&text, "sluss_freshness_seconds{owner=\"22\",table=\"avtal\"}").unwrap() < 600.0, "{text}");
    listener.stop();
}

#[test]
fn an_inbox_without_files_grows_old_and_a_database_without_news_does_not() {
    let receiver = super::Receiver::start();
    let sandbox = project(&format!(
        "[freshness]\navtal = \"36h\"\n[[alert.to]]\nname = \"a\"\nwebhook = \"{}\"\nowners = [\"22\"]",
        receiver.url
    ));
    let told = || -> Vec<String> {
        receiver
            .taken()
            .iter()
            .map(|p| format!("{} {}", p.json()["event"].as_str().unwrap(), p.json()["about"].as_str().unwrap()))
            .collect()
    };
    assert_eq!(run_at(&sandbox, "2026-11-01T03:00:00Z"), Some(0));
    // The same file, read again: it is as fresh as its source.
    assert_eq!(run_at(&sandbox, "2026-11-03T03:00:00Z"), Some(0));
    assert_eq!(told(), Vec::<String>::new());

    // A folder in which nothing arrives: each run goes well, and nothing has come.
    let inbox = super::JOB.replace("\"files\"", "\"inkorg\"").replace("path = \"avtal.csv\"", "folder = \"in\"");
    sandbox.write(&format!("{}.toml", super::NAME), inbox);
    sandbox.write("regions/22-vasternorrland/in/avtal.csv", contracts(0..40));
    deliver(&sandbox, "");
    let run = |clock: &str| sandbox.run(&["--clock", clock, "run", "avtal"]);
    let answer = sandbox.run(&["--clock", "2026-11-04T03:00:00Z", "run", "avtal", "--full"]);
    assert_eq!(answer.code, Some(0), "{}{}", answer.stdout, answer.stderr);
    assert_eq!(told(), Vec::<String>::new());
    assert_eq!(run("2026-11-06T03:00:00Z").code, Some(0));
    assert_eq!(told(), ["begins late"]);
}

#[test]
fn an_owner_whose_file_cannot_be_read_stays_on_the_screen() {
    let sandbox = project("");
    assert_eq!(run_at(&sandbox, "2026-11-01T03:00:00Z"), Some(0));
    sandbox.write(&format!("{}.toml", super::NAME), super::JOB.replace("[source]", "[source"));
    let screen = sandbox.run(&["status"]).stdout;
    let line = screen.lines().find(|line| line.starts_with("Region Västernorrland")).unwrap();
    assert!(line.contains("✕ oläslig fil"), "{screen}");
    let answer = sandbox.json(&["status"]);
    assert_eq!(answer["unreadable"], serde_json::json!([{ "job": super::NAME, "owner": "22" }]));
}
