//! The sample nation: every region has contracts, and the national jobs come to what their sources say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate};
use serde_json::Value;

use crate::sandbox::{Sandbox, root};

fn run(sandbox: &Sandbox, jobs: &[&str]) -> Vec<Value> {
    let answer = sandbox.json(&[&["run"], jobs].concat());
    assert_eq!(answer["failed"], Value::Array(vec![]), "{answer}");
    answer["runs"].as_array().unwrap().clone()
}

#[test]
fn every_region_has_contracts_and_all_of_it_fits_a_screen() {
    let sandbox = Sandbox::demo();
    let answer = sandbox.run(&["run", "--all"]);
    assert!(answer.stdout.lines().count() <= 40, "{}", answer.stdout);
    assert!(answer.stdout.lines().all(|line| line.chars().count() <= 100), "{}", answer.stdout);
    let folders: BTreeSet<String> = std::fs::read_dir(root().join("jobs/regions"))
        .unwrap()
        .map(|folder| folder.unwrap().file_name().to_string_lossy().chars().take(2).collect())
        .collect();
    let rows = sandbox.json(&["sql", "SELECT DISTINCT lanskod FROM avtal"]);
    let found: BTreeSet<String> =
        rows.as_array().unwrap().iter().map(|row| row["lanskod"].as_str().unwrap().to_owned()).collect();
    assert_eq!(found, folders);
    assert!(found.len() >= 20, "{found:?}");
}

#[test]
fn what_is_held_or_fails_comes_first_and_tells_why() {
    let sandbox = Sandbox::demo();
    sandbox.write("regions/04-sormland/kallor/Avtalslista.csv", "Avtal;Form\n");
    sandbox.write("regions/17-varmland/avtal.sql", "SELECT FROM source");
    let answer = sandbox.run(&["run", "--all"]);
    assert_eq!(answer.code, Some(1), "{}", answer.stdout);
    let lines: Vec<&str> = answer.stdout.lines().collect();
    assert!(lines[1].starts_with("regions/") && lines[1].contains("FEL"), "{}", answer.stdout);
    assert!(lines.iter().take(5).any(|line| line.contains("17-varmland")), "{}", answer.stdout);
    let owner = lines.iter().find(|line| line.starts_with("14 Västra Götaland")).unwrap();
    assert!(owner.contains("3 jobb") && owner.contains("klar"), "{owner}");
    assert!(answer.stdout.contains("gör så här"), "{}", answer.stdout);
    // A program gets every job.
    let all = sandbox.json(&["run", "--all"]);
    assert!(all["runs"].as_array().unwrap().len() > 40);
}

/// Counts of one unit, care area and week: registered, done, waiting, waiting more than 90 days; days waited.
#[derive(Debug, Default, PartialEq)]
struct Week {
    counts: [i64; 4],
    days: Vec<i64>,
}

/// The situation picture counted from the extract itself, day by day.
fn counted() -> BTreeMap<[String; 3], Week> {
    let folder = root().join("jobs/national");
    let table = |path: &str| -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(folder.join(path)).unwrap();
        text.lines().skip(1).map(|line| line.split(';').map(ToOwned::to_owned).collect()).collect()
    };
    let areas: BTreeMap<String, String> =
        table("kodverk/kallor/vardomrade.csv").into_iter().map(|row| (row[3].clone(), row[0].clone())).collect();
    let facit: Value =
        serde_json::from_str(&std::fs::read_to_string(root().join("tests/exempel/facit.json")).unwrap()).unwrap();
    let planted = facit["planted"].as_array().unwrap().iter().filter(|f| f["job"] == "national/spor/operationer");
    let rejected: BTreeSet<u64> = planted.filter_map(|f| f["row"].as_u64()).collect();
    let day = |text: &str| text.get(..10).and_then(|day| day.parse::<NaiveDate>().ok());
    let monday = |day: NaiveDate| day - Days::new(u64::from(day.weekday().num_days_from_monday()));
    let operations: Vec<_> = (2..)
        .zip(table("spor/kallor/spor-uttag.csv"))
        .filter(|(line, _)| !rejected.contains(line))
        .map(|(_, row)| (row[1].clone(), areas[&row[2]].clone(), day(&row[3]).unwrap(), day(&row[4])))
        .collect();
    let last = operations.iter().map(|(_, _, registered, start)| start.unwrap_or(*registered)).max().unwrap();
    let mut weeks: BTreeMap<[String; 3], Week> = BTreeMap::new();
    for (unit, area, registered, start) in operations {
        let mut week = monday(registered);
        while week <= last && start.is_none_or(|start| week <= start) {
            let sunday = week + Days::new(6);
            let iso = week.iso_week();
            let key = [unit.clone(), area.clone(), format!("{}-W{:02}", iso.year(), iso.week())];
            let entry = weeks.entry(key).or_default();
            let done = start.is_some_and(|start| start <= sunday);
            entry.counts[0] += i64::from(registered >= week);
            entry.counts[1] += i64::from(done);
            entry.counts[2] += i64::from(!done);
            entry.counts[3] += i64::from(!done && (sunday - registered).num_days() > 90);
            entry.days.extend(start.filter(|_| done).map(|start| (start - registered).num_days()));
            week = week + Days::new(7);
        }
    }
    weeks
}

