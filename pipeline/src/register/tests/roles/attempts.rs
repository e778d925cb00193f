//! Every way of breaking out that could be thought of, each with how it must end.

/// How an attempt must end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ends {
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

pub(super) struct Attempt {
    pub(super) name: &'static str,
    pub(super) login: &'static str,
    /// Sent before, and must succeed.
    pub(super) first: &'static str,
    pub(super) sql: &'static str,
    pub(super) ends: Ends,
}

const fn by(login: &'static str, name: &'static str, sql: &'static str, ends: Ends) -> Attempt {
    Attempt { name, login, first: "", sql, ends }
}

/// As the pipeline would be in the middle of publishing for 14.
const fn publishing_14(name: &'static str, sql: &'static str, ends: Ends) -> Attempt {
    Attempt { name, login: "inlasare", first: "SET ROLE sluss_agare_14", sql, ends }
}

pub(super) const REGION: &str = "anna_14";
pub(super) const PIPELINE: &str = "inlasare";
pub(super) const GUIDES: &str = "guide";
pub(super) const OPERATOR: &str = "operator";
pub(super) const ANALYST: &str = "analytiker";
pub(super) const KEEPER: &str = "forvaltare";

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

pub(super) const ATTEMPTS: &[Attempt] = &[
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
