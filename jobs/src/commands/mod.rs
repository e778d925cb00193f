//! One file for each command.

mod init;
mod run;

use std::process::ExitCode;

use crate::cli::{Cli, Command};

/// Does what the command line asks.
pub(crate) async fn dispatch(cli: &Cli) -> anyhow::Result<ExitCode> {
    match &cli.command {
        Command::Init(args) => init::init(cli, args),
        Command::Run(args) => run::run(cli, args).await,
        Command::Plan(args) => run::plan(cli, args).await,
        _ => anyhow::bail!("not yet"),
    }
}
