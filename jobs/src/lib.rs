//! Sluss, the program: the only place that joins connectors and pipeline.
//!
//! `cli` says what can be asked (`help` in Swedish, `usage` when it is asked wrongly), `app` opens a
//! project, `bridge` leads a connector's stream into the engine, `derived` makes what has been published a
//! source, `scheduler` runs jobs at their times, `push` takes what is handed in and `serve` listens for it
//! (`openapi` describes how), `watch` tells the outside world, `commands` has one file for each command,
//! `output` shows answers, `failure` shows errors.

mod app;
mod bridge;
mod cli;
mod commands;
mod derived;
mod failure;
pub mod figures;
mod help;
pub mod openapi;
mod output;
mod own_thread;
mod progress;
mod push;
pub mod scheduler;
pub mod schema;
mod serve;
pub mod sources;
mod usage;
mod watch;
mod who;

use std::process::ExitCode;

use clap::FromArgMatches;

/// Runs the command line and gives the process's exit code: 0 done, 1 failed, 2 usage or
/// configuration, 3 done but held.
pub fn run() -> ExitCode {
    // Both rustls providers end up in the tree: name one before any connection is made.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let lang = help::language(std::env::args_os());
    let parsed = help::command(lang).try_get_matches().and_then(|matches| cli::Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return usage::show(&error, lang == cli::Lang::Sv),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failure::show(&error.into(), &cli),
    };
    let traces = {
        let _within = runtime.enter();
        watch::log::start(&cli)
    };
    let code = match runtime.block_on(commands::dispatch(&cli)) {
        Ok(code) => code,
        Err(error) => failure::show(&error, &cli),
    };
    runtime.block_on(watch::run_log::flush());
    if let Some(traces) = traces {
        traces.end();
    }
    code
}
