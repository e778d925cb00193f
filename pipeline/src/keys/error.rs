//! What can go wrong with keys and sealed objects. No message holds a key or a cell's value.

use std::io;
use std::path::{Path, PathBuf};

use sluss_schemas::message::Message;
use sluss_schemas::say;
use thiserror::Error as ThisError;

/// Result of a call that needs keys.
pub type Result<T> = std::result::Result<T, Error>;

/// A key or a sealed object that cannot be used.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// An owner or run whose name cannot be a file's name.
    #[error("the {what}'s name must be 1 to 64 letters a-z, digits, hyphens or underscores")]
    Name {
        /// `owner` or `run`.
        what: &'static str,
    },
    /// No secret of that name.
    #[error("the key `{name}` is not among the secrets")]
    NoKey {
        /// The secret's name.
        name: String,
    },
    /// The secret is there, and is no key set.
    #[error("the secret `{name}` is not a key: {why}")]
    NotAKey {
        /// The secret's name.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Something was wrapped or hashed with a version that the key set lacks.
    #[error("version {version} of the key `{name}` is not among the secrets")]
    NoVersion {
        /// The key set's name.
        name: String,
        /// The version asked for.
        version: u32,
    },
    /// The delivery has no key (any more).
    #[error("the delivery {delivery} has been erased: its key is destroyed")]
    Erased {
        /// Owner and run.
        delivery: String,
    },
    /// The key file cannot be opened with the master key it names.
    #[error("the key of the delivery {delivery} does not open: it was changed, or `{master}` is another key")]
    Unwrap {
        /// Owner and run.
        delivery: String,
        /// The master key's name.
        master: String,
    },
    /// The key file is not one.
    #[error("{path} is not a key file of Sluss")]
    KeyFile {
        /// The file.
        path: PathBuf,
    },
    /// A stored pseudonym that this key set did not make.
    #[error("not a pseudonym of this register")]
    NotAPseudonym,
    /// The object ends too early.
    #[error("the object is cut short after {whole} whole frames")]
    Truncated {
        /// Frames that were read and verified.
        whole: u32,
    },
    /// The object's bytes are not those that were written, or belong to another delivery.
    #[error("the object was changed or cut short, or belongs to another delivery (frame {frame})")]
    Altered {
        /// The frame, from 0.
        frame: u32,
    },
    /// The object opens, and is not the one whose address it bears.
    #[error("the object's content does not match its address")]
    Misplaced,
    /// The bytes do not begin as a sealed object does.
    #[error("not a sealed object of Sluss, or one of a later version")]
    NotSealed,
    /// More bytes than one object can hold (256 TiB).
    #[error("the object is too large")]
    TooLarge,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random,
    /// A file that others can read holds what must be secret.
    #[error("{path} can be read by other users (mode {mode:03o})")]
    Shared {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A key file would be overwritten.
    #[error("{path} exists")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The folder for keys lies in what it protects.
    #[error("{path} lies inside the lake")]
    InsideLake {
        /// The folder.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error("{path} could not be {act}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// `read`, `written`, …
        act: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Arrow refused to write or read rows of a sealed object.
    #[error("the rows of a sealed object could not be {act}")]
    Rows {
        /// `read` or `written`.
        act: &'static str,
        /// Why.
        #[source]
        source: arrow::error::ArrowError,
    },
}

impl Error {
    /// What happened, in both languages.
    pub fn message(&self) -> Message {
        let en = self.to_string();
        let sv = match self {
            Self::Name { .. } => "namnet på ägare eller körning ska vara 1–64 tecken: a–z, siffror, - och _".to_owned(),
            Self::NoKey { name } => format!("nyckeln `{name}` finns inte bland hemligheterna"),
            Self::NotAKey { name, why } => format!("hemligheten `{name}` är ingen nyckel: {why}"),
            Self::NoVersion { name, version } => {
                format!("version {version} av nyckeln `{name}` finns inte bland hemligheterna")
            }
            Self::Erased { delivery } => format!("leveransen {delivery} är raderad: dess nyckel är förstörd"),
            Self::Unwrap { delivery, master } => {
                format!(
                    "nyckeln till leveransen {delivery} öppnar inte: den är ändrad, eller så är `{master}` en annan nyckel"
                )
            }
            Self::KeyFile { path } => format!("{} är ingen nyckelfil från Sluss", path.display()),
            Self::NotAPseudonym => "det är ingen pseudonym från det här registret".to_owned(),
            Self::Truncated { whole } => format!("objektet är avklippt efter {whole} hela delar"),
            Self::Altered { frame } => {
                format!("objektet är ändrat eller avklippt, eller hör till en annan leverans (del {frame})")
            }
            Self::Misplaced => "objektets innehåll stämmer inte med dess adress".to_owned(),
            Self::NotSealed => "det är inget förseglat objekt från Sluss, eller ett från en senare version".to_owned(),
            Self::TooLarge => "objektet är för stort".to_owned(),
            Self::Random => "operativsystemet gav inga slumptal".to_owned(),
            Self::Shared { path, mode } => {
                format!("{} kan läsas av andra användare (rättigheter {mode:03o})", path.display())
            }
            Self::Exists { path } => format!("{} finns redan", path.display()),
            Self::InsideLake { path } => format!("{} ligger i mappen för lakehouse", path.display()),
            Self::Io { path, act, .. } => {
                let act = match *act {
                    "read" => "läsas",
                    "written" => "skrivas",
                    "removed" => "tas bort",
                    "made" => "skapas",
                    _ => "användas",
                };
                format!("{} kunde inte {act}", path.display())
            }
            Self::Rows { .. } => "raderna i ett förseglat objekt kunde inte läsas eller skrivas".to_owned(),
        };
        Message::new(sv, en)
    }

    /// The one next step, where there is one.
    pub fn hint(&self) -> Option<Message> {
        Some(match self {
            Self::NoKey { name } => {
                let variable = name.to_ascii_uppercase();
                say!(
                    "sätt SLUSS_SECRET_{variable}, eller kör `sluss init` för att göra en lokal nyckel",
                    "set SLUSS_SECRET_{variable}, or run `sluss init` to make a local key"
                )
            }
            Self::NotAKey { .. } => say!(
                "ge 32 byte som 64 hexadecimala siffror eller som base64, om flera `version:nyckel`, en per rad",
                "give 32 bytes as 64 hexadecimal digits or as base64, optionally `version:key`, one a line"
            ),
            Self::NoVersion { name, version } => say!(
                "lägg tillbaka raden `{version}:…` i hemligheten `{name}`: något behöver den ännu",
                "add the line `{version}:…` to the secret `{name}` again: something still needs it"
            ),
            Self::Shared { path, .. } => say!("kör `chmod 600 {}`", "run `chmod 600 {}`", path.display()),
            Self::Exists { .. } => say!(
                "behåll den: det som den har låst kan inte läsas med någon annan nyckel",
                "keep it: whatever it has wrapped can be read with no other key"
            ),
            Self::InsideLake { .. } => say!(
                "lägg nycklar i en mapp som inte kopieras tillsammans med data",
                "put keys in a folder that is not copied together with the lake"
            ),
            Self::Truncated { .. } | Self::Altered { .. } | Self::Misplaced => say!(
                "återställ objektet ur en säkerhetskopia, eller be avsändaren leverera på nytt",
                "restore the object from a backup, or ask the sender to deliver again"
            ),
            Self::Io { path, .. } => say!(
                "kontrollera att {} går att läsa och skriva och har plats",
                "check that {} can be read and written and has room",
                path.display()
            ),
            _ => return None,
        })
    }

    /// Whether trying again later may help.
    pub fn retryable(&self) -> bool {
        matches!(self, Self::Io { .. } | Self::Random)
    }

    pub(crate) fn io(path: &Path, act: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, act, source }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            // Not `UnexpectedEof` where the object is cut short: readers take that for an end.
            Error::Truncated { .. }
            | Error::Altered { .. }
            | Error::Misplaced
            | Error::NotSealed
            | Error::Unwrap { .. } => io::ErrorKind::InvalidData,
            Error::Erased { .. } => io::ErrorKind::NotFound,
            Error::Io { source, .. } => source.kind(),
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}
