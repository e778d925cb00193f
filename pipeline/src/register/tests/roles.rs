//! Ownership attacked as each role, on a server where nobody who takes part is a superuser: every
//! attempt must be refused, and for the reason that it should be.

use std::fmt::Write as _;

use chrono::TimeDelta;
use futures::TryStreamExt as _;
use sluss_schemas::clock::Clock as _;
use sluss_schemas::table::Table;
use sqlx::postgres::{PgConnection, PgDatabaseError, PgListener, PgPool};
use sqlx::{AssertSqlSafe, Connection, Row as _};

use super::harness::{self, Avtal, On, avtal, avtal_batch, organisation};
use crate::ledger::{DeliveredOrigin, QuarantineRow, Receipt};
use crate::register::{
    Erase as _, Erasure, Keep as _, NewManifest, Publication, RegisterError, Roles, Store, Targets, sql,
};

/// Stands in region 22's rows and nowhere else.
const CANARY: &str = "KANARIE22";

/// How an attempt must end.
#[derive(Clone, Copy, Debug)]
enum Ends {
    /// Refused: insufficient privilege, which row-level security also answers with.
    Denied,
    /// An answer without any row.
    Empty,
    /// A statement that changed no row.
    Untouched,
    /// An error of this code, in whose text the canary is not.
    Code(&'static str),
}
use Ends::{Code, Denied, Empty, Untouched};

struct Attempt {
    name: &'static str,
    login: &'static str,
    /// Sent before, and must succeed.
    first: &'static str,
    sql: &'static str,
    ends: Ends,
}

const fn by(login: &'static str, name: &'static str, sql: &'static str, ends: Ends) -> Attempt {
    Attempt { name, login, first: "", sql, ends }
}

/// As the pipeline would be in the middle of publishing for 14.
const fn publishing_14(name: &'static str, sql: &'static str, ends: Ends) -> Attempt {
    Attempt { name, login: "inlasare", first: "SET ROLE sluss_agare_14", sql, ends }
}

const REGION: &str = "anna_14";
const PIPELINE: &str = "inlasare";
const GUIDES: &str = "guide";
const OPERATOR: &str = "operator";
const ANALYST: &str = "analytiker";
const KEEPER: &str = "forvaltare";

/// A row of 14's with this owner in it.
macro_rules! a_row {
    ($owner:literal) => {
        concat!(
            "INSERT INTO avtal (lanskod, avtals_id, _nyckel, _innehall, _agare, _aktuell, _version, _mappning, _korning, \
             _rad, reg_fran, _seq_fran) VALUES ('14', 'x', gen_random_uuid(), 1, '",
            $owner,
            "', TRUE, '1', 'm', 'r', 1, now(), 99)"
        )
    };
}

macro_rules! forged_row {
    () => {
        "INSERT INTO avtal (lanskod, avtals_id, _nyckel, _innehall, _agare, _aktuell, _version, _mappning, _korning, \
         _rad, reg_fran, _seq_fran) VALUES ('22', 'x', gen_random_uuid(), 1, '14', TRUE, '1', 'm', 'r', 1, now(), 99)"
    };
}

const ATTEMPTS: &[Attempt] = &[
    // A login of region 14 reads.
    by(REGION, "read another region's rows", "SELECT * FROM avtal WHERE _agare = '22'", Empty),
    by(REGION, "read them by their länskod", "SELECT * FROM avtal WHERE lanskod = '22'", Empty),
    by(REGION, "read them through the view", "SELECT * FROM avtal_nu WHERE lanskod = '22'", Empty),
    by(REGION, "read a shared table's rows of another", "SELECT * FROM organisation WHERE _agare <> '14'", Empty),
    by(REGION, "read their history", "SELECT * FROM avtal WHERE reg_till IS NOT NULL AND _agare <> '14'", Empty),
    by(REGION, "count what is another's", "SELECT 1 FROM avtal WHERE _agare <> '14' HAVING count(*) > 0", Empty),
    by(REGION, "read them by COPY", "SELECT * FROM (TABLE avtal) a WHERE a._agare = '22'", Empty),
    by(REGION, "read another's events", "SELECT * FROM handelse WHERE owner = '22'", Empty),
    by(REGION, "read another's runs", "SELECT * FROM korning WHERE owner <> '14'", Empty),
    by(REGION, "read another's receipt", "SELECT * FROM kvittens WHERE run = 'r22'", Empty),
    by(REGION, "read another's quarantine", "SELECT * FROM karantan WHERE run = 'r22'", Empty),
    by(REGION, "read another's file names", "SELECT * FROM leverans WHERE run = 'r22'", Empty),
    by(REGION, "read another's cursor", "SELECT * FROM markor WHERE run = 'r22'", Empty),
    by(REGION, "read another's manifests", "SELECT * FROM manifest WHERE owner = '22'", Empty),
    by(REGION, "read another's run states", "SELECT * FROM transition WHERE run = 'r22'", Empty),
    by(REGION, "read another's stale rows", "SELECT * FROM inaktuell WHERE owner <> '14'", Empty),
    by(REGION, "read another's bases", "SELECT * FROM senast WHERE owner <> '14'", Empty),
    by(REGION, "read another's handed-in files", "SELECT * FROM inlamning WHERE owner <> '14'", Empty),
    by(REGION, "read leases", "SELECT * FROM lan", Denied),
    by(REGION, "read the lake's partitions", "SELECT * FROM lake_partition", Denied),
    by(REGION, "read staged rows", "SELECT * FROM steg.r5_avtal", Denied),
    by(REGION, "read by a prepared statement", "EXECUTE fraga('22')", Empty),
    Attempt {
        name: "read with the guard off",
        login: REGION,
        first: "SET row_security = off",
        sql: "SELECT * FROM avtal",
        ends: Denied,
    },
    by(REGION, "see frequent values in the statistics", "SELECT * FROM pg_stats WHERE tablename = 'avtal'", Empty),
    by(REGION, "see the raw statistics", "SELECT stavalues1 FROM pg_statistic", Denied),
    by(REGION, "make an error tell a value", "SELECT titel::int FROM avtal WHERE titel ~ 'KANARIE'", Empty),
    by(
        REGION,
        "see what others ask",
        "SELECT query FROM pg_stat_activity WHERE usename <> current_user AND query NOT IN ('', '<insufficient privilege>')",
        Empty,
    ),
    // The register as it was.
    by(REGION, "read another's rows as they were", "SELECT * FROM ogonblick_forst.avtal WHERE _agare <> '14'", Empty),
    by(REGION, "count them", "SELECT 1 FROM ogonblick_forst.avtal WHERE lanskod = '22' HAVING count(*) > 0", Empty),
    by(REGION, "change what was", "UPDATE ogonblick_forst.avtal SET titel = 'x'", Code("55000")),
    by(REGION, "change what was by its cleared view", "DELETE FROM ogonblick_forst.oppen_avtal", Denied),
    by(REGION, "see a protected column there", "SELECT diarienummer FROM ogonblick_forst.oppen_avtal", Code("42703")),
    by(REGION, "put a view into a snapshot", "CREATE VIEW ogonblick_forst.alla AS SELECT 1", Denied),
    by(REGION, "drop a snapshot", "DROP SCHEMA ogonblick_forst CASCADE", Denied),
    by(
        REGION,
        "let the view read with its own rights",
        "ALTER VIEW ogonblick_forst.avtal SET (security_invoker = false)",
        Denied,
    ),
    by(REGION, "forge a snapshot", "INSERT INTO ogonblick VALUES ('x', now(), 1, now(), '{}')", Denied),
    by(REGION, "move a snapshot", "UPDATE ogonblick SET seq = 99", Denied),
    // How contracts stand.
    by(
        REGION,
        "read what is decided of another's contract",
        "SELECT * FROM sekretess_beslut WHERE lanskod = '22'",
        Empty,
    ),
    by(REGION, "decide itself", "UPDATE sekretess_beslut SET status = 'oppen'", Denied),
    by(
        REGION,
        "add a decision on its own",
        "INSERT INTO sekretess_beslut (lanskod, avtals_id, status, beslutad, beslutad_av, reg_fran) \
         VALUES ('14', 'A', 'oppen', '2026-01-01', 'anna', now())",
        Denied,
    ),
    by(REGION, "set the rules of secrecy", "UPDATE sekretess_regler SET obesvarat = 'oppen'", Denied),
    by(REGION, "see which contracts are closed", "SELECT * FROM sekretess_stangd", Denied),
    by(REGION, "open a contract", "DELETE FROM sekretess_stangd", Denied),
    by(REGION, "write a version of the lake", "UPDATE lake_version SET version = 0", Code("55000")),
    // It becomes somebody else.
    by(REGION, "take another region's role", "SET ROLE sluss_region_22", Denied),
    by(REGION, "take its own region's publishing role", "SET ROLE sluss_agare_14", Denied),
    by(REGION, "take the pipeline's role", "SET ROLE sluss_inlasning", Denied),
    by(REGION, "take a role by a setting", "SELECT set_config('role', 'sluss_agare_22', FALSE)", Denied),
    by(REGION, "take a role inside a block", "DO $$ BEGIN EXECUTE 'SET LOCAL ROLE sluss_agare_22'; END $$", Denied),
    by(REGION, "become the tables' owner", "SET SESSION AUTHORIZATION forvaltare", Denied),
    by(REGION, "be let into another region", "GRANT sluss_region_22 TO anna_14", Denied),
    by(REGION, "be let past the policies", "ALTER ROLE anna_14 BYPASSRLS", Denied),
    by(REGION, "rename its role", "ALTER ROLE sluss_region_14 RENAME TO sluss_region_23", Denied),
    by(REGION, "make a role", "CREATE ROLE sluss_region_99 IN ROLE sluss_region_22", Denied),
    by(REGION, "say that its role is another's", "UPDATE roll SET owner = '22' WHERE owner = '14'", Denied),
    by(REGION, "say that its login is a role", "INSERT INTO roll VALUES ('anna_14', 'region', '22')", Denied),
    // It writes.
    by(REGION, "write a row of its own past the rules", a_row!("14"), Denied),
    by(REGION, "write a row of another's", a_row!("22"), Denied),
    by(REGION, "give a row another owner", "UPDATE avtal SET _agare = '14'", Denied),
    by(REGION, "end another's row", "UPDATE avtal SET reg_till = now(), _seq_till = 9 WHERE _agare = '22'", Denied),
    by(REGION, "lock rows", "SELECT * FROM avtal FOR UPDATE", Denied),
    by(REGION, "delete", "DELETE FROM avtal", Denied),
    by(REGION, "empty a table", "TRUNCATE avtal", Denied),
    by(
        REGION,
        "write over another's base by a conflict",
        "INSERT INTO senast VALUES ('avtal', '22', 0) ON CONFLICT (table_name, owner) DO UPDATE SET seq = 0",
        Denied,
    ),
    by(REGION, "mend its own quarantine away", "UPDATE karantan SET state = 'dropped'", Denied),
    by(REGION, "forge a receipt", "UPDATE kvittens SET text = 'godkänd'", Denied),
    by(REGION, "move the counters", "UPDATE sekvens SET publish_seq = 0", Denied),
    by(REGION, "move the runs' numbers", "SELECT setval(pg_get_serial_sequence('korning', 'nr'), 1)", Denied),
    by(REGION, "write the audit log", "INSERT INTO revision (no) VALUES (1)", Denied),
    by(REGION, "read the audit log", "SELECT * FROM revision", Denied),
    // It changes what guards.
    by(REGION, "take the guard away", "ALTER TABLE avtal DISABLE ROW LEVEL SECURITY", Denied),
    by(REGION, "add a policy", "CREATE POLICY alla ON avtal USING (TRUE)", Denied),
    by(REGION, "drop a policy", "DROP POLICY sluss_egen ON avtal", Denied),
    by(REGION, "disable triggers", "ALTER TABLE avtal DISABLE TRIGGER ALL", Denied),
    by(
        REGION,
        "add a trigger",
        "CREATE TRIGGER t AFTER INSERT ON avtal EXECUTE FUNCTION sluss_vagra_andring()",
        Denied,
    ),
    by(REGION, "add a rule", "CREATE RULE r AS ON INSERT TO avtal DO INSTEAD NOTHING", Denied),
    by(
        REGION,
        "replace the function that says who asks",
        "CREATE OR REPLACE FUNCTION sluss_agare() RETURNS text[] LANGUAGE sql AS $$ SELECT ARRAY['22'] $$",
        Denied,
    ),
    by(REGION, "make a function", "CREATE FUNCTION spion(text) RETURNS boolean LANGUAGE sql AS 'SELECT TRUE'", Denied),
    by(
        REGION,
        "make a leaky function for itself",
        "CREATE FUNCTION pg_temp.spion(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS \
        $$ BEGIN RAISE NOTICE '%', $1; RETURN TRUE; END $$",
        Denied,
    ),
    by(
        REGION,
        "make a leaky operator",
        "CREATE OPERATOR <<< (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)",
        Denied,
    ),
    by(
        REGION,
        "put a table in front of the roles",
        "CREATE TEMP TABLE roll (role text, kind text, owner text)",
        Denied,
    ),
    by(REGION, "put a schema in front", "CREATE SCHEMA framfor", Denied),
    by(REGION, "make a view", "CREATE VIEW alla AS SELECT * FROM avtal", Denied),
    by(
        REGION,
        "change what is given by default",
        "ALTER DEFAULT PRIVILEGES FOR ROLE forvaltare GRANT ALL ON TABLES TO anna_14",
        Denied,
    ),
    by(REGION, "pass its rights on", "GRANT SELECT ON avtal TO PUBLIC", Untouched),
    // It leaves the database.
    by(REGION, "run a program", "COPY avtal TO PROGRAM 'cat > /dev/null'", Denied),
    by(REGION, "write a file", "COPY (SELECT 1) TO '/tmp/sluss-utbrytning'", Denied),
    by(REGION, "read a file", "SELECT pg_read_file('/etc/passwd')", Denied),
    by(REGION, "list a folder", "SELECT pg_ls_dir('/')", Denied),
    by(REGION, "take a file in as a large object", "SELECT lo_import('/etc/passwd')", Denied),
    by(REGION, "read another's large object", "SELECT lo_get(7)", Denied),
    by(REGION, "install a way out", "CREATE EXTENSION dblink", Denied),
    by(REGION, "load a library", "LOAD '/tmp/x.so'", Denied),
    by(REGION, "set what only the server's owner may", "ALTER SYSTEM SET row_security = off", Denied),
    by(
        REGION,
        "stop another's session",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'inlasare'",
        Denied,
    ),
    // The pipeline, were its code wrong.
    by(PIPELINE, "publish without an owner's role", a_row!("14"), Denied),
    by(PIPELINE, "end rows without an owner's role", "UPDATE avtal SET reg_till = now(), _seq_till = 9", Denied),
    by(PIPELINE, "delete history", "DELETE FROM avtal", Denied),
    by(
        PIPELINE,
        "forge an event",
        "INSERT INTO handelse VALUES (99, 9, 'avtal', '14', 'new', gen_random_uuid(), '{}')",
        Denied,
    ),
    by(PIPELINE, "delete an event", "DELETE FROM handelse", Denied),
    by(PIPELINE, "take the guard away", "ALTER TABLE avtal NO FORCE ROW LEVEL SECURITY", Denied),
    by(PIPELINE, "change the roles", "UPDATE roll SET owner = '22'", Denied),
    by(PIPELINE, "change the tables' definition", "UPDATE tabell SET ddl = ''", Denied),
    publishing_14("publish another's row", a_row!("22"), Denied),
    publishing_14("publish a row of nobody's", a_row!("99"), Denied),
    publishing_14("publish a row that names another region", forged_row!(), Denied),
    publishing_14(
        "end another's row",
        "UPDATE avtal SET reg_till = now(), _seq_till = 9 WHERE _agare = '22'",
        Untouched,
    ),
    publishing_14(
        "end all rows of a shared table",
        "UPDATE organisation SET reg_till = now(), _seq_till = 9 WHERE _agare <> '14'",
        Untouched,
    ),
    publishing_14("rewrite a value", "UPDATE avtal SET titel = 'x'", Denied),
    publishing_14("take a row over", "UPDATE avtal SET _agare = '14'", Denied),
    publishing_14(
        "forge another's event",
        "INSERT INTO handelse VALUES (99, 9, 'avtal', '22', 'new', gen_random_uuid(), '{}')",
        Denied,
    ),
    publishing_14("end another's stale marks", "UPDATE inaktuell SET seq_to = 9 WHERE owner = '22'", Untouched),
    publishing_14("give another's run a receipt", "INSERT INTO kvittens VALUES ('o22', '{}', 'godkänd')", Denied),
    publishing_14("rewrite another's receipt", "UPDATE kvittens SET text = 'godkänd' WHERE run = 'r22'", Untouched),
    publishing_14("end another's run", "UPDATE korning SET state = 'failed' WHERE owner = '22'", Untouched),
    publishing_14("give its run to another", "UPDATE korning SET owner = '22' WHERE owner = '14'", Denied),
    publishing_14(
        "reject rows in another's name",
        "INSERT INTO karantan VALUES ('r22', 'avtal', 9, '[]', 'x', 'open')",
        Denied,
    ),
    publishing_14("drop another's quarantine", "UPDATE karantan SET state = 'dropped' WHERE run = 'r22'", Untouched),
    publishing_14(
        "move another's cursor",
        "INSERT INTO markor VALUES ('avtal22', 'x', 'o14', now()) ON CONFLICT (job) DO UPDATE SET cursor = 'x'",
        Denied,
    ),
    publishing_14(
        "move another's base",
        "INSERT INTO senast VALUES ('avtal', '22', 0) ON CONFLICT (table_name, owner) DO UPDATE SET seq = 0",
        Denied,
    ),
    publishing_14(
        "write another's manifest",
        "INSERT INTO manifest VALUES (9, 'avtal', '22', 'r22', '{}', 'pending', NULL)",
        Denied,
    ),
    publishing_14("read another's staging", "SELECT * FROM steg.r5_avtal", Denied),
    publishing_14("move the counters", "UPDATE sekvens SET publish_seq = 0", Denied),
    publishing_14("write the audit log itself", "INSERT INTO revision (no) VALUES (1)", Denied),
    publishing_14("empty a table", "TRUNCATE avtal CASCADE", Denied),
    // A key that is another's, with its period: refused, and the refusal names no value.
    publishing_14(
        "publish a key of another's",
        "INSERT INTO avtal (lanskod, avtals_id, giltig_fran, _nyckel, _innehall, _agare, _aktuell, _version, _mappning, \
                   _korning, _rad, reg_fran, _seq_fran) SELECT '14', avtals_id, giltig_fran, _nyckel, 1, '14', TRUE, '1', 'm', 'r', \
                   1, now(), 99 FROM avtal WHERE _agare = '22' AND reg_till IS NULL LIMIT 1",
        Code("23P01"),
    ),
    // The tables' owner, whom only forced row-level security keeps out.
    by(KEEPER, "write a row as the tables' owner", a_row!("22"), Denied),
    by(KEEPER, "end rows as the tables' owner", "UPDATE avtal SET reg_till = now(), _seq_till = 9", Untouched),
    by(KEEPER, "delete rows as the tables' owner", "DELETE FROM avtal", Untouched),
    // Readers.
    by(GUIDES, "read protected columns", "SELECT diarienummer FROM avtal", Denied),
    by(GUIDES, "read all columns", "SELECT * FROM avtal", Denied),
    by(GUIDES, "read open columns past the cleared views", "SELECT titel FROM avtal", Denied),
    by(GUIDES, "find a protected column in a cleared view", "SELECT diarienummer FROM oppen_avtal", Code("42703")),
    by(GUIDES, "find what is no longer believed in one", "SELECT reg_till FROM oppen_avtal", Code("42703")),
    by(GUIDES, "find rows by a protected column", "SELECT titel FROM avtal WHERE diarienummer = 'd'", Denied),
    by(GUIDES, "order by a protected column", "SELECT titel FROM avtal ORDER BY diarienummer", Denied),
    by(GUIDES, "read a whole row as one value", "SELECT a::text FROM avtal a", Denied),
    by(GUIDES, "read the view past its columns", "SELECT * FROM avtal_nu", Denied),
    by(GUIDES, "read the register as it was", "SELECT * FROM ogonblick_forst.avtal", Denied),
    by(
        GUIDES,
        "find a protected column as it was",
        "SELECT diarienummer FROM ogonblick_forst.oppen_avtal",
        Code("42703"),
    ),
    by(GUIDES, "see whose contracts are secret", "SELECT * FROM sekretess_beslut", Denied),
    by(GUIDES, "read manifests past the lake's versions", "SELECT * FROM manifest", Denied),
    by(GUIDES, "read runs", "SELECT * FROM korning", Denied),
    by(GUIDES, "read receipts", "SELECT * FROM kvittens", Denied),
    by(GUIDES, "read events", "SELECT * FROM handelse", Denied),
    by(GUIDES, "write", a_row!("22"), Denied),
    by(ANALYST, "read protected columns", "SELECT diarienummer FROM avtal", Denied),
    by(ANALYST, "read the register as it was", "SELECT titel FROM ogonblick_forst.avtal", Denied),
    by(ANALYST, "see how contracts stood", "SELECT * FROM sekretess_beslut", Denied),
    by(ANALYST, "read the quarantine", "SELECT * FROM karantan", Denied),
    by(ANALYST, "write", "UPDATE avtal SET titel = 'x'", Denied),
    by(OPERATOR, "read protected columns", "SELECT diarienummer FROM avtal", Denied),
    by(OPERATOR, "read protected columns as they were", "SELECT diarienummer FROM ogonblick_forst.avtal", Denied),
    by(OPERATOR, "decide past the program", "DELETE FROM sekretess_beslut", Denied),
    by(OPERATOR, "publish", a_row!("14"), Denied),
    by(OPERATOR, "end a run by hand", "UPDATE korning SET state = 'failed'", Denied),
    by(OPERATOR, "take a publishing role", "SET ROLE sluss_agare_14", Denied),
    by(OPERATOR, "rewrite the audit log", "UPDATE revision SET act = 'x'", Denied),
];

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
        Denied => told.starts_with("42501"),
        Code(code) => told.starts_with(code),
        Empty => matches!(answer, Ok((0, _))),
        Untouched => matches!(answer, Ok((_, 0))),
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
