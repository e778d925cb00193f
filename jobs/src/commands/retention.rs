//! `sluss retention`: how long everything is kept, what is older, and its removal.

use std::process::ExitCode;

use sluss_pipeline::erasure::{Expired, Zone};
use sluss_pipeline::ledger::{Act, Note};
use sluss_schemas::say;

use crate::app::App;
use crate::cli::{Cli, RetentionCommand};
use crate::output::{self, Grid, column, figures, number};

/// `sluss retention show` and `sluss retention run`.
pub(crate) async fn retention(cli: &Cli, command: &RetentionCommand) -> anyhow::Result<ExitCode> {
    let now = matches!(command, RetentionCommand::Run { now: true });
    let app = App::open(cli).await?;
    let expired = app.engine.retain(now).await?;
    if now {
        let outcome = format!("done rows={} deliveries={}", expired.removed.register.rows, expired.swept.expired);
        let note = Note { who: None, act: Act::PersonalData, object: "retention", outcome: &outcome, run: None };
        app.engine.register.note(&note).await?;
    }
    let all = matches!(command, RetentionCommand::Show);
    output::grid(cli, &expired, || grid(cli, &expired, all))?;
    Ok(ExitCode::SUCCESS)
}

fn grid(cli: &Cli, expired: &Expired, all: bool) -> Grid {
    let zone = |zone: Zone| {
        cli.word(match zone {
            Zone::Landing => ("landningszon", "landing zone"),
            Zone::Quarantine => ("karantän", "quarantine"),
            Zone::Log => ("körningarnas logg", "runs' log"),
            Zone::Register => ("register", "register"),
            Zone::Lake => ("lakehouse", "lake"),
        })
    };
    let shown = expired.kept.iter().filter(|kept| all || kept.older > 0);
    let rows: Vec<_> = shown
        .map(|kept| {
            let days = kept
                .days
                .map_or_else(|| cli.word(("tills vidare", "for ever")).to_owned(), |days| number(u64::from(days)));
            vec![zone(kept.zone).to_owned(), kept.table.clone().unwrap_or_default(), days, number(kept.older)]
        })
        .chain((expired.refused > 0).then(|| {
            let never = cli.word(("ska inte registreras", "not to be registered")).to_owned();
            vec![zone(Zone::Register).to_owned(), never, number(0), number(expired.refused)]
        }))
        .collect();
    let older: u64 = expired.kept.iter().map(|kept| kept.older).sum::<u64>() + expired.refused;
    let removed = &expired.removed;
    let closing = match (older, expired.dry) {
        (0, _) => say!("Inget är äldre än det får vara.", "Nothing is older than it may be."),
        (_, true) => say!(
            "Inget har tagits bort. Gallra med `sluss retention run --now`.",
            "Nothing has been removed. Remove it with `sluss retention run --now`."
        ),
        (_, false) => {
            let (rows, files) = (number(removed.register.rows), number(removed.lake_files));
            say!(
                "Borttaget: {rows} rader ur registret, {files} filer ur lakehouse. Det går inte att ångra.",
                "Removed: {rows} rows of the register, {files} files of the lake. It cannot be undone."
            )
        }
    };
    Grid {
        headings: vec![
            column("zon", "zone"),
            column("tabell", "table"),
            figures("dagar", "days"),
            figures("äldre", "older"),
        ],
        rows,
        closing: Some(closing),
    }
}
