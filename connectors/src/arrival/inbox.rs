//! The folder that is watched, as the files driver reads it, and what becomes of its files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use globset::GlobMatcher;
use sluss_schemas::chunk::Cursor;
use sluss_schemas::rule::Language;
use sluss_schemas::say;

use super::contents::{Content, Contents};
use super::folder::{Folder, Listed, Moved};
use super::options::{ArrivalOptions, Take};
use super::rules;
use crate::error::{Actor, ConnectorError, Result};
use crate::files::locate;

/// Seconds between two looks, unless the job says another number.
const STABLE_SECONDS: u64 = 10;

/// A folder that is watched, with the job's rules for it.
#[derive(Debug)]
pub(crate) struct Inbox {
    folder: Box<dyn Folder>,
    options: ArrivalOptions,
    pattern: GlobMatcher,
    deep: bool,
    seen: Mutex<Seen>,
}

/// What this run has seen, for when it has ended.
#[derive(Debug, Default)]
struct Seen {
    /// Files whose content is known: read by this run, or known again.
    contents: BTreeMap<String, (Listed, Content)>,
    /// Files that a later whole delivery replaces.
    replaced: Vec<Listed>,
    /// The file that cannot be read, and why.
    failed: Option<(Listed, String)>,
}

impl Inbox {
    /// Checks the options. No I/O.
    pub(crate) fn new(folder: Box<dyn Folder>, pattern: Option<&str>, options: ArrivalOptions) -> Result<Self> {
        let options = options.checked()?;
        let pattern = pattern.unwrap_or("*");
        Ok(Self {
            folder,
            options,
            deep: pattern.contains('/') || pattern.contains("**"),
            pattern: locate::glob(pattern)?,
            seen: Mutex::default(),
        })
    }

    /// What a person calls the file.
    pub(crate) fn shown(&self, file: &Listed) -> String {
        format!("{}/{}", self.folder.shown(), file.name)
    }

    /// The folder itself.
    pub(crate) fn folder(&self) -> &dyn Folder {
        self.folder.as_ref()
    }

    /// What earlier runs have read.
    pub(crate) fn contents(&self, after: Option<&Cursor>) -> Result<Contents> {
        Contents::new(after, self.options.take)
    }

    /// Looks once.
    pub(crate) async fn look(&self) -> Result<Vec<Listed>> {
        let put_away: Vec<String> = [&self.options.done, &self.options.failed]
            .into_iter()
            .flatten()
            .map(|folder| format!("{folder}/"))
            .collect();
        let marker = self.options.marker.as_deref();
        let wanted = |name: &str| {
            !rules::is_partial(name)
                && !put_away.iter().any(|folder| name.starts_with(folder.as_str()))
                && (self.pattern.is_match(name) || marker.is_some_and(|marker| name.ends_with(marker)))
        };
        self.folder.list(self.deep, &wanted).await
    }

    /// The files that have arrived whole, in the order in which they are read.
    pub(crate) async fn arrived(&self, contents: &Contents) -> Result<Vec<Listed>> {
        let first = self.look().await?;
        let mut files = match &self.options.marker {
            Some(marker) => rules::marked(&first, marker),
            // What has been read as it is needs no second look.
            None if first.iter().all(|file| contents.read_as(file).is_some()) => first.clone(),
            None => {
                tokio::time::sleep(Duration::from_secs(self.options.stable_seconds.unwrap_or(STABLE_SECONDS))).await;
                rules::settled(&first, &self.look().await?)
            }
        };
        // With a marker the listing also has what only the marker's ending matched.
        files.retain(|file| self.pattern.is_match(&file.name));
        if !files.is_empty() {
            let busy = self.folder.being_written().await;
            files.retain(|file| !busy.contains(&file.name));
        }
        let waiting = first.iter().filter(|file| self.is_delivery(&file.name) && !files.contains(file)).count();
        if waiting > 0 {
            tracing::info!(
                folder = self.folder.shown(),
                waiting,
                "files that are not whole yet are left for a later run"
            );
        }
        rules::sort(&mut files, self.options.order);
        if self.options.take == Take::Latest
            && let Some(latest) = files.pop()
        {
            self.seen(|seen| seen.replaced = std::mem::replace(&mut files, vec![latest]));
        }
        Ok(files)
    }

    /// A digest of the files that no earlier run has read as they are; none where there are none.
    pub(crate) async fn waiting(&self, contents: &Contents) -> Result<Option<u64>> {
        let files = self.look().await?;
        let unread = files.iter().filter(|file| self.is_delivery(&file.name) && contents.read_as(file).is_none());
        let mut hasher = DefaultHasher::new();
        let mut any = false;
        for file in unread {
            any = true;
            (&file.name, file.size, file.modified).hash(&mut hasher);
        }
        Ok(any.then(|| hasher.finish()))
    }

