//! `sluss secrecy decide`: the agency's own test, kept with who decided, on what ground and until when.

use std::process::ExitCode;

use sluss_pipeline::ledger::{Act, Note};
use sluss_schemas::say;
use sluss_schemas::secrecy::{Decision, Verdict};

use crate::app::App;
use crate::cli::{Cli, SecrecyDecide, SecrecyStatus};
use crate::output;

pub(super) async fn decide(cli: &Cli, app: &App, args: &SecrecyDecide) -> anyhow::Result<ExitCode> {
    let decision = Decision {
        lanskod: args.region.clone(),
        avtals_id: args.contract.clone(),
        status: match args.status {
            SecrecyStatus::Oppen => Verdict::Oppen,
            SecrecyStatus::Provas => Verdict::Provas,
            SecrecyStatus::Hemlig => Verdict::Hemlig,
        },
        ground: args.ground.clone(),
        until: args.until,
        file_number: args.file_number.clone(),
        decided: args.on.unwrap_or_else(|| app.engine.today()),
        by: args.by.clone(),
        recorded: None,
        superseded: None,
    };
    let decision = app.engine.decide(decision).await?;
    let object = format!("{}/{}", decision.lanskod, decision.avtals_id);
    let outcome = match decision.status {
        Verdict::Oppen => "oppen",
        Verdict::Provas => "provas",
        Verdict::Hemlig => "hemlig",
    };
    let note = Note { who: Some(&decision.by), act: Act::Secrecy, object: &object, outcome, run: None };
    app.engine.register.note(&note).await?;
    output::said(cli, &decision, || {
        let name = format!("{}/{}", decision.lanskod, decision.avtals_id);
        match (decision.status, decision.until) {
            (Verdict::Hemlig, Some(day)) => say!(
                "{name} är hemligt och öppnas {day}. Vyer och lakehouse visar det inte längre.",
                "{name} is secret and opens on {day}. Views and lake no longer show it."
            ),
            (Verdict::Oppen, _) => say!(
                "{name} är öppet. Vyer och lakehouse visar det, men inte skyddade kolumner.",
                "{name} is open. Views and lake show it, but no protected columns."
            ),
            _ => say!(
                "{name} prövas. Vyer och lakehouse visar det inte förrän det är beslutat.",
                "{name} is to be decided. Views and lake do not show it until it is."
            ),
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
