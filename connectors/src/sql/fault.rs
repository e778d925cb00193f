//! What a database's error means: who must act, whether to try again, the next step.
//!
//! A database's own words may quote cells, so they are told only for faults of the query itself,
//! and never kept as a cause.

use std::io;

use sqlx::Error;
use sqlx::mysql::MySqlDatabaseError;

use crate::error::{Actor, ConnectorError};

/// From sqlx.
pub(super) fn of(error: &Error, place: &str) -> ConnectorError {
    let error = match error {
        Error::Database(database) => {
            let number = database.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number);
            let code = database.code().unwrap_or_default();
            match number {
                Some(number) => mysql(number, &code, database.message()),
                None if code.len() == 5 => state(&code, database.message()),
                None => sqlite(&code, database.message()),
            }
        }
        Error::Tls(_) => tls(),
        Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => tls(),
        Error::Io(error) if error.kind() == io::ErrorKind::NotFound => {
            ConnectorError::configuration("a file that the connection needs does not exist")
                .hint("check the paths under `tls`")
        }
        Error::Io(error) => ConnectorError::source(match error.kind() {
            io::ErrorKind::ConnectionRefused => "the database does not take connections",
            _ => "the connection to the database was broken off",
        })
        .hint("check that the server is up and that the network lets us through, then run again")
        .retryable(),
        Error::Configuration(_) | Error::InvalidArgument(_) => {
            ConnectorError::configuration("the database's address has an option that cannot be used")
                .hint("check `url` and `tls`")
        }
        Error::Protocol(_) => ConnectorError::source("the database's answer cannot be understood")
            .hint("check that `url` names the right kind of server and port, then run again")
            .retryable(),
        Error::RowNotFound => ConnectorError::source("the database gave no answer").retryable(),
        Error::WorkerCrashed => ours("reading the database file"),
        _ => ConnectorError::source("the database's answer cannot be read").hint("run again; if it stays, report it"),
    };
    if error.place.is_none() { error.at(place) } else { error }
}

fn tls() -> ConnectorError {
    ConnectorError::configuration("the server cannot be trusted: TLS failed")
        .hint("give the certificate of the authority that signed the server's as `tls.ca`, and name the host as in it")
}

/// By SQLSTATE, as PostgreSQL and ODBC give it.
pub(super) fn state(code: &str, words: &str) -> ConnectorError {
    let class = code.get(..2).unwrap_or_default();
    let told = |what: &str| ConnectorError::configuration(format!("{what}: {} [{code}]", one_line(words)));
    match (class, code) {
        (_, "57014" | "HYT00" | "HYT01") => slow(),
        (_, "25006") => ConnectorError::configuration(format!("the query tries to write [{code}]"))
            .hint("sluss only reads: write one SELECT without side effects"),
        (_, "42501") => told("the user lacks a right").hint("let the database's owner give it the right to read"),
        (_, "3D000" | "3F000") => ConnectorError::configuration(format!("there is no such database [{code}]"))
            .hint("check the last part of `url`"),
        (_, "IM002" | "IM003" | "01000") => {
            ConnectorError::configuration(format!("the ODBC driver cannot be loaded [{code}]"))
                .hint("install the driver and check its name: `odbcinst -q -d` lists them")
        }
        ("28", _) => {
            ConnectorError::configuration(format!("the database does not accept the user or the password [{code}]"))
                .hint("check the secret that `url` or `password` refers to")
        }
        ("08", _) | (_, "57P01" | "57P02" | "57P03" | "57P05") => {
            ConnectorError::source(format!("the connection to the database was broken off [{code}]"))
                .hint("check that the server is up, then run again")
                .retryable()
        }
        ("40" | "53" | "55", _) => ConnectorError::source(format!("the database is too busy [{code}]"))
            .hint("run again later, or at another hour")
            .retryable(),
        ("42", _) => told("the database refuses the query")
            .hint("check `table` or `query`; `sluss discover` lists tables and columns"),
        ("22", _) => ConnectorError::configuration(format!("the query meets a value that it cannot handle [{code}]"))
            .hint("run the query by hand: a conversion or a calculation in it fails for some row"),
        ("0A", _) => told("the database cannot do this").hint("simplify the query, or make a view of it"),
        _ => ConnectorError::source(format!("the database fails [{code}]"))
            .hint("look in the server's log at this time")
            .retryable(),
    }
}

/// By MariaDB's and MySQL's numbers, which tell more than their SQLSTATE does.
fn mysql(number: u16, code: &str, words: &str) -> ConnectorError {
    match number {
        1044 | 1045 | 1698 => state("28000", words),
        1142 | 1143 | 1227 | 1370 => state("42501", words),
        1049 => state("3D000", words),
        1792 | 1290 => state("25006", words),
        1969 | 3024 | 1317 => slow(),
        1040 | 1203 | 1205 | 1213 | 1226 => state("53300", words),
        1053 | 1927 | 1152..=1161 | 2006 | 2013 => state("08006", words),
        _ => state(code, words),
    }
}

/// By SQLite's result code.
fn sqlite(code: &str, words: &str) -> ConnectorError {
    // The lower eight bits are the primary code.
    match code.parse::<u32>().unwrap_or_default() & 0xFF {
        1 => ConnectorError::configuration(format!("the database refuses the query: {}", one_line(words)))
            .hint("check `table` or `query`; `sluss discover` lists tables and columns"),
        5 | 6 => ConnectorError::source("the database is being written to")
            .hint("run again when its program has finished")
            .retryable(),
        8 => ConnectorError::configuration("the query tries to write")
            .hint("sluss only reads: write one SELECT without side effects"),
        3 | 14 => ConnectorError::configuration("the database file cannot be opened")
            .hint("check `path`, and that the user that runs sluss may read the file"),
        11 => ConnectorError::source("the database file is damaged")
            .hint("let its owner run `PRAGMA integrity_check` and send it again"),
        26 => ConnectorError::source("the file is no SQLite database, or is encrypted")
            .hint("check `path`; an export in another form is read by `files`"),
        9 => slow(),
        _ => ConnectorError::source(format!("the database fails [{code}]"))
            .hint("check that the file is whole: `PRAGMA integrity_check`")
            .retryable(),
    }
}

/// The time-out was reached.
pub(super) fn too_slow(place: &str) -> ConnectorError {
    slow().at(place)
}

fn slow() -> ConnectorError {
    ConnectorError::source("the database takes longer than `timeout`")
        .hint("set a longer `timeout`, or let the database have an index for the query")
        .retryable()
}

/// The reader of the rows has gone.
pub(super) fn cancelled() -> ConnectorError {
    ConnectorError::configuration("reading was cancelled")
}

/// The landing zone does not take the rows: then nothing may go on.
pub(super) fn landing(error: io::Error) -> ConnectorError {
    ConnectorError::configuration("the rows cannot be kept")
        .hint("check that the landing zone can be written to and has room")
        .because(error)
        .retryable()
}

/// A failure of our own.
pub(super) fn ours(doing: &str) -> ConnectorError {
    let mut error = ConnectorError::source(format!("sluss failed while {doing}"))
        .hint("report this with the kind of database and the columns' types, not its content");
    error.actor = Actor::Us;
    error
}

/// The first line, cut to what a screen holds, without a full stop.
fn one_line(words: &str) -> String {
    let line: String = words.lines().next().unwrap_or_default().chars().take(200).collect();
    line.trim_end_matches('.').to_owned()
}
