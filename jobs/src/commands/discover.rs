//! `sluss discover`: what a job's source holds.

use std::process::ExitCode;

use crate::app::App;
use crate::bridge;
use crate::cli::{Cli, JobArg};
use crate::output::{self, Grid, number};

/// `sluss discover`.
pub(crate) async fn discover(cli: &Cli, args: &JobArg) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let job = app.job(&args.job)?;
    let source = bridge::open(&app.engine, job)?;
    let streams = source.discover().await.map_err(|e| bridge::translate(e, &job.name))?;
    output::grid(cli, &streams, || {
        let rows = streams.iter().flat_map(|stream| {
            stream.columns.iter().map(|column| vec![stream.name.clone(), column.name.clone(), column.kind.clone()])
        });
        let columns: usize = streams.iter().map(|stream| stream.columns.len()).sum();
        Grid {
            headings: vec!["källa", "kolumn", "typ"],
            rows: rows.collect(),
            closing: Some(format!("{} kolumner i {} källor.", number(columns as u64), number(streams.len() as u64))),
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
