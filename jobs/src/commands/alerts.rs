//! `sluss alerts`: what stands and has been told of, and whether receivers can be reached.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::job::About;
use sluss_pipeline::run::Engine;
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::time;
use crate::app::App;
use crate::cli::{AlertsCommand, Cli};
use crate::failure::Failure;
use crate::output::{self, Grid, column, counted};
use crate::watch::alert::{self, Both, Notice, Phase, Reached, Said, Sent};

/// `sluss alerts list` and `sluss alerts test`.
pub(crate) async fn alerts(cli: &Cli, command: &AlertsCommand) -> anyhow::Result<ExitCode> {
    let app = App::open(cli).await?;
    match command {
        AlertsCommand::List => list(cli, &app.engine).await,
        AlertsCommand::Test { send } => test(cli, &app.engine, *send).await,
    }
}

#[derive(Serialize)]
struct Standing {
    about: String,
    owner: String,
    subject: String,
    since: DateTime<Utc>,
    told: Option<DateTime<Utc>>,
    what: Both,
}

async fn list(cli: &Cli, engine: &Engine) -> anyhow::Result<ExitCode> {
    let standing: Vec<Standing> = engine
        .register
        .standing_alerts()
        .await?
        .into_iter()
        .map(|standing| {
            let said: Said = serde_json::from_value(standing.alert.said).unwrap_or_default();
            Standing {
                about: standing.alert.kind,
                owner: standing.alert.owner,
                subject: said.subject,
                since: standing.since,
                told: standing.told,
                what: said.what,
            }
        })
        .collect();
    output::grid(cli, &standing, || Grid {
        headings: vec![
            column("vad", "about"),
            column("gäller", "subject"),
            column("sedan", "since"),
            column("sagt", "told"),
            column("ägare", "owner").csv_only(),
            column("varför", "why").csv_only(),
        ],
        rows: standing.iter().map(|standing| row(cli, standing)).collect(),
        closing: Some(match standing.len() as u64 {
            0 => say!("Inget larm står.", "No alert stands."),
            count => counted(count, ("larm står.", "larm står."), ("alert stands.", "alerts stand.")),
        }),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(cli: &Cli, standing: &Standing) -> Vec<String> {
    vec![
        word(cli, &standing.about).to_owned(),
        standing.subject.clone(),
        time(standing.since),
        standing.told.map_or_else(|| cli.word(("nådde ingen", "reached nobody")).to_owned(), time),
        standing.owner.clone(),
        cli.word_of(&standing.what.sv, &standing.what.en).to_owned(),
    ]
}

fn word<'a>(cli: &Cli, about: &'a str) -> &'a str {
    match about {
        "held" => cli.word(("hålls", "held")),
        "failed" => cli.word(("gick fel", "failed")),
        "late" => cli.word(("försenad", "late")),
        "broken" => cli.word(("oläslig", "unreadable")),
        other => other,
    }
}

/// One receiver, and what came of reaching it.
#[derive(Serialize)]
struct Tried {
    receiver: String,
    reached_by: &'static str,
    address: String,
    signed: Option<bool>,
    owners: Vec<String>,
    about: Vec<&'static str>,
    at_once: bool,
    digest: bool,
    /// None: nothing was sent.
    taken: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
}

async fn test(cli: &Cli, engine: &Engine, send: bool) -> anyhow::Result<ExitCode> {
    let settings = &engine.project.file.alert;
    let receivers = alert::receivers(&engine.project, engine.secrets.as_ref())?;
    alert::digest_time(settings)?;
    if receivers.is_empty() {
        return Err(PipelineError::configuration(say!("ingen får larm", "nobody gets alerts"))
            .at(say!("[alert] i sluss.toml", "[alert] in sluss.toml"))
            .hint(say!(
                "lägg till en mottagare: [[alert.to]] med name och mail eller webhook",
                "add a receiver: [[alert.to]] with name and mail or webhook"
            ))
            .into());
    }
    let mut tried = Vec::with_capacity(receivers.len());
    for receiver in &receivers {
        tried.push(reach(cli, engine, receiver, send).await);
    }
    output::grid(cli, &tried, || grid(cli, &tried, send))?;
    let lost = tried.iter().any(|tried| tried.taken == Some(false));
    Ok(if lost { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

async fn reach(cli: &Cli, engine: &Engine, receiver: &Reached, send: bool) -> Tried {
    let settings = &receiver.settings;
    let about = if settings.about.is_empty() { &About::ALL[..] } else { settings.about.as_slice() };
    let mut tried = Tried {
        receiver: settings.name.clone(),
        reached_by: if settings.mail.is_some() { "mail" } else { "webhook" },
        address: receiver.shown(),
        signed: receiver.is_signed(),
        owners: settings.owners.clone(),
        about: about.iter().map(|about| about.name()).collect(),
        at_once: settings.at_once,
        digest: settings.digest,
        taken: None,
        error: None,
    };
    if !send {
        return tried;
    }
    let at = engine.clock.now();
    let said = Said {
        subject: settings.name.clone(),
        what: Both::from(&say!("Larm från Sluss når hit.", "Alerts from Sluss arrive here.")),
        ..Said::default()
    };
    let owner = settings.owners.first().cloned().unwrap_or_else(|| "nationell".to_owned());
    let notice = Notice { phase: Phase::Test, about: About::Failed, owner, since: at, at, said };
    let (heading, text, document) = (notice.heading(), notice.text(), notice.json());
    let done = receiver.send(&Sent { heading: &heading, text: &text, document: &document, at }).await;
    tried.taken = Some(done.is_ok());
    tried.error = done.err().map(|error| Failure::pipeline(&error, cli));
    tried
}

fn grid(cli: &Cli, tried: &[Tried], sent: bool) -> Grid {
    let yes = |yes: bool| cli.word(if yes { ("ja", "yes") } else { ("nej", "no") }).to_owned();
    let all = || cli.word(("alla", "all")).to_owned();
    let rows = tried.iter().map(|tried| {
        let about = if tried.about.len() == About::ALL.len() {
            all()
        } else {
            tried.about.iter().map(|about| word(cli, about)).collect::<Vec<_>>().join(", ")
        };
        vec![
            tried.receiver.clone(),
            tried.address.clone(),
            if tried.owners.is_empty() { all() } else { tried.owners.join(", ") },
            about,
            yes(tried.at_once),
            yes(tried.digest),
            match tried.taken {
                None => "–".to_owned(),
                Some(true) => cli.word(("tog emot", "taken")).to_owned(),
                Some(false) => cli.word(("NÅDDES INTE", "NOT REACHED")).to_owned(),
            },
        ]
    });
    let mut lines: Vec<Message> = Vec::new();
    for failure in tried.iter().filter_map(|tried| tried.error.as_ref()) {
        lines.extend(failure.lines(cli.lang).into_iter().map(Message::from));
        lines.push(Message::from(""));
    }
    lines.push(if sent {
        let taken = tried.iter().filter(|tried| tried.taken == Some(true)).count();
        say!("{taken} av {} tog emot ett prov.", "{taken} of {} took a test.", tried.len())
    } else {
        say!(
            "Inget är skickat: `sluss alerts test --send` skickar ett prov till var och en.",
            "Nothing was sent: `sluss alerts test --send` sends a test to each."
        )
    });
    Grid {
        headings: vec![
            column("mottagare", "receiver"),
            column("adress", "address"),
            column("ägare", "owners"),
            column("om", "about"),
            column("genast", "at once"),
            column("sammandrag", "digest"),
            column("prov", "test"),
        ],
        rows: rows.collect(),
        closing: Some(Message::join(&lines, "\n")),
    }
}