    fn is_delivery(&self, name: &str) -> bool {
        let marker = self.options.marker.as_deref();
        self.pattern.is_match(name) && !marker.is_some_and(|marker| name.ends_with(marker))
    }

    /// The file's content is known now.
    pub(crate) fn knows(&self, file: &Listed, content: Content) {
        self.seen(|seen| seen.contents.insert(file.name.clone(), (file.clone(), content)));
    }

    /// The file came whole and could not be read. What is not its sender's fault leaves it where it is.
    pub(crate) fn failed(&self, file: &Listed, error: &ConnectorError) {
        if error.actor == Actor::Source {
            let note = note(&self.shown(file), error);
            self.seen(|seen| seen.failed = Some((file.clone(), note)));
        }
    }

    /// Moves what `cursor` says has been published, with what it replaces.
    pub(crate) async fn put_away(&self, cursor: &Cursor) -> Result<()> {
        let Some(done) = &self.options.done else { return Ok(()) };
        let published = self.contents(Some(cursor))?;
        let (known, replaced) = self.seen(|seen| (seen.contents.clone(), seen.replaced.clone()));
        let mut away: Vec<(Listed, Content)> =
            known.into_values().filter(|(_, content)| published.has(*content)).collect();
        if away.is_empty() {
            return Ok(());
        }
        // A file that was replaced has not been read: its name tells when it was written.
        away.extend(replaced.into_iter().map(|file| {
            let mut hasher = blake3::Hasher::new();
            hasher.update(&file.modified.to_le_bytes());
            (file, Content::from(&hasher))
        }));
        let mut now = self.look().await?;
        for (file, content) in &away {
            // What has been written again since is another delivery.
            if let Some(place) = now.iter().position(|listed| listed == file) {
                self.put(&now, &file.name, done, *content).await?;
                now.remove(place);
            }
        }
        Ok(())
    }

    /// Puts the file aside that could not be read, with a text beside it that tells why.
    pub(crate) async fn put_aside(&self) -> Result<()> {
        let (Some(failed), Some((file, note))) = (&self.options.failed, self.seen(|seen| seen.failed.clone())) else {
            return Ok(());
        };
        let now = self.look().await?;
        if !now.contains(&file) {
            return Ok(());
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(&file.modified.to_le_bytes());
        if let Some(name) = self.put(&now, &file.name, failed, Content::from(&hasher)).await? {
            self.folder.write(&format!("{name}.fel.txt"), &note).await?;
        }
        Ok(())
    }

    /// Moves a file and its markers; gives its new name, or none where it was gone.
    async fn put(&self, now: &[Listed], name: &str, folder: &str, content: Content) -> Result<Option<String>> {
        let Some(new) = self.rename(name, folder, content).await? else { return Ok(None) };
        if let Some(marker) = &self.options.marker {
            for own in now.iter().filter(|own| rules::belongs(&own.name, marker, name)) {
                // A marker of several files (avtal.csv and avtal.xml) stays until the last of them goes.
                let is_shared = now.iter().any(|other| {
                    let is_other = other.name != name && !other.name.ends_with(marker);
                    is_other && rules::belongs(&own.name, marker, &other.name)
                });
                if !is_shared {
                    self.rename(&own.name, folder, content).await?;
                }
            }
        }
        Ok(Some(new))
    }

    async fn rename(&self, name: &str, folder: &str, content: Content) -> Result<Option<String>> {
        for target in rules::targets(name, folder, &content.short()) {
            match self.folder.rename(name, &target).await? {
                Moved::Yes => {
                    tracing::debug!(from = name, to = target, "moved");
                    return Ok(Some(target));
                }
                Moved::Taken => {}
                Moved::Gone => return Ok(None),
            }
        }
        Err(ConnectorError::operator(say!(
            "filen kan inte flyttas: alla namn är upptagna",
            "the file cannot be moved: all names are taken"
        ))
        .at(format!("{}/{folder}", self.folder.shown()))
        .hint(say!("rensa mappen", "clear the folder")))
    }

    fn seen<T>(&self, act: impl FnOnce(&mut Seen) -> T) -> T {
        act(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What stands beside a file that was put aside. An error holds no cell's value, so neither does this.
fn note(name: &str, error: &ConnectorError) -> String {
    let title = say!("Filen kunde inte läsas in.", "The file could not be read.");
    let place = error.place.clone().unwrap_or_else(|| name.into());
    let lines = [
        (say!("fel", "error"), Some(&error.what)),
        (say!("var", "where"), Some(&place)),
        (say!("gör så här", "what to do"), error.hint.as_ref()),
    ];
    let mut text = String::new();
    for language in [Language::Swedish, Language::English] {
        let _ = writeln!(text, "{}", title.told(language));
        for (word, told) in &lines {
            if let Some(told) = told {
                let _ = writeln!(text, "  {}: {}", word.told(language), told.told(language));
            }
        }
        text.push('\n');
    }
    text
}
