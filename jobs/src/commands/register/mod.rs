//! `sluss register`: a row as it is or was, everything that has been believed of it, what differs between
//! two times, and snapshots.

mod diff;
mod history;
mod moment;
mod roles;
mod snapshot;
mod sources;

use std::process::ExitCode;

use arrow::array::{AsArray, RecordBatch};
use futures::TryStreamExt;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::ledger::{Act, Note};
use sluss_schemas::say;
use sluss_schemas::table::{Store, Table};

use crate::app::App;
use crate::cli::{Cli, RegisterCommand};
use crate::output;

pub(crate) use moment::moment;

/// `sluss register`. Who looked at what stands in the audit log, also where nothing was found.
pub(crate) async fn register(cli: &Cli, command: &RegisterCommand) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    if let RegisterCommand::Roles { print, prefix } = command {
        return roles::roles(cli, &app, prefix, *print).await;
    }
    let told = answer(cli, &app, command).await;
    let outcome = if told.is_ok() { "done" } else { "nothing" };
    let note = Note { who: None, act: Act::RegisterShown, object: object_of(command), outcome, run: None };
    app.engine.register.note(&note).await?;
    told.map(|()| ExitCode::SUCCESS)
}

async fn answer(cli: &Cli, app: &App, command: &RegisterCommand) -> anyhow::Result<()> {
    match command {
        RegisterCommand::Show { table, key, sources: true, .. } => {
            let key = named(app, table, key)?;
            sources::sources(cli, app, found(app, table)?, &key).await
        }
        RegisterCommand::Show { table, key, as_of, recorded, sources: false } => {
            let key = named(app, table, key)?;
            let rows = app.engine.register.show(table, &key, *as_of, *recorded).await?;
            let rows: Vec<_> = rows.try_collect().await?;
            if rows.iter().all(|batch| batch.num_rows() == 0) {
                return Err(missing(table, as_of.is_some() || recorded.is_some()).into());
            }
            show(cli, &rows)
        }
        RegisterCommand::History { table, key } => {
            let key = named(app, table, key)?;
            history::history(cli, app, found(app, table)?, &key).await
        }
        RegisterCommand::Diff { from, to, table, owner } => {
            diff::diff(cli, app, *from, *to, table.as_deref(), owner.as_deref()).await
        }
        RegisterCommand::Snapshot { name, recorded, command } => {
            snapshot::snapshot(cli, app, name.as_deref(), *recorded, command.as_ref()).await
        }
        RegisterCommand::Roles { .. } => Ok(()),
    }
}

/// What the audit log says that was looked at.
fn object_of(command: &RegisterCommand) -> &str {
    match command {
        RegisterCommand::Show { table, .. } | RegisterCommand::History { table, .. } => table,
        RegisterCommand::Diff { table, .. } => table.as_deref().unwrap_or("register"),
        RegisterCommand::Snapshot { .. } | RegisterCommand::Roles { .. } => "register",
    }
}

fn show(cli: &Cli, rows: &[RecordBatch]) -> anyhow::Result<()> {
    let stale = rows
        .iter()
        .filter_map(|b| b.column_by_name("_inaktuell")?.as_boolean_opt().cloned())
        .any(|c| c.true_count() > 0);
    output::records(cli, rows, |name| if name == "_inaktuell" && !stale { None } else { named_to_people(cli, name) })
}

/// No row answers the question: the key may be wrong, or the day.
fn missing(table: &str, dated: bool) -> PipelineError {
    if dated {
        return PipelineError::configuration(say!(
            "registret hade ingen sådan rad i {table} då",
            "the register had no such row of {table} then"
        ))
        .hint(say!(
            "`sluss register history` visar alla tider som raden finns för",
            "`sluss register history` shows every time that the row has"
        ));
    }
    PipelineError::configuration(say!(
        "registret har ingen sådan rad i {table}",
        "the register has no such row of {table}"
    ))
    .hint(say!(
        "leta upp nyckeln: sluss sql \"SELECT * FROM register.{table} LIMIT 10\"",
        "look the key up: sluss sql \"SELECT * FROM register.{table} LIMIT 10\""
    ))
}

/// What people call a column: the national ones by their names, those of the register in words, and
/// nothing for those that only the register itself needs.
fn named_to_people(cli: &Cli, column: &str) -> Option<String> {
    let words = match column {
        "reg_fran" => ("registrerad från", "recorded from"),
        "reg_till" => ("registrerad till", "recorded until"),
        "_korning" => ("körning", "run"),
        "_rad" => ("källrad", "source row"),
        "_inaktuell" => ("kvarhållen", "kept though rejected since"),
        internal if internal.starts_with('_') => return None,
        national => return Some(national.to_owned()),
    };
    Some(cli.word(words).to_owned())
}

/// A table that the register keeps.
fn found<'a>(app: &'a App, table: &str) -> anyhow::Result<&'a Table> {
    let tables = &app.engine.project.tables;
    let Some(found) = tables.get(table) else {
        let error = PipelineError::configuration(say!(
            "det finns ingen nationell tabell {table}",
            "there is no national table {table}"
        ));
        return Err(match tables.nearest(table) {
            Some(near) => error.hint(say!("menade ni `{near}`?", "did you mean `{near}`?")).into(),
            None => error.hint(say!("`sluss docs tabeller` visar alla", "`sluss docs tabeller` lists them")).into(),
        });
    };
    if found.store != Store::Register {
        return Err(PipelineError::configuration(say!(
            "{table} finns i lakehouse, inte i registret",
            "{table} is in the lake, not in the register"
        ))
        .hint(format!("sluss sql \"SELECT * FROM {table} …\""))
        .into());
    }
    Ok(found)
}

/// The key's columns with their values.
fn named(app: &App, table: &str, key: &[String]) -> anyhow::Result<Vec<(String, String)>> {
    let found = found(app, table)?;
    if key.len() != found.key.len() {
        return Err(PipelineError::configuration(say!(
            "nyckeln till {table} har {} delar, {} angavs",
            "the key of {table} has {} parts, {} were given",
            found.key.len(),
            key.len()
        ))
        .hint(say!("skriv dem i den här ordningen: {}", "write them in this order: {}", found.key.join(" ")))
        .into());
    }
    Ok(found.key.iter().cloned().zip(key.iter().cloned()).collect())
}
