//! The hash of a code: one call of XXH3 over its bytes.
//!
//! The keys are the code lists of authorities, a fixed set that no sender of rows can add to, so a
//! keyed hash would buy nothing.

use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A hash map from codes.
pub(super) type CodeMap<V> = std::collections::HashMap<Box<str>, V, BuildHasherDefault<CodeHasher>>;

/// Hashes the bytes of one string. Codes are short: there is nothing to stream.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CodeHasher(u64);

impl Hasher for CodeHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }

    /// `str` ends itself with a byte that no UTF-8 has, which matters only in front of other fields.
    fn write_u8(&mut self, _end: u8) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
