//! Erasing for good: one person's data, what a retention ends, and keys that are rotated. After it no stored
//! byte holds the value, whatever the process was killed in.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use sqlx::{Connection as _, PgConnection, Row as _};

use crate::both::{On, both};
use crate::commit_protocol::die_at;
use crate::sandbox::{Answer, Sandbox};
use crate::small;

/// Numbers that Skatteverket publishes for tests.
pub(crate) const NUMBER: &str = "8112189876";
const OTHER: &str = "7010632391";
/// What only the person's rows hold: in a protected column, and in one that the lake shows. It sorts last, so
/// that the statistics of the lake's log hold it.
const NAME: &str = "Kanariefågel Enskild Firma";
const ALIASES: [&str; 2] = ["Örnkanarien", "Örnpapegojan"];

pub(crate) const FOLDER: &str = "regions/22-vasternorrland";
pub(crate) const JOB: &str = "naringsidkare";
pub(crate) const TOML: &str = r#"
[job]
owner = "22"
feeds = ["organisation"]
[source]
connector = "files"
[source.options]
path = "naringsidkare.csv"
format = "csv"
[limits]
max_rejected_share = 1.0
[map]
organisation = "organisation.sql"
"#;
pub(crate) const SQL: &str = "SELECT nr AS orgnr, CASE WHEN firma = '' THEN namn END AS namn, firma AS namn_enskild, alias, \
                   firma <> '' AS enskild FROM source";

fn project(on: &On) -> Sandbox {
    let sandbox = small::project(on);
    sandbox.write(&format!("{FOLDER}/{JOB}.toml"), TOML);
    sandbox.write(&format!("{FOLDER}/organisation.sql"), SQL);
    sandbox
}

/// Two deliveries, so that there is history; in each a row is rejected for a text with the number in it.
pub(crate) fn deliver(sandbox: &Sandbox) {
    for alias in ALIASES {
        sandbox.write(&format!("{FOLDER}/{JOB}.csv"), rows(alias));
        sandbox.run(&["run", JOB]);
    }
    // The source itself is the region's, not ours.
    std::fs::remove_file(sandbox.path().join(FOLDER).join(format!("{JOB}.csv"))).unwrap();
}

fn rows(alias: &str) -> String {
    format!(
        "nr;namn;firma;alias\n811218-9876;;{NAME};{alias}\n701063-2391;;Någon Annan;Annan\n\
         2321000016;Regionen;;Regionen\n2321000131;ring {NUMBER} om {NAME};;\n"
    )
}

/// Runs the program with the number on standard input.
pub(crate) fn ask(sandbox: &Sandbox, arguments: &[&str], number: &str) -> Answer {
    let mut child =
        sandbox.command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{number}\n").as_bytes()).unwrap();
    Answer::of(child.wait_with_output().unwrap())
}

