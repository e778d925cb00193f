//! `sluss match accept`, `reject`, `reopen`: a person's decision, which stands before every score.

use std::process::ExitCode;

use arrow::array::AsArray;
use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::keys::is_pseudonym;
use sluss_pipeline::matching::{Decision, key_of};
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::row::{Row, current, row};
use crate::app::App;
use crate::cli::{Cli, MatchDecision, MatchVerdict};
use crate::output;

#[derive(Serialize)]
struct Answer<'a> {
    kalla: &'a str,
    kalla_nyckel: &'a str,
    roll: &'a str,
    beslut: Option<&'a Decision>,
}

/// Decides that the target is what the row means, or that it is not.
pub(super) async fn decide(cli: &Cli, app: &App, verdict: &MatchVerdict, is_target: bool) -> anyhow::Result<ExitCode> {
    let found = row(app, &verdict.decision.row).await?;
    let target = target_of(app, &found, verdict.target.as_deref()).await?;
    keep(cli, app, &verdict.decision, Some((target, is_target))).await
}

pub(super) async fn reopen(cli: &Cli, app: &App, decision: &MatchDecision) -> anyhow::Result<ExitCode> {
    row(app, &decision.row).await?;
    keep(cli, app, decision, None).await
}

/// What is decided on: what was named, or what the row has. It must be there, and be no person.
async fn target_of(app: &App, row: &Row, named: Option<&str>) -> anyhow::Result<String> {
    let refuse =
        |what: Message, hint: Message| -> anyhow::Error { PipelineError::configuration(what).hint(hint).into() };
    let Some(target) = named.map(str::to_owned).or_else(|| row.mal.clone()) else {
        return Err(refuse(
            say!("kopplingen har inget mål", "the match has no target"),
            say!("ange ett med --target", "name one with --target"),
        ));
    };
    let batches = if is_pseudonym(&target) { Vec::new() } else { current(app, &row.malslag, &target).await? };
    let Some(batch) = batches.iter().find(|batch| batch.num_rows() > 0) else {
        return Err(refuse(
            say!("registret har inget sådant mål i {}", "the register has no such target in {}", row.malslag),
            say!(
                "ange ett organisationsnummer eller HSA-id som finns; en enskild näringsidkare kopplas bara av sin nyckel",
                "name an organisation number or HSA-id that is there; a sole trader is matched by its key alone"
            ),
        ));
    };
    let person = batch.column_by_name("enskild").and_then(|column| column.as_boolean_opt());
    if person.is_some_and(|person| person.true_count() > 0) {
        return Err(refuse(
            say!("målet är en enskild näringsidkare", "the target is a sole trader"),
            say!("en sådan kopplas bara av sin nyckel", "one is matched by its key alone"),
        ));
    }
    Ok(target)
}

async fn keep(
    cli: &Cli,
    app: &App,
    MatchDecision { row: wanted, by }: &MatchDecision,
    decided: Option<(String, bool)>,
) -> anyhow::Result<ExitCode> {
    let key = key_of(&wanted.table, &wanted.key, &wanted.role)?;
    let decision = decided.map(|(target, is_target)| Decision {
        key,
        is_target,
        target,
        decided: app.engine.today(),
        by: by.clone(),
        recorded: None,
        superseded: None,
    });
    app.engine.register.decide_match(key, decision.as_ref(), by).await?;
    let answer =
        Answer { kalla: &wanted.table, kalla_nyckel: &wanted.key, roll: &wanted.role, beslut: decision.as_ref() };
    output::said(cli, &answer, || match &decision {
        Some(decision) if decision.is_target => say!(
            "Beslutet är sparat: målet är {0}. Det gäller från nästa körning (`sluss match run`).",
            "The decision is kept: the target is {0}. It holds from the next run on (`sluss match run`).",
            decision.target
        ),
        Some(decision) => say!(
            "Beslutet är sparat: målet är inte {0}. Det gäller från nästa körning (`sluss match run`).",
            "The decision is kept: the target is not {0}. It holds from the next run on (`sluss match run`).",
            decision.target
        ),
        None => say!(
            "Tidigare beslut gäller inte längre. Nästa körning (`sluss match run`) räknar om kopplingen.",
            "Earlier decisions no longer hold. The next run (`sluss match run`) computes the match anew."
        ),
    })?;
    Ok(ExitCode::SUCCESS)
}
