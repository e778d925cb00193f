//! Logs for collectors, and traces: both by the spans of a run.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::Value;

use super::{NAME, Receiver, SQL, contracts, deliver, project, run_at};
use crate::both::{On, both};
use crate::sandbox::Sandbox;

#[test]
fn every_line_of_a_run_says_which_run_and_which_job() {
    let sandbox = project("");
    let answer = sandbox.run(&["run", "avtal", "--log", "json"]);
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    let lines: Vec<Value> = answer.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let run = sandbox.json(&["runs"]);
    let run = run.as_array().or_else(|| run["runs"].as_array()).unwrap()[0]["id"].as_str().unwrap().to_owned();
    let of_run: Vec<&Value> = lines.iter().filter(|line| !line["spans"].is_null()).collect();
    assert!(of_run.len() >= 2, "{}", answer.stderr);
    for line in &of_run {
        let span = &line["spans"][0];
        assert_eq!(
            (&span["run"], &span["job"], &span["owner"]),
            (&run.as_str().into(), &NAME.into(), &"22".into()),
            "{line}"
        );
        assert!(line["timestamp"].is_string() && line["level"].is_string() && line["target"].is_string(), "{line}");
    }
    assert!(
        of_run.iter().any(|line| line["message"] == "the run has ended" && line["rows"] == 40),
        "{}",
        answer.stderr
    );
    assert!(!answer.stderr.contains("Avtal 7"), "no cell's value: {}", answer.stderr);
    // Without it, a run that goes well says nothing.
    assert_eq!(sandbox.run(&["run", "avtal", "--full"]).stderr, "");
}

/// Level and message of each line that was kept of the latest run.
fn kept(sandbox: &Sandbox) -> Vec<(String, String)> {
    let runs = sandbox.json(&["runs", "-n", "1"]);
    let run = sandbox.json(&["runs", runs[0]["id"].as_str().unwrap()]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    run["log"].as_array().unwrap().iter().map(|line| (text(&line["level"]), text(&line["message"]))).collect()
}

both! {
    fn what_the_log_says_of_a_run_is_kept_with_it(on: On) {
        let sandbox = project("[retention]\nlog_days = 30\n");
        on.configure(&sandbox);
        let lines = "SELECT count(*) FROM korningslogg";
        sandbox.ok(&["plan", "avtal"]);
        assert_eq!(on.number(&sandbox, lines), 0, "nothing of what is only planned");
        assert_eq!(run_at(&sandbox, "2026-11-01T03:00:00Z"), Some(0));
        let said = kept(&sandbox);
        assert!(said.iter().all(|(level, _)| level == "info"), "{said:?}");
        let position = |what: &str| said.iter().position(|(_, message)| message.starts_with(what));
        let (began, read, ended) = (position("the run begins"), position("hämtar took"), position("the run has ended"));
        assert!(began < read && read < ended && began.is_some(), "{said:?}");
        assert!(said.iter().any(|(_, message)| message.contains("rows=40")), "{said:?}");
        // What fails says why there too, by the service as by hand.
        deliver(&sandbox, "nr;namn;fran\nA1;\"Avtal 7;2026-01-01\n");
        sandbox.write(&format!("{NAME}.sql"), SQL.replace("nr AS", "numret AS"));
        sandbox.ok(&["jobs", "trigger", "avtal", "--reason", "prov"]);
        sandbox.run(&["serve", "--once"]);
        let said = kept(&sandbox);
        assert!(said.iter().any(|(level, message)| level == "warn" && message.contains("the run failed")), "{said:?}");
        assert!(said.iter().any(|(_, message)| message.starts_with("ended")), "by the scheduler: {said:?}");
        assert!(said.iter().all(|(_, message)| !message.contains("Avtal 7")), "no cell's value: {said:?}");
        // Kept for so long, and gone.
        let all = on.number(&sandbox, lines);
        let of_first = sandbox.json(&["--clock", "2027-01-15T03:00:00Z", "retention", "run", "--now"]);
        let zone = of_first["kept"].as_array().unwrap().iter().find(|kept| kept["zone"] == "log").unwrap();
        assert_eq!((zone["days"].as_i64(), zone["older"].as_i64()), (Some(30), Some(all)));
        assert_eq!(on.number(&sandbox, lines), 0);
    }
}

/// Every span that a collector got.
fn spans(receiver: &Receiver) -> Vec<Span> {
    let mut all = Vec::new();
    for post in receiver.taken() {
        assert_eq!((post.path.as_str(), post.header("content-type")), ("/v1/traces", Some("application/x-protobuf")));
        assert_eq!(post.header("x-key"), Some("spar-nyckel-0123456789"));
        let request = ExportTraceServiceRequest::decode(post.body.as_slice()).unwrap();
        for resource in request.resource_spans {
            let service = resource.resource.unwrap().attributes.into_iter().find(|a| a.key == "service.name").unwrap();
            assert!(format!("{service:?}").contains("sluss-prov"), "{service:?}");
            all.extend(resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
        }
    }
    all
}

#[test]
fn a_run_is_a_trace_with_a_span_for_each_station() {
    let receiver = Receiver::start();
    let settings = format!(
        "[otel]\nendpoint = \"{}\"\nservice = \"sluss-prov\"\nheaders = {{ x-key = {{ secret = \"spar\" }} }}",
        receiver.url
    );
    let sandbox = project(&settings);
    sandbox.secrets("spar = \"spar-nyckel-0123456789\"\n");
    sandbox.ok(&["run", "avtal"]);
    let all = spans(&receiver);
    let run = all.iter().find(|span| span.name == NAME).unwrap_or_else(|| panic!("{all:#?}"));
    let of_run = |key: &str| format!("{:?}", run.attributes.iter().find(|a| a.key == key));
    let ledger = sandbox.json(&["runs"]);
    let id = ledger.as_array().or_else(|| ledger["runs"].as_array()).unwrap()[0]["id"].as_str().unwrap().to_owned();
    assert!(of_run("run").contains(&id) && of_run("owner").contains("22"), "{run:#?}");
    let mut stations: Vec<&Span> = all.iter().filter(|span| span.parent_span_id == run.span_id).collect();
    stations.sort_by_key(|span| span.start_time_unix_nano);
    let names: Vec<_> = stations.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["hämtar", "prövar", "publicerar", "speglar"]);
    for pair in stations.windows(2) {
        assert!(pair[0].end_time_unix_nano <= pair[1].start_time_unix_nano, "{pair:#?}");
    }
    assert!(stations.iter().all(|span| span.trace_id == run.trace_id));
    assert!(stations.iter().all(|span| span.end_time_unix_nano <= run.end_time_unix_nano));
}

#[test]
fn a_collector_that_is_away_stops_nothing() {
    let sandbox = project("[otel]\nendpoint = \"http://127.0.0.1:9\"");
    deliver(&sandbox, &contracts(0..3));
    assert_eq!(sandbox.run(&["run", "avtal"]).code, Some(0));
    let sandbox = project("[otel]\nendpoint = \"http://samlare.exempel.se\"");
    let answer = sandbox.run(&["run", "avtal"]);
    assert_eq!(answer.code, Some(0));
    assert!(answer.stderr.contains("no traces: without TLS"), "{}", answer.stderr);
}
