//! A receipt's signature: that a file comes from this installation and is as it was written.
//!
//! Ed25519 (RFC 8032) over the file's bytes, detached: 64 bytes in a file of their own. Whoever has the
//! public key can check it without Sluss:
//! `openssl pkeyutl -verify -pubin -inkey KEY.pem -rawin -in FILE -sigfile FILE.sig`.

use std::fmt;

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use crate::keys::{Error, KeySet, Result, text};

/// How the name of a signature's file ends, after the signed file's whole name.
pub const SIGNATURE: &str = "sig";

/// The length of a signature in bytes.
pub const SIGNATURE_BYTES: usize = 64;

/// What stands before a public key in its PEM form: `SubjectPublicKeyInfo` of Ed25519 (RFC 8410).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Signs receipts with the newest version of a key, and knows those that older ones signed.
pub struct Signer {
    /// Version and key, oldest first. Never empty.
    keys: Vec<(u32, Ed25519KeyPair)>,
}

impl Signer {
    /// Signs with the key set's current version.
    pub fn new(keys: &KeySet) -> Result<Self> {
        let pair = |version| {
            let seed = keys.key(version)?;
            let pair = Ed25519KeyPair::from_seed_unchecked(seed)
                .map_err(|_| Error::NotAKey { name: keys.name().to_owned(), why: "it cannot sign" })?;
            Ok((version, pair))
        };
        Ok(Self { keys: keys.versions().map(pair).collect::<Result<_>>()? })
    }

    /// The version that it signs with.
    pub fn version(&self) -> u32 {
        self.keys.last().map_or(0, |(version, _)| *version)
    }

    /// The signature of these bytes.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.keys.last().map(|(_, pair)| pair.sign(bytes).as_ref().to_vec()).unwrap_or_default()
    }

    /// The version that signed these bytes; none where no version did.
    pub fn verify(&self, bytes: &[u8], signature: &[u8]) -> Option<u32> {
        let signed = |pair: &Ed25519KeyPair| {
            UnparsedPublicKey::new(&ED25519, pair.public_key().as_ref()).verify(bytes, signature).is_ok()
        };
        self.keys.iter().rev().find(|(_, pair)| signed(pair)).map(|(version, _)| *version)
    }

    /// The public keys in PEM, newest first.
    pub fn public_keys(&self) -> Vec<(u32, String)> {
        let pem = |pair: &Ed25519KeyPair| {
            let info = [SPKI.as_slice(), pair.public_key().as_ref()].concat();
            format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", text::base64(&info))
        };
        self.keys.iter().rev().map(|(version, pair)| (*version, pem(pair))).collect()
    }

    /// The current version's signature as a header of HTTP tells it: `key=2; ed25519=<base64>`.
    pub fn header(&self, bytes: &[u8]) -> String {
        format!("key={}; ed25519={}", self.version(), text::base64(&self.sign(bytes)))
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("version", &self.version()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(text: &str) -> Signer {
        Signer::new(&KeySet::parse("kvittonyckel", text).unwrap()).unwrap()
    }

    /// RFC 8032, section 7.1, tests 1 and 2.
    const FIRST: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const SECOND: &str = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";

    #[test]
    fn it_signs_as_the_standard_says() {
        let signature = text::hex(&signer(FIRST).sign(b""));
        assert!(
            signature.starts_with("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"),
            "{signature}"
        );
        assert_eq!(signature.len(), 2 * SIGNATURE_BYTES);
        let signature = text::hex(&signer(SECOND).sign(b"\x72"));
        assert!(
            signature.starts_with("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"),
            "{signature}"
        );
    }

    #[test]
    fn an_older_key_s_signature_stands_and_a_changed_byte_does_not() {
        let before = signer(&format!("1:{FIRST}"));
        let after = signer(&format!("1:{FIRST}\n2:{SECOND}"));
        let (old, new) = (before.sign(b"kvitto"), after.sign(b"kvitto"));
        assert_eq!((after.verify(b"kvitto", &old), after.verify(b"kvitto", &new)), (Some(1), Some(2)));
        assert_eq!((before.verify(b"kvitto", &new), after.verify(b"kvittn", &old)), (None, None));
        assert_eq!((after.verify(b"kvitto", b""), after.verify(b"kvitto", &old[1..])), (None, None));
        let keys = after.public_keys();
        assert_eq!(keys.iter().map(|(version, _)| *version).collect::<Vec<_>>(), [2, 1]);
        assert!(!format!("{after:?}").contains("9d61"));
    }
}
