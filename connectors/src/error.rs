//! What can go wrong with a source: each error says who must act and whether a retry helps.

use sluss_schemas::message::Message;
use thiserror::Error;

/// Result of a connector's call.
pub type Result<T> = std::result::Result<T, ConnectorError>;

/// Who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// Whoever wrote the job file.
    Configuration,
    /// Whoever runs the source.
    Source,
    /// Whoever runs this installation (disk, rights).
    Operator,
    /// Sluss's own developers.
    Us,
}

/// An error of a connector. `place` is a file, sheet, row or address, never a cell's value.
#[derive(Debug, Error)]
#[error("{what}{}", place.as_ref().map(|p| format!(" ({p})")).unwrap_or_default())]
pub struct ConnectorError {
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

impl ConnectorError {
    /// The job file must change.
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
    fn new(actor: Actor, what: impl Into<Message>) -> Self {
        Self { what: what.into(), place: None, hint: None, actor, retry: false, source: None }
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
