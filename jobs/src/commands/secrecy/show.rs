//! `sluss secrecy show`: one contract's status, and every decision on it.

use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::register::Standing;
use sluss_schemas::say;
use sluss_schemas::secrecy::Decision;

use super::word;
use crate::app::App;
use crate::cli::Cli;
use crate::commands::time;
use crate::output::{self, Grid, column};

#[derive(Serialize)]
struct Answer {
    nu: Standing,
    beslut: Vec<Decision>,
}

pub(super) async fn show(cli: &Cli, app: &App, region: &str, contract: &str) -> anyhow::Result<ExitCode> {
    let nu = app.engine.standing(region, contract).await?.ok_or_else(|| {
        PipelineError::configuration(say!(
            "registret har inget avtal {region}/{contract}",
            "the register has no contract {region}/{contract}"
        ))
        .hint(say!("`sluss secrecy list --all` visar alla avtal", "`sluss secrecy list --all` lists all contracts"))
    })?;
    let beslut = app.engine.register.secrecy_decisions(region, contract).await?;
    let answer = Answer { nu, beslut };
    output::grid(cli, &answer, || grid(cli, &answer))?;
    Ok(ExitCode::SUCCESS)
}

fn grid(cli: &Cli, answer: &Answer) -> Grid {
    let rows = answer.beslut.iter().map(|decision| {
        vec![
            decision.decided.to_string(),
            decision.status.name().to_owned(),
            decision.ground.clone().unwrap_or_default(),
            decision.until.map(|day| day.to_string()).unwrap_or_default(),
            decision.by.clone(),
            decision.file_number.clone().unwrap_or_default(),
            decision.recorded.map(time).unwrap_or_default(),
            decision.superseded.map(time).unwrap_or_default(),
        ]
    });
    let status = word(cli, answer.nu.status);
    let name = format!("{}/{}", answer.nu.lanskod, answer.nu.avtals_id);
    Grid {
        headings: vec![
            column("beslutad", "decided"),
            column("beslut", "decision"),
            column("grund", "ground"),
            column("öppnas", "opens"),
            column("av", "by"),
            column("diarienummer", "file number"),
            column("registrerat", "recorded"),
            column("till", "until"),
        ],
        rows: rows.collect(),
        closing: Some(match answer.nu.until {
            Some(day) => say!("{name} är {status}, och öppnas {day}.", "{name} is {status}, and opens on {day}."),
            None => say!("{name} är {status}.", "{name} is {status}."),
        }),
    }
}
