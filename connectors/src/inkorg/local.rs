//! A folder on this machine, or one that is mounted here.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use async_trait::async_trait;
use sluss_schemas::message::Message;
use sluss_schemas::say;

use super::writers;
use crate::arrival::{Folder, Listed, Moved, Wanted};
use crate::connect::Io;
use crate::error::{ConnectorError, Result};
use crate::files::crashed;
use crate::files::locate::is_hidden;
use crate::files::storage::ReadSeek;

/// Deepest folder that is looked into: a guard against folders that contain themselves.
const MAX_DEPTH: usize = 32;

/// A folder on this machine.
#[derive(Clone, Debug)]
pub(super) struct LocalFolder {
    path: PathBuf,
    shown: String,
}

impl LocalFolder {
    /// Relative to the job's folder. No I/O.
    pub(super) fn new(folder: &str, io: &Io) -> Result<Self> {
        let shown = folder.trim_end_matches('/').trim_start_matches("./").to_owned();
        if shown.is_empty() || shown == "." {
            return Err(ConnectorError::configuration(say!(
                "`folder` är jobbets egen mapp",
                "`folder` is the job's own folder"
            ))
            .hint(say!(
                "ange en mapp som bara är till för det som lämnas in, till exempel `inkorg`",
                "name a folder that is only for what is handed in, for example `inkorg`"
            )));
        }
        Ok(Self { path: io.base.join(&shown), shown })
    }

    /// Everything below that is a file, on a thread that may wait.
    fn walk(&self, deep: bool) -> Result<Vec<Listed>> {
        let mut found = Vec::new();
        let mut folders = vec![(self.path.clone(), String::new(), 0)];
        while let Some((path, prefix, depth)) = folders.pop() {
            let entries = match fs::read_dir(&path) {
                Ok(entries) => entries,
                Err(error) if depth == 0 => return Err(self.unreadable(error)),
                // A folder below that has gone since it was seen holds nothing.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(self.unreadable(error)),
            };
            for entry in entries {
                let entry = entry.map_err(|error| self.unreadable(error))?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let Ok(kind) = entry.file_type() else { continue };
                if is_hidden(&name) {
                    continue;
                }
                let name = format!("{prefix}{name}");
                if kind.is_dir() {
                    if deep && depth < MAX_DEPTH {
                        folders.push((entry.path(), format!("{name}/"), depth + 1));
                    }
                } else if let Some(listed) = listed(&entry.path(), name) {
                    found.push(listed);
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn unreadable(&self, error: io::Error) -> ConnectorError {
        let out = if error.kind() == io::ErrorKind::NotFound {
            ConnectorError::configuration(say!(
                "mappen som bevakas finns inte",
                "the folder that is watched does not exist"
            ))
            .hint(say!(
                "skapa mappen, eller rätta `folder`, som utgår från jobbets mapp",
                "make the folder, or mend `folder`, which starts at the job's folder"
            ))
        } else {
            ConnectorError::operator(say!(
                "mappen som bevakas går inte att läsa",
                "the folder that is watched cannot be read"
            ))
            .hint(say!(
                "kontrollera att användaren som kör sluss får läsa den",
                "check that the user that runs sluss may read it"
            ))
        };
        out.at(self.shown.as_str()).because(error)
    }

    fn immovable(&self, name: &str, error: io::Error) -> ConnectorError {
        ConnectorError::operator(say!("filen kan inte flyttas", "the file cannot be moved"))
            .at(format!("{}/{name}", self.shown))
            .hint(say!(
                "kontrollera att användaren som kör sluss får skriva i mappen och dit filen ska",
                "check that the user that runs sluss may write in the folder and where the file goes"
            ))
            .because(error)
    }
}

/// None where it is no file, or has gone since it was seen. Links to files are followed.
fn listed(path: &Path, name: String) -> Option<Listed> {
    let meta = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let modified = meta.modified().ok()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Some(Listed { name, size: meta.len(), modified: u64::try_from(modified.as_nanos()).unwrap_or(u64::MAX) })
}

/// Runs on a thread that may wait.
async fn waiting<T: Send + 'static>(doing: Message, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(crashed(&doing).because(error)))
}

#[async_trait]
impl Folder for LocalFolder {
    fn shown(&self) -> &str {
        &self.shown
    }

    async fn list(&self, deep: bool, wanted: &Wanted<'_>) -> Result<Vec<Listed>> {
        let folder = self.clone();
        let mut found = waiting(say!("filer söktes", "looking for files"), move || folder.walk(deep)).await?;
        found.retain(|file| wanted(&file.name));
        Ok(found)
    }

    async fn being_written(&self) -> BTreeSet<String> {
        let path = self.path.clone();
        let look = move || Ok(writers::names(&path));
        waiting(say!("filer söktes", "looking for files"), look).await.unwrap_or_default()
    }

    fn open(&self, file: &Listed) -> Result<Box<dyn ReadSeek>> {
        match File::open(self.path.join(&file.name)) {
            Ok(opened) => Ok(Box::new(opened)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ConnectorError::source(say!(
                "filen togs bort innan den lästes",
                "the file was taken away before it was read"
            ))
            .hint(say!("kör igen", "run again"))
            .because(error)
            .retryable()),
            Err(error) => Err(ConnectorError::operator(say!("filen går inte att öppna", "the file cannot be opened"))
                .hint(say!(
                    "kontrollera att användaren som kör sluss får läsa den",
                    "check that the user that runs sluss may read it"
                ))
                .because(error)),
        }
    }

    fn is_unchanged(&self, file: &Listed) -> Result<bool> {
        Ok(listed(&self.path.join(&file.name), file.name.clone()).as_ref() == Some(file))
    }

    async fn rename(&self, from: &str, to: &str) -> Result<Moved> {
        let (folder, from, to) = (self.clone(), from.to_owned(), to.to_owned());
        waiting(say!("en fil flyttades", "moving a file"), move || {
            let (source, target) = (folder.path.join(&from), folder.path.join(&to));
            let moved = move_file(&source, &target);
            moved.map_err(|error| folder.immovable(&from, error))
        })
        .await
    }

    async fn write(&self, name: &str, text: &str) -> Result<()> {
        let (folder, name, text) = (self.clone(), name.to_owned(), text.to_owned());
        waiting(say!("en fil skrevs", "writing a file"), move || {
            fs::write(folder.path.join(&name), text).map_err(|error| folder.immovable(&name, error))
        })
        .await
    }
}

fn move_file(source: &Path, target: &Path) -> io::Result<Moved> {
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    if target.symlink_metadata().is_ok() {
        return Ok(Moved::Taken);
    }
    match fs::rename(source, target) {
        Ok(()) => Ok(Moved::Yes),
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            // Whole on the other disk before it is gone from this one.
            let mut under_way = target.as_os_str().to_owned();
            under_way.push(".part");
            let under_way = PathBuf::from(under_way);
            fs::copy(source, &under_way)?;
            File::open(&under_way)?.sync_all()?;
            fs::rename(&under_way, target)?;
            fs::remove_file(source)?;
            Ok(Moved::Yes)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && source.symlink_metadata().is_err() => Ok(Moved::Gone),
        Err(error) => Err(error),
    }
}
