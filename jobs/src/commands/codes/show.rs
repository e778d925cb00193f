//! `sluss codes show` and `sluss codes check`: one code, in every version or on a day.

use std::process::ExitCode;

use chrono::NaiveDate;
use futures::TryStreamExt;
use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_schemas::code::{CodeIndex, Verdict};
use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;
use sluss_schemas::say;

use super::canonical;
use crate::app::App;
use crate::cli::Cli;
use crate::output::{self, wrapped};

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
        let error =
            PipelineError::configuration(say!("{system} har ingen kod `{code}`", "{system} has no code `{code}`"));
        return Err(match codes.nearest(&system, code, today(app)) {
            Some(near) => error.hint(say!("menade ni `{near}`?", "did you mean `{near}`?")).into(),
            None => error
                .hint(say!(
                    "`sluss codes list` visar vilka versioner som finns",
                    "`sluss codes list` lists the versions that there are"
                ))
                .into(),
        });
    }
    output::records(cli, &found, |name| {
        (!name.starts_with('_') && !name.starts_with("reg_")).then(|| name.to_owned())
    })?;
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
    let error = PipelineError::configuration(say!(
        "registret har inget kodverk `{system}`",
        "the register has no code system `{system}`"
    ));
    Err(match near {
        Some((distance, near)) if distance <= 3 => {
            error.hint(say!("menade ni `{near}`?", "did you mean `{near}`?")).into()
        }
        Some(_) => error
            .hint(say!("`sluss codes list` visar dem som finns", "`sluss codes list` lists those that it has"))
            .into(),
        None => error
            .hint(say!(
                "importera ett: `sluss codes import FIL --system NAMN`",
                "import one: `sluss codes import FILE --system NAME`"
            ))
            .into(),
    })
}

fn said(answer: &Answer) -> Message {
    let verdict = match answer.verdict {
        Verdict::Valid => say!("giltig", "valid"),
        Verdict::Unknown => say!("finns inte i kodverket", "not in the code system"),
        Verdict::Retired => say!("inte längre giltig", "no longer valid"),
        Verdict::NotYet => say!("inte giltig än", "not yet valid"),
        Verdict::WrongSystem => say!("hör till ett annat kodverk", "of another code system"),
        Verdict::NotInValueSet => {
            say!("finns i kodverket men inte i urvalet", "in the code system, not in the value set")
        }
        Verdict::Undecidable => say!(
            "kan inte avgöras: registret har ingen version så långt tillbaka",
            "cannot be decided: the register has no version that far back"
        ),
    };
    let Answer { system, code, on, .. } = answer;
    let text = answer.text.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
    let mut lines = vec![verdict.after(&say!("{system} {code}{text}, {on}", "{system} {code}{text}, {on}"))];
    if let Some(other) = &answer.other_system {
        lines.push(say!("Kodverket är {other}.", "The code system is {other}."));
    } else if let Some(suggestion) = &answer.suggestion {
        lines.push(say!("Menade ni {suggestion}?", "Did you mean {suggestion}?"));
    }
    let told = Message::join(&lines, "\n");
    let narrow = |language| told.told(language).lines().map(|line| wrapped(line, 94, 2)).collect::<Vec<_>>().join("\n");
    Message::new(narrow(Language::Swedish), narrow(Language::English))
}
