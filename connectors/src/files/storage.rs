//! Where files lie: on disk or in an object store.

use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use sluss_schemas::chunk::Cursor;
use sluss_schemas::say;

use super::locate;
use super::objects::Objects;
use super::options::FilesOptions;
use super::read::AlreadyRead;
use crate::arrival::{Content, Inbox, Listed};
use crate::connect::Io;
use crate::error::{ConnectorError, Result};

/// A file that has been found, and what tells one version of it from another.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Path as a person knows it.
    pub(super) name: String,
    /// Bytes.
    pub(super) size: u64,
    /// Time of change, or the store's own tag.
    pub(super) stamp: String,
    /// Where to open it.
    pub(super) place: Place,
}

/// Where a file is opened.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// On disk.
    Local(PathBuf),
    /// In the source's object store.
    Object(object_store::path::Path),
    /// In the folder that is watched.
    Inbox(Listed),
    /// With the one who handed it over.
    Given,
}

/// A file that somebody else keeps and opens, as often as it is wanted.
pub trait Opens: Send + Sync {
    /// From its beginning.
    fn open(&self) -> io::Result<Box<dyn Read + Send>>;
}

/// A file that was handed over to be read.
#[derive(Clone)]
pub struct Given {
    /// Its name as a person knows it.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// What opens it.
    pub content: Arc<dyn Opens>,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Given").field("name", &self.name).field("size", &self.size).finish_non_exhaustive()
    }
}

/// A given file as one that is read from end to end, and again.
struct FromStart {
    content: Arc<dyn Opens>,
    open: Box<dyn Read + Send>,
}

impl Read for FromStart {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.open.read(buffer)
    }
}

impl Seek for FromStart {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if to != SeekFrom::Start(0) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        self.open = self.content.open()?;
        Ok(0)
    }
}

/// A file that can be read in any order.
pub(crate) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// Where a source's files lie.
pub(super) enum Storage {
    /// On disk.
    Local {
        /// Relative paths start here.
        base: PathBuf,
        /// Files, folders, globs.
        patterns: Vec<String>,
    },
    /// In an object store.
    Objects(Objects),
    /// In a folder that is watched.
    Inbox(Arc<Inbox>),
    /// One, handed over.
    Given(Given),
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local { patterns, .. } => f.debug_tuple("Local").field(patterns).finish(),
            Self::Objects(objects) => objects.fmt(f),
            Self::Inbox(inbox) => inbox.fmt(f),
            Self::Given(given) => given.fmt(f),
        }
    }
}

impl Storage {
    /// Works out where the options point. No I/O.
    pub(super) fn new(options: &FilesOptions, io: &Io) -> Result<Self> {
        let local = |patterns: Vec<String>| Self::Local { base: io.base.clone(), patterns };
        let both = || {
            say!(
                "ange var filerna finns: `path = \"…\"` eller `url = \"s3://…\"`, en av dem",
                "say where the files are: `path = \"…\"` or `url = \"s3://…\"`, one of them"
            )
        };
        let storage = match (&options.path, &options.url) {
            (Some(paths), None) if paths.list().is_empty() => {
                return Err(ConnectorError::configuration(say!("`path` är en tom lista", "`path` is an empty list"))
                    .hint(both()));
            }
            (Some(paths), None) => local(paths.list().to_vec()),
            (None, Some(url)) => match url.strip_prefix("file://") {
                Some(path) => local(vec![path.to_owned()]),
                None => return Objects::new(url, options.s3.as_ref(), io).map(Self::Objects),
            },
            (Some(_), Some(_)) => {
                return Err(ConnectorError::configuration(say!(
                    "både `path` och `url` är satta",
                    "both `path` and `url` are set"
                ))
                .hint(both()));
            }
            (None, None) => {
                return Err(ConnectorError::configuration(say!(
                    "varken `path` eller `url` är satt",
                    "neither `path` nor `url` is set"
                ))
                .hint(both()));
            }
        };
        if options.s3.is_some() {
            return Err(ConnectorError::configuration(say!(
                "`s3` kräver en s3://-adress i `url`",
                "`s3` needs an s3:// address in `url`"
            )));
        }
        Ok(storage)
    }

