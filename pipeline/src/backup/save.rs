//! Making a backup while runs go on.

use std::path::{Path, PathBuf};

use futures::TryStreamExt;
use object_store::{ObjectStore as _, ObjectStoreExt as _};
use sluss_schemas::say;

use super::database::{self, Kind};
use super::label::{Label, List};
use super::{LAKE, LANDING, PROJECT, ZONES, files};
use crate::error::{PipelineError, Result};
use crate::lake;
use crate::run::Engine;

/// What of a project's folder is its own text, and not what it has written or reads.
const OWN: [&str; 4] = ["sluss.toml", "national", "regions", "tables"];
/// Folders of sources within it.
const SOURCES: &str = "kallor";

impl Engine {
    /// Copies everything that the installation has written into a new folder. `url` is the register's address.
    pub async fn backup(&self, url: &str, to: &Path) -> Result<Label> {
        make(to)?;
        let kind = Kind::of(url);
        let mut list = List::begin(to)?;
        let alone = self.register.lock_lake().await?;
        let at = self.clock.now();
        let copy = to.join(kind.file());
        let publication = database::save(url, &copy).await?;
        let content = tokio::task::spawn_blocking(move || files::hash(&copy)).await.map_err(ended)??;
        list.add(kind.file().to_owned(), content)?;
        self.save_lake(to, &mut list).await?;
        drop(alone);
        let (landing, project, to) = (self.landing(), self.project.root.clone(), to.to_owned());
        let saved = tokio::task::spawn_blocking(move || {
            for zone in ZONES {
                copy_folder(&landing.join(zone), &to.join(LANDING).join(zone), &to, &mut list, &is_unfinished)?;
            }
            for name in OWN {
                let from = project.join(name);
                let place = to.join(PROJECT).join(name);
                if from.is_file() {
                    copy_one(&from, &place, &to, &mut list)?;
                } else {
                    let leaves_out = |name: &str| name == SOURCES || name.starts_with('.');
                    copy_folder(&from, &place, &to, &mut list, &leaves_out)?;
                }
            }
            list.finish(at, kind.name(), publication)
        });
        saved.await.map_err(ended)?
    }

    /// The landing zone's folder.
    fn landing(&self) -> PathBuf {
        self.project.path(&self.project.file.landing.path)
    }

    /// The whole lake: data first, logs after it, as they are to come back.
    async fn save_lake(&self, to: &Path, list: &mut List) -> Result<()> {
        let store = self.lake.store()?;
        let mut objects: Vec<_> =
            store.list(None).map_ok(|object| object.location).try_collect().await.map_err(lake::failed)?;
        objects.sort_by_key(|path| (path.as_ref().contains("_delta_log/"), path.to_string()));
        for object in objects {
            let pieces = store.get(&object).await.map_err(lake::failed)?.into_stream();
            let path = format!("{LAKE}/{object}");
            list.add(path.clone(), files::receive(pieces, &to.join(path)).await?)?;
        }
        Ok(())
    }
}

/// A new folder, that only this user can enter.
fn make(to: &Path) -> Result<()> {
    if std::fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(PipelineError::configuration(say!("mappen är inte tom", "the folder is not empty"))
            .at(to.display().to_string())
            .hint(say!("ange en ny mapp för varje kopia", "name a new folder for each copy")));
    }
    files::make_folder(to).map_err(|error| PipelineError::from(error).at(to.display().to_string()))
}

fn copy_folder(from: &Path, to: &Path, root: &Path, list: &mut List, leaves_out: &dyn Fn(&str) -> bool) -> Result<()> {
    for inside in files::below(from, leaves_out)? {
        copy_one(&from.join(&inside), &to.join(&inside), root, list)?;
    }
    Ok(())
}

fn copy_one(from: &Path, to: &Path, root: &Path, list: &mut List) -> Result<()> {
    // What was erased or swept meanwhile is not to be kept.
    let Some(content) = files::copy(from, to)? else { return Ok(()) };
    let Some(path) = to.strip_prefix(root).ok().and_then(Path::to_str) else { return Ok(()) };
    list.add(path.to_owned(), content)
}

/// Locks, and files that a run has not given their names yet.
fn is_unfinished(name: &str) -> bool {
    name.starts_with('.') || Path::new(name).extension().is_some_and(|end| end == "part")
}

pub(super) fn ended(error: tokio::task::JoinError) -> PipelineError {
    PipelineError::us(say!("kopieringen avbröts", "the copying ended abruptly")).because(error)
}
