//! `sluss quarantine drop`: a run's rejected rows are given up.

use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::keys::Delivery;
use sluss_pipeline::ledger::{QuarantineFilter, QuarantineState, RunState};
use sluss_schemas::say;

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
        return Err(PipelineError::operator(say!("körningen har inte avslutats", "the run has not ended"))
            .at(run.id)
            .into());
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
        0 => say!("Inga rader från körningen väntade i karantän.", "No rows of the run waited in quarantine."),
        rows => {
            let rows = number(rows);
            say!(
                "{rows} avvisade rader är slängda. Originalfilen finns kvar tills den gallras.",
                "{rows} rejected rows are given up. The original file stays until its retention has passed."
            )
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
