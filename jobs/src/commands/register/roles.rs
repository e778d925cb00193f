//! `sluss register roles`: the database's own guard of who may read and write whose rows.

use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::register::Roles;
use sluss_schemas::region::REGIONS;
use sluss_schemas::say;

use crate::app::App;
use crate::cli::{Cli, Format};
use crate::output;

#[derive(Serialize)]
struct Answer {
    prefix: String,
    owners: Vec<String>,
}

/// The statements, in the two parts that two people may have to run.
#[derive(Serialize)]
struct Script {
    administrator: Vec<String>,
    owner: Vec<String>,
}

pub(super) async fn roles(cli: &Cli, app: &App, prefix: &str, print: bool) -> anyhow::Result<ExitCode> {
    // All regions, whether or not they deliver yet, and whoever else owns a job's rows.
    let owners = REGIONS.iter().map(|region| region.lanskod.to_owned());
    let roles = Roles::new(prefix, owners.chain(app.jobs.iter().map(|job| job.file.job.owner.clone())))
        .map_err(PipelineError::from)?;
    let register = &app.engine.register;
    if print {
        let (administrator, owner) = register.roles_script(&roles).await.map_err(PipelineError::from)?;
        let script = Script { administrator, owner };
        if cli.format == Format::Json {
            return output::said(cli, &script, || say!("", "")).map(|()| ExitCode::SUCCESS);
        }
        let first = cli.told(&say!(
            "-- 1. Databasens administratör (CREATEROLE): rollerna.",
            "-- 1. The database's administrator (CREATEROLE): the roles."
        ));
        let second = cli.told(&say!(
            "-- 2. Tabellernas ägare: rättigheterna. `sluss register roles` gör detta.",
            "-- 2. The tables' owner: the rights. `sluss register roles` does this."
        ));
        let lines = |statements: &[String]| statements.join(";\n") + ";";
        let text = format!(
            "{first}\nBEGIN;\n{}\nCOMMIT;\n\n{second}\nBEGIN;\n{}\nCOMMIT;",
            lines(&script.administrator),
            lines(&script.owner)
        );
        output::text(&text)?;
        return Ok(ExitCode::SUCCESS);
    }
    register.set_roles(&roles).await.map_err(PipelineError::from)?;
    let answer = Answer { prefix: prefix.to_owned(), owners: roles.owners().to_vec() };
    output::said(cli, &answer, || {
        say!(
            "Rollerna finns, för {} ägare. Ge pipelinens inloggning rollen {prefix}_inlasning, och en regions {prefix}_region_LÄNSKOD.",
            "The roles are there, for {} owners. Grant the pipeline's login {prefix}_inlasning, and a region's {prefix}_region_CODE.",
            answer.owners.len()
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
