//! A delivery on its way in: what a connector writes to.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sluss_schemas::chunk::Origin;
use sluss_schemas::landing::{Landing, LandingWriter};
use sluss_schemas::personnummer;

use super::content::ContentId;
use super::zone::object_path;
use crate::keys::seal::{Kind, SealWriter};
use crate::keys::{DataKey, PartialFile, Result};

/// Plain bytes that are hashed and encrypted at a time, so that they are read from memory once.
const STRETCH: usize = 1 << 16;

/// A file that has landed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landed {
    /// The origin's ordinal within the delivery.
    pub origin: u32,
    /// The file's name, with any personal number in it masked.
    pub name: String,
    /// SHA-256 of its bytes, under which it can be read again.
    pub content: ContentId,
    /// Its size.
    pub bytes: u64,
}

/// Keeps the bytes of one delivery. Shared freely: files may land at the same time.
#[derive(Clone, Debug)]
pub struct Incoming {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    key: DataKey,
    landed: Mutex<Vec<Landed>>,
}

impl Incoming {
    pub(super) fn new(folder: PathBuf, key: DataKey) -> Self {
        Self { shared: Arc::new(Shared { folder, key, landed: Mutex::default() }) }
    }

    /// The files that have landed whole so far, by origin and name.
    pub fn objects(&self) -> Vec<Landed> {
        let mut landed = self.shared.landed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        landed.sort_by(|a, b| (a.origin, &a.name, a.content).cmp(&(b.origin, &b.name, b.content)));
        landed
    }

    /// See [`input_digest`]: of the files that have landed so far.
    pub fn input_digest(&self) -> ContentId {
        input_digest(&self.objects())
    }
}

/// One digest over all files of a delivery: their names and contents, whatever the order and time in
/// which they came. Two runs with the same digest had the same input.
pub fn input_digest(landed: &[Landed]) -> ContentId {
    let mut files: Vec<_> = landed.iter().map(|l| (l.name.as_str(), l.content)).collect();
    files.sort_unstable();
    let mut hash = Sha256::new();
    hash.update(b"sluss input 1\0");
    for (name, content) in files {
        hash.update(u64::try_from(name.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(name);
        hash.update(content.0);
    }
    ContentId(hash.finalize().into())
}

impl Landing for Incoming {
    fn begin(&self, origin: &Origin) -> io::Result<Box<dyn LandingWriter>> {
        Ok(Box::new(Writer::begin(Arc::clone(&self.shared), origin)?))
    }
}

struct Writer {
    shared: Arc<Shared>,
    sealed: SealWriter<File>,
    partial: PartialFile,
    hash: Sha256,
    bytes: u64,
    origin: u32,
    name: String,
}

impl Writer {
    fn begin(shared: Arc<Shared>, origin: &Origin) -> Result<Self> {
        let (partial, file) = PartialFile::create(&shared.folder, shared.key.delivery().run())?;
        let sealed = SealWriter::new(file, &shared.key, Kind::Landed)?;
        let name = personnummer::mask(&origin.name).into_owned();
        Ok(Self { shared, sealed, partial, hash: Sha256::new(), bytes: 0, origin: origin.index, name })
    }

    fn seal(self) -> Result<()> {
        let Self { shared, sealed, partial, hash, bytes, origin, name } = self;
        let content = ContentId(hash.finalize().into());
        let path = object_path(&shared.folder, content, shared.key.delivery().run());
        let file = sealed.finish()?;
        // Where the object is there (the same file twice, a run that is taken up again) this puts the
        // same content under the same key in its place.
        partial.persist(file, &path)?;
        let landed = Landed { origin, name, content, bytes };
        shared.landed.lock().unwrap_or_else(PoisonError::into_inner).push(landed);
        Ok(())
    }
}

impl LandingWriter for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        for stretch in bytes.chunks(STRETCH) {
            self.hash.update(stretch);
            self.sealed.write_all(stretch)?;
        }
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        Ok(self.seal()?)
    }
}
