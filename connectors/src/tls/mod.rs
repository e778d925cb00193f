//! TLS as every connector takes it: whom we trust, and our own certificate, in PEM or PKCS#12.
//!
//! There is no way to accept a wrong certificate: its issuer is named, or it is not accepted.

mod pkcs12;

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::message::Message;
use sluss_schemas::say;
use sluss_schemas::secret::{SecretRef, Value};

use crate::connect::Io;
use crate::error::{Actor, ConnectorError, Result};
use crate::secret::resolve;

/// Certificates for TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsOptions {
    /// Whose certificates are trusted: a PEM file relative to the job's folder, or a secret that holds
    /// the certificates. Those that the machine trusts, unless said.
    pub ca: Option<Value>,
    /// Our own certificate (a function certificate) with those that vouch for it: a PEM file relative
    /// to the job's folder, or a secret that holds them.
    pub certificate: Option<Value>,
    /// The key of our own certificate, by reference to a secret that holds it (PEM, unencrypted).
    pub key: Option<SecretRef>,
    /// Our own certificate and key in one PKCS#12 file, instead of `certificate` and `key`.
    pub pkcs12: Option<Pkcs12>,
}

/// A PKCS#12 file (`.p12`, `.pfx`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pkcs12 {
    /// The file, relative to the job's folder.
    pub path: String,
    /// Its password, by reference.
    pub password: SecretRef,
}

/// Our own certificate, those that vouch for it, and its key.
type Own = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

impl TlsOptions {
    /// Whether we show a certificate of our own.
    pub(crate) fn shows_ours(&self) -> bool {
        self.certificate.is_some() || self.pkcs12.is_some()
    }

    /// Whether the options fit together and their secrets are there. No I/O.
    pub(crate) fn check(&self, io: &Io) -> Result<()> {
        match (&self.certificate, &self.key, &self.pkcs12) {
            (None, None, _) | (Some(_), Some(_), None) => {}
            (Some(_), Some(_), Some(_)) => {
                return Err(ConnectorError::configuration(say!(
                    "vårt eget certifikat är angivet två gånger",
                    "our own certificate is given twice"
                ))
                .hint(say!(
                    "ange `tls.certificate` och `tls.key`, eller `tls.pkcs12`",
                    "give `tls.certificate` and `tls.key`, or `tls.pkcs12`"
                )));
            }
            _ => {
                return Err(ConnectorError::configuration(say!(
                    "`tls.certificate` och `tls.key` behöver varandra",
                    "`tls.certificate` and `tls.key` need each other"
                ))
                .hint(say!("ange båda, eller ingen", "give both, or neither")));
            }
        }
        let held = [&self.ca, &self.certificate].into_iter().flatten().filter_map(|value| match value {
            Value::Secret(reference) => Some(reference),
            Value::Plain(_) => None,
        });
        let password = self.pkcs12.as_ref().map(|file| &file.password);
        held.chain(&self.key).chain(password).try_for_each(|reference| resolve(reference, io).map(drop))
    }

    /// Reads the certificates. Nothing of a key or a certificate stands in an error.
    pub(crate) fn client(&self, io: &Io) -> Result<Arc<ClientConfig>> {
        self.check(io)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| ours(say!("TLS går inte att sätta upp", "TLS cannot be set up")).because(error))?
            .with_root_certificates(self.trusted(io)?);
        let config = match self.own(io)? {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => builder.with_client_auth_cert(chain, key).map_err(|_| {
                ConnectorError::configuration(say!(
                    "vårt certifikat och dess nyckel hör inte ihop",
                    "our certificate and its key do not belong together"
                ))
                .hint(say!(
                    "ta båda från samma certifikatbeställning",
                    "take both from the same order of a certificate"
                ))
            })?,
        };
        Ok(Arc::new(config))
    }

    fn trusted(&self, io: &Io) -> Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        let Some(ca) = &self.ca else {
            let (added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if added == 0 {
                // The server's certificate will not be accepted; this says why.
                tracing::warn!("this machine trusts no issuer of certificates: is ca-certificates installed?");
            }
            return Ok(roots);
        };
        for certificate in certificates(ca, "tls.ca", io)? {
            roots.add(certificate).map_err(|_| {
                ConnectorError::configuration(say!(
                    "ett certifikat i `tls.ca` går inte att lita på",
                    "a certificate in `tls.ca` cannot be trusted"
                ))
                .hint(say!(
                    "ange utfärdarnas certifikat i PEM, som källans ägare skickade dem",
                    "give the issuers' certificates in PEM, as the source's owner sent them"
                ))
            })?;
        }
        Ok(roots)
    }

    fn own(&self, io: &Io) -> Result<Option<Own>> {
        if let Some(file) = &self.pkcs12 {
            return pkcs12::read(file, io).map(Some);
        }
        let (Some(certificate), Some(key)) = (&self.certificate, &self.key) else { return Ok(None) };
        let chain = certificates(certificate, "tls.certificate", io)?;
        let key = PrivateKeyDer::from_pem_slice(resolve(key, io)?.expose().as_bytes()).map_err(|_| {
            ConnectorError::configuration(say!(
                "hemligheten i `tls.key` innehåller ingen privat nyckel i PEM",
                "the secret of `tls.key` holds no private key in PEM"
            ))
            .hint(say!(
                "ta bort nyckelns lösenord: `openssl pkey -in nyckel.pem`; en .p12-fil anges i `tls.pkcs12`",
                "take the key's password away: `openssl pkey -in key.pem`; a .p12 file goes into `tls.pkcs12`"
            ))
        })?;
        Ok(Some((chain, key)))
    }
}

/// The certificates that a file or a secret holds; at least one.
fn certificates(from: &Value, option: &str, io: &Io) -> Result<Vec<CertificateDer<'static>>> {
    let pem = match from {
        Value::Secret(reference) => resolve(reference, io)?.expose().as_bytes().to_vec(),
        Value::Plain(path) => read(path, option, io)?,
    };
    let certificates: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    certificates.ok().filter(|list| !list.is_empty()).ok_or_else(|| {
        ConnectorError::configuration(say!(
            "`{option}` innehåller inget certifikat i PEM",
            "`{option}` holds no certificate in PEM"
        ))
        .hint(say!(
            "det börjar med -----BEGIN CERTIFICATE-----; gör om andra med `openssl x509`",
            "it begins with -----BEGIN CERTIFICATE-----; convert others with `openssl x509`"
        ))
    })
}

/// A file that an option names.
fn read(path: &str, option: &str, io: &Io) -> Result<Vec<u8>> {
    std::fs::read(io.base.join(path)).map_err(|error| {
        let what = say!("filen i `{option}` går inte att läsa", "the file of `{option}` cannot be read");
        let unreadable = match error.kind() {
            std::io::ErrorKind::PermissionDenied => ConnectorError::operator(what)
                .hint(say!("ge sluss rätt att läsa filen", "give sluss the right to read the file")),
            _ => ConnectorError::configuration(what)
                .hint(say!("ange sökvägen från jobbets mapp", "give its path from the job's folder")),
        };
        unreadable.because(error).at(path)
    })
}

fn ours(what: Message) -> ConnectorError {
    let mut error = ConnectorError::source(what)
        .hint(say!("rapportera felet med versionen av sluss", "report this with the version of sluss"));
    error.actor = Actor::Us;
    error
}
