//! The ledger: which runs there were, what they published, what remains to be done.
//!
//! It lives in the register's database and is written in the same transactions, so that neither can
//! ever say what the other does not.

mod alerts;
mod audit;
mod events;
mod handed_in;
mod latest;
mod leases;
mod manifests;
mod quarantine;
mod revision;
mod run_log;
mod runs;
mod timetable;

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Value;

pub use alerts::{Alert, StandingAlert};
pub use audit::Disagreement;
pub use events::{CHANNEL, Event, EventFilter, EventKind};
pub use handed_in::{Begun, HandedIn, Kept};
pub use latest::{Latest, RunCount, Waiting};
pub use leases::Lease;
pub use manifests::{LakePartition, Manifest};
pub use quarantine::{Cause, QuarantineFilter, QuarantineRow, QuarantineState, Quarantined};
pub(crate) use quarantine::{insert_quarantine, outdate_quarantine, resolve_quarantine, supersede_quarantine};
pub(crate) use revision::note;
pub use revision::{Act, Break, Chain, Head, Note, Noted};
pub use run_log::LogLine;
pub use runs::{DeliveredOrigin, LastRun, NewRun, Receipt, Run, RunFilter, RunState, Transition};
pub(crate) use runs::{end as end_run, transition};
pub use timetable::{
    Claim, Claimed, End, JobState, MOST_LOST, NewOccasion, Occasion, OccasionFilter, OccasionKind, OccasionState,
    Paused, Plan, Planned, Recovered, Recovery, Step, Timetable,
};

use crate::register::{Result, Store};

