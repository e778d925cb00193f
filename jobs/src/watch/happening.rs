//! What the outside world may be told of a run: never a cell's value.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use sluss_connectors::error::ConnectorError;
use sluss_pipeline::error::{Actor, PipelineError};
use sluss_pipeline::freshness::Standing;
use sluss_pipeline::job::Job;
use sluss_pipeline::run::Outcome;
use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;
use sluss_schemas::say;

use crate::bridge;

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// A run begins.
    Began {
        run: String,
        job: Arc<Job>,
        /// When it should have begun, where a schedule says so.
        due: Option<DateTime<Utc>>,
        /// Which try it is, from 1.
        attempt: u32,
        at: DateTime<Utc>,
    },
    /// A run ended: published, held, or judged only.
    Ended { run: String, job: Arc<Job>, outcome: Arc<Outcome>, began: DateTime<Utc>, ended: DateTime<Utc> },
    /// A run failed.
    Failed {
        run: String,
        job: Arc<Job>,
        trouble: Trouble,
        began: DateTime<Utc>,
        ended: DateTime<Utc>,
        /// When it is tried again; none: not before a person has acted.
        again_at: Option<DateTime<Utc>>,
    },
    /// A job did not run although its time had come.
    Skipped { job: Arc<Job>, due: DateTime<Utc>, why: Message },
    /// A job file cannot be read.
    JobBroken { name: String, owner: Option<String>, trouble: Trouble, at: DateTime<Utc> },
    /// It can be read again.
    JobMended { name: String, at: DateTime<Utc> },
    /// How everything stands: from time to time.
    Looked { view: Arc<View>, at: DateTime<Utc> },
}

/// How everything stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// Every owner and table.
    pub(crate) standings: Vec<Standing>,
    /// Names of the jobs that there are.
    pub(crate) jobs: Vec<String>,
    /// Job files that cannot be read.
    pub(crate) broken: Vec<(String, Trouble)>,
}

/// What went wrong, as people may read it: who must act, what, where, and the one next step.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    /// Who must act.
    pub actor: &'static str,
    /// What went wrong.
    pub what: Message,
    /// Where.
    pub place: Option<Message>,
    /// The one next step.
    pub hint: Option<Message>,
    /// Whether trying again later may help.
    pub retry: bool,
}

impl Trouble {
    /// Of an error of the pipeline.
    pub fn of(error: &PipelineError) -> Self {
        let actor = match error.actor {
            Actor::Configuration => "configuration",
            Actor::Source => "source",
            Actor::Operator => "operator",
            Actor::Us => "us",
        };
        Self {
            actor,
            what: error.what.clone(),
            place: error.place.clone(),
            hint: error.hint.clone(),
            retry: error.retry,
        }
    }

    /// Of any error. One that is not ours may quote what it read: it stays in the log of the one who runs this.
    pub(crate) fn of_any(error: &anyhow::Error, job: &str) -> Self {
        for cause in error.chain() {
            if let Some(error) = cause.downcast_ref::<PipelineError>() {
                return Self::of(error);
            }
            if let Some(error) = cause.downcast_ref::<ConnectorError>() {
                return Self::of(&bridge::translated(error, job));
            }
        }
        let what = say!("körningen gick fel; loggen säger mer", "the run failed; the log says more");
        Self::of(&PipelineError::operator(what).at(job.to_owned()))
    }

    /// Of a run whose thread panicked.
    pub(crate) fn panicked(job: &str) -> Self {
        let what = say!("sluss gick fel under körningen", "sluss itself failed at the run");
        Self::of(&PipelineError::us(what).at(job.to_owned()))
    }

    /// What, where, and what to do, in one text.
    pub fn told(&self) -> Message {
        let what = match &self.place {
            Some(place) => {
                let told = |language| format!("{} ({})", self.what.told(language), place.told(language));
                Message::new(told(Language::Swedish), told(Language::English))
            }
            None => self.what.clone(),
        };
        match &self.hint {
            Some(hint) => Message::join([&what, hint], ". "),
            None => what,
        }
    }
}
