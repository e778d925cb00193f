//! `sluss quarantine`: rejected rows, by cause and one by one.

mod drop;
mod export;
mod list;
mod open;
mod replay;
mod show;

use std::process::ExitCode;

use crate::app::App;
use crate::cli::{Cli, QuarantineCommand};

/// `sluss quarantine …`.
pub(crate) async fn quarantine(cli: &Cli, command: &QuarantineCommand) -> anyhow::Result<ExitCode> {
    let app = match command {
        QuarantineCommand::Replay { .. } => App::watched(cli).await?,
        _ => App::open(cli).await?,
    };
    match command {
        QuarantineCommand::List { run, limit } => list::list(cli, &app, run.as_deref(), *limit).await,
        QuarantineCommand::Show { run, rows } => show::show(cli, &app, run, *rows).await,
        QuarantineCommand::Replay { run } => {
            let done = Box::pin(replay::replay(cli, &app, run)).await;
            app.told().await;
            done
        }
        QuarantineCommand::Drop { run } => drop::drop(cli, &app, run).await,
        QuarantineCommand::Export { out, table } => export::export(cli, &app, out, table.as_deref()).await,
    }
}
