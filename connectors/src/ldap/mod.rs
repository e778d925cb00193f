//! A directory over LDAP: HSA, or any other.
//!
//! # What it reads
//!
//! The entries below `base` that `filter` selects, page by page (RFC 2696). Each attribute is a text
//! column under its own name; `dn` and `parentDN` come first. Without `attributes` they are those of
//! HSA's units, the ones with several values joined by `separator`. Structured values (`Gatan 1$123 45
//! Orten`, `1-5#08:00#16:30`) stay as they are: `adress_rad()`, `oppettid()` and the others read them.
//!
//! # Access
//!
//! `ldaps://`, or `ldap://` with `starttls`, with a client certificate (PEM) where the directory asks
//! for one. Anonymous, by name and password, or by the certificate alone (SASL EXTERNAL). The key and
//! the password are references to secrets. What comes is kept as LDIF (RFC 2849), entry by entry.
//!
//! # Cursor
//!
//! None, unless `increment` names the attribute that tells when an entry was changed. Then it is the
//! latest such time that came, and the next reading asks for what is later, `overlap_seconds` earlier
//! than that: entries that another server of the directory was late with are not lost, and entries that
//! come once more change nothing. Entries that were removed do not come: read in full now and then.
//!
//! # Quirks
//!
//! - An attribute that is declared to have one value and has several makes its entry unread: which one
//!   was meant is nobody's guess.
//! - Binary attributes are refused, and so are values that are not UTF-8.
//! - Referrals are not followed: each comes as an unread row, so that what is missing counts.
//! - A page that comes twice, and an answer that the directory cut short, are errors.
//! - Archived and fictitious units are told by their object classes, which come as a column.
//!
//! # Example
//!
//! ```toml
//! [source]
//! connector = "ldap"
//! [source.options]
//! url        = "ldaps://katalog.example.se"
//! base       = "o=Region Exempel,l=Exempelköping,c=SE"
//! filter     = "(objectClass=hsaHealthCareUnit)"
//! attributes = ["hsaIdentity", "ou", { name = "telephoneNumber", values = "join" }]
//! bind       = { method = "external" }
//! tls        = { ca = "ca.pem", certificate = "funktion.pem", key = { secret = "hsa_key" } }
//! increment  = { attribute = "modifyTimestamp", overlap_seconds = 600 }
//! ```

mod attributes;
mod connection;
mod entry;
mod failure;
mod increment;
mod ldif;
mod options;
mod pages;
mod source;
#[cfg(test)]
mod tests;

pub use options::{Attribute, Bind, Increment, LdapOptions, Method, Scope, Values};

use crate::connect::{Connect, Io, Source};
use crate::error::Result;

/// The connector `ldap`.
pub struct Ldap;

impl Connect for Ldap {
    const NAME: &'static str = "ldap";
    type Options = LdapOptions;

    fn open(options: LdapOptions, io: &Io) -> Result<Box<dyn Source>> {
        Ok(Box::new(source::Directory::new(options, io)?))
    }
}
