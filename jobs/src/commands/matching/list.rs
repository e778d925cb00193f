//! `sluss match list`: what waits for a person, the most valuable first.

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde::Serialize;
use sluss_schemas::say;

use super::row::{Row, named, rows};
use crate::app::App;
use crate::cli::{Cli, MatchList};
use crate::output::{self, Grid, column, figures, number};

#[derive(Serialize)]
struct Answer {
    /// Rows by outcome.
    antal: BTreeMap<String, u64>,
    /// Rows that are not shown, since their contract is not open.
    undantagna: u64,
    kopplingar: Vec<Row>,
}

pub(super) async fn list(cli: &Cli, app: &App, args: &MatchList) -> anyhow::Result<ExitCode> {
    let (mut found, undantagna) = rows(app, Vec::new(), args.operator).await?;
    let mut antal: BTreeMap<String, u64> = BTreeMap::new();
    for row in &found {
        *antal.entry(row.utfall.clone()).or_default() += 1;
    }
    found.retain(|row| args.all || row.utfall == "tveksam");
    found.retain(|row| args.table.as_ref().is_none_or(|table| row.kalla == *table));
    // What most hangs on, and is nearest to being decided, first.
    found.sort_by(|a, b| {
        let score = |row: &Row| row.poang.unwrap_or_default();
        let key = |row: &Row| (row.kalla.clone(), row.kalla_nyckel.clone(), row.roll.clone());
        b.vikt.cmp(&a.vikt).then_with(|| score(b).total_cmp(&score(a))).then_with(|| key(a).cmp(&key(b)))
    });
    found.truncate(args.limit);
    for row in &mut found {
        named(app, row).await?;
    }
    let answer = Answer { antal, undantagna, kopplingar: found };
    output::grid(cli, &answer, || grid(cli, &answer))?;
    Ok(ExitCode::SUCCESS)
}

/// `0,87`; in English with a point.
pub(super) fn score(cli: &Cli, score: Option<f64>) -> String {
    score.map(|score| format!("{score:.2}").replace('.', cli.word((",", ".")))).unwrap_or_default()
}

fn grid(cli: &Cli, answer: &Answer) -> Grid {
    let rows = answer.kopplingar.iter().map(|row| {
        vec![
            number(row.vikt.unsigned_abs()),
            score(cli, row.poang),
            row.mal.clone().unwrap_or_default(),
            row.namn.clone().unwrap_or_default(),
            row.utfall.clone(),
            row.nast_mal.clone().unwrap_or_default(),
            score(cli, row.nast_poang),
            row.skal.clone().unwrap_or_default(),
            row.kalla.clone(),
            row.roll.clone(),
            row.kalla_nyckel.clone(),
        ]
    });
    let of = |outcome: &str| number(answer.antal.get(outcome).copied().unwrap_or_default());
    let (decided, exact, likely) = (of("beslutad"), of("exakt"), of("sannolik"));
    let (doubtful, none, kept) = (of("tveksam"), of("ingen"), number(answer.undantagna));
    Grid {
        headings: vec![
            figures("rader", "rows"),
            figures("poäng", "score"),
            column("mål", "target"),
            column("namn", "name"),
            column("utfall", "outcome").csv_only(),
            column("näst", "next").csv_only(),
            figures("näst poäng", "next score").csv_only(),
            column("skäl", "why").csv_only(),
            column("källa", "source"),
            column("roll", "role"),
            // Last: it is as long as the source's own keys are.
            column("nyckel", "key"),
        ],
        rows: rows.collect(),
        closing: Some(say!(
            "{doubtful} väntar på beslut. {decided} är beslutade, {exact} exakta, {likely} sannolika, {none} utan träff. {kept} hör till avtal som inte är öppna.",
            "{doubtful} await a decision. {decided} are decided, {exact} exact, {likely} likely, {none} without a match. {kept} belong to contracts that are not open."
        )),
    }
}
