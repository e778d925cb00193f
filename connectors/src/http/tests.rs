//! The client against servers that fail in every way that they do.

use std::io::Write as _;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::client::{Ask, Http};
use super::options::{Auth, Requests};
use super::testing::{Reply, Server, hurried, io};
use super::{Connection, answer};
use crate::error::{Actor, ConnectorError, Result};
use crate::tls::TlsOptions;

/// A client with these options.
fn client(more: &Value, io: &crate::connect::Io) -> Result<Http> {
    let take = |name: &str| more.get(name).cloned();
    let auth: Option<Auth> = take("auth").map(|auth| serde_json::from_value(auth).unwrap());
    let tls: TlsOptions = take("tls").map(|tls| serde_json::from_value(tls).unwrap()).unwrap_or_default();
    let requests = take("requests").unwrap_or_else(hurried);
    let requests: Requests = serde_json::from_value(requests).unwrap();
    let headers = serde_json::from_value(take("headers").unwrap_or(json!({}))).unwrap();
    Http::new(
        Connection { headers: &headers, auth: auth.as_ref(), tls: &tls, requests: &requests, allow_http: false },
        io,
    )
}

const SECRETS: &[(&str, &str)] = &[("nyckel", "canary-nyckel"), ("losen", "canary-losen")];

async fn get(server: &Server, more: &Value) -> Result<answer::Answer> {
    let io = io(std::path::Path::new("."), 10, SECRETS);
    let http = client(more, &io)?;
    let ask = Ask::json(http.address(&server.url("/v1/rader?q=1"), "url")?);
    let answer = http.get(&ask).await.inspect_err(discreet)?;
    answer.check().inspect_err(discreet)?;
    Ok(answer)
}

/// No secret and no parameter in an error.
fn discreet(error: &ConnectorError) {
    let text = format!("{error} {error:?} {:?}", error.hint);
    for hidden in ["canary", "q=1", "Bearer", "Basic "] {
        assert!(!text.contains(hidden), "{text}");
    }
}

