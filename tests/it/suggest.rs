//! `sluss discover --suggest`: a database nobody has mapped becomes a mapping that runs; and how often the
//! drafts are right, measured on the sample regions against the mappings that people wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::datatypes::DataType;
use serde_json::Value;
use sluss_pipeline::job::{Project, load_each};
use sluss_pipeline::map::{Lookups, lineage};
use sluss_pipeline::run::{SourceColumn, source_type};
use sqlx::{Connection, Executor, SqliteConnection};

use crate::sandbox::Sandbox;

/// A contract database: contracts, suppliers and services in tables of their own, dates in two notations.
const DATABASE: &str = "
CREATE TABLE Kontrakt (KontraktId INTEGER PRIMARY KEY, Kontraktsnr TEXT, Rubrik TEXT, Kontraktstyp TEXT,
    MotpartId INTEGER, Undertecknat TEXT, GallerFrom TEXT, GallerTom TEXT, Takbelopp TEXT, Handlaggare TEXT);
CREATE TABLE Motpart (MotpartId INTEGER PRIMARY KEY, Foretagsnamn TEXT, Organisationsnummer TEXT);
CREATE TABLE Vardtjanst (TjanstNr INTEGER PRIMARY KEY, KontraktId INTEGER, KvaKod TEXT, Benamning TEXT, Kontaktform TEXT);
INSERT INTO Motpart VALUES (71, 'Exempelvård AB', '556036-0793'), (72, 'Provkliniken AB', '556012-5790'),
    (73, 'Ingen som anlitas AB', '556677-8899');
INSERT INTO Kontrakt VALUES
    (1, 'K-2024-17', 'Ögonsjukvård', 'Ramavtal', 71, '2023-11-30', '2024-01-01', '31/12/2027', '1 200 000,00', 'Anna A'),
    (2, 'K-2024-18', 'Höftledskirurgi', 'Vårdavtal', 72, '2023-12-15', '2024-02-01', '31/01/2028', '900 000,50', 'Bo B'),
    (3, 'K-2025-02', 'Hudsjukvård', 'Ramavtal', 71, '2024-10-01', '2025-01-01', '30/06/2028', NULL, 'Anna A'),
    (4, 'K-2025-09', 'Ortopedi', 'Vårdavtal', 72, '2025-03-03', '2025-04-01', NULL, '45 000,00', 'Cia C');
INSERT INTO Vardtjanst VALUES (901, 1, 'CJE20', 'Gråstarrsoperation', 'Fysiskt besök'),
    (902, 1, 'CJE15', 'Gråstarrsoperation, svår', 'Fysiskt besök'), (903, 2, 'NFB49', 'Höftprotes', 'Fysiskt besök'),
    (904, 3, NULL, 'Bedömning av hud', 'Video'), (905, 4, 'NGB49', 'Knäprotes', 'Fysiskt besök');
";

const JOB: &str = "[job]\nowner = \"22\"\nfeeds = []\n\n[source]\nconnector = \"sql\"\n\n[source.options]\npath = \"kontrakt.db\"\n\n[map]\n";

fn database(sandbox: &Sandbox) {
    sandbox.write("regions/22-vasternorrland/kontrakt.toml", JOB);
    let path = sandbox.path().join("regions/22-vasternorrland/kontrakt.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let url = format!("sqlite://{}?mode=rwc", path.display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        connection.execute(DATABASE).await.unwrap();
        connection.close().await.unwrap();
    });
}

