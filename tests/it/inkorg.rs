//! A drop folder, as its users meet it: what arrives is published once, and put away only then.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::both::{On, both};
use crate::commit_protocol::die_at;
use crate::sandbox::Sandbox;

const JOB: &str = "avtal";
const FOLDER: &str = "regions/22-vasternorrland";
const SQL: &str = "SELECT '22' AS lanskod, nr AS avtals_id, namn AS titel, datum(fran) AS giltig_fran FROM source";

/// A project whose contracts arrive in `in`; each file is a whole delivery.
fn project(on: &On, mode: &str, take: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    on.configure(&sandbox);
    let job = format!(
        "[job]\nowner = \"22\"\nfeeds = [\"avtal\"]\nmode = \"{mode}\"\n[source]\nconnector = \"inkorg\"\n\
         [source.options]\nfolder = \"in\"\npattern = \"*.csv\"\nformat = \"csv\"\n\
         [source.options.arrival]\nmarker = \".klar\"\ntake = \"{take}\"\ndone = \"klart\"\nfailed = \"fel\"\n\
         [map]\navtal = \"avtal.sql\"\n[limits]\nmax_rejected_share = 0.5\n"
    );
    sandbox.write(&format!("{FOLDER}/avtal.toml"), job);
    sandbox.write(&format!("{FOLDER}/avtal.sql"), SQL);
    fs::create_dir_all(sandbox.path().join(FOLDER).join("in")).unwrap();
    sandbox
}

/// Contracts of these numbers, in a file that its sender has finished.
fn deliver(sandbox: &Sandbox, name: &str, numbers: std::ops::Range<u32>) {
    let rows = numbers.map(|nr| format!("A{nr};avtal {nr};2026-01-01\n")).collect::<Vec<_>>().concat();
    put(sandbox, name, &format!("nr;namn;fran\n{rows}"));
}

fn put(sandbox: &Sandbox, name: &str, text: &str) {
    sandbox.write(&format!("{FOLDER}/in/{name}"), text);
    sandbox.write(&format!("{FOLDER}/in/{name}.klar"), "");
}

/// The files in the inbox, or in a folder of it; without the markers.
fn files(sandbox: &Sandbox, folder: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(sandbox.path().join(FOLDER).join("in").join(folder)) else { return Vec::new() };
    let names = entries.flatten().filter(|entry| entry.file_type().unwrap().is_file());
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|name| Path::new(name).extension().is_none_or(|end| end != "klar")).collect();
    names.sort();
    names
}

/// Contracts that hold today.
fn current(sandbox: &Sandbox) -> i64 {
    sandbox.number("SELECT count(*) FROM register.avtal WHERE giltig_till IS NULL")
}

fn run(sandbox: &Sandbox) -> Value {
    let answer = sandbox.json(&["run", JOB]);
    assert_eq!(answer["failed"], Value::Array(vec![]), "{answer}");
    answer["runs"][0].clone()
}

both! {
    fn what_arrives_is_published_and_put_away_and_nothing_is_nothing(on: On) {
        let sandbox = project(&on, "snapshot", "latest");
        // That nothing has ever come is no empty delivery.
        assert_eq!(run(&sandbox)["state"], "done");
        deliver(&sandbox, "1.csv", 0..10);
        deliver(&sandbox, "2.csv", 0..20);
        for looking in [&["plan", JOB][..], &["preview", JOB], &["check", JOB], &["discover", JOB]] {
            sandbox.ok(looking);
        }
        assert_eq!((files(&sandbox, "").len(), files(&sandbox, "klart").len()), (2, 0), "looking moves nothing");
        assert_eq!((run(&sandbox)["state"].clone(), current(&sandbox)), ("done".into(), 20));
        assert_eq!(files(&sandbox, "klart"), ["1.csv", "2.csv"]);

        // Nothing has come since: nothing ends, and the run is right.
        for _ in 0..2 {
            let nothing = run(&sandbox);
            assert_eq!((&nothing["state"], nothing["publish_seq"].is_null()), (&Value::from("done"), true), "{nothing}");
            assert_eq!(current(&sandbox), 20);
        }
        sandbox.agrees("after runs without a delivery");

        // A whole that suddenly is a fraction of the last one is held, and stays where it is.
        deliver(&sandbox, "3.csv", 0..2);
        let held = sandbox.run(&["run", JOB]);
        assert_eq!(held.code, Some(3), "{}{}", held.stdout, held.stderr);
        assert_eq!((files(&sandbox, ""), current(&sandbox)), (vec!["3.csv".to_owned()], 20));
        sandbox.ok(&["run", JOB, "--believe", "avtalen är uppsagda"]);
        assert_eq!((files(&sandbox, "").len(), current(&sandbox)), (0, 2));
        sandbox.agrees("at the end");
    }

    fn killed_after_publishing_the_next_run_only_moves(on: On) {
        let sandbox = project(&on, "incremental", "all");
        for (edition, point) in ["publish.committed", "publicera-efter", "projicerad"].into_iter().enumerate() {
            let from = u32::try_from(edition).unwrap() * 10;
            deliver(&sandbox, &format!("{edition}.csv"), from..from + 10);
            die_at(&sandbox, &["run", JOB], point);
            assert_eq!(files(&sandbox, ""), [format!("{edition}.csv")], "{point}");
            let next = run(&sandbox);
            assert_eq!((&next["balance"]["rows_in"], next["publish_seq"].is_null()), (&Value::from(0), true), "{point}");
            assert_eq!((files(&sandbox, "").len(), files(&sandbox, "klart").len()), (0, edition + 1), "{point}");
            assert_eq!(current(&sandbox), i64::from(from) + 10);
        }
        // Before it is published nothing is put away, and nothing is lost.
        deliver(&sandbox, "sist.csv", 50..55);
        die_at(&sandbox, &["run", JOB], "publish.before");
        assert_eq!(files(&sandbox, ""), ["sist.csv"]);
        assert_eq!(run(&sandbox)["balance"]["rows_in"], 5);
        sandbox.agrees("after the kills");
    }
}

