//! Waiting times of 100 synthetic patients, made by the regions' own competence centre, with its answers.

use std::collections::BTreeMap;

use serde_json::Value;

use super::canaries::Canaries;
use super::flat::{Flat, day};
use super::readable::{cells, text, told};
use super::{broken, real, run};
use crate::sandbox::{Sandbox, root};

const JOB: &str = "regions/14-vgr/vantetider";
const FILE: &str = "vantetid-kchd/katarakt_testdata_100__1__VGR.csv";

/// The rows of a lake table by the line of the file that they came from.
fn by_line(sandbox: &Sandbox, table: &str) -> BTreeMap<u64, Value> {
    let rows = sandbox.json(&["sql", &format!("SELECT * FROM lake.{table}")]);
    rows.as_array().unwrap().iter().map(|row| (row["_rad"].as_u64().unwrap(), row.clone())).collect()
}

#[test]
fn every_completed_row_equals_the_competence_centres_answer() {
    let Some(sandbox) = Sandbox::real() else { return };
    let outcome = run(&sandbox, JOB);
    assert_eq!((&outcome["balance"]["rows_in"], &outcome["balance"]["accepted"]), (&100.into(), &100.into()));
    let rows = by_line(&sandbox, "genomford");
    let file = Flat::read(&real(FILE));
    let lines: BTreeMap<&str, u64> =
        (2..).zip(&file.rows).map(|(line, row)| (file.get(row, "vardkontakt_id"), line)).collect();

    let answers = std::fs::read_to_string(real("vantetid-kchd/steg3_beraknade.tsv")).unwrap();
    let mut answers = answers.trim_start_matches('\u{feff}').lines().map(|l| l.split('\t').collect::<Vec<_>>());
    let heading = answers.next().unwrap();
    let (mut compared, mut split) = (0, BTreeMap::new());
    for answer in answers {
        let of = |name: &str| answer[heading.iter().position(|h| *h == name).unwrap()];
        let row = &rows[&lines[of("vardkontakt_id")]];
        for (ours, theirs) in [
            ("vantetid_dagar", "vantetid_dagar"),
            ("patientresa_dagar", "patientresa_dagar"),
            ("remiss_beslut_dagar", "remiss_beslut_dagar"),
            ("inom_vardgaranti", "inom_vardgaranti"),
            ("intervall", "intervall"),
            ("aldersgrupp", "aldersgrupp"),
            ("vardgaranti", "vardgaranti"),
            ("avvikelse", "avvikelsekod"),
            ("kommun", "lkf"),
            ("sjukhus", "sjukhuskod"),
            ("vardenhet", "hsaid_vardenhet"),
            ("kon", "kon"),
        ] {
            let answer = of(theirs).replace("None", "");
            assert_eq!(text(&row[ours]), answer, "{ours} of {}", of("vardkontakt_id"));
        }
        assert_eq!(row["lanskod"], "14", "51 is SKR's code for the county 14");
        *split.entry(of("inom_vardgaranti").to_owned()).or_insert(0) += 1;
        compared += 1;
    }
    assert_eq!((compared, rows.len()), (70, 70));
    assert_eq!(split, BTreeMap::from([("EJ_VG".into(), 17), ("JA".into(), 49), ("NEJ".into(), 4)]));
}

#[test]
fn waiting_rows_are_counted_to_the_end_of_the_month() {
    let Some(sandbox) = Sandbox::real() else { return };
    run(&sandbox, JOB);
    let (rows, file) = (by_line(&sandbox, "vantande"), Flat::read(&real(FILE)));
    let mut compared = 0;
    for (line, row) in (2..).zip(&file.rows).filter(|(_, row)| file.get(row, "status") == "VANTANDE") {
        let days = (day(file.get(row, "matperiod")) - day(file.get(row, "beslut_datum"))).num_days();
        let counts = file.get(row, "vardgaranti") == "JA" && !["1", "2"].contains(&file.get(row, "avvikelsekod"));
        let within = match (counts, days <= 90) {
            (false, _) => "EJ_VG",
            (true, true) => "JA",
            (true, false) => "NEJ",
        };
        let bounds = [(30, "0-30"), (60, "31-60"), (90, "61-90"), (120, "91-120"), (180, "121-180"), (365, "181-365")];
        let interval = bounds.iter().find(|(last, _)| days <= *last).map_or("366+", |(_, name)| name);
        let got = &rows[&line];
        assert_eq!(got["vantetid_dagar"], days, "line {line}");
        assert_eq!((text(&got["inom_vardgaranti"]).as_str(), text(&got["intervall"]).as_str()), (within, interval));
        assert_eq!((text(&got["lanskod"]).as_str(), text(&got["manad"]).as_str()), ("14", "2026-02"));
        compared += 1;
    }
    assert_eq!((compared, rows.len()), (30, 30));
}

