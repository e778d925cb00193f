//! Certificates: authorities to trust, and our own.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use reqwest::{Certificate, ClientBuilder, Identity};
use sluss_schemas::message::Message;
use sluss_schemas::say;
use sluss_schemas::secret::Secret;

use super::options::{Tls, resolve};
use crate::connect::Io;
use crate::error::{ConnectorError, Result};

/// Certificates with their secrets; files are read when the first request is made.
pub(super) struct Certificates {
    base: PathBuf,
    ca: Option<String>,
    own: Option<Own>,
}

enum Own {
    Pem { certificate: String, key: Secret },
    Pkcs12 { path: String, password: Secret },
}

impl Certificates {
    /// Checks the options and resolves the secrets. No I/O.
    pub(super) fn new(tls: &Tls, io: &Io) -> Result<Self> {
        let own = match (&tls.certificate, &tls.key, &tls.pkcs12) {
            (None, None, None) => None,
            (Some(certificate), Some(key), None) => {
                Some(Own::Pem { certificate: certificate.clone(), key: resolve(key, io)? })
            }
            (None, None, Some(file)) => {
                Some(Own::Pkcs12 { path: file.path.clone(), password: resolve(&file.password, io)? })
            }
            _ => {
                return Err(ConnectorError::configuration(say!(
                    "vårt eget certifikat är angivet till hälften eller två gånger",
                    "our own certificate is given by halves or twice"
                ))
                .hint(say!(
                    "ange `tls.certificate` och `tls.key`, eller `tls.pkcs12`",
                    "give `tls.certificate` and `tls.key`, or `tls.pkcs12`"
                )));
            }
        };
        Ok(Self { base: io.base.clone(), ca: tls.ca.clone(), own })
    }

    /// Reads the files and puts what is in them into the client.
    pub(super) fn apply(&self, mut client: ClientBuilder) -> Result<ClientBuilder> {
        if let Some(path) = &self.ca {
            let certificates = Certificate::from_pem_bundle(&read(&self.base, path)?)
                .ok()
                .filter(|certificates| !certificates.is_empty())
                .ok_or_else(|| {
                    unusable(
                        say!(
                            "filen med utfärdare innehåller inget certifikat i PEM",
                            "the file of authorities holds no certificate in PEM"
                        ),
                        path,
                    )
                })?;
            client = client.tls_certs_merge(certificates);
        }
        let pem = match &self.own {
            None => return Ok(client),
            Some(Own::Pem { certificate, key }) => {
                let mut pem = read(&self.base, certificate)?;
                pem.push(b'\n');
                pem.extend_from_slice(key.expose().as_bytes());
                (pem, certificate)
            }
            Some(Own::Pkcs12 { path, password }) => (pkcs12(&read(&self.base, path)?, password, path)?, path),
        };
        // The cause is left out: it is about a private key.
        let identity = Identity::from_pem(&pem.0).map_err(|_| {
            unusable(
                say!(
                    "certifikatet och nyckeln är inget par av PEM-texter",
                    "the certificate and the key are not a pair of PEM texts"
                ),
                pem.1,
            )
        })?;
        Ok(client.identity(identity))
    }
}

fn read(base: &Path, path: &str) -> Result<Vec<u8>> {
    std::fs::read(base.join(path)).map_err(|error| {
        ConnectorError::configuration(say!(
            "filen med certifikat går inte att läsa",
            "the file of certificates cannot be read"
        ))
        .at(path)
        .hint(say!("sökvägen räknas från projektets mapp", "the path is relative to the project's folder"))
        .because(error)
    })
}

fn unusable(what: Message, path: &str) -> ConnectorError {
    ConnectorError::configuration(what).at(path).hint(say!(
        "titta på filen med `openssl x509 -text -in FIL`",
        "look at the file with `openssl x509 -text -in FILE`"
    ))
}

/// Certificates and key of a PKCS#12 file as PEM.
fn pkcs12(bytes: &[u8], password: &Secret, path: &str) -> Result<Vec<u8>> {
    let store = KeyStore::from_pkcs12(bytes, password.expose(), Pkcs12ImportPolicy::Strict).map_err(|_| {
        ConnectorError::configuration(say!("PKCS#12-filen går inte att öppna", "the PKCS#12 file cannot be opened"))
            .at(path)
            .hint(say!(
                "kontrollera hemligheten som `tls.pkcs12.password` hänvisar till, och att filen är hel",
                "check the secret that `tls.pkcs12.password` refers to, and that the file is whole"
            ))
    })?;
    let Some((_, chain)) = store.private_key_chain() else {
        return Err(ConnectorError::configuration(say!(
            "PKCS#12-filen innehåller ingen privat nyckel",
            "the PKCS#12 file holds no private key"
        ))
        .at(path)
        .hint(say!(
            "exportera certifikatet tillsammans med sin nyckel",
            "export the certificate together with its key"
        )));
    };
    let mut text = Vec::new();
    for certificate in chain.certs() {
        pem("CERTIFICATE", certificate.as_der(), &mut text);
    }
    pem("PRIVATE KEY", chain.key().as_der(), &mut text);
    Ok(text)
}

fn pem(label: &str, der: &[u8], text: &mut Vec<u8>) {
    text.extend_from_slice(format!("-----BEGIN {label}-----\n").as_bytes());
    for line in STANDARD.encode(der).as_bytes().chunks(64) {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    text.extend_from_slice(format!("-----END {label}-----\n").as_bytes());
}
