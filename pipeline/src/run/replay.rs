//! The landed files of a run as plain files, for as long as a replay needs them.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

use sluss_schemas::say;

use super::engine::Engine;
use crate::error::{PipelineError, Result};
use crate::keys::Delivery;
use crate::landing::ContentId;
use crate::ledger::Run;

/// Files in a folder of their own, which nobody else may enter and which goes with this value.
pub struct LandedFiles {
    folder: tempfile::TempDir,
    /// Their names from the folder, in the order in which the run read them.
    pub names: Vec<String>,
    /// Held while they are open.
    _open: File,
}

impl LandedFiles {
    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Engine {
    /// The files that `run` read, opened from the landing zone.
    ///
    /// # Errors
    ///
    /// When the run landed nothing, or its files have been erased or have passed their retention.
    pub async fn landed_files(&self, run: &Run) -> Result<LandedFiles> {
        let delivery = Delivery::new(&run.owner, &run.id)?;
        self.close_left_open(false)?;
        let (folder, open) = self.open_folder()?;
        let (mut names, mut known) = (Vec::new(), HashSet::new());
        for delivered in self.register.origins(&run.id).await? {
            let Some(object) = &delivered.object else { continue };
            // Sheets and members of one file share its object.
            if !known.insert((object.clone(), delivered.origin.name.clone())) {
                continue;
            }
            let content: ContentId = object.parse().map_err(|e| {
                PipelineError::us(say!(
                    "liggaren nämner ett objekt som inte är något",
                    "the ledger names an object that is none"
                ))
                .at(run.id.clone())
                .because(e)
            })?;
            let name = inside(&delivered.origin.name);
            let path = folder.path().join(&name);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            let mut plain = self.zone.read(&delivery, content)?;
            let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
            std::io::copy(&mut plain, &mut file)?;
            names.push(name.display().to_string());
        }
        if names.is_empty() {
            return Err(PipelineError::operator(say!(
                "körningen har inga landade filer att läsa igen",
                "the run has no landed files to read again"
            ))
            .at(run.id.clone())
            .hint(say!(
                "kör själva jobbet igen: bevarandetiden har gått ut, eller så sparades inget",
                "run the job itself again: its retention has passed, or nothing was landed"
            )));
        }
        Ok(LandedFiles { folder, names, _open: open })
    }

    /// A folder for plain files inside the landing zone, where nobody else may enter, and its lock.
    fn open_folder(&self) -> Result<(tempfile::TempDir, File)> {
        let parent = self.opened();
        DirBuilder::new().recursive(true).mode(0o700).create(&parent)?;
        let _alone = locked(&parent.join(LOCK))?;
        let folder = tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir_in(&parent)?;
        let open = locked(&folder.path().join(LOCK))?;
        Ok((folder, open))
    }

    /// Removes the folders of plain files that killed replays left open; with `dry` only counts them.
    pub(super) fn close_left_open(&self, dry: bool) -> Result<u64> {
        let parent = self.opened();
        if !parent.is_dir() {
            return Ok(0);
        }
        let _alone = locked(&parent.join(LOCK))?;
        let mut closed = 0;
        for entry in fs::read_dir(&parent)? {
            let folder = entry?.path();
            // The lock of a replay that is at work is taken.
            let at_work = |lock: File| matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock));
            if !folder.is_dir() || File::open(folder.join(LOCK)).is_ok_and(at_work) {
                continue;
            }
            closed += 1;
            if !dry {
                fs::remove_dir_all(folder)?;
            }
        }
        Ok(closed)
    }

    fn opened(&self) -> PathBuf {
        self.project.path(&self.project.file.landing.path).join("oppnat")
    }
}

/// Ends with its process: what it guards is then nobody's.
const LOCK: &str = ".sluss-lock";

fn locked(path: &Path) -> Result<File> {
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    file.lock()?;
    Ok(file)
}

/// A name that stays in its folder, whatever the source called the file.
fn inside(name: &str) -> PathBuf {
    let parts = Path::new(name).components().filter_map(|part| match part {
        Component::Normal(part) => Some(part),
        _ => None,
    });
    let path: PathBuf = parts.collect();
    if path.as_os_str().is_empty() { PathBuf::from("fil") } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_the_folder() {
        assert_eq!(inside("../../etc/passwd"), Path::new("etc/passwd"));
        assert_eq!(inside("/kallor/a.csv"), Path::new("kallor/a.csv"));
        assert_eq!(inside(".."), Path::new("fil"));
    }
}
