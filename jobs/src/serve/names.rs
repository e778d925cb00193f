//! The names in a client certificate.

use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// What is known of a certificate that the TLS handshake has believed.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Attributes of the subject, by their usual short names.
    pub(super) subject: Vec<(String, String)>,
    /// Subject alternative names.
    pub(super) alternative: Vec<String>,
}

impl Names {
    /// The names in a certificate.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
        let mut names = Self::default();
        for attribute in parsed.subject().iter_attributes() {
            let short = match attribute.attr_type().to_id_string().as_str() {
                "2.5.4.3" => "CN",
                "2.5.4.5" => "serialNumber",
                "2.5.4.6" => "C",
                "2.5.4.7" => "L",
                "2.5.4.8" => "ST",
                "2.5.4.10" => "O",
                "2.5.4.11" => "OU",
                "2.5.4.97" => "organizationIdentifier",
                _ => continue,
            };
            if let Ok(value) = attribute.as_str() {
                names.subject.push((short.to_owned(), value.to_owned()));
            }
        }
        if let Ok(Some(alternative)) = parsed.subject_alternative_name() {
            for name in &alternative.value.general_names {
                match name {
                    GeneralName::DNSName(text) | GeneralName::URI(text) | GeneralName::RFC822Name(text) => {
                        names.alternative.push((*text).to_owned());
                    }
                    _ => {}
                }
            }
        }
        Some(names)
    }
}
