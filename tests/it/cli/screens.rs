//! Every command on the sample country: one project, run once, looked at from all sides.

use super::{fits, keep, short, shot};
use crate::sandbox::Sandbox;

const BLEKINGE: &str = "regions/10-blekinge/avtal";

/// The latest run of a job.
fn run_of(sandbox: &Sandbox, job: &str) -> String {
    let runs = sandbox.json(&["runs", "-n", "200"]);
    let run = runs.as_array().unwrap().iter().find(|run| run["job"] == job).unwrap();
    run["id"].as_str().unwrap().to_owned()
}

fn look(sandbox: &Sandbox, name: &str, arguments: &[&str]) {
    let shot = shot(sandbox, arguments);
    fits(&shot);
    keep!(name, shot);
}

#[test]
fn the_sample_country_on_the_screen() {
    let sandbox = Sandbox::demo();
    look(&sandbox, "jobs_before", &["jobs"]);
    look(&sandbox, "runs_before", &["runs"]);
    look(&sandbox, "quarantine_before", &["quarantine", "list"]);
    look(&sandbox, "discover", &["discover", "regions/22-vasternorrland/avtal"]);
    look(&sandbox, "discover_csv", &["discover", "national/hsa/organisationer", "--format", "csv"]);
    look(&sandbox, "plan", &["plan", "08-kalmar-lan/avtal"]);
    look(&sandbox, "run_all", &["run", "--all", "--parallel", "1"]);
    look(&sandbox, "check", &["check"]);
    look(&sandbox, "check_examples", &["check", "--examples", "--offline"]);
    look(&sandbox, "check_en", &["check", BLEKINGE, "--lang", "en"]);
    look(&sandbox, "preview", &["preview", "10-blekinge/avtal", "-n", "2"]);
    look(&sandbox, "preview_en", &["preview", "national/hsa/organisationer", "-n", "1", "--lang", "en"]);
    look(&sandbox, "jobs", &["jobs"]);
    look(&sandbox, "jobs_en", &["jobs", "--lang", "en"]);
    keep!("jobs_csv", shot(&sandbox, &["jobs", "--format", "csv"]));
    look(&sandbox, "runs", &["runs", "-n", "3"]);
    look(&sandbox, "coverage", &["coverage"]);
    look(&sandbox, "coverage_region_en", &["coverage", "--region", "22", "--lang", "en"]);
    keep!("coverage_csv", shot(&sandbox, &["coverage", "--table", "tjanst", "--format", "csv"]));
    look(&sandbox, "quarantine_list", &["quarantine", "list"]);
    look(&sandbox, "quarantine_list_en", &["quarantine", "list", "-n", "3", "--lang", "en"]);
    look(&sandbox, "plan_again", &["plan", "10-blekinge/avtal"]);
    look(&sandbox, "run_again", &["run", "10-blekinge/egna-koder", "national/hsa/platser", "--full", "--lang", "en"]);

    let run = run_of(&sandbox, BLEKINGE);
    let end = short(&run);
    look(&sandbox, "runs_one", &["runs", end]);
    look(&sandbox, "quarantine_list_run", &["quarantine", "list", "--run", end]);
    look(&sandbox, "receipt", &["receipt", end]);
    look(&sandbox, "receipt_en", &["receipt", end, "--lang", "en"]);
    // Rows as they came may be of any length.
    keep!("receipt_json", shot(&sandbox, &["receipt", end, "--format", "json"]));
    keep!("quarantine_show", shot(&sandbox, &["quarantine", "show", end, "-n", "4"]));
    keep!("quarantine_show_csv", shot(&sandbox, &["quarantine", "show", end, "-n", "3", "--format", "csv"]));

    look(&sandbox, "register_show", &["register", "show", "avtal", "10", "0025/2024"]);
    look(&sandbox, "register_show_en", &["register", "show", "avtal", "10", "0025/2024", "--lang", "en"]);
    look(&sandbox, "sql", &["sql", "SELECT lanskod, count(*) AS antal FROM avtal GROUP BY 1 ORDER BY 1"]);
    look(
        &sandbox,
        "sql_csv",
        &["sql", "SELECT lanskod, count(*) AS antal FROM avtal GROUP BY 1 ORDER BY 1 LIMIT 2", "--format", "csv"],
    );
    look(&sandbox, "sql_json", &["sql", "SELECT count(*) AS antal FROM avtal", "--format", "json"]);
    look(&sandbox, "sql_none", &["sql", "SELECT avtals_id, titel FROM avtal WHERE lanskod = '02'"]);
    look(&sandbox, "sql_wide", &["sql", "SELECT * FROM avtal WHERE avtals_id = '0025/2024'"]);

    look(&sandbox, "codes_list", &["codes", "list"]);
    look(&sandbox, "codes_show", &["codes", "show", "kva", "WEX01"]);
    look(&sandbox, "codes_check", &["codes", "check", "kva", "WEX01", "--on", "2026-11-01"]);
    look(&sandbox, "codes_check_unknown", &["codes", "check", "kva", "WEXO1", "--on", "2026-11-01"]);
    look(&sandbox, "codes_check_early", &["codes", "check", "kva", "WEX01", "--on", "2001-01-01"]);
    look(&sandbox, "codes_check_en", &["codes", "check", "kva", "U661", "--on", "2026-11-01", "--lang", "en"]);

    look(&sandbox, "explain", &["explain", "orgnr_luhn"]);
    look(&sandbox, "explain_en", &["explain", "orgnr_luhn", "--lang", "en"]);
    look(&sandbox, "docs", &["docs"]);
    look(&sandbox, "doctor", &["doctor"]);
    look(&sandbox, "project", &["project"]);
    look(&sandbox, "quarantine_drop", &["quarantine", "drop", short(&run_of(&sandbox, "national/hsa/platser"))]);
}

