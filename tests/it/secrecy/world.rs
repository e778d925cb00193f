//! A region whose contracts stand in every way that a contract can, with a canary in each cell that has a
//! class, and ways to read all that leaves.

use std::fmt::Write as _;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use sqlx::{Column as _, Connection, PgConnection, Row as _, SqliteConnection, ValueRef as _};

use crate::both::On;
use crate::sandbox::Sandbox;

/// The day of all runs that do not say another.
pub(super) const TODAY: &str = "2026-11-23T08:00:00Z";

/// A contract of the region.
#[derive(Clone, Debug)]
pub(super) struct Contract {
    /// Part of its id and of its canaries.
    pub(super) mark: &'static str,
    /// The column `sekretess`.
    pub(super) said: &'static str,
    pub(super) signed: &'static str,
    pub(super) start: &'static str,
}

/// What is said, and so what status it has.
pub(super) const CONTRACTS: [Contract; 9] = [
    Contract { mark: "OPPET", said: "ingen", signed: "2026-03-01", start: "2026-04-01" },
    Contract { mark: "TYST", said: "", signed: "2026-03-01", start: "2026-04-01" },
    Contract { mark: "UTGANGET", said: "sekretess", signed: "2024-11-22", start: "2026-04-01" },
    Contract { mark: "HEMLIGT", said: "sekretess", signed: "2026-03-01", start: "2026-04-01" },
    Contract { mark: "DELVIS", said: "delvis", signed: "2026-03-01", start: "2026-04-01" },
    Contract { mark: "OPROVAT", said: "ej_provad", signed: "", start: "2026-04-01" },
    Contract { mark: "VAGRAT", said: "registreras_ej", signed: "2026-03-01", start: "2026-04-01" },
    // Refused, and wrong in a way that would have brought it to quarantine.
    Contract { mark: "VAGRATFEL", said: "registreras_ej", signed: "2026-03-01", start: "snart" },
    Contract { mark: "AVVISAT", said: "ingen", signed: "2026-03-01", start: "snart" },
];

/// Those whose open cells leave everywhere.
pub(super) const OPEN: [&str; 3] = ["OPPET", "TYST", "UTGANGET"];
/// Those that are registered and leave nowhere.
pub(super) const CLOSED: [&str; 3] = ["HEMLIGT", "DELVIS", "OPROVAT"];
/// Those that are not to be registered.
pub(super) const REFUSED: [&str; 2] = ["VAGRAT", "VAGRATFEL"];

/// The canary of a contract's cell.
pub(super) fn canary(mark: &str, class: &str) -> String {
    format!("kanarie-{mark}-{class}-z")
}

const JOB: &str = "[job]\nowner = \"22\"\nfeeds = [\"avtal\", \"uppdrag\", \"kontakt\"]\n[source]\n\
    connector = \"files\"\n[source.options]\npath = \"avtal.csv\"\nformat = \"csv\"\n\
    [map]\navtal = \"avtal.sql\"\nuppdrag = \"uppdrag.sql\"\nkontakt = \"kontakt.sql\"\n\
    [limits]\nmax_ended_share = 1.0\nmax_rejected_share = 1.0\n";
const AVTAL: &str = "SELECT '22' AS lanskod, nr AS avtals_id, titel, modell AS ersattningsmodell, \
    leverantor AS leverantor_namn, datum(signerat) AS tecknat, datum(fran) AS giltig_fran, sekretess FROM source";
const UPPDRAG: &str = "SELECT '22' AS lanskod, nr AS avtals_id, '2321000206' AS bestallare_orgnr, \
    omfattning AS beskrivning, under AS underleverantorer, DATE '2026-04-01' AS giltig_fran FROM source";
const KONTAKT: &str = "SELECT 'avtal' AS agare_typ, concat('22/', nr) AS agare_id, 'avtal' AS syfte, \
    kontakt AS benamning, epost FROM source";

