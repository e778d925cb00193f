//! Reading a landed object.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::content::ContentId;
use super::zone::missing;
use crate::keys::seal::{Kind, SealReader};
use crate::keys::{DataKey, Error, Result};

/// The plain bytes of a landed object. Every frame is verified before any of its bytes come out; the
/// end comes only where the whole content has the digest that it is filed under.
pub struct ObjectReader {
    sealed: SealReader<BufReader<File>>,
    hash: Sha256,
    content: ContentId,
}

impl ObjectReader {
    pub(super) fn open(path: &Path, key: &DataKey, content: ContentId) -> Result<Self> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(missing(key.delivery())),
            Err(e) => return Err(Error::Io { path: path.to_owned(), act: "read", source: e }),
        };
        let sealed = SealReader::new(BufReader::with_capacity(1 << 17, file), key, Kind::Landed)?;
        Ok(Self { sealed, hash: Sha256::new(), content })
    }
}

impl Read for ObjectReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let taken = self.sealed.read(out)?;
        self.hash.update(out.get(..taken).unwrap_or_default());
        if taken == 0 && !out.is_empty() && <[u8; 32]>::from(self.hash.clone().finalize()) != self.content.0 {
            return Err(Error::Misplaced.into());
        }
        Ok(taken)
    }
}
