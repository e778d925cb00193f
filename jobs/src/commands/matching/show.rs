//! `sluss match show`: one match with what speaks for it, and every decision on it.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::matching::{Decision, key_of};
use sluss_schemas::say;

use super::list::score;
use super::row::{Row, named, row};
use crate::app::App;
use crate::cli::{Cli, MatchRow};
use crate::commands::time;
use crate::output::{self, Grid};

#[derive(Serialize)]
struct Answer {
    koppling: Row,
    beslut: Vec<Decision>,
}

pub(super) async fn show(cli: &Cli, app: &App, wanted: &MatchRow) -> anyhow::Result<ExitCode> {
    let mut found = row(app, wanted).await?;
    named(app, &mut found).await?;
    let key = key_of(&wanted.table, &wanted.key, &wanted.role)?;
    let beslut = app.engine.register.match_decisions(Some(&key)).await?;
    let answer = Answer { koppling: found, beslut };
    output::grid(cli, &answer, || grid(cli, &answer))?;
    Ok(ExitCode::SUCCESS)
}

fn grid(cli: &Cli, answer: &Answer) -> Grid {
    let row = &answer.koppling;
    let mut rows = Vec::new();
    let mut line = |words: (&'static str, &'static str), value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            rows.push(vec![cli.word(words).to_owned(), value]);
        }
    };
    let with_name = |id: &Option<String>, name: &Option<String>| {
        id.as_ref().map(|id| name.as_ref().map_or_else(|| id.clone(), |name| format!("{id}  {name}")))
    };
    line(("källa", "source"), Some(format!("{} {} {}", row.kalla, row.kalla_nyckel, row.roll)));
    line(("utfall", "outcome"), Some(row.utfall.clone()));
    line(("metod", "method"), row.metod.clone());
    line(("mål", "target"), with_name(&row.mal, &row.namn));
    line(("i dag", "today"), row.mal_nu.clone().filter(|now| row.mal.as_ref() != Some(now)));
    line(("poäng", "score"), Some(score(cli, row.poang)));
    line(("näst", "next"), with_name(&row.nast_mal, &row.nast_namn));
    line(("näst poäng", "next score"), Some(score(cli, row.nast_poang)));
    line(("skäl", "why"), row.skal.as_ref().map(|why| why.replace(';', ", ")));
    line(("rader", "rows"), Some(row.vikt.to_string()));
    for decision in &answer.beslut {
        let what = cli.word(if decision.is_target { ("är", "is") } else { ("är inte", "is not") });
        let mut told = format!("{} {what} {} ({})", decision.decided, decision.target, decision.by);
        if let Some(till) = decision.superseded {
            let _ = write!(told, ", {} {}", cli.word(("till", "until")), time(till));
        }
        line(("beslut", "decision"), Some(told));
    }
    let closing = (row.kalla != "vantetid").then(|| {
        say!(
            "Vad källan säger visas av `sluss register show {} …`; det kan vara en persons namn, och loggas.",
            "`sluss register show {} …` shows what the source says; it may be a person's name, and is logged.",
            row.kalla
        )
    });
    Grid { headings: Vec::new(), rows, closing }
}