    /// All files, in the order in which they are read; finding none is an error, but in a folder that is
    /// watched.
    pub(super) async fn list(&self, read: &AlreadyRead) -> Result<Vec<Found>> {
        match self {
            Self::Local { base, patterns } => {
                let (base, patterns) = (base.clone(), patterns.clone());
                tokio::task::spawn_blocking(move || locate::files(&base, &patterns)).await.unwrap_or_else(|error| {
                    Err(super::driver::crashed(&say!("filer söktes", "looking for files")).because(error))
                })
            }
            Self::Objects(objects) => objects.list().await,
            Self::Given(given) => Ok(vec![Found {
                name: given.name.clone(),
                size: given.size,
                stamp: String::new(),
                place: Place::Given,
            }]),
            Self::Inbox(inbox) => {
                let AlreadyRead::Contents(contents) = read else {
                    return Err(super::driver::crashed(&say!("filer söktes", "looking for files")));
                };
                let found = |file: Listed| Found {
                    name: inbox.shown(&file),
                    size: file.size,
                    stamp: file.modified.to_string(),
                    place: Place::Inbox(file),
                };
                Ok(inbox.arrived(contents).await?.into_iter().map(found).collect())
            }
        }
    }

    /// What earlier runs have read.
    pub(super) fn already_read(&self, after: Option<&Cursor>) -> Result<AlreadyRead> {
        match self {
            Self::Inbox(inbox) => inbox.contents(after).map(AlreadyRead::Contents),
            Self::Local { .. } | Self::Objects(_) | Self::Given(_) => AlreadyRead::versions(after),
        }
    }

    /// Opens a file. Called on a blocking thread of a runtime.
    pub(super) fn open(&self, found: &Found) -> Result<Box<dyn ReadSeek>> {
        match (&found.place, self) {
            (Place::Local(path), _) => {
                let file = File::open(path).map_err(|error| {
                    let gone = error.kind() == io::ErrorKind::NotFound;
                    let error = ConnectorError::source(say!("filen går inte att öppna", "the file cannot be opened"))
                        .at(&found.name)
                        .because(error);
                    if gone {
                        error.retryable()
                    } else {
                        error.hint(say!(
                            "kontrollera att användaren som kör sluss får läsa den",
                            "check that the user that runs sluss may read it"
                        ))
                    }
                })?;
                Ok(Box::new(file))
            }
            (Place::Object(path), Self::Objects(objects)) => Ok(Box::new(objects.open(path, found))),
            (Place::Given, Self::Given(given)) => {
                let open = given.content.open().map_err(|error| {
                    ConnectorError::operator(say!(
                        "leveransen går inte att läsa ur landningszonen",
                        "the delivery cannot be read from the landing zone"
                    ))
                    .at(&found.name)
                    .hint(say!(
                        "be avsändaren skicka den igen om landningszonen är skadad",
                        "ask the sender to send it again if the landing zone is damaged"
                    ))
                    .because(error)
                })?;
                Ok(Box::new(FromStart { content: Arc::clone(&given.content), open }))
            }
            (Place::Inbox(file), Self::Inbox(inbox)) => inbox.folder().open(file),
            (Place::Object(_) | Place::Inbox(_) | Place::Given, _) => {
                Err(super::driver::crashed(&say!("en fil öppnades", "opening a file")))
            }
        }
    }

    /// Whether the file is still the version that was found. Called on a blocking thread of a runtime.
    pub(super) fn is_unchanged(&self, found: &Found) -> Result<bool> {
        match (&found.place, self) {
            (Place::Local(path), _) => {
                let unchanged = |meta: Metadata| meta.len() == found.size && modified(&meta) == found.stamp;
                Ok(std::fs::metadata(path).is_ok_and(unchanged))
            }
            (Place::Inbox(file), Self::Inbox(inbox)) => inbox.folder().is_unchanged(file),
            // Every request for an object is bound to its tag; what is handed over stays as it came.
            (Place::Object(_) | Place::Inbox(_) | Place::Given, _) => Ok(true),
        }
    }

    /// The file's content is known now.
    pub(super) fn knows(&self, found: &Found, content: Content) {
        if let (Place::Inbox(file), Self::Inbox(inbox)) = (&found.place, self) {
            inbox.knows(file, content);
        }
    }

    /// The file could not be read.
    pub(super) fn failed(&self, found: &Found, error: &ConnectorError) {
        if let (Place::Inbox(file), Self::Inbox(inbox)) = (&found.place, self) {
            inbox.failed(file, error);
        }
    }
}

/// The time of change in nanoseconds, as text.
pub(super) fn modified(meta: &Metadata) -> String {
    let since = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or_else(String::new, |since| since.as_nanos().to_string())
}
