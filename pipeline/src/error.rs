//! What can go wrong in the pipeline: each error says who must act and whether a retry helps.

use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;
use sluss_schemas::say;
use thiserror::Error;

use crate::lake::{failed, is_of_store};

/// Result of a pipeline call.
pub type Result<T> = std::result::Result<T, PipelineError>;

/// Who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// Whoever wrote the project's files.
    Configuration,
    /// Whoever runs the source or sent the file.
    Source,
    /// Whoever runs this installation (disk, database, keys).
    Operator,
    /// Sluss's own developers.
    Us,
}

/// An error of the pipeline. `place` is a job, file, line or column, never a cell's value.
#[derive(Debug, Error)]
#[error("{what}{}", place.as_ref().map(|p| format!(" ({p})")).unwrap_or_default())]
pub struct PipelineError {
    /// What happened: lower case, no full stop.
    pub what: Message,
    /// Where.
    pub place: Option<Message>,
    /// The one next step.
    pub hint: Option<Message>,
    /// Who must act.
    pub actor: Actor,
    /// Whether trying again later may help.
    pub retry: bool,
    /// The cause, where there is one.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl PipelineError {
    /// A project file must change.
    pub fn configuration(what: impl Into<Message>) -> Self {
        Self::new(Actor::Configuration, what)
    }

    /// The source must change.
    pub fn source(what: impl Into<Message>) -> Self {
        Self::new(Actor::Source, what)
    }

    /// The installation must change.
    pub fn operator(what: impl Into<Message>) -> Self {
        Self::new(Actor::Operator, what)
    }

    /// A defect of ours.
    pub fn us(what: impl Into<Message>) -> Self {
        Self::new(Actor::Us, what)
    }

    /// An error with its actor.
    pub fn new(actor: Actor, what: impl Into<Message>) -> Self {
        Self { what: what.into(), place: None, hint: None, actor, retry: false, source: None }
    }

    /// What happened and where, in that language.
    pub fn told(&self, language: Language) -> String {
        match &self.place {
            Some(place) => format!("{} ({})", self.what.told(language), place.told(language)),
            None => self.what.told(language).to_owned(),
        }
    }

    /// Adds where it happened.
    #[must_use]
    pub fn at(mut self, place: impl Into<Message>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Message>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(cause.into());
        self
    }

    /// Says that a retry may help.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retry = true;
        self
    }
}

impl From<arrow::error::ArrowError> for PipelineError {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::us(say!("en kolumnoperation misslyckades", "a column operation failed")).because(error)
    }
}

impl From<datafusion::error::DataFusionError> for PipelineError {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        if is_of_store(&error) {
            return failed(error);
        }
        Self::us(say!("en fråga misslyckades", "a query failed")).because(error)
    }
}

impl From<deltalake::DeltaTableError> for PipelineError {
    fn from(error: deltalake::DeltaTableError) -> Self {
        failed(error)
    }
}

impl From<std::io::Error> for PipelineError {
    fn from(error: std::io::Error) -> Self {
        Self::operator(say!(
            "en fil eller mapp kunde inte läsas eller skrivas",
            "a file or folder could not be read or written"
        ))
        .hint(say!(
            "kontrollera mapparna i sluss.toml, deras rättigheter och att disken har plats",
            "check the folders in sluss.toml, their rights, and that the disk has room"
        ))
        .because(error)
    }
}

impl From<crate::register::RegisterError> for PipelineError {
    fn from(error: crate::register::RegisterError) -> Self {
        use crate::register::Actor as By;
        let actor = match error.actor() {
            By::Configuration => Actor::Configuration,
            By::Us => Actor::Us,
            By::Database => Actor::Operator,
        };
        let mut out = Self::new(actor, error.message());
        out.retry = error.retry();
        out.hint = error.hint();
        out.because(error)
    }
}

impl From<crate::keys::Error> for PipelineError {
    fn from(error: crate::keys::Error) -> Self {
        let mut out = Self::operator(error.message());
        out.hint = error.hint();
        out.because(error)
    }
}
