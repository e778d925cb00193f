//! A backup that is made while `sluss serve` runs, everything wiped, the backup brought back: the register with its
//! history, the ledger and the lake are what they were at the backup's moment; what was erased since is erased
//! again; and the schedule catches up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::Value;

use crate::both::{On, both};
use crate::sandbox::Sandbox;
use crate::{erasure, kills, s3, services, small};

/// What lies outside every backup: it is kept when all else is wiped.
const APART: [&str; 2] = ["gallringslista.jsonl", "revision.jsonl"];
/// Tables that say how things stand now, and not what has been: they are judged by what comes of them. And the lines
/// of runs' logs, which are written beside the runs, a second later.
const STANDING: [&str; 11] = [
    "korningslogg",
    "lan",
    "jobblage",
    "tillfalle",
    "tillfalle_steg",
    "sekvens",
    "senast",
    "markor",
    "lake_partition",
    "revision_huvud",
    "sekretess_speglad",
];

fn columns(on: &On, sandbox: &Sandbox, table: &str) -> Vec<String> {
    on.texts(
        sandbox,
        &match on {
            On::Sqlite => format!("SELECT name FROM pragma_table_info('{table}') ORDER BY name"),
            On::Postgres(_) => format!(
                "SELECT column_name::text FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY column_name"
            ),
        },
    )
}

fn tables(on: &On, sandbox: &Sandbox) -> Vec<String> {
    on.texts(
        sandbox,
        match on {
            On::Sqlite => {
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            }
            On::Postgres(_) => {
                "SELECT table_name::text FROM information_schema.tables \
                 WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name"
            }
        },
    )
}

/// All that had been written up to a publication, table by table, row by row: what was closed later counts as open.
fn export(on: &On, sandbox: &Sandbox, seq: u64) -> BTreeMap<String, Vec<String>> {
    let published = format!("(SELECT id FROM korning WHERE publish_seq <= {seq})");
    let mut all = BTreeMap::new();
    for table in tables(on, sandbox).into_iter().filter(|table| !STANDING.contains(&table.as_str())) {
        let columns = columns(on, sandbox, &table);
        let has = |name: &str| columns.iter().any(|column| column == name);
        let until = if has("_seq_till") { "_seq_till" } else { "seq_to" };
        let until = has(until).then_some(until);
        let up_to = match table.as_str() {
            // Erasures are of later than the backup, and done again.
            "gallring" => "1 = 0".to_owned(),
            // Entries follow each other as their transactions did.
            "revision" => format!("no <= (SELECT max(no) FROM revision WHERE run IN {published})"),
            "korning" => format!("publish_seq <= {seq}"),
            _ if has("_seq_fran") => format!("_seq_fran <= {seq}"),
            _ if has("seq_from") => format!("seq_from <= {seq}"),
            _ if has("seq") => format!("seq <= {seq}"),
            _ if has("run") => format!("run IN {published}"),
            _ => "1 = 1".to_owned(),
        };
        let cells = columns
            .iter()
            .filter(|column| !(column.as_str() == "_id" || column.as_str() == "id" && has("run")))
            .map(|column| {
                let closes = ["_seq_till", "seq_to", "reg_till", "_aktuell"].contains(&column.as_str());
                // How far the lake has followed, and what has become of a rejected row, moves on.
                let moves = matches!(
                    (table.as_str(), column.as_str()),
                    ("manifest", "state" | "delta_version") | ("karantan", "state")
                );
                let value = match on {
                    On::Sqlite => format!("quote(\"{column}\")"),
                    On::Postgres(_) => format!("coalesce(\"{column}\"::text, 'NULL')"),
                };
                match until.filter(|_| closes) {
                    _ if moves => "''".to_owned(),
                    Some(until) => format!("CASE WHEN {until} <= {seq} THEN {value} ELSE '' END"),
                    None => value,
                }
            });
        let cells = cells.collect::<Vec<_>>().join(" || '|' || ");
        let rows = on.texts(sandbox, &format!("SELECT {cells} AS rad FROM \"{table}\" WHERE {up_to} ORDER BY 1"));
        all.insert(table, rows);
    }
    all
}

