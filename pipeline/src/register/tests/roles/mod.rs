//! Ownership attacked as each role, on a server where nobody who takes part is a superuser: every
//! attempt must be refused, and for the reason that it should be.

mod attempts;

use std::fmt::Write as _;

use chrono::TimeDelta;
use futures::TryStreamExt as _;
use sluss_schemas::clock::Clock as _;
use sluss_schemas::table::Table;
use sqlx::postgres::{PgConnection, PgDatabaseError, PgListener, PgPool};
use sqlx::{AssertSqlSafe, Connection, Row as _};

use self::attempts::{ANALYST, ATTEMPTS, Attempt, Ends, GUIDES, KEEPER, OPERATOR, PIPELINE, REGION};
use super::harness::{self, Avtal, On, avtal, avtal_batch, organisation};
use crate::ledger::{DeliveredOrigin, QuarantineRow, Receipt};
use crate::register::{
    Erase as _, Erasure, Keep as _, NewManifest, Publication, RegisterError, Roles, Store, Targets, sql,
};

/// Stands in region 22's rows and nowhere else.
const CANARY: &str = "KANARIE22";

/// Contracts with a protected column, and organisations.
fn tables() -> [Table; 2] {
    let mut contract = avtal();
    for column in &mut contract.column {
        if column.name == "diarienummer" {
            column.class = sluss_schemas::table::Class::Skyddad;
        }
    }
    [contract, organisation()]
}

/// These tables on a server whose tables an ordinary login owns; a login for each
/// role, rows of two regions, something staged and something waiting.
async fn nation() -> Option<(On, String)> {
    let url = harness::postgres_url().await?;
    let admin = PgPool::connect(&url).await.unwrap();
    let name = url.rsplit_once('/').unwrap().1;
    let run = |sql: String| {
        let admin = admin.clone();
        async move { sqlx::raw_sql(AssertSqlSafe(sql)).execute(&admin).await.unwrap() }
    };
    run(format!(
        "CREATE ROLE forvaltare LOGIN CREATEROLE; ALTER DATABASE {name} OWNER TO forvaltare; \
                 ALTER SCHEMA public OWNER TO forvaltare"
    ))
    .await;
    let as_login = |login: &str| url.replace("//sluss@", &format!("//{login}@"));
    let tables = tables();
    let clock = harness::TestClock::new();
    let keeper = Store::open(&as_login("forvaltare"), &tables, clock.clone()).await.unwrap();
    keeper.migrate().await.unwrap();
    let owners = ["14", "22", "nationell"].map(str::to_owned);
    keeper.set_roles(&Roles::new("sluss", owners).unwrap()).await.unwrap();
    let mut logins = String::new();
    for (login, role) in [
        (REGION, "sluss_region_14"),
        (PIPELINE, "sluss_inlasning"),
        (GUIDES, "sluss_vardlots"),
        (OPERATOR, "sluss_drift"),
        (ANALYST, "sluss_analys"),
    ] {
        let _ = writeln!(logins, "CREATE ROLE {login} LOGIN IN ROLE {role};");
    }
    run(logins).await;
    run("SELECT lo_create(7)".to_owned()).await;
    run("INSERT INTO sekretess_beslut (lanskod, avtals_id, status, beslutad, beslutad_av, reg_fran) VALUES \
         ('14', 'A', 'provas', '2026-01-01', 'Chef', now()), ('22', 'KANARIE22', 'provas', '2026-01-01', 'Chef', now())"
        .to_owned())
    .await;
    let on = On::of(&as_login(PIPELINE), &tables, clock).await;
    Some((on, url))
}

