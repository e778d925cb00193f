//! What can be asked of `sluss`: commands and their arguments (DESIGN §9).

mod connect;
mod law;
mod matching;
mod register;
mod runs;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;

pub(crate) use self::connect::{CheckArgs, DiscoverArgs, InitArgs, JobsArg, PreviewArgs, TemplateArgs};
pub(crate) use self::law::{
    AuditCommand, KeysCommand, PersonCommand, RetentionCommand, SecrecyCommand, SecrecyDecide, SecrecyStatus,
};
pub(crate) use self::matching::{MatchCommand, MatchDecision, MatchList, MatchRow, MatchVerdict};
pub(crate) use self::register::{
    CodesCommand, CodesImport, CoverageArgs, DocsArgs, ExplainArgs, RegisterCommand, SnapshotCommand, SqlArgs,
};
pub(crate) use self::runs::{
    AlertsCommand, DoctorArgs, JobsCommand, QuarantineCommand, ReceiptArgs, RunArgs, RunsArgs, ServeArgs, SubmitArgs,
    SweepArgs,
};

/// A national data pipeline for Swedish health care.
#[derive(Debug, Parser)]
#[command(name = "sluss", version, about, long_about = None, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// Folder of the project (where sluss.toml is).
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    pub(crate) project: PathBuf,
    /// How answers are written.
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Language of answers and messages.
    #[arg(long, global = true, value_enum, default_value_t = Lang::Sv)]
    pub(crate) lang: Lang,
    /// More log lines; twice for more still.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// How the log on standard error is written: lines, or JSON with run and job on each line.
    #[arg(long, global = true, value_enum, value_name = "FORM", default_value_t = Log::Text)]
    pub(crate) log: Log,
    /// What time it is, for repeating a run (RFC 3339).
    #[arg(long, global = true, value_name = "TIME", hide = true)]
    pub(crate) clock: Option<chrono::DateTime<chrono::Utc>>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// The language of answers and messages.
    pub(crate) fn language(&self) -> Language {
        match self.lang {
            Lang::Sv => Language::Swedish,
            Lang::En => Language::English,
        }
    }

    /// A word in the language of answers.
    pub(crate) fn word(&self, (sv, en): (&'static str, &'static str)) -> &'static str {
        match self.lang {
            Lang::Sv => sv,
            Lang::En => en,
        }
    }

    /// Of two texts the one in the language of answers.
    pub(crate) fn word_of<'a>(&self, sv: &'a str, en: &'a str) -> &'a str {
        match self.lang {
            Lang::Sv => sv,
            Lang::En => en,
        }
    }

    /// A message in the language of answers.
    pub(crate) fn told(&self, message: &Message) -> String {
        message.told(self.language()).to_owned()
    }
}

/// How answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For programs: complete and stable.
    Json,
    /// For spreadsheets, where the answer is a table.
    Csv,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Log {
    /// For people.
    Text,
    /// For collectors of logs.
    Json,
}

/// Language of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// Swedish.
    Sv,
    /// English.
    En,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a project here, or a region's folder in it.
    Init(InitArgs),
    /// Find what is wrong with jobs before they run.
    Check(CheckArgs),
    /// Show what a job's source holds: streams, columns; `--suggest` drafts the mapping.
    Discover(DiscoverArgs),
    /// Show the first mapped rows with their verdicts; writes nothing.
    Preview(PreviewArgs),
    /// Say what a run would publish; writes nothing.
    Plan(JobsArg),
    /// Run jobs now.
    Run(RunArgs),
    /// Hand in a file: to this project, or to one that listens elsewhere.
    Submit(SubmitArgs),
    /// The nation now: who is fresh, late, held, failing or silent, and what awaits a person.
    Status,
    /// Run jobs at their times, until it is told to stop; `--push` takes deliveries as well.
    Serve(ServeArgs),
    /// List the project's jobs: when they ran and will run. Pause, resume, trigger, backfill.
    #[command(args_conflicts_with_subcommands = true)]
    Jobs {
        #[command(subcommand)]
        command: Option<JobsCommand>,
    },
    /// List runs, or show one.
    Runs(RunsArgs),
    /// Rejected rows: list by cause, show, replay, drop, export.
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// Show a run's receipt to its region.
    Receipt(ReceiptArgs),
    /// Code systems: import, list, show, check.
    #[command(subcommand)]
    Codes(CodesCommand),
    /// The register: a row as it is or was, or its history.
    #[command(subcommand)]
    Register(RegisterCommand),
    /// Secrecy: which contracts leave nowhere and why; the agency's decisions.
    #[command(subcommand)]
    Secrecy(SecrecyCommand),
    /// Which organisation or unit is meant: run it, what is doubtful, why, and people's decisions.
    #[command(subcommand)]
    Match(MatchCommand),
    /// The audit log: who did what, and whether it is as it was written.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Alerts: what stands and has been told of, and whether receivers can be reached.
    #[command(subcommand)]
    Alerts(AlertsCommand),
    /// SQL over lake and register: one statement, or a shell.
    Sql(SqlArgs),
    /// Make a workbook to fill in, for a region without a database.
    Template(TemplateArgs),
    /// Explain a rule.
    Explain(ExplainArgs),
    /// The reference: tables, rules, functions, connectors.
    Docs(DocsArgs),
    /// Say what this installation has and lacks.
    Doctor(DoctorArgs),
    /// How much of each region's reality the register has: counts, shares, freshness.
    Coverage(CoverageArgs),
    /// Bring the lake up to what the register has published.
    Project,
    /// Copy everything that this installation has written to a new folder, while it goes on.
    Backup {
        /// The folder; it is made.
        folder: PathBuf,
    },
    /// Bring a backup back into a project where nothing has been written yet.
    Restore {
        /// The folder that `sluss backup` wrote.
        folder: PathBuf,
    },
    /// Show what may be thrown away: originals past their retention, what killed runs left, files that
    /// the lake has replaced. `--now` throws it away.
    Sweep(SweepArgs),
    /// How long everything is kept, and what is older: show it, or remove it.
    #[command(subcommand)]
    Retention(RetentionCommand),
    /// What there is about one person, and its erasure where the law allows.
    #[command(subcommand)]
    Person(PersonCommand),
    /// The keys of landing zone and quarantine: which are in use, and a new one.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Print shell completions.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}
