//! One thing that is told: that something is wrong, still is, or is in order again.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sluss_pipeline::job::About;
use sluss_pipeline::ledger::Alert;
use sluss_schemas::message::Message;
use sluss_schemas::region;
use sluss_schemas::rule::Language;
use sluss_schemas::say;

use crate::commands::time;

/// Where in its life a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Phase {
    /// It began.
    Begins,
    /// It stands still.
    Reminder,
    /// It is in order again.
    Ends,
    /// Nothing is wrong: whether one can be reached is tried.
    Test,
}

/// What is said of a thing, as the ledger keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Said {
    /// A job, or an owner's table.
    pub(crate) subject: String,
    /// What is wrong.
    pub(crate) what: Both,
    /// What to do.
    pub(crate) hint: Option<Both>,
    /// Who must act: `configuration`, `source`, `operator`, `us`.
    pub(crate) actor: Option<String>,
    /// Whether trying again later may help.
    pub(crate) retry: Option<bool>,
    /// The guards that hold a delivery.
    #[serde(default)]
    pub(crate) guards: Vec<String>,
    /// The run.
    pub(crate) run: Option<String>,
}

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Both {
    pub(crate) sv: String,
    pub(crate) en: String,
}

impl From<&Message> for Both {
    fn from(message: &Message) -> Self {
        Self { sv: message.told(Language::Swedish).to_owned(), en: message.told(Language::English).to_owned() }
    }
}

impl Both {
    fn message(&self) -> Message {
        Message::new(self.sv.clone(), self.en.clone())
    }
}

/// What a receiver is told.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) phase: Phase,
    pub(crate) about: About,
    pub(crate) owner: String,
    pub(crate) since: DateTime<Utc>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) said: Said,
}

/// What makes an alert the same as before.
pub(super) fn name(about: About, subject: &str) -> String {
    format!("{} {subject}", about.name())
}

/// As the ledger keeps it.
pub(super) fn alert(about: About, owner: &str, said: &Said) -> Alert {
    Alert {
        name: name(about, &said.subject),
        kind: about.name().to_owned(),
        owner: owner.to_owned(),
        said: serde_json::to_value(said).unwrap_or_default(),
    }
}

/// What an owner is called.
pub(super) fn owner_name(owner: &str) -> String {
    match region::by_lanskod(owner) {
        Some(region) => format!("{owner} {}", region.short),
        None => owner.to_owned(),
    }
}

impl Notice {
    /// A line that says the most: what is the matter with what.
    pub(crate) fn heading(&self) -> Message {
        let subject = &self.said.subject;
        match (self.phase, self.about) {
            (Phase::Ends, _) => say!("I ordning igen: {subject}", "In order again: {subject}"),
            (Phase::Test, _) => say!("Prov: {subject}", "Test: {subject}"),
            (Phase::Begins, About::Held) => say!("Leverans hålls: {subject}", "Delivery held: {subject}"),
            (Phase::Begins, About::Failed) => say!("Körning gick fel: {subject}", "Run failed: {subject}"),
            (Phase::Begins, About::Late) => say!("Försenad: {subject}", "Late: {subject}"),
            (Phase::Begins, About::Broken) => {
                say!("Jobbfil går inte att läsa: {subject}", "Job file cannot be read: {subject}")
            }
            (Phase::Reminder, About::Held) => {
                say!("Påminnelse, leverans hålls: {subject}", "Reminder, delivery held: {subject}")
            }
            (Phase::Reminder, About::Failed) => {
                say!("Påminnelse, körning gick fel: {subject}", "Reminder, run failed: {subject}")
            }
            (Phase::Reminder, About::Late) => say!("Påminnelse, försenad: {subject}", "Reminder, late: {subject}"),
            (Phase::Reminder, About::Broken) => {
                say!("Påminnelse, jobbfil går inte att läsa: {subject}", "Reminder, job file cannot be read: {subject}")
            }
        }
    }

    /// The whole text: what, whose, since when, what to do.
    pub(crate) fn text(&self) -> Message {
        let (owner, since) = (owner_name(&self.owner), time(self.since));
        let mut lines = vec![self.heading(), Message::from("")];
        if !self.said.what.sv.is_empty() {
            lines.push(self.said.what.message());
        }
        lines.push(say!("Ägare: {owner}", "Owner: {owner}"));
        lines.push(say!("Sedan: {since}", "Since: {since}"));
        if let Some(run) = &self.said.run {
            lines.push(say!("Körning: {run}", "Run: {run}"));
        }
        if let Some(hint) = self.said.hint.as_ref().filter(|_| self.phase != Phase::Ends) {
            lines.push(Message::from(""));
            lines.push(hint.message().after(&say!("Gör så här", "What to do")));
        }
        Message::join(&lines, "\n")
    }

    /// As programs get it.
    pub(crate) fn json(&self) -> Value {
        let (heading, text) = (Both::from(&self.heading()), Both::from(&self.text()));
        json!({
            "event": self.phase,
            "about": self.about.name(),
            "owner": self.owner,
            "subject": self.said.subject,
            "since": self.since,
            "at": self.at,
            "heading": heading,
            "text": text,
            "what": self.said.what,
            "hint": self.said.hint,
            "actor": self.said.actor,
            "retry": self.said.retry,
            "guards": self.said.guards,
            "run": self.said.run,
        })
    }
}
