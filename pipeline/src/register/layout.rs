//! A national table as the register keeps it: which columns exist, and what each is for.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use sluss_schemas::chunk::ROW_ID;
use sluss_schemas::table::ddl::{self, Dialect, quoted};
use sluss_schemas::table::{Kind, Store, Table, VALID_FROM, VALID_TO};

use super::error::{RegisterError, Result};

/// Hidden column that carries the 16-byte hash of the business key.
pub const KEY: &str = "_nyckel";
/// Hidden column that carries the 64-bit hash of the delivered values.
pub const CONTENT: &str = "_innehall";

/// Hidden column that tells whether the key's latest row was rejected or withheld, so that this one
/// is its predecessor. Not stored: computed from the ledger.
pub const STALE: &str = "_inaktuell";

/// The names of the register's own columns.
pub(crate) fn own_names() -> impl Iterator<Item = &'static str> {
    OWN.into_iter().map(|(name, ..)| name)
}

/// What a column of the history table holds, and so how it is read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// A national value.
    Value(Kind),
    /// A key hash.
    Key,
    /// A row's address: an unsigned number kept bit for bit in a signed column.
    RowId,
}

impl Holds {
    pub(crate) fn arrow(self) -> DataType {
        match self {
            Self::Key => DataType::FixedSizeBinary(16),
            Self::RowId => DataType::UInt64,
            Self::Value(kind) => kind.arrow(),
        }
    }

    pub(crate) fn sql_type(self, dialect: Dialect) -> String {
        match self {
            Self::Key => dialect.key_type().to_owned(),
            Self::RowId => dialect.column_type(Kind::Integer),
            Self::Value(kind) => dialect.column_type(kind),
        }
    }
}

/// One column.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) name: String,
    pub(crate) holds: Holds,
    pub(crate) nullable: bool,
}

/// The ledger's tables, which live beside the national ones.
const RESERVED: [&str; 37] = [
    "sekvens",
    "tabell",
    "senast",
    "korning",
    "transition",
    "korningslogg",
    "markor",
    "leverans",
    "manifest",
    "lake_partition",
    "lake_version",
    "kvittens",
    "handelse",
    "inaktuell",
    "lan",
    "karantan",
    "inlamning",
    "ogonblick",
    "sekretess_beslut",
    "sekretess_regler",
    "sekretess_undantag",
    "sekretess_speglad",
    "sekretess_stangd",
    "roll",
    "rattighet",
    "revision",
    "revision_huvud",
    "gallring",
    "pseudonymversion",
    "koppling_beslut",
    "jobblage",
    "tillfalle",
    "tillfalle_steg",
    "larm",
    "larm_missat",
    "uppsattning",
    "sammandrag",
];

/// The register's own columns that readers may ask for, in order, after the national ones.
const OWN: [(&str, Holds, bool); 13] = [
    (KEY, Holds::Key, false),
    (CONTENT, Holds::Value(Kind::Integer), false),
    ("_agare", Holds::Value(Kind::Text), false),
    ("_aktuell", Holds::Value(Kind::Boolean), false),
    ("_version", Holds::Value(Kind::Text), false),
    ("_mappning", Holds::Value(Kind::Text), false),
    ("_korning", Holds::Value(Kind::Text), false),
    (ROW_ID, Holds::RowId, false),
    ("reg_fran", Holds::Value(Kind::Timestamp), false),
    ("reg_till", Holds::Value(Kind::Timestamp), true),
    ("_seq_fran", Holds::Value(Kind::Integer), false),
    ("_seq_till", Holds::Value(Kind::Integer), true),
    (STALE, Holds::Value(Kind::Boolean), false),
];

/// A national table with what the register derives from it.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) table: Table,
    /// The national columns in order.
    pub(crate) national: Vec<Slot>,
    /// Whether the national table has the start of its valid time.
    pub(crate) has_from: bool,
    /// Whether it has the end.
    pub(crate) has_till: bool,
    /// Everything that can be read: national columns, added valid time, own columns.
    pub(crate) readable: Vec<Slot>,
    /// What a staged batch consists of: national columns, key, content, row.
    pub(crate) staged: Vec<Slot>,
}

