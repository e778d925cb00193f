//! `sluss submit`: the same file handed in here, and to a listener.

use super::{Listener, TOKENS, project, rows};
use crate::both::On;
use crate::sandbox::Sandbox;

fn submit(sandbox: &Sandbox, name: &str, more: &[&str]) -> crate::sandbox::Answer {
    let file = sandbox.path().join(name).display().to_string();
    sandbox.run(&[&["submit", &file, "--region", "22", "--table", "avtal"], more].concat())
}

#[test]
fn a_file_is_handed_in_here() {
    let sandbox = project(&On::Sqlite, "");
    sandbox.write("avtal.csv", "lanskod;avtals_id;titel;giltig_fran\n22;A-1;Ett;2026-01-01\n22;A-2;Två;igår\n");
    let answer = submit(&sandbox, "avtal.csv", &[]);
    assert_eq!(answer.code, Some(0), "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("Region Västernorrland") && answer.stdout.contains("rad 3"), "{}", answer.stdout);
    assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal"), 1);
    let english = submit(&sandbox, "avtal.csv", &["--lang", "en", "--format", "json"]);
    let receipt: serde_json::Value = serde_json::from_str(&english.stdout).unwrap();
    assert_eq!(receipt["rows"]["rejected"], 1, "{receipt}");
    assert_eq!(sandbox.runs("done"), 2);

    sandbox.write("avtal.pdf", "%PDF");
    assert_eq!(submit(&sandbox, "avtal.pdf", &[]).code, Some(2));
    assert_eq!(submit(&sandbox, "saknas.csv", &[]).code, Some(2));
    sandbox.write("trasig.json", "[{");
    assert_eq!(submit(&sandbox, "trasig.json", &[]).code, Some(1));
    sandbox.agrees("after files");
}

#[test]
fn a_file_is_handed_in_there() {
    let sandbox = project(&On::Sqlite, "");
    sandbox.write("token", TOKENS[0].1);
    sandbox.write("fel-token", "kanariefagel-22-okand-000000");
    sandbox.write("avtal.json", rows("22", 300));
    let listener = Listener::start(&sandbox);
    let token = sandbox.path().join("token").display().to_string();
    let there = ["--url", &listener.url, "--token-file", &token];
    let answer = submit(&sandbox, "avtal.json", &there);
    assert_eq!(answer.code, Some(0), "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("300"), "{}", answer.stdout);
    // The same file again is the same delivery.
    assert_eq!(submit(&sandbox, "avtal.json", &there).stdout, answer.stdout);
    assert_eq!(sandbox.runs("done"), 1);

    let wrong = sandbox.path().join("fel-token").display().to_string();
    let refused = submit(&sandbox, "avtal.json", &["--url", &listener.url, "--token-file", &wrong]);
    assert!(refused.code == Some(2) && refused.stderr.contains("Bearer"), "{}", refused.stderr);
    sandbox.write("trasig.json", "[{");
    let broken = submit(&sandbox, "trasig.json", &there);
    assert_eq!(broken.code, Some(1), "{}", broken.stderr);
    listener.stop();
}
