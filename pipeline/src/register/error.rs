//! What can go wrong with the register: who must act, whether a retry helps, what to do next.
//!
//! No error holds a cell's value. Databases put values into their messages (a duplicate key, a
//! number that does not fit), so of a database's own error only what is known to be free of data is
//! kept: code, constraint, table, and for faults of the machinery the message.

use sluss_schemas::message::Message;
use sluss_schemas::say;
use thiserror::Error;

/// Result of a call to the register or the ledger.
pub type Result<T> = std::result::Result<T, RegisterError>;

/// Who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// Whoever configures this installation: the project's files, the database's address and rights.
    Configuration,
    /// Whoever runs the database server or the disk.
    Database,
    /// Sluss's own developers.
    Us,
}

/// An error of the register or the ledger.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// The address is of no kind that is known, or cannot be read. The address itself may hold a
    /// password and is not shown.
    #[error("the register's address is not understood: {0}")]
    Address(&'static str),
    /// A national table that cannot be kept as it is declared.
    #[error("table {table}: {what}")]
    Table {
        /// The table's name.
        table: String,
        /// What is wrong.
        what: String,
    },
    /// The database's table differs from the declared one by more than new nullable columns.
    #[error("table {table} differs from the register's version {found}: {what}")]
    Migration {
        /// The table's name.
        table: String,
        /// The version that the register has.
        found: String,
        /// The difference.
        what: String,
    },
    /// No such table, or its truth does not live in the register.
    #[error("no table {0} in the register")]
    UnknownTable(String),
    /// No such column.
    #[error("table {table} has no column {column}")]
    UnknownColumn {
        /// The table's name.
        table: String,
        /// The column asked for.
        column: String,
    },
    /// No such run.
    #[error("no run {0} in the ledger")]
    UnknownRun(String),
    /// The run is in a state that does not allow this.
    #[error("run {run} is {state}")]
    RunState {
        /// The run's id.
        run: String,
        /// The state that it is in.
        state: String,
    },
    /// A batch that does not have the table's columns.
    #[error("rows for table {table}: {what}")]
    Shape {
        /// The table's name.
        table: String,
        /// What is missing or of the wrong type.
        what: String,
    },
    /// A value that the register cannot hold; rules should have rejected the row.
    #[error("table {table}, column {column}, row {row}: {what}")]
    Value {
        /// The table's name.
        table: String,
        /// The column's name.
        column: String,
        /// The row's address ([`sluss_schemas::chunk::RowId`]).
        row: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Another publication of the same table and owner came in between.
    #[error("table {table}, owner {owner}: published by another run since the plan was made")]
    Moved {
        /// The table's name.
        table: String,
        /// The owner.
        owner: String,
    },
    /// The lease was lost: another process has taken the job over.
    #[error("job {0}: the lease has passed to another process")]
    Fenced(String),
    /// Rows whose keys belong to another owner.
    #[error("table {table}: {rows} rows have keys that another owner publishes")]
    Foreign {
        /// The table's name.
        table: String,
        /// How many.
        rows: u64,
    },
    /// Rows that name another owner than the job's.
    #[error("table {table}: {rows} rows name another owner than {owner}")]
    Owner {
        /// The table's name.
        table: String,
        /// The job's owner.
        owner: String,
        /// How many.
        rows: u64,
    },
    /// The database does not let this login do it.
    #[error("the register's database does not let this login {doing}")]
    Rights {
        /// What was being done.
        doing: &'static str,
        /// Why, as far as it may be shown.
        #[source]
        cause: Cause,
    },
    /// The installation has roles, and none for this owner.
    #[error("the register's database has no role for owner {0}")]
    OwnerWithoutRole(String),
    /// A role that is to be there is not, and this login may make none.
    #[error("the register's database has no role {0}, and this login may make none")]
    RoleMissing(String),
    /// An owner or a beginning of role names that cannot be in a role's name.
    #[error("`{0}` cannot be part of a role's name")]
    RoleName(String),
    /// The register lies in a file: its readers are those who can read the file.
    #[error("a register in a file has no roles")]
    NoRoles,
    /// The tables are not as this version has them, and this login may not change them.
    #[error("the register is not as this version has it, and this login may not change it: {0}")]
    NotMigrated(String),
    /// Two slices of one key would be believed at the same time: the same key was staged twice.
    #[error("table {0}: valid periods of one key overlap")]
    Overlap(String),
    /// Something tried to rewrite history.
    #[error("table {0}: history is never rewritten")]
    History(String),
    /// A query that is not one reading statement.
    #[error("only one SELECT may be asked: {0}")]
    Query(&'static str),
    /// A name that a snapshot cannot have.
    #[error("{0} is no name for a snapshot")]
    SnapshotName(String),
    /// A snapshot of that name is there.
    #[error("there is a snapshot {0} already")]
    SnapshotExists(String),
    /// No snapshot of that name.
    #[error("there is no snapshot {0}")]
    UnknownSnapshot(String),
    /// A snapshot of a time that has not come would change.
    #[error("a snapshot cannot be made of a time that has not come")]
    SnapshotAhead,
    /// The database could not be reached, or the connection broke.
    #[error("the register's database cannot be reached")]
    Connection(#[source] Cause),
    /// Another process holds what is needed.
    #[error("the register's database is busy")]
    Busy(#[source] Cause),
    /// The database refused a statement.
    #[error("the register's database refused to {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// Why, as far as it may be shown.
        #[source]
        cause: Cause,
    },
    /// The register's folder, or a staging file in it, could not be made or removed.
    #[error("the register's folder cannot be used")]
    Staging(#[source] std::io::Error),
}

/// What a database said, without anything that could be a value.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct Cause(pub(crate) String);

impl RegisterError {
    /// Who must act.
    pub fn actor(&self) -> Actor {
        match self {
            Self::Address(_)
            | Self::Table { .. }
            | Self::Migration { .. }
            | Self::UnknownTable(_)
            | Self::UnknownColumn { .. }
            | Self::UnknownRun(_)
            | Self::Foreign { .. }
            | Self::Owner { .. }
            | Self::SnapshotName(_)
            | Self::SnapshotExists(_)
            | Self::UnknownSnapshot(_)
            | Self::SnapshotAhead
            | Self::Rights { .. }
            | Self::OwnerWithoutRole(_)
            | Self::RoleMissing(_)
            | Self::RoleName(_)
            | Self::NoRoles
            | Self::NotMigrated(_)
            | Self::Query(_) => Actor::Configuration,
            Self::Connection(_) | Self::Busy(_) | Self::Staging(_) | Self::Moved { .. } | Self::Fenced(_) => {
                Actor::Database
            }
            Self::Shape { .. }
            | Self::Value { .. }
            | Self::RunState { .. }
            | Self::Overlap(_)
            | Self::History(_)
            | Self::Database { .. } => Actor::Us,
        }
    }

    /// Whether the same call may succeed later. [`Self::Moved`] wants a new plan first, [`Self::RunState`] a new
    /// run: somebody took this one for dead, as after an outage of the database.
    pub fn retry(&self) -> bool {
        matches!(self, Self::Connection(_) | Self::Busy(_) | Self::Moved { .. } | Self::RunState { .. })
    }

    /// What happened, in both languages.
    pub fn message(&self) -> Message {
        let en = self.to_string();
        let sv = match self {
            Self::Address(_) => "registrets adress går inte att förstå".to_owned(),
            Self::Table { table, what } => format!("tabellen {table}: {what}"),
            Self::Migration { table, found, what } => {
                format!("tabellen {table} skiljer sig från registrets version {found}: {what}")
            }
            Self::UnknownTable(table) => format!("registret har ingen tabell {table}"),
            Self::UnknownColumn { table, column } => format!("tabellen {table} har ingen kolumn {column}"),
            Self::UnknownRun(run) => format!("liggaren har ingen körning {run}"),
            Self::RunState { run, state } => format!("körningen {run} är i läget {state}"),
            Self::Shape { table, what } => format!("rader till tabellen {table}: {what}"),
            Self::Value { table, column, row, what } => {
                format!("tabellen {table}, kolumnen {column}, rad {row}: {what}")
            }
            Self::Moved { table, owner } => {
                format!("tabellen {table}, ägare {owner}: en annan körning har publicerat sedan planen gjordes")
            }
            Self::Fenced(job) => format!("jobbet {job}: en annan process har tagit över"),
            Self::Foreign { table, rows } => {
                format!("tabellen {table}: {rows} rader har nycklar som en annan ägare publicerar")
            }
            Self::Owner { table, owner, rows } => {
                format!("tabellen {table}: {rows} rader anger en annan ägare än {owner}")
            }
            Self::Rights { .. } => "registrets databas låter inte den här inloggningen göra det".to_owned(),
            Self::OwnerWithoutRole(owner) => format!("registrets databas har ingen roll för ägaren {owner}"),
            Self::RoleMissing(role) => {
                format!("registrets databas saknar rollen {role}, och den här inloggningen får inte skapa roller")
            }
            Self::RoleName(name) => format!("`{name}` kan inte ingå i en rolls namn"),
            Self::NoRoles => "ett register i en fil har inga roller".to_owned(),
            Self::NotMigrated(what) => {
                format!("registret är inte som i den här versionen, och inloggningen får inte ändra det: {what}")
            }
            Self::Overlap(table) => format!("tabellen {table}: giltighetstider för samma nyckel överlappar"),
            Self::History(table) => format!("tabellen {table}: historiken skrivs aldrig om"),
            Self::Query(why) => format!("bara en SELECT kan ställas: {why}"),
            Self::SnapshotName(name) => format!("{name} kan inte vara namn på en ögonblicksbild"),
            Self::SnapshotExists(name) => format!("det finns redan en ögonblicksbild {name}"),
            Self::UnknownSnapshot(name) => format!("det finns ingen ögonblicksbild {name}"),
            Self::SnapshotAhead => "en ögonblicksbild kan inte göras av en tid som inte har kommit".to_owned(),
            Self::Connection(_) => "registrets databas går inte att nå".to_owned(),
            Self::Busy(_) => "registrets databas är upptagen".to_owned(),
            Self::Database { .. } => "registrets databas avvisade ett steg".to_owned(),
            Self::Staging(_) => "registrets mapp går inte att använda".to_owned(),
        };
        Message::new(sv, en)
    }

    /// The one next step, where there is one.
    pub fn hint(&self) -> Option<Message> {
        Some(match self {
            Self::Address(_) => say!(
                "skriv sqlite://sökväg/till/fil eller postgres://användare@värd/databas",
                "write sqlite://path/to/file or postgres://user@host/database"
            ),
            Self::Migration { .. } => say!(
                "bara nya kolumner som får vara tomma kommer av sig själva: migrera tabellen, eller återställ dess fil",
                "only new nullable columns come by themselves: migrate the table, or restore its definition"
            ),
            Self::Moved { .. } => say!("kör jobbet igen", "plan again and publish that"),
            Self::Fenced(_) => {
                say!("låt den andra processen bli klar", "let the process that holds the lease finish")
            }
            Self::Foreign { .. } => say!(
                "se till att bara ett jobb publicerar de här nycklarna",
                "see to it that one job alone publishes these keys"
            ),
            Self::Owner { .. } => say!(
                "rätta mappningen: ett jobb publicerar bara sin egen ägares rader",
                "correct the mapping: a job publishes its own owner's rows only"
            ),
            Self::Rights { .. } => say!(
                "kontrollera vilken roll inloggningen har: `sluss register roles --print` visar vad var och en får",
                "check which role the login has: `sluss register roles --print` shows what each may do"
            ),
            Self::OwnerWithoutRole(_) => say!(
                "kör `sluss register roles` igen med databasägarens inloggning: den gör roller för alla jobbs ägare",
                "run `sluss register roles` again as the tables' owner: it makes roles for the owners of all jobs"
            ),
            Self::RoleMissing(_) => say!(
                "be databasens administratör köra första delen av `sluss register roles --print`",
                "ask the database's administrator to run the first part of `sluss register roles --print`"
            ),
            Self::RoleName(_) => say!(
                "använd bara små bokstäver a–z, siffror och _, och börja med en bokstav",
                "use only lower-case letters a to z, digits and _, beginning with a letter"
            ),
            Self::NoRoles => say!(
                "lägg registret i PostgreSQL, eller begränsa vem som kan läsa filen",
                "keep the register in PostgreSQL, or limit who can read the file"
            ),
            Self::NotMigrated(_) => say!(
                "kör `sluss doctor` en gång med databasägarens inloggning: då uppdateras registret",
                "run `sluss doctor` once as the tables' owner: that brings the register up to date"
            ),
            Self::Connection(_) => say!(
                "kontrollera att databasen är igång och har plats, och att adress och lösenord stämmer",
                "check that the database runs and has room, and that its address and password are right"
            ),
            Self::SnapshotName(_) => say!(
                "använd högst 30 tecken: små bokstäver a–z, siffror och _, med en bokstav först",
                "use at most 30 characters: lower-case letters a–z, digits and _, with a letter first"
            ),
            Self::SnapshotExists(name) => say!(
                "välj ett annat namn, eller ta bort den: sluss register snapshot drop {name}",
                "choose another name, or drop it: sluss register snapshot drop {name}"
            ),
            Self::UnknownSnapshot(_) => {
                say!("`sluss register snapshot list` visar alla", "`sluss register snapshot list` lists them")
            }
            Self::SnapshotAhead => say!(
                "ange en tid som har varit, till exempel gårdagens datum",
                "give a time that is past, for instance yesterday's date"
            ),
            Self::Busy(_) => {
                say!("försök igen när den andra körningen är klar", "try again when the other run is done")
            }
            Self::Staging(_) => say!(
                "kontrollera att mappen för registrets fil går att skriva i och har plats",
                "check that the folder of the register's file can be written to and has room"
            ),
            Self::UnknownTable(_) => {
                say!("`sluss docs tabeller` visar tabellerna", "`sluss docs tabeller` lists the tables")
            }
            _ => return None,
        })
    }

    pub(crate) fn table(table: &str, what: impl Into<String>) -> Self {
        Self::Table { table: table.to_owned(), what: what.into() }
    }

    pub(crate) fn shape(table: &str, what: impl Into<String>) -> Self {
        Self::Shape { table: table.to_owned(), what: what.into() }
    }

    /// What a failed statement means. `doing` completes *refused to …*.
    pub(crate) fn from_sqlx(error: sqlx::Error, doing: &'static str) -> Self {
        match error {
            sqlx::Error::Database(error) => Self::from_database(error.as_ref(), doing),
            sqlx::Error::Io(error) => Self::Connection(Cause(error.to_string())),
            sqlx::Error::Tls(_) => Self::Connection(Cause("no secure connection".to_owned())),
            sqlx::Error::PoolTimedOut => Self::Busy(Cause("no free connection".to_owned())),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Self::Connection(Cause("the connection is closed".to_owned()))
            }
            sqlx::Error::Protocol(what) => Self::Connection(Cause(what)),
            sqlx::Error::ColumnDecode { index, .. } => {
                Self::Database { doing, cause: Cause(format!("column {index}")) }
            }
            _ => Self::Database { doing, cause: Cause("unexpected answer".to_owned()) },
        }
    }

    fn from_database(error: &dyn sqlx::error::DatabaseError, doing: &'static str) -> Self {
        let code = error.code().unwrap_or_default().into_owned();
        if let Some(pg) = error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
            let table = pg.table().unwrap_or_default().to_owned();
            let constraint = pg.constraint().unwrap_or_default();
            let class = code.get(..2).unwrap_or_default();
            return match (code.as_str(), class) {
                ("23P01", _) => Self::Overlap(table),
                // The same key staged twice.
                ("23505", _) if constraint.ends_with("_aktuell") || constraint.starts_with("publ_") => {
                    Self::Overlap(table)
                }
                // Its message names tables and policies, never values.
                ("42501", _) => Self::Rights { doing, cause: Cause(format!("{code}: {}", pg.message())) },
                (_, _) if constraint == "sluss_historik" => Self::History(table),
                // Serialization failure, deadlock, lock not available.
                ("40001" | "40P01" | "55P03", _) => Self::Busy(Cause(code)),
                // 25P03: a process that stood still in a transaction has lost its connection by that.
                ("25P03", _) | (_, "08" | "53" | "57" | "28" | "3D") => {
                    Self::Connection(Cause(format!("{code}: {}", pg.message())))
                }
                // Syntax and missing objects: about our statement, not about data.
                (_, "42" | "0A" | "25" | "58" | "XX") => {
                    Self::Database { doing, cause: Cause(format!("{code}: {}", pg.message())) }
                }
                _ => {
                    let column = pg.column().unwrap_or_default();
                    Self::Database { doing, cause: Cause(format!("{code} {table} {column} {constraint}")) }
                }
            };
        }
        // SQLite's messages name tables and columns, never values.
        let message = error.message();
        if let Some(at) = message.find("sluss_overlapp") {
            return Self::Overlap(message.get(..at).unwrap_or_default().trim().to_owned());
        }
        if message.contains("sluss_historik") {
            return Self::History(String::new());
        }
        let cause = Cause(format!("{code}: {message}"));
        // The primary code is the low byte: 5 busy, 6 locked, 13 full, 10 input/output, 14 cannot open.
        match code.parse::<u32>().map(|c| c & 0xff) {
            Ok(5 | 6) => Self::Busy(cause),
            Ok(10 | 13 | 14 | 8 | 11 | 26) => Self::Connection(cause),
            _ => Self::Database { doing, cause },
        }
    }

    /// Names the national table where the database names none, or one of the publication's own.
    pub(crate) fn in_table(self, name: &str) -> Self {
        match self {
            Self::Overlap(_) => Self::Overlap(name.to_owned()),
            Self::History(_) => Self::History(name.to_owned()),
            other => other,
        }
    }
}

impl From<arrow::error::ArrowError> for RegisterError {
    fn from(_: arrow::error::ArrowError) -> Self {
        // Arrow's messages may quote what they could not convert.
        Self::Database { doing: "give columns", cause: Cause("columns do not fit their types".to_owned()) }
    }
}
