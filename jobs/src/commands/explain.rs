//! `sluss explain`: a rule, in full.

use std::process::ExitCode;

use sluss_pipeline::error::PipelineError;
use sluss_schemas::rule::{self, Severity};

use crate::cli::{Cli, ExplainArgs, Lang};
use crate::commands::language;
use crate::output;

/// `sluss explain`.
pub(crate) fn explain(cli: &Cli, args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    let Some(rule) = rule::find(&args.rule) else {
        let error = PipelineError::configuration(format!("there is no rule `{}`", args.rule));
        return Err(match rule::nearest(&args.rule) {
            Some(near) => error.hint(format!("did you mean `{near}`?")).into(),
            None => error.hint("`sluss docs regler` lists them").into(),
        });
    };
    output::said(cli, rule, || {
        let language = language(cli);
        let means = match (rule.severity, cli.lang) {
            (Severity::Reject, Lang::Sv) => "raden avvisas till karantän",
            (Severity::Repair, Lang::Sv) => "värdet lagas utan att något går förlorat",
            (Severity::Warn, Lang::Sv) => "raden godtas med en anmärkning",
            (Severity::Reject, Lang::En) => "the row is rejected to quarantine",
            (Severity::Repair, Lang::En) => "the value is repaired, nothing is lost",
            (Severity::Warn, Lang::En) => "the row is accepted with a remark",
        };
        let (what, mend) = (rule.what(language, None), rule.mend(language, None, None));
        format!("{}: {means}\n\n{what}\n{mend}\n\n{}", rule.id, rule.doc.trim())
    })?;
    Ok(ExitCode::SUCCESS)
}
