//! TLS: the listener's certificate, and senders known by theirs.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};
use reqwest::{Certificate, Client, Identity};

use super::listener::refuses;
use super::{Listener, TOKENS, project, rows};
use crate::both::On;
use crate::sandbox::Sandbox;

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Certificate and key in PEM.
    fn issue(&self, name: &str, organisation: &str, alternative: &[&str], until: i32) -> (String, String) {
        let names: Vec<String> = alternative.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.distinguished_name.push(DnType::OrganizationName, organisation);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

const MORE: &str = r#"
[push.tls]
certificate = "tls/server.pem"
key = { secret = "servernyckel" }
client_ca = "tls/regioner.pem"

[[push.certificate]]
name = "vgr-avtal"
lanskod = "14"
subject = { CN = "avtal.exempel.se", O = "Exempelregionen" }
san = "avtal.exempel.se"
"#;

fn encrypted() -> (Sandbox, Authority, Authority) {
    let (servers, regions) = (Authority::new("Servrar"), Authority::new("Regioner"));
    let sandbox = project(&On::Sqlite, MORE);
    let (certificate, key) = servers.issue("127.0.0.1", "Exempel", &["127.0.0.1"], 2999);
    sandbox.write("tls/server.pem", certificate);
    sandbox.write("tls/regioner.pem", regions.0.pem());
    sandbox.write("tls/servrar.pem", servers.0.pem());
    sandbox.write(".secrets/servernyckel", key);
    private(&sandbox, ".secrets/servernyckel");
    (sandbox, servers, regions)
}

fn private(sandbox: &Sandbox, name: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(sandbox.path().join(name), std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn client(servers: &Authority, identity: Option<&(String, String)>) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut client =
        Client::builder().no_proxy().tls_certs_only([Certificate::from_pem(servers.0.pem().as_bytes()).unwrap()]);
    if let Some((certificate, key)) = identity {
        client = client.identity(Identity::from_pem(format!("{certificate}{key}").as_bytes()).unwrap());
    }
    client.build().unwrap()
}

#[test]
fn a_certificate_is_a_sender_of_one_region() {
    let (sandbox, servers, regions) = encrypted();
    let mut listener = Listener::start(&sandbox);
    assert!(listener.url.starts_with("https://"), "{}", listener.url);
    let send = |listener: &Listener, region: &str, sender: &str| {
        let path = format!("/v1/regions/{region}/avtal");
        listener.send("POST", &path, sender, &[], rows(region, 1).into_bytes()).status
    };
    let attempt = |listener: &Listener| listener.try_post("/v1/healthz", &[], "").is_some();

    let right = regions.issue("avtal.exempel.se", "Exempelregionen", &["avtal.exempel.se"], 2999);
    listener.client = client(&servers, Some(&right));
    assert_eq!(send(&listener, "14", ""), 202);
    assert_eq!(send(&listener, "22", ""), 403, "another region's");
    assert_eq!(send(&listener, "22", "vasternorrland"), 202, "a token goes before a certificate");

    let other = regions.issue("avtal.exempel.se", "En annan region", &["avtal.exempel.se"], 2999);
    listener.client = client(&servers, Some(&other));
    assert_eq!(send(&listener, "14", ""), 401, "nobody's certificate");

    let expired = regions.issue("avtal.exempel.se", "Exempelregionen", &["avtal.exempel.se"], 2021);
    listener.client = client(&servers, Some(&expired));
    assert!(!attempt(&listener), "an expired certificate");

    let forged = Authority::new("Regioner").issue("avtal.exempel.se", "Exempelregionen", &["avtal.exempel.se"], 2999);
    listener.client = client(&servers, Some(&forged));
    assert!(!attempt(&listener), "a certificate of another authority");

    listener.client = client(&servers, None);
    assert_eq!(send(&listener, "14", ""), 401, "neither certificate nor token");
    assert_eq!(send(&listener, "14", "vgr"), 202, "a token alone");
    listener.client = client(&Authority::new("Servrar"), None);
    assert!(!attempt(&listener), "a client that does not trust the listener");

    // The command-line client, with the listener's authority.
    sandbox.write("token", TOKENS[1].1);
    sandbox.write("avtal.json", rows("14", 2));
    let [file, token, ca] =
        ["avtal.json", "token", "tls/servrar.pem"].map(|n| sandbox.path().join(n).display().to_string());
    let arguments =
        ["submit", &file, "--region", "14", "--table", "avtal", "--url", &listener.url, "--token-file", &token];
    sandbox.ok(&[&arguments[..], &["--ca", &ca]].concat());
    listener.stop();
}

#[test]
fn certificates_that_cannot_work_are_told_at_the_start() {
    let (sandbox, ..) = encrypted();
    sandbox.write("tls/regioner.pem", "inget");
    let refused = refuses(&sandbox, &[]);
    assert!(refused.code == Some(2) && refused.stderr.contains("tls/regioner.pem"), "{}", refused.stderr);
    sandbox.write(".secrets/servernyckel", "ingen nyckel");
    let refused = refuses(&sandbox, &[]);
    assert!(refused.code == Some(2) && refused.stderr.contains("servernyckel"), "{}", refused.stderr);
}
