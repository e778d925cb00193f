//! What stands on a backup: its moment, and the list of its files with their digests.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sluss_schemas::say;

use super::files::Hashed;
use crate::error::{PipelineError, Result};

/// The label's name. Written last: a folder without it is no backup.
const LABEL: &str = "sluss-kopia.json";
/// The list's name: one JSON object a line.
const LIST: &str = "innehall.jsonl";
/// Version of both.
const FORMAT: u32 = 1;

/// What a backup is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    format: u32,
    /// The program that made it.
    pub program: String,
    /// When its database was read.
    pub at: DateTime<Utc>,
    /// `sqlite` or `postgresql`.
    pub register: String,
    /// The last publication in it.
    pub publication: u64,
    /// Its files.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// Digest of the list of files.
    list: String,
}

/// One file: its place in the folder, and its content.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) path: String,
    #[serde(flatten)]
    pub(super) content: Hashed,
}

/// The list while it is written.
pub(super) struct List {
    folder: PathBuf,
    out: BufWriter<File>,
    files: u64,
    bytes: u64,
    digest: blake3::Hasher,
}

impl List {
    pub(super) fn begin(folder: &Path) -> Result<Self> {
        let out = BufWriter::new(File::create_new(folder.join(LIST))?);
        Ok(Self { folder: folder.to_owned(), out, files: 0, bytes: 0, digest: blake3::Hasher::new() })
    }

    pub(super) fn add(&mut self, path: String, content: Hashed) -> Result<()> {
        self.files += 1;
        self.bytes += content.bytes;
        let mut line = serde_json::to_vec(&Entry { path, content }).map_err(std::io::Error::from)?;
        line.push(b'\n');
        self.digest.update(&line);
        Ok(self.out.write_all(&line)?)
    }

    /// Brings the list to disk, and then the label.
    pub(super) fn finish(self, at: DateTime<Utc>, register: &str, publication: u64) -> Result<Label> {
        let label = Label {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            at,
            register: register.to_owned(),
            publication,
            files: self.files,
            bytes: self.bytes,
            list: self.digest.finalize().to_string(),
        };
        self.out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        let mut file = File::create_new(self.folder.join(LABEL))?;
        file.write_all(&serde_json::to_vec_pretty(&label).map_err(std::io::Error::from)?)?;
        file.sync_all()?;
        File::open(&self.folder)?.sync_all()?;
        Ok(label)
    }
}

/// Reads the label and the list of a backup, and sees that the list is the one that was written.
pub(super) fn read(folder: &Path) -> Result<(Label, Vec<Entry>)> {
    let place = folder.display().to_string();
    let no_backup = || {
        PipelineError::configuration(say!(
            "mappen är ingen säkerhetskopia, eller en som aldrig blev färdig",
            "the folder is no backup, or one that was never finished"
        ))
        .at(place.clone())
        .hint(say!(
            "ange mappen som `sluss backup` skrev, den med {LABEL}",
            "name the folder that `sluss backup` wrote, the one with {LABEL}"
        ))
    };
    let text = std::fs::read(folder.join(LABEL)).map_err(|error| no_backup().because(error))?;
    let label: Label = serde_json::from_slice(&text).map_err(|error| no_backup().because(error))?;
    if label.format != FORMAT {
        return Err(PipelineError::configuration(say!(
            "säkerhetskopian har en form som den här versionen inte känner",
            "the backup has a form that this version does not know"
        ))
        .at(place)
        .hint(say!(
            "läs tillbaka den med den version som gjorde den: {}",
            "restore it with the version that made it: {}",
            label.program
        )));
    }
    let (mut digest, mut entries) = (blake3::Hasher::new(), Vec::new());
    let mut lines = BufReader::new(File::open(folder.join(LIST)).map_err(|error| no_backup().because(error))?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        digest.update(&line);
        let entry: Entry = serde_json::from_slice(&line).map_err(|_| damaged(LIST))?;
        if !is_inside(&entry.path) {
            return Err(damaged(LIST));
        }
        entries.push(entry);
        line.clear();
    }
    if digest.finalize().to_string() != label.list {
        return Err(damaged(LIST));
    }
    Ok((label, entries))
}

/// A path that leads out of the folder is not ours.
fn is_inside(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// A file of the backup is not as it was written.
pub(super) fn damaged(path: &str) -> PipelineError {
    PipelineError::operator(say!("säkerhetskopian är skadad", "the backup is damaged"))
        .at(path.to_owned())
        .hint(say!("ta en annan kopia: inget har lästs tillbaka", "take another copy: nothing has been restored"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashed(bytes: u64) -> Hashed {
        Hashed { bytes, blake3: "00".to_owned() }
    }

    #[test]
    fn a_list_that_was_touched_and_a_label_that_is_missing_are_seen() {
        let home = tempfile::tempdir().unwrap();
        let mut list = List::begin(home.path()).unwrap();
        list.add("landning/original/22/a b".to_owned(), hashed(3)).unwrap();
        assert!(read(home.path()).is_err(), "no label yet");
        let label = list.finish("2026-11-22T02:15:00Z".parse().unwrap(), "sqlite", 7).unwrap();
        let (again, entries) = read(home.path()).unwrap();
        assert_eq!((&again, again.files, again.bytes, entries.len()), (&label, 1, 3, 1));
        let path = home.path().join(LIST);
        let text = std::fs::read_to_string(&path).unwrap();
        for touched in [text.replace("\"bytes\":3", "\"bytes\":4"), String::new(), text.replace("landning", "../..")] {
            std::fs::write(&path, touched).unwrap();
            assert!(read(home.path()).is_err());
        }
    }

    #[test]
    fn paths_stay_in_the_folder() {
        assert!(is_inside("lake/avtal/_delta_log/0.json"));
        for path in ["", "/etc/passwd", "a/../../b", "..", "./a"] {
            assert!(!is_inside(path), "{path}");
        }
    }
}