#[test]
fn a_contract_that_was_changed_has_a_history() {
    let sandbox = Sandbox::demo();
    for job in ["10-blekinge/egna-koder", "national/kodverk/kva", "national/kodverk/icd10se"] {
        sandbox.ok(&["--clock", "2026-11-20T01:00:00Z", "run", job]);
    }
    sandbox.ok(&["--clock", "2026-11-20T02:00:00Z", "run", BLEKINGE]);
    let file = sandbox.path().join("regions/10-blekinge/kallor/avtal.csv");
    let bytes = std::fs::read(&file).unwrap();
    // The file is ISO-8859-1: what is replaced has only ASCII letters.
    let text: String = bytes.iter().map(|b| char::from(*b)).collect();
    let text = text.replace("Kataraktoperation, exempelavtal 25;", "Kataraktoperation, nytt namn;");
    let changed: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert_ne!(changed, bytes);
    std::fs::write(&file, changed).unwrap();
    look(&sandbox, "plan_changed", &["plan", BLEKINGE]);
    look(&sandbox, "run_changed", &["run", BLEKINGE]);
    let row = ["avtal", "10", "0025/2024"];
    look(&sandbox, "register_history", &[&["register", "history"], &row[..]].concat());
    look(&sandbox, "register_history_en", &[&["register", "history", "--lang", "en"], &row[..]].concat());
    for format in ["csv", "json"] {
        let history = [&["register", "history", "--format", format], &row[..]].concat();
        keep!(format!("register_history_{format}"), shot(&sandbox, &history));
    }
    let between = ["register", "diff", "--from", "2026-11-21", "--to", "2026-11-22"];
    look(&sandbox, "register_diff", &between);
    look(
        &sandbox,
        "register_diff_en",
        &[&between[..], &["--table", "avtal", "--owner", "10", "--lang", "en"]].concat(),
    );
    for format in ["csv", "json"] {
        keep!(format!("register_diff_{format}"), shot(&sandbox, &[&between[..], &["--format", format]].concat()));
    }
    look(&sandbox, "register_diff_none", &[&between[..], &["--owner", "22"]].concat());
    look(&sandbox, "register_diff_backwards", &["register", "diff", "--from", "2026-11-22", "--to", "2026-11-21"]);
    look(
        &sandbox,
        "register_recorded_moment",
        &[&["register", "show", "--recorded", "2026-11-22T08:59"], &row[..]].concat(),
    );
    let snapshot = ["register", "snapshot"];
    look(&sandbox, "snapshot_none", &[&snapshot[..], &["list"]].concat());
    look(&sandbox, "snapshot_made", &[&snapshot[..], &["fore_bytet", "--recorded", "2026-11-21"]].concat());
    look(&sandbox, "snapshot_again", &[&snapshot[..], &["fore_bytet", "--recorded", "2026-11-21"]].concat());
    look(&sandbox, "snapshot_name", &[&snapshot[..], &["Före-bytet", "--recorded", "2026-11-21"]].concat());
    look(&sandbox, "snapshot_ahead", &[&snapshot[..], &["sen", "--recorded", "2030-01-01"]].concat());
    look(&sandbox, "snapshot_list", &[&snapshot[..], &["list"]].concat());
    let titles = |of: &str| format!("SELECT titel FROM {of}.avtal WHERE avtals_id = '0025/2024'");
    look(&sandbox, "snapshot_sql", &["sql", &titles("ogonblick_fore_bytet")]);
    look(&sandbox, "snapshot_sql_now", &["sql", &titles("register")]);
    look(&sandbox, "snapshot_dropped", &[&snapshot[..], &["drop", "fore_bytet", "--lang", "en"]].concat());
    look(&sandbox, "snapshot_unknown", &[&snapshot[..], &["drop", "fore_bytet"]].concat());
    look(&sandbox, "register_recorded", &["register", "show", "avtal", "10", "0025/2024", "--recorded", "2026-11-21"]);
    look(&sandbox, "register_as_of", &["register", "show", "avtal", "10", "0025/2024", "--as-of", "2027-01-01"]);
    let run = run_of(&sandbox, BLEKINGE);
    look(&sandbox, "quarantine_replay", &["quarantine", "replay", short(&run)]);
}

#[test]
fn the_help_is_in_the_users_language() {
    let sandbox = Sandbox::empty();
    look(&sandbox, "help", &["--help"]);
    look(&sandbox, "help_run", &["run", "--help"]);
    look(&sandbox, "help_register_show", &["register", "show", "-h"]);
    look(&sandbox, "help_register_diff", &["register", "diff", "-h"]);
    look(&sandbox, "help_register_snapshot", &["register", "snapshot", "-h"]);
    look(&sandbox, "help_quarantine", &["quarantine"]);
    look(&sandbox, "help_en", &["--lang", "en", "--help"]);
    look(&sandbox, "version", &["--version"]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = sandbox.ok(&["completions", shell]);
        assert!(script.contains("quarantine") && script.contains("believe"), "{shell}: {script}");
    }
}