/// The ledger's questions and notes. Everything that belongs to a publication is written by
/// [`crate::register::Publish::publish`].
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Notes that a run begins. Beginning the same run again changes nothing.
    async fn begin_run(&self, run: &NewRun) -> Result<()>;
    /// Begins the run of what a sender hands in, or tells that it has been handed in before. A delivery
    /// whose last run died is taken up by this one.
    async fn begin_handed_in(&self, run: &NewRun, handed: &HandedIn) -> Result<Begun>;
    /// What was handed in, by what its sender was told: the id of its first run.
    async fn handed_in(&self, first_run: &str) -> Result<Option<Kept>>;
    /// Failed runs of what nobody handed in: their sources give it again. The earliest first.
    async fn failed_runs(&self) -> Result<Vec<(String, String)>>;
    /// What was handed in and has neither come to an end nor got an answer: its runs died. The earliest
    /// first.
    async fn left_lying(&self) -> Result<Vec<Kept>>;
    /// Notes why a delivery cannot be read, which is its sender's to mend: a repetition gets the same
    /// answer.
    async fn answer_handed_in(&self, run: &str, answer: &Value) -> Result<()>;
    /// Notes that a run ended without publishing, or has only been planned, and removes what it
    /// staged. A run that has ended stays as it ended.
    async fn end_run(&self, run: &str, state: RunState, reason: Option<&str>, counts: Option<&Value>) -> Result<()>;
    /// The run of this id.
    async fn run(&self, run: &str) -> Result<Option<Run>>;
    /// Runs, the latest first.
    async fn runs(&self, filter: &RunFilter) -> Result<Vec<Run>>;
    /// The latest run of each job, by the jobs' names.
    async fn last_runs(&self) -> Result<Vec<LastRun>>;
    /// Keeps lines of runs' logs.
    async fn keep_log(&self, lines: &[LogLine]) -> Result<()>;
    /// What a run's log said, in order.
    async fn log_of(&self, run: &str) -> Result<Vec<LogLine>>;
    /// How many lines of runs' logs are older.
    async fn old_log_lines(&self, than: DateTime<Utc>) -> Result<u64>;
    /// Removes them. Gives how many they were.
    async fn drop_old_log_lines(&self, than: DateTime<Utc>) -> Result<u64>;
    /// The states that a run has gone through.
    async fn transitions(&self, run: &str) -> Result<Vec<Transition>>;
    /// The job's latest run that published: what a shrunken source is compared with.
    async fn last_done(&self, job: &str) -> Result<Option<Run>>;
    /// The run that made this publication.
    async fn publication(&self, seq: u64) -> Result<Option<Run>>;
    /// The publications of deliveries that came after the one that `run` reads, for a replay.
    async fn later_publications(&self, run: &str) -> Result<BTreeSet<u64>>;
    /// Whether the job's whole source has been delivered and published after the delivery that `run`
    /// reads, for a replay.
    async fn is_outdated(&self, run: &str) -> Result<bool>;
    /// Where the job's source goes on.
    async fn cursor(&self, job: &str) -> Result<Option<String>>;
    /// Notes what a run's rows came from. Noting an origin again replaces it.
    async fn record_origins(&self, run: &str, origins: &[DeliveredOrigin]) -> Result<()>;
    /// What a run's rows came from.
    async fn origins(&self, run: &str) -> Result<Vec<DeliveredOrigin>>;
    /// A run's receipt. A run without publication may have been given one by
    /// [`Ledger::record_receipt`].
    async fn receipt(&self, run: &str) -> Result<Option<Receipt>>;
    /// Gives a run that was held or failed its receipt. The first one stays.
    async fn record_receipt(&self, run: &str, receipt: &Receipt) -> Result<()>;

    /// Manifests that the lake does not have yet, in the order of their publication.
    async fn pending_manifests(&self) -> Result<Vec<Manifest>>;
    /// All manifests of a table in the order of their publication, with the version of the Delta table
    /// that holds each, where one does.
    async fn manifests(&self, table: &str) -> Result<Vec<(Manifest, Option<u64>)>>;
    /// Notes that the lake has a manifest, as this version of its Delta table. Repeating it changes
    /// nothing.
    async fn mark_projected(&self, seq: u64, table: &str, delta_version: u64) -> Result<()>;
    /// The version of each Delta table that holds all projected manifests: what a query reads.
    async fn lake_versions(&self) -> Result<Vec<(String, u64)>>;
    /// The partitions of a lake table.
    async fn lake_partitions(&self, table: &str) -> Result<Vec<LakePartition>>;
    /// The last publication that changed any of `tables`; 0 before the first.
    async fn last_change(&self, tables: &[&str]) -> Result<u64>;

    /// Where the ledger does not agree with itself, run by run.
    async fn audit(&self) -> Result<Vec<Disagreement>>;

    /// Says on whose behalf this program acts, for the audit log. The first word stays.
    fn act_as(&self, who: &str);
    /// Adds an entry to the audit log, of an act that is none in the database.
    async fn note(&self, note: &Note<'_>) -> Result<Head>;
    /// The audit log's last entry.
    async fn audit_head(&self) -> Result<Head>;
    /// The audit log's entries after number `after`, at most `limit`.
    async fn audit_log(&self, after: u64, limit: u32) -> Result<Vec<Noted>>;
    /// Whether the audit log is as it was written, also where `kept`, heads kept outside, look back on it.
    async fn verify_audit_log(&self, kept: &[Head]) -> Result<Chain>;

    /// Indexes rejected rows of a run that publishes nothing.
    async fn record_quarantine(&self, run: &str, rows: &[QuarantineRow]) -> Result<()>;
    /// Rejected rows, in the order of run, table and row.
    async fn quarantine(&self, filter: &QuarantineFilter) -> Result<Vec<Quarantined>>;
    /// Rejected rows grouped by table and rule, the most frequent first.
    async fn quarantine_causes(&self, filter: &QuarantineFilter) -> Result<Vec<Cause>>;
    /// The runs of which rejected rows wait, in their order.
    async fn waiting_runs(&self) -> Result<Vec<String>>;
    /// Changes the state of all rows that the filter finds. Gives how many there were.
    async fn mark_quarantine(&self, filter: &QuarantineFilter, state: QuarantineState) -> Result<u64>;

    /// Events after number `after`, at most `limit`.
    async fn events(&self, after: u64, limit: u32) -> Result<Vec<Event>> {
        self.events_of(&EventFilter { after, limit, ..EventFilter::default() }).await
    }
    /// Those of the events that are asked for, in the order of their numbers.
    async fn events_of(&self, filter: &EventFilter) -> Result<Vec<Event>>;

    /// Takes the job's lease, if it is free or has run out. None while another holds it.
    async fn take_lease(&self, job: &str, holder: &str, time: TimeDelta) -> Result<Option<Lease>>;
    /// Prolongs a lease. None if it has passed to another.
    async fn renew_lease(&self, lease: &Lease, time: TimeDelta) -> Result<Option<Lease>>;
    /// Gives a lease back.
    async fn release_lease(&self, lease: &Lease) -> Result<()>;

    /// How every job's latest runs ended.
    async fn latest_ends(&self) -> Result<Vec<Latest>>;
    /// How many runs have ended since, by owner and by how they ended.
    async fn run_counts(&self, since: DateTime<Utc>) -> Result<Vec<RunCount>>;
    /// What waits for somebody or something, in figures.
    async fn waiting(&self) -> Result<Waiting>;
    /// Notes that something is wrong. Gives since when, where it is to be told now: none while it stands.
    async fn alert_begins(&self, alert: &Alert) -> Result<Option<DateTime<Utc>>>;
    /// Notes that something is in order again. Gives it where it stood until now and had been told of.
    async fn alert_ends(&self, name: &str) -> Result<Option<StandingAlert>>;
    /// What stands, the oldest first.
    async fn standing_alerts(&self) -> Result<Vec<StandingAlert>>;
    /// Takes upon oneself to tell of an alert again, if nobody has done so since it was read.
    async fn alert_again(&self, alert: &StandingAlert) -> Result<bool>;
    /// Notes that nobody could be told of it.
    async fn alert_untold(&self, name: &str) -> Result<()>;
    /// Notes that these receivers could not be reached when others were told of an alert.
    async fn alert_missed(&self, name: &str, receivers: &[&str]) -> Result<()>;
    /// Takes upon oneself to tell those who missed an alert that still stands.
    async fn take_missed_alerts(&self) -> Result<Vec<(StandingAlert, Vec<String>)>>;
    /// Takes upon oneself to send a receiver the digest of a day, if nobody has.
    async fn take_digest(&self, receiver: &str, day: NaiveDate) -> Result<bool>;
    /// Gives a digest back that could not be sent.
    async fn return_digest(&self, receiver: &str, day: NaiveDate) -> Result<()>;
}