async fn fill(on: &On) {
    for (owner, id) in [("14", "A"), ("22", CANARY)] {
        let job = format!("avtal{owner}");
        let contract = Avtal::new(id, id, id, 10, 300).of(owner);
        let open = format!("o{owner}");
        on.register.begin_run(&harness::new_run(&open, &job, owner, None)).await.unwrap();
        on.register.stage(&open, "avtal", &avtal_batch(std::slice::from_ref(&contract))).await.unwrap();
        for (run, effective, rows) in [(format!("r{owner}"), 100, vec![contract]), (format!("s{owner}"), 150, vec![])] {
            on.register.begin_run(&harness::new_run(&run, &job, owner, None)).await.unwrap();
            let origin = sluss_schemas::chunk::Origin { index: 0, name: format!("{id}.csv"), part: None };
            let origin = DeliveredOrigin { origin, object: None, bytes: None, rows: None };
            on.register.record_origins(&run, &[origin]).await.unwrap();
            let staged = on.stage(&run, owner, effective, &rows, &[]).await.unwrap();
            on.register
                .publish(&Publication {
                    job: job.clone(),
                    cursor: Some("7".into()),
                    receipt: Receipt { document: serde_json::json!({ "id": id }), text: id.into() },
                    quarantine: vec![QuarantineRow {
                        table: "avtal".into(),
                        row: sluss_schemas::chunk::RowId(3),
                        rules: vec!["hsa_luhn".into()],
                        object: format!("{id}.parquet"),
                    }],
                    manifests: vec![NewManifest { table: "vantande".into(), actions: serde_json::json!([id]) }],
                    ..staged
                })
                .await
                .unwrap();
        }
        // Comes again, so that something is believed.
        let run = format!("t{owner}");
        on.register.begin_run(&harness::new_run(&run, &job, owner, None)).await.unwrap();
        let rows = [Avtal::new(id, id, id, 10, 300).of(owner)];
        let staged = on.stage(&run, owner, 200, &rows, &[]).await.unwrap();
        on.register.publish(&Publication { job, ..staged }).await.unwrap();
    }
}

/// A snapshot of all of it, made by the tables' owner.
async fn remember(on: &On, url: &str) {
    // Recorded time has gone on by itself, a little for each publication.
    on.clock.advance(TimeDelta::seconds(1));
    let keeper = On::of(&url.replace("//sluss@", &format!("//{KEEPER}@")), &tables(), on.clock.clone()).await;
    keeper.register.make_snapshot("forst", on.clock.now()).await.unwrap();
}

/// All that the database holds, as its superuser sees it.
async fn everything(admin: &PgPool) -> Vec<(String, String)> {
    let sql = "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' \
               ORDER BY 1";
    let mut all = vec![];
    for name in sqlx::query_scalar::<_, String>(sql).fetch_all(admin).await.unwrap() {
        let sql = format!("SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM \"{name}\" t");
        all.push((name, sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(admin).await.unwrap()));
    }
    let sql = "SELECT string_agg(p::text, E'\\n' ORDER BY p.schemaname, p.tablename, p.policyname) FROM pg_policies p";
    all.push(("policies".into(), sqlx::query_scalar(sql).fetch_one(admin).await.unwrap()));
    let sql = "SELECT string_agg(c.relname || c.relacl::text || c.relrowsecurity || c.relforcerowsecurity, E'\\n' \
               ORDER BY c.oid) FROM pg_class c WHERE c.relacl IS NOT NULL";
    all.push(("rights".into(), sqlx::query_scalar(sql).fetch_one(admin).await.unwrap()));
    all
}

async fn make(attempt: &Attempt, url: &str) -> Result<(), String> {
    let mut connection = PgConnection::connect(&url.replace("//sluss@", &format!("//{}@", attempt.login)))
        .await
        .map_err(|e| e.to_string())?;
    if !attempt.first.is_empty() {
        sqlx::raw_sql(attempt.first).execute(&mut connection).await.map_err(|e| format!("first: {e}"))?;
    }
    if attempt.sql.starts_with("EXECUTE") {
        let prepare = "PREPARE fraga(text) AS SELECT * FROM avtal WHERE _agare = $1";
        sqlx::raw_sql(prepare).execute(&mut connection).await.map_err(|e| format!("first: {e}"))?;
    }
    let answer: Result<(usize, u64), sqlx::Error> = async {
        let mut rows = 0;
        let mut changed = 0;
        let mut stream = sqlx::raw_sql(attempt.sql).fetch_many(&mut connection);
        while let Some(part) = stream.try_next().await? {
            match part {
                sqlx::Either::Left(done) => changed += done.rows_affected(),
                sqlx::Either::Right(row) => rows += usize::from(!row.columns().is_empty()),
            }
        }
        Ok((rows, changed))
    }
    .await;
    let told = match &answer {
        Err(sqlx::Error::Database(e)) => {
            let pg = e.downcast_ref::<PgDatabaseError>();
            format!("{} {} {:?} {:?}", pg.code(), pg.message(), pg.detail(), pg.hint())
        }
        other => format!("{other:?}"),
    };
    if told.contains(CANARY) {
        return Err(format!("told a value: {told}"));
    }
    let fine = match attempt.ends {
        Ends::Denied => told.starts_with("42501"),
        Ends::Code(code) => told.starts_with(code),
        Ends::Empty => matches!(answer, Ok((0, _))),
        Ends::Untouched => matches!(answer, Ok((_, 0))),
    };
    if fine { Ok(()) } else { Err(told) }
}

