//! Where secrets come from: the environment, a file, a mounted folder, in that order.
//!
//! The secret `vasternorrland_avtal_url` is looked for as
//!
//! 1. the environment variable `SLUSS_SECRET_VASTERNORRLAND_AVTAL_URL`;
//! 2. the line `vasternorrland_avtal_url = "…"` of a `secrets.toml` that nobody else can read;
//! 3. the file of that name in each folder in turn: the project's own (not readable by others),
//!    the one that systemd gives a service (`LoadCredential=`), then `/run/secrets`, where orchestrators
//!    mount them.
//!
//! One trailing line break is cut off. Files are read at each call, so that a secret that is changed
//! takes effect in a program that runs on. No value is kept, and none stands in an error.

use std::io;
use std::path::{Path, PathBuf};

use sluss_schemas::secret::{Secret, Secrets};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::keys;

/// What stands before a secret's name in the environment.
const PREFIX: &str = "SLUSS_SECRET_";

/// A secret that could not be had.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SecretError {
    /// It is nowhere.
    #[error("the secret `{name}` is not set (looked in {})", looked.join(", "))]
    Missing {
        /// Its name.
        name: String,
        /// Where it was looked for.
        looked: Vec<String>,
    },
    /// Its name could not be a file's name.
    #[error("a secret's name must be 1 to 100 letters a-z, digits, underscores, hyphens or dots within it")]
    Name,
    /// Others could read the file that it may stand in.
    #[error("the secret `{name}` may stand in {path}, which other users can read (mode {mode:03o})")]
    Shared {
        /// Its name.
        name: String,
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file that it may stand in could not be read.
    #[error("the secret `{name}` may stand in {path}, which could not be read")]
    Unreadable {
        /// Its name.
        name: String,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is not TOML, or the value is not text. The parser's own words would show the line.
    #[error("the secret `{name}` may stand in {path}, which is not a list of `name = \"text\"`{}", line.map(|l| format!(" (line {l})")).unwrap_or_default())]
    NotToml {
        /// Its name.
        name: String,
        /// The file.
        path: PathBuf,
        /// Where it goes wrong.
        line: Option<usize>,
    },
    /// The value is not text.
    #[error("the secret `{name}` in {place} is not UTF-8 text")]
    NotText {
        /// Its name.
        name: String,
        /// The variable or file.
        place: String,
    },
}

impl SecretError {
    /// The one next step.
    pub fn hint(&self) -> String {
        match self {
            Self::Missing { name, .. } => format!("set {} or add it to secrets.toml", variable(name)),
            Self::Name => "rename it in the job file".to_owned(),
            Self::Shared { path, .. } => format!("run `chmod 600 {}`", path.display()),
            Self::Unreadable { path, .. } => format!("let this user read {}", path.display()),
            Self::NotToml { path, .. } => format!("mend {}", path.display()),
            Self::NotText { .. } => "give it as UTF-8 text".to_owned(),
        }
    }
}

/// How the environment is asked. A function, so that tests need not change the real one.
type Environment = fn(&str) -> Result<Option<String>, ()>;

/// A chain of places; the first that has a secret gives it.
#[derive(Clone, Debug)]
pub struct SecretChain {
    environment: Option<Environment>,
    file: Option<PathBuf>,
    folders: Vec<Folder>,
}

#[derive(Clone, Debug)]
struct Folder {
    path: PathBuf,
    /// Whether its files must not be readable by others. Mounted ones often are, inside a container.
    private: bool,
}

impl SecretChain {
    /// The usual places of a project: the environment, `<project>/secrets.toml`, `<project>/.secrets/`
    /// (where [`crate::keys::init`] puts local keys), the service's credentials and `/run/secrets/`.
    pub fn standard(project: &Path) -> Self {
        let own = Self::empty().environment().file(project.join("secrets.toml")).folder(project.join(".secrets"));
        let own = match credentials() {
            Some(folder) => own.mounted(folder),
            None => own,
        };
        own.mounted("/run/secrets")
    }

    /// No place at all, to add some to.
    pub fn empty() -> Self {
        Self { environment: None, file: None, folders: Vec::new() }
    }

    /// Looks in the environment.
    #[must_use]
    pub fn environment(mut self) -> Self {
        self.environment = Some(process_environment);
        self
    }

    /// Looks in a TOML file, which only this user may be able to read.
    #[must_use]
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Looks in a folder of files that only this user may be able to read.
    #[must_use]
    pub fn folder(mut self, path: impl Into<PathBuf>) -> Self {
        self.folders.push(Folder { path: path.into(), private: true });
        self
    }

    /// Looks in a mounted folder, whose permissions are its mounter's affair.
    #[must_use]
    pub fn mounted(mut self, path: impl Into<PathBuf>) -> Self {
        self.folders.push(Folder { path: path.into(), private: false });
        self
    }

    /// The secret called `name`; an error that tells where it was looked for where it is not set.
    pub fn require(&self, name: &str) -> Result<Secret, SecretError> {
        self.lookup(name)?.ok_or_else(|| SecretError::Missing { name: name.to_owned(), looked: self.places(name) })
    }

    /// The secret called `name`, or none where it is not set.
    pub fn lookup(&self, name: &str) -> Result<Option<Secret>, SecretError> {
        check_name(name)?;
        if let Some(environment) = self.environment {
            let variable = variable(name);
            let not_text = |()| SecretError::NotText { name: name.to_owned(), place: variable.clone() };
            if let Some(value) = environment(&variable).map_err(not_text)? {
                return Ok(Some(secret(value)));
            }
        }
        if let Some(value) = self.file.as_deref().map(|path| from_toml(path, name)).transpose()?.flatten() {
            return Ok(Some(secret(value)));
        }
        for folder in &self.folders {
            if let Some(value) = from_folder(folder, name)? {
                return Ok(Some(secret(value)));
            }
        }
        Ok(None)
    }

    fn places(&self, name: &str) -> Vec<String> {
        let environment = self.environment.map(|_| variable(name));
        let file = self.file.iter().map(|path| path.display().to_string());
        let folders = self.folders.iter().map(|folder| folder.path.join(name).display().to_string());
        environment.into_iter().chain(file).chain(folders).collect()
    }
}

impl Secrets for SecretChain {
    /// As [`SecretChain::lookup`]. A place that cannot be trusted or read counts as without it, and
    /// is told of in the log; commands that check a project ask [`SecretChain::require`].
    fn get(&self, name: &str) -> Option<Secret> {
        self.lookup(name).unwrap_or_else(|error| {
            tracing::warn!(%error, hint = error.hint(), "a secret was not read");
            None
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads secrets from the environment")]
fn process_environment(variable: &str) -> Result<Option<String>, ()> {
    match std::env::var(variable) {
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(()),
    }
}

/// The folder in which systemd puts what a unit's `LoadCredential=` names. Only the service can read it.
#[expect(clippy::disallowed_methods, reason = "systemd tells the folder in no other way")]
fn credentials() -> Option<PathBuf> {
    std::env::var("CREDENTIALS_DIRECTORY").ok().filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

/// Environment variables know no lower case, hyphens or dots.
fn variable(name: &str) -> String {
    let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    PREFIX.chars().chain(name.chars().map(upper)).collect()
}

fn check_name(name: &str) -> Result<(), SecretError> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let good = (1..=100).contains(&name.len()) && name.bytes().all(fits) && !name.starts_with('.');
    if good { Ok(()) } else { Err(SecretError::Name) }
}

fn from_toml(path: &Path, name: &str) -> Result<Option<String>, SecretError> {
    let Some(text) = read_private(path, name, true)? else { return Ok(None) };
    let bad = |line| SecretError::NotToml { name: name.to_owned(), path: path.to_owned(), line };
    let at = |e: &toml::de::Error| e.span().and_then(|s| text.get(..s.start)).map(|t| t.matches('\n').count() + 1);
    let mut table: toml::Table = toml::from_str(&text).map_err(|e| bad(at(&e)))?;
    match table.remove(name) {
        None => Ok(None),
        Some(toml::Value::String(value)) => Ok(Some(value)),
        Some(_) => Err(bad(None)),
    }
}

fn from_folder(folder: &Folder, name: &str) -> Result<Option<String>, SecretError> {
    let path = folder.path.join(name);
    Ok(read_private(&path, name, folder.private)?.map(|text| text.as_str().to_owned()))
}

fn read_private(path: &Path, name: &str, private: bool) -> Result<Option<Zeroizing<String>>, SecretError> {
    let unreadable = |source| SecretError::Unreadable { name: name.to_owned(), path: path.to_owned(), source };
    if private {
        match keys::refuse_shared(path) {
            Ok(()) => {}
            Err(keys::Error::Io { source, .. }) if absent(&source) => return Ok(None),
            Err(keys::Error::Io { source, .. }) => return Err(unreadable(source)),
            Err(keys::Error::Shared { path, mode }) => {
                return Err(SecretError::Shared { name: name.to_owned(), path, mode });
            }
            Err(other) => return Err(unreadable(other.into())),
        }
    }
    match std::fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(Zeroizing::new(text))),
            Err(_) => Err(SecretError::NotText { name: name.to_owned(), place: path.display().to_string() }),
        },
        Err(e) if absent(&e) => Ok(None),
        Err(e) => Err(unreadable(e)),
    }
}

fn absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn secret(mut value: String) -> Secret {
    if value.ends_with('\n') {
        value.pop();
        if value.ends_with('\r') {
            value.pop();
        }
    }
    Secret::new(value)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn write(path: &Path, text: &str, mode: u32) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
    }

    fn fake(variable: &str) -> Result<Option<String>, ()> {
        match variable {
            "SLUSS_SECRET_DB_URL" => Ok(Some("från miljön".to_owned())),
            "SLUSS_SECRET_LATIN" => Err(()),
            _ => Ok(None),
        }
    }

    #[test]
    fn the_first_place_that_has_it_wins() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        write(&at("secrets.toml"), "db-url = \"från fil\"\nandra = \"två\"\n", 0o600);
        write(&at("own/tredje"), "tre\n", 0o600);
        write(&at("own/andra"), "skuggad", 0o600);
        write(&at("mounted/fjarde"), "fyra\r\n\n", 0o444);
        let chain = SecretChain {
            environment: Some(fake),
            ..SecretChain::empty().file(at("secrets.toml")).folder(at("own")).mounted(at("mounted"))
        };
        for (name, value) in [("db-url", "från miljön"), ("andra", "två"), ("tredje", "tre"), ("fjarde", "fyra\r\n")]
        {
            assert_eq!(chain.require(name).unwrap().expose(), value);
            assert_eq!(chain.get(name).unwrap().expose(), value);
        }
        let text = chain.require("femte").unwrap_err().to_string();
        for place in ["`femte`", "SLUSS_SECRET_FEMTE", "secrets.toml", "own/femte", "mounted/femte"] {
            assert!(text.contains(place), "{text}");
        }
        assert!(chain.get("femte").is_none());
        assert!(matches!(chain.require("latin"), Err(SecretError::NotText { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("secrets.toml");
        write(&file, "a = \"hemligt\"", 0o644);
        let chain = SecretChain::empty().file(&file);
        let error = chain.require("a").unwrap_err();
        assert!(matches!(error, SecretError::Shared { mode: 0o644, .. }));
        assert!(error.hint().contains("chmod 600"));
        assert!(chain.get("a").is_none());
    }

    #[test]
    fn no_error_shows_a_value() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("secrets.toml");
        for text in ["a = hemligt", "a = [\"hemligt\"]", "ok = 1\nhemligt = = 2", "hemligt"] {
            write(&file, text, 0o600);
            let error = SecretChain::empty().file(&file).require("a").unwrap_err();
            assert!(matches!(error, SecretError::NotToml { .. }), "{error}");
            assert!(!format!("{error} {error:?} {}", error.hint()).contains("hemligt"));
        }
    }

    #[test]
    fn names_cannot_leave_the_folder() {
        let home = tempfile::tempdir().unwrap();
        write(&home.path().join("outside"), "x", 0o600);
        let chain = SecretChain::empty().folder(home.path().join("in"));
        for name in ["../outside", "", ".", "..", "a/b", "å", &"a".repeat(101)] {
            assert!(matches!(chain.lookup(name), Err(SecretError::Name)), "{name}");
        }
    }
}
