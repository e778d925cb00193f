//! `sluss doctor`: what this installation has and lacks.

use std::path::Path;
use std::process::{Command, ExitCode};

use serde::Serialize;
use sluss_pipeline::job::Project;
use sluss_pipeline::run::{PSEUDONYM_KEY, RECEIPT_KEY};
use sluss_schemas::message::Message;
use sluss_schemas::say;
use sluss_schemas::secret::Secrets;

use crate::app::{self, App};
use crate::cli::{Cli, DoctorArgs};
use crate::failure::Failure;
use crate::output::{self, Grid, column, counted, number, wrapped};

/// Free space below which a run may not have room.
const TIGHT: u64 = 5 * 1024 * 1024 * 1024;

/// Characters that a detail and a hint get in a line.
const DETAIL: usize = 44;
const HINT: usize = 38;

/// One thing that was looked at.
#[derive(Serialize)]
struct Finding {
    what: String,
    fine: bool,
    detail: String,
    /// What to do.
    hint: Option<String>,
}

/// What has been looked at so far, in the language of the answer.
struct Round<'a> {
    cli: &'a Cli,
    all: Vec<Finding>,
}

impl Round<'_> {
    fn fine(&mut self, what: (&'static str, &'static str), detail: impl Into<Message>) {
        let detail = self.cli.told(&detail.into());
        self.all.push(Finding { what: self.cli.word(what).to_owned(), fine: true, detail, hint: None });
    }

    fn wrong(&mut self, what: (&'static str, &'static str), detail: impl Into<Message>, hint: impl Into<Message>) {
        let (detail, hint) = (self.cli.told(&detail.into()), Some(self.cli.told(&hint.into())));
        self.all.push(Finding { what: self.cli.word(what).to_owned(), fine: false, detail, hint });
    }

    /// What failed, in its own words.
    fn failed(&mut self, what: (&'static str, &'static str), error: &anyhow::Error, otherwise: &Message) {
        let failure = Failure::of(error, self.cli);
        let hint = failure.hint.unwrap_or_else(|| self.cli.told(otherwise));
        self.wrong(what, failure.what, hint);
    }
}

const REGISTER: (&str, &str) = ("register", "register");
const LAKE: (&str, &str) = ("lakehouse", "lake");
const CODES: (&str, &str) = ("kodverk", "code system");