pub(crate) fn extract(sandbox: &Sandbox, number: &str) -> Value {
    let answer = ask(sandbox, &["person", "extract", "--format", "json"], number);
    serde_json::from_str(&answer.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", answer.stdout, answer.stderr))
}

pub(crate) fn count(found: &Value, what: &str) -> usize {
    found[what].as_array().unwrap().len()
}

/// A text in every encoding in which bytes could hold it: where the digits of base64 begin is any of three.
fn encodings(text: &str) -> Vec<Vec<u8>> {
    use base64::Engine as _;
    let hex: String = text.bytes().map(|b| format!("{b:02x}")).collect();
    let mut all = vec![
        text.as_bytes().to_vec(),
        text.to_uppercase().into_bytes(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect(),
        serde_json::to_string(text).unwrap().trim_matches('"').as_bytes().to_vec(),
        hex.to_uppercase().into_bytes(),
        hex.into_bytes(),
    ];
    for shift in 0..3 {
        let padded: Vec<u8> = std::iter::repeat_n(0, shift).chain(text.bytes()).collect();
        let coded = base64::engine::general_purpose::STANDARD.encode(&padded);
        // What the neighbours of the text do not touch.
        all.push(coded.as_bytes()[4..coded.len() - 4].to_vec());
    }
    all
}

/// The stored files that hold one of the texts in any encoding. Parquet files are read as well.
fn holding(sandbox: &Sandbox, texts: &[String]) -> Vec<PathBuf> {
    let needles: Vec<_> = texts.iter().flat_map(|text| encodings(text)).filter(|n| n.len() >= 8).collect();
    let has = |bytes: &[u8]| needles.iter().any(|n| memchr::memmem::find(bytes, n).is_some());
    sandbox
        .stored()
        .into_iter()
        .filter(|(path, bytes)| {
            let unpacked = if path.extension().is_some_and(|e| e == "parquet") { unpacked(path) } else { Vec::new() };
            has(bytes) || has(&unpacked)
        })
        .map(|(path, _)| path)
        .collect()
}

/// Everything that a Parquet file says, as text.
fn unpacked(path: &Path) -> Vec<u8> {
    let file = std::fs::File::open(path).unwrap();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let batches = reader.build().unwrap().map(|batch| batch.unwrap());
    batches.flat_map(|batch| format!("{batch:?}").into_bytes()).collect()
}

/// The files of the database's server that hold one of the texts: those of its write-ahead log, and all
/// others. None, and a printed line, where this process may not read them.
fn in_the_server(on: &On, texts: &[String]) -> Option<[Vec<PathBuf>; 2]> {
    let On::Postgres(url) = on else { return None };
    let data = asked(url, "SHOW data_directory");
    // Its own log lies beside.
    let folder = Path::new(&data).parent().unwrap();
    if std::fs::read_dir(&data).is_err() {
        println!("skipped: the server's files cannot be read");
        return None;
    }
    let needles: Vec<_> = texts.iter().flat_map(|text| encodings(text)).filter(|n| n.len() >= 8).collect();
    let mut found = [Vec::new(), Vec::new()];
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // A file may go while it is looked for, and a socket is none.
            let Ok(bytes) = std::fs::read(&path) else { continue };
            if needles.iter().any(|needle| memchr::memmem::find(&bytes, needle).is_some()) {
                let log = path.components().any(|part| part.as_os_str() == "pg_wal");
                found[usize::from(!log)].push(path);
            }
        }
    }
    Some(found)
}

/// Asks the database's server as its administrator; the first answer's first cell.
fn asked(url: &str, sql: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await.unwrap();
        rows.first().and_then(|row| row.try_get::<String, _>(0).ok()).unwrap_or_default()
    })
}

/// What must be nowhere: the number, its keyed hash, the name, the aliases.
fn wanted(found: &Value) -> Vec<String> {
    let pseudonym = found["register"][0]["values"]["orgnr"].as_str().unwrap().to_owned();
    assert!(pseudonym.starts_with("p1-"), "{pseudonym}");
    let mut texts = vec![pseudonym, NUMBER.to_owned(), "811218-9876".to_owned(), NAME.to_owned()];
    texts.extend(ALIASES.map(str::to_owned));
    texts
}

/// The steps at which an erasure is killed.
const POINTS: [&str; 5] =
    ["gallrad-register", "gallrad-landning", "gallrad-skriven", "gallrad-punkt", "gallrad-lakehouse"];