#[test]
fn the_statistics_are_those_of_the_answers() {
    let Some(sandbox) = Sandbox::real() else { return };
    run(&sandbox, JOB);
    run(&sandbox, "regions/14-vgr/vantetid");
    let got = sandbox.json(&["sql", "SELECT * FROM register.vantetid ORDER BY enhet"]);

    // From the centre's answers for the completed, unit by unit; the waiting are counted by the job above.
    let answers = std::fs::read_to_string(real("vantetid-kchd/steg3_beraknade.tsv")).unwrap();
    let mut answers = answers.trim_start_matches('\u{feff}').lines().map(|l| l.split('\t').collect::<Vec<_>>());
    let heading = answers.next().unwrap();
    let mut units: BTreeMap<String, Vec<(i64, String, String)>> = BTreeMap::new();
    for answer in answers {
        let of = |name: &str| answer[heading.iter().position(|h| *h == name).unwrap()].to_owned();
        let days = of("vantetid_dagar").parse().unwrap();
        units.entry(of("hsaid_vardenhet")).or_default().push((days, of("inom_vardgaranti"), of("intervall")));
    }
    assert_eq!(got.as_array().map(Vec::len), Some(units.len()));
    let close = |row: &Value, column: &str, to: f64| {
        let is = row[column].as_f64().unwrap();
        assert!((is - to).abs() < 1e-9, "{column}: {is}, not {to}");
    };
    let mut waiting = 0;
    for (row, (unit, contacts)) in got.as_array().unwrap().iter().zip(&mut units) {
        contacts.sort();
        let key = ["enhet", "manad", "lanskod", "aktivitet", "kontakttyp"].map(|c| text(&row[c]));
        assert_eq!(key, [unit.as_str(), "2026-02", "14", "51101", "2"]);
        let count = |of: &dyn Fn(&(i64, String, String)) -> bool| contacts.iter().filter(|c| of(c)).count();
        assert_eq!(row["antal_genomforda"], contacts.len(), "{unit}");
        for (column, within) in [("antal_ja", "JA"), ("antal_nej", "NEJ"), ("antal_ej_vg", "EJ_VG")] {
            assert_eq!(row[column], count(&|c| c.1 == within), "{unit} {column}");
        }
        for interval in ["0-30", "31-60", "61-90", "91-120", "121-180", "181-365", "366+"] {
            let column = format!("genomforda_{}", interval.replace('-', "_").replace('+', "_plus"));
            assert_eq!(row[&column], count(&|c| c.2 == interval), "{unit} {column}");
        }
        let number = |n: usize| f64::from(u32::try_from(n).unwrap());
        let days: Vec<f64> = contacts.iter().map(|c| f64::from(i32::try_from(c.0).unwrap())).collect();
        let half = days.len() / 2;
        let median = if days.len() % 2 == 1 { days[half] } else { f64::midpoint(days[half - 1], days[half]) };
        close(row, "median_dagar", median);
        close(row, "medel_dagar", days.iter().sum::<f64>() / number(days.len()));
        let (yes, no) = (number(count(&|c| c.1 == "JA")), number(count(&|c| c.1 == "NEJ")));
        close(row, "andel_inom", yes / (yes + no));
        waiting += row["antal_vantande"].as_i64().unwrap();
    }
    assert_eq!(waiting, 30);
}

