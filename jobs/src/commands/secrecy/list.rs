//! `sluss secrecy list`: contracts of which nothing leaves, and how many rows were withheld.

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::register::Standing;
use sluss_schemas::say;
use sluss_schemas::secrecy::Status;

use super::word;
use crate::app::App;
use crate::cli::Cli;
use crate::output::{self, Grid, column, number};

#[derive(Serialize)]
struct Answer {
    /// Contracts by status.
    antal: BTreeMap<&'static str, u64>,
    /// Source rows that the jobs' latest published deliveries withheld.
    undantagna_rader: u64,
    avtal: Vec<Standing>,
}

pub(super) async fn list(cli: &Cli, app: &App, region: Option<&str>, all: bool) -> anyhow::Result<ExitCode> {
    let register = &app.engine.register;
    let mut contracts = register.secrecy(app.engine.today(), false).await?;
    contracts.retain(|contract| region.is_none_or(|region| contract.lanskod == region));
    let mut antal: BTreeMap<&'static str, u64> = Status::ALL.iter().map(|status| (status.name(), 0)).collect();
    for contract in &contracts {
        *antal.entry(contract.status.name()).or_default() += 1;
    }
    let mut undantagna_rader = 0;
    for job in app.jobs.iter().filter(|job| region.is_none_or(|region| job.file.job.owner == region)) {
        let counts = register.last_done(&job.name).await?.and_then(|run| run.counts);
        undantagna_rader += counts.and_then(|c| c.get("balance")?.get("withheld")?.as_u64()).unwrap_or_default();
    }
    contracts.retain(|contract| all || contract.status != Status::Open);
    let answer = Answer { antal, undantagna_rader, avtal: contracts };
    output::grid(cli, &answer, || grid(cli, &answer))?;
    Ok(ExitCode::SUCCESS)
}

fn grid(cli: &Cli, answer: &Answer) -> Grid {
    let count = |status: Status| number(answer.antal.get(status.name()).copied().unwrap_or_default());
    let rows = answer.avtal.iter().map(|contract| {
        let until = contract.until.map(|day| day.to_string()).unwrap_or_default();
        vec![contract.lanskod.clone(), contract.avtals_id.clone(), word(cli, contract.status).to_owned(), until]
    });
    let (open, undecided, secret) = (count(Status::Open), count(Status::Undecided), count(Status::Secret));
    let withheld = number(answer.undantagna_rader);
    Grid {
        headings: vec![
            column("region", "region"),
            column("avtal", "contract"),
            column("status", "status"),
            column("öppnas", "opens"),
        ],
        rows: rows.collect(),
        closing: Some(say!(
            "{open} avtal är öppna, {undecided} prövas, {secret} är hemliga. I de senaste leveranserna undantogs {withheld} rader.",
            "{open} contracts are open, {undecided} are to be decided, {secret} are secret. The latest deliveries withheld {withheld} rows."
        )),
    }
}