#[test]
fn a_copy_gives_no_rows_and_a_replay_reads_what_landed() {
    let sandbox = project(&On::Sqlite, "incremental", "all");
    put(&sandbox, "1.csv", "nr;namn;fran\nA1;avtal;2026-01-01\nA2;avtal;2026-02-30\n");
    let first = run(&sandbox);
    assert_eq!((&first["balance"]["rejected"], current(&sandbox)), (&Value::from(1), 1));
    put(&sandbox, "kopia.csv", "nr;namn;fran\nA1;avtal;2026-01-01\nA2;avtal;2026-02-30\n");
    assert_eq!(run(&sandbox)["balance"]["rows_in"], 0);
    assert_eq!(files(&sandbox, "klart"), ["1.csv", "kopia.csv"]);

    sandbox.write(&format!("{FOLDER}/avtal.sql"), SQL.replace("datum(fran)", "datum(replace(fran, '02-30', '02-28'))"));
    sandbox.ok(&["quarantine", "replay", first["run"].as_str().unwrap()]);
    assert_eq!(current(&sandbox), 2);
    // The replay has not moved where the source goes on.
    deliver(&sandbox, "2.csv", 10..13);
    assert_eq!(run(&sandbox)["balance"]["rows_in"], 3);
}

#[test]
fn a_file_that_cannot_be_read_is_put_aside_and_the_next_run_goes_on() {
    let sandbox = project(&On::Sqlite, "incremental", "all");
    put(&sandbox, "1.csv", "<!DOCTYPE html><html>503</html>");
    deliver(&sandbox, "2.csv", 0..3);
    assert_eq!(sandbox.run(&["plan", JOB]).code, Some(1));
    assert_eq!(files(&sandbox, "").len(), 2, "a plan moves nothing");
    let failed = sandbox.run(&["run", JOB]);
    assert_eq!(failed.code, Some(1), "{}", failed.stdout);
    assert_eq!(
        (files(&sandbox, "fel"), files(&sandbox, "")),
        (vec!["1.csv".into(), "1.csv.fel.txt".into()], vec!["2.csv".into()])
    );
    assert_eq!(run(&sandbox)["balance"]["rows_in"], 3);
}

#[test]
fn files_that_cannot_be_put_away_are_a_warning() {
    let sandbox = project(&On::Sqlite, "incremental", "all");
    deliver(&sandbox, "1.csv", 0..3);
    // A file where the folder should be.
    sandbox.write(&format!("{FOLDER}/in/klart"), "");
    let answer = sandbox.run(&["run", JOB]);
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    assert!(answer.stdout.contains("filerna kunde inte läggas undan"), "{}", answer.stdout);
    assert_eq!(current(&sandbox), 3);
    fs::remove_file(sandbox.path().join(FOLDER).join("in/klart")).unwrap();
    assert_eq!(run(&sandbox)["balance"]["rows_in"], 0);
    assert_eq!(files(&sandbox, "klart"), ["1.csv"]);
}
