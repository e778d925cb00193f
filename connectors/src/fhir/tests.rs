//! The connector against a server on the loopback, and against files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::StreamExt;
use serde_json::{Value, json};
use sluss_schemas::chunk::{Chunk, Cursor};
use sluss_schemas::landing::Landing;

use crate::compliance::{Case, Kept, check};
use crate::error::{Actor, ConnectorError};
use crate::http::testing::{Reply, Request, Server, hurried, io};
use crate::registry;
use crate::testing::column;
use crate::testing::proxy::Proxy;

async fn read_in(
    base: &Path,
    options: &Value,
    after: Option<Cursor>,
    landing: Arc<Kept>,
) -> (Vec<Chunk>, Option<ConnectorError>) {
    let source = match registry::open("fhir", options.clone(), &io(base, 100, &[])) {
        Ok(source) => source,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut stream = source.read(after, landing as Arc<dyn Landing>);
    let mut chunks = Vec::new();
    while let Some(chunk) = stream.next().await {
        match chunk {
            Ok(chunk) => chunks.push(chunk),
            Err(error) => return (chunks, Some(error)),
        }
    }
    (chunks, None)
}

async fn read(options: &Value) -> Vec<Chunk> {
    let (chunks, error) = read_in(Path::new("."), options, None, Arc::default()).await;
    assert!(error.is_none(), "{error:?}");
    chunks
}

async fn fails(options: &Value) -> ConnectorError {
    let (_, error) = read_in(Path::new("."), options, None, Arc::default()).await;
    error.unwrap_or_else(|| panic!("it was read: {options}"))
}

fn one(chunks: &[Chunk], name: &str) -> String {
    let all = column(chunks, name);
    assert_eq!(all.len(), 1, "{name}: {all:?}");
    all[0].clone()
}

fn options(server: &Server, resource: &str, more: impl std::borrow::Borrow<Value>) -> Value {
    let mut options = json!({ "url": server.url("/fhir"), "resource": resource, "requests": hurried() });
    for (name, value) in more.borrow().as_object().unwrap() {
        options[name] = value.clone();
    }
    options
}

fn stamp(n: u64) -> String {
    format!("2026-01-{:02}T{:02}:{:02}:{:02}Z", 1 + n / 86_400, n / 3600 % 24, n / 60 % 60, n % 60)
}

fn organization(n: u64) -> String {
    format!(
        r#"{{"resourceType":"Organization","id":"o{n}","meta":{{"lastUpdated":"{}"}},"name":"Enhet å{n}"}}"#,
        stamp(n)
    )
}

fn bundle(kind: &str, total: Option<u64>, next: Option<String>, entries: &[String]) -> String {
    let total = total.map(|total| format!(r#""total":{total},"#)).unwrap_or_default();
    let next = next.map(|next| format!(r#"{{"relation":"next","url":"{next}"}},"#)).unwrap_or_default();
    let entries = if entries.is_empty() { String::new() } else { format!(r#","entry":[{}]"#, entries.join(",")) };
    format!(
        r#"{{"resourceType":"Bundle","type":"{kind}",{total}"link":[{next}{{"relation":"self","url":"x"}}]{entries}}}"#
    )
}

fn matching(resource: &str) -> String {
    format!(r#"{{"fullUrl":"http://exempel.invalid/x","resource":{resource},"search":{{"mode":"match"}}}}"#)
}

/// A server with `rows` organisations.
fn searching(rows: u64, size: u64) -> impl Fn(&Request, usize) -> Reply + Send + Sync + 'static {
    move |request, _| {
        if request.path != "/fhir/Organization" {
            let outcome = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found","diagnostics":"canary"}]}"#;
            return Reply::status(404).with("content-type", "application/fhir+json").body(outcome);
        }
        let since = request.parameter("_lastUpdated").trim_start_matches("gt");
        let first = if since.is_empty() { 0 } else { (0..rows).find(|n| stamp(*n).as_str() > since).unwrap_or(rows) };
        let start = request.parameter("_fran").parse().unwrap_or(first);
        let entries: Vec<String> = (start..(start + size).min(rows)).map(|n| matching(&organization(n))).collect();
        let next = (start + size < rows).then(|| {
            format!("http://{}/fhir/Organization?_lastUpdated={since}&_fran={}", request.header("host"), start + size)
        });
        Reply::json(bundle("searchset", Some(rows - first), next, &entries))
            .with("content-type", "application/fhir+json")
    }
}

#[tokio::test]
async fn a_search_gives_all_its_pages() {
    for rows in [0, 1, 50, 57] {
        let server = Server::start(searching(rows, 10)).await;
        let chunks =
            read(&options(&server, "Organization", json!({ "page_size": 10, "query": { "active": "true" } }))).await;
        assert_eq!(column(&chunks, "id"), (0..rows).map(|n| format!("o{n}")).collect::<Vec<_>>());
        let first = &server.seen()[0];
        assert_eq!((first.parameter("_count"), first.parameter("active")), ("10", "true"));
        assert_eq!(first.header("accept"), "application/fhir+json");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_complies() {
    let server = Server::start(searching(400, 25)).await;
    let good = options(
        &server,
        "Organization",
        json!({
            "increments": "last_updated", "overlap": 0, "auth": { "bearer": { "token": { "secret": "nyckel" } } },
        }),
    );
    let with = |name: &str, value: Value| {
        let mut options = good.clone();
        options[name] = value;
        options
    };
    let broken = vec![
        (with("url", json!(server.url("/annat"))), Actor::Configuration),
        (with("url", json!(server.url("/fhir?hemligt-2"))), Actor::Configuration),
        (with("resource", json!("PractitionerRole")), Actor::Configuration),
        (with("path", json!("x.json")), Actor::Configuration),
        (with("also", json!(["CodeSystem"])), Actor::Configuration),
        (with("columns", json!({ "deleted": "id" })), Actor::Configuration),
        (with("auth", json!({ "bearer": { "token": { "secret": "saknas" } } })), Actor::Configuration),
    ];
    check(&Case {
        connector: "fhir",
        options: good,
        io: io(Path::new("."), 10, &[("nyckel", "hemligt-1")]),
        rows: 400,
        unread: 0,
        landed: None,
        secrets: vec!["hemligt-1".into(), "hemligt-2".into(), "canary".into()],
        broken,
    })
    .await;
}

#[tokio::test]
async fn only_what_has_changed_is_read_the_next_time() {
    let server = Server::start(searching(57, 10)).await;
    let options = options(&server, "Organization", json!({ "increments": "last_updated", "overlap": 5 }));
    let chunks = read(&options).await;
    assert_eq!(server.seen()[0].parameter("_sort"), "_lastUpdated");
    let cursor = chunks.last().unwrap().cursor.clone();
    drop(server);
    let server = Server::start(searching(60, 10)).await;
    let mut options = options;
    options["url"] = json!(server.url("/fhir"));
    let (chunks, error) = read_in(Path::new("."), &options, cursor, Arc::default()).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(server.seen()[0].parameter("_lastUpdated"), format!("gt{}", stamp(51)));
    assert_eq!(column(&chunks, "id"), (52..60).map(|n| format!("o{n}")).collect::<Vec<_>>(), "overlap and what is new");
}

#[tokio::test]
async fn identifiers_are_found_by_any_name_of_their_system() {
    let r4 = r#"{"resourceType":"Organization","id":"a","active":true,"name":"Ögon","alias":["Ö","O"],
        "identifier":[{"system":"urn:oid:1.2.752.29.4.3","value":"2321000131"},{"system":"urn:oid:1.2.752.129.2.1.4.1","value":"SE2321000131-E000000007303"}],
        "type":[{"coding":[{"system":"http://x","code":"vc"},{"code":"mott"}]}],"partOf":{"reference":"Organization/b"},
        "telecom":[{"system":"phone","value":"010-1"},{"system":"email","value":"a@exempel.invalid"}],
        "address":[{"line":["Gata 1","Hus B"],"postalCode":"413 45","city":"Göteborg"}]}"#;
    let r5 = r#"{"resourceType":"Organization","id":"b","identifier":[{"system":"http://annat","value":"7"},{"system":"2.5.4.97","value":"232100-0131"}],
        "contact":[{"purpose":{"coding":[{"code":"contractPerformerContact"}]},"telecom":[{"system":"phone","value":"010-2"}],"address":{"city":"Lund"}}]}"#;
    let bodies = [matching(r4), matching(r5)].to_vec();
    let server = Server::start(move |_, _| Reply::json(bundle("searchset", None, None, &bodies))).await;
    let chunks = read(&options(&server, "Organization", json!({}))).await;
    for (name, values) in [
        ("hsa_id", ["SE2321000131-E000000007303", "-"]),
        ("orgnr", ["2321000131", "232100-0131"]),
        ("alias", ["Ö|O", "-"]),
        ("type", ["vc|mott", "-"]),
        ("part_of", ["Organization/b", "-"]),
        ("phone", ["010-1", "-"]),
        ("contact_phone", ["-", "010-2"]),
        ("contact_purpose", ["-", "contractPerformerContact"]),
        ("contact_city", ["-", "Lund"]),
        ("address_line", ["Gata 1|Hus B", "-"]),
        ("city", ["Göteborg", "-"]),
        ("active", ["true", "-"]),
        ("resource_type", ["Organization", "Organization"]),
        ("deleted", ["-", "-"]),
    ] {
        assert_eq!(column(&chunks, name), values, "{name}");
    }
}

#[tokio::test]
async fn every_kind_has_its_columns() {
    for (resource, body, wanted) in [
        (
            "HealthcareService",
            r#""providedBy":{"reference":"Organization/1"},"type":[{"coding":[{"system":"http://snomed.info/sct","code":"404684003"},{"system":"urn:oid:1.2.752.129.5.1.19","code":"exempel"}]}],"location":[{"reference":"Location/1"},{"reference":"Location/2"}]"#,
            &[
                ("provided_by", "Organization/1"),
                ("type_snomed", "404684003"),
                ("type_vardtjanst", "exempel"),
                ("location", "Location/1|Location/2"),
            ][..],
        ),
        (
            "Location",
            r#""status":"active","position":{"longitude":11.9700,"latitude":57.7},"managingOrganization":{"reference":"Organization/1"},"address":{"line":["G 1"],"city":"Umeå"}"#,
            &[
                ("longitude", "11.9700"),
                ("latitude", "57.7"),
                ("city", "Umeå"),
                ("managing_organization", "Organization/1"),
            ],
        ),
        (
            "Contract",
            r#""identifier":[{"value":"SN143-2012"}],"status":"executed","applies":{"start":"2026-01-01","end":"2027-12-31"},"title":"Avtal","term":[{"applies":{"start":"2026-02-01"}}]"#,
            &[
                ("identifier", "SN143-2012"),
                ("applies_start", "2026-01-01"),
                ("applies_end", "2027-12-31"),
                ("term_start", "2026-02-01"),
            ],
        ),
        (
            "OrganizationAffiliation",
            r#""organization":{"reference":"Organization/1"},"participatingOrganization":{"reference":"Organization/2"},"period":{"start":"2026-01-01"},"healthcareService":[{"reference":"HealthcareService/1"}]"#,
            &[
                ("organization", "Organization/1"),
                ("participating_organization", "Organization/2"),
                ("period_start", "2026-01-01"),
                ("healthcare_service", "HealthcareService/1"),
            ],
        ),
        (
            "Group",
            r#""type":"person","characteristic":[{"code":{"coding":[{"code":"424144002"}]},"valueRange":{"low":{"value":18},"high":{"value":65}}}]"#,
            &[
                ("group_type", "person"),
                ("characteristic_code", "424144002"),
                ("characteristic_min", "18"),
                ("characteristic_max", "65"),
            ],
        ),
    ] {
        let body = matching(&format!(r#"{{"resourceType":"{resource}","id":"x",{body}}}"#));
        let server =
            Server::start(move |_, _| Reply::json(bundle("searchset", Some(1), None, std::slice::from_ref(&body))))
                .await;
        let chunks = read(&options(&server, resource, json!({}))).await;
        for (name, value) in wanted {
            assert_eq!(one(&chunks, name), *value, "{resource} {name}");
        }
    }
}

#[tokio::test]
async fn what_is_included_comes_along_where_it_is_wanted() {
    let service = r#"{"resourceType":"HealthcareService","id":"t","providedBy":{"reference":"Organization/o1"}}"#;
    let include = |resource: &str| format!(r#"{{"resource":{resource},"search":{{"mode":"include"}}}}"#);
    let person = r#"{"resourceType":"PractitionerRole","id":"p","identifier":[{"value":"canary"}]}"#;
    let hint = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"informational"}]}"#;
    let bodies = vec![matching(service), include(&organization(1)), include(person), include(hint)];
    let server = Server::start(move |_, _| Reply::json(bundle("searchset", Some(1), None, &bodies))).await;
    let include = json!(["HealthcareService:organization"]);
    let chunks =
        read(&options(&server, "HealthcareService", json!({ "include": include, "also": ["Organization"] }))).await;
    assert_eq!(column(&chunks, "resource_type"), ["HealthcareService", "Organization"]);
    assert_eq!(column(&chunks, "provided_by"), ["Organization/o1", "-"]);
    assert_eq!(server.seen()[0].parameter("_include"), "HealthcareService:organization");
    let chunks = read(&options(&server, "HealthcareService", json!({}))).await;
    assert_eq!(column(&chunks, "resource_type"), ["HealthcareService"]);
}

#[tokio::test]
async fn a_history_tells_the_newest_once_and_what_is_gone() {
    let server = Server::start(|request, _| {
        let entry = |id: &str, name: &str, time: &str| {
            format!(r#"{{"resource":{{"resourceType":"Organization","id":"{id}","name":"{name}","meta":{{"lastUpdated":"{time}"}}}},"request":{{"method":"PUT","url":"Organization/{id}"}},"response":{{"status":"200"}}}}"#)
        };
        let gone = r#"{"request":{"method":"DELETE","url":"Organization/c"},"response":{"status":"204","lastModified":"2026-11-03T00:00:00Z"}}"#;
        if request.parameter("sida") == "2" {
            let old = [entry("a", "gammal", "2026-11-01T00:00:00Z"), entry("c", "fanns", "2026-10-01T00:00:00Z")];
            return Reply::json(bundle("history", None, None, &old));
        }
        let new = [gone.to_owned(), entry("a", "ny", "2026-11-02T00:00:00Z"), entry("b", "b", "2026-11-02T00:00:00Z")];
        Reply::json(bundle("history", None, Some(format!("http://{}/fhir/Organization/_history?sida=2", request.header("host"))), &new))
    })
    .await;
    let options = options(&server, "Organization", json!({ "increments": "history", "overlap": 60 }));
    let chunks = read(&options).await;
    assert_eq!(column(&chunks, "id"), ["c", "a", "b"]);
    assert_eq!(column(&chunks, "name"), ["-", "ny", "b"]);
    assert_eq!(column(&chunks, "deleted"), ["true", "-", "-"]);
    assert_eq!(server.seen()[0].path, "/fhir/Organization/_history");
    let cursor = chunks.last().unwrap().cursor.clone();
    assert!(cursor.is_some());
    server.forget();
    let (_, error) = read_in(Path::new("."), &options, cursor, Arc::default()).await;
    assert!(error.is_some_and(|error| error.what.contains("older than asked")), "this server does not know `_since`");
    assert_eq!(server.seen()[0].parameter("_since"), "2026-11-02T23:59:00Z");
}

#[tokio::test]
async fn what_is_not_whole_is_an_error() {
    let outcome = r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing","diagnostics":"canary"}]}"#;
    for (reply, what, actor) in [
        (Reply::json(outcome), "OperationOutcome: error · processing", Actor::Source),
        (Reply::status(400).body(outcome), "(400): error · processing", Actor::Configuration),
        (Reply::json(organization(1)), "another resource", Actor::Source),
        (Reply::json("{\"a\":1}"), "no FHIR resource", Actor::Source),
        (Reply::json("[{"), "not well-formed", Actor::Source),
        (Reply::html("<html>canary"), "web page", Actor::Source),
        (
            Reply::json(bundle("searchset", Some(2), None, &[matching(&organization(1))])),
            "tells of 2 and gives 1",
            Actor::Source,
        ),
        (
            Reply::json(bundle("searchset", Some(1), None, &[matching(outcome)])),
            "error among the resources: processing",
            Actor::Source,
        ),
        (
            Reply::json(bundle(
                "searchset",
                None,
                Some("/fhir/Organization?x=1".into()),
                &[matching(&organization(1))],
            )),
            "given before",
            Actor::Source,
        ),
        (
            Reply::json(bundle("searchset", None, Some("https://annan.invalid/".into()), &[])),
            "another server",
            Actor::Source,
        ),
        (Reply::json(bundle("searchset", None, Some("?x=1".into()), &[])), "read before", Actor::Source),
    ] {
        let server = Server::start(move |_, _| reply.clone()).await;
        let error = fails(&options(&server, "Organization", json!({}))).await;
        assert!(error.what.contains(what) && error.actor == actor && error.hint.is_some(), "{what}: {error:?}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
    let entries = [r#"{"fullUrl":"x"}"#.to_owned(), matching(&organization(1))];
    let server = Server::start(move |_, _| Reply::json(bundle("searchset", None, None, &entries))).await;
    let chunks = read(&options(&server, "Organization", json!({}))).await;
    assert_eq!((chunks[0].unread.len(), chunks[0].unread[0].rule, column(&chunks, "id").len()), (1, "olasbar_rad", 1));
}

#[tokio::test]
async fn a_server_that_restarts_in_the_middle_gives_all_rows_once() {
    let server = Server::start(searching(57, 10)).await;
    // Gone within the second page, not there at the next attempt, then back.
    let proxy =
        Proxy::planned(server.port(), |connection| [2500, 0].get(connection).copied().unwrap_or(usize::MAX)).await;
    let more = json!({ "url": server.url_through(proxy.port, "/fhir") });
    let chunks = read(&options(&server, "Organization", more)).await;
    assert_eq!(column(&chunks, "id"), (0..57).map(|n| format!("o{n}")).collect::<Vec<_>>());
    assert_eq!(proxy.connections.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_empty_page_is_not_the_end() {
    let server = Server::start(|request, _| {
        let page = |from: u64, to: u64| (from..to).map(|n| matching(&organization(n))).collect::<Vec<_>>();
        let next = |n: u64| Some(format!("http://{}/fhir/Organization?_fran={n}", request.header("host")));
        Reply::json(match request.parameter("_fran") {
            "" => bundle("searchset", Some(20), next(10), &page(0, 10)),
            "10" => bundle("searchset", Some(20), next(11), &[]),
            _ => bundle("searchset", Some(20), None, &page(10, 20)),
        })
    })
    .await;
    let chunks = read(&options(&server, "Organization", json!({}))).await;
    assert_eq!(column(&chunks, "id"), (0..20).map(|n| format!("o{n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_server_that_goes_back_in_time_is_noticed() {
    let more = json!({ "increments": "last_updated", "overlap": 0 });
    let server = Server::start(searching(50, 10)).await;
    let chunks = read(&options(&server, "Organization", &more)).await;
    let cursor = chunks.last().unwrap().cursor.clone();
    // Restored from a backup, or one that does not know the parameter.
    let server = Server::start(|_, _| {
        let old: Vec<_> = (0..5).map(|n| matching(&organization(n))).collect();
        Reply::json(bundle("searchset", Some(5), None, &old))
    })
    .await;
    let (_, error) = read_in(Path::new("."), &options(&server, "Organization", &more), cursor, Arc::default()).await;
    assert!(error.as_ref().is_some_and(|error| error.what.contains("older than asked")), "{error:?}");
}

/// A server that exports two files.
fn exporting(cut: Option<usize>) -> impl Fn(&Request, usize) -> Reply + Send + Sync + 'static {
    move |request, before| {
        let host = request.header("host");
        match request.path.as_str() {
            "/fhir/$export" => {
                assert_eq!(
                    (request.header("prefer"), request.parameter("_type")),
                    ("respond-async", "Organization,Location")
                );
                Reply::status(202).with("content-location", format!("http://{host}/jobb/1"))
            }
            "/jobb/1" if before < 2 => Reply::status(202).with("retry-after", "0"),
            "/jobb/1" => Reply::json(format!(
                r#"{{"transactionTime":"2026-11-20T00:00:00Z","request":"x","requiresAccessToken":true,"error":[],"output":[
                {{"type":"Organization","url":"http://{host}/fil/o.ndjson","count":300}},{{"type":"Location","url":"http://{host}/fil/l.ndjson"}}]}}"#
            )),
            "/fil/o.ndjson" => {
                let lines: String = (0..300).map(|n| organization(n) + "\n").collect();
                let reply = Reply::json(lines).with("content-type", "application/fhir+ndjson");
                if let Some(cut) = cut { reply.cut(cut) } else { reply }
            }
            _ => Reply::json("{\"resourceType\":\"Location\",\"id\":\"l\"}\nfel\n")
                .with("content-type", "application/fhir+ndjson"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_read_file_by_file() {
    let server = Server::start(exporting(None)).await;
    let more = json!({ "export": {}, "also": ["Location"], "increments": "last_updated", "overlap": 0 });
    let options = options(&server, "Organization", more);
    let landing = Arc::new(Kept::default());
    let (chunks, error) = read_in(Path::new("."), &options, None, Arc::clone(&landing)).await;
    assert!(error.is_none(), "{error:?}");
    let ids = column(&chunks, "id");
    assert_eq!((ids.len(), ids[299].as_str(), ids[300].as_str()), (301, "o299", "l"));
    assert_eq!(chunks.iter().map(|chunk| chunk.unread.len()).sum::<usize>(), 1);
    let landed: BTreeMap<_, _> = landing.sealed().into_iter().map(|(name, bytes)| (name, bytes.len())).collect();
    assert_eq!(landed.len(), 3, "the list and two files: {landed:?}");
    let cursor = chunks.last().unwrap().cursor.clone();
    server.forget();
    let _ = read_in(Path::new("."), &options, cursor, Arc::default()).await;
    assert_eq!(server.seen()[0].parameter("_since"), "2026-11-20T00:00:00Z");

    for cut in [0, 10_000] {
        let server = Server::start(exporting(Some(cut))).await;
        let mut options = options.clone();
        options["url"] = json!(server.url("/fhir"));
        let landing = Arc::new(Kept::default());
        let (_, error) = read_in(Path::new("."), &options, None, Arc::clone(&landing)).await;
        assert!(error.is_some_and(|error| error.retry && error.what.contains("broke")));
        assert_eq!(landing.sealed().len(), 1, "half a file is not kept as a whole one");
    }
}

#[tokio::test]
async fn codes_come_as_kodverk_gives_them() {
    let system = r#"{"resourceType":"CodeSystem","url":"http://exempel.invalid/kva","identifier":[{"value":"urn:oid:1.2.752.116.1.3.2.1.4"}],"version":"2026","count":2,"concept":[{"code":"CJE20","display":"Phaco"},{"code":"CJE99"}]}"#;
    let other = system.replace("\"2026\"", "\"2025\"");
    let pages = [matching(system), matching(&other)];
    let server = Server::start(move |request, _| match request.parameter("sida") {
        "2" => Reply::json(bundle("searchset", Some(2), None, &pages[1..])),
        _ => Reply::json(bundle(
            "searchset",
            Some(2),
            Some(format!("http://{}/fhir/CodeSystem?sida=2", request.header("host"))),
            &pages[..1],
        )),
    })
    .await;
    let chunks = read(&options(&server, "CodeSystem", json!({ "valid_from": "2026-01-01" }))).await;
    assert_eq!(column(&chunks, "kod"), ["CJE20", "CJE99", "CJE20", "CJE99"]);
    assert_eq!(column(&chunks, "system"), ["kva"; 4]);
    assert_eq!(column(&chunks, "version"), ["2026", "2026", "2025", "2025"]);
    assert_eq!(column(&chunks, "giltig_fran"), ["2026-01-01"; 4]);
    assert!(chunks[0].origin.index < chunks[1].origin.index);
    let both = vec![matching(system), matching(&other)];
    let server = Server::start(move |_, _| Reply::json(bundle("searchset", Some(2), None, &both))).await;
    let chunks = read(&options(&server, "CodeSystem", json!({}))).await;
    assert_eq!(chunks.iter().map(|chunk| chunk.origin.index).collect::<Vec<_>>(), [0, 1], "two parts of one answer");
}

#[tokio::test]
async fn a_value_set_is_expanded_page_by_page() {
    let expansion = |total: u64, knows: bool| {
        move |request: &Request, _: usize| {
            assert_eq!(
                (request.path.as_str(), request.parameter("url")),
                ("/fhir/ValueSet/$expand", "http://exempel.invalid/vs")
            );
            let offset: u64 = if knows { request.parameter("offset").parse().unwrap() } else { 0 };
            let count: u64 = request.parameter("count").parse().unwrap();
            let codes: Vec<String> = (offset..(offset + count).min(25))
                .map(|n| format!(r#"{{"system":"http://snomed.info/sct","code":"{n}"}}"#))
                .collect();
            Reply::json(format!(
                r#"{{"resourceType":"ValueSet","url":"http://exempel.invalid/vs","expansion":{{"total":{total},"offset":{offset},"contains":[{}]}}}}"#,
                codes.join(",")
            ))
        }
    };
    let expand = json!({ "expand": { "value_set": "http://exempel.invalid/vs", "count": 10 } });
    let server = Server::start(expansion(25, true)).await;
    let chunks = read(&options(&server, "ValueSet", expand.clone())).await;
    assert_eq!(column(&chunks, "kod"), (0..25).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!((server.seen().len(), column(&chunks, "system")[0].as_str()), (3, "snomed"));
    for (total, knows, what) in [(30, true, "tells of 30 and gives 25"), (25, false, "given before")] {
        let server = Server::start(expansion(total, knows)).await;
        let error = fails(&options(&server, "ValueSet", expand.clone())).await;
        assert!(error.what.contains(what), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_read_as_answers_are() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "a.json",
        bundle(
            "collection",
            None,
            None,
            &[matching(&organization(1)), matching(r#"{"resourceType":"Location","id":"l"}"#)],
        ),
    );
    write("b.ndjson", organization(2) + "\n" + &organization(3) + "\n");
    let (chunks, error) =
        read_in(folder.path(), &json!({ "path": "*.*json", "resource": "Organization" }), None, Arc::default()).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(column(&chunks, "id"), ["o1", "o2", "o3"]);
    check(&Case {
        connector: "fhir",
        options: json!({ "path": "*.*json", "resource": "Organization", "also": ["Location"] }),
        io: io(folder.path(), 10, &[]),
        rows: 4,
        unread: 0,
        landed: None,
        secrets: vec![],
        broken: vec![
            (json!({ "path": "saknas.json", "resource": "Organization" }), Actor::Source),
            (json!({ "path": "*.json", "resource": "Organization", "increments": "history" }), Actor::Configuration),
        ],
    })
    .await;
    write("c.json", organization(4));
    let (_, error) =
        read_in(folder.path(), &json!({ "path": "c.json", "resource": "Organization" }), None, Arc::default()).await;
    assert!(error.is_some(), "a resource by itself is no Bundle");
}
