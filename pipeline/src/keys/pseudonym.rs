//! Keyed hashes of numbers that name a person: the same number gives the same pseudonym, and nobody
//! without the key can try all numbers.

use std::fmt;
use std::fmt::Write;

use arrow::array::{Array, StringViewArray, StringViewBuilder};
use zeroize::{Zeroize, Zeroizing};

use super::{Error, KeySet, Result, text};

/// What a pseudonym stands for. The same number has unrelated pseudonyms for two purposes, so that
/// tables that must not be joined cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A sole trader's organisation number.
    Orgnr,
    /// `vardkontakt_id` of the waiting-time delivery.
    Vardkontakt,
    /// Anything else, by name; the name is part of every pseudonym and may not change.
    Other(&'static str),
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Orgnr => "orgnr",
            Self::Vardkontakt => "vardkontakt_id",
            Self::Other(name) => name,
        }
    }
}

/// A version, and the purpose's key under it.
type Step = (u32, Zeroizing<[u8; 32]>);

/// Makes pseudonyms: `p<version>-` and 32 hexadecimal digits (128 bits of keyed BLAKE3).
///
/// Versions are chained: a pseudonym of version 2 is the hash, under key 2, of that of version 1. So
/// [`rekey`](Self::rekey) brings stored pseudonyms to a new version without the numbers, in one
/// transaction, and they equal those that new deliveries get. The price: older versions stay in the
/// secret. What is stored is safe as long as the newest key is.
pub struct Pseudonymiser {
    purpose: Purpose,
    /// Oldest first. Never empty.
    steps: Vec<Step>,
}

impl Pseudonymiser {
    /// Pseudonyms for `purpose`, of the key set's current version.
    pub fn new(keys: &KeySet, purpose: Purpose) -> Result<Self> {
        let mut steps = Vec::new();
        for version in keys.versions() {
            let mut hash = blake3::Hasher::new_derive_key("Sluss 2026-11 pseudonym, key of one purpose");
            hash.update(keys.key(version)?).update(purpose.name().as_bytes());
            let mut key = Zeroizing::new([0; 32]);
            hash.finalize_xof().fill(&mut *key);
            hash.zeroize();
            steps.push((version, key));
        }
        Ok(Self { purpose, steps })
    }

    /// The version that it makes.
    pub fn version(&self) -> u32 {
        self.steps.last().map_or(0, |(version, _)| *version)
    }

    /// The pseudonym of one text. Give it in canonical form: another spelling is another text.
    pub fn hash(&self, plain: &str) -> String {
        let mut out = String::with_capacity(40);
        self.append(plain, &mut out);
        out
    }

    /// The pseudonyms of a column; nulls stay.
    pub fn hash_column(&self, plain: &StringViewArray) -> StringViewArray {
        let mut builder = StringViewBuilder::with_capacity(plain.len());
        let mut text = String::with_capacity(40);
        for value in plain {
            builder.append_option(value.map(|value| {
                text.clear();
                self.append(value, &mut text);
                text.as_str()
            }));
        }
        builder.finish()
    }

    /// A stored pseudonym of any version, brought to the current one.
    pub fn rekey(&self, stored: &str) -> Result<String> {
        let (version, hash) = parse(stored).ok_or(Error::NotAPseudonym)?;
        let at = self.steps.iter().position(|(v, _)| *v == version).ok_or(Error::NotAPseudonym)?;
        let hash = chain(hash, self.steps.get(at + 1..).unwrap_or_default());
        let mut out = String::with_capacity(40);
        write_pseudonym(self.version(), hash, &mut out);
        Ok(out)
    }

    fn append(&self, plain: &str, out: &mut String) {
        let Some(((_, first), rest)) = self.steps.split_first() else { return };
        let hash = chain(shorten(&blake3::keyed_hash(first, plain.as_bytes())), rest);
        write_pseudonym(self.version(), hash, out);
    }
}

