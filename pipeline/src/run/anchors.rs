//! Heads of the audit log, kept outside the database: whoever can cut the log's end off inside it cannot
//! cut it off here.
//!
//! One line for each publication, in a file that should lie where the database's keepers do not write
//! (`[audit] anchor`), each with a keyed hash, so that none can be forged without the installation's key.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sluss_schemas::say;
use zeroize::Zeroize;

use super::engine::Engine;
use crate::error::{PipelineError, Result};
use crate::keys::KeySet;
use crate::ledger::Head;
use crate::register::hex;

/// The purpose that the key is derived for.
const PURPOSE: &str = "Sluss 2026-11 audit log, head kept outside";

/// The installation's kept heads.
#[derive(Debug)]
pub struct Anchors<'a> {
    path: PathBuf,
    keys: &'a KeySet,
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    head: Head,
    /// Version of the key that vouches for it.
    key: u32,
    mac: String,
}

impl Engine {
    /// The heads of the audit log that are kept outside the database.
    pub fn anchors(&self) -> Anchors<'_> {
        Anchors { path: self.project.path(&self.project.file.audit.anchor), keys: &self.pseudonyms }
    }

    /// Keeps the audit log's head outside. What was published stands whether or not that can be done.
    pub(super) async fn keep_head(&self) {
        let kept = async {
            let head = self.register.audit_head().await?;
            self.anchors().keep(head)
        };
        if let Err(error) = kept.await {
            tracing::warn!("the audit log's head could not be kept outside the database: {error}");
        }
    }
}

impl Anchors<'_> {
    /// Adds a head.
    fn keep(&self, head: Head) -> Result<()> {
        let key = self.keys.current();
        let mac = self.mac(&head, key)?;
        let line = serde_json::to_string(&Line { head, key, mac }).map_err(|e| {
            PipelineError::us(say!("ett huvud kan inte skrivas", "a head cannot be written")).because(e)
        })?;
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        // One write of one line: processes that add at once do not mix theirs.
        File::options().create(true).append(true).open(&self.path)?.write_all(format!("{line}\n").as_bytes())?;
        Ok(())
    }

    /// The heads in the project's own file; none where nothing has been published yet.
    pub fn read_own(&self) -> Result<Vec<Head>> {
        if self.path.exists() { self.read(&self.path) } else { Ok(vec![]) }
    }

    /// The heads in a file, all of which the installation's key vouches for.
    pub fn read(&self, path: &Path) -> Result<Vec<Head>> {
        let place = |number: usize| format!("{}:{number}", path.display());
        let file = File::open(path).map_err(|e| {
            PipelineError::configuration(say!(
                "filen med revisionsloggens huvuden går inte att läsa",
                "the file with the audit log's heads cannot be read"
            ))
            .at(path.display().to_string())
            .because(e)
        })?;
        let mut heads = vec![];
        for (at, line) in BufReader::new(file).lines().enumerate() {
            let line = line?;
            if line.is_empty() {
                continue;
            }
            let forged = || {
                PipelineError::operator(say!(
                    "ett sparat huvud är inte äkta: installationens nyckel svarar inte för det",
                    "a kept head is not genuine: the installation's key does not vouch for it"
                ))
                .at(place(at + 1))
                .hint(say!(
                    "jämför med en kopia av filen som ingen annan kommer åt",
                    "compare with a copy of the file that nobody else can reach"
                ))
            };
            let Ok(line) = serde_json::from_str::<Line>(&line) else { return Err(forged()) };
            let mac = self.mac(&line.head, line.key).map_err(|_| forged())?;
            // Whoever can time this has the file already; the key's hash tells nothing of the key.
            if mac != line.mac {
                return Err(forged());
            }
            heads.push(line.head);
        }
        Ok(heads)
    }

    fn mac(&self, head: &Head, version: u32) -> Result<String> {
        let master = self.keys.key(version).map_err(|e| PipelineError::configuration(e.message()))?;
        let mut key = blake3::derive_key(PURPOSE, master);
        let mac = blake3::keyed_hash(&key, format!("{}:{}", head.no, head.hash).as_bytes());
        key.zeroize();
        Ok(hex(mac.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(digit: char) -> KeySet {
        KeySet::parse("k", &format!("1:0{}", digit.to_string().repeat(63))).unwrap()
    }

    #[test]
    fn a_kept_head_comes_back_and_a_forged_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("djupt/ankare.jsonl");
        let (mine, other) = (keys('1'), keys('2'));
        let anchors = Anchors { path: path.clone(), keys: &mine };
        assert!(anchors.read_own().unwrap().is_empty());
        let heads = [Head { no: 1, hash: "aa".into() }, Head { no: 7, hash: "bb".into() }];
        for head in &heads {
            anchors.keep(head.clone()).unwrap();
        }
        assert_eq!(anchors.read_own().unwrap(), heads);
        assert!(Anchors { path: path.clone(), keys: &other }.read_own().is_err(), "another installation's");
        let text = std::fs::read_to_string(&path).unwrap();
        for forged in [text.replace("\"no\":7", "\"no\":6"), text.replace("bb", "bc"), format!("{text}ej json\n")] {
            std::fs::write(&path, forged).unwrap();
            assert!(anchors.read_own().is_err());
        }
    }
}
