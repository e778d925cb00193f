//! `sluss sweep`: what may not be kept any longer and what dead runs left, shown and then removed.

use std::process::ExitCode;

use sluss_pipeline::run::Swept;

use crate::app::App;
use crate::cli::{Cli, SweepArgs};
use crate::output::{self, Grid, number};

/// `sluss sweep`.
pub(crate) async fn sweep(cli: &Cli, args: &SweepArgs) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let swept = app.engine.sweep(!args.now).await?;
    output::grid(cli, &swept, || grid(&swept))?;
    Ok(ExitCode::SUCCESS)
}

fn grid(swept: &Swept) -> Grid {
    let row = |what: &str, place: &str, files: u64, bytes: Option<u64>| {
        let bytes = bytes.map(|bytes| number(bytes.div_ceil(1024))).unwrap_or_default();
        (files > 0).then(|| vec![what.to_owned(), place.to_owned(), number(files), bytes])
    };
    let mut rows: Vec<Vec<String>> = [
        row("originalfiler", "tiden för att spara dem har gått ut", swept.originals, Some(swept.landing_bytes)),
        row("karantän", "tiden för att spara den har gått ut", swept.quarantines, None),
        row("halvskrivna filer", "körningen avbröts", swept.unfinished, None),
        row("upplåsta filer", "en omkörning avbröts", swept.opened, None),
    ]
    .into_iter()
    .flatten()
    .collect();
    for table in &swept.lake {
        let place = format!("lakehouse, {}", table.table);
        rows.extend(row("aldrig publicerade", &place, table.staged, None));
        rows.extend(row("ersatta filer", &place, table.replaced, Some(table.bytes)));
    }
    let closing = match (rows.is_empty(), swept.dry) {
        (true, _) => "Det finns inget att gallra.",
        (false, true) => "Inget har tagits bort. Gallra med `sluss sweep --now`.",
        (false, false) => "Borttaget. Det går inte att ångra.",
    };
    Grid { headings: vec!["vad", "var eller varför", ">antal", ">kB"], rows, closing: Some(closing.to_owned()) }
}
