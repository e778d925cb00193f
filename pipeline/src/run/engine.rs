//! The engine: an opened project, and the one path by which every job runs.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, RecordBatch, StringViewArray, UInt64Array};
use chrono::{DateTime, NaiveDate, Utc};
use futures::stream::BoxStream;
use sluss_schemas::chunk::{Chunk, Cursor, Origin, RowId, Unread};
use sluss_schemas::clock::Clock;
use sluss_schemas::landing::{Landing, NoLanding};
use sluss_schemas::rule::Severity;
use sluss_schemas::secret::Secrets;

use super::extract::{self, Chunks, Extracted};
use super::guard::{self, Held};
use super::known::{CodeCache, RunLookups, references};
use super::outcome::{Outcome, RunState};
use super::settle::{Settled, Settling, lost_rows};
use super::table::{self, MappingRows};
use super::window::Window;
use crate::error::{PipelineError, Result};
use crate::fail;
use crate::job::{Environment, Job, Mode, Project};
use crate::keys::{Delivery, KeySet, KeyStore, Kept, Pseudonymiser, Purpose};
use crate::lake::{Lake, Projector};
use crate::landing::LandingZone;
use crate::map::{Filters, Lookups, prepare};
use crate::quarantine;
use crate::register::{NewRun, Publication, Register};
use crate::validate::{RuleCount, Validator};

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Publish.
    Publish,
    /// Say what would be published; write nothing.
    Plan,
}

/// Hears how a run goes.
pub trait Progress: Send + Sync {
    /// Source rows so far.
    fn rows(&self, rows: u64);
    /// The run has come to its next station.
    fn station(&self, name: &str);
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn rows(&self, _rows: u64) {}
    fn station(&self, _name: &str) {}
}

/// An opened project: everything that runs share.
pub struct Engine {
    /// The project's files.
    pub project: Arc<Project>,
    /// Register and ledger.
    pub register: Arc<dyn Register>,
    /// The lake.
    pub lake: Lake,
    /// Secrets by name.
    pub secrets: Arc<dyn Secrets>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Data keys of deliveries.
    pub keys: Arc<KeyStore>,
    pseudonyms: KeySet,
    codes: CodeCache,
    /// One publication at a time within a process; the database orders processes.
    publishing: tokio::sync::Mutex<()>,
}
