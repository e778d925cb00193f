//! MariaDB: every type, code pages, the read-only session, who must act.

use std::path::Path;

use serde_json::json;

use super::server::Server;
use super::{fails, io, last_cursor, lines, open, options, read, types};
use crate::compliance::{self, Case};
use crate::error::Actor;

#[tokio::test]
async fn complies() {
    let Some(server) = Server::mariadb() else { return };
    server.sql(
        "CREATE TABLE avtal (id int PRIMARY KEY, titel varchar(50), belopp decimal(10,2), andrad datetime(3) NOT NULL);
         INSERT INTO avtal SELECT seq, concat('avtal åäö ', seq), seq * 1.25, '2026-01-01' + INTERVAL (seq DIV 7) MINUTE
         FROM seq_1_to_4000",
    );
    let base = options(json!({ "table": "avtal", "cursor": { "column": "andrad" }, "order_by": ["id"] }));
    let with = |key: &str, value: serde_json::Value| {
        let mut options = base.clone();
        options[key] = value;
        options
    };
    compliance::check(&Case {
        connector: "sql",
        options: base.clone(),
        io: io(Path::new("."), &server.url.replace("mysql://", "mariadb://"), 50),
        rows: 4000,
        unread: 0,
        landed: None,
        secrets: vec!["sluss:sluss".into()],
        broken: vec![
            (with("table", json!("avtla")), Actor::Configuration),
            (with("cursor", json!({ "column": "titel" })), Actor::Configuration),
        ],
    })
    .await;
}

#[tokio::test]
async fn every_type_has_its_column() {
    let Some(server) = Server::mariadb() else { return };
    server.sql(
        "CREATE TABLE t (a tinyint(1), b smallint unsigned, c bigint unsigned, d decimal(12,4), e float, f double, g date,
            h datetime(6), i timestamp NULL, j time(3), k year, l enum('fysisk','digital'), m set('a','b'), n json, o bit(9),
            p varchar(20) CHARACTER SET latin1, q mediumint, r text, s uuid, u char(5), v int unsigned, x bigint);
         SET sql_mode = ''; SET time_zone = '+00:00';
         INSERT INTO t VALUES (7, 65535, 18446744073709551615, -1234.5, 0.1, 0.1, '2026-01-31', '2026-07-01 12:00:00.25',
            '2026-07-01 12:00:00', '-27:30:15.5', 2026, 'digital', 'a,b', '{\"b\": 1}', b'100000001', 'Nässjö', -8388608, 'åäö€',
            '00000000-0000-4000-8000-000000000001', 'ab', 4294967295, -1),
            (NULL, NULL, NULL, NULL, NULL, NULL, '0000-00-00', '0000-00-00', NULL, '00:00:00', NULL, NULL, NULL, NULL, NULL, '',
            NULL, NULL, NULL, NULL, NULL, NULL), (0, 0, 0, 0, 0, 0, '2026-00-10', NULL, NULL, NULL, NULL, NULL, NULL, NULL,
            NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    );
    let chunks = read(open(&server.url, json!({ "table": "t" })).as_ref(), None).await.unwrap();
    let utc = "Timestamp(µs, \"UTC\")";
    let (int, text) = ("Int64", "Utf8View");
    assert_eq!(
        types(&chunks),
        [
            int,
            int,
            "Decimal128(20, 0)",
            "Decimal128(12, 4)",
            "Float64",
            "Float64",
            "Date32",
            utc,
            utc,
            text,
            int,
            text,
            text,
            text,
            int,
            text,
            int,
            text,
            text,
            text,
            int,
            int
        ]
    );
    assert_eq!(
        lines(&chunks),
        [
            "7|65535|18446744073709551615|-1234.5000|0.1|0.1|2026-01-31|2026-07-01T10:00:00.250Z|2026-07-01T12:00:00Z|\
         -27:30:15.500000|2026|digital|a,b|{\"b\": 1}|257|Nässjö|-8388608|åäö€|00000000-0000-4000-8000-000000000001|ab|\
         4294967295|-1",
            "~|~|~|~|~|~|~|~|~|00:00:00|~|~|~|~|~||~|~|~|~|~|~",
        ]
    );
    assert_eq!((chunks[0].unread.len(), chunks[0].unread[0].row.row()), (1, 3));
    assert_eq!(chunks[0].unread[0].detail, "kolumnen g: värdet är inte ett datum");
    let query = "SELECT x.d, sum(x.d) AS s, y.v FROM t AS x LEFT JOIN t AS y ON false WHERE x.d < 0 GROUP BY x.d, y.v";
    let chunks = read(open(&server.url, json!({ "query": query })).as_ref(), None).await.unwrap();
    assert_eq!((types(&chunks)[1].as_str(), lines(&chunks)), ("Utf8View", vec!["-1234.5000|-1234.5000|~".to_owned()]));
}

