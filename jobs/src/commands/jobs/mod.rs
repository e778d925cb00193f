//! `sluss jobs`: the project's jobs, and acts on them.

mod backfill;
mod list;
mod steer;

use std::process::ExitCode;

use crate::cli::{Cli, JobsCommand};

/// `sluss jobs …`.
pub(crate) async fn jobs(cli: &Cli, command: Option<&JobsCommand>) -> anyhow::Result<ExitCode> {
    match command {
        None => list::list(cli).await,
        Some(JobsCommand::Pause { job, reason }) => steer::pause(cli, job, reason.as_deref()).await,
        Some(JobsCommand::Resume { job }) => steer::resume(cli, job).await,
        Some(JobsCommand::Trigger { job, reason }) => steer::trigger(cli, job, reason.as_deref()).await,
        Some(JobsCommand::Backfill { job, from, to }) => backfill::backfill(cli, job, *from, *to).await,
    }
}
