//! `sluss project`: the lake is brought up to what the register has published.

use std::process::ExitCode;

use crate::app::App;
use crate::cli::Cli;
use crate::output::{self, number};

/// `sluss project`.
pub(crate) async fn project(cli: &Cli) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let manifests = app.engine.catch_up().await?;
    output::said(cli, &serde_json::json!({ "manifests": manifests }), || match manifests {
        0 => "Lakehouse är redan i takt med registret.".to_owned(),
        count => format!("{} ändringar fördes över från registret till lakehouse.", number(count as u64)),
    })?;
    Ok(ExitCode::SUCCESS)
}
