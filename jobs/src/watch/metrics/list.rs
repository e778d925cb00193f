//! Every metric that there is: its name, kind, unit and meaning.

use metrics::Unit;

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Only grows.
    Counter,
    /// Is what it is now.
    Gauge,
    /// A distribution.
    Histogram,
}

/// One metric.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) unit: Unit,
    pub(crate) help: &'static str,
    pub(crate) labels: &'static [&'static str],
}

const fn about(
    name: &'static str,
    kind: Kind,
    unit: Unit,
    labels: &'static [&'static str],
    help: &'static str,
) -> About {
    About { name, kind, unit, help, labels }
}

pub(super) const RUNS: &str = "sluss_runs_total";
pub(super) const ROWS: &str = "sluss_run_rows_total";
pub(super) const DURATION: &str = "sluss_run_duration_seconds";
pub(super) const GUARDS: &str = "sluss_guard_hits_total";
pub(super) const RETRIES: &str = "sluss_retries_total";
pub(super) const SKIPPED: &str = "sluss_skipped_total";
pub(super) const FRESHNESS: &str = "sluss_freshness_seconds";
pub(super) const STANDING: &str = "sluss_standing";
pub(super) const LATE: &str = "sluss_late";
pub(super) const QUARANTINE: &str = "sluss_quarantine_open_rows";
pub(super) const MANIFESTS: &str = "sluss_manifests_pending";
pub(super) const RUNNING: &str = "sluss_runs_running";
pub(super) const QUEUE: &str = "sluss_queue_length";
pub(super) const LEASES: &str = "sluss_leases";
pub(super) const TICK: &str = "sluss_scheduler_tick_seconds";
pub(super) const BROKEN: &str = "sluss_job_files_broken";
pub(super) const JOBS: &str = "sluss_jobs";
pub(super) const PUBLICATION: &str = "sluss_publication";
pub(super) const ALERTS_SENT: &str = "sluss_alerts_sent_total";
pub(super) const ALERTS_DROPPED: &str = "sluss_alerts_dropped_total";
pub(super) const ALERTS_STANDING: &str = "sluss_alerts_standing";
pub(super) const LINEAGE: &str = "sluss_lineage_events_total";
pub(super) const DROPPED: &str = "sluss_watch_dropped_total";
pub(super) const BUILD: &str = "sluss_build_info";

/// All of them, in reading order. Counters and distributions count from this process's start; gauges say what the
/// ledger says, the same in every process.
pub(crate) const ALL: &[About] = {
    use Kind::{Counter, Gauge, Histogram};
    &[
        about(RUNS, Counter, Unit::Count, &["owner", "state"], "Runs that ended, by how they ended."),
        about(ROWS, Counter, Unit::Count, &["owner", "outcome"], "Source rows of runs, by what became of them."),
        about(DURATION, Histogram, Unit::Seconds, &["owner"], "How long runs took."),
        about(GUARDS, Counter, Unit::Count, &["owner", "guard"], "Deliveries that guards found wrong as a whole."),
        about(RETRIES, Counter, Unit::Count, &["owner"], "Runs that were tried again after a failure."),
        about(SKIPPED, Counter, Unit::Count, &["owner"], "Times at which a job should have run and did not."),
        about(FRESHNESS, Gauge, Unit::Seconds, &["owner", "table"], "Time since an owner's rows of a table last came."),
        about(
            STANDING,
            Gauge,
            Unit::Count,
            &["owner", "table", "state"],
            "1 for the state in which an owner's table is.",
        ),
        about(LATE, Gauge, Unit::Count, &["owner", "table"], "1 where an owner's table has not come when it should."),
        about(QUARANTINE, Gauge, Unit::Count, &[], "Rejected rows that nobody has dealt with."),
        about(MANIFESTS, Gauge, Unit::Count, &[], "Publications that the lake does not have yet."),
        about(RUNNING, Gauge, Unit::Count, &[], "Runs that are at work, in all processes."),
        about(QUEUE, Gauge, Unit::Count, &[], "Runs that wait for their turn in this process."),
        about(LEASES, Gauge, Unit::Count, &[], "Leases that are held, by all processes."),
        about(TICK, Histogram, Unit::Seconds, &[], "How long the scheduler's ticks took."),
        about(BROKEN, Gauge, Unit::Count, &[], "Job files that cannot be read."),
        about(JOBS, Gauge, Unit::Count, &[], "Job files that can be read."),
        about(PUBLICATION, Gauge, Unit::Count, &[], "Number of the last publication."),
        about(ALERTS_SENT, Counter, Unit::Count, &["about"], "Alerts that a receiver took, by what they are about."),
        about(ALERTS_DROPPED, Counter, Unit::Count, &["about"], "Alerts that a receiver could not be reached with."),
        about(ALERTS_STANDING, Gauge, Unit::Count, &["about"], "What is wrong now and has been told of."),
        about(LINEAGE, Counter, Unit::Count, &["outcome"], "Lineage events, by whether they were taken."),
        about(DROPPED, Counter, Unit::Count, &["observer"], "Happenings that did not fit an observer's queue."),
        about(BUILD, Gauge, Unit::Count, &["version"], "1, with the program's version."),
    ]
};
