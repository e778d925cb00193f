//! What a job may speak for, from where its file lies: the one place where that is judged.
//!
//! A region's folder is written by the region. So a job in `regions/22-…` owns rows of 22 and of nobody
//! else (but for the words and codes of its own that it adds to the national code systems), reads no file
//! in another region's folder or among the installation's own, and names no secret of another region's.
//! What a delivery's rows say is judged when they are published, and by the database once more.

use std::path::{Component, Path, PathBuf};

use sluss_schemas::region;
use sluss_schemas::say;

use super::{JobFile, Project};
use crate::error::{PipelineError, Result};

/// Who owns what is no region's.
const NATIONAL: &str = "nationell";
/// Tables to which a region adds words and codes of its own, in the nation's name.
const SHARED_WORDS: [&str; 2] = ["kod", "kodmappning"];

/// Whether the job's file may say what it says, there where it lies.
pub(super) fn check(project: &Project, path: &Path, file: &JobFile) -> Result<()> {
    let owner = file.job.owner.as_str();
    if !is_owner(owner) {
        return Err(PipelineError::configuration(say!(
            "owner är varken en länskod eller en nationell ägare",
            "owner is neither a länskod nor a national owner"
        ))
        .hint(say!(
            "skriv regionens länskod, två siffror, eller \"nationell\"",
            "write the region's länskod, two digits, or \"nationell\""
        )));
    }
    let Some(home) = Home::of(project, path) else { return Ok(()) };
    let own_words = owner == NATIONAL && file.job.feeds.iter().all(|t| SHARED_WORDS.contains(&t.as_str()));
    if owner != home.lanskod && !own_words {
        return Err(PipelineError::configuration(say!(
            "jobbet ligger i mappen för {} och kan inte äga rader åt {owner}",
            "the job lies in the folder of {} and cannot own rows of {owner}",
            home.lanskod
        ))
        .hint(say!(
            "skriv owner = \"{}\", eller lägg jobbet i ägarens mapp",
            "write owner = \"{}\", or put the job into its owner's folder",
            home.lanskod
        )));
    }
    let sql = file.map.tables.values();
    let examples = file.example.iter().flat_map(|example| [&example.given, &example.expect]);
    for place in sql.chain(examples) {
        home.may_read(place)?;
    }
    let backfill = file.backfill.iter().flat_map(|backfill| backfill.options.values());
    for value in file.source.options.values().chain(backfill) {
        home.may_use(value)?;
    }
    Ok(())
}

/// A länskod that is one, or a name that cannot be mistaken for one.
fn is_owner(owner: &str) -> bool {
    region::by_lanskod(owner).is_some()
        || (owner.starts_with(|c: char| c.is_ascii_lowercase())
            && owner.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'))
}

/// A region's folder.
struct Home<'a> {
    project: &'a Project,
    lanskod: &'static str,
    /// Its name, and where the job's file lies in it.
    name: String,
    folder: PathBuf,
}

impl<'a> Home<'a> {
    /// The folder of the region that the file lies in; none for national jobs.
    fn of(project: &'a Project, path: &Path) -> Option<Self> {
        let within = path.strip_prefix(&project.root).ok()?;
        let mut parts = within.components().filter_map(|part| part.as_os_str().to_str());
        let (top, name) = (parts.next()?, parts.next()?);
        let lanskod = region_of(name).filter(|_| top == "regions")?;
        Some(Self { project, lanskod, name: name.to_owned(), folder: path.parent()?.to_owned() })
    }

