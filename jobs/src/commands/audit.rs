//! `sluss audit`: the log of who did what, and whether it is as it was written.

use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::ledger::{Break, Chain, Noted};
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::{short, time};
use crate::app::App;
use crate::cli::{AuditCommand, Cli};
use crate::output::{self, Grid, column, figures, number};

/// `sluss audit list` and `sluss audit verify`.
pub(crate) async fn audit(cli: &Cli, command: &AuditCommand) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    match command {
        AuditCommand::List { limit, from } => list(cli, &app, *limit, *from).await,
        AuditCommand::Verify { anchor } => verify(cli, &app, anchor.as_deref()).await,
    }
}

async fn list(cli: &Cli, app: &App, limit: u32, from: Option<u64>) -> anyhow::Result<ExitCode> {
    let register = &app.engine.register;
    let after = match from {
        Some(from) => from.saturating_sub(1),
        None => register.audit_head().await?.no.saturating_sub(u64::from(limit)),
    };
    let entries = register.audit_log(after, limit).await?;
    output::grid(cli, &entries, || Grid {
        headings: vec![
            figures("Nr", "No"),
            column("Tid", "Time"),
            column("Vem", "Who"),
            column("Vad", "What"),
            column("På", "On"),
            column("Utfall", "Outcome"),
            column("Körning", "Run"),
        ],
        rows: entries.iter().map(row).collect(),
        closing: None,
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(entry: &Noted) -> Vec<String> {
    vec![
        number(entry.no),
        time(entry.at),
        entry.who.clone(),
        entry.act.clone(),
        entry.object.clone(),
        entry.outcome.clone(),
        entry.run.as_deref().map(short).unwrap_or_default().to_owned(),
    ]
}

#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    chain: Chain,
    /// Heads kept outside that the log was compared with.
    anchors: usize,
}

async fn verify(cli: &Cli, app: &App, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let anchors = app.engine.anchors();
    let kept = match file {
        Some(file) => anchors.read(file)?,
        None => anchors.read_own()?,
    };
    let chain = app.engine.register.verify_audit_log(&kept).await?;
    let answer = Answer { chain, anchors: kept.len() };
    match &answer.chain {
        Chain::Whole { head } => {
            output::said(cli, &answer, || {
                let (entries, kept) = (number(head.no), number(kept.len() as u64));
                say!(
                    "Revisionsloggen är orörd: {entries} poster, jämförda med {kept} sparade huvuden.",
                    "The audit log is as it was written: {entries} entries, compared with {kept} heads kept outside."
                )
            })?;
            Ok(ExitCode::SUCCESS)
        }
        Chain::Broken { no, why } => {
            let (sv, en) = told(*why);
            let error = PipelineError::operator(Message::new(
                format!("revisionsloggen är inte som den skrevs: post {no} {sv}"),
                format!("the audit log is not as it was written: entry {no} {en}"),
            ))
            .hint(say!(
                "spara databasen som den är, och jämför med säkerhetskopian",
                "keep the database as it is, and compare it with the backup"
            ));
            Err(error.into())
        }
    }
}

/// What is wrong, in both languages, after *entry N*.
fn told(why: Break) -> (&'static str, &'static str) {
    match why {
        Break::Missing => ("saknas", "is missing"),
        Break::Changed => ("har ändrats", "was changed"),
        Break::Relinked => ("följer inte på posten före", "does not follow upon the one before"),
        Break::BeyondHead => ("ligger efter loggens slut", "lies beyond the log's end"),
        Break::Head => ("är inte den som databasen har som sist", "is not the one that the database has as the last"),
        Break::Anchor => ("är en annan än den som sparades utanför", "is another than the one kept outside"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_break_is_told_in_both_languages() {
        for why in [Break::Missing, Break::Changed, Break::Relinked, Break::BeyondHead, Break::Head, Break::Anchor] {
            let (sv, en) = told(why);
            assert_ne!(sv, en);
        }
    }
}
