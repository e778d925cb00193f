//! Master keys: several versions under one name, in one secret.

use std::collections::BTreeMap;
use std::fmt;

use sluss_schemas::secret::Secrets;
use zeroize::Zeroizing;

use super::{Error, Result, text};

/// The versions of one key. The highest is the current one: new things use it, older versions only
/// open what they once closed.
///
/// As text (the secret's value): one `version:key` for each version, with blanks, commas or new
/// lines between them; `#` begins a comment that lasts to the end of the line. A key is 32 bytes in
/// base64 or hexadecimal. A key without a version is version 1.
///
/// All versions stand in one secret, so that adding one is a single act and the current version
/// never needs to be configured in a second place.
pub struct KeySet {
    name: String,
    current: u32,
    keys: BTreeMap<u32, Zeroizing<[u8; 32]>>,
}

impl KeySet {
    /// Takes the key set from the secret called `name`.
    pub fn from_secrets(secrets: &dyn Secrets, name: &str) -> Result<Self> {
        let secret = secrets.get(name).ok_or_else(|| Error::NoKey { name: name.to_owned() })?;
        Self::parse(name, secret.expose())
    }

    /// Reads the text form.
    pub fn parse(name: &str, value: &str) -> Result<Self> {
        let bad = |why| Error::NotAKey { name: name.to_owned(), why };
        let mut keys = BTreeMap::new();
        let uncommented = value.lines().map(|line| line.split('#').next().unwrap_or_default());
        for token in uncommented.flat_map(|l| l.split([' ', '\t', ',', '\r'])).filter(|t| !t.is_empty()) {
            let (version, key) = token.split_once(':').unwrap_or(("1", token));
            let version: u32 = version.parse().map_err(|_| bad("the version is not a number"))?;
            let key = text::key(key).ok_or_else(|| bad("not 32 bytes in base64 or hexadecimal"))?;
            if key.iter().all(|byte| Some(byte) == key.first()) {
                return Err(bad("all its bytes are alike"));
            }
            if keys.insert(version, key).is_some() {
                return Err(bad("a version stands there twice"));
            }
        }
        let Some((&current, _)) = keys.last_key_value() else { return Err(bad("it is empty")) };
        Ok(Self { name: name.to_owned(), current, keys })
    }

    /// The secret's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version that new things use.
    pub fn current(&self) -> u32 {
        self.current
    }

    /// All versions, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = u32> {
        self.keys.keys().copied()
    }

    pub(crate) fn key(&self, version: u32) -> Result<&[u8; 32]> {
        match self.keys.get(&version) {
            Some(key) => Ok(key),
            None => Err(Error::NoVersion { name: self.name.clone(), version }),
        }
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet").field("name", &self.name).field("current", &self.current).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(byte: u8) -> String {
        format!("{:0>64}", format!("{byte:x}"))
    }

    #[test]
    fn a_bare_key_is_version_one_and_the_highest_is_current() {
        assert_eq!(KeySet::parse("k", &hex(1)).unwrap().current(), 1);
        let set = KeySet::parse("k", &format!("# made 2026\n2:{} , 10:{}\r\n1:{}", hex(2), hex(3), hex(1))).unwrap();
        assert_eq!(set.current(), 10);
        assert_eq!(set.versions().collect::<Vec<_>>(), [1, 2, 10]);
        assert_eq!(set.key(2).unwrap().last(), Some(&2));
        assert!(matches!(set.key(3), Err(Error::NoVersion { version: 3, .. })));
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        let twice = format!("1:{} 1:{}", hex(1), hex(2));
        for text in ["", "# only a comment", "hemligt", "x:00", &"0".repeat(64), &twice] {
            let error = KeySet::parse("k", text).unwrap_err();
            assert!(matches!(error, Error::NotAKey { .. }));
            assert!(!error.to_string().contains("hemligt") && !format!("{error:?}").contains("hemligt"));
        }
        assert!(!format!("{:?}", KeySet::parse("k", &hex(7)).unwrap()).contains("07"));
    }
}
