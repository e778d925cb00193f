//! A column of a result: what the database calls its type, and what Arrow makes of it.

use arrow::datatypes::{DataType, Field as ArrowField, Schema, SchemaRef, TimeUnit};
use sluss_schemas::chunk::ROW_ID;
use sluss_schemas::say;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::connect::Field;
use crate::error::{ConnectorError, Result};

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// Name.
    pub(super) name: String,
    /// Type in the database's own words.
    pub(super) kind: String,
    /// What it becomes; none where it cannot be read.
    pub(super) target: Option<Target>,
    /// Whether it may be empty, as far as the database tells.
    pub(super) nullable: bool,
}

/// What a cell becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A whole number.
    Int,
    /// A number with so many digits in all and after the point.
    Decimal(u8, i8),
    /// A floating-point number.
    Float,
    /// Yes or no.
    Bool,
    /// A day.
    Date,
    /// A point in time, in microseconds.
    Instant,
    /// A date and time of day without zone.
    Local,
    /// Anything that can be written.
    Text,
}

impl Target {
    /// As drivers give it. Local times become instants when they go out.
    pub(super) fn arrow(self) -> DataType {
        match self {
            Self::Int => DataType::Int64,
            Self::Decimal(precision, scale) => DataType::Decimal128(precision, scale),
            Self::Float => DataType::Float64,
            Self::Bool => DataType::Boolean,
            Self::Date => DataType::Date32,
            Self::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Local => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Text => DataType::Utf8View,
        }
    }

    /// As it goes out: local times have become instants.
    pub(super) fn given(self) -> DataType {
        match self {
            Self::Local => Self::Instant.arrow(),
            other => other.arrow(),
        }
    }

    /// What a driver gives as this type.
    pub(super) fn of(kind: &DataType) -> Option<Self> {
        Some(match kind {
            DataType::Int64 => Self::Int,
            DataType::Decimal128(precision, scale) => Self::Decimal(*precision, *scale),
            DataType::Float64 => Self::Float,
            DataType::Boolean => Self::Bool,
            DataType::Date32 => Self::Date,
            DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => Self::Instant,
            DataType::Timestamp(TimeUnit::Microsecond, None) => Self::Local,
            DataType::Utf8View => Self::Text,
            _ => return None,
        })
    }

    /// A number with `precision` digits, `scale` of them after the point; text where that is too much
    /// for 128 bits.
    pub(super) fn decimal(precision: i64, scale: i64) -> Self {
        match (u8::try_from(precision), i8::try_from(scale)) {
            (Ok(precision @ 1..=38), Ok(scale)) if scale >= 0 && i64::from(precision) >= i64::from(scale) => {
                Self::Decimal(precision, scale)
            }
            _ => Self::Text,
        }
    }
}

/// The type of the batches that drivers give for these columns.
pub(super) fn schema(columns: &[Column]) -> SchemaRef {
    let field = |column: &Column| ArrowField::new(&column.name, column.target.unwrap_or(Target::Text).arrow(), true);
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

/// As `discover` shows them.
pub(super) fn fields(columns: &[Column]) -> Vec<Field> {
    let field = |column: &Column| Field {
        name: column.name.clone(),
        kind: column.kind.clone(),
        arrow: column.target.unwrap_or(Target::Text).given(),
    };
    columns.iter().map(field).collect()
}

/// Refuses columns that cannot be read, have no name, or share one.
pub(super) fn check(columns: &[Column]) -> Result<()> {
    if columns.is_empty() {
        return Err(ConnectorError::configuration(say!("frågan ger inga kolumner", "the query gives no columns"))
            .hint(say!("skriv en SELECT", "write one SELECT")));
    }
    let mut names = BTreeSet::new();
    for (nth, column) in columns.iter().enumerate() {
        let name = column.name.as_str();
        if name.is_empty() {
            return Err(ConnectorError::configuration(say!("kolumn {} saknar namn", "column {} has no name", nth + 1))
                .hint(say!("ge den ett namn i frågan: `… AS namn`", "give it one in the query: `… AS name`")));
        }
        if name == ROW_ID || !names.insert(name) {
            return Err(ConnectorError::configuration(say!(
                "kolumn {} kan inte heta `{name}`: det gör redan en annan kolumn",
                "column {} cannot be called `{name}`: another column is",
                nth + 1
            ))
            .hint(say!(
                "räkna upp kolumnerna i `query`, med `AS` där två heter lika",
                "name the columns one by one in `query`, with `AS` where two are alike"
            )));
        }
        if column.target.is_none() {
            return Err(ConnectorError::configuration(say!(
                "kolumnen `{name}` har typen {}, som inte går att läsa",
                "column `{name}` is of the type {}, which cannot be read",
                column.kind
            ))
            .hint(say!(
                "räkna upp kolumnerna i `query` och utelämna denna, eller gör om den till text där",
                "name the columns in `query` and leave this one out, or convert it to text there"
            )));
        }
    }
    Ok(())
}
