//! `sluss register`: a row as it is or was, and everything that has been believed of it.

use std::process::ExitCode;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use futures::TryStreamExt;
use sluss_pipeline::error::PipelineError;
use sluss_schemas::table::Store;

use crate::app::App;
use crate::cli::{Cli, RegisterCommand};
use crate::output;

/// `sluss register show` and `sluss register history`.
pub(crate) async fn register(cli: &Cli, command: &RegisterCommand) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let register = &app.engine.register;
    let rows = match command {
        RegisterCommand::Show { table, key, as_of, recorded } => {
            let key = named(&app, table, key)?;
            register.show(table, &key, *as_of, recorded.and_then(end_of_day)).await?
        }
        RegisterCommand::History { table, key } => register.history(table, &named(&app, table, key)?).await?,
    };
    let rows: Vec<_> = rows.try_collect().await?;
    output::records(cli, &rows)?;
    Ok(ExitCode::SUCCESS)
}

/// The key's columns with their values.
fn named(app: &App, table: &str, key: &[String]) -> anyhow::Result<Vec<(String, String)>> {
    let tables = &app.engine.project.tables;
    let Some(found) = tables.get(table) else {
        let error = PipelineError::configuration(format!("there is no national table {table}"));
        return Err(match tables.nearest(table) {
            Some(near) => error.hint(format!("did you mean `{near}`?")).into(),
            None => error.hint("`sluss docs tabeller` lists them").into(),
        });
    };
    if found.store != Store::Register {
        return Err(PipelineError::configuration(format!("{table} is in the lake, not in the register"))
            .hint(format!("sluss sql \"SELECT * FROM {table} …\""))
            .into());
    }
    if key.len() != found.key.len() {
        return Err(PipelineError::configuration(format!(
            "the key of {table} has {} parts, {} were given",
            found.key.len(),
            key.len()
        ))
        .hint(format!("write them in this order: {}", found.key.join(" ")))
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