/// The job with another source path, and another owner where one is given.
fn job(path: &str, owner: &str) -> String {
    let text = std::fs::read_to_string(root().join("tests/real/regions/14-vgr/vantetider.toml")).unwrap();
    let lines = text.lines().map(|line| match line.split_once('=').map(|(key, _)| key.trim()) {
        Some("path") => format!("path = {path:?}"),
        Some("owner") => format!("owner = {owner:?}"),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn no_person_can_be_found_in_anything_that_can_be_read() {
    let Some(sandbox) = Sandbox::real() else { return };
    let mut file = Flat::read(&real(FILE));
    let mut canaries = Canaries::of(&file);
    sandbox.ok(&["runs"]);
    sandbox.stored().iter().for_each(|(_, bytes)| canaries.forget(bytes));
    // Rows that end in quarantine must keep what they hold to themselves too.
    file.set(3, "vardgaranti", "KANSKE");
    file.set(8, "beslut_datum", "2026-02-30T08:00:00");
    // A line with a cell too many cannot be read at all.
    file.rows[11].push(String::new());
    sandbox.write("leverans/vgr.csv", file.text());
    let path = sandbox.path().join("leverans/vgr.csv").display().to_string();
    sandbox.write("regions/14-vgr/vantetider.toml", job(&path, "14"));

    let told = told(&sandbox, JOB);
    assert!(["utanfor_varden", "felaktigt_datum", "fel_antal_kolumner"].iter().all(|r| told.contains(r)), "{told}");
    canaries.not_in(told.as_bytes(), "what the program says");
    for (path, bytes) in sandbox.stored() {
        canaries.not_in(&bytes, &path.display().to_string());
        canaries.not_in(path.display().to_string().as_bytes(), "a file's name");
    }
    let cells = cells(&sandbox);
    for cell in &cells {
        canaries.not_in_cell(cell);
    }
    for table in ["genomford", "vantande"] {
        let columns: Vec<_> = cells.iter().filter_map(|c| c.place.strip_prefix(&format!("lake.{table}."))).collect();
        for forbidden in ["fodelsear", "beslut_datum", "start_datum", "remiss_datum", "remiss_id", "vardkontakt_id"] {
            assert!(!columns.contains(&forbidden), "{forbidden} is a column of {table}");
        }
    }
}

#[test]
fn the_canaries_sing() {
    let Some(_) = crate::sandbox::shared() else { return };
    let file = Flat::read(&real(FILE));
    let canaries = Canaries::of(&file);
    let finds = |place: &str, text: &str| {
        let cell = super::readable::Cell { place: place.into(), is_national: true, text: text.into() };
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| canaries.not_in_cell(&cell))).is_err()
    };
    let of = |column: &str| file.column(column).next().unwrap().to_owned();
    assert!(finds("t.c", &format!("x{}", of("vardkontakt_id"))));
    assert!(finds("t.c", &of("remiss_datum")) && finds("t.c", &day(&of("beslut_datum")).format("%Y%m%d").to_string()));
    assert!(finds("t.c", &of("fodelsear")) && !finds("t.c", "1484") && !finds("t.c", "2026-02"));
}

/// A delivery of Halland in the same form: 40 contacts that nobody has had, a day apart.
fn halland(form: &Flat) -> Flat {
    let mut file = form.empty();
    for i in 0..40_i32 {
        let done = i % 4 != 3;
        let start = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::TimeDelta::days(i64::from(i % 31));
        let decided = start - chrono::TimeDelta::days(i64::from(i * 4));
        let (start, decided) = (format!("{start}T08:00:00"), format!("{decided}T08:00:00"));
        file.add(&[
            ("beslut_datum", &decided),
            ("start_datum", if done { &start } else { "" }),
            ("matperiod", "2026-01-31"),
            ("mvo_kod", "511"),
            ("aktivitetskod", "51101"),
            ("aktivitet_kva", "CJE20"),
            ("vardgaranti", if i % 5 == 0 { "NEJ" } else { "JA" }),
            ("regionkod", "42"),
            ("hsaid_region", "SE2321000115-EXREGION"),
            ("hsaid_vardgivare", "SE2321000115-EXVG"),
            ("hsaid_vardenhet", "SE2321000115-EXENHET"),
            ("hsaid_enhet", "SE2321000115-EXENHET"),
            ("sjukhuskod", "420000"),
            ("sjukhusnamn", "Exempelsjukhuset"),
            ("yrkeskategori", "XS915"),
            ("bokningssatt", "3"),
            ("vardkontakttyp", "0"),
            ("kon", if i % 2 == 0 { "1" } else { "2" }),
            ("fodelsear", "1950"),
            ("lkf", "1380"),
            ("vardkontakt_id", &format!("EX-13-{i:05}")),
            ("fas", "2"),
            ("typ_akutverksamhet", "0"),
            ("status", if done { "GENOMFORD" } else { "VANTANDE" }),
        ]);
    }
    file
}

#[test]
fn the_same_job_reads_another_regions_file() {
    let Some(sandbox) = Sandbox::real() else { return };
    run(&sandbox, JOB);
    sandbox.write("leverans/halland.csv", halland(&Flat::read(&real(FILE))).text());
    let path = sandbox.path().join("leverans/halland.csv").display().to_string();

    // Only the path is another: every row is read, and known for another region's.
    sandbox.write("regions/14-vgr/annan.toml", job(&path, "14"));
    let held = &sandbox.json(&["run", "regions/14-vgr/annan"])["runs"][0];
    assert_eq!((&held["state"], &held["balance"]["rows_in"]), (&"held".into(), &40.into()), "{held}");
    let others = [("genomford", 30), ("vantande", 10)].map(|(t, n)| (t.to_owned(), "lanskod".to_owned(), n));
    assert_eq!(broken(held, "fel_agare"), others);

    // A job writes its owner's rows only: with the owner, which says whose job it is, it publishes them.
    sandbox.write("regions/13-halland/vantetider.toml", job(&path, "13"));
    let outcome = run(&sandbox, "regions/13-halland/vantetider");
    assert_eq!(outcome["balance"]["accepted"], 40, "{outcome}");
    let split = sandbox.json(&[
        "sql",
        "SELECT inom_vardgaranti g, count(*) n, sum(vantetid_dagar) d FROM genomford WHERE lanskod = '13' \
         GROUP BY 1 ORDER BY 1",
    ]);
    let mut expected: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for i in (0..40).filter(|i| i % 4 != 3) {
        let within = if i % 5 == 0 {
            "EJ_VG"
        } else if i * 4 <= 90 {
            "JA"
        } else {
            "NEJ"
        };
        let sum = expected.entry(within).or_default();
        *sum = (sum.0 + 1, sum.1 + i * 4);
    }
    let number = |row: &Value, name: &str| row[name].as_i64().unwrap();
    let got: BTreeMap<&str, (i64, i64)> = split
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["g"].as_str().unwrap(), (number(row, "n"), number(row, "d"))))
        .collect();
    assert_eq!(got, expected);
    assert_eq!(sandbox.number("SELECT count(*) n FROM genomford WHERE lanskod = '14'"), 70, "nobody else's rows moved");
}