#[test]
fn a_database_is_connected_by_its_draft_alone() {
    let sandbox = Sandbox::empty();
    database(&sandbox);
    let told = sandbox.ok(&["discover", "kontrakt", "--suggest"]);
    for canary in ["Exempelvård", "K-2024-17", "556036", "Gråstarr", "CJE20", "Anna"] {
        assert!(!told.contains(canary), "a cell is told: {canary}\n{told}");
    }
    assert!(told.contains("LEFT JOIN"), "{told}");
    let folder = sandbox.path().join("regions/22-vasternorrland");
    assert!(!folder.join("avtal.sql").exists(), "nothing is written unless it is asked for");

    sandbox.ok(&["discover", "kontrakt", "--suggest", "--write"]);
    // The lines that the draft asks for.
    let job = JOB
        .replace("feeds = []", "feeds = [\"avtal\", \"uppdrag\"]")
        .replace("path = \"kontrakt.db\"\n", "path = \"kontrakt.db\"\nquery_file = \"kontrakt.kalla.sql\"\n")
        + "avtal = \"avtal.sql\"\nuppdrag = \"uppdrag.sql\"\n";
    sandbox.write("regions/22-vasternorrland/kontrakt.toml", job);
    sandbox.ok(&["check"]);
    sandbox.ok(&["run", "kontrakt"]);
    sandbox.ok(&["run", "kontrakt-tjanst"]);
    assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal"), 4);
    assert_eq!(sandbox.number("SELECT count(*) FROM register.tjanst"), 5);
    let sql = "SELECT titel, typ, leverantor_orgnr, leverantor_namn, CAST(tecknat AS VARCHAR) AS tecknat, \
               CAST(giltig_fran AS VARCHAR) AS fran, CAST(giltig_till AS VARCHAR) AS till, \
               CAST(ersattningstak AS VARCHAR) AS tak FROM register.avtal WHERE avtals_id = 'K-2024-18'";
    let expected = serde_json::json!([{
        "titel": "Höftledskirurgi", "typ": "vardavtal", "leverantor_orgnr": "5560125790",
        "leverantor_namn": "Provkliniken AB", "tecknat": "2023-12-15", "fran": "2024-02-01", "till": "2028-02-01",
        "tak": "900000.50",
    }]);
    assert_eq!(sandbox.json(&["sql", sql, "--operator"]), expected);
    let sql = "SELECT avtals_id, kva, beskrivning, motesform FROM register.tjanst WHERE tjanst_id = '904'";
    let expected =
        serde_json::json!([{ "avtals_id": "K-2025-02", "beskrivning": "Bedömning av hud", "motesform": "video" }]);
    assert_eq!(sandbox.json(&["sql", sql]), expected);

    // What somebody has written is left alone.
    sandbox.write("regions/22-vasternorrland/avtal.sql", "-- mitt eget\n");
    let answer = sandbox.json(&["discover", "kontrakt", "--suggest", "--write"]);
    assert!(answer["kept"].as_array().unwrap().contains(&"avtal.sql".into()), "{answer}");
    assert_eq!(std::fs::read_to_string(folder.join("avtal.sql")).unwrap(), "-- mitt eget\n");
}

struct Nothing;

impl Lookups for Nothing {
    fn crosswalk(&self, _: &str, _: &str) -> Option<String> {
        None
    }
    fn has_crosswalk(&self, _: &str) -> bool {
        true
    }
    fn pseudonym(&self, _: &str, _: &str) -> String {
        String::new()
    }
}

/// Hits, false alarms and misses.
#[derive(Clone, Copy, Default)]
struct Score {
    right: usize,
    wrong: usize,
    missed: usize,
}

impl Score {
    #[expect(clippy::cast_precision_loss, reason = "shares of small counts")]
    fn shares(self) -> (f64, f64) {
        let share = |part: usize, rest: usize| part as f64 / (part + rest).max(1) as f64;
        (share(self.right, self.wrong), share(self.right, self.missed))
    }
}

/// National columns by table, with the source columns that people made them from.
type Truth = BTreeMap<(String, String), BTreeSet<String>>;

/// The type that a mapping is planned over, from the source's own word.
fn type_of(word: &str) -> DataType {
    let word = word.to_lowercase();
    let is = |names: &[&str]| names.iter().any(|name| word.contains(name));
    match () {
        () if is(&["int"]) => DataType::Int64,
        () if is(&["dec", "num"]) => DataType::Decimal128(38, 2),
        () if is(&["real", "float", "double"]) => DataType::Float64,
        () if is(&["date"]) => DataType::Date32,
        () => DataType::Utf8View,
    }
}

