//! `sluss register`: a row as it is or was, and everything that has been believed of it.

mod roles;

use std::process::ExitCode;

use arrow::array::AsArray;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use futures::TryStreamExt;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::ledger::{Act, Note};
use sluss_schemas::say;
use sluss_schemas::table::Store;

use crate::app::App;
use crate::cli::{Cli, RegisterCommand};
use crate::output;

/// `sluss register show`, `sluss register history` and `sluss register roles`.
pub(crate) async fn register(cli: &Cli, command: &RegisterCommand) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let register = &app.engine.register;
    let rows = match command {
        RegisterCommand::Roles { print, prefix } => return roles::roles(cli, &app, prefix, *print).await,
        RegisterCommand::Show { table, key, as_of, recorded } => {
            let key = named(&app, table, key)?;
            register.show(table, &key, *as_of, recorded.and_then(end_of_day)).await?
        }
        RegisterCommand::History { table, key } => register.history(table, &named(&app, table, key)?).await?,
    };
    let rows: Vec<_> = rows.try_collect().await?;
    let found: usize = rows.iter().map(arrow::array::RecordBatch::num_rows).sum();
    let outcome = format!("done rows={found}");
    register
        .note(&Note { who: None, act: Act::RegisterShown, object: table_of(command), outcome: &outcome, run: None })
        .await?;
    if rows.iter().all(|batch| batch.num_rows() == 0) {
        return Err(missing(command).into());
    }
    let stale = rows
        .iter()
        .filter_map(|b| b.column_by_name("_inaktuell")?.as_boolean_opt().cloned())
        .any(|c| c.true_count() > 0);
    output::records(cli, &rows, |name| if name == "_inaktuell" && !stale { None } else { named_to_people(cli, name) })?;
    Ok(ExitCode::SUCCESS)
}

/// No row answers the question: the key may be wrong, or the day.
fn missing(command: &RegisterCommand) -> PipelineError {
    let dated =
        matches!(command, RegisterCommand::Show { as_of, recorded, .. } if as_of.is_some() || recorded.is_some());
    let table = table_of(command);
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

fn table_of(command: &RegisterCommand) -> &str {
    match command {
        RegisterCommand::Show { table, .. } | RegisterCommand::History { table, .. } => table,
        RegisterCommand::Roles { .. } => "",
    }
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

/// The key's columns with their values.
fn named(app: &App, table: &str, key: &[String]) -> anyhow::Result<Vec<(String, String)>> {
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

/// The last moment of a day in Sweden.
fn end_of_day(day: NaiveDate) -> Option<DateTime<Utc>> {
    let next = day.succ_opt()?.and_time(NaiveTime::MIN);
    let midnight = next.and_local_timezone(chrono_tz::Europe::Stockholm).earliest()?;
    Some(midnight.with_timezone(&Utc) - chrono::TimeDelta::microseconds(1))
}
