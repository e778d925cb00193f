//! `sluss discover`: what a job's source holds, and what mapping would fit it.

use std::process::ExitCode;

use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::suggest;
use crate::app::App;
use crate::bridge;
use crate::cli::{Cli, DiscoverArgs};
use crate::output::{self, Grid, column, counted};

/// `sluss discover`.
pub(crate) async fn discover(cli: &Cli, args: &DiscoverArgs) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let job = app.source_of(&args.job)?;
    let source = bridge::open(&app.engine, &job)?;
    let streams = source.discover().await.map_err(|e| bridge::translate(e, &job.name))?;
    if args.suggest {
        return suggest::suggest(cli, args, &app, &job, streams).await;
    }
    output::grid(cli, &streams, || {
        let rows = streams.iter().flat_map(|stream| {
            stream.columns.iter().map(|field| vec![stream.name.clone(), field.name.clone(), field.kind.clone()])
        });
        let columns: usize = streams.iter().map(|stream| stream.columns.len()).sum();
        Grid {
            headings: vec![column("källa", "source"), column("kolumn", "column"), column("typ", "type")],
            rows: rows.collect(),
            closing: Some(closing(columns as u64, streams.len() as u64)),
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

fn closing(columns: u64, sources: u64) -> Message {
    if sources == 0 {
        return say!(
            "Inget har anlänt än: kolumnerna syns när den första filen är på plats.",
            "Nothing has arrived yet: the columns show when the first file is in its place."
        );
    }
    let columns = counted(columns, ("kolumn", "kolumner"), ("column", "columns"));
    let sources = counted(sources, ("källa.", "källor."), ("source.", "sources."));
    Message::join([&columns, &Message::new("i", "in"), &sources], " ")
}
