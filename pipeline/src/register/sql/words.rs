//! What the statements are made of: names, literals, and bounds of validity that compare.

use std::fmt::Write as _;

use chrono::NaiveDate;
use sluss_schemas::table::ddl::{Dialect, quoted};

use crate::register::database::iso;
use crate::register::stage::KEYS;

/// A run's staging table for one national table.
pub(crate) fn staged_table(dialect: Dialect, run: i64, table: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("steg.{}", quoted(table)),
        Dialect::Postgres => format!("steg.{}", quoted(&format!("r{run}_{table}"))),
    }
}

/// A run's staged keys.
pub(crate) fn staged_keys(dialect: Dialect, run: i64) -> String {
    match dialect {
        Dialect::Sqlite => format!("steg.{KEYS}"),
        Dialect::Postgres => format!("steg.{}", quoted(&format!("r{run}_{KEYS}"))),
    }
}

/// A text as an SQL literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The runs of some jobs, as a set in SQL.
pub(crate) fn runs_of(jobs: &[String]) -> String {
    let jobs: Vec<String> = jobs.iter().map(|job| literal(job)).collect();
    format!("(SELECT id FROM korning WHERE job IN ({}))", jobs.join(", "))
}

/// A date as an SQL literal.
pub(crate) fn date_literal(dialect: Dialect, date: NaiveDate) -> String {
    match dialect {
        Dialect::Sqlite => literal(&iso(date)),
        Dialect::Postgres => format!("DATE {}", literal(&iso(date))),
    }
}

/// A key hash as an SQL literal.
pub(crate) fn key_literal(dialect: Dialect, key: &[u8; 16]) -> String {
    let hex = hex(key);
    match dialect {
        Dialect::Sqlite => format!("x'{hex}'"),
        Dialect::Postgres => format!("'{hex}'::uuid"),
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A start of validity that compares, with the unbounded one before all others.
pub(super) fn lo(dialect: Dialect, date: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("COALESCE({date}, '')"),
        Dialect::Postgres => format!("COALESCE({date}, '-infinity'::date)"),
    }
}

/// An end of validity that compares, with the unbounded one after all others.
pub(super) fn hi(dialect: Dialect, date: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("COALESCE({date}, '~')"),
        Dialect::Postgres => format!("COALESCE({date}, 'infinity'::date)"),
    }
}

/// [`lo`] undone.
pub(super) fn from_lo(dialect: Dialect, date: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("NULLIF({date}, '')"),
        Dialect::Postgres => format!("NULLIF({date}, '-infinity'::date)"),
    }
}

/// [`hi`] undone.
pub(super) fn from_hi(dialect: Dialect, date: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("NULLIF({date}, '~')"),
        Dialect::Postgres => format!("NULLIF({date}, 'infinity'::date)"),
    }
}

pub(super) fn greatest(dialect: Dialect, a: &str, b: &str) -> String {
    let name = if dialect == Dialect::Sqlite { "MAX" } else { "GREATEST" };
    format!("{name}({a}, {b})")
}

pub(super) fn least(dialect: Dialect, a: &str, b: &str) -> String {
    let name = if dialect == Dialect::Sqlite { "MIN" } else { "LEAST" };
    format!("{name}({a}, {b})")
}

/// No date, as one.
pub(super) fn null_date(dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => "NULL".to_owned(),
        Dialect::Postgres => "NULL::date".to_owned(),
    }
}