#[test]
fn drafts_are_measured_against_the_mappings_of_the_sample_regions() {
    let sandbox = Sandbox::demo();
    sandbox.ok(&[
        "run",
        "kodverk/kva",
        "kodverk/icd10se",
        "kodverk/mvo",
        "kodverk/aktivitet",
        "10-blekinge/egna-koder",
    ]);
    let project = Project::open(sandbox.path()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let lookups: Arc<dyn Lookups> = Arc::new(Nothing);
    let (mut all, mut jobs) = (Score::default(), 0);
    for (_, job) in load_each(&project).unwrap() {
        let job = job.unwrap();
        let of_contracts = job.file.job.feeds.iter().any(|t| ["avtal", "tjanst"].contains(&t.as_str()));
        if !job.name.starts_with("regions/") || !of_contracts {
            continue;
        }
        let streams = sandbox.json(&["discover", &job.name]);
        let columns: Vec<SourceColumn> = streams[0]["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|column| (column["name"].as_str().unwrap().to_owned(), type_of(column["kind"].as_str().unwrap())))
            .collect();
        let source = source_type(&columns);
        let all_text = columns.iter().map(|(name, _)| (name.clone(), DataType::Utf8View)).collect::<Vec<_>>();
        let all_text = source_type(&all_text);
        let mut truth = Truth::new();
        for (table, sql) in &job.mappings {
            // A source may say DATE of what comes as text.
            let found = match runtime.block_on(lineage(sql, table, &source, &lookups)) {
                Ok(found) => found,
                Err(_) => runtime.block_on(lineage(sql, table, &all_text, &lookups)).unwrap(),
            };
            for (column, from) in found.into_iter().filter(|(column, from)| column != "lanskod" && !from.is_empty()) {
                truth.insert((table.clone(), column), from);
            }
        }
        let answer = sandbox.json(&["discover", &job.name, "--suggest"]);
        let (score, notes) = judge(&answer, &truth);
        let (precision, recall) = score.shares();
        println!(
            "suggest: {:45} {:3} right {:3} wrong {:3} missed  precision {precision:.2} recall {recall:.2}",
            job.name, score.right, score.wrong, score.missed
        );
        for note in notes {
            println!("    {note}");
        }
        // A source whose names say nothing gets no draft, and is told so.
        if answer["error"].is_null() {
            assert_eq!(answer["problems"], serde_json::json!([]), "{}: the draft can run", job.name);
        }
        all =
            Score { right: all.right + score.right, wrong: all.wrong + score.wrong, missed: all.missed + score.missed };
        jobs += 1;
    }
    let (precision, recall) = all.shares();
    println!("suggest: {jobs} jobs, precision {precision:.3}, recall {recall:.3} per national column");
    assert!(jobs >= 8, "{jobs}");
    // What was reached on the sample: a draft that falls below it is worse than before.
    assert!(precision >= 0.93 && recall >= 0.8, "precision {precision:.3}, recall {recall:.3}");
}

/// Every column that a person mapped from the source counts, and every one that the draft maps.
fn judge(answer: &Value, truth: &Truth) -> (Score, Vec<String>) {
    let empty = Vec::new();
    let list = |value: &Value| value.as_array().unwrap_or(&empty).clone();
    let mut drafted: BTreeMap<(String, String), String> = BTreeMap::new();
    for table in list(&answer["jobs"]).iter().flat_map(|job| list(&job["tables"])) {
        for pair in list(&table["pairs"]).iter().filter(|pair| pair["taken"] == true) {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            drafted.insert((text(&table["table"]), text(&pair["column"])), text(&pair["source"]));
        }
    }
    let (mut score, mut notes) = (Score::default(), Vec::new());
    for ((table, column), source) in &drafted {
        if column == "lanskod" {
            continue;
        }
        match truth.get(&(table.clone(), column.clone())) {
            Some(from) if from.contains(source) => score.right += 1,
            other => {
                score.wrong += 1;
                notes.push(format!("wrong:  {table}.{column} from {source}, not {other:?}"));
            }
        }
    }
    for ((table, column), from) in truth {
        if !drafted.contains_key(&(table.clone(), column.clone())) {
            score.missed += 1;
            notes.push(format!("missed: {table}.{column} from {from:?}"));
        }
    }
    (score, notes)
}
