//! A PostgreSQL contract database, read from end to end: how much is read when little has changed,
//! counted by the server itself; rows that come late; rows that are gone.

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::both::On;
use crate::sandbox::Sandbox;
use crate::services;

const JOB: &str = "regions/22-vasternorrland/avtal.toml";
/// Contracts in the database, changed a minute apart.
const ROWS: i64 = 4000;

/// A database, and a project that reads it.
struct Region {
    sandbox: Sandbox,
    url: String,
}

impl Region {
    /// None, and a printed line, where there is no server.
    fn new(rows: i64, mode: &str, options: &str) -> Option<Self> {
        let region = Self { url: services::postgres()?, sandbox: Sandbox::empty() };
        region.sql(&format!(
            "CREATE TABLE avtal (nr text PRIMARY KEY, namn text, fran text, andrad timestamptz);
             INSERT INTO avtal SELECT 'A' || n, 'Avtal ' || n, '2026-01-01', timestamptz '2026-10-01' + n * interval '1 minute'
             FROM generate_series(1, {rows}) n;
             CREATE INDEX avtal_andrad ON avtal (andrad)"
        ));
        region.sql("VACUUM ANALYZE avtal");
        region.sandbox.write(
            JOB,
            format!(
                "[job]\nowner = \"22\"\nfeeds = [\"avtal\"]\nmode = \"{mode}\"\n[source]\nconnector = \"sql\"\n\
                 [source.options]\nurl = \"{}\"\ntable = \"avtal\"\n{options}\n[map]\navtal = \"avtal.sql\"\n\
                 [limits]\nmax_rejected_share = 1.0\n",
                region.url
            ),
        );
        let sql = "SELECT '22' AS lanskod, nr AS avtals_id, namn AS titel, datum(fran) AS giltig_fran FROM source";
        region.sandbox.write("regions/22-vasternorrland/avtal.sql", sql);
        Some(region)
    }

    fn sql(&self, sql: &str) {
        self.ask(async |database| {
            sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(database).await.unwrap();
        });
    }

