//! `sluss codes show` and `sluss codes check`: one code, in every version or on a day.

use std::process::ExitCode;

use chrono::NaiveDate;
use futures::TryStreamExt;
use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_schemas::code::{CodeIndex, Verdict};

use super::canonical;
use crate::app::App;
use crate::cli::Cli;
use crate::output;

fn today(app: &App) -> NaiveDate {
    app.engine.clock.now().with_timezone(&chrono_tz::Europe::Stockholm).date_naive()
}

/// `sluss codes show`.
pub(super) async fn show(cli: &Cli, app: &App, system: &str, code: &str) -> anyhow::Result<ExitCode> {
    let system = canonical(system);
    let codes = app.engine.codes().await?;
    known_system(&codes, &system)?;
    let key = [("system".to_owned(), system.clone()), ("kod".to_owned(), code.to_owned())];
    let found: Vec<_> = app.engine.register.show("kod", &key, None, None).await?.try_collect().await?;
    if found.iter().all(|batch| batch.num_rows() == 0) {
        let error = PipelineError::configuration(format!("{system} has no code `{code}`"));
        return Err(match codes.nearest(&system, code, today(app)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")).into(),
            None => error.into(),
        });
    }
    output::records(cli, &found)?;
    Ok(ExitCode::SUCCESS)
}

#[derive(Serialize)]
struct Answer {
    system: String,
    code: String,
    on: NaiveDate,
    verdict: Verdict,
    text: Option<String>,
    suggestion: Option<String>,
    other_system: Option<String>,
}

/// `sluss codes check`.
pub(super) async fn check(
    cli: &Cli,
    app: &App,
    system: &str,
    code: &str,
    on: Option<NaiveDate>,
) -> anyhow::Result<ExitCode> {
    let (system, on) = (canonical(system), on.unwrap_or_else(|| today(app)));
    let codes = app.engine.codes().await?;
    known_system(&codes, &system)?;
    let verdict = codes.check(&system, code, on);
    let answer = Answer {
        verdict,
        text: codes.label(&system, code, on).map(str::to_owned),
        suggestion: codes.suggestion(verdict, &system, code, on).map(str::to_owned),
        other_system: if verdict == Verdict::WrongSystem {
            codes.other_system(&system, code).map(str::to_owned)
        } else {
            None
        },
        system,
        code: code.to_owned(),
        on,
    };
    output::said(cli, &answer, || said(&answer))?;
    Ok(ExitCode::SUCCESS)
}

fn known_system(codes: &CodeIndex, system: &str) -> anyhow::Result<()> {
    if codes.has_system(system) {
        return Ok(());
    }
    let near = codes.systems().map(|s| (strsim::damerau_levenshtein(s.name(), system), s.name())).min();
    let error = PipelineError::configuration(format!("the register has no code system `{system}`"));
    Err(match near {
        Some((distance, near)) if distance <= 3 => error.hint(format!("did you mean `{near}`?")).into(),
        Some(_) => error.hint("`sluss codes list` lists those that it has").into(),
        None => error.hint("import one: `sluss codes import FILE --system NAME`").into(),
    })
}

fn said(answer: &Answer) -> String {
    let verdict = match answer.verdict {
        Verdict::Valid => "giltig",
        Verdict::Unknown => "finns inte i kodverket",
        Verdict::Retired => "inte längre giltig",
        Verdict::NotYet => "inte giltig än",
        Verdict::WrongSystem => "hör till ett annat kodverk",
        Verdict::NotInValueSet => "finns i kodverket men inte i urvalet",
        Verdict::Undecidable => "kan inte avgöras: registret har ingen version så långt tillbaka",
    };
    let text = answer.text.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
    let mut out = format!("{} {}{text} {}: {verdict}.", answer.system, answer.code, answer.on);
    if let Some(other) = &answer.other_system {
        out = format!("{out}\nKodverket är {other}.");
    } else if let Some(suggestion) = &answer.suggestion {
        out = format!("{out}\nMenade ni {suggestion}?");
    }
    out
}
