//! A file handed in to this project: received, run and receipted as over HTTP.

use std::process::ExitCode;

use futures::stream;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::ledger::{NewRun, RunState as LedgerState};
use sluss_pipeline::receipt::{self, Receipt};
use sluss_pipeline::run::{RunOptions, RunState};
use sluss_schemas::region;
use sluss_schemas::say;
use tokio::io::AsyncReadExt;

use super::{form, unreadable};
use crate::app::App;
use crate::cli::{Cli, Format, SubmitArgs};
use crate::output;
use crate::progress::Bars;
use crate::push::{self, Incoming, NotReceived, Target};
use crate::watch::Trouble;

/// Bytes of the file that are received at a time.
const PIECE: usize = 64 << 10;

pub(super) async fn submit(cli: &Cli, args: &SubmitArgs) -> anyhow::Result<ExitCode> {
    let (form, packed) = form(&args.file)?;
    let app = App::watched(cli).await?;
    push::check_jobs(&app.jobs)?;
    let target = target(&app, args)?;
    let stem = args.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = stem.split('.').next().unwrap_or("leverans");
    let file = tokio::fs::File::open(&args.file).await.map_err(|e| unreadable(&args.file, e))?;
    let pieces = Box::pin(stream::try_unfold(file, |mut file| async move {
        let mut piece = bytes::BytesMut::with_capacity(PIECE);
        let read = file.read_buf(&mut piece).await?;
        Ok::<_, std::io::Error>((read > 0).then(|| (piece.freeze(), file)))
    }));
    let incoming = Incoming { owner: &args.region, name: form.name(stem), packed, limit: u64::MAX };
    let received = push::receive(&app.engine, incoming, pieces).await.map_err(|why| not_received(why, args))?;

    let run = received.delivery.run().to_owned();
    let begun = NewRun {
        id: run.clone(),
        job: target.job.name.clone(),
        owner: args.region.clone(),
        mode: target.job.file.job.mode.name().to_owned(),
        state: LedgerState::Running,
        input_digest: Some(received.content.to_string()),
        replay_of: None,
    };
    app.engine.register.begin_run(&begun).await?;
    let options = RunOptions { begun: Some(run.clone()), full: true, ..RunOptions::default() };
    let bars = Bars::new(cli);
    let following = app.watch.began(&app.engine, &run, &target.job, None);
    let done = push::run(&app.engine, &target, &received, options, &bars.begin(&target.job.name)).await;
    match &done {
        Ok(outcome) => following.came_to(outcome),
        Err(error) => following.failed(Trouble::of(error), None),
    }
    app.told().await;
    let outcome = done?;

    if let Some(kept) = app.engine.register.receipt(&run).await? {
        let receipt: Receipt = serde_json::from_value(kept.document)?;
        output::text(&match cli.format {
            Format::Json => receipt::json(&receipt, cli.language())?,
            Format::Table | Format::Csv => receipt::text(&receipt, cli.language()).trim_end().to_owned(),
        })?;
    }
    Ok(if outcome.state == RunState::Held { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

fn target(app: &App, args: &SubmitArgs) -> Result<Target, PipelineError> {
    if region::by_lanskod(&args.region).is_none() {
        return Err(PipelineError::configuration(say!("`{}` är ingen länskod", "`{}` is no länskod", args.region))
            .at("--region")
            .hint(say!("skriv två siffror: 22 är Västernorrland", "write two digits: 22 is Västernorrland")));
    }
    push::target(&app.engine.project, &app.jobs, &args.region, &args.table).ok_or_else(|| {
        let names: Vec<&str> = push::own_tables(&app.engine.project.tables).map(|t| t.name.as_str()).collect();
        PipelineError::configuration(say!("tabellen `{}` tas inte emot", "the table `{}` is not taken", args.table))
            .at("--table")
            .hint(say!("det finns: {}", "there are: {}", names.join(", ")))
    })
}

fn not_received(why: NotReceived, args: &SubmitArgs) -> PipelineError {
    let refused = match why {
        NotReceived::NotKept(error) => return error,
        NotReceived::Empty => say!("filen är tom", "the file is empty"),
        NotReceived::Unpackable => say!("filen är inte hel gzip", "the file is not whole gzip"),
        NotReceived::TooLarge => say!("filen är för stor", "the file is too large"),
        NotReceived::BrokenOff => say!("filen går inte att läsa till slutet", "the file cannot be read to its end"),
    };
    PipelineError::source(refused)
        .at(args.file.display().to_string())
        .hint(say!("lämna in filen som den kom från källan", "hand in the file as it came from its source"))
}
