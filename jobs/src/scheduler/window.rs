//! A job as it reads one window of the past.

use chrono::NaiveDate;
use sluss_pipeline::error::{PipelineError, Result};
use sluss_pipeline::job::{Job, Mode};
use sluss_pipeline::ledger::{Occasion, OccasionKind};
use sluss_schemas::say;
use toml::Value;

/// The job that reads the days from the first up to the second, which is not included. What it does not
/// bring has not ended: a window is never the whole.
///
/// # Errors
///
/// The job does not say how a past period is asked for.
pub fn for_window(job: &Job, (from, to): (NaiveDate, NaiveDate)) -> Result<Job> {
    let Some(backfill) = &job.file.backfill else {
        return Err(PipelineError::configuration(say!(
            "jobbet säger inte hur en gången period hämtas",
            "the job does not say how a past period is asked for"
        ))
        .at(format!("{}.toml", job.name))
        .hint(say!(
            "lägg till [backfill] med options, där {{fran}} och {{till}} står för periodens dagar",
            "add [backfill] with options, where {{fran}} and {{till}} stand for the period's days"
        )));
    };
    let mut job = job.clone();
    job.file.job.mode = Mode::Incremental;
    for (option, value) in &backfill.options {
        job.file.source.options.insert(option.clone(), filled(value, from, to));
    }
    Ok(job)
}

/// What a run of this occasion delivers.
pub(super) fn mode_of(job: &Job, occasion: &Occasion) -> Mode {
    if occasion.kind == OccasionKind::Backfill { Mode::Incremental } else { job.file.job.mode }
}

/// The value with the window's days in their places. Days are figures and hyphens: nothing else can come in.
fn filled(value: &Value, from: NaiveDate, to: NaiveDate) -> Value {
    match value {
        Value::String(text) => {
            let text = text.replace("{fran}", &from.format("%Y-%m-%d").to_string());
            let text = text.replace("{till}", &to.format("%Y-%m-%d").to_string());
            Value::String(text.replace("{manad}", &from.format("%Y-%m").to_string()))
        }
        Value::Array(all) => Value::Array(all.iter().map(|one| filled(one, from, to)).collect()),
        Value::Table(all) => {
            Value::Table(all.iter().map(|(name, one)| (name.clone(), filled(one, from, to))).collect())
        }
        other => other.clone(),
    }
}
