//! What is asked for by law: secrecy, personal data, keys, the audit log.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum SecrecyCommand {
    /// Contracts that are secret, withheld or to be decided, and how many are open.
    List {
        /// Of this region only.
        #[arg(long, value_name = "CODE")]
        region: Option<String>,
        /// Those that are open too.
        #[arg(long)]
        all: bool,
    },
    /// One contract: how it stands, and every decision on it.
    Show {
        /// The region: its länskod.
        region: String,
        /// The contract's id there.
        contract: String,
    },
    /// Keep a decision of the agency on a contract.
    Decide(SecrecyDecide),
}

/// What can be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecrecyStatus {
    /// Open.
    Oppen,
    /// To be decided: kept as if it were secret.
    Provas,
    /// Secret.
    Hemlig,
}

#[derive(Debug, Args)]
pub(crate) struct SecrecyDecide {
    /// The region: its länskod.
    pub(crate) region: String,
    /// The contract's id there.
    pub(crate) contract: String,
    /// The decision.
    #[arg(value_enum)]
    pub(crate) status: SecrecyStatus,
    /// Who decides.
    #[arg(long, value_name = "WHO")]
    pub(crate) by: String,
    /// Law and section, for `hemlig`: `OSL 25:17 b`.
    #[arg(long, value_name = "LAW")]
    pub(crate) ground: Option<String>,
    /// The first day that it is open again; computed from the day that the contract was entered where it is
    /// left out.
    #[arg(long, value_name = "DAY")]
    pub(crate) until: Option<chrono::NaiveDate>,
    /// The decision's file number.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) file_number: Option<String>,
    /// The day of the decision; today if it is left out.
    #[arg(long, value_name = "DAY")]
    pub(crate) on: Option<chrono::NaiveDate>,
}

/// `sluss audit …`.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// What was done, the latest last.
    List {
        /// So many entries.
        #[arg(long, short = 'n', default_value_t = 30)]
        limit: u32,
        /// From this entry on, instead of the latest.
        #[arg(long)]
        from: Option<u64>,
    },
    /// Is the log as it was written?
    Verify {
        /// File with heads of the log that was kept elsewhere; without it the project's own is used.
        #[arg(long)]
        anchor: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RetentionCommand {
    /// Show how long each zone and table keeps what it has, and what is older.
    Show,
    /// Remove what is older, everywhere, for good.
    Run {
        /// Remove it. Without this, nothing is removed.
        #[arg(long)]
        now: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PersonCommand {
    /// Everything that there is about a person (GDPR article 15). The number is read from standard input.
    Extract {
        /// Read the number from a file instead.
        #[arg(long)]
        file: Option<PathBuf>,
    },
    /// Erase everything about a person, with its history, everywhere. The number is read from standard input.
    Erase {
        /// Read the number from a file instead.
        #[arg(long)]
        file: Option<PathBuf>,
        /// On what ground: it is written down with the erasure.
        #[arg(long)]
        ground: Option<String>,
        /// Remove it. Without this, nothing is removed.
        #[arg(long)]
        now: bool,
    },
    /// Erase once more what has been erased before: after a backup has been restored.
    Again,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// List the versions of each key, and how many data keys each has wrapped.
    List,
    /// Wrap every data key with the newest version of the master key, and bring the register's keyed hashes
    /// to the newest version of theirs. Can be broken off and repeated.
    Rotate {
        /// Make a new version of a key first, where it is a file of the project's own: the master key, or
        /// the one named.
        #[arg(long, value_name = "KEY", num_args = 0..=1, default_missing_value = "")]
        new: Option<String>,
    },
}