async fn fails(server: &Server, more: &Value) -> ConnectorError {
    match get(server, more).await {
        Ok(_) => panic!("an answer that is none was taken"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn passing_failures_are_tried_again_and_others_are_not() {
    for (status, tries, actor) in [
        (400, 1, Actor::Configuration),
        (401, 1, Actor::Configuration),
        (403, 1, Actor::Configuration),
        (404, 1, Actor::Configuration),
        (408, 4, Actor::Source),
        (429, 4, Actor::Source),
        (500, 4, Actor::Source),
        (501, 1, Actor::Source),
        (503, 4, Actor::Source),
    ] {
        let server = Server::start(move |_, _| Reply::status(status).body("hemligt svar")).await;
        let error = fails(&server, &json!({})).await;
        assert_eq!((server.seen().len(), error.actor, error.retry), (tries, actor, tries > 1), "{error:?}");
        assert!(error.hint.is_some() && error.what.contains(&status.to_string()), "{error:?}");
        assert_eq!(error.place.as_deref(), Some(server.place("/v1/rader").as_str()));
        // The failure passes.
        let server = Server::start(move |_, n| if n < 2 { Reply::status(status) } else { Reply::json("[]") }).await;
        assert_eq!(get(&server, &json!({})).await.is_ok(), tries > 1, "{status}");
    }
}

#[tokio::test]
async fn the_server_says_when_to_come_back() {
    let after = |wait: &'static str| {
        move |_: &_, n| {
            if n == 0 { Reply::status(429).with("retry-after", wait) } else { Reply::json("[1]") }
        }
    };
    let server = Server::start(after("1")).await;
    let before = std::time::Instant::now();
    assert!(get(&server, &json!({})).await.is_ok());
    assert!(before.elapsed().as_millis() >= 1000, "it has been waited as the server asked");
    let server = Server::start(after("3600")).await;
    assert!(fails(&server, &json!({})).await.retry, "an hour is for the next run");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_fetched_again_whole() {
    let server =
        Server::start(|_, n| if n < 2 { Reply::json("[1,2,3]").cut(3 * n) } else { Reply::json("[1,2,3]") }).await;
    assert_eq!(get(&server, &json!({})).await.unwrap().body, "[1,2,3]");
    let server = Server::start(|_, _| Reply::json("[1,2,3]").cut(3)).await;
    let error = fails(&server, &json!({})).await;
    assert!(error.retry && error.what.contains("broke"), "{error:?}");
    // Nobody is there any longer.
    let url = server.url("/");
    drop(server);
    super::testing::a_moment().await;
    let io = io(std::path::Path::new("."), 10, &[]);
    let http = client(&json!({}), &io).unwrap();
    let error = http.get(&Ask::json(http.address(&url, "url").unwrap())).await.err().unwrap();
    assert!(error.retry && error.actor == Actor::Source, "{error:?}");
}

#[tokio::test]
async fn what_is_no_json_is_no_answer() {
    for reply in [
        Reply::html("<html>Logga in</html>"),
        Reply::json("<!DOCTYPE html><p>fel</p>"),
        Reply::json("  "),
        Reply::status(204),
        Reply::status(200).with("content-type", "application/xml").body("<a/>"),
    ] {
        let server = Server::start(move |_, _| reply.clone()).await;
        let error = fails(&server, &json!({})).await;
        assert_eq!((error.actor, server.seen().len()), (Actor::Source, 1), "{error:?}");
    }
    let server = Server::start(|_, _| Reply::json(format!("[{}1]", "1,".repeat(1 << 20)))).await;
    let requests = json!({ "requests": { "largest_mib": 1, "retries": 0 } });
    assert_eq!(fails(&server, &requests).await.actor, Actor::Configuration, "too large");
}

#[tokio::test]
async fn who_we_are_goes_with_each_request_and_only_to_the_server() {
    for (auth, header, value) in [
        (json!({ "api_key": { "value": { "secret": "nyckel" } } }), "x-api-key", "canary-nyckel"),
        (json!({ "api_key": { "value": { "secret": "nyckel" }, "header": "Ocp-Key" } }), "ocp-key", "canary-nyckel"),
        (
            json!({ "basic": { "user": "anna", "password": { "secret": "losen" } } }),
            "authorization",
            "Basic YW5uYTpjYW5hcnktbG9zZW4=",
        ),
        (json!({ "bearer": { "token": { "secret": "nyckel" } } }), "authorization", "Bearer canary-nyckel"),
    ] {
        let elsewhere = Arc::new(Server::start(|_, _| Reply::json("[]")).await);
        let target = elsewhere.url("/annan");
        let server = Server::start(move |request, _| match request.path.as_str() {
            "/v1/rader" => Reply::status(307).with("location", "/v2/rader"),
            _ => Reply::status(302).with("location", target.clone()),
        })
        .await;
        let more = json!({ "auth": auth, "headers": { "x-hemlig": { "secret": "losen" } } });
        get(&server, &more).await.unwrap();
        assert!(
            server
                .seen()
                .iter()
                .all(|request| request.header(header) == value && request.header("x-hemlig") == "canary-losen")
        );
        assert_eq!(server.seen().len(), 2);
        let there = elsewhere.seen();
        assert_eq!((there[0].header(header), there[0].header("x-hemlig")), ("", ""), "another server is told nothing");
        let shown = format!("{:?}", client(&more, &io(std::path::Path::new("."), 1, SECRETS)).unwrap());
        assert!(!shown.contains("canary"), "{shown}");
    }
    let round = Server::start(|_, _| Reply::status(302).with("location", "/v1/rader")).await;
    assert!(fails(&round, &json!({})).await.what.contains("sent us on"));
}

#[tokio::test]
async fn a_key_in_the_address_stays_out_of_sight() {
    let server = Server::start(|request, _| match request.parameter("nyckel") {
        "canary-nyckel" => Reply::json("[]"),
        _ => Reply::status(401),
    })
    .await;
    let more = json!({ "auth": { "api_key": { "value": { "secret": "nyckel" }, "parameter": "nyckel" } } });
    get(&server, &more).await.unwrap();
    let http = client(&more, &io(std::path::Path::new("."), 1, SECRETS)).unwrap();
    let base = http.address(&server.url("/v1"), "url").unwrap();
    let next = http.next(&base, "/v1?sida=2&nyckel=canary-nyckel").unwrap();
    assert_eq!(next.query(), Some("sida=2"), "the key is not kept with the place");
}

#[tokio::test]
async fn a_token_is_fetched_once_and_anew_when_it_expires() {
    let server = Server::start(|request, _| {
        if request.path == "/token" {
            assert_eq!(request.method, "POST");
            assert_eq!(request.header("authorization"), "Basic a2w6Y2FuYXJ5LWxvc2Vu");
            assert_eq!(request.body, "grant_type=client_credentials&scope=las");
            return Reply::json(r#"{"access_token":"canary-1","token_type":"Bearer","expires_in":3600}"#);
        }
        Reply::json("[]")
    })
    .await;
    let auth = |server: &Server| {
        json!({ "requests": hurried(), "auth": { "oauth2": {
            "token_url": server.url("/token"), "client_id": "kl", "client_secret": { "secret": "losen" }, "scope": "las",
        } } })
    };
    let io = io(std::path::Path::new("."), 1, SECRETS);
    let http = client(&auth(&server), &io).unwrap();
    let ask = |server: &Server| Ask::json(http.address(&server.url("/v1"), "url").unwrap());
    for _ in 0..3 {
        http.get(&ask(&server)).await.unwrap();
    }
    assert_eq!(server.seen().iter().filter(|request| request.path == "/token").count(), 1);

    // The server forgets the token before it should.
    let server = Server::start(|request, n| match (request.path.as_str(), request.header("authorization")) {
        ("/token", _) => Reply::json(format!(r#"{{"access_token":"canary-{n}"}}"#)),
        (_, "Bearer canary-2") => Reply::json("[]"),
        _ => Reply::status(401),
    })
    .await;
    let http = client(&auth(&server), &io).unwrap();
    http.get(&ask(&server)).await.unwrap();
    let paths: Vec<_> = server.seen().into_iter().map(|request| request.path).collect();
    assert_eq!(paths, ["/token", "/v1", "/token", "/v1"]);

    // It never takes any: once more, and no further.
    let server = Server::start(|request, _| {
        if request.path == "/token" { Reply::json(r#"{"access_token":"canary-1"}"#) } else { Reply::status(401) }
    })
    .await;
    let http = client(&auth(&server), &io).unwrap();
    let error = http.get(&ask(&server)).await.err().unwrap();
    discreet(&error);
    assert_eq!((server.seen().len(), error.actor), (4, Actor::Configuration));

    // It gives none.
    let server = Server::start(|_, _| Reply::status(400).body(r#"{"error":"invalid_client","canary":1}"#)).await;
    let http = client(&auth(&server), &io).unwrap();
    let error = http.get(&ask(&server)).await.err().unwrap();
    discreet(&error);
    assert_eq!((server.seen().len(), error.actor), (1, Actor::Configuration));
    assert_eq!(error.place.as_deref(), Some(server.place("/token").as_str()));
}

#[tokio::test]
async fn no_more_requests_a_minute_than_allowed() {
    let server = Server::start(|_, _| Reply::json("[]")).await;
    let io = io(std::path::Path::new("."), 1, &[]);
    let http = client(&json!({ "requests": { "per_minute": 600 } }), &io).unwrap();
    let before = std::time::Instant::now();
    for _ in 0..4 {
        http.get(&Ask::json(http.address(&server.url("/"), "url").unwrap())).await.unwrap();
    }
    assert!(before.elapsed().as_millis() >= 300, "a tenth of a second between each two");
    assert!(client(&json!({ "requests": { "per_minute": 0 } }), &io).is_err());
}

/// An authority, a server of its, and a client's certificate and key.
struct Authority {
    folder: TempDir,
    server: rustls::ServerConfig,
    key: String,
    p12: Vec<u8>,
}

fn authority(names: &[&str], until: i32, wants_client: bool) -> Authority {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let signed = |names: &[&str], until: i32| {
        let key = KeyPair::generate().unwrap();
        let mut params =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        (certificate, key)
    };
    let (certificate, key) = signed(names, until);
    let (own, own_key) = signed(&["klient"], 2200);
    let folder = tempfile::tempdir().unwrap();
    let write =
        |name: &str, text: &[u8]| std::fs::File::create(folder.path().join(name)).unwrap().write_all(text).unwrap();
    write("ca.pem", issuer.pem().as_bytes());
    write("klient.pem", own.pem().as_bytes());
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let builder = rustls::ServerConfig::builder();
    let builder = if wants_client {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(issuer.der().to_vec())).unwrap();
        builder.with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    let server = builder.with_single_cert(vec![certificate.der().clone()], private).unwrap();
    let chain = p12_keystore::PrivateKeyChain::new(
        b"1".as_slice(),
        p12_keystore::PrivateKey::from_der(&own_key.serialize_der()).unwrap(),
        [p12_keystore::Certificate::from_der(own.der()).unwrap()],
    );
    let mut store = p12_keystore::KeyStore::new();
    store.add_entry("klient", p12_keystore::KeyStoreEntry::PrivateKeyChain(chain));
    let p12 = store.writer("canary-losen").write().unwrap();
    write("klient.p12", &p12);
    Authority { server, key: own_key.serialize_pem(), p12, folder }
}

async fn safely(authority: &Authority, tls: Value) -> Result<answer::Answer> {
    let server = Server::tls(authority.server.clone(), |_, _| Reply::json("[]")).await;
    let secrets = [("nyckel", authority.key.as_str()), ("losen", "canary-losen"), ("fel", "canary-fel")];
    let io = io(authority.folder.path(), 1, &secrets);
    let http = client(&json!({ "tls": tls, "requests": { "retries": 0 } }), &io)?;
    http.get(&Ask::json(http.address(&server.url("/v1"), "url")?)).await.inspect_err(discreet)
}

#[tokio::test]
async fn a_certificate_that_is_wrong_is_never_accepted() {
    let good = authority(&["localhost"], 2200, false);
    assert!(safely(&good, json!({ "ca": "ca.pem" })).await.is_ok());
    let other = authority(&["annan.invalid"], 2200, false);
    let old = authority(&["localhost"], 2001, false);
    for (error, what, actor) in [
        (safely(&good, json!({})).await, "not from an authority", Actor::Configuration),
        (safely(&other, json!({ "ca": "ca.pem" })).await, "another name", Actor::Configuration),
        (safely(&old, json!({ "ca": "ca.pem" })).await, "not valid today", Actor::Source),
        (safely(&good, json!({ "ca": "saknas.pem" })).await, "cannot be read", Actor::Configuration),
        (safely(&good, json!({ "ca": "klient.p12" })).await, "no certificate", Actor::Configuration),
    ] {
        let error = error.err().unwrap_or_else(|| panic!("accepted: {what}"));
        assert!(error.what.contains(what) && error.actor == actor && !error.retry && error.hint.is_some(), "{error:?}");
    }
}

#[tokio::test]
async fn our_own_certificate_is_pem_or_pkcs12() {
    let wants = authority(&["localhost"], 2200, true);
    let pem = json!({ "ca": "ca.pem", "certificate": "klient.pem", "key": { "secret": "nyckel" } });
    assert!(safely(&wants, pem).await.is_ok());
    assert!(!wants.p12.is_empty());
    let p12 =
        |secret: &str| json!({ "ca": "ca.pem", "pkcs12": { "path": "klient.p12", "password": { "secret": secret } } });
    assert!(safely(&wants, p12("losen")).await.is_ok());
    let stranger = authority(&["localhost"], 2200, true);
    std::fs::copy(wants.folder.path().join("klient.pem"), stranger.folder.path().join("annan.pem")).unwrap();
    let other = Authority { key: wants.key.clone(), ..stranger };
    for (error, what) in [
        (safely(&wants, json!({ "ca": "ca.pem" })).await, "does not accept our certificate"),
        (
            safely(&other, json!({ "ca": "ca.pem", "certificate": "annan.pem", "key": { "secret": "nyckel" } })).await,
            "does not accept our certificate",
        ),
        (safely(&wants, p12("fel")).await, "cannot be opened"),
        (safely(&wants, json!({ "ca": "ca.pem", "certificate": "klient.pem" })).await, "need each other"),
        (
            safely(&wants, json!({ "ca": "ca.pem", "certificate": "klient.pem", "key": { "secret": "fel" } })).await,
            "no private key",
        ),
    ] {
        let error = error.err().unwrap_or_else(|| panic!("accepted: {what}"));
        assert!(error.what.contains(what) && error.actor == Actor::Configuration, "{what}: {error:?}");
    }
}
