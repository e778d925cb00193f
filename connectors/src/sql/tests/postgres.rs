//! PostgreSQL: every type, the read-only session, who must act.

use std::path::Path;

use serde_json::json;

use super::server::Server;
use super::{fails, io, lines, open, options, read, types};
use crate::compliance::{self, Case};
use crate::error::Actor;

#[tokio::test]
async fn complies() {
    let Some(server) = Server::postgres() else { return };
    server.sql(
        "CREATE TABLE avtal (id int PRIMARY KEY, titel text, belopp numeric(10,2), andrad timestamptz NOT NULL);
         INSERT INTO avtal SELECT i, 'avtal åäö ' || i, i * 1.25, timestamptz '2026-01-01' + (i / 7) * interval '1 minute'
         FROM generate_series(1, 4000) i",
    );
    let url = server.url.replace("sluss@", "sluss:hemligt%40ord@");
    let base =
        options(json!({ "table": "avtal", "cursor": { "column": "andrad" }, "order_by": ["id"], "fetch_rows": 33 }));
    let with = |key: &str, value: serde_json::Value| {
        let mut options = base.clone();
        options[key] = value;
        options
    };
    compliance::check(&Case {
        connector: "sql",
        options: base.clone(),
        io: io(Path::new("."), &url, 50),
        rows: 4000,
        unread: 0,
        landed: None,
        secrets: vec!["hemligt".into()],
        broken: vec![
            (with("table", json!("avtla")), Actor::Configuration),
            (with("cursor", json!({ "column": "andrat" })), Actor::Configuration),
            (with("tls", json!({ "mode": "verify" })), Actor::Configuration),
        ],
    })
    .await;
}

#[tokio::test]
async fn every_type_has_its_column() {
    let Some(server) = Server::postgres() else { return };
    server.sql(
        "CREATE TYPE form AS ENUM ('fysisk', 'digital'); CREATE DOMAIN beteckning AS text;
         CREATE TABLE t (a smallint, b bigint, c numeric(12,4), d numeric, e real, f double precision, g boolean, h date,
            i timestamp, j timestamptz, k time, l uuid, m jsonb, n json, o form, p text[], q interval, r char(5), s beteckning,
            t numeric(40,2), u inet, v numeric(5,-2));
         INSERT INTO t VALUES (-1, 9223372036854775807, -1234.5, 1e30, 0.1, 0.1, true, '1899-12-31', '2026-07-01 12:00',
            '2026-07-01 12:00+02', '07:30', '00000000-0000-4000-8000-000000000001', '{\"b\": 1}', '{\"b\":1}', 'digital',
            '{a,b}', '1 day 2 hours', 'ab', 'åäö', 7, '10.0.0.1', 1234),
            (1, 0, 0.0001, 'NaN', 1, 1, false, 'infinity', '2026-01-01 12:00', '-infinity', NULL, NULL, NULL, NULL, NULL,
            NULL, NULL, NULL, '', NULL, NULL, NULL),
            (NULL, NULL, 99999999.9999, NULL, 'NaN', '-Infinity', NULL, '0044-03-15 BC', NULL, NULL, '24:00', NULL, NULL,
            NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);",
    );
    let chunks = read(open(&server.url, json!({ "table": "t" })).as_ref(), None).await.unwrap();
    let utc = "Timestamp(µs, \"UTC\")";
    let mut wanted =
        vec!["Int64", "Int64", "Decimal128(12, 4)", "Utf8View", "Float64", "Float64", "Boolean", "Date32", utc, utc];
    wanted.extend(["Utf8View"; 12]);
    assert_eq!(types(&chunks), wanted);
    assert_eq!(
        lines(&chunks),
        [
            "-1|9223372036854775807|-1234.5000|1000000000000000000000000000000|0.1|0.1|true|1899-12-31|2026-07-01T10:00:00Z|\
         2026-07-01T10:00:00Z|07:30:00|00000000-0000-4000-8000-000000000001|{\"b\": 1}|{\"b\":1}|digital|{a,b}|1 day 02:00:00|\
         ab   |åäö|7.00|10.0.0.1/32|1200",
            "1|0|0.0001|NaN|1.0|1.0|false|~|2026-01-01T11:00:00Z|~|~|~|~|~|~|~|~|~||~|~|~",
            "~|~|99999999.9999|~|NaN|-inf|~|-0043-03-15|~|~|24:00:00|~|~|~|~|~|~|~|~|~|~|~",
        ]
    );
    let source = open(&server.url, json!({ "table": "t", "time_zone": "America/New_York" }));
    assert!(
        lines(&read(source.as_ref(), None).await.unwrap())[0].contains("|2026-07-01T16:00:00Z|2026-07-01T10:00:00Z|")
    );
    // A query: the declared precision is found behind it; what has none is text, and so are casts.
    let query =
        "SELECT t.c, sum(t.c) AS s, 'åäö' AS x, u.g FROM t LEFT JOIN t AS u ON false GROUP BY t.c, u.g ORDER BY t.c";
    let chunks = read(open(&server.url, json!({ "query": query })).as_ref(), None).await.unwrap();
    assert_eq!(types(&chunks), ["Decimal128(12, 4)", "Utf8View", "Utf8View", "Boolean"]);
    assert_eq!(lines(&chunks)[0], "-1234.5000|-1234.5000|åäö|~");
}

