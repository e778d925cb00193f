//! Who is let in, who is not, and what is said of it: also by a server that asks for passwords.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use russh::keys::{HashAlg, PrivateKey};
use russh::server::{Auth, Config, Handler, Response};
use russh::{MethodKind, MethodSet};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use super::{PASSWORD, Server, io, open, options, read, with};
use crate::error::{Actor, ConnectorError};
use crate::registry;

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_server_is_told_by_its_fingerprint() {
    let Some(server) = Server::start() else { return };
    server.put("a.csv", "x\n1\n");
    let key = server.host_key();
    for (changes, word) in [
        (json!({ "host_key": null }), "missing"),
        (json!({ "host_key": [] }), "missing"),
        (json!({ "host_key": "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU" }), "expected"),
    ] {
        let error = open(&server, with(options(&server), &changes)).unwrap().check().await.unwrap_err();
        assert!(error.what.contains(&key) && error.what.contains(word), "{error}");
        assert_eq!((error.actor, error.retry), (Actor::Configuration, false));
    }
    assert_eq!(server.log_lines("Accepted"), 0, "something was sent to a server that is not known");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_tried_once() {
    let Some(server) = Server::start() else { return };
    let changes = json!({ "key": { "secret": "stranger" } });
    let source = open(&server, with(options(&server), &changes)).unwrap();
    let error = read(source.as_ref(), None).await.unwrap_err();
    assert_eq!((error.actor, error.retry), (Actor::Configuration, false), "{error}");
    assert!(error.what.contains("does not accept the login"), "{error}");
    assert_eq!(server.log_lines("Failed publickey"), 1);
}

/// How a server asks for a password.
#[derive(Clone, Copy, PartialEq)]
enum Asks {
    Password,
    Question,
    HangsUp,
}

impl Asks {
    fn methods(self) -> &'static [MethodKind] {
        match self {
            Self::Question => &[MethodKind::KeyboardInteractive],
            Self::Password | Self::HangsUp => &[MethodKind::Password],
        }
    }
}

/// A server that lets one password in and has no files.
struct Doorkeeper {
    asks: Asks,
    tries: Arc<AtomicUsize>,
}

impl Doorkeeper {
    fn verdict(&self, password: &str) -> Result<Auth, russh::Error> {
        self.tries.fetch_add(1, Ordering::SeqCst);
        if self.asks == Asks::HangsUp {
            return Err(russh::Error::Disconnect);
        }
        if password == PASSWORD {
            return Ok(Auth::Accept);
        }
        // Others may try again, in the same way.
        Ok(Auth::Reject { proceed_with_methods: Some(MethodSet::from(self.asks.methods())), partial_success: false })
    }
}

impl Handler for Doorkeeper {
    type Error = russh::Error;

    async fn auth_password(&mut self, _user: &str, password: &str) -> Result<Auth, russh::Error> {
        if self.asks == Asks::Question {
            let proceed_with_methods = Some(MethodSet::from(self.asks.methods()));
            return Ok(Auth::Reject { proceed_with_methods, partial_success: false });
        }
        self.verdict(password)
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        _user: &str,
        _submethods: &str,
        response: Option<Response<'a>>,
    ) -> Result<Auth, russh::Error> {
        let Some(mut response) = response else {
            let prompts = vec![("Password: ".into(), false)].into();
            return Ok(Auth::Partial { name: "".into(), instructions: "".into(), prompts });
        };
        let password = response.next().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        self.verdict(&password)
    }
}

/// Port and fingerprint of such a server, and how often it was tried.
async fn doorkeeper(asks: Asks) -> (u16, String, Arc<AtomicUsize>) {
    let key = PrivateKey::random(&mut russh::keys::key::safe_rng(), russh::keys::Algorithm::Ed25519).unwrap();
    let print = key.public_key().fingerprint(HashAlg::Sha256).to_string();
    let config = Config {
        keys: vec![key],
        methods: MethodSet::from(asks.methods()),
        auth_rejection_time: std::time::Duration::from_millis(1),
        ..Config::default()
    };
    let (config, tries) = (Arc::new(config), Arc::new(AtomicUsize::new(0)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let counted = Arc::clone(&tries);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let doorkeeper = Doorkeeper { asks, tries: Arc::clone(&counted) };
            let config = Arc::clone(&config);
            tokio::spawn(async move {
                if let Ok(session) = russh::server::run_stream(config, stream, doorkeeper).await {
                    let _ = session.await;
                }
            });
        }
    });
    (port, print, tries)
}

async fn failure(asks: Asks, password: &str) -> (ConnectorError, usize) {
    let (port, print, tries) = doorkeeper(asks).await;
    let keys = tempfile::tempdir().unwrap();
    std::fs::write(keys.path().join("provas"), password).unwrap();
    let error = registry::open("sftp", plain(port, &print), &io(keys.path(), 10)).unwrap().check().await.unwrap_err();
    (error, tries.load(Ordering::SeqCst))
}

fn plain(port: u16, host_key: &str) -> Value {
    json!({
        "host": "127.0.0.1", "port": port, "user": "sluss", "password": { "secret": "provas" },
        "host_key": host_key, "folder": ".", "format": "csv", "retries": 2, "first_wait_ms": 5, "timeout_seconds": 3,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_given_as_the_server_asks_and_tried_once() {
    for asks in [Asks::Password, Asks::Question] {
        // Let in; what this server lacks is files.
        let (error, tries) = failure(asks, PASSWORD).await;
        assert!(tries >= 1 && !error.what.contains("login"), "{error}");
        assert_eq!(error.actor, Actor::Source, "{error}");
        let (error, tries) = failure(asks, "fel-losenord").await;
        assert!(error.what.contains("does not accept the login"), "{error}");
        assert_eq!((error.actor, error.retry, tries), (Actor::Configuration, false, 1));
        assert!(!format!("{error:?}").contains("losenord"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_up_on_a_password_is_not_tried_again() {
    let (error, tries) = failure(Asks::HangsUp, PASSWORD).await;
    assert_eq!((error.actor, tries), (Actor::Source, 1), "{error}");
    assert!(error.what.contains("login"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_ssh_server_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n<html></html>\r\n").await;
        }
    });
    let keys = tempfile::tempdir().unwrap();
    std::fs::write(keys.path().join("provas"), PASSWORD).unwrap();
    let options = plain(port, "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU");
    let error = registry::open("sftp", options, &io(keys.path(), 10)).unwrap().check().await.unwrap_err();
    assert!(error.hint.is_some(), "{error}");
    let options = with(plain(1, "SHA256:x"), &json!({ "host": "finns-inte.invalid", "retries": 0 }));
    let error = registry::open("sftp", options, &io(keys.path(), 10)).unwrap().check().await.unwrap_err();
    assert_eq!(error.actor, Actor::Configuration, "{error}");
}
