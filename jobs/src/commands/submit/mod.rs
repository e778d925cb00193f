//! `sluss submit`: a file handed in, here or to a receiver elsewhere.

mod here;
mod there;

use std::path::Path;
use std::process::ExitCode;

use sluss_pipeline::error::PipelineError;
use sluss_schemas::say;

use crate::cli::{Cli, SubmitArgs};
use crate::push::Form;

/// `sluss submit`.
pub(crate) async fn submit(cli: &Cli, args: &SubmitArgs) -> anyhow::Result<ExitCode> {
    match &args.url {
        None => Box::pin(here::submit(cli, args)).await,
        Some(url) => there::submit(cli, args, url).await,
    }
}

/// The file's form, and whether it is packed: both by its name.
fn form(file: &Path) -> anyhow::Result<(Form, bool)> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let form = Form::of_name(&name).ok_or_else(|| {
        PipelineError::configuration(say!(
            "filens namn säger inte hur den är skriven",
            "the file's name does not say how it is written"
        ))
        .at(file.display().to_string())
        .hint(say!(
            "namnet ska sluta på .json, .ndjson, .csv, .xlsx eller .arrow (och .gz om den är packad)",
            "its name must end in .json, .ndjson, .csv, .xlsx or .arrow (and .gz if it is packed)"
        ))
    })?;
    Ok((form, name.to_ascii_lowercase().ends_with(".gz")))
}

/// A file that cannot be read.
fn unreadable(file: &Path, error: std::io::Error) -> PipelineError {
    PipelineError::configuration(say!("filen går inte att läsa", "the file cannot be read"))
        .at(file.display().to_string())
        .hint(say!("kontrollera filens namn och rättigheter", "check the file's name and rights"))
        .because(error)
}
