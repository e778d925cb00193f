//! What a job file says of its times must be readable, and what it names of `sluss.toml` must be there.

use globset::Glob;
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::{JobFile, Project};
use crate::error::PipelineError;
use crate::schedule::Times;

/// The schedule, read. An error comes with the key that it is about.
pub(super) fn read(file: &JobFile, project: &Project) -> Result<Option<Times>, (&'static str, PipelineError)> {
    let (when, serve) = (&file.when, &project.file.serve);
    if let Some(pool) = &when.pool
        && !serve.pools.contains_key(pool)
    {
        let what = say!("det finns ingen pool `{pool}`", "there is no pool `{pool}`");
        return Err(("pool", missing(what, serve.pools.keys(), "[serve.pools]")));
    }
    if let Some(calendar) = &when.calendar
        && !serve.calendars.contains_key(calendar)
    {
        let what = say!("det finns ingen kalender `{calendar}`", "there is no calendar `{calendar}`");
        return Err(("calendar", missing(what, serve.calendars.keys(), "[serve.calendars]")));
    }
    if let Some(bad) = when.after.iter().find(|pattern| Glob::new(pattern).is_err()) {
        let error = PipelineError::configuration(say!(
            "`{bad}` går inte att läsa som namn på jobb",
            "`{bad}` cannot be read as names of jobs"
        ));
        return Err((
            "after",
            error.hint(say!("skriv ett jobbs namn, eller national/hsa/*", "write a job's name, or national/hsa/*")),
        ));
    }
    let Some(text) = &file.job.schedule else { return Ok(None) };
    match text.parse::<Times>() {
        Ok(times) => Ok(Some(times)),
        Err(misfit) => Err(("schedule", PipelineError::configuration(misfit.what).hint(misfit.hint))),
    }
}

fn missing<'a>(what: Message, known: impl Iterator<Item = &'a String>, section: &str) -> PipelineError {
    let known: Vec<&str> = known.map(String::as_str).collect();
    PipelineError::configuration(what).hint(match known.as_slice() {
        [] => say!("lägg till den under {section} i sluss.toml", "add it under {section} in sluss.toml"),
        known => {
            let known = known.join(", ");
            say!(
                "det finns: {known}; andra läggs till under {section} i sluss.toml",
                "there are: {known}; others are added under {section} in sluss.toml"
            )
        }
    })
}
