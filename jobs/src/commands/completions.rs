//! `sluss completions`: what a shell needs to complete the command line.

use std::process::ExitCode;

use clap_complete::Shell;

use crate::cli::Cli;
use crate::help;

/// `sluss completions`.
pub(crate) fn completions(cli: &Cli, shell: Shell) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut help::command(cli.lang), "sluss", &mut script);
    crate::output::text(String::from_utf8_lossy(&script).trim_end())?;
    Ok(ExitCode::SUCCESS)
}