impl Layout {
    /// Checks that the register can keep the table. None for a table that lives in the lake.
    pub(crate) fn of(table: &Table) -> Result<Option<Self>> {
        if table.store == Store::Lake {
            return Ok(None);
        }
        let wrong = |what: String| Err(RegisterError::table(&table.name, what));
        // PostgreSQL cuts names at 63 bytes, and staging tables and triggers add to them.
        let plain = |name: &str| {
            name.len() <= 40 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        for name in table.column.iter().map(|c| &c.name).chain([&table.name]) {
            if !plain(name) || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
                return wrong(format!("{name} is no name of lower-case letters, digits and _, at most 40"));
            }
        }
        if RESERVED.contains(&table.name.as_str()) {
            return wrong("has the name of one of the ledger's tables".to_owned());
        }
        if table.key.is_empty() {
            return wrong("has no key".to_owned());
        }
        for name in table.key.iter().chain(&table.owner) {
            if table.column.iter().all(|c| &c.name != name) {
                return wrong(format!("names a column {name} that it does not have"));
            }
        }
        for (i, column) in table.column.iter().enumerate() {
            let name = column.name.as_str();
            if matches!(name, "reg_fran" | "reg_till") {
                return wrong(format!("column {name} has a name that the register uses"));
            }
            if table.column.iter().take(i).any(|c| c.name == name) {
                return wrong(format!("column {name} stands twice"));
            }
            if matches!(name, VALID_FROM | VALID_TO) && (column.kind != Kind::Date || column.correction) {
                return wrong(format!("column {name} bounds the valid period: it must be a date, and no correction"));
            }
            if column.correction && table.key.iter().any(|k| k == name) {
                return wrong(format!("column {name} is part of the key and can correct nothing"));
            }
        }
        let national: Vec<Slot> = table
            .column
            .iter()
            .map(|c| Slot { name: c.name.clone(), holds: Holds::Value(c.kind), nullable: !c.required })
            .collect();
        let own = |(name, holds, nullable): (&str, Holds, bool)| Slot { name: name.to_owned(), holds, nullable };
        let added = ddl::added_valid_time(table);
        let valid = added.iter().map(|name| own((name, Holds::Value(Kind::Date), true)));
        let readable: Vec<Slot> = national.iter().cloned().chain(valid).chain(OWN.map(own)).collect();
        let staged = national.iter().cloned().chain([
            own((KEY, Holds::Key, false)),
            own((CONTENT, Holds::Value(Kind::Integer), false)),
            own((ROW_ID, Holds::RowId, false)),
        ]);
        Ok(Some(Self {
            has_from: !added.contains(&VALID_FROM),
            has_till: !added.contains(&VALID_TO),
            staged: staged.collect(),
            table: table.clone(),
            national,
            readable,
        }))
    }

    pub(crate) fn name(&self) -> &str {
        &self.table.name
    }

    /// The history table as SQL names it.
    pub(crate) fn sql_name(&self) -> String {
        quoted(&self.table.name)
    }

    /// Columns marked as correction.
    pub(crate) fn corrections(&self) -> impl Iterator<Item = &str> {
        self.table.column.iter().filter(|c| c.correction).map(|c| c.name.as_str())
    }

    /// Columns whose change takes effect from the delivery: neither correction nor valid time.
    pub(crate) fn payload(&self) -> impl Iterator<Item = &str> {
        let columns =
            self.table.column.iter().filter(|c| !c.correction && !matches!(c.name.as_str(), VALID_FROM | VALID_TO));
        columns.map(|c| c.name.as_str())
    }

    /// Columns to read by name, or those that a reader gets without naming any: the national ones
    /// and the valid time.
    pub(crate) fn select(&self, names: Option<&[String]>) -> Result<Vec<Slot>> {
        let Some(names) = names else {
            let shown = |s: &&Slot| !s.name.starts_with('_') && !matches!(s.name.as_str(), "reg_fran" | "reg_till");
            return Ok(self.readable.iter().filter(shown).cloned().collect());
        };
        let find = |name: &String| {
            let found = self.readable.iter().find(|s| &s.name == name).cloned();
            found.ok_or_else(|| RegisterError::UnknownColumn { table: self.name().to_owned(), column: name.clone() })
        };
        names.iter().map(find).collect()
    }

    /// The Arrow schema of `slots`.
    pub(crate) fn schema(slots: &[Slot]) -> SchemaRef {
        let fields: Vec<Field> = slots.iter().map(|s| Field::new(&s.name, s.holds.arrow(), s.nullable)).collect();
        Arc::new(Schema::new(fields))
    }
}
