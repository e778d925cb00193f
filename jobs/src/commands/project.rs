//! `sluss project`: the lake is brought up to what the register has published.

use std::process::ExitCode;

use sluss_schemas::say;

use crate::app::App;
use crate::cli::Cli;
use crate::output::{self, number};

/// `sluss project`.
pub(crate) async fn project(cli: &Cli) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let manifests = app.engine.catch_up().await?;
    output::said(cli, &serde_json::json!({ "manifests": manifests }), || match manifests {
        0 => say!("Lakehouse är redan i takt med registret.", "The lake is already in step with the register."),
        count => {
            let count = number(count as u64);
            say!("{count} publiceringar fördes över till lakehouse.", "{count} publications were carried to the lake.")
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
