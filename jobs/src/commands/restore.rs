//! `sluss restore`: a backup is brought back, what was erased since is erased again, and the lake follows.

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::backup::{self, Label, Place};
use sluss_pipeline::lake::Lake;
use sluss_pipeline::ledger::{Act, Note};
use sluss_schemas::say;

use super::time;
use crate::app::{self, App};
use crate::cli::Cli;
use crate::output::{self, number};

#[derive(Serialize)]
struct Restored {
    #[serde(flatten)]
    label: Label,
    /// Erasures that were done once more.
    erased_again: usize,
}

/// `sluss restore`.
pub(crate) async fn restore(cli: &Cli, folder: &Path) -> anyhow::Result<ExitCode> {
    let project = app::project(cli)?;
    let secrets = app::secrets(&project);
    let url = app::register_url(&project, &secrets)?;
    let lake = Lake::open(&app::lake_place(&project), app::lake_options(&project, &secrets)?)?;
    let label = backup::restore(folder, &Place { project: &project, url: &url, lake: &lake }).await?;
    // Opened, runs that were at work in the copy are ended: their process is not here.
    let app = App::open(cli).await?;
    // Nobody has read anything yet: what has been erased since the copy goes before anybody can.
    let erased_again = app.engine.erase_again().await?;
    app.engine.catch_up().await?;
    let outcome = format!("done publication={} made={}", label.publication, label.at.format("%Y-%m-%dT%H:%M:%SZ"));
    let note = Note { who: None, act: Act::Restore, object: "projekt", outcome: &outcome, run: None };
    app.engine.register.note(&note).await?;
    let restored = Restored { label, erased_again };
    output::said(cli, &restored, || {
        let (files, publication) = (number(restored.label.files), number(restored.label.publication));
        let (at, erased) = (time(restored.label.at), number(restored.erased_again as u64));
        say!(
            "{files} filer är tillbaka, till och med publicering {publication} ({at}). Raderingar gjorda på nytt: {erased}.\n\
             Pröva med `sluss doctor --deep` innan någon läser registret.",
            "{files} files are back, up to publication {publication} ({at}). Erasures done again: {erased}.\n\
             Try it with `sluss doctor --deep` before anybody reads the register."
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