#[test]
fn the_situation_picture_is_what_the_extract_says() {
    let sandbox = Sandbox::demo();
    run(
        &sandbox,
        &[
            "national/kodverk/kva",
            "national/kodverk/vardomrade",
            "national/spor/operationer",
            "national/spor/lagesbild",
        ],
    );
    let query = "SELECT enhet, atgardsgrupp, vecka, antal_anmalda, antal_genomforda, antal_vantande, antal_over_90, \
                 median_dagar FROM register.lagesbild_operation";
    let rows = sandbox.json(&["sql", query]);
    let counted = counted();
    assert_eq!(rows.as_array().unwrap().len(), counted.len());
    for row in rows.as_array().unwrap() {
        let key = ["enhet", "atgardsgrupp", "vecka"].map(|name| row[name].as_str().unwrap().to_owned());
        let counts = ["antal_anmalda", "antal_genomforda", "antal_vantande", "antal_over_90"];
        let week = &counted[&key];
        assert_eq!(counts.map(|name| row[name].as_i64().unwrap()), week.counts, "{key:?}");
        let mut days = week.days.clone();
        days.sort_unstable();
        let middle = days.len() / 2;
        let median = match days.len() {
            0 => None,
            length if length % 2 == 1 => Some(days[middle] * 2),
            _ => Some(days[middle - 1] + days[middle]),
        };
        assert_eq!(
            row["median_dagar"].as_f64().map(|m| m * 2.0),
            median.map(|m| f64::from(i32::try_from(m).unwrap())),
            "{key:?}"
        );
    }
    // Of the operations themselves neither days nor ids are kept.
    let extract = std::fs::read_to_string(root().join("jobs/national/spor/kallor/spor-uttag.csv")).unwrap();
    let operation = extract.lines().nth(1).unwrap().split(';').next().unwrap().to_owned();
    for (path, bytes) in sandbox.stored() {
        let found = bytes.windows(operation.len()).any(|window| window == operation.as_bytes());
        assert!(!found, "{} holds the id of an operation", path.display());
    }
}

#[test]
fn free_capacity_ends_by_itself() {
    let sandbox = Sandbox::demo();
    run(&sandbox, &["national/kapacitet/ledig-kapacitet"]);
    let shown = |day: &str, sql: &str| {
        let rows = sandbox.json(&["--clock", &format!("{day}T12:00:00Z"), "sql", sql]);
        rows[0]["n"].as_i64().unwrap()
    };
    assert!(shown("2026-11-01", "SELECT count(*) n FROM register.ledig_kapacitet") > 0);
    assert_eq!(shown("2027-06-01", "SELECT count(*) n FROM register.ledig_kapacitet"), 0);
    let endless = "SELECT count(*) n FROM register.ledig_kapacitet WHERE giltig_till IS NULL";
    assert_eq!(shown("2026-11-01", endless), 0);
    // A provider offers under its own number, a region under its code.
    let owners = "SELECT count(*) n FROM register.ledig_kapacitet WHERE length(agare) NOT IN (2, 10)";
    assert_eq!(shown("2026-11-01", owners), 0);
}

#[test]
fn award_notices_and_open_data_stand_in_one_table() {
    let sandbox = Sandbox::demo();
    let runs = run(&sandbox, &["national/upphandling/eforms", "national/upphandling/uhm"]);
    let of = |job: &str| runs.iter().find(|run| run["job"] == format!("national/upphandling/{job}")).unwrap();
    // Two lots of the first notice: two winners, then two that tendered together; a lot that nobody won is counted.
    assert_eq!(of("eforms")["balance"]["filtered"]["ingen_tilldelning"], 1);
    let notice = "SELECT anbudsomrade_id, count(*) n FROM register.upphandling \
                  WHERE upphandlings_id = '00000000-0000-4000-9000-000000000001' GROUP BY 1 ORDER BY 1";
    let lots = sandbox.json(&["sql", notice]);
    assert_eq!(lots.to_string(), r#"[{"anbudsomrade_id":"LOT-0001","n":2},{"anbudsomrade_id":"LOT-0002","n":2}]"#);
    let persons = "SELECT count(*) n FROM register.upphandling WHERE leverantor_fysisk_person";
    assert!(sandbox.number(persons) >= 2, "a sole trader is flagged in either form");
    assert_eq!(
        sandbox.number(
            "SELECT count(*) n FROM register.upphandling WHERE lanskod = '14' AND avtalstyp = 'Ramavtal' AND ar = 2026"
        ),
        4
    );
    // The same files again end nothing of each other.
    for run in run(&sandbox, &["national/upphandling/eforms", "national/upphandling/uhm", "--full"]) {
        assert_eq!(run["publish_seq"], Value::Null, "{run}");
    }
}
