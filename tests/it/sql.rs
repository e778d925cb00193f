//! A contract database from end to end: a run, and a replay of what landed when the database is gone.

use sqlx::{Connection, Executor};

use crate::sandbox::Sandbox;

const JOB: &str = r#"
[job]
owner = "12"
feeds = ["avtal"]
[source]
connector = "sql"
[source.options]
path  = "avtal.db"
query = "SELECT nr, namn, fran, tak FROM avtal"
[map]
avtal = "avtal.sql"
[limits]
max_rejected_share = 1.0
"#;
const TABLE: &str = "CREATE TABLE avtal (nr TEXT, namn TEXT, fran DATE, tak DECIMAL(12,2));
    INSERT INTO avtal VALUES ('A1', 'Avtal 1', '2026-01-31', 1000.5), ('A2', 'Avtal 2', '31/1 2026', 2000),
        ('A3', 'Avtal 3', '2026-02-01', 'enligt bilaga')";

fn mapping(date: &str) -> String {
    format!(
        "SELECT '12' AS lanskod, nr AS avtals_id, namn AS titel, {date} AS giltig_fran, decimal(tak) AS ersattningstak \
         FROM source"
    )
}

#[test]
fn a_replay_reads_what_landed_and_not_the_database() {
    let sandbox = Sandbox::empty();
    sandbox.write("regions/12-skane/avtal.toml", JOB);
    // A mapping that reads no date at all.
    sandbox.write("regions/12-skane/avtal.sql", mapping("datum(concat(fran, ' ?'))"));
    let database = sandbox.path().join("regions/12-skane/avtal.db");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&database).create_if_missing(true);
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        connection.execute(TABLE).await.unwrap();
        connection.close().await.unwrap();
    });
    let run = sandbox.json(&["run", "avtal"]);
    let run = run["runs"].as_array().unwrap()[0].clone();
    assert_eq!((&run["balance"]["rows_in"], &run["balance"]["rejected"]), (&3.into(), &3.into()), "{run}");

    std::fs::remove_file(&database).unwrap();
    sandbox.write("regions/12-skane/avtal.sql", mapping("datum(fran)"));
    sandbox.ok(&["quarantine", "replay", run["run"].as_str().unwrap()]);
    assert_eq!(sandbox.number("SELECT count(*) n FROM register.avtal WHERE ersattningstak IN (1000.5, 2000)"), 2);
    // What the database itself could not keep its word on is still unread, with its reason.
    let waiting = sandbox.json(&["quarantine", "list"]).to_string();
    assert!(waiting.contains("olasbar_rad"), "{waiting}");
}

#[test]
fn a_check_plans_over_the_types_that_a_run_has() {
    let sandbox = Sandbox::empty();
    sandbox.write("regions/12-skane/avtal.toml", JOB);
    let database = sandbox.path().join("regions/12-skane/avtal.db");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&database).create_if_missing(true);
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        connection.execute("CREATE TABLE avtal (nr TEXT, namn TEXT, fran TEXT, tak INTEGER)").await.unwrap();
        connection.execute("INSERT INTO avtal VALUES ('A1', 'Avtal 1', '2026-01-31', 191212121212)").await.unwrap();
        connection.close().await.unwrap();
    });
    let mapping = |column: &str| {
        format!(
            "SELECT '12' AS lanskod, nr AS avtals_id, {column} AS titel, datum(fran) AS giltig_fran, tak + 1 AS ersattningstak \
             FROM source"
        )
    };
    // Arithmetic is for numbers: over texts it would be refused.
    sandbox.write("regions/12-skane/avtal.sql", mapping("namn"));
    sandbox.ok(&["check", "avtal"]);
    // A text function on a number is refused by the check as it is by the run.
    sandbox.write("regions/12-skane/avtal.sql", mapping("array_length(tak)"));
    let (checked, ran) = (sandbox.run(&["check", "avtal"]), sandbox.run(&["run", "avtal"]));
    assert_eq!((checked.code, ran.code), (Some(2), Some(2)), "{}{}", checked.stdout, ran.stderr);
    // So is a filter that is a column and no condition.
    sandbox.write("regions/12-skane/avtal.sql", mapping("namn"));
    sandbox.write("regions/12-skane/avtal.toml", format!("{JOB}[filter]\nborta = \"tak\"\n"));
    let (checked, ran) = (sandbox.run(&["check", "avtal"]), sandbox.run(&["run", "avtal"]));
    assert_eq!((checked.code, ran.code), (Some(2), Some(2)), "{}{}", checked.stdout, ran.stderr);
    assert!(checked.stdout.contains("kolumn = 1"), "{}", checked.stdout);
    sandbox.write("regions/12-skane/avtal.toml", JOB);
    // A personal number is one in a column of numbers too.
    sandbox.write("regions/12-skane/avtal.sql", mapping("namn"));
    let run = sandbox.json(&["run", "avtal"])["runs"][0].take();
    assert_eq!(run["personal_numbers"], serde_json::json!({ "tak": 1 }), "{run}");
}
