//! `sluss keys`: which versions of the master key are in use, and every data key wrapped by the newest.

use std::process::ExitCode;

use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::keys;
use sluss_pipeline::ledger::{Act, Note};
use sluss_pipeline::run::{PSEUDONYM_KEY, RECEIPT_KEY};
use sluss_schemas::say;

use crate::app::{self, App};
use crate::cli::{Cli, KeysCommand};
use crate::output::{self, Grid, column, figures, number};

#[derive(Serialize)]
struct Held {
    key: String,
    version: u32,
    current: bool,
    /// Data keys that it has wrapped.
    wrapped: u64,
}

#[derive(Serialize)]
struct Rotated {
    key: String,
    version: u32,
    rewrapped: u64,
    current: u64,
    /// Version of the register's keyed hashes.
    pseudonyms: u32,
    /// They were brought to it now.
    rekeyed: bool,
}

/// `sluss keys list` and `sluss keys rotate`.
pub(crate) async fn keys(cli: &Cli, command: &KeysCommand) -> anyhow::Result<ExitCode> {
    match command {
        KeysCommand::List => list(cli).await,
        KeysCommand::Rotate { new } => rotate(cli, new.as_deref()).await,
    }
}

async fn list(cli: &Cli) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    let store = app.engine.zone.keys();
    let used = store.versions()?;
    let versions: Vec<Held> = store
        .masters()
        .versions()
        .map(|version| Held {
            key: store.masters().name().to_owned(),
            version,
            current: version == store.masters().current(),
            wrapped: used.get(&version).copied().unwrap_or_default(),
        })
        .collect();
    let pseudonyms = app.engine.register.pseudonym_version(app.engine.pseudonym_version()).await?;
    let mut versions = versions;
    versions.push(Held { key: PSEUDONYM_KEY.to_owned(), version: pseudonyms, current: true, wrapped: 0 });
    let idle = versions.iter().any(|version| !version.current && version.wrapped == 0);
    output::grid(cli, &versions, || {
        Grid {
        headings: vec![column("nyckel", "key"), figures("version", "version"), figures("datanycklar", "data keys")],
        rows: versions.iter().map(|v| vec![v.key.clone(), number(u64::from(v.version)), number(v.wrapped)]).collect(),
        closing: idle.then(|| {
            say!(
                "Äldre versioner utan datanycklar kan tas ur hemligheten. Säkerhetskopior av nyckelmappen behöver dem än.",
                "Older versions without data keys may leave the secret. Backups of the key folder still need them."
            )
        }),
    }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn rotate(cli: &Cli, new: Option<&str>) -> anyhow::Result<ExitCode> {
    if let Some(named) = new {
        let project = app::project(cli)?;
        let name = if named.is_empty() { project.file.landing.key.clone() } else { named.to_owned() };
        if name != project.file.landing.key && name != PSEUDONYM_KEY && name != RECEIPT_KEY {
            return Err(PipelineError::configuration(say!("det finns ingen nyckel {name}", "there is no key {name}"))
                .hint(say!("`sluss keys list` visar dem", "`sluss keys list` lists them"))
                .into());
        }
        let path = project.path(".secrets").join(&name);
        if !path.is_file() {
            return Err(PipelineError::configuration(say!(
                "nyckeln {name} är ingen fil i projektets .secrets",
                "the key {name} is no file in the project's .secrets"
            ))
            .hint(say!(
                "lägg en ny version i hemligheten där den förvaras, och kör `sluss keys rotate`",
                "add a version to the secret where it is kept, and run `sluss keys rotate`"
            ))
            .into());
        }
        keys::add_version(&path, &name)?;
    }
    let app = App::open(cli).await?;
    let store = app.engine.zone.keys();
    let done = store.rotate()?;
    let rekeyed = app.engine.rekey().await?;
    let outcome = format!("done rewrapped={}", done.rewrapped);
    let note = Note { who: None, act: Act::Keys, object: store.masters().name(), outcome: &outcome, run: None };
    app.engine.register.note(&note).await?;
    let rotated = Rotated {
        key: store.masters().name().to_owned(),
        version: store.masters().current(),
        rewrapped: done.rewrapped,
        current: done.current,
        pseudonyms: app.engine.pseudonym_version(),
        rekeyed,
    };
    output::said(cli, &rotated, || {
        let (rewrapped, all, version) =
            (number(rotated.rewrapped), number(rotated.rewrapped + rotated.current), rotated.version);
        say!(
            "{rewrapped} av {all} datanycklar är inslagna på nytt. Version {version} öppnar nu alla.",
            "{rewrapped} of {all} data keys are wrapped anew. Version {version} opens them all now."
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