fn equal(is: &BTreeMap<String, Vec<String>>, was: &BTreeMap<String, Vec<String>>) {
    assert_eq!(is.keys().collect::<Vec<_>>(), was.keys().collect::<Vec<_>>());
    for (table, rows) in was {
        let now = &is[table];
        let [there, before] = [now, rows].map(|rows| rows.iter().collect::<BTreeSet<_>>());
        let lost: Vec<_> = before.difference(&there).take(3).collect();
        let more: Vec<_> = there.difference(&before).take(3).collect();
        assert!(lost.is_empty() && more.is_empty(), "{table} is not what it was: lost {lost:#?}, more {more:#?}");
        assert_eq!(now.len(), rows.len(), "{table}");
    }
}

/// Everything is gone but what is kept elsewhere: the project's text, its keys, and two lists.
fn wipe(sandbox: &Sandbox, on: On) -> On {
    let var = sandbox.path().join("var");
    for entry in std::fs::read_dir(&var).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap();
        } else if !APART.contains(&path.file_name().unwrap().to_str().unwrap()) {
            std::fs::remove_file(path).unwrap();
        }
    }
    if matches!(on, On::Sqlite) {
        return on;
    }
    let On::Postgres(old) = &on else { unreachable!("it is one of the two") };
    let new = services::postgres().unwrap();
    let file = sandbox.path().join("sluss.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(old));
    std::fs::write(file, text.replace(old, &new)).unwrap();
    On::Postgres(new)
}

fn back_up(sandbox: &Sandbox, to: &Path) -> Value {
    sandbox.json(&["backup", to.to_str().unwrap()])
}

/// Seconds between two times of each job that runs while the backup is made.
const EVERY: i64 = 4;

fn with_schedules(sandbox: &Sandbox, schedule: Option<&str>) {
    for (nth, job) in kills::JOBS.iter().enumerate() {
        let path = sandbox.path().join(format!("{job}.toml"));
        let text = std::fs::read_to_string(&path).unwrap();
        let mut lines: Vec<String> =
            text.lines().filter(|line| !line.starts_with("schedule")).map(str::to_owned).collect();
        let head = lines.iter().position(|line| line == "[job]").unwrap();
        if let Some(schedule) = schedule {
            lines.insert(head + 1, format!("schedule = {schedule:?}"));
        }
        // One makes up for every time that it missed, the others for the latest.
        let misfire = if nth == 0 { "all" } else { "once" };
        if !text.contains("[when]") {
            // A delivery that is written over while it is read is soon read again.
            lines.push(format!("[when]\nmisfire = \"{misfire}\"\nretries = 100\nbackoff = \"1s\""));
        }
        std::fs::write(path, lines.join("\n") + "\n").unwrap();
    }
}

/// Makes a backup in the middle of what `sluss serve` does. Gives what the backup says of itself.
fn served(sandbox: &Sandbox, on: &On, to: &Path) -> Value {
    let originals = kills::originals(sandbox);
    let mut random = StdRng::seed_from_u64(5);
    let log = std::fs::File::create(sandbox.path().join("serve.log")).unwrap();
    let mut serve = sandbox.command(&["serve", "-v"]).stdout(Stdio::null()).stderr(log).spawn().unwrap();
    let mut deliver = |times: u32| {
        for _ in 0..times {
            kills::deliver(sandbox, &originals, &mut random);
            std::thread::sleep(Duration::from_millis(1_500));
        }
    };
    let done = || on.number(sandbox, "SELECT count(*) FROM korning WHERE state = 'done'");
    // However slow the machine is: something is run before the backup, and something after it.
    let until_after = |runs: i64, deliver: &mut dyn FnMut(u32)| {
        for _ in 0..1_000 {
            if done() > runs + 2 {
                return;
            }
            deliver(1);
        }
        panic!("nothing was run");
    };
    until_after(done(), &mut deliver);
    let mut backup = sandbox.command(&["backup", to.to_str().unwrap(), "--format", "json"]);
    let backup = backup.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Deliveries go on while it is made, and after it.
    deliver(5);
    let made = backup.wait_with_output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    until_after(done(), &mut deliver);
    let told = std::process::Command::new("kill").args(["-TERM", &serve.id().to_string()]).status().unwrap();
    assert!(told.success() && serve.wait().unwrap().success());
    serde_json::from_slice(&made.stdout).unwrap()
}