#[tokio::test]
async fn the_session_only_reads_and_errors_say_who_must_act() {
    let Some(server) = Server::mariadb() else { return };
    server.sql(
        "CREATE TABLE t (id int, b blob); INSERT INTO t VALUES (1, 'x');
         CREATE USER obehorig@'%' IDENTIFIED BY 'x'; GRANT CREATE ON sluss.* TO obehorig@'%'",
    );
    for (more, what, actor) in [
        (json!({ "query": "DELETE FROM t RETURNING id" }), "tries to write", Actor::Configuration),
        (json!({ "query": "SELECT id FROM t; DELETE FROM t" }), "refuses the query", Actor::Configuration),
        (json!({ "query": "SELECT id AS a FORM t" }), "refuses the query", Actor::Configuration),
        (json!({ "query": "SELECT idd FROM t" }), "refuses the query", Actor::Configuration),
        (
            json!({ "query": "SELECT sleep(60) AS a FROM t", "timeout": "1 second" }),
            "longer than `timeout`",
            Actor::Source,
        ),
        (json!({ "table": "t" }), "`b` is of the type blob", Actor::Configuration),
        (json!({ "table": "sluss.saknas" }), "refuses the query", Actor::Configuration),
    ] {
        let error = fails(open(&server.url, more.clone()).as_ref()).await;
        assert!(error.what.contains(what), "{more}: {error}");
        assert_eq!(error.actor, actor, "{error}");
        assert!(error.place.unwrap().starts_with("mysql://127.0.0.1:"));
    }
    let error =
        fails(open(&server.url.replace("sluss:sluss", "obehorig:x"), json!({ "query": "SELECT id FROM t" })).as_ref())
            .await;
    assert!(error.what.contains("the user lacks a right"), "{error}");
    let error = fails(open(&server.url.replace("sluss:sluss", "sluss:fel"), json!({ "table": "t" })).as_ref()).await;
    assert!(error.what.contains("does not accept the user") && !error.retry, "{error}");
    let error = fails(open(&format!("{}_saknas", server.url), json!({ "table": "t" })).as_ref()).await;
    assert!(error.what.contains("no such database"), "{error}");
    let streams = open(&server.url, json!({})).discover().await.unwrap();
    assert_eq!((streams.len(), streams[0].columns[1].kind.as_str()), (1, "blob"));
}

#[tokio::test]
async fn timestamps_are_gone_on_from_in_their_own_zone() {
    let Some(server) = Server::mariadb() else { return };
    // The server's own zone is not UTC.
    server.sql(
        "CREATE TABLE t (id int, andrad timestamp(6) NOT NULL DEFAULT current_timestamp(6));
         SET time_zone = '+00:00'; INSERT INTO t VALUES (1, '2026-01-01 10:00:00'), (2, '2026-01-01 11:00:00.000001')",
    );
    let source = open(&server.url, json!({ "table": "t", "cursor": { "column": "andrad" } }));
    let first = read(source.as_ref(), None).await.unwrap();
    assert_eq!(lines(&first), ["1|2026-01-01T10:00:00Z", "2|2026-01-01T11:00:00.000001Z"]);
    server.sql("SET time_zone = '+00:00'; INSERT INTO t VALUES (3, '2026-01-01 11:00:00.000002')");
    let second = read(source.as_ref(), Some(last_cursor(&first))).await.unwrap();
    assert_eq!(lines(&second), ["3|2026-01-01T11:00:00.000002Z"]);
    let wide = open(&server.url, json!({ "table": "t", "cursor": { "column": "andrad", "overlap": "1 hour" } }));
    assert_eq!(lines(&read(wide.as_ref(), Some(last_cursor(&second))).await.unwrap()).len(), 2);
    server.sql("DELETE FROM t WHERE id > 1");
    let error = read(source.as_ref(), Some(last_cursor(&second))).await.unwrap_err();
    assert!(error.what.contains("lies before"), "{error}");
}
