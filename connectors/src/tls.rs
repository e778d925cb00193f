//! Certificates and keys in PEM, as every connector that speaks TLS takes them.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::secret::{SecretRef, Value};

use crate::connect::Io;
use crate::error::{Actor, ConnectorError, Result};
use sluss_schemas::message::Message;
use sluss_schemas::say;

/// Certificates for TLS, in PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsOptions {
    /// Whose certificates are trusted: a file relative to the job's folder, or a secret that holds the
    /// certificates. Those that the machine trusts, unless said.
    pub ca: Option<Value>,
    /// Our own certificate with those that vouch for it: a file relative to the job's folder, or a
    /// secret that holds them.
    pub certificate: Option<Value>,
    /// The key of our own certificate, by reference to a secret that holds it (PKCS#8, unencrypted).
    pub key: Option<SecretRef>,
}

impl TlsOptions {
    /// Reads the certificates. Nothing of a key or a certificate stands in an error.
    pub(crate) fn client(&self, io: &Io) -> Result<Arc<ClientConfig>> {
        let mut roots = RootCertStore::empty();
        match &self.ca {
            Some(ca) => {
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
            }
            None => {
                roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            }
        }
        if roots.is_empty() {
            return Err(ConnectorError::configuration(say!(
                "det finns ingen utfärdare av certifikat att lita på",
                "there is no issuer of certificates to trust"
            ))
            .hint(say!(
                "ange källans utfärdare i `tls.ca`, eller installera datorns egna (ca-certificates)",
                "name the source's issuer in `tls.ca`, or install the machine's own (ca-certificates)"
            )));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| ours(say!("TLS går inte att sätta upp", "TLS cannot be set up")).because(error))?
            .with_root_certificates(roots);
        let config = match (&self.certificate, &self.key) {
            (None, None) => builder.with_no_client_auth(),
            (Some(certificate), Some(key)) => {
                let chain = certificates(certificate, "tls.certificate", io)?;
                let key = PrivateKeyDer::from_pem_slice(secret(key, io)?.as_bytes()).map_err(|_| {
                    ConnectorError::configuration(say!(
                        "hemligheten i `tls.key` innehåller ingen privat nyckel i PEM",
                        "the secret of `tls.key` holds no private key in PEM"
                    ))
                    .hint(say!(
                        "gör om den: `openssl pkcs12 -in funktion.p12 -nocerts -nodes`",
                        "convert it: `openssl pkcs12 -in funktion.p12 -nocerts -nodes`"
                    ))
                })?;
                builder.with_client_auth_cert(chain, key).map_err(|_| {
                    ConnectorError::configuration(say!(
                        "`tls.certificate` och `tls.key` hör inte ihop",
                        "`tls.certificate` and `tls.key` do not belong together"
                    ))
                    .hint(say!(
                        "ta båda från samma certifikatbeställning",
                        "take both from the same order of a certificate"
                    ))
                })?
            }
            _ => {
                return Err(ConnectorError::configuration(say!(
                    "`tls.certificate` och `tls.key` behöver varandra",
                    "`tls.certificate` and `tls.key` need each other"
                ))
                .hint(say!("ange båda, eller ingen", "give both, or neither")));
            }
        };
        Ok(Arc::new(config))
    }
}

/// The certificates that a file or a secret holds; at least one.
fn certificates(from: &Value, option: &str, io: &Io) -> Result<Vec<CertificateDer<'static>>> {
    let pem = match from {
        Value::Secret(reference) => secret(reference, io)?.into_bytes(),
        Value::Plain(path) => {
            std::fs::read(io.base.join(Path::new(path))).map_err(|error| unreadable(option, error).at(path))?
        }
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

fn unreadable(option: &str, error: std::io::Error) -> ConnectorError {
    let what = say!("filen i `{option}` går inte att läsa", "the file of `{option}` cannot be read");
    let unreadable = match error.kind() {
        std::io::ErrorKind::PermissionDenied => ConnectorError::operator(what)
            .hint(say!("ge sluss rätt att läsa filen", "give sluss the right to read the file")),
        _ => ConnectorError::configuration(what)
            .hint(say!("ange sökvägen från jobbets mapp", "give its path from the job's folder")),
    };
    unreadable.because(error)
}

/// A secret by its name.
pub(crate) fn secret(reference: &SecretRef, io: &Io) -> Result<String> {
    let name = &reference.secret;
    io.secrets.get(name).map(|value| value.expose().to_owned()).ok_or_else(|| {
        ConnectorError::configuration(say!("hemligheten `{name}` är inte satt", "the secret `{name}` is not set")).hint(
            say!(
                "sätt den i miljön eller i mappen med hemligheter",
                "set it in the environment or the folder of secrets"
            ),
        )
    })
}

fn ours(what: Message) -> ConnectorError {
    let mut error = ConnectorError::source(what)
        .hint(say!("rapportera felet med versionen av sluss", "report this with the version of sluss"));
    error.actor = Actor::Us;
    error
}
