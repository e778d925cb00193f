//! ODBC, through the drivers of PostgreSQL and MariaDB.

use std::path::Path;

use serde_json::json;

use super::server::Server;
use super::{fails, io, last_cursor, lines, open, options, read, types};
use crate::compliance::{self, Case};
use crate::error::Actor;

/// Where Debian puts a driver; none where it is not installed.
fn driver(file: &str) -> Option<String> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten();
    let found = folders.map(|folder| folder.path().join("odbc").join(file)).find(|path| path.is_file());
    if found.is_none() {
        println!("skipped: no ODBC driver {file}: run tests/setup.sh");
    }
    Some(found?.display().to_string())
}

fn postgres(server: &Server) -> Option<String> {
    let driver = driver("psqlodbcw.so")?;
    Some(format!("odbc:Driver={driver};Server=127.0.0.1;Port={};Database=sluss;UID=sluss;PWD=hemligt", server.port()))
}

fn mariadb(server: &Server) -> Option<String> {
    let driver = driver("libmaodbc.so")?;
    Some(format!(
        "odbc:Driver={driver};SERVER=127.0.0.1;PORT={};DATABASE=sluss;UID=sluss;PWD=sluss;TCPIP=1",
        server.port()
    ))
}

#[tokio::test]
async fn complies_through_postgres() {
    let Some(server) = Server::postgres() else { return };
    let Some(url) = postgres(&server) else { return };
    server.sql(
        "CREATE TABLE avtal (id int PRIMARY KEY, titel varchar(80), belopp numeric(10,2), andrad timestamp NOT NULL);
         INSERT INTO avtal SELECT i, 'avtal åäö ' || i, i * 1.25, timestamp '2026-01-01' + (i / 7) * interval '1 minute'
         FROM generate_series(1, 4000) i",
    );
    let base = options(json!({ "table": "avtal", "cursor": { "column": "andrad" }, "order_by": ["id"] }));
    let mut wrong = base.clone();
    wrong["table"] = json!("avtla");
    compliance::check(&Case {
        connector: "sql",
        options: base,
        io: io(Path::new("."), &url, 50),
        rows: 4000,
        unread: 0,
        landed: None,
        secrets: vec!["hemligt".into()],
        broken: vec![(wrong, Actor::Configuration)],
    })
    .await;
}

#[tokio::test]
async fn types_through_postgres() {
    let Some(server) = Server::postgres() else { return };
    let Some(url) = postgres(&server) else { return };
    server.sql(
        "CREATE TABLE t (a smallint, b bigint, c numeric(12,4), e real, f double precision, h date, i timestamp, k time, s text, u uuid);
         INSERT INTO t VALUES (-1, 9223372036854775807, -1234.5, 0.1, 0.1, '2026-01-31', '2026-07-01 12:00:00.25', '07:30', 'åäö€',
            '00000000-0000-4000-8000-000000000001'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    );
    let chunks = read(open(&url, json!({ "table": "t" })).as_ref(), None).await.unwrap();
    let text = "Utf8View";
    assert_eq!(
        types(&chunks),
        [
            "Int64",
            "Int64",
            "Decimal128(12, 4)",
            "Float64",
            "Float64",
            "Date32",
            "Timestamp(µs, \"UTC\")",
            text,
            text,
            text
        ]
    );
    assert_eq!(
        lines(&chunks),
        [
            "-1|9223372036854775807|-1234.5000|0.1|0.1|2026-01-31|2026-07-01T10:00:00.250Z|07:30:00|åäö€|\
         00000000-0000-4000-8000-000000000001",
            "~|~|~|~|~|~|~|~|~|~",
        ]
    );
    let streams = open(&url, json!({})).discover().await.unwrap();
    assert!(streams.iter().any(|stream| stream.name == "public.t" && stream.columns.len() == 10), "{streams:?}");

    for (more, what, actor) in [
        (json!({ "query": "DELETE FROM t RETURNING a" }), "tries to write", Actor::Configuration),
        (json!({ "query": "SELECT a FORM t" }), "refuses the query", Actor::Configuration),
        (
            json!({ "query": "SELECT repeat('å', 9000) AS s", "max_text": 1000 }),
            "longer than `max_text`",
            Actor::Configuration,
        ),
    ] {
        let error = fails(open(&url, more.clone()).as_ref()).await;
        assert!(error.what.contains(what), "{more}: {error:?}");
        assert_eq!((error.actor, error.place.as_deref()), (actor, Some("odbc")), "{error}");
    }
    server.stop();
    let error = fails(open(&url, json!({ "table": "t" })).as_ref()).await;
    assert_eq!((error.actor, error.retry), (Actor::Source, true), "{error:?}");
}

#[tokio::test]
async fn types_and_cursor_through_mariadb() {
    let Some(server) = Server::mariadb() else { return };
    let Some(url) = mariadb(&server) else { return };
    server.sql(
        "CREATE TABLE t (a tinyint, b bigint, c decimal(12,4), f double, g date, h datetime(6), s varchar(40), r text);
         INSERT INTO t VALUES (7, 1, -1234.5, 0.1, '2026-01-31', '2026-07-01 12:00:00.25', 'Nässjö', 'åäö€'),
            (8, 2, NULL, NULL, NULL, NULL, NULL, NULL), (9, 3, NULL, NULL, NULL, NULL, NULL, NULL)",
    );
    let source = open(&url, json!({ "table": "t", "cursor": { "column": "b" } }));
    let chunks = read(source.as_ref(), None).await.unwrap();
    assert_eq!(
        types(&chunks)[..6],
        ["Int64", "Int64", "Decimal128(12, 4)", "Float64", "Date32", "Timestamp(µs, \"UTC\")"]
    );
    assert_eq!(lines(&chunks)[0], "7|1|-1234.5000|0.1|2026-01-31|2026-07-01T10:00:00.250Z|Nässjö|åäö€");
    server.sql("INSERT INTO t (a, b) VALUES (1, 17)");
    let new = read(source.as_ref(), Some(last_cursor(&chunks))).await.unwrap();
    assert_eq!(lines(&new), ["1|17|~|~|~|~|~|~"]);
    let wrong = url.replace("PWD=sluss", "PWD=hemligt");
    let error = fails(open(&wrong, json!({ "table": "t" })).as_ref()).await;
    assert_eq!((error.actor, error.retry), (Actor::Configuration, false), "{error:?}");
    assert!(!format!("{error:?}").contains("hemligt"));
    let error = fails(open("odbc:Driver={Saknas};Server=x", json!({ "table": "t" })).as_ref()).await;
    assert!(error.what.contains("driver cannot be loaded"), "{error:?}");
}