    fn ask<T>(&self, question: impl AsyncFnOnce(&mut PgConnection) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut database = PgConnection::connect(&self.url).await.unwrap();
            let answer = question(&mut database).await;
            database.close().await.unwrap();
            answer
        })
    }

    /// Rows of the table that the server has read for anybody so far, by index or not. A session's own
    /// reading is counted when it has ended.
    fn read_so_far(&self) -> i64 {
        self.ask(async |database| {
            loop {
                let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                              AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
                let others: i64 = sqlx::query_scalar(others).fetch_one(&mut *database).await.unwrap();
                if others == 0 {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            let counted =
                "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'avtal'";
            sqlx::query_scalar(counted).fetch_one(database).await.unwrap()
        })
    }

    /// Runs the job. Gives its run, and how many rows the server read for it.
    fn run(&self) -> (Value, i64) {
        let before = self.read_so_far();
        let run = self.sandbox.json(&["run", "avtal"])["runs"][0].take();
        (run, self.read_so_far() - before)
    }

    fn current(&self, condition: &str) -> i64 {
        self.sandbox.number(&format!("SELECT count(*) FROM register.avtal WHERE (giltig_till IS NULL) AND {condition}"))
    }
}

fn rows_in(run: &Value) -> i64 {
    run["balance"]["rows_in"].as_i64().unwrap_or_else(|| panic!("{run:#}"))
}

const CURSOR: &str = "cursor = { column = \"andrad\", overlap = \"10 minutes\" }";

#[test]
fn one_percent_changed_is_one_percent_read_at_the_source() {
    let Some(region) = Region::new(ROWS, "incremental", CURSOR) else { return };
    let (run, read) = region.run();
    assert_eq!(rows_in(&run), ROWS, "{run:#}");
    assert!(read >= ROWS, "the server counted {read}");
    let changed = ROWS / 100;
    region.sql(
        "UPDATE avtal SET namn = namn || ' (nytt)', andrad = timestamptz '2026-11-01' + substr(nr, 2)::int * interval '1 minute' \
         WHERE substr(nr, 2)::int % 100 = 1;
         ANALYZE avtal",
    );
    let (run, read) = region.run();
    // And the overlap: the last ten minutes, a row a minute.
    assert!((changed..=changed + 11).contains(&rows_in(&run)), "{run:#}");
    assert!(read <= 2 * (changed + 11), "{changed} of {ROWS} rows were changed, and {read} were read");
    assert_eq!(run["tables"][0]["changes"]["changed"], changed, "{run:#}");
    assert_eq!((region.current("TRUE"), region.current("titel LIKE '%(nytt)'")), (ROWS, changed));
    // Nothing more: the overlap alone.
    let (run, read) = region.run();
    assert!(rows_in(&run) <= 11 && read <= 22 && run["publish_seq"].is_null(), "{read} read: {run:#}");
    region.sandbox.agrees("after increments");
}

#[test]
fn rows_that_come_late_are_not_lost_within_the_overlap() {
    let Some(region) = Region::new(50, "incremental", CURSOR) else { return };
    region.run();
    // The latest is of minute 50. A transaction that was open then is committed now.
    region
        .sql("INSERT INTO avtal VALUES ('SEN', 'Sen', '2026-01-01', timestamptz '2026-10-01' + interval '43 minutes')");
    let (run, _) = region.run();
    assert_eq!(run["tables"][0]["changes"]["new"], 1, "{run:#}");
    assert_eq!(region.current("avtals_id = 'SEN'"), 1);
    // Later than the overlap: the whole is read now and then.
    region.sql(
        "INSERT INTO avtal VALUES ('FOR SEN', 'För sen', '2026-01-01', timestamptz '2026-10-01' + interval '1 minute')",
    );
    region.run();
    assert_eq!(region.current("avtals_id = 'FOR SEN'"), 0);
    let full = region.sandbox.json(&["run", "avtal", "--full"]);
    assert_eq!(rows_in(&full["runs"][0]), 52, "{full:#}");
    assert_eq!(region.current("avtals_id = 'FOR SEN'"), 1);
    // What is gone is not missed where absence means nothing.
    region.sql("DELETE FROM avtal WHERE nr = 'A7'");
    region.run();
    assert_eq!(region.current("avtals_id = 'A7'"), 1);
}

#[test]
fn a_row_that_is_right_again_is_no_longer_stale() {
    let Some(region) = Region::new(50, "incremental", CURSOR) else { return };
    region.run();
    let stale = || On::Sqlite.number(&region.sandbox, "SELECT count(*) FROM inaktuell WHERE seq_to IS NULL");
    let set = |from: &str, minute: i64| {
        region.sql(&format!(
            "UPDATE avtal SET fran = '{from}', andrad = timestamptz '2026-10-01' + {minute} * interval '1 minute' WHERE nr = 'A7'"
        ));
        region.run();
    };
    set("2026-02-30", 60);
    assert_eq!((stale(), region.current("avtals_id = 'A7'")), (1, 1));
    set("2026-01-01", 70);
    assert_eq!((stale(), region.current("avtals_id = 'A7'")), (0, 1), "it came as it was before");
    region.sandbox.agrees("after a stale row");
}

#[test]
fn a_row_that_is_gone_from_a_snapshot_has_ended_unless_too_many_are() {
    let Some(region) = Region::new(40, "snapshot", "") else { return };
    region.run();
    region.sql("DELETE FROM avtal WHERE nr = 'A7'");
    let (run, _) = region.run();
    assert_eq!((run["state"].as_str(), &run["tables"][0]["changes"]["ended"]), (Some("done"), &1.into()), "{run:#}");
    assert_eq!((region.current("TRUE"), region.current("avtals_id = 'A7'")), (39, 0));
    // A quarter: fewer than the delivery may lack, more than may end.
    region.sql("DELETE FROM avtal WHERE substr(nr, 2)::int % 4 = 0");
    let (run, _) = region.run();
    assert_eq!(
        (run["state"].as_str(), run["held"][0]["guard"].as_str()),
        (Some("held"), Some("andel_avslutade")),
        "{run:#}"
    );
    assert_eq!(region.current("TRUE"), 39);
    // An empty table, as a view without rights gives it.
    region.sql("CREATE TABLE undan AS TABLE avtal; DELETE FROM avtal");
    let (run, _) = region.run();
    assert_eq!(
        (run["state"].as_str(), run["held"][0]["guard"].as_str()),
        (Some("held"), Some("tom_leverans")),
        "{run:#}"
    );
    assert_eq!(region.current("TRUE"), 39);
    // Somebody has looked into it.
    region.sql("INSERT INTO avtal TABLE undan");
    region.sandbox.ok(&["run", "avtal", "--believe", "regionen har avslutat tio avtal"]);
    assert_eq!(region.current("TRUE"), 29);
    region.sandbox.agrees("after ends");
}
