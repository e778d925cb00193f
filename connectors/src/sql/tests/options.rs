//! Options that cannot work, and what they must never tell.

use std::path::Path;

use serde_json::json;

use super::{io, options};
use crate::connect::Io;
use crate::error::{Actor, ConnectorError};
use crate::registry;

fn refused(options: serde_json::Value, io: &Io) -> ConnectorError {
    match registry::open("sql", options, io) {
        Err(error) => error,
        Ok(_) => panic!("options that cannot work were accepted"),
    }
}

#[test]
fn a_password_stands_only_in_a_secret() {
    let io = io(Path::new("."), "", 10);
    for url in [
        "postgresql://sluss:hemligt@db/avtal",
        "odbc:Driver={X};UID=sluss;PWD=hemligt",
        "odbc:Driver=X; Password = hemligt",
    ] {
        let error = refused(json!({ "url": url, "table": "t" }), &io);
        assert_eq!(error.actor, Actor::Configuration);
        assert!(!format!("{error} {error:?}").contains("hemligt"));
        assert!(error.hint.unwrap().contains("secret"));
    }
}

#[test]
fn an_address_that_cannot_be_read_is_not_quoted() {
    for url in [
        "postgresql://sluss:hem/ligt@db:x/avtal",
        "hemligt",
        "oracle://sluss:hemligt@db/avtal",
        "postgresql://a:hemligt@db/x?sslmode=hemligt",
    ] {
        let error = refused(options(json!({ "table": "t" })), &io(Path::new("."), url, 10));
        assert_eq!(error.actor, Actor::Configuration);
        assert!(!format!("{error} {error:?} {:?}", error.hint).contains("hemligt"), "{error}");
    }
}

#[test]
fn what_does_not_fit_together_is_said() {
    let io = io(Path::new("."), "postgresql://sluss@db/avtal", 10);
    for wrong in [
        json!({ "table": "t" }),
        json!({ "url": { "secret": "db" }, "path": "a.db", "table": "t" }),
        json!({ "url": { "secret": "nix" }, "table": "t" }),
        json!({ "url": { "secret": "db" }, "table": "t", "query": "SELECT 1" }),
        json!({ "url": { "secret": "db" }, "query": " ; " }),
        json!({ "url": { "secret": "db" }, "query_file": "saknas.sql" }),
        json!({ "url": { "secret": "db" }, "table": "t", "timeout": "0 seconds" }),
        json!({ "url": { "secret": "db" }, "table": "t", "tls": { "certificate": "a.pem" } }),
        json!({ "path": "a.db", "table": "t", "tls": { "mode": "verify" } }),
        json!({ "url": "odbc:Driver=X", "table": "t", "tls": { "mode": "verify" } }),
    ] {
        let error = refused(wrong.clone(), &io);
        assert_eq!(error.actor, Actor::Configuration, "{wrong}");
        assert!(error.hint.is_some(), "{wrong}: {error}");
    }
}
