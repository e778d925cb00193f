//! `sluss person`: what there is about one person, and its erasure.
//!
//! The number comes on standard input or in a file, never as an argument: arguments stand in the shell's
//! history and in every list of processes.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use sluss_pipeline::erasure::{Extract, FoundObject, FoundRow, Person, Removed};
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::ledger::{Act, Note};
use sluss_schemas::say;
use zeroize::Zeroizing;

use crate::app::App;
use crate::cli::{Cli, PersonCommand};
use crate::commands::short;
use crate::output::{self, Grid, column, number};

/// The longest text that is read for a number.
const MOST: u64 = 1024;

/// `sluss person extract`, `erase` and `again`.
pub(crate) async fn person(cli: &Cli, command: &PersonCommand) -> anyhow::Result<ExitCode> {
    match command {
        PersonCommand::Extract { file } => {
            let person = asked(file.as_deref())?;
            let app = App::open(cli).await?;
            let found = app.engine.extract(&person).await?;
            note(&app, "extract").await?;
            output::grid(cli, &found, || extract(cli, &found, &told(&found)))?;
        }
        PersonCommand::Erase { file, ground, now } => {
            let person = asked(file.as_deref())?;
            let app = App::open(cli).await?;
            if *now {
                let ground = ground.as_deref().map(str::trim).filter(|ground| !ground.is_empty());
                let ground = ground.ok_or_else(|| {
                    PipelineError::configuration(say!("raderingen saknar grund", "the erasure has no ground"))
                        .hint(say!("skriv den efter --ground", "write it after --ground"))
                })?;
                app.engine.finish_erasures().await?;
                let removed = app.engine.erase_person(&person, ground).await?;
                note(&app, "erase").await?;
                output::said(cli, &removed, || erased(&removed))?;
            } else {
                let found = app.engine.extract(&person).await?;
                let closing = say!(
                    "Inget har tagits bort. Radera med --ground GRUND --now. En leverans försvinner som helhet.",
                    "Nothing has been removed. Erase it with --ground GROUND --now. A delivery goes as a whole."
                );
                output::grid(cli, &found, || extract(cli, &found, &closing))?;
            }
        }
        PersonCommand::Again => {
            let app = App::open(cli).await?;
            let done = app.engine.erase_again().await?;
            note(&app, "erase again").await?;
            output::said(cli, &done, || {
                let done = number(done as u64);
                say!("{done} raderingar är gjorda på nytt.", "{done} erasures have been done again.")
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// That it was done stands in the audit log; about whom does not.
async fn note(app: &App, done: &str) -> anyhow::Result<()> {
    let note = Note { who: None, act: Act::PersonalData, object: done, outcome: "done", run: None };
    app.engine.register.note(&note).await?;
    Ok(())
}

fn asked(file: Option<&Path>) -> anyhow::Result<Person> {
    let mut text = Zeroizing::new(String::new());
    match file {
        Some(path) => {
            let opened = std::fs::File::open(path);
            opened.and_then(|file| file.take(MOST).read_to_string(&mut text)).map_err(|e| {
                PipelineError::configuration(say!(
                    "filen med numret kan inte läsas",
                    "the file with the number cannot be read"
                ))
                .at(path.display().to_string())
                .because(e)
            })?
        }
        None => std::io::stdin().take(MOST).read_to_string(&mut text)?,
    };
    Ok(Person::read(&text)?)
}

fn told(found: &Extract) -> sluss_schemas::message::Message {
    let rows = [&found.register, &found.lake, &found.quarantine];
    if rows.iter().all(|rows| rows.is_empty()) && found.landed.is_empty() {
        return say!("Det finns inget om personen.", "There is nothing about the person.");
    }
    match &found.ground {
        Some(ground) => say!(
            "Grund: {ground}. Uppgifterna i sin helhet: --format json.",
            "Ground: {ground}. The data in full: --format json."
        ),
        None => say!(
            "Uppgifterna i sin helhet: --format json. Grunden står inte i sluss.toml ([retention] ground).",
            "The data in full: --format json. The ground is not in sluss.toml ([retention] ground)."
        ),
    }
}

fn extract(cli: &Cli, found: &Extract, closing: &sluss_schemas::message::Message) -> Grid {
    let row = |place: (&'static str, &'static str), row: &FoundRow| {
        vec![
            cli.word(place).to_owned(),
            row.table.clone(),
            row.owner.clone(),
            row.source.clone(),
            short(&row.run).to_owned(),
        ]
    };
    let file = |place: (&'static str, &'static str), object: &FoundObject| {
        let (owner, name) = (object.owner.clone(), object.name.clone());
        vec![cli.word(place).to_owned(), String::new(), owner, name, short(&object.run).to_owned()]
    };
    let mut rows: Vec<_> = found.register.iter().map(|r| row(("register", "register"), r)).collect();
    rows.extend(found.lake.iter().map(|r| row(("lakehouse", "lake"), r)));
    rows.extend(found.quarantine.iter().map(|r| row(("karantän", "quarantine"), r)));
    rows.extend(found.landed.iter().map(|o| file(("originalfil", "original"), o)));
    rows.extend(found.not_searched.iter().map(|o| file(("kan inte genomsökas", "cannot be searched"), o)));
    Grid {
        headings: vec![
            column("var", "where"),
            column("tabell", "table"),
            column("ägare", "owner"),
            column("källa", "source"),
            column("körning", "run"),
        ],
        rows,
        closing: Some(closing.clone()),
    }
}

fn erased(removed: &Removed) -> sluss_schemas::message::Message {
    let (rows, deliveries, files) =
        (number(removed.register.rows), number(removed.deliveries), number(removed.lake_files));
    if removed.left_in_lake > 0 {
        let left = number(removed.left_in_lake);
        return say!(
            "Raderat: {rows} rader, {deliveries} leveranser, {files} filer ur lakehouse. Kvar: {left} rader i tabeller som bara finns i lakehouse (`sluss person extract` visar dem). Be den som lämnade månaden att lämna den på nytt utan dem.",
            "Erased: {rows} rows, {deliveries} deliveries, {files} files of the lake. Left: {left} rows in tables that are in the lake only (`sluss person extract` shows them). Ask whoever delivered the month to deliver it again without them."
        );
    }
    if removed.database_log {
        return say!(
            "Raderat: {rows} rader, {deliveries} leveranser, {files} filer ur lakehouse. PostgreSQL:s transaktionslogg har raderna tills den återanvänds: gör en ny säkerhetskopia och kasta de äldre.",
            "Erased: {rows} rows, {deliveries} deliveries, {files} files of the lake. PostgreSQL's write-ahead log has the rows until it is recycled: make a new backup and discard the older ones."
        );
    }
    say!(
        "Raderat: {rows} rader, {deliveries} leveranser, {files} filer ur lakehouse. Läs om raderingslistan med `sluss person again` när en säkerhetskopia har lästs tillbaka.",
        "Erased: {rows} rows, {deliveries} deliveries, {files} files of the lake. After a backup has been restored, run `sluss person again`."
    )
}
