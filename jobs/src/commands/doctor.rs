//! `sluss doctor`: what this installation has and lacks.

use std::path::Path;
use std::process::{Command, ExitCode};

use serde::Serialize;
use sluss_pipeline::run::PSEUDONYM_KEY;
use sluss_schemas::rule::Language;
use sluss_schemas::secret::Secrets;

use crate::app::{self, App};
use crate::cli::{Cli, DoctorArgs};
use crate::commands::language;
use crate::output::{self, Grid, number};

/// Free space below which a run may not have room.
const TIGHT: u64 = 5 * 1024 * 1024 * 1024;

/// One thing that was looked at.
#[derive(Serialize)]
struct Finding {
    what: &'static str,
    fine: bool,
    detail: String,
    /// What to do.
    hint: Option<String>,
}

fn fine(what: &'static str, detail: impl Into<String>) -> Finding {
    Finding { what, fine: true, detail: detail.into(), hint: None }
}

fn wrong(what: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Finding {
    Finding { what, fine: false, detail: detail.into(), hint: Some(hint.into()) }
}

/// `sluss doctor`.
pub(crate) async fn doctor(cli: &Cli, args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let mut all = vec![fine("version", env!("CARGO_PKG_VERSION"))];
    look(cli, args.deep, &mut all).await;
    output::grid(cli, &all, || grid(&all))?;
    Ok(if all.iter().all(|f| f.fine) { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

async fn look(cli: &Cli, deep: bool, all: &mut Vec<Finding>) {
    let project = match app::project(cli) {
        Ok(project) => project,
        Err(error) => return all.push(wrong("projekt", error.to_string(), "sluss init")),
    };
    all.push(fine("projekt", project.root.display().to_string()));
    let secrets = app::secrets(&project);
    for name in [project.file.landing.key.as_str(), PSEUDONYM_KEY] {
        all.push(match secrets.get(name) {
            Some(_) => fine("nyckel", name),
            None => wrong("nyckel", format!("{name} saknas"), "sluss init, eller sätt hemligheten"),
        });
    }
    let landing = project.path(&project.file.landing.path);
    all.push(match free(&landing) {
        Some(bytes) if bytes < TIGHT => {
            wrong("utrymme", gigabytes(bytes), format!("frigör plats för {}", landing.display()))
        }
        Some(bytes) => fine("utrymme", format!("{} lediga", gigabytes(bytes))),
        None => fine("utrymme", "går inte att mäta här"),
    });
    let app = match App::open(cli).await {
        Ok(app) => app,
        Err(error) => {
            let hint = error.downcast_ref::<sluss_pipeline::error::PipelineError>().and_then(|e| e.hint.clone());
            return all.push(wrong(
                "register",
                error.to_string(),
                hint.unwrap_or_else(|| "se [register] i sluss.toml".to_owned()),
            ));
        }
    };
    let kind = if project.file.register.secret.is_some() || project.file.register.url.starts_with("postgres") {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    all.push(match app.engine.register.base().await {
        Ok(base) => fine("register", format!("{kind}, {} publiceringar", number(base))),
        Err(error) => wrong("register", error.to_string(), "se [register] i sluss.toml"),
    });
    all.push(match app.engine.register.pending_manifests().await {
        Ok(pending) if pending.is_empty() => {
            fine("lakehouse", format!("{}, i takt med registret", project.file.lake.path))
        }
        Ok(pending) => {
            wrong("lakehouse", format!("{} ändringar väntar", number(pending.len() as u64)), "sluss project")
        }
        Err(error) => wrong("lakehouse", error.to_string(), "se [lake] i sluss.toml"),
    });
    if deep {
        agreement(cli, &app, all).await;
    }
    all.push(fine("jobb", number(app.jobs.len() as u64)));
    match app.engine.codes().await {
        Ok(codes) => {
            for system in codes.systems() {
                let versions: Vec<_> = system.versions().into_iter().map(|v| v.name).collect();
                all.push(fine(
                    "kodverk",
                    format!("{}: {} koder, {}", system.name(), number(system.len() as u64), versions.join(", ")),
                ));
            }
            lacking(&app, &codes, all);
        }
        Err(error) => all.push(wrong("kodverk", error.to_string(), "sluss codes list")),
    }
}

/// Ledger, register and lake compared with each other.
async fn agreement(cli: &Cli, app: &App, all: &mut Vec<Finding>) {
    const WHAT: &str = "samstämmighet";
    match app.engine.disagreements().await {
        Ok(found) if found.is_empty() => all.push(fine(WHAT, "huvudbok, register och lakehouse säger detsamma")),
        Ok(found) => all.extend(found.into_iter().map(|one| {
            let text = if language(cli) == Language::Swedish { one.sv } else { one.en };
            wrong(WHAT, format!("{}: {text}", one.place), "sluss project; finns felet kvar, anmäl det")
        })),
        Err(error) => all.push(wrong(WHAT, error.to_string(), error.hint.unwrap_or_default())),
    }
}

/// Code systems that tables which jobs feed are judged by, and that the register has not.
fn lacking(app: &App, codes: &sluss_schemas::code::CodeIndex, all: &mut Vec<Finding>) {
    let mut missing = std::collections::BTreeSet::new();
    for name in app.jobs.iter().flat_map(|job| &job.file.job.feeds) {
        let Some(table) = app.engine.project.tables.get(name) else { continue };
        missing.extend(table.code_systems().map(|(system, _)| system).filter(|system| !codes.has_system(system)));
    }
    for system in missing {
        all.push(wrong(
            "kodverk",
            format!("{system} saknas: dess koder kan inte prövas"),
            format!("sluss codes import FIL --system {system}"),
        ));
    }
}

/// Free bytes where `folder` is or would be, as `df` tells.
fn free(folder: &Path) -> Option<u64> {
    let existing = folder.ancestors().find(|f| f.exists())?;
    let told = Command::new("df").arg("-Pk").arg(existing).output().ok().filter(|o| o.status.success())?;
    let text = String::from_utf8_lossy(&told.stdout);
    text.lines().nth(1)?.split_whitespace().nth(3)?.parse::<u64>().ok()?.checked_mul(1024)
}

fn gigabytes(bytes: u64) -> String {
    format!("{} GB", number(bytes / 1_000_000_000))
}

fn grid(all: &[Finding]) -> Grid {
    let rows = all.iter().map(|f| {
        let word = if f.fine { "ok" } else { "FEL" };
        vec![f.what.to_owned(), word.to_owned(), f.detail.clone(), f.hint.clone().unwrap_or_default()]
    });
    let wrong = all.iter().filter(|f| !f.fine).count();
    let closing = match wrong {
        0 => "Allt som behövs finns.".to_owned(),
        wrong => format!("{} saker behöver åtgärdas.", number(wrong as u64)),
    };
    Grid { headings: vec!["vad", "läge", "uppgift", "gör så här"], rows: rows.collect(), closing: Some(closing) }
}
