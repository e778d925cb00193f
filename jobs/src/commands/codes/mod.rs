//! `sluss codes`: code systems in the register.

mod import;
mod list;
mod show;

use std::process::ExitCode;

use sluss_schemas::code::alias::Aliases;

use crate::app::App;
use crate::cli::{Cli, CodesCommand};

/// `sluss codes …`.
pub(crate) async fn codes(cli: &Cli, command: &CodesCommand) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    match command {
        CodesCommand::Import(args) => import::import(cli, &app, args).await,
        CodesCommand::List => list::list(cli, &app).await,
        CodesCommand::Show { system, code } => show::show(cli, &app, system, code).await,
        CodesCommand::Check { system, code, on } => show::check(cli, &app, system, code, *on).await,
    }
}

/// The system's name as the register has it.
fn canonical(system: &str) -> String {
    Aliases::national().name_for(system)
}
