//! What a source should not do, and what becomes of it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};
use sluss_schemas::chunk::Cursor;

use super::{column, ids, items, options, paged, read, read_with, stamp, wanted};
use crate::compliance::Kept;
use crate::error::{Actor, ConnectorError};
use crate::http::testing::{Reply, Server, hurried, io};
use crate::registry;
use crate::testing::proxy::Proxy;

async fn fails(options: &Value) -> ConnectorError {
    let (_, error) = read(options, None).await;
    error.unwrap_or_else(|| panic!("it was read: {options}"))
}

fn rows(from: u64, to: u64) -> String {
    format!(r#"{{"rader":[{}]}}"#, items(from, to))
}

#[tokio::test]
async fn an_answer_without_its_rows_is_never_no_rows() {
    for (reply, what) in [
        (Reply::json(r#"{"fel":"okänd nyckel"}"#), "no rows where they should be"),
        (Reply::json(r#"{"rader":{"a":1}}"#), "should be an array"),
        (Reply::json("[]"), "not an object"),
        (Reply::json("null"), "no rows where they should be"),
        (Reply::json(r#"{"rader":[{"id":"A1"},"#), "ends within a value"),
        (Reply::html("<html>Underhåll</html>"), "web page"),
        (Reply::json("<html>Underhåll</html>"), "web page"),
        (Reply::status(204), "nothing at all"),
        (Reply::status(403), "refuses access (403)"),
        (Reply::status(200).with("content-type", "text/csv").body("id;titel"), "text/csv"),
    ] {
        let server = Server::start(move |_, _| reply.clone()).await;
        let landing = Arc::new(Kept::default());
        let options = options(&server, "/v1", json!({}));
        let (_, error) = read_with(&options, None, &[], Arc::clone(&landing) as _).await;
        let error = error.unwrap_or_else(|| panic!("{what}: it was read"));
        assert!(error.what.contains(what) && error.hint.is_some(), "{what}: {error:?}");
        let place = error.place.map(|place| place.to_string()).unwrap_or_default();
        assert!(place.starts_with(&server.place("/v1")), "{what}: {place}");
        assert_eq!(
            landing.sealed().len(),
            usize::from(!what.contains("403")),
            "{what}: what came with a good status has landed"
        );
    }
    for empty in [r#"{"rader":[]}"#, r#"{"rader":null}"#] {
        let server = Server::start(move |_, _| Reply::json(empty)).await;
        assert_eq!(ids(&options(&server, "/v1", json!({}))).await, Vec::<String>::new(), "{empty}");
    }
}

#[tokio::test]
async fn a_page_that_repeats_is_noticed() {
    // A source that does not know the parameter gives its first page for ever.
    let server = Server::start(|_, _| Reply::json(rows(0, 10))).await;
    for paging in [json!({ "page": {} }), json!({ "offset": { "size": 10 } })] {
        let error = fails(&options(&server, "/v1", json!({ "paging": paging }))).await;
        assert!(error.what.contains("given before") && error.actor == Actor::Source, "{error:?}");
    }
    assert_eq!(server.seen().len(), 4, "at the second page");
    // Tokens and addresses that go in a circle, with rows that differ.
    for circle in [1, 3] {
        let server = Server::start(move |_, n| {
            let n = n as u64;
            Reply::json(format!(r#"{{"nasta":"t{}","rader":[{}]}}"#, n % circle, items(n * 10, n * 10 + 10)))
        })
        .await;
        for paging in [json!({ "cursor": { "path": "nasta" } }), json!({ "next_url": { "path": "nasta" } })] {
            let error = fails(&options(&server, "/v1", json!({ "paging": paging }))).await;
            assert!(error.what.contains("read before"), "{error:?}");
        }
        assert!(server.seen().len() < 20);
    }
    // The last token again, with nothing: this is how some sources say that there is no more.
    let server = Server::start(|_, n| {
        Reply::json(if n == 0 {
            format!(r#"{{"nasta":"t","rader":[{}]}}"#, items(0, 5))
        } else {
            r#"{"nasta":"t","rader":[]}"#.into()
        })
    })
    .await;
    assert_eq!(
        ids(&options(&server, "/v1", json!({ "paging": { "cursor": { "path": "nasta" } } }))).await,
        wanted(0, 5)
    );
}

#[tokio::test]
async fn an_empty_page_before_the_end_is_an_error_and_between_tokens_is_none() {
    for (paging, told) in [
        (json!({ "page": { "pages": "sidor" } }), r#""sidor":3"#),
        (json!({ "page": { "total": "antal" } }), r#""antal":30"#),
        (json!({ "offset": { "size": 10, "total": "antal" } }), r#""antal":30"#),
    ] {
        let server = Server::start(move |_, n| {
            Reply::json(format!(
                r#"{{{told},"rader":[{}]}}"#,
                if n == 1 { String::new() } else { items(n as u64 * 10, n as u64 * 10 + 10) }
            ))
        })
        .await;
        let error = fails(&options(&server, "/v1", json!({ "paging": paging }))).await;
        assert!(error.what.contains("empty before the end") && error.retry, "{error:?}");
        let server = Server::start(|_, _| Reply::json(rows(0, 3))).await;
        let error = fails(&options(&server, "/v1", json!({ "paging": paging }))).await;
        assert!(error.what.contains("no number at"), "{error:?}");
    }
    let server = Server::start(|request, _| {
        Reply::json(match request.parameter("cursor") {
            "" => format!(r#"{{"nasta":"b","rader":[{}]}}"#, items(0, 2)),
            "b" => r#"{"nasta":"c","rader":[]}"#.into(),
            _ => rows(2, 4),
        })
    })
    .await;
    assert_eq!(
        ids(&options(&server, "/v1", json!({ "paging": { "cursor": { "path": "nasta" } } }))).await,
        wanted(0, 4)
    );
}

#[tokio::test]
async fn a_reading_that_broke_goes_on_at_the_next_page() {
    // The source goes down after two pages, for longer than we try.
    let whole = paged(50, 10);
    let server =
        Server::start(move |request, n| if n >= 2 { Reply::json("{}").cut(1) } else { whole(request, n) }).await;
    let more = json!({
        "paging": { "cursor": { "path": "meta.nasta" } },
        "incremental": { "parameter": "efter", "column": "andrad", "overlap": 0 },
    });
    let (chunks, error) = read(&options(&server, "/token", more.clone()), None).await;
    assert!(error.is_some_and(|error| error.retry && error.what.contains("broke")));
    // The latest page waits until it is known whether it is the last: it is read again.
    let first = column(&chunks, "id");
    let cursor = chunks.last().and_then(|chunk| chunk.cursor.clone());
    let server = Server::start(paged(50, 10)).await;
    let (rest, error) = read(&options(&server, "/token", more), cursor).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!([first, column(&rest, "id")].concat(), wanted(0, 50));
    assert!(server.seen()[0].parameter("cursor") == "10", "it does not begin anew");
}

#[tokio::test]
async fn a_server_that_restarts_in_the_middle_gives_all_rows_once() {
    for path in ["/token", "/sida"] {
        let server = Server::start(paged(50, 10)).await;
        // Gone within the second page, not there at the next attempt, then back.
        let proxy =
            Proxy::planned(server.port(), |connection| [1200, 0].get(connection).copied().unwrap_or(usize::MAX)).await;
        let paging = match path {
            "/token" => json!({ "cursor": { "path": "meta.nasta" } }),
            _ => json!({ "page": { "parameter": "sida", "pages": "sidor" } }),
        };
        let mut options = options(&server, path, json!({ "paging": paging }));
        options["url"] = json!(server.url_through(proxy.port, path));
        assert_eq!(ids(&options).await, wanted(0, 50), "{path}");
        assert_eq!(proxy.connections.load(Ordering::SeqCst), 3, "{path}");
    }
}

#[tokio::test]
async fn only_what_is_new_is_asked_for() {
    let more = json!({
        "paging": { "cursor": { "path": "meta.nasta" } },
        "incremental": { "parameter": "efter", "column": "andrad", "overlap": 3, "start": "2026-01-01T00:00:09Z" },
    });
    let server = Server::start(paged(50, 10)).await;
    let (chunks, error) = read(&options(&server, "/token", more.clone()), None).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(column(&chunks, "id"), wanted(10, 50), "from the start that the job gives");
    let cursor = chunks.last().unwrap().cursor.clone().unwrap();
    // Two hundred rows later, one percent is new; late rows within the overlap come too.
    let server = Server::start(paged(52, 10)).await;
    let (chunks, error) = read(&options(&server, "/token", more.clone()), Some(cursor.clone())).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(column(&chunks, "id"), wanted(47, 52));
    assert_eq!((server.seen().len(), server.seen()[0].parameter("efter")), (1, stamp(46).as_str()));
    // The source has been restored, or does not know the parameter.
    let server =
        Server::start(|_, _| Reply::json(format!(r#"{{"meta":{{"nasta":null}},"rader":[{}]}}"#, items(0, 5)))).await;
    let (_, error) = read(&options(&server, "/token", more.clone()), Some(cursor.clone())).await;
    assert!(error.is_some_and(|error| error.what.contains("older than asked")));
    // Nothing new: the mark stays.
    let server = Server::start(|_, _| Reply::json(r#"{"meta":{"nasta":null},"rader":[]}"#)).await;
    let (chunks, _) = read(&options(&server, "/token", more.clone()), Some(cursor.clone())).await;
    assert_eq!(chunks.last().unwrap().cursor, Some(cursor));
    // A mark that is none, and a cursor of another connector.
    let server = Server::start(|_, _| Reply::json(r#"{"rader":[{"id":"A1","andrad":"i går"}]}"#)).await;
    let error = fails(&options(&server, "/token", more.clone())).await;
    assert!(error.what.contains("no mark") && !format!("{error:?}").contains("i går"), "{error:?}");
    let (_, error) = read(&options(&server, "/token", more), Some(Cursor("files1:".into()))).await;
    assert!(error.is_some_and(|error| error.actor == Actor::Configuration));
}

#[tokio::test]
async fn what_has_not_changed_is_not_read_again() {
    let server = Server::start(|request, _| {
        if request.header("if-none-match") == "\"v1\""
            && request.header("if-modified-since") == "Sun, 22 Nov 2026 09:00:00 GMT"
        {
            return Reply::status(304);
        }
        Reply::json(rows(0, 3)).with("etag", "\"v1\"").with("last-modified", "Sun, 22 Nov 2026 09:00:00 GMT")
    })
    .await;
    let options = options(&server, "/v1", json!({}));
    let (chunks, error) = read(&options, None).await;
    assert!(error.is_none() && column(&chunks, "id") == wanted(0, 3), "{error:?}");
    let (chunks, error) = read(&options, chunks.last().unwrap().cursor.clone()).await;
    assert!(error.is_none() && chunks.is_empty(), "{error:?}");
    assert_eq!(ids(&options).await, wanted(0, 3), "without a cursor, the whole");
}

#[tokio::test]
async fn children_are_asked_for_with_what_their_parents_tell() {
    let server = Server::start(|request, _| match request.path.as_str() {
        "/avtal" if request.parameter("page") == "1" => Reply::json(r#"{"avtal":[{"nr":"SN 143/2012"},{"nr":"å"}]}"#),
        "/avtal" if request.parameter("page") == "2" => Reply::json(r#"{"avtal":[{"nr":7}]}"#),
        "/avtal" => Reply::json(r#"{"avtal":[]}"#),
        "/avtal/SN%20143%2F2012/rader" => Reply::json(rows(0, 2)),
        "/avtal/%C3%A5/rader" => Reply::json(rows(0, 0)),
        "/avtal/7/rader" => Reply::json(rows(2, 3)),
        _ => Reply::status(404),
    })
    .await;
    let parent = json!({ "url": server.url("/avtal"), "rows": "avtal[*]", "values": { "avtal": "nr" }, "paging": { "page": {} } });
    let options = options(&server, "/avtal/{avtal}/rader", json!({ "parent": parent }));
    let (chunks, error) = read(&options, None).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(column(&chunks, "id"), wanted(0, 3));
    assert_eq!(column(&chunks, "avtal"), ["SN 143/2012", "SN 143/2012", "7"]);
    let names: String = chunks.iter().map(|chunk| chunk.origin.name.clone()).collect();
    assert!(names.contains("/avtal/{avtal}/rader #") && !names.contains("SN"), "no value in a name: {names}");
    // A parent without a value could hide children.
    let server = Server::start(|_, _| Reply::json(r#"{"avtal":[{"nr":null}]}"#)).await;
    let mut options = options;
    options["url"] = json!(server.url("/avtal/{avtal}/rader"));
    options["parent"] = json!({ "url": server.url("/avtal"), "rows": "avtal[*]", "values": { "avtal": "nr" } });
    assert!(fails(&options).await.what.contains("no value for the address"));
    // Its child is gone: no value in the error.
    let server = Server::start(|request, _| {
        if request.path == "/avtal" { Reply::json(r#"{"avtal":[{"nr":"canary"}]}"#) } else { Reply::status(404) }
    })
    .await;
    options["url"] = json!(server.url("/avtal/{avtal}/rader"));
    options["parent"] = json!({ "url": server.url("/avtal"), "rows": "avtal[*]", "values": { "avtal": "nr" } });
    let error = fails(&options).await;
    assert!(
        !format!("{error:?}").contains("canary")
            && error.place.as_deref() == Some(server.place("/avtal/{avtal}/rader").as_str()),
        "{error:?}"
    );
}

#[tokio::test]
async fn options_that_cannot_work_are_told_before_anything_is_asked() {
    let server = Server::start(|_, _| Reply::json("[]")).await;
    for (more, what) in [
        (json!({ "url": server.url("/{kpi}") }), "{kpi}"),
        (json!({ "each": { "kpi": [] } }), "no values"),
        (json!({ "paging": { "offset": { "size": 0 } } }), "size"),
        (json!({ "paging": { "offset": { "size": 5 } }, "rows": "a[*].b[*]" }), "rows within rows"),
        (json!({ "paging": { "page": { "pages": "a", "total": "b" } } }), "both"),
        (json!({ "incremental": { "parameter": "x", "column": "saknas" } }), "not among"),
        (json!({ "incremental": { "parameter": "x", "column": "andrad", "start": "i går" } }), "start"),
        (json!({ "rows": "a[b=c]" }), "rows"),
        (json!({ "columns": {} }), "empty"),
        (json!({ "paging": { "sida": {} } }), "sida"),
        (json!({ "auth": { "api_key": { "value": "canary" } } }), "wrong kind"),
    ] {
        let mut options = options(&server, "/v1", json!({}));
        for (name, value) in more.as_object().unwrap() {
            options[name] = value.clone();
        }
        let error =
            registry::open("rest", options, &io(Path::new("."), 10, &[])).err().unwrap_or_else(|| panic!("{what}"));
        assert!(error.what.contains(what) && error.actor == Actor::Configuration, "{what}: {error:?}");
        assert!(!format!("{error:?}").contains("canary"));
    }
    assert!(server.seen().is_empty());
    let source = registry::open(
        "rest",
        options(&server, "/v1", json!({ "rows": "[*]", "requests": hurried() })),
        &io(Path::new("."), 10, &[]),
    )
    .unwrap();
    let streams = source.discover().await.unwrap();
    assert_eq!((streams[0].columns.len(), server.seen().len()), (3, 1), "one request");
}
