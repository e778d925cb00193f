//! Alerts: whoever must act is told once when something begins, once when it ends, and reminded while it stands.
//!
//! What stands is in the ledger, so that neither a restart nor a second process tells it again.

mod digest;
mod notice;
mod receivers;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use sluss_pipeline::error::{PipelineError, Result};
use sluss_pipeline::freshness::Standing;
use sluss_pipeline::job::{About, AlertSettings};
use sluss_pipeline::ledger::StandingAlert;
use sluss_pipeline::register::Register;
use sluss_pipeline::run::{Engine, Outcome, RunState};
use sluss_schemas::message::Message;
use sluss_schemas::say;

pub(crate) use notice::{Both, Notice, Phase, Said};
pub(crate) use receivers::{Reached, Sent, all as receivers};

use self::notice::{alert, name};
use super::metrics::Metrics;
use super::{Happening, Observer, Trouble, View};
use crate::app::owner_of;

/// Tells receivers of what begins and ends.
pub(super) struct Alerts {
    register: Arc<dyn Register>,
    receivers: Vec<Reached>,
    /// After so long one is reminded.
    remind: Option<TimeDelta>,
    digest_at: NaiveTime,
    metrics: Arc<Metrics>,
}

/// Whom a notice came to.
struct Told<'a> {
    reached: usize,
    /// Names of those who wanted to hear of it and could not be reached.
    missed: Vec<&'a str>,
}

/// When digests go out.
pub(crate) fn digest_time(settings: &AlertSettings) -> Result<NaiveTime> {
    NaiveTime::parse_from_str(&settings.digest_at, "%H:%M").map_err(|_| {
        PipelineError::configuration(say!("digest_at är inget klockslag", "digest_at is no time of day"))
            .at("sluss.toml, [alert]")
            .hint(say!("skriv timme och minut: \"07:00\"", "write hour and minute: \"07:00\""))
    })
}

impl Alerts {
    pub(super) fn open(engine: &Engine, metrics: Arc<Metrics>) -> Result<Self> {
        let settings = &engine.project.file.alert;
        let hours = i64::from(settings.remind_hours);
        Ok(Self {
            register: Arc::clone(&engine.register),
            receivers: receivers::all(&engine.project, engine.secrets.as_ref())?,
            remind: (hours > 0).then(|| TimeDelta::hours(hours)),
            digest_at: digest_time(settings)?,
            metrics,
        })
    }

    async fn handle(&self, happening: &Happening) -> Result<()> {
        match happening {
            Happening::Ended { run, outcome, ended, .. } => self.ended(run, outcome, *ended).await,
            Happening::Failed { run, job, trouble, ended, again_at: None, .. } => {
                let said = Said { run: Some(run.clone()), ..of_trouble(&job.name, trouble) };
                self.begins(About::Failed, &job.file.job.owner, said, *ended).await
            }
            Happening::JobBroken { name, owner, trouble, at } => {
                let owner = owner.as_deref().unwrap_or("nationell");
                self.begins(About::Broken, owner, of_trouble(name, trouble), *at).await
            }
            Happening::JobMended { name: job, at } => self.ends(About::Broken, job, *at).await,
            Happening::Looked { view, at } => {
                self.compare(view, *at).await?;
                self.make_up(*at).await?;
                self.remind(*at).await?;
                digest::send(self, view, *at).await
            }
            Happening::Began { .. } | Happening::Failed { .. } | Happening::Skipped { .. } => Ok(()),
        }
    }

    async fn ended(&self, run: &str, outcome: &Outcome, at: DateTime<Utc>) -> Result<()> {
        let job = outcome.job.as_str();
        match outcome.state {
            RunState::Done => {
                self.ends(About::Held, job, at).await?;
                self.ends(About::Failed, job, at).await
            }
            RunState::Held => {
                self.ends(About::Failed, job, at).await?;
                self.begins(About::Held, &outcome.owner, of_guards(run, outcome), at).await
            }
            RunState::Planned => Ok(()),
        }
    }

    async fn begins(&self, about: About, owner: &str, said: Said, at: DateTime<Utc>) -> Result<()> {
        let alert = alert(about, owner, &said);
        let Some(since) = self.register.alert_begins(&alert).await? else { return Ok(()) };
        let notice = Notice { phase: Phase::Begins, about, owner: owner.to_owned(), since, at, said };
        self.tell(&alert.name, &notice).await
    }

    async fn ends(&self, about: About, subject: &str, at: DateTime<Utc>) -> Result<()> {
        let name = name(about, subject);
        let Some(ended) = self.register.alert_ends(&name).await? else { return Ok(()) };
        // Whoever cannot be reached now is not told later that something was in order at some time.
        let _ = self.send(&of_ledger(ended, Phase::Ends, about, at), None).await;
        Ok(())
    }

    /// What is late and what is broken, against what has been told; what is about jobs that are no more.
    async fn compare(&self, view: &View, at: DateTime<Utc>) -> Result<()> {
        let mut wrong: BTreeSet<String> = BTreeSet::new();
        for standing in view.standings.iter().filter(|standing| standing.late) {
            let said = of_standing(standing);
            wrong.insert(name(About::Late, &said.subject));
            self.begins(About::Late, &standing.owner, said, at).await?;
        }
        for (job, trouble) in &view.broken {
            wrong.insert(name(About::Broken, job));
            self.begins(About::Broken, &owner_of(job), of_trouble(job, trouble), at).await?;
        }
        for standing in self.register.standing_alerts().await? {
            let Some(about) = about(&standing) else { continue };
            let subject = standing.alert.name.split_once(' ').map_or("", |(_, subject)| subject);
            let over = match about {
                About::Late | About::Broken => !wrong.contains(&standing.alert.name),
                // What is handed in has no job file.
                About::Held | About::Failed => {
                    !subject.starts_with(sluss_pipeline::job::OWN_COLUMNS)
                        && !view.jobs.iter().any(|job| job == subject)
                        && !view.broken.iter().any(|(job, _)| job == subject)
                }
            };
            if over {
                self.ends(about, subject, at).await?;
            }
        }
        Ok(())
    }

