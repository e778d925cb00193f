//! `sluss secrecy`: how contracts stand, why, and the agency's decisions.

mod decide;
mod list;
mod show;

use std::process::ExitCode;

use sluss_schemas::secrecy::Status;

use crate::app::App;
use crate::cli::{Cli, SecrecyCommand};

/// `sluss secrecy …`.
pub(crate) async fn secrecy(cli: &Cli, command: &SecrecyCommand) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    match command {
        SecrecyCommand::List { region, all } => list::list(cli, &app, region.as_deref(), *all).await,
        SecrecyCommand::Show { region, contract } => show::show(cli, &app, region, contract).await,
        SecrecyCommand::Decide(args) => decide::decide(cli, &app, args).await,
    }
}

/// The word for a status.
fn word(cli: &Cli, status: Status) -> &'static str {
    cli.word(match status {
        Status::Open => ("öppet", "open"),
        Status::Undecided => ("prövas", "to be decided"),
        Status::Secret => ("hemligt", "secret"),
        Status::Withheld => ("undantaget", "withheld"),
    })
}
