//! Figures: what they are, who may see them, and the dashboard that shows them.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use super::configure;
use crate::both::{On, both};
use crate::push::{Listener, project, rows};
use crate::sandbox::root;

/// What Prometheus' own tool finds wrong with a text; none where it is not installed.
fn lint(text: &str) -> Option<String> {
    let Ok(mut tool) = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
    else {
        println!("skipped: promtool is not installed (tests/setup.sh installs it)");
        return None;
    };
    tool.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let said = tool.wait_with_output().unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success() || !told.is_empty());
    Some(told)
}

/// Names of figures in a text, without what a distribution's lines add.
fn names(text: &str) -> BTreeSet<String> {
    let known: BTreeSet<&str> = sluss::figures::names().collect();
    let name = regex::Regex::new(r"\bsluss_[a-z_]+").unwrap();
    name.find_iter(text)
        .map(|found| {
            let found = found.as_str();
            let stem = ["_bucket", "_sum", "_count"].iter().find_map(|end| found.strip_suffix(end));
            stem.filter(|stem| known.contains(stem)).unwrap_or(found).to_owned()
        })
        .collect()
}

#[test]
fn promtool_finds_nothing_wrong_with_any_figure() {
    let sample = sluss::figures::sample();
    let known: BTreeSet<String> = sluss::figures::names().map(str::to_owned).collect();
    assert_eq!(names(&sample), known, "the sample has every figure");
    if let Some(told) = lint(&sample) {
        assert_eq!(told, "", "promtool");
    }
    // The tool does find faults.
    if let Some(told) = lint("# TYPE sluss_x counter\nsluss_x 1\n") {
        assert!(told.contains("_total"), "{told}");
    }
}

#[test]
fn the_dashboard_shows_figures_that_there_are() {
    let text = std::fs::read_to_string(root().join("docs/drift/grafana.json")).unwrap();
    let dashboard: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut queries = Vec::new();
    let mut stack = vec![&dashboard];
    while let Some(value) = stack.pop() {
        match value {
            serde_json::Value::Object(object) => {
                queries.extend(object.get("expr").and_then(|expr| expr.as_str()));
                queries.extend(object.get("query").and_then(|expr| expr.as_str()));
                stack.extend(object.values());
            }
            serde_json::Value::Array(list) => stack.extend(list),
            _ => {}
        }
    }
    let known: BTreeSet<String> = sluss::figures::names().map(str::to_owned).collect();
    let named = names(&queries.join("\n"));
    let strange: Vec<_> = named.difference(&known).collect();
    assert!(strange.is_empty(), "no such figure: {strange:?}");
    assert!(named.len() >= 12, "{named:?}");
    assert!(dashboard["panels"].as_array().unwrap().iter().all(|panel| panel["title"].is_string()));
}

both! {
    fn a_listener_tells_its_figures_and_whether_it_is_ready(on: On) {
        let sandbox = project(&on, "");
        let listener = Listener::start(&sandbox);
        assert_eq!(listener.get("/healthz", "", &[]).json(), serde_json::json!({ "status": "ok" }));
        let ready = listener.get("/readyz", "", &[]);
        assert_eq!(ready.status, 200, "{ready:?}");
        assert_eq!(ready.json(), serde_json::json!({ "register": true, "migrations": true, "lake": true }));
        listener.post("avtal", &[], rows("22", 3));
        listener.post("avtal", &[], "[]");
        let reply = listener.get("/metrics", "", &[]);
        assert_eq!((reply.status, reply.header("content-type")), (200, "text/plain; version=0.0.4; charset=utf-8"));
        for line in [
            "sluss_runs_total{owner=\"22\",state=\"done\"} 1",
            "sluss_runs_total{owner=\"22\",state=\"held\"} 1",
            "sluss_run_rows_total{owner=\"22\",outcome=\"in\"} 3",
            "sluss_run_rows_total{owner=\"22\",outcome=\"accepted\"} 3",
            "sluss_guard_hits_total{owner=\"22\",guard=\"tom_leverans\"} 1",
            "sluss_run_duration_seconds_count{owner=\"22\"} 2",
            "sluss_standing{owner=\"22\",table=\"avtal\",state=\"held\"} 1",
            "sluss_manifests_pending 0",
            "sluss_publication 1",
        ] {
            assert!(reply.text.lines().any(|known| known == line), "{line} is not in\n{}", reply.text);
        }
        if let Some(told) = lint(&reply.text) {
            assert_eq!(told, "", "promtool");
        }
        let known: BTreeSet<String> = sluss::figures::names().map(str::to_owned).collect();
        assert!(names(&reply.text).is_subset(&known), "{:?}", names(&reply.text).difference(&known));
        listener.stop();
    }
}

#[test]
fn figures_are_for_whoever_shows_the_token_or_the_machine_itself() {
    let sandbox = project(&On::Sqlite, "");
    let listener = Listener::start(&sandbox);
    assert_eq!(listener.get("/metrics", "", &[]).status, 200);
    // What a proxy on the machine passes on comes from elsewhere.
    assert_eq!(listener.get("/metrics", "", &[("x-forwarded-for", "10.0.0.1")]).status, 401);
    listener.stop();
    configure(&sandbox, "[metrics]\ntoken = { secret = \"matvarden\" }");
    sandbox.secrets("matvarden = \"matvarden-0123456789abcdef\"\n");
    let listener = Listener::start(&sandbox);
    for (shown, status) in [
        ("Bearer matvarden-0123456789abcdef", 200),
        ("Bearer matvarden-0123456789abcdeg", 401),
        ("matvarden-0123456789abcdef", 401),
    ] {
        assert_eq!(listener.get("/metrics", "", &[("authorization", shown)]).status, status, "{shown}");
    }
    assert_eq!(listener.get("/metrics", "", &[]).status, 401);
    assert_eq!(listener.get("/healthz", "", &[]).status, 200);
    listener.stop();
}

#[test]
fn a_listener_without_its_lake_is_alive_and_not_ready() {
    let sandbox = project(&On::Sqlite, "");
    let listener = Listener::start(&sandbox);
    let lake = sandbox.path().join("var/lake");
    std::fs::rename(&lake, sandbox.path().join("var/borta")).unwrap();
    let ready = listener.get("/readyz", "", &[]);
    assert_eq!((ready.status, &ready.json()["lake"]), (503, &false.into()));
    assert_eq!(listener.get("/healthz", "", &[]).status, 200);
    std::fs::rename(sandbox.path().join("var/borta"), &lake).unwrap();
    assert_eq!(listener.get("/readyz", "", &[]).status, 200);
    listener.stop();
}
