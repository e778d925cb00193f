//! A directory over LDAP: HSA, or any other.
//!
//! What it reads, how it gets there, its cursor and its quirks: `doc.md`, its reference page.

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
    const DOC: &'static str = include_str!("doc.md");
    type Options = LdapOptions;

    fn open(options: LdapOptions, io: &Io) -> Result<Box<dyn Source>> {
        Ok(Box::new(source::Directory::new(options, io)?))
    }
}
