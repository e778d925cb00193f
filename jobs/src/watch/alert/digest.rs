//! The daily digest: how everything stands, for whoever wants it once a day.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe::Stockholm;
use serde_json::{Value, json};
use sluss_pipeline::error::Result;
use sluss_pipeline::freshness::{Standing, State};
use sluss_pipeline::ledger::{RunCount, RunState, StandingAlert};
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::notice::{Both, owner_name};
use super::{Alerts, Notice, Phase, Reached, Said, Sent, View, about, of_ledger};
use crate::commands::time;

/// Lines of a digest: more are counted.
const LINES: usize = 60;

/// Sends the day's digest to those who have not got it, when its time has come.
pub(super) async fn send(alerts: &Alerts, view: &View, at: DateTime<Utc>) -> Result<()> {
    let local = at.with_timezone(&Stockholm);
    if local.time() < alerts.digest_at {
        return Ok(());
    }
    let day = local.date_naive();
    for receiver in alerts.receivers.iter().filter(|receiver| receiver.settings.digest) {
        let name = receiver.settings.name.as_str();
        if !alerts.register.take_digest(name, day).await? {
            continue;
        }
        let runs = alerts.register.run_counts(at - TimeDelta::days(1)).await?;
        let standing = alerts.register.standing_alerts().await?;
        let digest = Digest::of(receiver, view, &runs, standing, at);
        let (heading, text, document) = (digest.heading(), digest.text(), digest.json());
        let done = receiver.send(&Sent { heading: &heading, text: &text, document: &document, at }).await;
        alerts.metrics.alert("digest", done.is_ok());
        if let Err(error) = done {
            tracing::error!("a digest was not taken: {error}");
            alerts.register.return_digest(name, day).await?;
        }
    }
    Ok(())
}

/// What one receiver is told of a day.
struct Digest {
    at: DateTime<Utc>,
    /// How many of the receiver's owners' tables are in each state.
    states: Vec<(State, usize)>,
    /// Runs of the last day, by how they ended.
    runs: Vec<(RunState, u64)>,
    /// What is wrong, the oldest first.
    wrong: Vec<Notice>,
    /// What has not come, or is held, or fails.
    standings: Vec<Standing>,
}

impl Digest {
    fn of(receiver: &Reached, view: &View, runs: &[RunCount], standing: Vec<StandingAlert>, at: DateTime<Utc>) -> Self {
        let mine: Vec<&Standing> = view.standings.iter().filter(|s| receiver.hears_of(&s.owner)).collect();
        let states = State::ALL.map(|state| (state, mine.iter().filter(|s| s.state == state).count()));
        let ended = [RunState::Done, RunState::Held, RunState::Failed].map(|state| {
            let of_state = runs.iter().filter(|run| run.state == state && receiver.hears_of(&run.owner));
            (state, of_state.map(|run| run.runs).sum())
        });
        let wrong = standing.into_iter().filter(|standing| receiver.hears_of(&standing.alert.owner));
        Self {
            at,
            states: states.to_vec(),
            runs: ended.to_vec(),
            wrong: wrong.filter_map(|s| about(&s).map(|about| of_ledger(s, Phase::Begins, about, at))).collect(),
            standings: mine.into_iter().filter(|s| s.late || s.state > State::Silent).cloned().collect(),
        }
    }

    fn day(&self) -> String {
        self.at.with_timezone(&Stockholm).date_naive().to_string()
    }

    fn heading(&self) -> Message {
        let (day, wrong) = (self.day(), self.standings.len());
        match wrong {
            0 => say!("Läget {day}: allt har kommit", "The state {day}: everything has come"),
            _ => say!("Läget {day}: {wrong} att se efter", "The state {day}: {wrong} to look after"),
        }
    }

    fn text(&self) -> Message {
        let mut lines = vec![self.heading(), Message::from("")];
        let states: Vec<Message> = self
            .states
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(state, count)| {
                let (sv, en) = state.word();
                Message::new(format!("{count} {}", sv.to_lowercase()), format!("{count} {}", en.to_lowercase()))
            })
            .collect();
        lines.push(Message::join(&states, ", ").after(&say!("Tabeller", "Tables")));
        let [done, held, failed] = [0, 1, 2].map(|at| self.runs.get(at).map_or(0, |(_, runs)| *runs));
        lines.push(say!(
            "Körningar det senaste dygnet: {done} klara, {held} hålls, {failed} gick fel",
            "Runs of the last day: {done} done, {held} held, {failed} failed"
        ));
        if !self.standings.is_empty() {
            lines.push(Message::from(""));
            for standing in self.standings.iter().take(LINES) {
                let (owner, table) = (owner_name(&standing.owner), &standing.table);
                let (sv, en) = standing.state.word();
                let which = say!("{owner} {table} {sv}", "{owner} {table} {en}");
                lines.push(standing.why.clone().after(&which));
            }
        }
        let other: Vec<&Notice> = self.wrong.iter().filter(|n| n.about != sluss_pipeline::job::About::Late).collect();
        if !other.is_empty() {
            lines.push(Message::from(""));
            for notice in other.into_iter().take(LINES) {
                let since = time(notice.since);
                let Said { what, .. } = &notice.said;
                let told =
                    Message::new(what.sv.clone(), what.en.clone()).after(&say!("sedan {since}", "since {since}"));
                lines.push(told.after(&notice.heading()));
            }
        }
        Message::join(&lines, "\n")
    }

    fn json(&self) -> Value {
        let states: serde_json::Map<String, Value> =
            self.states.iter().map(|(state, count)| (state.name().to_owned(), json!(count))).collect();
        let runs: serde_json::Map<String, Value> =
            self.runs.iter().map(|(state, runs)| (state.name().to_owned(), json!(runs))).collect();
        json!({
            "event": "digest",
            "day": self.day(),
            "at": self.at,
            "heading": Both::from(&self.heading()),
            "text": Both::from(&self.text()),
            "states": states,
            "runs": runs,
            "standings": self.standings,
            "standing": self.wrong.iter().map(Notice::json).collect::<Vec<_>>(),
        })
    }
}