#[async_trait]
impl Ledger for Store {
    async fn begin_run(&self, run: &NewRun) -> Result<()> {
        runs::begin(self, run).await
    }
    async fn begin_handed_in(&self, run: &NewRun, handed: &HandedIn) -> Result<Begun> {
        handed_in::begin(self, run, handed).await
    }
    async fn handed_in(&self, first_run: &str) -> Result<Option<Kept>> {
        handed_in::find(self, first_run).await
    }
    async fn failed_runs(&self) -> Result<Vec<(String, String)>> {
        runs::failed(self).await
    }
    async fn left_lying(&self) -> Result<Vec<Kept>> {
        handed_in::left_lying(self).await
    }
    async fn answer_handed_in(&self, run: &str, answer: &Value) -> Result<()> {
        handed_in::answer(self, run, answer).await
    }
    async fn end_run(&self, run: &str, state: RunState, reason: Option<&str>, counts: Option<&Value>) -> Result<()> {
        runs::end(self, run, state, reason, counts).await
    }
    async fn run(&self, run: &str) -> Result<Option<Run>> {
        runs::find(self, run).await
    }
    async fn runs(&self, filter: &RunFilter) -> Result<Vec<Run>> {
        runs::list(self, filter).await
    }
    async fn last_runs(&self) -> Result<Vec<LastRun>> {
        runs::last_of_each(self).await
    }
    async fn keep_log(&self, lines: &[LogLine]) -> Result<()> {
        run_log::add(self, lines).await
    }
    async fn log_of(&self, run: &str) -> Result<Vec<LogLine>> {
        run_log::of_run(self, run).await
    }
    async fn old_log_lines(&self, than: DateTime<Utc>) -> Result<u64> {
        run_log::older(self, than).await
    }
    async fn drop_old_log_lines(&self, than: DateTime<Utc>) -> Result<u64> {
        run_log::drop_older(self, than).await
    }
    async fn transitions(&self, run: &str) -> Result<Vec<Transition>> {
        runs::transitions(self, run).await
    }
    async fn last_done(&self, job: &str) -> Result<Option<Run>> {
        runs::last_done(self, job).await
    }
    async fn publication(&self, seq: u64) -> Result<Option<Run>> {
        runs::of_publication(self, seq).await
    }
    async fn later_publications(&self, run: &str) -> Result<BTreeSet<u64>> {
        runs::later_publications(self, run).await
    }
    async fn is_outdated(&self, run: &str) -> Result<bool> {
        runs::is_outdated(self, run).await
    }
    async fn cursor(&self, job: &str) -> Result<Option<String>> {
        runs::cursor(self, job).await
    }
    async fn record_origins(&self, run: &str, origins: &[DeliveredOrigin]) -> Result<()> {
        runs::record_origins(self, run, origins).await
    }
    async fn origins(&self, run: &str) -> Result<Vec<DeliveredOrigin>> {
        runs::origins(self, run).await
    }
    async fn receipt(&self, run: &str) -> Result<Option<Receipt>> {
        runs::receipt(self, run).await
    }
    async fn record_receipt(&self, run: &str, receipt: &Receipt) -> Result<()> {
        runs::record_receipt(self, run, receipt).await
    }
    async fn pending_manifests(&self) -> Result<Vec<Manifest>> {
        manifests::pending(self).await
    }
    async fn manifests(&self, table: &str) -> Result<Vec<(Manifest, Option<u64>)>> {
        manifests::of_table(self, table).await
    }
    async fn mark_projected(&self, seq: u64, table: &str, delta_version: u64) -> Result<()> {
        manifests::mark_projected(self, seq, table, delta_version).await
    }
    async fn lake_versions(&self) -> Result<Vec<(String, u64)>> {
        manifests::versions(self).await
    }
    async fn last_change(&self, tables: &[&str]) -> Result<u64> {
        manifests::last_change(self, tables).await
    }
    async fn lake_partitions(&self, table: &str) -> Result<Vec<LakePartition>> {
        manifests::partitions(self, table).await
    }
    async fn audit(&self) -> Result<Vec<Disagreement>> {
        audit::audit(self).await
    }
    fn act_as(&self, who: &str) {
        let _ = self.who.set(who.to_owned());
    }
    async fn note(&self, note: &Note<'_>) -> Result<Head> {
        revision::note_alone(self, note).await
    }
    async fn audit_head(&self) -> Result<Head> {
        revision::head(self).await
    }
    async fn audit_log(&self, after: u64, limit: u32) -> Result<Vec<Noted>> {
        revision::after(self, after, limit).await
    }
    async fn verify_audit_log(&self, kept: &[Head]) -> Result<Chain> {
        revision::verify(self, kept).await
    }
    async fn record_quarantine(&self, run: &str, rows: &[QuarantineRow]) -> Result<()> {
        quarantine::record(self, run, rows).await
    }
    async fn quarantine(&self, filter: &QuarantineFilter) -> Result<Vec<Quarantined>> {
        quarantine::list(self, filter).await
    }
    async fn quarantine_causes(&self, filter: &QuarantineFilter) -> Result<Vec<Cause>> {
        quarantine::causes(self, filter).await
    }
    async fn waiting_runs(&self) -> Result<Vec<String>> {
        quarantine::waiting(self).await
    }
    async fn mark_quarantine(&self, filter: &QuarantineFilter, state: QuarantineState) -> Result<u64> {
        quarantine::mark(self, filter, state).await
    }
    async fn events_of(&self, filter: &EventFilter) -> Result<Vec<Event>> {
        events::list(self, filter).await
    }
    async fn take_lease(&self, job: &str, holder: &str, time: TimeDelta) -> Result<Option<Lease>> {
        leases::take(self, job, holder, time).await
    }
    async fn renew_lease(&self, lease: &Lease, time: TimeDelta) -> Result<Option<Lease>> {
        leases::renew(self, lease, time).await
    }
    async fn release_lease(&self, lease: &Lease) -> Result<()> {
        leases::release(self, lease).await
    }
    async fn latest_ends(&self) -> Result<Vec<Latest>> {
        latest::latest(self).await
    }
    async fn run_counts(&self, since: DateTime<Utc>) -> Result<Vec<RunCount>> {
        latest::run_counts(self, since).await
    }
    async fn waiting(&self) -> Result<Waiting> {
        latest::waiting(self).await
    }
    async fn alert_begins(&self, alert: &Alert) -> Result<Option<DateTime<Utc>>> {
        alerts::begins(self, alert).await
    }
    async fn alert_ends(&self, name: &str) -> Result<Option<StandingAlert>> {
        alerts::ends(self, name).await
    }
    async fn standing_alerts(&self) -> Result<Vec<StandingAlert>> {
        alerts::standing(self).await
    }
    async fn alert_again(&self, alert: &StandingAlert) -> Result<bool> {
        alerts::again(self, alert).await
    }
    async fn alert_untold(&self, name: &str) -> Result<()> {
        alerts::untold(self, name).await
    }
    async fn alert_missed(&self, name: &str, receivers: &[&str]) -> Result<()> {
        alerts::missed(self, name, receivers).await
    }
    async fn take_missed_alerts(&self) -> Result<Vec<(StandingAlert, Vec<String>)>> {
        alerts::take_missed(self).await
    }
    async fn take_digest(&self, receiver: &str, day: NaiveDate) -> Result<bool> {
        alerts::take_digest(self, receiver, day).await
    }
    async fn return_digest(&self, receiver: &str, day: NaiveDate) -> Result<()> {
        alerts::return_digest(self, receiver, day).await
    }
}

/// An instant that the ledger's clock gives.
fn now(store: &Store) -> DateTime<Utc> {
    store.clock.now()
}
