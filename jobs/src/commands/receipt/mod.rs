//! `sluss receipt`: what a region is told of its delivery.

mod signature;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use sluss_pipeline::error::PipelineError;
use sluss_pipeline::keys::Delivery;
use sluss_pipeline::ledger::{Act, Note};
use sluss_pipeline::receipt::{self, OwnRows, Receipt};
use sluss_schemas::say;
use tempfile::NamedTempFile;

use crate::app::App;
use crate::cli::{Cli, Format, ReceiptArgs};
use crate::commands::find_run;
use crate::output;

/// `sluss receipt`.
pub(crate) async fn receipt(cli: &Cli, args: &ReceiptArgs) -> anyhow::Result<ExitCode> {
    if let Some(file) = &args.verify {
        return signature::verify(cli, file);
    }
    let (Some(run), false) = (&args.run, args.public_key) else { return signature::public_keys(cli) };
    let app = App::open(cli).await?;
    let run = find_run(&app, run).await?;
    let kept = app.engine.register.receipt(&run.id).await?.ok_or_else(|| {
        PipelineError::configuration(say!("körningen har inget kvitto", "the run has no receipt"))
            .at(run.id.clone())
            .hint(match &run.reason {
                Some(reason) => say!("den kom inte så långt: {reason}", "it did not get that far: {reason}"),
                None => say!("vänta tills den är klar", "wait until it has ended"),
            })
    })?;
    let told = Note { who: None, act: Act::Receipt, object: &run.job, outcome: "done", run: Some(&run.id) };
    app.engine.register.note(&told).await?;
    let receipt: Receipt = serde_json::from_value(kept.document)?;
    let language = cli.language();
    let Some(path) = &args.out else {
        output::text(&match cli.format {
            Format::Json => receipt::json(&receipt, language)?,
            Format::Table | Format::Csv => receipt::text(&receipt, language).trim_end().to_owned(),
        })?;
        return Ok(ExitCode::SUCCESS);
    };
    let bytes = match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("xlsx") => {
            // The workbook goes to the one who owns the rows.
            let mut rows = app.engine.quarantine.read(&Delivery::new(&run.owner, &run.id)?)?;
            let own = rows.as_mut().map(|rows| rows as OwnRows<'_>);
            receipt::xlsx(&receipt, language, own)?
        }
        Some("json") => receipt::json(&receipt, language)?.into_bytes(),
        Some("txt") => receipt::text(&receipt, language).into_bytes(),
        _ => {
            return Err(PipelineError::configuration(say!(
                "filnamnet ska sluta på .xlsx, .json eller .txt",
                "the file's name must end in .xlsx, .json or .txt"
            ))
            .at(path.display().to_string())
            .hint("sluss receipt … --out kvitto.xlsx")
            .into());
        }
    };
    let signed = app.engine.signer.as_ref().map(|signer| (signature::beside(path), signer.sign(&bytes)));
    if let Some((beside, signature)) = &signed {
        write(beside, signature)?;
    }
    write(path, &bytes)?;
    let signature = signed.map(|(beside, _)| beside.display().to_string());
    let answer = serde_json::json!({ "run": run.id, "file": path.display().to_string(), "signature": signature });
    output::said(cli, &answer, || match &signature {
        Some(beside) => say!(
            "Kvittot skrevs till {}, och signaturen till {beside}.",
            "The receipt was written to {}, and its signature to {beside}.",
            path.display()
        ),
        None => say!(
            "Kvittot skrevs till {}, utan signatur: nyckeln saknas.",
            "The receipt was written to {}, without a signature: there is no key.",
            path.display()
        ),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Whole or not at all, and readable to its owner only: a workbook holds cell values.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let refused = |e: std::io::Error| {
        PipelineError::operator(say!("kvittot går inte att skriva", "the receipt cannot be written"))
            .at(path.display().to_string())
            .because(e)
    };
    let mut file = NamedTempFile::new_in(folder).map_err(refused)?;
    file.write_all(bytes).map_err(refused)?;
    file.persist(path).map_err(|e| refused(e.error))?;
    Ok(())
}
