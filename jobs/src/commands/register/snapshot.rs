//! `sluss register snapshot`: the whole register as it was, under a name that SQL knows.

use chrono::{DateTime, Utc};
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::register::Snapshot;
use sluss_schemas::say;

use crate::app::App;
use crate::cli::{Cli, SnapshotCommand};
use crate::commands::time;
use crate::output::{self, Grid, column, figures};

/// Makes, lists or drops snapshots.
pub(super) async fn snapshot(
    cli: &Cli,
    app: &App,
    name: Option<&str>,
    recorded: Option<DateTime<Utc>>,
    command: Option<&SnapshotCommand>,
) -> anyhow::Result<()> {
    let register = &app.engine.register;
    match (command, name) {
        (Some(SnapshotCommand::List), _) => {
            let all = register.snapshots().await.map_err(PipelineError::from)?;
            output::grid(cli, &all, || grid(&all))
        }
        (Some(SnapshotCommand::Drop { name }), _) => {
            register.drop_snapshot(name).await.map_err(PipelineError::from)?;
            let answer = serde_json::json!({ "dropped": name });
            output::said(cli, &answer, || {
                say!(
                    "Ögonblicksbilden {name} är borta. Registrets historik är som förut.",
                    "The snapshot {name} is gone. The register's history is as it was."
                )
            })
        }
        (None, Some(name)) => {
            let recorded = recorded.unwrap_or_else(|| app.engine.clock.now());
            let made = register.make_snapshot(name, recorded).await.map_err(PipelineError::from)?;
            output::said(cli, &made, || {
                let (at, seq, schema) = (time(made.recorded), made.seq, made.schema());
                say!(
                    "Ögonblicksbilden {name} visar registret som det var {at}, efter publicering {seq}.\n\
                     Fråga den så här: sluss sql \"SELECT count(*) FROM {schema}.avtal\"",
                    "The snapshot {name} shows the register as it was {at}, after publication {seq}.\n\
                     Ask it like this: sluss sql \"SELECT count(*) FROM {schema}.avtal\""
                )
            })
        }
        (None, None) => Err(PipelineError::configuration(say!("namnet saknas", "the name is missing"))
            .hint(say!(
                "skriv till exempel: sluss register snapshot arsskifte --recorded 2026-12-31",
                "write for instance: sluss register snapshot arsskifte --recorded 2026-12-31"
            ))
            .into()),
    }
}

fn grid(all: &[Snapshot]) -> Grid {
    let headings = vec![
        column("namn", "name"),
        column("visar", "shows"),
        figures("publicering", "publication"),
        column("gjord", "made"),
        column("schema", "schema"),
    ];
    let rows = all
        .iter()
        .map(|one| vec![one.name.clone(), time(one.recorded), one.seq.to_string(), time(one.made), one.schema()]);
    let closing = all.is_empty().then(|| say!("Det finns inga ögonblicksbilder.", "There are no snapshots."));
    Grid { headings, rows: rows.collect(), closing }
}
