//! What is asked of the register, its codes and the lake.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum CodesCommand {
    /// Import a code list.
    Import(CodesImport),
    /// Code systems and their versions.
    List,
    /// One code, in every version.
    Show {
        /// The system.
        system: String,
        /// The code.
        code: String,
    },
    /// Is a code valid on a day?
    Check {
        /// The system.
        system: String,
        /// The code.
        code: String,
        /// The day; today if it is left out.
        #[arg(long)]
        on: Option<chrono::NaiveDate>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CodesImport {
    /// The file.
    pub(crate) file: PathBuf,
    /// The code system's name; not needed where the file says it (FHIR, Genericode).
    #[arg(long)]
    pub(crate) system: Option<String>,
    /// The version's name.
    #[arg(long = "edition", value_name = "VERSION")]
    pub(crate) edition: Option<String>,
    /// First day of the version.
    #[arg(long)]
    pub(crate) valid_from: Option<chrono::NaiveDate>,
    /// More options of the connector `kodverk`, as in a job file: `form=fixed`, `encoding=iso-8859-1`, …
    #[arg(long = "option", value_name = "NAME=VALUE")]
    pub(crate) options: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RegisterCommand {
    /// A row as it is, or as it was.
    Show {
        /// The table.
        table: String,
        /// The key's parts, in the table's order.
        #[arg(required = true)]
        key: Vec<String>,
        /// The day that it should be valid on.
        #[arg(long)]
        as_of: Option<chrono::NaiveDate>,
        /// When the register should have believed it: a day (its end), or a moment of it.
        #[arg(long, value_parser = crate::commands::moment)]
        recorded: Option<chrono::DateTime<chrono::Utc>>,
        /// What each source says of it, and whose word counts.
        #[arg(long, conflicts_with_all = ["as_of", "recorded"])]
        sources: bool,
    },
    /// What the register has believed of a row, change by change.
    History {
        /// The table.
        table: String,
        /// The key's parts, in the table's order.
        #[arg(required = true)]
        key: Vec<String>,
    },
    /// What differs between two times: rows that are new, changed, corrected or ended.
    Diff {
        /// A day (its end), or a moment of it.
        #[arg(long, value_parser = crate::commands::moment)]
        from: chrono::DateTime<chrono::Utc>,
        /// A later one; without it, now.
        #[arg(long, value_parser = crate::commands::moment)]
        to: Option<chrono::DateTime<chrono::Utc>>,
        /// Of this table only.
        #[arg(long)]
        table: Option<String>,
        /// Of this owner's rows only: a länskod, or a national job's owner.
        #[arg(long)]
        owner: Option<String>,
    },
    /// The whole register as it was, as SQL views under a name.
    #[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
    Snapshot {
        /// The new snapshot's name.
        name: Option<String>,
        /// The time that it shows: a day (its end), or a moment of it; without it, now.
        #[arg(long, value_parser = crate::commands::moment)]
        recorded: Option<chrono::DateTime<chrono::Utc>>,
        #[command(subcommand)]
        command: Option<SnapshotCommand>,
    },
    /// Roles in PostgreSQL by which the database itself keeps owners apart: make them, give them their
    /// rights.
    Roles {
        /// Only print the SQL, for the database's administrator.
        #[arg(long)]
        print: bool,
        /// What the roles' names begin with.
        #[arg(long, default_value = "sluss")]
        prefix: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SnapshotCommand {
    /// The snapshots.
    List,
    /// Remove a snapshot's views. The register itself is not touched.
    Drop {
        /// Its name.
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CoverageArgs {
    /// Only this region: its länskod. Shows all its tables.
    #[arg(long, value_name = "CODE")]
    pub(crate) region: Option<String>,
    /// Only this table; contracts if nothing is said.
    #[arg(long)]
    pub(crate) table: Option<String>,
    /// Every table that regions own.
    #[arg(long, conflicts_with = "table")]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SqlArgs {
    /// The statement; none opens a shell.
    pub(crate) statement: Option<String>,
    /// Read the statement from a file.
    #[arg(long, conflicts_with = "statement")]
    pub(crate) file: Option<PathBuf>,
    /// See all of the register: also what is secret, and columns that do not leave it. For whoever runs
    /// this installation.
    #[arg(long)]
    pub(crate) operator: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The rule's id, as it stands on the receipt.
    pub(crate) rule: String,
}

#[derive(Debug, Args)]
pub(crate) struct DocsArgs {
    /// A table's name, or `tabeller`, `regler`, `funktioner`, `kopplingar`; none lists them all.
    pub(crate) topic: Option<String>,
}
