//! A value of the cursor's column: taken from a row, kept as text, and written into the next query.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::options::Overlap;
use super::query::Dialect;
use crate::error::{ConnectorError, Result};

/// A value that rows are ordered by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Key {
    /// A whole number.
    Int(i64),
    /// A number with decimals: units, and how many decimals.
    Decimal(i128, i8),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970 in UTC.
    Instant(i64),
    /// Microseconds since 1970 on a clock without zone.
    Local(i64),
    /// A text, in the database's own order.
    Text(String),
}

/// Forms of time that SQLite databases keep as text; their order is that of time.
const TIMES: [&str; 6] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.fZ",
    "%Y-%m-%d %H:%M:%S%.fZ",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
];

impl Key {
    /// The value in a row; none where it is empty. Local times must not have been made instants yet.
    pub(super) fn at(column: &ArrayRef, row: usize) -> Option<Self> {
        if row >= column.len() || column.is_null(row) {
            return None;
        }
        Some(match column.data_type() {
            DataType::Int64 => Self::Int(column.as_primitive_opt::<Int64Type>()?.value(row)),
            DataType::Decimal128(_, scale) => {
                Self::Decimal(column.as_primitive_opt::<Decimal128Type>()?.value(row), *scale)
            }
            DataType::Date32 => Self::Date(column.as_primitive_opt::<Date32Type>()?.value(row)),
            DataType::Timestamp(TimeUnit::Microsecond, zone) => {
                let micros = column.as_primitive_opt::<TimestampMicrosecondType>()?.value(row);
                if zone.is_some() { Self::Instant(micros) } else { Self::Local(micros) }
            }
            DataType::Utf8View => Self::Text(column.as_string_view_opt()?.value(row).to_owned()),
            _ => return None,
        })
    }

    /// As a literal of SQL.
    pub(super) fn literal(&self, dialect: Dialect) -> Result<String> {
        let far = || {
            ConnectorError::configuration(say!(
                "läspositionen har en tidpunkt som inte går att skriva",
                "the cursor holds a time that cannot be written"
            ))
            .hint(full())
        };
        Ok(match self {
            Self::Int(value) => value.to_string(),
            Self::Decimal(units, scale) => written(*units, *scale),
            Self::Date(days) => {
                let date = day(*days).ok_or_else(far)?;
                match dialect {
                    Dialect::Postgres | Dialect::MySql => format!("DATE '{date}'"),
                    Dialect::Sqlite => format!("'{date}'"),
                    Dialect::Odbc => format!("{{d '{date}'}}"),
                }
            }
            Self::Instant(micros) | Self::Local(micros) => {
                let time = DateTime::from_timestamp_micros(*micros).ok_or_else(far)?.format("%Y-%m-%d %H:%M:%S%.6f");
                match (dialect, self) {
                    (Dialect::Postgres, Self::Instant(_)) => format!("TIMESTAMPTZ '{time}+00'"),
                    // MariaDB's and MySQL's session is in UTC.
                    (Dialect::Postgres | Dialect::MySql, _) => format!("TIMESTAMP '{time}'"),
                    (Dialect::Sqlite, _) => format!("'{time}'"),
                    (Dialect::Odbc, _) => format!("{{ts '{time}'}}"),
                }
            }
            Self::Text(text) => format!("'{}'", text.replace('\'', "''")),
        })
    }

    /// Whether it comes before the other, of the same column.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) | (Self::Instant(a), Self::Instant(b)) | (Self::Local(a), Self::Local(b)) => {
                a < b
            }
            (Self::Decimal(a, scale), Self::Decimal(b, other)) if scale == other => a < b,
            (Self::Date(a), Self::Date(b)) => a < b,
            // The order of texts is the database's own: only the plainest difference counts.
            (Self::Text(a), Self::Text(b)) => a.is_ascii() && b.is_ascii() && a < b,
            _ => false,
        }
    }

    /// The value that lies `overlap` before this one.
    pub(super) fn before(&self, overlap: &Overlap) -> Result<Self> {
        let mismatch = |is: Message, next: Message| {
            ConnectorError::configuration(is.after(&say!(
                "`cursor.overlap` passar inte till kolumnen i `cursor`",
                "`cursor.overlap` does not fit the cursor's column"
            )))
            .hint(next)
        };
        let a_time = || say!("ange en tid: `overlap = \"2 hours\"`", "write a time: `overlap = \"2 hours\"`");
        let time = match overlap {
            Overlap::Time(text) => Some(duration(text)?),
            Overlap::Number(_) => None,
        };
        match (self, overlap, time) {
            (Self::Int(value), Overlap::Number(back), _) => {
                Ok(Self::Int(value.saturating_sub(i64::try_from(*back).unwrap_or(i64::MAX))))
            }
            (Self::Decimal(units, scale), Overlap::Number(back), _) => {
                let one = 10_i128.saturating_pow(u32::try_from(*scale).unwrap_or_default());
                Ok(Self::Decimal(units.saturating_sub(one.saturating_mul(i128::from(*back))), *scale))
            }
            (Self::Date(days), _, Some(back)) => {
                // A day that has begun counts as whole.
                let whole = (back.num_seconds() + 86_399) / 86_400;
                Ok(Self::Date(days.saturating_sub(i32::try_from(whole).unwrap_or(i32::MAX))))
            }
            (Self::Instant(micros), _, Some(back)) => Ok(Self::Instant(micros.saturating_sub(micros_of(back)))),
            (Self::Local(micros), _, Some(back)) => Ok(Self::Local(micros.saturating_sub(micros_of(back)))),
            (Self::Text(text), _, Some(back)) => earlier(text, back).map(Self::Text).ok_or_else(|| {
                mismatch(
                    say!("den har text som inte är en tid", "it holds text that is no time"),
                    say!(
                        "låt frågan ge tider som 2026-01-31 12:00:00, eller utelämna `overlap`",
                        "let the query give times as 2026-01-31 12:00:00, or leave `overlap` out"
                    ),
                )
            }),
            (Self::Int(_) | Self::Decimal(..), Overlap::Time(_), _) => Err(mismatch(
                say!("den är ett tal", "it is a number"),
                say!("ange ett tal: `overlap = 1000`", "write a number: `overlap = 1000`"),
            )),
            (Self::Text(_), ..) => Err(mismatch(say!("den är text", "it is text"), a_time())),
            (Self::Date(_) | Self::Instant(_) | Self::Local(_), ..) => {
                Err(mismatch(say!("den är en tid", "it is a time"), a_time()))
            }
        }
    }
}

