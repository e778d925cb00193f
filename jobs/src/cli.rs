//! What can be asked of `sluss`: commands and their arguments (DESIGN §9).

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use sluss_schemas::message::Message;
use sluss_schemas::rule::Language;

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

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// `region CODE` makes that region's folder.
    #[arg(value_names = ["region", "CODE"], num_args = 0..=2)]
    pub(crate) what: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DiscoverArgs {
    /// The job's name, as `sluss jobs` lists it (an unambiguous end of it is enough).
    pub(crate) job: String,
    /// Draft the mapping: SQL, with what speaks for each column.
    #[arg(long)]
    pub(crate) suggest: bool,
    /// Rows to look at of each stream.
    #[arg(short = 'n', long, default_value_t = 5000, requires = "suggest")]
    pub(crate) rows: usize,
    /// Write the draft's files where there are none; what is there is left alone.
    #[arg(long, requires = "suggest")]
    pub(crate) write: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TemplateArgs {
    /// The national table; those that hang on it come along.
    pub(crate) table: String,
    /// The workbook.
    #[arg(long, value_name = "FILE.xlsx")]
    pub(crate) out: PathBuf,
    /// The region that fills it in: its länskod need then not be written on every row.
    #[arg(long, value_name = "CODE")]
    pub(crate) region: Option<String>,
    /// Write the jobs that read the workbook as well, in the region's folder.
    #[arg(long, requires = "region")]
    pub(crate) with_job: bool,
    /// Rows that are prepared in each sheet.
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) rows: u32,
}

#[derive(Debug, Args)]
pub(crate) struct JobsArg {
    /// Jobs; none means all.
    pub(crate) jobs: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Jobs; none means all.
    pub(crate) jobs: Vec<String>,
    /// Do not reach for sources.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Run the jobs' `[[example]]` pairs as well.
    #[arg(long)]
    pub(crate) examples: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PreviewArgs {
    /// The job.
    pub(crate) job: String,
    /// Source rows to look at.
    #[arg(short = 'n', long, default_value_t = 10)]
    pub(crate) rows: usize,
}

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

#[derive(Debug, Subcommand)]
pub(crate) enum MatchCommand {
    /// Compare everything anew, as `sluss run` does.
    Run,
    /// What awaits a decision, the most valuable first.
    List(MatchList),
    /// One match: what speaks for it, and every decision on it.
    Show {
        #[command(flatten)]
        row: MatchRow,
        /// Of contracts that are not open too. It stands in the audit log.
        #[arg(long)]
        operator: bool,
    },
    /// Decide that this is the one that is meant.
    Accept {
        #[command(flatten)]
        row: MatchRow,
        /// Organisation number or HSA-id; what was found where it is left out.
        #[arg(long, value_name = "ID")]
        target: Option<String>,
        /// Who decides.
        #[arg(long, value_name = "WHO")]
        by: String,
        /// Of contracts that are not open too. It stands in the audit log.
        #[arg(long)]
        operator: bool,
    },
    /// Decide that this is not the one that is meant.
    Reject {
        #[command(flatten)]
        row: MatchRow,
        /// Organisation number or HSA-id; what was found where it is left out.
        #[arg(long, value_name = "ID")]
        target: Option<String>,
        /// Who decides.
        #[arg(long, value_name = "WHO")]
        by: String,
        /// Of contracts that are not open too. It stands in the audit log.
        #[arg(long)]
        operator: bool,
    },
    /// Let earlier decisions no longer hold.
    Reopen {
        #[command(flatten)]
        row: MatchRow,
        /// Who decides.
        #[arg(long, value_name = "WHO")]
        by: String,
        /// Of contracts that are not open too. It stands in the audit log.
        #[arg(long)]
        operator: bool,
    },
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
}

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

#[derive(Debug, Args)]
pub(crate) struct DocsArgs {
    /// A table's name, or `tabeller`, `regler`, `funktioner`, `kopplingar`; none lists them all.
    pub(crate) topic: Option<String>,
}
