//! Our own certificate and its key out of a PKCS#12 file, which is how function certificates are delivered.

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use sluss_schemas::say;

use super::{Own, Pkcs12};
use crate::connect::Io;
use crate::error::{ConnectorError, Result};
use crate::secret::resolve;

/// Opens the file. The causes are left out: they are about a private key.
pub(super) fn read(file: &Pkcs12, io: &Io) -> Result<Own> {
    let path = file.path.as_str();
    let bytes = super::read(path, "tls.pkcs12.path", io)?;
    let password = resolve(&file.password, io)?;
    let store = KeyStore::from_pkcs12(&bytes, password.expose(), Pkcs12ImportPolicy::Strict).map_err(|_| {
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
    let certificates = chain.certs().iter().map(|one| CertificateDer::from(one.as_der().to_vec())).collect();
    Ok((certificates, PrivatePkcs8KeyDer::from(chain.key().as_der().to_vec()).into()))
}
