//! `sluss explain`: a rule, in full.

use std::process::ExitCode;

use sluss_pipeline::error::PipelineError;
use sluss_schemas::message::Message;
use sluss_schemas::rule::{self, Language, RuleDoc, Severity};
use sluss_schemas::say;

use crate::cli::{Cli, ExplainArgs};
use crate::output::{self, wrapped};

/// Characters in a line of running text.
const LINE: usize = 75;

/// `sluss explain`.
pub(crate) fn explain(cli: &Cli, args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    let Some(rule) = rule::find(&args.rule) else {
        let error =
            PipelineError::configuration(say!("det finns ingen regel `{}`", "there is no rule `{}`", args.rule));
        return Err(match rule::nearest(&args.rule) {
            Some(near) => error.hint(say!("menade ni `{near}`?", "did you mean `{near}`?")).into(),
            None => error.hint(say!("`sluss docs regler` visar alla", "`sluss docs regler` lists them")).into(),
        });
    };
    output::said(cli, rule, || Message::new(page(rule, Language::Swedish), page(rule, Language::English)))?;
    Ok(ExitCode::SUCCESS)
}

fn page(rule: &RuleDoc, language: Language) -> String {
    let means = match rule.severity {
        Severity::Reject => say!("raden avvisas till karantän", "the row is rejected to quarantine"),
        Severity::Repair => say!("värdet rättas utan att något går förlorat", "the value is repaired, nothing is lost"),
        Severity::Warn => say!("raden godtas med en anmärkning", "the row is accepted with a remark"),
    };
    let (what, mend) = (rule.what(language, None), rule.mend(language, None, None));
    let head = format!("{}: {}\n\n{what}\n{mend}", rule.id, means.told(language));
    match language {
        Language::English => format!("{head}\n\n{}", rule.doc.trim()),
        Language::Swedish => format!(
            "{head}\n\nVarför\n  {}\n\nExempel\n  {}",
            wrapped(rule.why_sv, LINE, 2),
            wrapped(rule.example_sv, LINE, 2)
        ),
    }
}
