//! `sluss jobs backfill`: a past period, window by window, when nothing else is to be done.

use std::process::ExitCode;

use chrono::{NaiveDate, TimeDelta};
use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::ledger::{NewOccasion, OccasionKind};
use sluss_schemas::say;

use super::steer::noted;
use crate::app::App;
use crate::cli::Cli;
use crate::output::{self, counted};
use crate::scheduler::for_window;

#[derive(Serialize)]
struct Answer<'a> {
    job: &'a str,
    /// Windows of the period.
    windows: usize,
    /// Of them, those that were not asked for before.
    new: u64,
}

/// `sluss jobs backfill`.
pub(super) async fn backfill(cli: &Cli, name: &str, from: NaiveDate, to: NaiveDate) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let job = app.job(name)?;
    if from > to {
        return Err(PipelineError::configuration(say!(
            "perioden slutar innan den börjar",
            "the period ends before it begins"
        ))
        .hint(say!("byt plats på --from och --to", "let --from and --to change places"))
        .into());
    }
    // What cannot be asked for is told now, and not in the night.
    for_window(job, (from, to))?;
    let step = job.file.backfill.as_ref().map(|backfill| backfill.step).unwrap_or_default();
    let windows = step.windows(from, to);
    // A window is asked for once: asking again goes on with what is left, and adds what is new.
    let due = |window: &(NaiveDate, NaiveDate)| {
        window.0.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::days((window.1 - window.0).num_days())
    };
    let occasions: Vec<NewOccasion> = windows
        .iter()
        .map(|window| NewOccasion {
            job: job.name.clone(),
            kind: OccasionKind::Backfill,
            due: due(window),
            window: Some(*window),
            pool: job.file.when.pool.clone(),
            by: Some(crate::who::runs_this()),
            reason: None,
        })
        .collect();
    let new = app.engine.register.ask(&occasions).await?;
    noted(&app, "backfill", &job.name, new > 0).await?;
    let answer = Answer { job: &job.name, windows: windows.len(), new };
    output::said(cli, &answer, || {
        let windows = counted(new, ("period", "perioder"), ("window", "windows"));
        windows.then(&say!(
            " av {} står på tur. `sluss serve` läser dem när inget annat väntar; `sluss status` visar hur långt det har kommit.",
            " of {} are next. `sluss serve` reads them when nothing else waits; `sluss status` shows how far it has come.",
            job.name
        ))
    })?;
    Ok(ExitCode::SUCCESS)
}