/// What to do when a cursor cannot be used.
pub(super) fn full() -> Message {
    say!(
        "har jobbet eller databasen ändrats? kör jobbet en gång med --full",
        "has the job or the database been changed? run it once with --full"
    )
}

/// A length of time as people write it.
pub(super) fn duration(text: &str) -> Result<Duration> {
    let parsed = humantime::parse_duration(text).ok().and_then(|duration| Duration::from_std(duration).ok());
    parsed.ok_or_else(|| {
        ConnectorError::configuration(say!("en tidslängd går inte att tolka", "a length of time cannot be read")).hint(
            say!(
                "skriv den som `30 seconds`, `10 minutes`, `2 hours` eller `1 day`",
                "write it as `30 seconds`, `10 minutes`, `2 hours` or `1 day`"
            ),
        )
    })
}

fn micros_of(duration: Duration) -> i64 {
    duration.num_microseconds().unwrap_or(i64::MAX)
}

fn day(days: i32) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(days)
}

fn written(units: i128, scale: i8) -> String {
    let scale = usize::try_from(scale).unwrap_or_default();
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at_checked(digits.len() - scale).unwrap_or((&digits, ""));
    let sign = if units < 0 { "-" } else { "" };
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// A time kept as text, earlier, in the same form.
fn earlier(text: &str, back: Duration) -> Option<String> {
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        let whole = Duration::days((back.num_seconds() + 86_399) / 86_400);
        return Some(date.checked_sub_signed(whole)?.to_string());
    }
    let (form, time) = TIMES.iter().find_map(|form| Some((form, NaiveDateTime::parse_from_str(text, form).ok()?)))?;
    let time = time.checked_sub_signed(back)?;
    // As many decimals as it had, so that the order of texts is that of times.
    let decimals = text.split_once('.').map_or(0, |(_, rest)| rest.trim_end_matches('Z').len());
    let written = time.format(&form.replace("%.f", "")).to_string();
    if decimals == 0 {
        return Some(written);
    }
    let nanos = format!("{:09}", chrono::Timelike::nanosecond(&time));
    let part = nanos.get(..decimals.min(9))?;
    Some(match written.strip_suffix('Z') {
        Some(bare) => format!("{bare}.{part}Z"),
        None => format!("{written}.{part}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_cannot_break_out() {
        let key = Key::Text("a'; DROP TABLE avtal; --".into());
        assert_eq!(key.literal(Dialect::Sqlite).unwrap(), "'a''; DROP TABLE avtal; --'");
        assert_eq!(Key::Decimal(-5, 2).literal(Dialect::Postgres).unwrap(), "-0.05");
        assert_eq!(Key::Decimal(12345, 2).literal(Dialect::MySql).unwrap(), "123.45");
        assert_eq!(Key::Date(20454).literal(Dialect::Odbc).unwrap(), "{d '2026-01-01'}");
        assert_eq!(Key::Instant(0).literal(Dialect::Postgres).unwrap(), "TIMESTAMPTZ '1970-01-01 00:00:00.000000+00'");
    }

    #[test]
    fn an_overlap_goes_back_in_the_columns_own_form() {
        let hours = Overlap::Time("2 hours".into());
        assert_eq!(Key::Instant(7_200_000_000).before(&hours).unwrap(), Key::Instant(0));
        assert_eq!(Key::Date(10).before(&hours).unwrap(), Key::Date(9));
        assert_eq!(Key::Int(10).before(&Overlap::Number(3)).unwrap(), Key::Int(7));
        for (from, to) in [
            ("2026-01-01 01:00:00", "2025-12-31 23:00:00"),
            ("2026-01-01T01:00:00.250", "2025-12-31T23:00:00.250"),
            ("2026-01-01T01:00:00Z", "2025-12-31T23:00:00Z"),
            ("2026-01-01", "2025-12-31"),
            ("2026-01-01 01:00", "2025-12-31 23:00"),
        ] {
            assert_eq!(Key::Text(from.into()).before(&hours).unwrap(), Key::Text(to.into()));
        }
        assert!(Key::Int(10).before(&hours).is_err());
        assert!(Key::Instant(10).before(&Overlap::Number(1)).is_err());
        assert!(Key::Text("x".into()).before(&hours).is_err());
    }
}
