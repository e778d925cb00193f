//! TLS: a certificate that is trusted, one that is not, a server that has none.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::server::Server;
use super::{fails, io, lines, options, read};
use crate::connect::Source;
use crate::error::Actor;
use crate::registry;

fn open(folder: &Path, url: &str, tls: serde_json::Value) -> Box<dyn Source> {
    registry::open("sql", options(json!({ "query": "SELECT 1 AS a", "tls": tls })), &io(folder, url, 10)).unwrap()
}

fn shell(folder: &Path, script: &str, arguments: &[&str]) {
    let status =
        Command::new("bash").args(["-euc", script, "bash"]).args(arguments).current_dir(folder).status().unwrap();
    assert!(status.success());
}

const CERTIFICATES: &str = "
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=sluss-test -days 3650 2>/dev/null
    openssl req -x509 -newkey rsa:2048 -nodes -keyout server.key -out server.crt -subj /CN=127.0.0.1 -days 3650 \\
        -CA ca.pem -CAkey ca.key -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE 2>/dev/null
    openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.pem -subj /CN=annan -days 3650 2>/dev/null";

#[tokio::test]
async fn postgres_with_and_without_a_trusted_certificate() {
    let Some(server) = Server::postgres() else { return };
    let folder = tempfile::tempdir().unwrap();
    shell(folder.path(), CERTIFICATES, &[]);

    let error = fails(open(folder.path(), &server.url, json!({ "mode": "verify" })).as_ref()).await;
    assert_eq!((error.actor, error.retry), (Actor::Configuration, false), "the server has no TLS: {error:?}");

    let data = format!("/tmp/sluss-postgres-{}/data", server.port());
    let install = "cp server.key server.crt \"$1\"; chmod 600 \"$1/server.key\"; \
                   ((EUID)) || chown postgres: \"$1/server.key\" \"$1/server.crt\"";
    shell(folder.path(), install, &[&data]);
    server.sql("ALTER SYSTEM SET ssl = on");
    server.sql("SELECT pg_reload_conf(), pg_sleep(1)");

    for tls in [json!({ "mode": "verify", "ca": "ca.pem" }), json!({ "ca": "ca.pem" }), json!({ "mode": "encrypt" })] {
        assert_eq!(lines(&read(open(folder.path(), &server.url, tls).as_ref(), None).await.unwrap()), ["1"]);
    }
    let named = server.url.replace("127.0.0.1", "localhost");
    for (url, tls) in [
        (&server.url, json!({ "mode": "verify" })),
        (&server.url, json!({ "ca": "other.pem" })),
        (&server.url, json!({ "ca": "saknas.pem" })),
        (&named, json!({ "ca": "ca.pem" })),
    ] {
        let error = fails(open(folder.path(), url, tls.clone()).as_ref()).await;
        assert_eq!((error.actor, error.retry), (Actor::Configuration, false), "{tls}: {error:?}");
        assert!(error.hint.unwrap().contains("tls"), "{tls}");
    }
}

#[tokio::test]
async fn mariadb_without_tls_is_refused_where_it_is_asked_for() {
    let Some(server) = Server::mariadb() else { return };
    let folder = tempfile::tempdir().unwrap();
    for mode in ["verify", "encrypt"] {
        let error = fails(open(folder.path(), &server.url, json!({ "mode": mode })).as_ref()).await;
        assert_eq!((error.actor, error.retry), (Actor::Configuration, false), "{error:?}");
    }
    assert_eq!(
        lines(&read(open(folder.path(), &server.url, json!({ "mode": "off" })).as_ref(), None).await.unwrap()),
        ["1"]
    );
}