    /// What has stood for so long that one is to be told again, and what nobody could be told of before.
    async fn remind(&self, at: DateTime<Utc>) -> Result<()> {
        for standing in self.register.standing_alerts().await? {
            let Some(about) = about(&standing) else { continue };
            let phase = match (standing.told, self.remind) {
                (None, _) => Phase::Begins,
                (Some(told), Some(after)) if told + after <= at => Phase::Reminder,
                (Some(_), _) => continue,
            };
            if self.register.alert_again(&standing).await? {
                let name = standing.alert.name.clone();
                self.tell(&name, &of_ledger(standing, phase, about, at)).await?;
            }
        }
        Ok(())
    }

    /// Tells those who could not be reached when others were.
    async fn make_up(&self, at: DateTime<Utc>) -> Result<()> {
        for (standing, receivers) in self.register.take_missed_alerts().await? {
            let Some(about) = about(&standing) else { continue };
            let name = standing.alert.name.clone();
            let missed = self.send(&of_ledger(standing, Phase::Begins, about, at), Some(&receivers)).await.missed;
            self.register.alert_missed(&name, &missed).await?;
        }
        Ok(())
    }

    /// Tells whoever wants to hear of it. Who could not be reached is told later.
    async fn tell(&self, name: &str, notice: &Notice) -> Result<()> {
        let told = self.send(notice, None).await;
        if told.reached == 0 && !told.missed.is_empty() {
            return self.register.alert_untold(name).await.map_err(Into::into);
        }
        self.register.alert_missed(name, &told.missed).await.map_err(Into::into)
    }

    /// Tells whoever wants to hear of it, or of these those who do.
    async fn send(&self, notice: &Notice, only: Option<&[String]>) -> Told<'_> {
        let (heading, text, document) = (notice.heading(), notice.text(), notice.json());
        let sent = Sent { heading: &heading, text: &text, document: &document, at: notice.at };
        let meant = |receiver: &&Reached| only.is_none_or(|only| only.contains(&receiver.settings.name));
        let wanting =
            self.receivers.iter().filter(|receiver| receiver.wants(notice.about, &notice.owner)).filter(meant);
        let tries = wanting.map(|receiver| async {
            let done = receiver.send(&sent).await;
            self.metrics.alert(notice.about.name(), done.is_ok());
            if let Err(error) = &done {
                tracing::error!(about = notice.about.name(), "an alert was not taken: {error}");
            }
            done.is_err().then_some(receiver.settings.name.as_str())
        });
        let tried = futures::future::join_all(tries).await;
        let missed: Vec<&str> = tried.iter().copied().flatten().collect();
        Told { reached: tried.len() - missed.len(), missed }
    }
}

#[async_trait]
impl Observer for Alerts {
    fn name(&self) -> &'static str {
        "alert"
    }

    async fn hear(&mut self, happening: &Happening) {
        if let Err(error) = self.handle(happening).await {
            tracing::error!("alerts cannot be kept: {error}");
        }
    }
}

fn about(standing: &StandingAlert) -> Option<About> {
    About::ALL.into_iter().find(|about| about.name() == standing.alert.kind)
}

fn of_ledger(standing: StandingAlert, phase: Phase, about: About, at: DateTime<Utc>) -> Notice {
    let said = serde_json::from_value(standing.alert.said).unwrap_or_default();
    Notice { phase, about, owner: standing.alert.owner, since: standing.since, at, said }
}

fn of_trouble(subject: &str, trouble: &Trouble) -> Said {
    let what = Trouble { hint: None, ..trouble.clone() }.told();
    Said {
        subject: subject.to_owned(),
        what: Both::from(&what),
        hint: trouble.hint.as_ref().map(Both::from),
        actor: Some(trouble.actor.to_owned()),
        retry: Some(trouble.retry),
        ..Said::default()
    }
}

fn of_guards(run: &str, outcome: &Outcome) -> Said {
    let told: Vec<Message> = outcome.held.iter().map(|h| Message::new(h.sv.clone(), h.en.clone())).collect();
    let job = &outcome.job;
    Said {
        subject: job.clone(),
        what: Both::from(&Message::join(&told, " ")),
        hint: Some(Both::from(&say!(
            "är leveransen rätt ändå: `sluss run {job} --believe \"skälet\"`; annars låt källan rätta den",
            "if the delivery is right all the same: `sluss run {job} --believe \"the reason\"`; else let the source mend it"
        ))),
        actor: Some("source".to_owned()),
        guards: outcome.held.iter().map(|held| held.guard.clone()).collect(),
        run: Some(run.to_owned()),
        ..Said::default()
    }
}

fn of_standing(standing: &Standing) -> Said {
    Said {
        subject: format!("{}/{}", standing.owner, standing.table),
        what: Both::from(&standing.why),
        hint: Some(Both::from(&say!(
            "`sluss jobs` visar vilket jobb det gäller och hur det senast gick",
            "`sluss jobs` shows which job it is and how it last went"
        ))),
        ..Said::default()
    }
}
