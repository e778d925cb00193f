//! What an operator sees of a scheduler at work: a line when a run ends, when something is skipped or taken
//! over, when a job's file breaks.

use std::sync::Mutex;

use chrono::{DateTime, Utc};
use serde_json::json;
use sluss_pipeline::ledger::{End, OccasionState, Recovery};
use sluss_pipeline::run::Outcome;
use sluss_schemas::clock::Clock;
use sluss_schemas::message::Message;
use sluss_schemas::say;

use crate::cli::{Cli, Format};
use crate::commands::{short, time, took};
use crate::output::{self, number};
use crate::scheduler::{Happening, Observer};

/// Writes lines, and counts how runs ended.
pub(super) struct Screen {
    format: Format,
    language: sluss_schemas::rule::Language,
    clock: std::sync::Arc<dyn Clock>,
    ended: Mutex<Vec<OccasionState>>,
}

impl Screen {
    pub(super) fn new(cli: &Cli, clock: std::sync::Arc<dyn Clock>) -> Self {
        Self { format: cli.format, language: cli.language(), clock, ended: Mutex::default() }
    }

    /// How runs ended so far.
    pub(super) fn ended(&self) -> Vec<OccasionState> {
        self.ended.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    fn line(&self, at: DateTime<Utc>, job: &str, told: &Message, data: &serde_json::Value) {
        let line = match self.format {
            Format::Json => data.to_string(),
            Format::Table | Format::Csv => format!("{}  {job}  {}", time(at), told.told(self.language)),
        };
        // Nobody may be reading any more: the runs go on.
        let _ = output::text(&line);
    }
}

impl Observer for Screen {
    fn hear(&self, happening: &Happening<'_>) {
        let now = self.clock.now();
        match happening {
            Happening::Began { .. } => {}
            Happening::Ended { job, claimed, end, outcome, .. } => {
                let (state, told) = ended(end, *outcome);
                if let Some(state) = state {
                    self.ended.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(state);
                }
                let seconds = (now - claimed.began).as_seconds_f64();
                let told = Message::join(&[told, took(seconds), short(&claimed.run).into()], "  ");
                let data = json!({
                    "at": now, "job": job.name, "run": claimed.run, "state": state, "seconds": seconds,
                    "reason": reason(end),
                });
                self.line(now, &job.name, &told, &data);
            }
            Happening::Skipped { occasion, why, .. } => {
                let due = time(occasion.due);
                let told = say!("överhoppad ({due}): ", "skipped ({due}): ").then(why);
                let data = json!({ "at": now, "job": occasion.job, "state": "skipped", "due": occasion.due });
                self.line(now, &occasion.job, &told, &data);
            }
            Happening::Recovered(lost) => {
                let told = match lost.recovery {
                    Recovery::Noted(_) => say!("var redan klar", "had ended already"),
                    Recovery::Waits => say!(
                        "övertagen: processen som körde den hör inte av sig",
                        "taken over: the process that ran it does not answer"
                    ),
                    Recovery::GivenUp => say!(
                        "UPPGIVEN: flera processer har försvunnit under körningen",
                        "GIVEN UP: several processes were lost over it"
                    ),
                };
                let data = json!({ "at": now, "job": lost.job, "state": "recovered", "holder": lost.holder });
                self.line(now, &lost.job, &told, &data);
            }
            Happening::FileBroken { job, what } => {
                let told = say!("OLÄSLIG FIL: {what}", "UNREADABLE FILE: {what}");
                self.line(now, job, &told, &json!({ "at": now, "job": job, "state": "broken", "reason": what }));
            }
            Happening::FileMended { job } => {
                let told = say!("filen går att läsa igen", "the file can be read again");
                self.line(now, job, &told, &json!({ "at": now, "job": job, "state": "mended" }));
            }
        }
    }
}

fn ended(end: &End, outcome: Option<&Outcome>) -> (Option<OccasionState>, Message) {
    match end {
        End::Done => {
            let rows = outcome.map_or_else(Default::default, |outcome| {
                let (rows, rejected) = (number(outcome.balance.rows_in), number(outcome.balance.rejected));
                Some(say!("klar  {rows} rader, {rejected} avvisade", "done  {rows} rows, {rejected} rejected"))
            });
            (Some(OccasionState::Done), rows.unwrap_or_else(|| say!("klar", "done")))
        }
        End::Held(why) => {
            let why = why.as_deref().unwrap_or_default();
            (Some(OccasionState::Held), say!("HÅLLS  {why}", "HELD  {why}"))
        }
        End::Failed(why) => (Some(OccasionState::Failed), say!("FEL  {why}", "FAILED  {why}")),
        End::Again(why, at) => {
            let at = time(*at);
            (None, say!("FEL, nytt försök {at}  {why}", "FAILED, tried again at {at}  {why}"))
        }
        End::HandedBack(why) => (None, why.clone()),
    }
}

fn reason(end: &End) -> Option<&str> {
    match end {
        End::Done => None,
        End::Held(why) => why.as_deref(),
        End::Failed(why) | End::Again(why, _) => Some(why),
        End::HandedBack(why) => Some(why),
    }
}
