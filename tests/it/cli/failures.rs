//! Whatever is wrong: what happened, where, what to do, and the exit code that fits.

use std::path::Path;
use std::process::Command;

use super::{fits, keep, shot, told};
use crate::sandbox::{Answer, Sandbox};

const JOB: &str = "regions/10-blekinge/avtal.toml";

fn look(sandbox: &Sandbox, name: &str, arguments: &[&str]) {
    let shot = shot(sandbox, arguments);
    fits(&shot);
    keep!(name, shot);
}

/// Changes a file of the project.
fn change(sandbox: &Sandbox, file: &str, from: &str, to: &str) {
    let path = sandbox.path().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn names_that_nothing_has() {
    let sandbox = Sandbox::demo();
    look(&sandbox, "no_command", &["rnu"]);
    look(&sandbox, "no_flag", &["run", "--al"]);
    look(&sandbox, "no_value", &["runs", "-n", "många"]);
    look(&sandbox, "no_day", &["codes", "check", "kva", "X", "--on", "igår"]);
    look(&sandbox, "no_format", &["jobs", "--format", "xml"]);
    look(&sandbox, "no_argument", &["receipt"]);
    look(&sandbox, "no_command_en", &["--lang", "en", "rnu"]);
    look(&sandbox, "run_what", &["run"]);
    look(&sandbox, "no_job_near", &["run", "10-blekinge/avtl"]);
    look(&sandbox, "no_job_far", &["preview", "xyz"]);
    look(&sandbox, "several_jobs", &["run", "genomforda", "tjanster"]);
    look(&sandbox, "no_run", &["runs", "019e0000"]);
    look(&sandbox, "no_run_receipt", &["receipt", "019e0000"]);
    look(&sandbox, "no_rule", &["explain", "hsaluhn"]);
    look(&sandbox, "no_rule_en", &["explain", "hsaluhn", "--lang", "en"]);
    keep!("no_rule_json", shot(&sandbox, &["explain", "hsaluhn", "--format", "json"]));
    look(&sandbox, "no_page", &["docs", "avtl"]);
    look(&sandbox, "no_table", &["register", "show", "avtl", "10", "x"]);
    look(&sandbox, "wrong_key", &["register", "show", "avtal", "10"]);
    look(&sandbox, "no_row", &["register", "show", "avtal", "10", "x"]);
    look(&sandbox, "lake_table", &["register", "show", "genomford", "x"]);
    look(&sandbox, "no_system", &["codes", "show", "kvaa", "AA099"]);
    look(&sandbox, "no_column", &["sql", "SELECT namn FROM avtal"]);
    look(&sandbox, "no_sql_table", &["sql", "SELECT * FROM avtl"]);
    look(&sandbox, "no_sql", &["sql", "SELEKT 1"]);
    look(&sandbox, "no_writing", &["sql", "DELETE FROM avtal"]);
    look(&sandbox, "no_region", &["init", "region", "99"]);
    look(&sandbox, "init_what", &["init", "landsting"]);
}

#[test]
fn one_broken_job_file_does_not_stop_the_others() {
    let sandbox = Sandbox::demo();
    change(&sandbox, JOB, "schedule", "shedule");
    change(&sandbox, "regions/22-vasternorrland/avtal.sql", "\"Avtalsnr\"", "\"Avtalsnummer\"");
    change(&sandbox, "regions/20-dalarna/avtal.toml", "\"files\"", "\"filer\"");
    change(&sandbox, "regions/21-gavleborg/avtal.toml", "\"avtal.sql\"", "\"avtl.sql\"");
    change(&sandbox, "regions/17-varmland/avtal.sql", "datum(", "datun(");
    look(&sandbox, "broken_check", &["check"]);
    look(&sandbox, "broken_check_one", &["check", "10-blekinge/avtal"]);
    look(&sandbox, "broken_check_en", &["check", "10-blekinge/avtal", "--lang", "en"]);
    look(&sandbox, "broken_jobs", &["jobs"]);
    look(&sandbox, "broken_run", &["run", "10-blekinge/avtal"]);
    look(&sandbox, "broken_run_all", &["run", "--all", "--parallel", "1"]);
    look(&sandbox, "broken_doctor", &["doctor"]);
}

#[test]
fn job_files_that_cannot_be_read() {
    let changes = [
        ("syntax", "owner       = \"10\"", "owner       = 10\""),
        ("type", "owner       = \"10\"", "owner       = 10"),
        ("missing", "owner       = \"10\"\n", ""),
        ("variant", "\"snapshot\"", "\"snapshoot\""),
        ("feeds", "\"villkor\"]", "\"vilkor\"]"),
        ("option", "encoding = ", "enkoding = "),
        ("path", "kallor/avtal.csv", "kallor/avtl.csv"),
        ("variable", "kallor/avtal.csv", "${mapp}/avtal.csv"),
        ("encoding", "iso-8859-1", "utf-8"),
    ];
    let mut shots = Vec::new();
    for (name, from, to) in changes {
        let sandbox = Sandbox::demo();
        change(&sandbox, JOB, from, to);
        let shot = shot(&sandbox, &["check", "10-blekinge/avtal"]);
        fits(&shot);
        shots.push(format!("# {name}\n{shot}"));
    }
    // Saved as an old Windows saves it.
    for (name, file) in [("latin1", JOB), ("latin1_sql", "regions/10-blekinge/avtal.sql")] {
        let sandbox = Sandbox::demo();
        sandbox.write(file, b"# v\xe5rdavtal\n[job]\nowner = \"10\"\n");
        let shot = shot(&sandbox, &["check", "10-blekinge/avtal"]);
        fits(&shot);
        shots.push(format!("# {name}\n{shot}"));
    }
    keep!("job_files", shots.join("\n"));
}

#[test]
fn projects_that_cannot_be_opened() {
    let sandbox = Sandbox::empty();
    let nowhere = sandbox.path().join("ingenstans");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluss"));
    let answer = Answer::of(command.arg("--project").arg(&nowhere).arg("jobs").output().unwrap());
    keep!("no_project", told(sandbox.path(), &["--project", "ingenstans", "jobs"], &answer));

    let sluss = std::fs::read_to_string(sandbox.path().join("sluss.toml")).unwrap();
    let with = |name: &str, text: String, arguments: &[&str]| {
        sandbox.write("sluss.toml", text);
        look(&sandbox, name, arguments);
    };
    with("project_syntax", sluss.clone() + "[lake\n", &["jobs"]);
    with("project_key", sluss.replace("retention_days", "retentoin_days"), &["jobs"]);
    with("project_secret", sluss.replace("url = \"sqlite://var/register.db\"", "secret = \"databas\""), &["jobs"]);
    with("project_address", sluss.replace("sqlite://var", "mysql://var"), &["jobs"]);
    with("project_no_server", sluss.replace("sqlite://var/register.db", "postgres://127.0.0.1:1/x"), &["jobs"]);
    // A folder that cannot be: below a file. Rights would not stop an administrator.
    sandbox.write("fil", "");
    with("project_lake", sluss.replace("\"var/lake\"", "\"fil/lake\""), &["project"]);
    with("project_register", sluss.replace("sqlite://var/", "sqlite://fil/"), &["jobs"]);
    sandbox.write("sluss.toml", &sluss);
    std::fs::remove_dir_all(sandbox.path().join(".secrets")).unwrap();
    look(&sandbox, "no_keys", &["jobs"]);
    look(&sandbox, "no_keys_en", &["jobs", "--lang", "en"]);
    look(&sandbox, "no_keys_doctor", &["doctor"]);
}

#[test]
fn a_lake_that_cannot_be_written() {
    let sandbox = Sandbox::empty();
    sandbox.ok(&["init", "region", "22"]);
    sandbox.write(
        "regions/22-vasternorrland/kallor/avtal.csv",
        "Avtalsnr;Benämning;Gäller från;Gäller till\nA1;Ögonsjukvård;2026-01-01;2027-12-31\n",
    );
    sandbox.write("fil", "");
    change(&sandbox, "sluss.toml", "\"var/lake\"", "\"fil/lake\"");
    look(&sandbox, "lake_run", &["run", "avtal"]);
    // Nothing is lost: the next run, with a lake, completes it.
    change(&sandbox, "sluss.toml", "\"fil/lake\"", "\"var/lake\"");
    sandbox.ok(&["run", "avtal", "--full"]);
    assert_eq!(sandbox.number("SELECT count(*) n FROM lake.avtal"), 1);
}

/// A file system of a few megabytes, where this machine lets one be mounted.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn at(folder: &Path) -> Option<Self> {
        std::fs::create_dir_all(folder).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(folder).output();
        if mounted.is_ok_and(|o| o.status.success()) {
            return Some(Self(folder.to_owned()));
        }
        println!("skipped: no small disk can be mounted here");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_said_and_nothing_is_lost() {
    let sandbox = Sandbox::empty();
    sandbox.ok(&["init", "region", "22"]);
    let rows: Vec<String> =
        (0..40_000).map(|n| format!("A{n};Avtal om ögonsjukvård {n};2026-01-01;2027-12-31\n")).collect();
    let header = "Avtalsnr;Benämning;Gäller från;Gäller till\n";
    sandbox.write("regions/22-vasternorrland/kallor/avtal.csv", header.to_owned() + &rows.concat());
    {
        let Some(_disk) = SmallDisk::at(&sandbox.path().join("var/landing/original")) else { return };
        let answer = sandbox.run(&["run", "avtal"]);
        assert_eq!(answer.code, Some(1), "{}{}", answer.stdout, answer.stderr);
        assert!(answer.stderr.contains("disken är full"), "{}", answer.stderr);
        assert!(answer.stderr.contains("gör så här:"), "{}", answer.stderr);
    }
    sandbox.ok(&["run", "avtal"]);
    assert_eq!(sandbox.number("SELECT count(*) n FROM lake.avtal"), 40_000);
}
