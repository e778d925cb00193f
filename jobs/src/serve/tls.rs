//! The listener's certificate, and whose client certificates it believes.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use sluss_pipeline::error::{PipelineError, Result};
use sluss_pipeline::job::{Project, PushTls};
use sluss_schemas::message::Message;
use sluss_schemas::say;
use sluss_schemas::secret::Secrets;

/// The configuration for connections. A client that shows no certificate may still show a token; one
/// that shows a certificate which does not hold is refused.
pub(super) fn config(project: &Project, tls: &PushTls, secrets: &dyn Secrets) -> Result<Arc<ServerConfig>> {
    let chain = certificates(&project.path(&tls.certificate))?;
    let name = &tls.key.secret;
    let key = secrets.get(name).ok_or_else(|| {
        wrong(say!("hemligheten `{name}` är inte satt", "the secret `{name}` is not set"))
            .hint(say!("den ska hålla serverns privata nyckel i PEM", "it holds the server's private key in PEM"))
    })?;
    let key = PrivateKeyDer::from_pem_slice(key.expose().as_bytes()).map_err(|_| {
        wrong(say!("hemligheten `{name}` är ingen privat nyckel i PEM", "the secret `{name}` is no private key in PEM"))
    })?;
    let builder = ServerConfig::builder();
    let builder = match &tls.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let path = project.path(path);
            let mut roots = RootCertStore::empty();
            for certificate in certificates(&path)? {
                roots.add(certificate).map_err(|e| {
                    wrong(say!("en rot går inte att använda", "a root cannot be used"))
                        .at(path.display().to_string())
                        .because(e)
                })?;
            }
            let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).allow_unauthenticated().build();
            builder.with_client_cert_verifier(verifier.map_err(|e| {
                wrong(say!("client_ca går inte att använda", "client_ca cannot be used"))
                    .at(path.display().to_string())
                    .because(e)
            })?)
        }
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|e| {
        wrong(say!("certifikat och nyckel hör inte ihop", "certificate and key do not belong together")).because(e)
    })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let refused = |what: Message| wrong(what).at(path.display().to_string());
    let text = std::fs::read(path)
        .map_err(|e| refused(say!("filen går inte att läsa", "the file cannot be read")).because(e))?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<std::result::Result<_, _>>()
        .map_err(|_| refused(say!("filen är inte PEM", "the file is not PEM")))?;
    if found.is_empty() {
        return Err(refused(say!("filen har inget certifikat", "the file has no certificate")));
    }
    Ok(found)
}

fn wrong(what: Message) -> PipelineError {
    PipelineError::configuration(what)
        .at(say!("[push.tls] i sluss.toml", "[push.tls] in sluss.toml"))
        .hint(say!("kontrollera certifikat, nyckel och client_ca", "check certificate, key and client_ca"))
}
