//! `sluss backup`: everything that the installation has written, in one folder.

use std::path::Path;
use std::process::ExitCode;

use sluss_pipeline::ledger::{Act, Note};
use sluss_schemas::say;

use super::time;
use crate::app::{self, App};
use crate::cli::Cli;
use crate::output::{self, number};

/// `sluss backup`.
pub(crate) async fn backup(cli: &Cli, folder: &Path) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let url = app::register_url(&app.engine.project, app.engine.secrets.as_ref())?;
    let made = app.engine.backup(&url, &std::path::absolute(folder)?).await?;
    let outcome = format!("done publication={} files={}", made.publication, made.files);
    let note = Note { who: None, act: Act::Backup, object: "projekt", outcome: &outcome, run: None };
    app.engine.register.note(&note).await?;
    output::said(cli, &made, || {
        let (files, kilobytes) = (number(made.files), number(made.bytes.div_ceil(1024)));
        let (publication, at) = (number(made.publication), time(made.at));
        say!(
            "Kopian är klar: {files} filer, {kilobytes} kB, till och med publicering {publication} ({at}).\n\
             Nycklarna, gallringslistan och revisionsloggens huvuden är inte med: spara dem för sig.",
            "The backup is done: {files} files, {kilobytes} kB, up to publication {publication} ({at}).\n\
             Keys, the list of erasures and the audit log's heads are not in it: keep them elsewhere."
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