both! {
    fn a_person_is_found_everywhere_and_erased_everywhere(on: On) {
        let sandbox = project(&on);
        small::deliver(&sandbox, 0);
        sandbox.run(&["run", small::JOB]);
        deliver(&sandbox);
        let found = extract(&sandbox, "19811218-9876");
        assert!(count(&found, "register") >= 2, "the history too: {found}");
        assert_eq!((count(&found, "quarantine"), count(&found, "landed")), (2, 2), "{found}");
        assert!(found["register"][0]["source"].as_str().unwrap().contains("naringsidkare.csv, rad"), "{found}");
        let texts = wanted(&found);
        let before = holding(&sandbox, &texts);
        let held = |ending: &str| before.iter().any(|path| path.to_string_lossy().contains(ending));
        assert!(held("_delta_log") && held(".parquet"), "the scan finds nothing: {before:?}");
        assert!(held("register.db") || !matches!(on, On::Sqlite), "{before:?}");

        if let On::Postgres(url) = &on {
            asked(url, "CHECKPOINT");
        }
        if let Some([log, rest]) = in_the_server(&on, &texts) {
            assert!(!log.is_empty() && rest.len() >= 2, "the scan finds nothing: {log:?} {rest:?}");
        }

        let backup = tempfile::tempdir().unwrap();
        for part in ["register.db", "register.db-wal", "lake"] {
            copy(&sandbox.path().join("var").join(part), &backup.path().join(part));
        }
        let arguments = ["person", "erase", "--ground", "artikel 17", "--now"];
        for point in POINTS {
            let mut command = sandbox.command(&arguments);
            let mut child = command.env("SLUSS_FAIL_POINT", point).stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
            child.stdin.take().unwrap().write_all(NUMBER.as_bytes()).unwrap();
            assert!(child.wait().unwrap().code().is_none(), "{point} was not reached");
        }
        let done = ask(&sandbox, &arguments, NUMBER);
        assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
        assert!(!done.stdout.contains(NUMBER) && !done.stderr.contains(NUMBER));
        let left = holding(&sandbox, &texts);
        assert!(left.is_empty(), "{left:?}");
        if let Some([log, rest]) = in_the_server(&on, &texts) {
            // Not a page, not a statistic, not a line of the server's own log.
            assert!(rest.is_empty(), "{rest:?}");
            println!("the write-ahead log holds it in {} files", log.len());
        }
        if let On::Postgres(url) = &on {
            // What docs/gallring.md tells the server's keeper to do.
            asked(url, "ALTER SYSTEM SET wal_recycle = off");
            asked(url, "SELECT pg_reload_conf()::text");
            asked(url, "SELECT pg_switch_wal()::text");
            asked(url, "CHECKPOINT");
            if let Some([log, rest]) = in_the_server(&on, &texts) {
                assert!(log.is_empty() && rest.is_empty(), "{log:?} {rest:?}");
            }
        }
        let gone = extract(&sandbox, NUMBER);
        assert!(["register", "quarantine", "landed"].iter().all(|what| count(&gone, what) == 0), "{gone}");
        // Nothing else went, and the project goes on.
        assert!(count(&extract(&sandbox, OTHER), "register") >= 1);
        assert_eq!(sandbox.number("SELECT count(*) FROM register.organisation"), 2);
        assert_eq!(sandbox.number("SELECT count(*) FROM lake.organisation"), 2);
        sandbox.agrees("erased");
        small::deliver(&sandbox, 1);
        sandbox.run(&["run", small::JOB]);
        sandbox.agrees("run again");

        // A backup brings everything back; the list, which no backup holds, takes it away again.
        if matches!(on, On::Sqlite) {
            for part in ["register.db", "register.db-wal", "register.db-shm", "lake"] {
                remove(&sandbox.path().join("var").join(part));
                copy(&backup.path().join(part), &sandbox.path().join("var").join(part));
            }
            assert!(!holding(&sandbox, &texts).is_empty());
            assert_eq!(sandbox.json(&["person", "again"]), Value::from(1));
            let left = holding(&sandbox, &texts);
            assert!(left.is_empty(), "{left:?}");
            sandbox.agrees("restored");
        }
    }

    fn what_is_older_than_its_table_may_be_goes(on: On) {
        let sandbox = small::project(&on);
        let path = sandbox.path().join("sluss.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}\n[retention]\nquarantine_days = 20\ntables = {{ avtal = 30, matning = 60 }}\n")).unwrap();
        small::deliver(&sandbox, 0);
        sandbox.run(&["--clock", "2026-03-01T02:00:00Z", "run", small::JOB]);
        small::deliver(&sandbox, 1);
        sandbox.run(&["--clock", "2026-03-02T02:00:00Z", "run", small::JOB]);
        let show = |clock: &str, arguments: &[&str]| sandbox.json(&[&["--clock", clock], arguments].concat());
        let older = |answer: &Value, table: &str| {
            let kept = answer["kept"].as_array().unwrap().iter().find(|kept| kept["table"] == table);
            kept.unwrap()["older"].as_u64().unwrap()
        };
        let looked = show("2026-03-15T02:00:00Z", &["retention", "show"]);
        assert_eq!((older(&looked, "avtal"), older(&looked, "matning")), (0, 0), "{looked}");
        // A0, A1 and A2 ended; January is over for more than 60 days.
        let looked = show("2026-04-10T02:00:00Z", &["retention", "run"]);
        assert_eq!((older(&looked, "avtal"), older(&looked, "matning")), (3, 1), "{looked}");
        assert_eq!(sandbox.number("SELECT count(*) FROM register.avtal"), 44);
        let run = ["--clock", "2026-04-10T02:00:00Z", "retention", "run", "--now"];
        for point in POINTS {
            die_at(&sandbox, &run, point);
        }
        sandbox.ok(&run);
        let kept = "SELECT count(*) FROM register.avtal WHERE avtals_id IN ('A0', 'A1', 'A2')";
        assert_eq!(sandbox.number(kept), 0);
        assert_eq!(sandbox.number("SELECT count(*) FROM lake.matning WHERE manad = '2026-01'"), 0);
        assert!(sandbox.number("SELECT count(*) FROM lake.matning") > 20);
        sandbox.agrees("retained");
        let again = show("2026-04-10T02:00:00Z", &["retention", "run", "--now"]);
        assert_eq!((older(&again, "avtal"), older(&again, "matning")), (0, 0), "{again}");
        // What goes on is delivered as ever.
        small::deliver(&sandbox, 0);
        sandbox.run(&["--clock", "2026-04-11T02:00:00Z", "run", small::JOB]);
        sandbox.agrees("run again");
    }
}

