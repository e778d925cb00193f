//! `sluss register diff`: what differs in the register between two recorded times. Rows are written as
//! they are found, so that a large difference needs no more memory than a small one.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use futures::TryStreamExt;
use serde_json::json;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::register::{Difference, differences};
use sluss_schemas::say;
use sluss_schemas::table::{Store, Table};

use super::found;
use super::history::{alterations, altered_cells, kind, kind_word, period};
use crate::app::App;
use crate::cli::{Cli, Format};
use crate::output;

/// Shows what differs.
pub(super) async fn diff(
    cli: &Cli,
    app: &App,
    from: DateTime<Utc>,
    to: Option<DateTime<Utc>>,
    table: Option<&str>,
    owner: Option<&str>,
) -> anyhow::Result<()> {
    let register = &app.engine.register;
    let tables: Vec<&Table> = match table {
        Some(table) => vec![found(app, table)?],
        None => app.engine.project.tables.into_iter().filter(|table| table.store == Store::Register).collect(),
    };
    if to.is_some_and(|to| to < from) {
        let error = PipelineError::configuration(say!("--to är före --from", "--to is before --from"));
        return Err(error.hint(say!("byt plats på dem", "let them change places")).into());
    }
    let first = register.publication_at(from).await?;
    let last = match to {
        Some(to) => register.publication_at(to).await?,
        None => register.base().await?,
    };
    let mut written = Written::begin(cli)?;
    for table in tables {
        let mut found = differences(Arc::clone(register), table, owner, first, last).await?;
        while let Some(difference) = found.try_next().await? {
            written.one(&difference)?;
        }
    }
    written.end()
}

/// What has been written so far.
struct Written<'a> {
    cli: &'a Cli,
    kinds: BTreeMap<&'static str, u64>,
}

impl<'a> Written<'a> {
    fn begin(cli: &'a Cli) -> anyhow::Result<Self> {
        match cli.format {
            Format::Json => output::text("[")?,
            Format::Csv => {
                let words = [
                    ("tabell", "table"),
                    ("nyckel", "key"),
                    ("ägare", "owner"),
                    ("händelse", "event"),
                    ("giltig från", "valid from"),
                    ("giltig till", "valid till"),
                    ("kolumn", "column"),
                    ("före", "before"),
                    ("efter", "after"),
                    ("kolumn från", "column from"),
                    ("kolumn till", "column till"),
                ];
                output::text(&output::csv_line(words.map(|words| cli.word(words).to_owned())))?;
            }
            Format::Table => {}
        }
        Ok(Self { cli, kinds: BTreeMap::new() })
    }

    fn one(&mut self, difference: &Difference) -> anyhow::Result<()> {
        let first = self.kinds.is_empty();
        let kind = kind(difference.kind);
        *self.kinds.entry(kind).or_default() += 1;
        let key: Vec<&str> = difference.key.iter().map(|(_, value)| value.as_str()).collect();
        match self.cli.format {
            Format::Json => {
                let key: serde_json::Map<_, _> =
                    difference.key.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
                let row = json!({
                    "table": difference.table,
                    "key": key,
                    "owner": difference.owner,
                    "kind": kind,
                    "valid_from": difference.valid_from,
                    "valid_till": difference.valid_till,
                    "columns": difference.columns,
                });
                output::text(&format!("{}{row}", if first { "  " } else { ", " }))
            }
            Format::Csv => {
                let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
                let mut tails: Vec<Vec<String>> = difference.columns.iter().map(altered_cells).collect();
                if tails.is_empty() {
                    tails.push(vec![String::new(); 5]);
                }
                for tail in tails {
                    let head = [
                        difference.table.clone(),
                        key.join(" "),
                        difference.owner.clone(),
                        kind_word(self.cli, kind).to_owned(),
                        day(difference.valid_from),
                        day(difference.valid_till),
                    ];
                    output::text(&output::csv_line(head.into_iter().chain(tail)))?;
                }
                Ok(())
            }
            Format::Table => {
                let valid = period(self.cli, difference.valid_from, difference.valid_till);
                let (table, key) = (&difference.table, key.join(" "));
                let valid = self.cli.told(&say!("gäller {valid}", "valid {valid}"));
                let word = kind_word(self.cli, kind);
                let line = output::wrapped(&format!("{word}: {table} {key} ({valid})"), 90, 4);
                let of = (difference.valid_from, difference.valid_till);
                let columns = alterations(self.cli, &difference.columns, of);
                output::text(format!("{line}\n{columns}").trim_end())
            }
        }
    }

    fn end(self) -> anyhow::Result<()> {
        match self.cli.format {
            Format::Json => output::text("]"),
            Format::Csv => Ok(()),
            Format::Table => {
                let of = |kind: &str| self.kinds.get(kind).copied().unwrap_or_default();
                let (new, changed, corrected, ended) = (of("new"), of("changed"), of("corrected"), of("ended"));
                let closing = say!(
                    "{new} nya, {changed} ändrade, {corrected} rättade, {ended} avslutade",
                    "{new} new, {changed} changed, {corrected} corrected, {ended} ended"
                );
                let blank = if self.kinds.is_empty() { "" } else { "\n" };
                output::text(&format!("{blank}{}", self.cli.told(&closing)))
            }
        }
    }
}