#[test]
fn no_role_breaks_out_of_its_ownership() {
    harness::runtime().block_on(async {
        let Some((on, url)) = nation().await else { return };
        fill(&on).await;
        remember(&on, &url).await;
        let admin = PgPool::connect(&url).await.unwrap();
        let before = everything(&admin).await;
        assert!(ATTEMPTS.len() >= 40);
        let mut broke_out = vec![];
        for attempt in ATTEMPTS {
            if let Err(told) = make(attempt, &url).await {
                broke_out.push(format!("{}: {}: expected {:?}, got {told}", attempt.login, attempt.name, attempt.ends));
            }
        }
        assert!(broke_out.is_empty(), "{} of {}:\n{}", broke_out.len(), ATTEMPTS.len(), broke_out.join("\n"));
        let after = everything(&admin).await;
        for (was, is) in before.iter().zip(&after) {
            assert_eq!(was, is, "an attempt changed something");
        }
        println!("{} attempts, none succeeded", ATTEMPTS.len());
    });
}

/// What the roles are for must work: otherwise every refusal above proves nothing.
#[test]
fn each_role_reads_what_is_its_own() {
    harness::runtime().block_on(async {
        let Some((on, url)) = nation().await else { return };
        fill(&on).await;
        remember(&on, &url).await;
        for (login, sql, rows) in [
            (REGION, "SELECT * FROM ogonblick_forst.avtal", 2),
            (REGION, "SELECT * FROM ogonblick_forst.oppen_avtal", 4),
            (REGION, "SELECT * FROM ogonblick", 1),
            (REGION, "SELECT * FROM sekretess_beslut", 1),
            (REGION, "SELECT * FROM sekretess_regler", 1),
            (REGION, "SELECT * FROM lake_version", 0),
            (PIPELINE, "SELECT * FROM ogonblick_forst.avtal", 4),
            (PIPELINE, "SELECT * FROM sekretess_beslut", 2),
            (GUIDES, "SELECT titel FROM ogonblick_forst.oppen_avtal", 4),
            (GUIDES, "SELECT * FROM lake_version", 0),
            (ANALYST, "SELECT titel FROM ogonblick_forst.oppen_avtal", 4),
            (OPERATOR, "SELECT titel FROM ogonblick_forst.oppen_avtal", 4),
            (OPERATOR, "SELECT * FROM sekretess_beslut", 2),
            (REGION, "SELECT * FROM avtal_nu", 2),
            (REGION, "SELECT diarienummer FROM avtal WHERE lanskod = '14'", 3),
            (REGION, "SELECT * FROM korning", 4),
            (REGION, "SELECT * FROM kvittens", 3),
            (REGION, "SELECT * FROM karantan", 2),
            (REGION, "SELECT * FROM handelse", 3),
            (PIPELINE, "SELECT * FROM avtal WHERE reg_till IS NULL AND _aktuell", 2),
            (GUIDES, "SELECT titel, giltig_fran FROM oppen_avtal", 4),
            (ANALYST, "SELECT titel, reg_fran FROM oppen_avtal", 4),
            (OPERATOR, "SELECT * FROM korning", 8),
            (KEEPER, "SELECT * FROM avtal WHERE reg_till IS NULL AND _aktuell", 2),
        ] {
            let mut connection = PgConnection::connect(&url.replace("//sluss@", &format!("//{login}@"))).await.unwrap();
            let found =
                sqlx::query(sql).fetch_all(&mut connection).await.unwrap_or_else(|e| panic!("{login}: {sql}: {e}"));
            assert_eq!(found.len(), rows, "{login}: {sql}");
        }
    });
}

