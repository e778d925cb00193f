//! Files copied with their digests.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use serde::{Deserialize, Serialize};

use crate::error::{PipelineError, Result};

/// Bytes that are read at once.
const PIECE: usize = 256 * 1024;

/// Size and digest of a content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hashed {
    pub(super) bytes: u64,
    pub(super) blake3: String,
}

/// Writes a new file, counts and hashes.
pub(super) struct Writer {
    file: File,
    bytes: u64,
    digest: blake3::Hasher,
}

impl Writer {
    /// A new file that only this user can read, with the folders above it.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self { file: options.open(path)?, bytes: 0, digest: blake3::Hasher::new() })
    }

    pub(super) fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.bytes += piece.len() as u64;
        self.digest.update(piece);
        self.file.write_all(piece)
    }

    /// Brings it to disk.
    pub(super) fn finish(self) -> io::Result<Hashed> {
        self.file.sync_all()?;
        Ok(Hashed { bytes: self.bytes, blake3: self.digest.finalize().to_string() })
    }
}

/// Folders that only this user can enter.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Copies a file; none where it has gone away meanwhile.
pub(super) fn copy(from: &Path, to: &Path) -> Result<Option<Hashed>> {
    let failed = |path: &Path| {
        let place = path.display().to_string();
        move |error: io::Error| PipelineError::from(error).at(place)
    };
    let mut source = match File::open(from) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(from)(error)),
    };
    let mut out = Writer::create(to).map_err(failed(to))?;
    let mut piece = vec![0; PIECE];
    loop {
        let read = source.read(&mut piece).map_err(failed(from))?;
        let Some(piece) = piece.get(..read).filter(|piece| !piece.is_empty()) else { break };
        out.write(piece).map_err(failed(to))?;
    }
    Ok(Some(out.finish().map_err(failed(to))?))
}

/// Writes what a stream gives.
pub(super) async fn receive<E>(
    mut pieces: impl Stream<Item = std::result::Result<Bytes, E>> + Unpin,
    to: &Path,
) -> Result<Hashed>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let mut out = Writer::create(to)?;
    while let Some(piece) = pieces.try_next().await.map_err(io::Error::other)? {
        out.write(&piece)?;
    }
    Ok(out.finish()?)
}

/// What a file holds.
pub(super) fn hash(path: &Path) -> io::Result<Hashed> {
    let mut digest = blake3::Hasher::new();
    let bytes = io::copy(&mut File::open(path)?, &mut digest)?;
    Ok(Hashed { bytes, blake3: digest.finalize().to_string() })
}

/// Every file below a folder, by its path from there, in order. Folders and files that `leaves_out` are passed
/// over; what goes away meanwhile is not there.
pub(super) fn below(folder: &Path, leaves_out: &dyn Fn(&str) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    walk(folder, Path::new(""), leaves_out, &mut found)?;
    found.sort();
    Ok(found)
}

fn walk(folder: &Path, inside: &Path, leaves_out: &dyn Fn(&str) -> bool, found: &mut Vec<PathBuf>) -> Result<()> {
    let here = folder.join(inside);
    let entries = match fs::read_dir(&here) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(PipelineError::from(error).at(here.display().to_string())),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_str().is_none_or(leaves_out) {
            continue;
        }
        let path = inside.join(&name);
        if entry.file_type()?.is_dir() {
            walk(folder, &path, leaves_out, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_what_it_was_and_a_file_that_went_is_none() {
        let home = tempfile::tempdir().unwrap();
        let (from, to) = (home.path().join("a/en fil"), home.path().join("b/c/en fil"));
        fs::create_dir(home.path().join("a")).unwrap();
        fs::write(&from, vec![7; PIECE + 3]).unwrap();
        let copied = copy(&from, &to).unwrap().unwrap();
        assert_eq!((copied.bytes, &copied), (PIECE as u64 + 3, &hash(&to).unwrap()));
        assert_eq!(fs::read(&to).unwrap(), fs::read(&from).unwrap());
        assert!(copy(&home.path().join("gone"), &home.path().join("d")).unwrap().is_none());
        assert!(copy(&from, &to).is_err(), "nothing is written over");
        assert_eq!(below(home.path(), &|name| name == "a").unwrap(), [PathBuf::from("b/c/en fil")]);
    }
}
