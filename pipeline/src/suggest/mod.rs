//! Drafts a mapping from what a source holds: names, contents, what points at what.
//!
//! ```text
//! samples ─▶ read (names, profile) ─▶ weigh (name × content, for each national column)
//!                └▶ joins ─▶ home of each table ◀─ pair (each once) ◀─ infer (what the rest leaves)
//!                              └▶ conditions, contact, deleted ─▶ draft (SQL)
//! ```
//!
//! A draft holds counts and shares of what was looked at, never a cell's value: words of the
//! dictionary alone stand in it.

mod conditions;
mod contact;
mod deleted;
mod draft;
mod home;
mod infer;
mod joins;
mod pair;
mod profile;
mod query;
mod read;
mod sql;
#[cfg(test)]
mod styles;
#[cfg(test)]
mod tests;
mod weigh;

use arrow::array::RecordBatch;
use serde::Serialize;
use sluss_schemas::code::CodeIndex;
use sluss_schemas::message::Message;
use sluss_schemas::region::Region;
use sluss_schemas::table::Tables;

pub use draft::draft;
pub use sql::quoted;

/// From here on a pair is taken into the draft; below, it stands there as a comment.
pub const THRESHOLD: f64 = 0.5;
/// Below this a pair is not worth a comment.
pub(crate) const WORTHLESS: f64 = 0.3;

/// What was read of one of the source's streams.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The stream's name; for a source that has one alone, what the job is called.
    pub name: String,
    /// Its first rows.
    pub rows: Vec<RecordBatch>,
    /// Rows that could not be read.
    pub unread: u64,
}

/// What drafts are made against.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The national tables and the project's own.
    pub tables: &'a Tables,
    /// The code systems of the installation.
    pub codes: &'a CodeIndex,
    /// The region whose rows they are.
    pub owner: Option<&'static Region>,
    /// Whether the streams are tables of one database, which a query can join.
    pub joinable: bool,
    /// How the database writes names.
    pub quote: Quote,
}

/// How a database writes names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quote {
    /// `"name"`: standard SQL.
    #[default]
    Double,
    /// MariaDB and MySQL: between backticks.
    Back,
    /// As they are: ODBC, where quotes depend on the driver.
    Bare,
}

impl Quote {
    fn name(self, name: &str) -> String {
        match self {
            Self::Double => sql::quoted(name),
            Self::Back => format!("`{}`", name.replace('`', "``")),
            Self::Bare => name.to_owned(),
        }
    }

    /// `schema.table`, each part by itself.
    fn path(self, name: &str) -> String {
        name.split('.').map(|part| self.name(part)).collect::<Vec<_>>().join(".")
    }
}

/// What was found out about a source, and the mappings that are drafted for it.
#[derive(Debug, Default, Serialize)]
pub struct Proposal {
    /// The jobs that it takes: one for each grain of the source.
    pub jobs: Vec<JobDraft>,
    /// What a person must look at.
    #[serde(serialize_with = "spoken")]
    pub warnings: Vec<Message>,
    /// Source columns that no draft uses, by stream.
    pub unused: Vec<(String, Vec<String>)>,
}

/// A job that is drafted.
#[derive(Debug, Default, Serialize)]
pub struct JobDraft {
    /// Name of its file without `.toml`: the first table that it feeds.
    pub name: String,
    /// The query that joins the source's tables, where there are several.
    pub query: Option<String>,
    /// The mappings, parents before children.
    pub tables: Vec<TableDraft>,
    /// Conditions that leave out what the source has deleted.
    pub filters: Vec<Filter>,
    /// Tables of which the source has several rows for one, and the columns that tell them apart.
    pub one_per: Vec<(String, Vec<String>)>,
}

/// Rows that the source keeps although they are deleted.
#[derive(Clone, Debug, Serialize)]
pub struct Filter {
    /// What they are counted under.
    pub name: String,
    /// The SQL condition.
    pub condition: String,
    /// What speaks for it.
    #[serde(serialize_with = "swedish")]
    pub evidence: Message,
}

/// A mapping that is drafted.
#[derive(Debug, Serialize)]
pub struct TableDraft {
    /// The national table.
    pub table: String,
    /// How sure it is that the source feeds it: the sum of what tells it from other tables.
    pub score: f64,
    /// Source columns for national ones, in the table's order.
    pub pairs: Vec<Pair>,
    /// National columns that have no source; with those that every row must have first.
    pub missing: Vec<Missing>,
    /// The SQL in Swedish and in English: the comments differ.
    #[serde(serialize_with = "swedish")]
    pub sql: Message,
}

/// A source column for a national one.
#[derive(Clone, Debug, Serialize)]
pub struct Pair {
    /// The national column.
    pub column: String,
    /// The source's column, as SQL sees it.
    pub source: String,
    /// The stream that it stands in.
    pub stream: String,
    /// 0 to 1.
    pub confidence: f64,
    /// Whether it is in the draft.
    pub taken: bool,
    /// What speaks for it.
    #[serde(serialize_with = "swedish")]
    pub evidence: Message,
}

/// A national column without a source.
#[derive(Clone, Debug, Serialize)]
pub struct Missing {
    /// The column.
    pub column: String,
    /// Whether every row must have it and nothing gives it.
    pub required: bool,
}

fn swedish<S: serde::Serializer>(message: &Message, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(message.told(sluss_schemas::rule::Language::Swedish))
}

fn spoken<S: serde::Serializer>(messages: &[Message], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(messages.iter().map(|m| m.told(sluss_schemas::rule::Language::Swedish)))
}
