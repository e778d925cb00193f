//! What is asked of the matches between contracts, organisations and units.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum MatchCommand {
    /// Compare everything anew, as `sluss run` does.
    Run,
    /// What awaits a decision, the most valuable first.
    List(MatchList),
    /// One match: what speaks for it, and every decision on it.
    Show(MatchRow),
    /// Decide that this is the one that is meant.
    Accept(MatchVerdict),
    /// Decide that this is not the one that is meant.
    Reject(MatchVerdict),
    /// Let earlier decisions no longer hold.
    Reopen(MatchDecision),
}

#[derive(Debug, Args)]
pub(crate) struct MatchList {
    /// Those that do not await a decision too.
    #[arg(long)]
    pub(crate) all: bool,
    /// Of this table only: uppdrag, tjanst, vantetid or upphandling.
    #[arg(long)]
    pub(crate) table: Option<String>,
    /// How many.
    #[arg(short = 'n', long, default_value_t = 20)]
    pub(crate) limit: usize,
    /// Of contracts that are not open too. It stands in the audit log.
    #[arg(long)]
    pub(crate) operator: bool,
}

/// A row of `koppling`, by its key.
#[derive(Debug, Args)]
pub(crate) struct MatchRow {
    /// The table: uppdrag, tjanst, vantetid or upphandling.
    pub(crate) table: String,
    /// The row's key there, as the list has it.
    pub(crate) key: String,
    /// What is meant there: utforare, `utforare_enhet`, enhet or leverantor.
    pub(crate) role: String,
    /// Of contracts that are not open too. It stands in the audit log.
    #[arg(long)]
    pub(crate) operator: bool,
}

/// Somebody's decision on a row.
#[derive(Debug, Args)]
pub(crate) struct MatchDecision {
    #[command(flatten)]
    pub(crate) row: MatchRow,
    /// Who decides.
    #[arg(long, value_name = "WHO")]
    pub(crate) by: String,
}

/// Somebody's decision on what a row may mean.
#[derive(Debug, Args)]
pub(crate) struct MatchVerdict {
    #[command(flatten)]
    pub(crate) decision: MatchDecision,
    /// Organisation number or HSA-id; what was found where it is left out.
    #[arg(long, value_name = "ID")]
    pub(crate) target: Option<String>,
}