#[tokio::test]
async fn the_session_only_reads_and_errors_say_who_must_act() {
    let Some(server) = Server::postgres() else { return };
    server.sql(
        "CREATE TABLE t (id int, text text, b bytea); INSERT INTO t VALUES (1, '19121212-1212');
         CREATE FUNCTION skriv() RETURNS int LANGUAGE sql AS 'DELETE FROM t RETURNING 1';
         CREATE ROLE obehorig LOGIN; CREATE SEQUENCE s; CREATE SCHEMA avd; CREATE TABLE avd.Ö (a int)",
    );
    for (more, what, actor) in [
        (json!({ "query": "SELECT skriv() AS a" }), "tries to write", Actor::Configuration),
        (json!({ "query": "SELECT nextval('s') AS a" }), "tries to write", Actor::Configuration),
        (json!({ "query": "DELETE FROM t RETURNING id" }), "refuses the query", Actor::Configuration),
        (json!({ "query": "SELECT 1; DELETE FROM t" }), "refuses the query", Actor::Configuration),
        (json!({ "query": "SELECT id AS a FORM t" }), "refuses the query", Actor::Configuration),
        (
            json!({ "query": "SELECT text::int AS a FROM t" }),
            "a value that it cannot handle [22P02]",
            Actor::Configuration,
        ),
        (
            json!({ "query": "SELECT pg_sleep(60) IS NULL AS a", "timeout": "200 ms" }),
            "longer than `timeout`",
            Actor::Source,
        ),
        (json!({ "table": "t" }), "`b` is of the type bytea", Actor::Configuration),
        (json!({ "query": "SELECT 1" }), "", Actor::Configuration),
        (json!({ "table": "avd.ö" }), "refuses the query", Actor::Configuration),
    ] {
        let source = open(&server.url, more.clone());
        if what.is_empty() {
            // PostgreSQL itself names it `?column?`.
            assert_eq!(lines(&read(source.as_ref(), None).await.unwrap()), ["1"]);
            continue;
        }
        let error = fails(source.as_ref()).await;
        assert!(error.what.contains(what), "{more}: {error}");
        assert_eq!(error.actor, actor, "{error}");
        assert!(!format!("{error:?}").contains("1212"), "a cell's value in an error");
        assert!(error.place.unwrap().starts_with("postgresql://127.0.0.1:"));
    }
    let other = server.url.replace("sluss@", "obehorig@");
    let error = fails(open(&other, json!({ "query": "SELECT id FROM t" })).as_ref()).await;
    assert!(error.what.contains("the user lacks a right: permission denied for table t [42501]"), "{error}");
    let error = fails(open(&format!("{}_saknas", server.url), json!({ "table": "t" })).as_ref()).await;
    assert!(error.what.contains("no such database") && !error.retry, "{error}");
    let error = fails(open(&server.url.replace("sluss@", "okand@"), json!({ "table": "t" })).as_ref()).await;
    assert!(error.what.contains("does not accept the user") && !error.retry, "{error}");

    let streams = open(&server.url, json!({})).discover().await.unwrap();
    let names: Vec<_> = streams.iter().map(|stream| (stream.name.as_str(), stream.columns.len())).collect();
    assert_eq!(names, [("avd.Ö", 1), ("t", 3)]);
    assert_eq!(streams[1].columns[2].kind, "bytea");
}

#[tokio::test]
async fn each_time_is_its_own_cursor() {
    let Some(server) = Server::postgres() else { return };
    server.sql(
        "CREATE TABLE t AS SELECT i, date '2026-01-01' + i / 10 AS d, timestamp '2026-01-01' + i * interval '1 minute' AS l,
            timestamptz '2026-01-01' + i * interval '1 minute' AS z, (i / 4)::numeric(12,2) AS n, i::numeric AS u,
            lpad(i::text, 6, '0') AS s, lpad(i::text, 6, '0')::varchar AS v FROM generate_series(1, 500) i",
    );
    for column in ["i", "d", "l", "z", "n", "s", "v", "u"] {
        let source = open(&server.url, json!({ "table": "t", "cursor": { "column": column }, "order_by": ["i"] }));
        let all = read(source.as_ref(), None).await.unwrap();
        assert_eq!(lines(&all).len(), 500, "{column}");
        for nth in 0..all.len() {
            let rest = read(source.as_ref(), all[nth].cursor.clone()).await.unwrap();
            assert_eq!(lines(&rest), lines(&all[nth + 1..]), "{column}: after chunk {nth}");
        }
    }
}
