//! The project's job files as they change: a good one takes effect, a broken one leaves the last good one
//! in its place.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::Arc;

use sluss_pipeline::error::Result;
use sluss_pipeline::job::{self, Job, Project};
use sluss_schemas::rule::Language;

use super::Catalogue;

/// Folders that jobs are in.
const FOLDERS: [&str; 2] = ["national", "regions"];

/// Reads job files, and remembers the last good one of each.
pub struct Files {
    project: Arc<Project>,
    seen: Option<u64>,
    good: BTreeMap<String, Job>,
}

/// What was read.
#[derive(Debug)]
pub struct Loaded {
    /// The jobs: each as its file is, or as it last could be read.
    pub catalogue: Catalogue,
    /// Job files that cannot be read, with what is wrong.
    pub broken: BTreeMap<String, String>,
}

impl Files {
    /// Of this project. Nothing is read yet.
    pub fn new(project: Arc<Project>) -> Self {
        Self { project, seen: None, good: BTreeMap::new() }
    }

    /// The jobs, if anything has changed since they were last read.
    pub fn look(&mut self) -> Result<Option<Loaded>> {
        let signature = signature(&self.project.root)?;
        if self.seen == Some(signature) {
            return Ok(None);
        }
        let (mut good, mut broken) = (BTreeMap::new(), BTreeMap::new());
        for (path, loaded) in job::load_each(&self.project)? {
            let name = job::name(&self.project, &path);
            match loaded {
                Ok(job) => drop(good.insert(name, job)),
                Err(error) => {
                    if let Some(last) = self.good.remove(&name) {
                        good.insert(name.clone(), last);
                    }
                    broken.insert(name, within(&error.told(Language::Swedish), &self.project.root));
                }
            }
        }
        self.good = good;
        // What changed while it was read is seen the next time.
        self.seen = Some(signature);
        let catalogue = Catalogue::new(&self.project.tables, self.good.values().cloned());
        Ok(Some(Loaded { catalogue, broken }))
    }
}

/// What is wrong, with places as they are seen from the project's folder.
fn within(told: &str, root: &Path) -> String {
    told.replace(&format!("{}/", root.display()), "")
}

/// Names, sizes and times of all files that decide what a job is.
fn signature(root: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for folder in FOLDERS {
        add(&root.join(folder), &mut hasher)?;
    }
    Ok(hasher.finish())
}

fn add(folder: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let mut entries = std::fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            add(&path, hasher)?;
        } else if path.extension().is_some_and(|e| e == "toml" || e == "sql") {
            // A file that goes away between the two questions has changed, too.
            let about = entry.metadata().ok();
            path.hash(hasher);
            about.as_ref().map(std::fs::Metadata::len).hash(hasher);
            about.and_then(|about| about.modified().ok()).hash(hasher);
        }
    }
    Ok(())
}