both! {
    fn what_is_brought_back_is_what_was_and_the_schedule_catches_up(on: On) {
        let sandbox = Sandbox::demo_on(&on);
        sandbox.write(&format!("{}/{}.toml", erasure::FOLDER, erasure::JOB), erasure::TOML);
        sandbox.write(&format!("{}/organisation.sql", erasure::FOLDER), erasure::SQL);
        sandbox.run(&["run", "--all"]);
        erasure::deliver(&sandbox);
        with_schedules(&sandbox, Some(&format!("*/{EVERY} * * * * *")));
        let copies = tempfile::tempdir().unwrap();
        let copy = copies.path().join("kopia");
        let label = served(&sandbox, &on, &copy);
        let seq = label["publication"].as_u64().unwrap();
        let last = on.number(&sandbox, "SELECT publish_seq FROM sekvens");
        assert!(seq > 20 && i64::try_from(seq).unwrap() <= last, "publication {seq} of {last}");

        let gone = erasure::ask(&sandbox, &["person", "erase", "--ground", "prov", "--now"], erasure::NUMBER);
        assert_eq!(gone.code, Some(0), "{}{}", gone.stdout, gone.stderr);
        let was = export(&on, &sandbox, seq);
        assert!(was["avtal"].len() > 300 && was["kvittens"].len() > 20 && was["revision"].len() > 20);

        let on = wipe(&sandbox, on);
        // A backup holds its project too.
        let project = std::fs::read_to_string(copy.join("projekt").join(format!("{}.toml", kills::JOBS[0]))).unwrap();
        assert!(project.contains("misfire") && !copy.join("projekt/regions/10-blekinge/kallor").exists());
        let back = sandbox.json(&["restore", copy.to_str().unwrap()]);
        assert_eq!((back["publication"].as_u64(), back["erased_again"].as_u64()), (Some(seq), Some(1)), "{back}");
        sandbox.agrees("restored");
        equal(&export(&on, &sandbox, seq), &was);
        let found = erasure::extract(&sandbox, erasure::NUMBER);
        assert_eq!(["register", "quarantine", "landed"].map(|what| erasure::count(&found, what)), [0; 3]);
        sandbox.ok(&["person", "again"]);
        // Keys open what they closed: rejected rows, and a delivery that is read once more.
        let rejected = sandbox.path().join("avvisade.parquet");
        sandbox.ok(&["quarantine", "export", "--out", rejected.to_str().unwrap()]);
        let run = on.texts(
            &sandbox,
            "SELECT id FROM korning WHERE job = 'regions/10-blekinge/avtal' AND state = 'done' ORDER BY nr LIMIT 1",
        );
        let again = sandbox.run(&["quarantine", "replay", &run[0]]);
        assert!(matches!(again.code, Some(0 | 3)), "{}{}", again.stdout, again.stderr);

        // What was at work in the copy is taken up, what was missed since is made up for.
        let number = |sql: &str| on.number(&sandbox, sql);
        loop {
            let once = sandbox.run(&["serve", "--once"]);
            assert!(matches!(once.code, Some(0 | 3)), "{}{}", once.stdout, once.stderr);
            with_schedules(&sandbox, None);
            if number("SELECT count(*) FROM tillfalle WHERE state IN ('planned', 'running')") == 0 {
                break;
            }
            std::thread::sleep(Duration::from_secs(5));
        }
        let span = match on {
            On::Sqlite => "(max(due) - min(due)) / 1000000",
            On::Postgres(_) => "extract(epoch FROM max(due) - min(due))::bigint",
        };
        let scheduled = "FROM tillfalle WHERE kind = 'schedule'";
        let lacking = format!("SELECT count(*) FROM (SELECT job, count(*) AS n, {span} / {EVERY} + 1 AS wanted {scheduled} GROUP BY job) x");
        assert_eq!(number(&lacking), 4);
        assert_eq!(number(&format!("{lacking} WHERE n <> wanted")), 0, "a time is neither run nor told of as missed");
        let all = format!("SELECT count(*) {scheduled} AND job = '{}' AND state NOT IN ('done', 'held')", kills::JOBS[0]);
        assert_eq!(number(&all), 0, "each time is made up for");
        sandbox.agrees("caught up");
    }

    fn a_backup_in_an_object_store_comes_back_elsewhere(on: On) {
        let Some(endpoint) = services::s3() else { return };
        let place = match &on { On::Sqlite => "kopia-s", On::Postgres(_) => "kopia-p" };
        let sandbox = s3::project(&on, endpoint, place);
        for edition in 0..3 {
            small::deliver(&sandbox, edition);
            sandbox.ok(&["run", small::JOB]);
        }
        let was = small::figures(&sandbox);
        let copies = tempfile::tempdir().unwrap();
        let copy = copies.path().join("kopia");
        back_up(&sandbox, &copy);
        let on = wipe(&sandbox, on);
        let text = std::fs::read_to_string(sandbox.path().join("sluss.toml")).unwrap();
        sandbox.write("sluss.toml", text.replace(&format!("s3://sluss/{place}"), &format!("s3://sluss/ny-{place}")));
        sandbox.ok(&["restore", copy.to_str().unwrap()]);
        assert_eq!(small::figures(&sandbox), was);
        sandbox.agrees("in another place");
        small::deliver(&sandbox, 3);
        sandbox.ok(&["run", small::JOB]);
        sandbox.agrees("and it goes on");
        assert_eq!(on.number(&sandbox, "SELECT count(*) FROM manifest WHERE state = 'pending'"), 0);
    }

    fn nothing_is_written_over_and_a_damaged_backup_is_not_brought_back(on: On) {
        let sandbox = small::project(&on);
        small::deliver(&sandbox, 0);
        sandbox.ok(&["run", small::JOB]);
        let copies = tempfile::tempdir().unwrap();
        let copy = copies.path().join("kopia");
        let place = copy.to_str().unwrap();
        back_up(&sandbox, &copy);
        assert_eq!(sandbox.run(&["backup", place]).code, Some(2), "into a backup");
        let was = small::figures(&sandbox);
        let refused = sandbox.run(&["restore", place]);
        assert!(refused.code == Some(2) && refused.stderr.contains("finns redan"), "{}", refused.stderr);
        assert_eq!(small::figures(&sandbox), was);
        wipe(&sandbox, on);
        // One bit of the lake, a key that is lacking, a label that is.
        let of = |end: &str| {
            let list = std::fs::read_to_string(copy.join("innehall.jsonl")).unwrap();
            let path = |line: &str| serde_json::from_str::<Value>(line).unwrap()["path"].as_str().unwrap().to_owned();
            copy.join(list.lines().map(path).find(|path| path.ends_with(end)).unwrap())
        };
        for path in [of(".parquet"), of(".key"), copy.join("sluss-kopia.json")] {
            let bytes = std::fs::read(&path).unwrap();
            let mut other = bytes.clone();
            other[bytes.len() / 2] ^= 1;
            // The label tells of itself only that it is there.
            let is_label = path.extension().is_some_and(|end| end == "json");
            for damage in [None, Some(other).filter(|_| !is_label)].into_iter().take(if is_label { 1 } else { 2 }) {
                match damage {
                    Some(bytes) => std::fs::write(&path, bytes).unwrap(),
                    None => std::fs::remove_file(&path).unwrap(),
                }
                let refused = sandbox.run(&["restore", place]);
                assert!(matches!(refused.code, Some(1 | 2)), "{}: {}", path.display(), refused.stdout);
                assert!(!sandbox.path().join("var/landing/original").exists(), "{}", path.display());
            }
            std::fs::write(&path, bytes).unwrap();
        }
        sandbox.ok(&["restore", place]);
        assert_eq!(small::figures(&sandbox), was);
    }
}
