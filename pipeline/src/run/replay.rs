//! The landed files of a run as plain files, for as long as a replay needs them.

use std::collections::HashSet;
use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
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
        let folder = tempfile::Builder::new().prefix("sluss-").permissions(Permissions::from_mode(0o700)).tempdir()?;
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
        Ok(LandedFiles { folder, names })
    }
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
