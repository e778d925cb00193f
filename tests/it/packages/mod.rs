//! What an operator installs: the image, the services of the compose file, units, the Debian package. No container
//! engine is needed: the files are read by the tools that exist for it, and the same set-up is run as processes.

mod compose;
mod deb;
mod processes;
mod units;

use std::process::{Command, Output};

/// Runs a tool; none, and a printed line, where it is not installed.
fn tool(command: &mut Command) -> Option<Output> {
    match command.output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: {} is not installed", command.get_program().display());
            None
        }
        Err(error) => panic!("{}: {error}", command.get_program().display()),
    }
}

/// All that a tool said.
fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
