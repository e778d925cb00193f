//! Signatures of receipts: the file beside a receipt, checking it, and the keys to check it with.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::receipt::{SIGNATURE, Signer};
use sluss_pipeline::run::{RECEIPT_KEY, signer};
use sluss_schemas::say;

use crate::app;
use crate::cli::Cli;
use crate::output;

/// Where the signature of a file lies: `kvitto.json` has `kvitto.json.sig`.
pub(super) fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(SIGNATURE);
    name.into()
}

/// `sluss receipt --verify FILE`.
pub(super) fn verify(cli: &Cli, file: &Path) -> anyhow::Result<ExitCode> {
    let signer = known(cli)?;
    let read = |path: &Path| {
        std::fs::read(path).map_err(|e| {
            PipelineError::operator(say!("filen går inte att läsa", "the file cannot be read"))
                .at(path.display().to_string())
                .hint(say!(
                    "lägg kvittot och dess .sig i samma mapp",
                    "put the receipt and its .sig into the same folder"
                ))
                .because(e)
        })
    };
    let version = signer.verify(&read(file)?, &read(&beside(file))?).ok_or_else(|| {
        PipelineError::operator(say!(
            "signaturen är inte den här filens: filen är ändrad, eller skriven av någon annan",
            "the signature is not this file's: the file was changed, or somebody else wrote it"
        ))
        .at(file.display().to_string())
        .hint(say!("hämta kvittot på nytt: sluss receipt KÖRNING --out", "fetch it again: sluss receipt RUN --out"))
    })?;
    output::said(cli, &json!({ "file": file.display().to_string(), "key": version }), || {
        say!(
            "{} är som det skrevs: signerat med nyckel {version}.",
            "{} is as it was written: signed with key {version}.",
            file.display()
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

/// `sluss receipt --public-key`.
pub(super) fn public_keys(cli: &Cli) -> anyhow::Result<ExitCode> {
    let keys = known(cli)?.public_keys();
    if cli.format == crate::cli::Format::Json {
        let keys: Vec<_> = keys.iter().map(|(version, pem)| json!({ "key": version, "pem": pem })).collect();
        output::text(&serde_json::to_string_pretty(&keys)?)?;
    } else {
        let pems: String = keys.into_iter().map(|(_, pem)| pem).collect();
        output::text(pems.trim_end())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The installation's signer. Neither the register nor the lake is needed.
fn known(cli: &Cli) -> anyhow::Result<Signer> {
    let project = app::project(cli)?;
    let signer = signer(&app::secrets(&project))?.ok_or_else(|| {
        PipelineError::configuration(say!("kvitton signeras inte här", "receipts are not signed here")).hint(say!(
            "`sluss init` gör nyckeln {RECEIPT_KEY}, eller sätt den hemligheten",
            "`sluss init` makes the key {RECEIPT_KEY}, or set that secret"
        ))
    })?;
    Ok(signer)
}
