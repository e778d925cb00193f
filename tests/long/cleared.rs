//! What it costs a nation's readers to see what may be seen: the cleared views and events over the sample country,
//! fifty times over. A measurement: run it by name, in a release build.

use std::fmt::Write as _;
use std::time::Instant;

use crate::both::On;
use crate::sandbox::Sandbox;

/// Copies of each row: about 35,000 contracts, 250,000 services, 140,000 matches, 400,000 events.
const COPIES: usize = 50;
const TABLES: [&str; 5] = ["avtal", "uppdrag", "tjanst", "koppling", "handelse"];

#[test]
#[ignore = "a measurement"]
fn what_may_be_seen_on_sqlite() {
    measure(&On::Sqlite);
}

#[test]
#[ignore = "a measurement"]
fn what_may_be_seen_on_postgres() {
    if let Some(on) = On::postgres() {
        measure(&on);
    }
}

fn measure(on: &On) {
    let sandbox = Sandbox::demo_on(on);
    sandbox.ok(&["run", "--all"]);
    for table in TABLES {
        copy(on, &sandbox, table);
    }
    if matches!(on, On::Postgres(_)) {
        // As the server does by itself after a while.
        on.texts(&sandbox, "ANALYZE");
        // As the program's own connections have it.
        let off = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET jit = off', current_database()); END $$";
        on.texts(&sandbox, off);
    }
    let of = |sql: &str| {
        let began = Instant::now();
        let number = on.number(&sandbox, sql);
        println!("{sql}: {number} in {:.0?}", began.elapsed());
    };
    for table in TABLES {
        of(&format!("SELECT COUNT(*) FROM {table}"));
        of(&format!("SELECT COUNT(*) FROM oppen_{table}"));
    }
    // As `GET /v1/events` reads them, from the beginning and near the end.
    let last = on.number(&sandbox, "SELECT MAX(no) FROM handelse");
    for after in [0, last - 4_096] {
        let to = after + 4_096;
        of(&format!(
            "SELECT COUNT(*) FROM (SELECT no FROM oppen_handelse WHERE no > {after} AND no <= {to} \
             ORDER BY no LIMIT 1000) page"
        ));
    }
}

/// Adds copies of a table's rows: each of a contract, and with a key, of its own.
fn copy(on: &On, sandbox: &Sandbox, table: &str) {
    let (columns, series, key) = match on {
        On::Sqlite => (
            format!("SELECT name FROM pragma_table_info('{table}')"),
            format!("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {COPIES})"),
            "unhex(printf('%08x', n) || substr(hex(KEY), 9))",
        ),
        On::Postgres(_) => (
            format!(
                "SELECT column_name::text FROM information_schema.columns \
                 WHERE table_name = '{table}' AND table_schema = current_schema()"
            ),
            format!("WITH s(n) AS (SELECT generate_series(1, {COPIES}))"),
            "(lpad(to_hex(n), 8, '0') || substr(replace(KEY::text, '-', ''), 9))::uuid",
        ),
    };
    let columns: Vec<String> = on.texts(sandbox, &columns).into_iter().filter(|column| column != "_id").collect();
    let mut values = String::new();
    for column in &columns {
        let quoted = format!("t.\"{column}\"");
        let value = match column.as_str() {
            "_nyckel" | "key_hash" => key.replace("KEY", &quoted),
            "avtals_id" => format!("n || '_' || {quoted}"),
            "kalla_nyckel" => format!("substr({quoted}, 1, 3) || n || '_' || substr({quoted}, 4)"),
            "no" => format!("{quoted} + n * (SELECT MAX(no) FROM handelse)"),
            _ => quoted,
        };
        let _ = write!(values, "{}{value}", if values.is_empty() { "" } else { ", " });
    }
    let names: Vec<_> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    let filter = if table == "koppling" { " WHERE t.kalla IN ('uppdrag', 'tjanst')" } else { "" };
    on.execute(
        sandbox,
        &format!("INSERT INTO {table} ({}) {series} SELECT {values} FROM {table} t, s{filter}", names.join(", ")),
    );
}
