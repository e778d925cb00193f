//! The runs that have rows waiting in quarantine.

use std::collections::HashSet;

use arrow::util::display::array_value_to_string;
use serde::Serialize;
use sluss_pipeline::ledger::{QuarantineFilter, QuarantineState};

use crate::app::App;

/// A run with waiting rows.
#[derive(Serialize)]
pub(super) struct OpenRun {
    pub(super) run: String,
    pub(super) job: String,
    pub(super) owner: String,
    /// Source rows: one of them may give several rejected national rows.
    pub(super) rows: u64,
}

/// Runs with waiting rows, the oldest first.
pub(super) async fn open_runs(app: &App) -> anyhow::Result<Vec<OpenRun>> {
    let sql = "SELECT r.id, r.job, r.owner, COUNT(DISTINCT k.row_id) AS antal FROM karantan k JOIN korning r ON r.id = k.run \
               WHERE k.state = 'open' GROUP BY r.id, r.job, r.owner";
    let found = app.engine.register.query(sql, u32::MAX).await?;
    let text = |row: usize, column: usize| Ok::<_, anyhow::Error>(array_value_to_string(found.column(column), row)?);
    let mut runs = (0..found.num_rows())
        .map(|row| {
            Ok(OpenRun {
                run: text(row, 0)?,
                job: text(row, 1)?,
                owner: text(row, 2)?,
                rows: text(row, 3)?.parse().unwrap_or_default(),
            })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    // A run's id begins with its time.
    runs.sort_by(|a, b| a.run.cmp(&b.run));
    Ok(runs)
}

/// The rows of a run that wait no longer, by table and row.
pub(super) async fn settled(app: &App, run: &str) -> anyhow::Result<HashSet<(String, u64)>> {
    let mut settled = HashSet::new();
    for state in [QuarantineState::Replayed, QuarantineState::Dropped] {
        let filter = QuarantineFilter { run: Some(run.to_owned()), state: Some(state), ..QuarantineFilter::default() };
        let rows = app.engine.register.quarantine(&filter).await?;
        settled.extend(rows.into_iter().map(|q| (q.row.table, q.row.row.0)));
    }
    Ok(settled)
}