    /// A path of the job file must not lead into another region's folder or to what is the installation's.
    fn may_read(&self, place: &str) -> Result<()> {
        let named = plain(&self.folder.join(place));
        // As it is written, and as the disk has it where links lead elsewhere.
        let refused = self.is_outside(&named, &plain(&self.project.root))
            || std::fs::canonicalize(&self.project.root).is_ok_and(|root| self.is_outside(&real(&named), &root));
        if !refused {
            return Ok(());
        }
        Err(PipelineError::configuration(say!(
            "jobbet pekar på en fil utanför regionens egen mapp",
            "the job names a file outside its region's own folder"
        ))
        .hint(say!(
            "läs ur regionens egen mapp, ur en mapp utanför projektet eller ur national/",
            "read from the region's own folder, from one outside the project, or from national/"
        )))
    }

    /// Whether the place is another region's or the installation's.
    fn is_outside(&self, place: &Path, root: &Path) -> bool {
        let Ok(within) = place.strip_prefix(root) else { return false };
        let mut parts = within.components().filter_map(|part| part.as_os_str().to_str());
        let (top, next) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        match top {
            // A pattern in the folder's own place would match every region's.
            "regions" => next != self.name && (region_of(next).is_some() || is_pattern(next)),
            ".secrets" | "secrets.toml" | "var" | "sluss.toml" => true,
            top => is_pattern(top),
        }
    }

    /// The connector's options: every text in them may be a path, every `secret` names a secret.
    fn may_use(&self, value: &toml::Value) -> Result<()> {
        match value {
            toml::Value::String(text) => self.may_read(text.strip_prefix("file://").unwrap_or(text)),
            toml::Value::Array(values) => values.iter().try_for_each(|value| self.may_use(value)),
            toml::Value::Table(table) => table.iter().try_for_each(|(key, value)| match value {
                toml::Value::String(name) if key == "secret" => self.may_know(name),
                value => self.may_use(value),
            }),
            _ => Ok(()),
        }
    }

    /// A secret whose name begins with another region's is that region's; the installation's own keys are
    /// nobody's.
    fn may_know(&self, secret: &str) -> Result<()> {
        let name = secret.to_ascii_lowercase().replace('-', "_");
        let begins = |with: &str| name == with || name.strip_prefix(with).is_some_and(|rest| rest.starts_with('_'));
        let others = self.others().any(|(lanskod, folder)| begins(&lanskod) || begins(&folder));
        let landing = self.project.file.landing.key.as_str();
        let register = self.project.file.register.secret.as_deref();
        let own = [landing, crate::run::PSEUDONYM_KEY].into_iter().chain(register).any(|key| key == secret);
        if !others && !own {
            return Ok(());
        }
        Err(PipelineError::configuration(say!(
            "hemligheten `{secret}` är inte den här regionens",
            "the secret `{secret}` is not this region's"
        ))
        .hint(say!(
            "använd en hemlighet vars namn börjar med regionens eget",
            "use a secret whose name begins with the region's own"
        )))
    }

    /// Länskod and name of the other regions' folders.
    fn others(&self) -> impl Iterator<Item = (String, String)> {
        let folders = std::fs::read_dir(self.project.root.join("regions")).into_iter().flatten();
        let names = folders.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.filter(|name| *name != self.name).filter_map(|name| {
            let (lanskod, rest) = name.split_once('-')?;
            // Both folders of one region may name its secrets.
            (lanskod != self.lanskod).then(|| (lanskod.to_owned(), rest.replace('-', "_")))
        })
    }
}

/// The region whose folder has that name.
fn region_of(name: &str) -> Option<&'static str> {
    let code = name.split('-').next().unwrap_or(name);
    region::by_lanskod(code).map(|region| region.lanskod)
}

fn is_pattern(part: &str) -> bool {
    part.contains(['*', '?', '['])
}

/// The path with its links followed, as far as it is there.
fn real(path: &Path) -> PathBuf {
    let found = path.ancestors().find_map(|part| Some((part, std::fs::canonicalize(part).ok()?)));
    match found {
        Some((part, real)) => path.strip_prefix(part).map_or_else(|_| path.to_owned(), |rest| real.join(rest)),
        None => path.to_owned(),
    }
}

/// The path without `.` and `..`, as far as can be told without asking the disk.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}
