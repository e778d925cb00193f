//! `sluss quarantine drop`: a run's rejected rows are given up.

use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::keys::Delivery;
use sluss_pipeline::ledger::{QuarantineFilter, QuarantineState, RunState};

use crate::app::App;
use crate::cli::Cli;
use crate::commands::find_run;
use crate::output::{self, number};

#[derive(Serialize)]
struct Answer {
    run: String,
    rows: u64,
    /// Nothing of the delivery needed its key any longer.
    key_destroyed: bool,
}

pub(super) async fn drop(cli: &Cli, app: &App, run: &str) -> anyhow::Result<ExitCode> {
    let run = find_run(app, run).await?;
    if run.state == RunState::Running {
        return Err(PipelineError::operator("the run has not ended").at(run.id).into());
    }
    // The ledger first: what follows can be repeated.
    let filter = QuarantineFilter {
        run: Some(run.id.clone()),
        state: Some(QuarantineState::Open),
        ..QuarantineFilter::default()
    };
    let rows = app.engine.register.mark_quarantine(&filter, QuarantineState::Dropped).await?;
    let delivery = Delivery::new(&run.owner, &run.id)?;
    app.engine.quarantine.remove(&delivery)?;
    let key_destroyed = app.engine.quarantine.release(&delivery, &app.engine.zone)?;
    let answer = Answer { run: run.id, rows, key_destroyed };
    output::said(cli, &answer, || match answer.rows {
        0 => "Inga rader från körningen väntade i karantän.".to_owned(),
        rows => {
            format!("{} rader är borttagna ur karantänen. Originalfilen finns kvar tills den gallras.", number(rows))
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
