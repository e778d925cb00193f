//! The folder on the server that is watched.

use std::sync::Arc;

use async_trait::async_trait;
use russh_sftp::protocol::{File, FileAttributes, OpenFlags};
use sluss_schemas::say;
use tokio::runtime::Handle;

use super::fault::Fault;
use super::file;
use super::link::Link;
use super::session::Session;
use crate::arrival::{Folder, Listed, Moved, Wanted};
use crate::error::{ConnectorError, Result};
use crate::files::locate::is_hidden;
use crate::files::storage::ReadSeek;

/// Deepest folder that is looked into: a guard against folders that contain themselves.
const MAX_DEPTH: usize = 32;

type Answer<T> = std::result::Result<T, Fault>;

/// A folder on a server.
#[derive(Debug)]
pub(super) struct RemoteFolder {
    link: Arc<Link>,
    path: String,
}

impl RemoteFolder {
    /// No I/O.
    pub(super) fn new(folder: &str, link: Arc<Link>) -> Result<Self> {
        let path = folder.trim_end_matches('/');
        if path.is_empty() {
            return Err(ConnectorError::configuration(say!("`folder` är tom", "`folder` is empty")).hint(say!(
                "ange mappen på servern, eller `.` för den där användaren kommer in",
                "name the folder on the server, or `.` for the one where the user comes in"
            )));
        }
        Ok(Self { link, path: path.to_owned() })
    }

    fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }

    /// Adds server and folder to where an error says that it happened.
    fn placed(&self, error: ConnectorError) -> ConnectorError {
        if error.place.is_some() {
            return error;
        }
        let place = format!("sftp://{}/{}", self.link.shown(), self.path.trim_start_matches('/'));
        error.at(place)
    }

    /// The files and folders in one folder.
    async fn entries(&self, path: String) -> Result<Vec<File>> {
        self.link
            .again(|session| {
                let path = path.clone();
                async move {
                    let handle = session.ask(session.sftp.opendir(path)).await?.handle;
                    let mut entries = Vec::new();
                    loop {
                        match session.ask(session.sftp.readdir(handle.clone())).await {
                            Ok(more) => entries.extend(more.files),
                            Err(Fault::End) => break,
                            Err(fault) => return Err(fault),
                        }
                    }
                    session.ask(session.sftp.close(handle)).await?;
                    Ok(entries)
                }
            })
            .await
    }

    /// What a path leads to, links followed; none where it leads to nothing.
    async fn attributes(&self, path: &str) -> Result<Option<FileAttributes>> {
        self.link
            .again(|session| {
                let path = path.to_owned();
                async move { stat(&session, path).await }
            })
            .await
    }
}

async fn stat(session: &Session, path: String) -> Answer<Option<FileAttributes>> {
    match session.ask(session.sftp.stat(path)).await {
        Ok(found) => Ok(Some(found.attrs)),
        Err(Fault::Missing) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// A file as the attributes tell it.
pub(super) fn listed(name: String, attributes: &FileAttributes) -> Listed {
    let modified = u64::from(attributes.mtime.unwrap_or_default()) * 1_000_000_000;
    Listed { name, size: attributes.size.unwrap_or_default(), modified }
}

#[async_trait]
impl Folder for RemoteFolder {
    fn shown(&self) -> &str {
        &self.path
    }

    async fn list(&self, deep: bool, wanted: &Wanted<'_>) -> Result<Vec<Listed>> {
        let mut found = Vec::new();
        let mut folders = vec![(String::new(), 0)];
        while let Some((prefix, depth)) = folders.pop() {
            let path = if prefix.is_empty() { self.path.clone() } else { self.path(prefix.trim_end_matches('/')) };
            let entries = self.entries(path).await.map_err(|error| self.placed(error))?;
            for File { filename, mut attrs, .. } in entries {
                if filename == "." || filename == ".." || is_hidden(&filename) || filename.contains('/') {
                    continue;
                }
                if filename.contains(char::REPLACEMENT_CHARACTER) {
                    tracing::warn!(folder = self.path, "a file is left alone: its name is not UTF-8");
                    continue;
                }
                let name = format!("{prefix}{filename}");
                // A link is what it leads to, and a folder that a link leads to is not entered.
                let linked = attrs.file_type().is_symlink() || attrs.permissions.is_none() || attrs.size.is_none();
                if linked {
                    match self.attributes(&self.path(&name)).await {
                        Ok(Some(followed)) => attrs = followed,
                        _ => continue,
                    }
                }
                if attrs.file_type().is_dir() {
                    if deep && !linked && depth < MAX_DEPTH {
                        folders.push((format!("{name}/"), depth + 1));
                    }
                } else if (attrs.file_type().is_file() || attrs.permissions.is_none()) && wanted(&name) {
                    found.push(listed(name, &attrs));
                }
            }
        }
        found.sort();
        Ok(found)
    }

    fn open(&self, file: &Listed) -> Result<Box<dyn ReadSeek>> {
        Ok(Box::new(file::open(&self.link, self.path(&file.name), file)?))
    }

    fn is_unchanged(&self, file: &Listed) -> Result<bool> {
        let attributes = Handle::current().block_on(self.attributes(&self.path(&file.name)));
        let attributes = attributes.map_err(|error| self.placed(error))?;
        Ok(attributes.is_some_and(|attributes| listed(file.name.clone(), &attributes) == *file))
    }

    async fn rename(&self, from: &str, to: &str) -> Result<Moved> {
        let (from, to) = (self.path(from), self.path(to));
        let moved = self.link.again(|session| {
            let (from, to) = (from.clone(), to.clone());
            async move { rename(&session, from, to).await }
        });
        moved.await.map_err(|error| self.placed(error))
    }

    async fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path(name);
        let written = self.link.again(|session| {
            let (path, text) = (path.clone(), text.as_bytes().to_vec());
            async move {
                let flags = OpenFlags::CREATE | OpenFlags::TRUNCATE | OpenFlags::WRITE;
                let handle = session.ask(session.sftp.open(path, flags, FileAttributes::empty())).await?.handle;
                session.ask(session.sftp.write(handle.clone(), 0, text)).await?;
                session.ask(session.sftp.close(handle)).await.map(drop)
            }
        });
        written.await.map_err(|error| self.placed(error))
    }
}

/// Moves a file, and makes the folders that it goes to where they are missing.
async fn rename(session: &Session, from: String, to: String) -> Answer<Moved> {
    if stat(session, to.clone()).await?.is_some() {
        return Ok(Moved::Taken);
    }
    let fault = match session.ask(session.sftp.rename(from.clone(), to.clone())).await {
        Ok(_) => return Ok(Moved::Yes),
        Err(fault @ (Fault::Missing | Fault::Unwilling(_))) => fault,
        Err(fault) => return Err(fault),
    };
    if stat(session, from.clone()).await?.is_none() {
        return Ok(Moved::Gone);
    }
    let mut made = false;
    for (end, _) in to.match_indices('/').filter(|(end, _)| *end > 0) {
        let folder = to.get(..end).unwrap_or_default().to_owned();
        if stat(session, folder.clone()).await?.is_none() {
            session.ask(session.sftp.mkdir(folder, FileAttributes::empty())).await?;
            made = true;
        }
    }
    if !made {
        return Err(fault);
    }
    session.ask(session.sftp.rename(from, to)).await.map(|_| Moved::Yes)
}