#[test]
fn rows_that_are_in_the_lake_only_are_searched() {
    let sandbox = small::project(&On::Sqlite);
    let path = sandbox.path().join("tables/matning.toml");
    let table = std::fs::read_to_string(&path).unwrap();
    let column = "[[column]]\nname = \"anteckning\"\ntype = \"text\"\nmeaning = \"Anteckning.\"\n";
    // The rule that would reject the row warns only: somebody chose so before it was known what comes.
    let rule = "[[rule]]\nrule = \"personnummer_i_text\"\nseverity = \"warn\"\n";
    std::fs::write(&path, format!("{table}{column}{rule}")).unwrap();
    let folder = "regions/22-vasternorrland";
    sandbox.write(
        &format!("{folder}/matning.sql"),
        "SELECT '22' AS lanskod, manad, nr AS id, heltal(antal) AS antal, namn AS anteckning FROM source",
    );
    sandbox.write(
        &format!("{folder}/avtal.csv"),
        format!("nr;namn;fran;manad;antal\nA1;ring {NUMBER};2026-01-01;2026-01;1\nA2;inget;2026-01-01;2026-02;2\n"),
    );
    let sql = "SELECT '22' AS lanskod, nr AS avtals_id, 'Avtal' AS titel, datum(fran) AS giltig_fran FROM source";
    sandbox.write(&format!("{folder}/avtal.sql"), sql);
    sandbox.ok(&["run", small::JOB]);
    let found = extract(&sandbox, NUMBER);
    assert_eq!((count(&found, "register"), count(&found, "lake")), (0, 1), "{found}");
    let row = &found["lake"][0];
    assert_eq!((&row["table"], &row["values"]["manad"]), (&"matning".into(), &"2026-01".into()), "{found}");
    assert!(row["source"].as_str().unwrap().contains("avtal.csv, rad"), "{found}");
    assert_eq!(count(&extract(&sandbox, OTHER), "lake"), 0);
    // It is told that they are left, by whoever erases.
    let answer = ask(&sandbox, &["person", "erase", "--ground", "artikel 17", "--now", "--format", "json"], NUMBER);
    let told: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!((&told["left_in_lake"], &told["deliveries"]), (&1.into(), &1.into()), "{told}");
}

/// A run that fails has landed what may hold a refused contract: nothing of it stays.
#[test]
fn what_landed_of_a_failed_run_goes() {
    let sandbox = small::project(&On::Sqlite);
    small::deliver(&sandbox, 0);
    let originals = || {
        let stored = sandbox.stored();
        stored.iter().filter(|(path, _)| path.to_string_lossy().contains("landing/original/")).count()
    };
    sandbox.ok(&["run", small::JOB]);
    let kept = originals();
    assert!(kept > 0);
    // A mapping that breaks off: the run has landed its file, and fails.
    small::deliver(&sandbox, 1);
    let sql = format!("{FOLDER}/matning.sql");
    let right = std::fs::read_to_string(sandbox.path().join(&sql)).unwrap();
    sandbox.write(&sql, "SELECT '22' AS lanskod, manad, nr AS id, CAST(nr AS BIGINT) AS antal FROM source");
    let failed = sandbox.run(&["run", small::JOB]);
    assert!(matches!(failed.code, Some(1 | 2)), "{}{}", failed.stdout, failed.stderr);
    assert_eq!(sandbox.runs("failed"), 1);
    assert_eq!(originals(), kept);
    // Nor of one that was killed: the sweep takes it.
    sandbox.write(&sql, right);
    die_at(&sandbox, &["run", small::JOB], "stegad");
    assert_eq!(originals(), kept + 1);
    sandbox.ok(&["sweep", "--now"]);
    assert_eq!(originals(), kept);
    // The source gives it again.
    sandbox.ok(&["run", small::JOB]);
    assert_eq!(originals(), kept + 1);
    sandbox.agrees("after failures");
}

