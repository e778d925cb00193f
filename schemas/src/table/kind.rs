//! Column types: as text in a table's file, as Arrow in a batch.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use arrow::datatypes::{DataType, TimeUnit};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Column types. In TOML: `"text"`, `"date"`, `"timestamp"`, `"integer"`, `"float"`, `"boolean"`, `"decimal(12,2)"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// UTF-8 text. Arrow `Utf8View`.
    Text,
    /// Calendar date. Arrow `Date32`.
    Date,
    /// Instant in UTC, microseconds. Arrow `Timestamp(Microsecond, "UTC")`.
    Timestamp,
    /// 64-bit integer. Arrow `Int64`.
    Integer,
    /// 64-bit floating point, for coordinates and shares. Arrow `Float64`.
    Float,
    /// True or false.
    Boolean,
    /// Exact decimal: precision (1–38), scale (0–precision). Arrow `Decimal128`.
    Decimal(u8, i8),
}

/// Every type without parameters, by its name in a table's file.
const SIMPLE: [(&str, Kind); 6] = [
    ("text", Kind::Text),
    ("date", Kind::Date),
    ("timestamp", Kind::Timestamp),
    ("integer", Kind::Integer),
    ("float", Kind::Float),
    ("boolean", Kind::Boolean),
];

/// Digits that `Decimal128` holds.
const MAX_PRECISION: u8 = 38;

impl Kind {
    /// The Arrow type that holds such a column.
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8View,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC"))),
            Self::Integer => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Decimal(precision, scale) => DataType::Decimal128(precision, scale),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Decimal(precision, scale) = self {
            return write!(f, "decimal({precision},{scale})");
        }
        let name = SIMPLE.iter().find(|(_, kind)| kind == self).map_or("text", |(name, _)| name);
        f.write_str(name)
    }
}

/// A type that no column can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KindError {
    /// Not the name of a type.
    #[error("unknown type; a column is text, date, timestamp, integer, float, boolean or decimal(precision,scale)")]
    Unknown,
    /// A decimal that does not fit, or whose parameters are no numbers.
    #[error("a decimal is written decimal(precision,scale) with precision 1–38 and scale from 0 to the precision")]
    Decimal,
}

impl FromStr for Kind {
    type Err = KindError;

    fn from_str(text: &str) -> Result<Self, KindError> {
        if let Some((_, kind)) = SIMPLE.iter().find(|(name, _)| *name == text) {
            return Ok(*kind);
        }
        let Some(parameters) = text.strip_prefix("decimal") else { return Err(KindError::Unknown) };
        let parts = parameters.strip_prefix('(').and_then(|p| p.strip_suffix(')')).and_then(|p| p.split_once(','));
        let (precision, scale) = parts.ok_or(KindError::Decimal)?;
        let precision: u8 = precision.trim().parse().map_err(|_| KindError::Decimal)?;
        let scale: i8 = scale.trim().parse().map_err(|_| KindError::Decimal)?;
        let fits = (1..=MAX_PRECISION).contains(&precision) && u8::try_from(scale).is_ok_and(|s| s <= precision);
        if fits { Ok(Self::Decimal(precision, scale)) } else { Err(KindError::Decimal) }
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Kind {
    fn schema_name() -> Cow<'static, str> {
        "Kind".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The column's type: text, date, timestamp, integer, float, boolean or decimal(precision,scale).",
            "type": "string",
            "pattern": r"^(text|date|timestamp|integer|float|boolean|decimal\([0-9]{1,2}, ?[0-9]{1,2}\))$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_every_type_and_writes_it_back() {
        for text in ["text", "date", "timestamp", "integer", "float", "boolean", "decimal(12,2)", "decimal(38,0)"] {
            assert_eq!(text.parse::<Kind>().map(|k| k.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn refuses_what_arrow_cannot_hold() {
        for text in ["decimal", "decimal(0,0)", "decimal(39,2)", "decimal(4,5)", "decimal(4,-1)", "decimal(a,b)"] {
            assert_eq!(text.parse::<Kind>(), Err(KindError::Decimal), "{text}");
        }
        assert_eq!("string".parse::<Kind>(), Err(KindError::Unknown));
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = text.parse::<Kind>();
        }
    }
}
