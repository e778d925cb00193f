//! What is asked for to run jobs, to see what became of it, and to mend it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Jobs to run.
    pub(crate) jobs: Vec<String>,
    /// Run every job of the project, in the order of what they feed.
    #[arg(long, conflicts_with = "jobs")]
    pub(crate) all: bool,
    /// Forget the cursor: read everything.
    #[arg(long)]
    pub(crate) full: bool,
    /// Publish although a guard would hold the delivery; the reason is kept with the run.
    #[arg(long, value_name = "REASON")]
    pub(crate) believe: Option<String>,
    /// Jobs at a time.
    #[arg(long, default_value_t = 2)]
    pub(crate) parallel: usize,
}

#[derive(Debug, Args)]
pub(crate) struct SubmitArgs {
    /// The file: json, ndjson, csv, xlsx or arrow, also packed (`.gz`).
    pub(crate) file: PathBuf,
    /// The region that hands it in: its länskod.
    #[arg(long, value_name = "CODE")]
    pub(crate) region: String,
    /// The national table.
    #[arg(long)]
    pub(crate) table: String,
    /// Where the receiver listens; without it the file is handed in to this project.
    #[arg(long, requires = "token_file")]
    pub(crate) url: Option<String>,
    /// File with the token that the receiver knows the sender by.
    #[arg(long, value_name = "FILE", requires = "url")]
    pub(crate) token_file: Option<PathBuf>,
    /// File with the authorities, in PEM, that the receiver's certificate comes from.
    #[arg(long, value_name = "FILE", requires = "url")]
    pub(crate) ca: Option<PathBuf>,
    /// The delivery's own key: handed in again with it, the same file is the same delivery. Without it
    /// the file's content is its key.
    #[arg(long, requires = "url")]
    pub(crate) key: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Run what is due, and stop: for a timer of the system's own.
    #[arg(long, conflicts_with_all = ["push", "listen", "no_jobs"])]
    pub(crate) once: bool,
    /// Take deliveries over HTTP, as `[push]` in sluss.toml says.
    #[arg(long)]
    pub(crate) push: bool,
    /// Run no jobs: take deliveries only.
    #[arg(long, requires = "push")]
    pub(crate) no_jobs: bool,
    /// Address and port, instead of those in sluss.toml.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// Begin no more runs of a job, until it is resumed.
    Pause {
        /// The job.
        job: String,
        /// Why; it is shown with the job.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Run a paused job at its times again.
    Resume {
        /// The job.
        job: String,
    },
    /// Let `sluss serve` run a job as soon as it can.
    Trigger {
        /// The job.
        job: String,
        /// Why; it is kept with the run.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Let `sluss serve` read a past period, window by window; what is broken off is gone on with.
    Backfill {
        /// The job.
        job: String,
        /// The first day.
        #[arg(long, value_name = "DAY")]
        from: chrono::NaiveDate,
        /// The last day.
        #[arg(long, value_name = "DAY")]
        to: chrono::NaiveDate,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RunsArgs {
    /// A run's id; none lists runs.
    pub(crate) run: Option<String>,
    /// How many to list.
    #[arg(short = 'n', long, default_value_t = 30)]
    pub(crate) limit: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineCommand {
    /// Rejected rows, grouped by cause.
    List {
        /// Only this run.
        #[arg(long)]
        run: Option<String>,
        /// How many causes to list.
        #[arg(short = 'n', long, default_value_t = 20)]
        limit: usize,
    },
    /// One run's rejected rows, with their place in the source.
    Show {
        /// The run.
        run: String,
        /// Rows to show.
        #[arg(short = 'n', long, default_value_t = 20)]
        rows: usize,
    },
    /// Run the landed input again, with the mapping as it is now.
    Replay {
        /// The run.
        run: String,
    },
    /// Give up a run's rejected rows for good.
    Drop {
        /// The run.
        run: String,
    },
    /// Write all rejected rows to a file (Parquet) for analysis by their owner.
    Export {
        /// The file.
        #[arg(long)]
        out: PathBuf,
        /// Only this table.
        #[arg(long)]
        table: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ReceiptArgs {
    /// The run.
    #[arg(required_unless_present_any = ["verify", "public_key"])]
    pub(crate) run: Option<String>,
    /// Write to a file: `.xlsx`, `.json` or `.txt`. Its signature is put beside it, in `.sig`.
    #[arg(long, requires = "run")]
    pub(crate) out: Option<PathBuf>,
    /// Say whether a receipt's file is as it was written here, by the signature beside it.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["run", "public_key"])]
    pub(crate) verify: Option<PathBuf>,
    /// Show the public keys that signatures are checked with, in PEM.
    #[arg(long, conflicts_with = "run")]
    pub(crate) public_key: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AlertsCommand {
    /// What is wrong now and has been told of.
    List,
    /// Who would be told of what; sends nothing.
    Test {
        /// Send each receiver a test.
        #[arg(long)]
        send: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Compare ledger, register and lake as well: run by run, file by file, row by row.
    #[arg(long)]
    pub(crate) deep: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SweepArgs {
    /// Remove it. Without this, nothing is removed.
    #[arg(long)]
    pub(crate) now: bool,
}