/// A project with the region's job.
pub(super) fn project(on: &On) -> Sandbox {
    let sandbox = Sandbox::empty();
    on.configure(&sandbox);
    sandbox.write("regions/22/avtal.toml", JOB);
    sandbox.write("regions/22/avtal.sql", AVTAL);
    sandbox.write("regions/22/uppdrag.sql", UPPDRAG);
    sandbox.write("regions/22/kontakt.sql", KONTAKT);
    sandbox
}

/// Writes the region's file.
pub(super) fn file(sandbox: &Sandbox, contracts: &[Contract]) {
    let mut text = "nr;titel;modell;leverantor;signerat;fran;sekretess;omfattning;under;kontakt;epost\n".to_owned();
    for Contract { mark, said, signed, start } in contracts {
        let c = |class: &str| canary(mark, class);
        writeln!(
            text,
            "K-{mark};{};{};{};{signed};{start};{said};{};{};{};{}@exempel.se",
            c("oppen"),
            c("skyddad"),
            c("person"),
            c("uppdragoppen"),
            c("uppdragperson"),
            c("kontaktoppen"),
            c("kontaktperson"),
        )
        .unwrap();
    }
    sandbox.write("regions/22/avtal.csv", text);
}

/// All text that a relation of the register's database shows.
pub(super) fn dump(on: &On, sandbox: &Sandbox, relation: &str) -> String {
    let sql = sqlx::AssertSqlSafe(format!("SELECT * FROM {relation}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut out = String::new();
        // Cells that are no text hold no canary.
        macro_rules! texts {
            ($rows:expr) => {
                for row in $rows {
                    for at in 0..row.len() {
                        out.push_str(row.column(at).name());
                        out.push('=');
                        if !row.try_get_raw(at).unwrap().is_null() {
                            out.push_str(&row.try_get_unchecked::<String, _>(at).unwrap_or_default());
                        }
                        out.push('\n');
                    }
                }
            };
        }
        match on {
            On::Sqlite => {
                let mut connection = SqliteConnection::connect(&on.url(sandbox)).await.unwrap();
                texts!(sqlx::query(sql).fetch_all(&mut connection).await.unwrap());
                connection.close().await.unwrap();
            }
            On::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                texts!(sqlx::query(sql).fetch_all(&mut connection).await.unwrap());
            }
        }
        out
    })
}

/// The names of every table of the register's database, other than views.
pub(super) fn tables(on: &On, sandbox: &Sandbox) -> Vec<String> {
    let listed = match on {
        On::Sqlite => dump(on, sandbox, "(SELECT name FROM sqlite_master WHERE type = 'table')"),
        On::Postgres(_) => dump(
            on,
            sandbox,
            "(SELECT table_name::text AS name FROM information_schema.tables \
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE') t",
        ),
    };
    listed.lines().filter_map(|line| line.strip_prefix("name=")).map(str::to_owned).collect()
}

/// All rows of a Parquet file as text.
pub(super) fn parquet(path: &Path) -> String {
    let file = std::fs::File::open(path).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    reader.get_row_iter(None).unwrap().map(|row| format!("{}\n", row.unwrap())).collect()
}

/// Every file of the lake: rows of Parquet files, texts of logs.
pub(super) fn lake_files(sandbox: &Sandbox) -> String {
    let files = sandbox.stored().into_iter().filter(|(path, _)| path.starts_with(sandbox.path().join("var/lake")));
    files
        .map(|(path, bytes)| {
            let is_data =
                path.extension().is_some_and(|e| e == "parquet") && !path.to_string_lossy().contains("_delta_log");
            if is_data { parquet(&path) } else { String::from_utf8_lossy(&bytes).into_owned() }
        })
        .collect()
}

/// Runs the program on a day.
pub(super) fn on_day(sandbox: &Sandbox, day: &str, arguments: &[&str]) -> crate::sandbox::Answer {
    sandbox.run(&[&["--clock", day], arguments].concat())
}

/// What a query says on a day.
pub(super) fn asked(sandbox: &Sandbox, day: &str, sql: &str, more: &[&str]) -> String {
    let answer = on_day(sandbox, day, &[&["sql", sql, "--format", "json"], more].concat());
    assert_eq!(answer.code, Some(0), "{sql}: {}", answer.stderr);
    answer.stdout
}
