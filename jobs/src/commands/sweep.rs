//! `sluss sweep`: what may not be kept any longer and what dead runs left, shown and then removed.

use std::process::ExitCode;

use sluss_pipeline::ledger::{Act, Note};
use sluss_pipeline::run::Swept;
use sluss_schemas::message::Message;
use sluss_schemas::say;

use crate::app::App;
use crate::cli::{Cli, SweepArgs};
use crate::output::{self, Grid, column, figures, number};

/// `sluss sweep`.
pub(crate) async fn sweep(cli: &Cli, args: &SweepArgs) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let swept = app.engine.sweep(!args.now).await?;
    if args.now {
        let outcome = format!(
            "done originals={} quarantines={} unfinished={} lake_tables={}",
            swept.originals,
            swept.quarantines,
            swept.unfinished,
            swept.lake.len()
        );
        let done = Note { who: None, act: Act::Sweep, object: "projekt", outcome: &outcome, run: None };
        app.engine.register.note(&done).await?;
    }
    output::grid(cli, &swept, || grid(cli, &swept))?;
    Ok(ExitCode::SUCCESS)
}

fn grid(cli: &Cli, swept: &Swept) -> Grid {
    let row = |what: Message, place: Message, files: u64, bytes: Option<u64>| {
        let bytes = bytes.map(|bytes| number(bytes.div_ceil(1024))).unwrap_or_default();
        (files > 0).then(|| vec![cli.told(&what), cli.told(&place), number(files), bytes])
    };
    let kept = say!("tiden för att spara har gått ut", "the time for keeping has ended");
    let mut rows: Vec<Vec<String>> = [
        row(say!("originalfiler", "originals"), kept.clone(), swept.originals, Some(swept.landing_bytes)),
        row(say!("karantän", "quarantine"), kept, swept.quarantines, None),
        row(
            say!("halvskrivna filer", "files half written"),
            say!("körningen avbröts", "the run was cut off"),
            swept.unfinished,
            None,
        ),
        row(
            say!("upplåsta filer", "files unlocked"),
            say!("en omkörning avbröts", "a replay was cut off"),
            swept.opened,
            None,
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    for table in &swept.lake {
        let place = say!("lakehouse, {}", "lake, {}", table.table);
        rows.extend(row(say!("aldrig publicerade", "never published"), place.clone(), table.staged, None));
        rows.extend(row(say!("ersatta filer", "files replaced"), place, table.replaced, Some(table.bytes)));
    }
    let closing = match (rows.is_empty(), swept.dry) {
        (true, _) => say!("Det finns inget att gallra.", "There is nothing to sweep."),
        (false, true) => say!(
            "Inget har tagits bort. Gallra med `sluss sweep --now`.",
            "Nothing has been removed. Remove it with `sluss sweep --now`."
        ),
        (false, false) => say!("Borttaget. Det går inte att ångra.", "Removed. It cannot be undone."),
    };
    Grid {
        headings: vec![
            column("vad", "what"),
            column("var eller varför", "where or why"),
            figures("antal", "files"),
            figures("kB", "kB"),
        ],
        rows,
        closing: Some(closing),
    }
}