/// `sluss doctor`.
pub(crate) async fn doctor(cli: &Cli, args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let mut round = Round { cli, all: Vec::new() };
    round.fine(("version", "version"), env!("CARGO_PKG_VERSION"));
    look(&mut round, args.deep).await;
    let all = round.all;
    output::grid(cli, &all, || grid(&all))?;
    Ok(if all.iter().all(|f| f.fine) { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

async fn look(round: &mut Round<'_>, deep: bool) {
    let project = match app::project(round.cli) {
        Ok(project) => project,
        Err(error) => return round.failed(("projekt", "project"), &error, &"sluss init".into()),
    };
    round.fine(("projekt", "project"), project.root.display().to_string());
    keys_and_room(round, &project);
    let app = match App::open(round.cli).await {
        Ok(app) => app,
        Err(error) => {
            return round.failed(REGISTER, &error, &say!("se [register] i sluss.toml", "see [register] in sluss.toml"));
        }
    };
    stores(round, &app).await;
    if deep {
        agreement(round, &app).await;
    }
    round.fine(("jobb", "jobs"), number(app.jobs.len() as u64));
    for broken in &app.broken {
        let failure = Failure::pipeline(&broken.error, round.cli);
        let what = failure.place.map_or_else(|| failure.what.clone(), |place| format!("{place}: {}", failure.what));
        round.wrong(("jobb", "job"), what, "sluss check");
    }
    match app.engine.codes().await {
        Ok(codes) => {
            for system in codes.systems() {
                let versions: Vec<_> = system.versions().into_iter().map(|v| v.name).collect();
                let count = counted(system.len() as u64, ("kod", "koder"), ("code", "codes"));
                let versions = versions.join(", ");
                round.fine(CODES, Message::join([&count, &versions.into()], ", ").after(&system.name().into()));
            }
            lacking(round, &app, &codes);
        }
        Err(error) => round.failed(CODES, &error.into(), &"sluss codes list".into()),
    }
}

fn keys_and_room(round: &mut Round<'_>, project: &Project) {
    let secrets = app::secrets(project);
    for name in [project.file.landing.key.as_str(), PSEUDONYM_KEY, RECEIPT_KEY] {
        match secrets.get(name) {
            Some(_) => round.fine(("nyckel", "key"), name),
            None => round.wrong(
                ("nyckel", "key"),
                say!("{name} saknas", "{name} is missing"),
                say!("sluss init, eller sätt hemligheten", "sluss init, or set the secret"),
            ),
        }
    }
    let landing = project.path(&project.file.landing.path);
    let room = ("utrymme", "room");
    match free(&landing) {
        Some(bytes) if bytes < TIGHT => {
            let place = landing.display();
            round.wrong(room, gigabytes(bytes), say!("frigör plats för {place}", "make room for {place}"));
        }
        Some(bytes) => round.fine(room, gigabytes(bytes)),
        None => round.fine(room, say!("går inte att mäta här", "cannot be measured here")),
    }
}

async fn stores(round: &mut Round<'_>, app: &App) {
    let file = &app.engine.project.file;
    let postgres = file.register.secret.is_some() || file.register.url.starts_with("postgres");
    let kind = if postgres { "PostgreSQL" } else { "SQLite" };
    match app.engine.register.base().await {
        Ok(base) => {
            let base = number(base);
            round.fine(REGISTER, say!("{kind}, {base} publiceringar", "{kind}, {base} publications"));
        }
        Err(error) => {
            round.failed(REGISTER, &error.into(), &say!("se [register] i sluss.toml", "see [register] in sluss.toml"));
        }
    }
    let path = &file.lake.path;
    match app.engine.register.pending_manifests().await {
        Ok(pending) if pending.is_empty() => {
            round.fine(LAKE, say!("{path}, i takt med registret", "{path}, in step with the register"));
        }
        Ok(pending) => {
            let count = number(pending.len() as u64);
            round.wrong(LAKE, say!("{count} publiceringar väntar", "{count} publications wait"), "sluss project");
        }
        Err(error) => round.failed(LAKE, &error.into(), &say!("se [lake] i sluss.toml", "see [lake] in sluss.toml")),
    }
}

/// Ledger, register and lake compared with each other.
async fn agreement(round: &mut Round<'_>, app: &App) {
    const WHAT: (&str, &str) = ("samstämmighet", "agreement");
    let tell = say!("sluss project; finns felet kvar, anmäl det", "sluss project; if it remains, report it");
    match app.engine.disagreements().await {
        Ok(found) if found.is_empty() => round.fine(
            WHAT,
            say!("huvudbok, register och lakehouse säger detsamma", "ledger, register and lake say the same"),
        ),
        Ok(found) => {
            for one in found {
                let (place, sv, en) = (&one.place, &one.sv, &one.en);
                round.wrong(WHAT, say!("{place}: {sv}", "{place}: {en}"), tell.clone());
            }
        }
        Err(error) => round.failed(WHAT, &error.into(), &tell),
    }
}

/// Code systems that tables which jobs feed are judged by, and that the register has not.
fn lacking(round: &mut Round<'_>, app: &App, codes: &sluss_schemas::code::CodeIndex) {
    let mut missing = std::collections::BTreeSet::new();
    for name in app.jobs.iter().flat_map(|job| &job.file.job.feeds) {
        let Some(table) = app.engine.project.tables.get(name) else { continue };
        missing.extend(table.code_systems().map(|(system, _)| system).filter(|system| !codes.has_system(system)));
    }
    for system in missing {
        round.wrong(
            CODES,
            say!("{system} saknas: dess koder kan inte prövas", "{system} is missing: its codes cannot be judged"),
            say!("sluss codes import FIL --system {system}", "sluss codes import FILE --system {system}"),
        );
    }
}

/// Free bytes where `folder` is or would be, as `df` tells.
fn free(folder: &Path) -> Option<u64> {
    let existing = folder.ancestors().find(|f| f.exists())?;
    // Of our environment it needs nothing, and secrets stand there.
    let told = Command::new("df")
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .arg("-Pk")
        .arg(existing)
        .output()
        .ok()
        .filter(|o| o.status.success())?;
    let text = String::from_utf8_lossy(&told.stdout);
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok()?.checked_mul(1024)
}

fn gigabytes(bytes: u64) -> Message {
    let free = number(bytes / 1_000_000_000);
    say!("{free} GB lediga", "{free} GB free")
}

fn grid(all: &[Finding]) -> Grid {
    let rows = all.iter().map(|f| {
        let word = if f.fine { "ok" } else { "FEL" };
        let hint = wrapped(f.hint.as_deref().unwrap_or_default(), HINT, 0);
        vec![f.what.clone(), word.to_owned(), wrapped(&f.detail, DETAIL, 0), hint]
    });
    let closing = match all.iter().filter(|f| !f.fine).count() as u64 {
        0 => say!("Allt som behövs finns.", "All that is needed is there."),
        wrong => counted(
            wrong,
            ("sak behöver åtgärdas.", "saker behöver åtgärdas."),
            ("thing needs to be mended.", "things need to be mended."),
        ),
    };
    Grid {
        headings: vec![
            column("vad", "what"),
            column("läge", "state"),
            column("uppgift", "detail"),
            column("gör så här", "do this"),
        ],
        rows: rows.collect(),
        closing: Some(closing),
    }
}