/// Whoever may log in may listen: what is told there is the last event's number, which everybody may read
/// anyway, and nothing of whose it was or what it says.
#[test]
fn who_listens_learns_a_number_and_no_more() {
    harness::runtime().block_on(async {
        let Some((on, url)) = nation().await else { return };
        let mut listening = Vec::new();
        for login in [REGION, GUIDES, ANALYST, OPERATOR] {
            let mut ear = PgListener::connect(&url.replace("//sluss@", &format!("//{login}@"))).await.unwrap();
            // Names that could be somebody's channel, and that of all.
            ear.listen_all(["sluss_handelser", "sluss", "handelse", "avtal", "22", "sluss_agare_22"]).await.unwrap();
            listening.push((login, ear));
        }
        fill(&on).await;
        let mut admin = PgConnection::connect(&url).await.unwrap();
        let last: i64 = sqlx::query_scalar("SELECT event_no FROM sekvens").fetch_one(&mut admin).await.unwrap();
        let numbers: Vec<i64> = sqlx::query_scalar("SELECT max(no) FROM handelse GROUP BY seq ORDER BY 1")
            .fetch_all(&mut admin)
            .await
            .unwrap();
        assert!(numbers.len() >= 6 && numbers.last() == Some(&last), "{numbers:?}");
        for (login, mut ear) in listening {
            let mut told = Vec::new();
            while told.last() != Some(&last) {
                let word = ear.recv().await.unwrap();
                assert_eq!(word.channel(), "sluss_handelser", "{login}");
                assert!(word.payload().bytes().all(|b| b.is_ascii_digit()), "{login}: {}", word.payload());
                told.push(word.payload().parse::<i64>().unwrap());
            }
            // One for each publication that had events, in their order.
            assert_eq!(told, numbers, "{login}");
        }
    });
}

/// The database refuses another region's rows even where the program's own checks are gone: here a table
/// that no longer says which column names the owner.
#[test]
fn the_database_refuses_what_the_program_would_let_through() {
    harness::runtime().block_on(async {
        let Some((on, url)) = nation().await else { return };
        let mut careless = avtal();
        careless.owner = None;
        let url = url.replace("//sluss@", &format!("//{PIPELINE}@"));
        let careless = On::of(&url, &[careless, organisation()], on.clock.clone()).await;
        let run = careless.begin("avtal", "14", None).await;
        let forged = careless.stage(&run, "14", 100, &[Avtal::new("X", "t", "d", 10, 300)], &[]).await.unwrap();
        let refused = careless.register.publish(&forged).await.unwrap_err();
        assert!(matches!(&refused, RegisterError::Rights { .. }), "{refused:?}");
        assert_eq!(on.register.base().await.unwrap(), 0);
        // The program's own check says it first, and says more.
        let refused = on.register.publish(&forged).await.unwrap_err();
        assert!(matches!(&refused, RegisterError::Owner { .. }), "{refused:?}");
        // A region that came since the roles were made has none.
        let run = careless.begin("avtal", "23", None).await;
        let staged = on.stage(&run, "23", 100, &[Avtal::new("Y", "t", "d", 10, 300).of("23")], &[]).await.unwrap();
        let refused = on.register.publish(&staged).await.unwrap_err();
        assert!(matches!(&refused, RegisterError::OwnerWithoutRole(owner) if owner == "23"), "{refused:?}");
    });
}

/// Law orders that rows go, whoever published them: the tables' owner removes them, the pipeline cannot, and
/// the guards stand afterwards as they stood.
#[test]
fn the_tables_owner_erases_whoever_published_and_nobody_else_does() {
    harness::runtime().block_on(async {
        let Some((on, url)) = nation().await else { return };
        fill(&on).await;
        let keys = vec![sql::hex(&Avtal::new(CANARY, "", "", 0, 0).of("22").key())];
        let erasure = Erasure {
            id: "gallring-1".into(),
            kind: "person".into(),
            ground: "prov".into(),
            targets: Targets { rows: [("avtal".to_owned(), keys)].into(), ..Targets::default() },
        };
        let refused = on.register.erase(&erasure).await.unwrap_err();
        assert!(matches!(&refused, RegisterError::Rights { .. }), "{refused:?}");

        let url_of_keeper = url.replace("//sluss@", &format!("//{KEEPER}@"));
        let keeper = Store::open(&url_of_keeper, &[avtal()], on.clock.clone()).await.unwrap();
        let forced = "SELECT COUNT(*) FROM pg_class WHERE relforcerowsecurity";
        let admin = PgPool::connect(&url).await.unwrap();
        let before: i64 = sqlx::query_scalar(forced).fetch_one(&admin).await.unwrap();
        let done = keeper.erase(&erasure).await.unwrap();
        assert!(done.rows >= 3 && done.events >= 3, "{done:?}");
        let left = "SELECT COUNT(*) FROM avtal WHERE lanskod = '22'";
        assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&admin).await.unwrap(), 0);
        assert_eq!(sqlx::query_scalar::<_, i64>(forced).fetch_one(&admin).await.unwrap(), before);
    });
}