impl fmt::Debug for Pseudonymiser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pseudonymiser")
            .field("purpose", &self.purpose)
            .field("version", &self.version())
            .finish_non_exhaustive()
    }
}

/// Whether a text is a pseudonym, of whatever version: for checks that no plain number is stored.
pub fn is_pseudonym(text: &str) -> bool {
    parse(text).is_some()
}

fn chain(hash: u128, steps: &[Step]) -> u128 {
    steps.iter().fold(hash, |hash, (_, key)| shorten(&blake3::keyed_hash(key, &hash.to_be_bytes())))
}

fn shorten(hash: &blake3::Hash) -> u128 {
    hash.as_bytes().first_chunk().map_or(0, |first| u128::from_be_bytes(*first))
}

fn write_pseudonym(version: u32, hash: u128, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "p{version}-{hash:032x}");
}

fn parse(pseudonym: &str) -> Option<(u32, u128)> {
    let (version, hash) = pseudonym.strip_prefix('p')?.split_once('-')?;
    if hash.bytes().any(|b| b.is_ascii_uppercase()) || version.starts_with(['+', '0']) {
        return None;
    }
    Some((version.parse().ok()?, u128::from_be_bytes(text::from_hex(hash)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(versions: &[u8]) -> KeySet {
        let text: Vec<_> = versions.iter().map(|v| format!("{v}:{:0>64}", format!("{v:x}"))).collect();
        KeySet::parse("pseudonym", &text.join(" ")).unwrap()
    }

    fn orgnr(versions: &[u8]) -> Pseudonymiser {
        Pseudonymiser::new(&keys(versions), Purpose::Orgnr).unwrap()
    }

    // A number that authorities use as an example.
    const NUMBER: &str = "8112189876";

    #[test]
    fn equal_numbers_are_equal_and_purposes_are_apart() {
        let one = orgnr(&[1]);
        assert_eq!(one.hash(NUMBER), one.hash(NUMBER));
        assert_ne!(one.hash(NUMBER), one.hash("0012124588"));
        assert!(one.hash(NUMBER).starts_with("p1-") && one.hash(NUMBER).len() == 35);
        let contact = Pseudonymiser::new(&keys(&[1]), Purpose::Vardkontakt).unwrap();
        assert_ne!(one.hash(NUMBER), contact.hash(NUMBER));
        assert_ne!(one.hash(NUMBER), orgnr(&[2]).hash(NUMBER));
        assert!(is_pseudonym(&one.hash(NUMBER)) && !is_pseudonym(NUMBER));
    }

    #[test]
    fn rekeying_gives_what_a_new_delivery_gets() {
        let (one, two, both) = (orgnr(&[1]), orgnr(&[1, 2]), orgnr(&[1, 2, 3]));
        assert_eq!(two.rekey(&one.hash(NUMBER)).unwrap(), two.hash(NUMBER));
        assert_eq!(both.rekey(&one.hash(NUMBER)).unwrap(), both.hash(NUMBER));
        assert_eq!(both.rekey(&two.hash(NUMBER)).unwrap(), both.hash(NUMBER));
        assert_eq!(both.rekey(&both.hash(NUMBER)).unwrap(), both.hash(NUMBER));
        for stored in ["", NUMBER, "p9-00", "p1-", &one.hash(NUMBER).to_uppercase(), &orgnr(&[9]).hash(NUMBER)] {
            assert!(both.rekey(stored).is_err(), "{stored}");
        }
    }

    #[test]
    fn columns_keep_their_nulls() {
        let one = orgnr(&[1]);
        let column = StringViewArray::from(vec![Some(NUMBER), None, Some(""), Some(NUMBER)]);
        let hashed = one.hash_column(&column);
        assert_eq!(hashed.len(), 4);
        assert!(hashed.is_null(1));
        assert_eq!(hashed.value(0), one.hash(NUMBER));
        assert_eq!(hashed.value(3), hashed.value(0));
        assert_ne!(hashed.value(2), hashed.value(0));
    }
}
