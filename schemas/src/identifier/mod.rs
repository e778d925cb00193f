//! Identifiers: one file each, with its canonical form, its check digit and the ways it is mistyped.
//!
//! A `read` gives the canonical form. A value that is canonical already is borrowed.

pub mod code;
pub mod gln;
pub mod hsa_id;
pub mod icd10;
pub mod kva;
pub mod lanskod;
pub mod luhn;
pub mod orgnr;
pub mod postnummer;
pub mod sctid;
pub mod telefon;

/// Real files for tests: they lie outside the repository, and a test without them says so.
#[cfg(test)]
pub(crate) mod real {
    use std::path::PathBuf;

    /// The folder of real files, or none (with a line on standard error).
    pub(crate) fn folder(name: &str) -> Option<PathBuf> {
        let shared = std::env::var_os("SLUSS_SHARED")
            .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")), PathBuf::from);
        let path = shared.join("real").join(name);
        if path.exists() {
            return Some(path);
        }
        eprintln!("skipped: {} is absent", path.display());
        None
    }

    /// The text of a real file; bytes that are not UTF-8 are taken as Latin-1.
    pub(crate) fn text(name: &str) -> Option<String> {
        let bytes = std::fs::read(folder(name)?).ok()?;
        Some(String::from_utf8(bytes).unwrap_or_else(|e| e.into_bytes().iter().map(|b| char::from(*b)).collect()))
    }
}