both! {
    fn keyed_hashes_get_a_new_key_and_the_next_delivery_finds_itself(on: On) {
        let sandbox = project(&on);
        deliver(&sandbox);
        let texts = wanted(&extract(&sandbox, NUMBER));
        let [first, ..] = texts.as_slice() else { panic!("nothing was found") };
        let events = "SELECT count(*) FROM handelse";
        let (before, told) = (sandbox.number("SELECT count(*) FROM register.organisation"), on.number(&sandbox, events));
        // A new version alone makes no run.
        die_at(&sandbox, &["keys", "rotate", "--new", "pseudonymnyckel"], "nyckel-fore");
        again(&sandbox);
        let refused = sandbox.run(&["run", JOB]);
        assert!(refused.code == Some(2) && refused.stderr.contains("sluss keys rotate"), "{}", refused.stderr);
        for point in ["nyckel-efter", "gallrad-fore", "gallrad-skriven", "gallrad-lakehouse"] {
            die_at(&sandbox, &["keys", "rotate"], point);
        }
        sandbox.ok(&["keys", "rotate"]);
        assert_eq!(sandbox.json(&["keys", "rotate"])["rekeyed"], false);
        sandbox.agrees("rekeyed");
        let found = extract(&sandbox, NUMBER);
        let pseudonym = found["register"][0]["values"]["orgnr"].as_str().unwrap();
        assert!(pseudonym.starts_with("p2-") && count(&found, "register") >= 2, "{found}");
        let old = holding(&sandbox, std::slice::from_ref(first));
        assert!(old.is_empty(), "{old:?}");
        // The same delivery is the same rows: nobody is new, nobody ended.
        sandbox.run(&["run", JOB]);
        assert_eq!(sandbox.number("SELECT count(*) FROM register.organisation"), before);
        assert_eq!(on.number(&sandbox, events), told);
        // History is still not to be rewritten.
        sandbox.agrees("run again");
    }
}

/// The last delivery once more.
fn again(sandbox: &Sandbox) {
    let rows = rows(ALIASES[1]);
    sandbox.write(&format!("{FOLDER}/{JOB}.csv"), rows);
}

#[test]
fn keys_are_rotated_though_killed_in_between_and_the_old_one_can_go() {
    let sandbox = project(&On::Sqlite);
    deliver(&sandbox);
    small::deliver(&sandbox, 0);
    sandbox.run(&["run", small::JOB]);
    let list = || sandbox.json(&["keys", "list"]);
    assert_eq!(list()[0]["wrapped"], 3, "{}", list());
    die_at(&sandbox, &["keys", "rotate", "--new"], "nyckel-omslagen");
    let half = list();
    assert_eq!((&half[0]["wrapped"], &half[1]["wrapped"]), (&Value::from(2), &Value::from(1)), "{half}");
    assert_eq!(count(&extract(&sandbox, NUMBER), "landed"), 2, "both versions open");
    assert_eq!(sandbox.json(&["keys", "rotate"])["rewrapped"], 2);
    let all = list();
    assert_eq!((&all[0]["wrapped"], &all[1]["wrapped"]), (&Value::from(0), &Value::from(3)), "{all}");
    // The old version leaves the secret.
    let path = sandbox.path().join(".secrets/huvudnyckel");
    let text = std::fs::read_to_string(&path).unwrap();
    let newest: String = text.lines().filter(|line| line.starts_with("2:")).map(|line| format!("{line}\n")).collect();
    assert_ne!(newest, text);
    std::fs::write(&path, newest).unwrap();
    let found = extract(&sandbox, NUMBER);
    assert_eq!((count(&found, "quarantine"), count(&found, "landed")), (2, 2), "{found}");
    let run = sandbox.json(&["runs", "-n", "100"]);
    assert!(!run.to_string().contains(NUMBER));
}

#[test]
fn the_number_is_no_argument_and_what_is_none_is_refused() {
    let sandbox = project(&On::Sqlite);
    let refused = ask(&sandbox, &["person", "extract"], "2321000016");
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(!refused.stderr.contains("2321000016") && refused.stderr.contains("personnummer"), "{}", refused.stderr);
    assert_eq!(ask(&sandbox, &["person", "extract", NUMBER], "").code, Some(2));
    let nothing = ask(&sandbox, &["person", "erase", "--now"], NUMBER);
    assert_eq!(nothing.code, Some(2), "an erasure has a ground: {}", nothing.stderr);
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else if from.exists() {
        std::fs::copy(from, to).unwrap();
    }
}

fn remove(path: &Path) {
    if path.is_dir() {
        std::fs::remove_dir_all(path).unwrap();
    } else if path.exists() {
        std::fs::remove_file(path).unwrap();
    }
}
