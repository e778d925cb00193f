//! Finds local files: paths, folders and globs, in the order of their names.

use std::fs;
use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use sluss_schemas::say;

use super::storage::{Found, Place, modified};
use crate::error::{ConnectorError, Result};

/// Deepest folder that a `**` goes down to: a guard against folders that contain themselves.
const MAX_DEPTH: usize = 32;

/// All files that `patterns` name, each once, in the order of their names.
pub(super) fn files(base: &Path, patterns: &[String]) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for pattern in patterns {
        let before = found.len();
        one(base, pattern, &mut found)?;
        if found.len() == before {
            return Err(nothing(base, pattern));
        }
    }
    found.sort_by(|a: &Found, b| a.name.cmp(&b.name));
    found.dedup_by(|a, b| a.name == b.name);
    Ok(found)
}

/// Whether a path segment is a glob.
pub(super) fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

/// A glob in which `*` stays within a folder and `**` does not.
pub(crate) fn glob(pattern: &str) -> Result<GlobMatcher> {
    GlobBuilder::new(pattern).literal_separator(true).build().map(|glob| glob.compile_matcher()).map_err(|error| {
        ConnectorError::configuration(say!("mönstret går inte att tolka", "the pattern cannot be understood"))
            .at(pattern)
            .because(error)
    })
}

/// Hidden files, lock files of office programs, and what archives of other systems bring along.
pub(crate) fn is_hidden(name: &str) -> bool {
    name.split('/').any(|part| (part.starts_with('.') && part != "." && part != "..") || part.starts_with("~$"))
        || name.split('/').any(|part| part == "__MACOSX")
}

fn one(base: &Path, pattern: &str, found: &mut Vec<Found>) -> Result<()> {
    let path = base.join(pattern);
    match fs::metadata(&path) {
        Ok(meta) if meta.is_file() => add(base, &path, &meta, found),
        Ok(meta) if meta.is_dir() => folder(base, &path, found)?,
        Ok(_) => {
            return Err(ConnectorError::configuration(say!(
                "det är varken en fil eller en mapp",
                "it is neither a file nor a folder"
            ))
            .at(pattern));
        }
        Err(_) if is_glob(pattern) => {
            // The walk starts at the last folder before the first wildcard.
            let fixed: PathBuf = Path::new(pattern)
                .components()
                .take_while(|part| !is_glob(&part.as_os_str().to_string_lossy()))
                .collect();
            let start = base.join(fixed);
            let whole = start.join(
                Path::new(pattern)
                    .components()
                    .skip_while(|part| !is_glob(&part.as_os_str().to_string_lossy()))
                    .collect::<PathBuf>(),
            );
            // What stands before the wildcards is a path, not a pattern.
            let rest = whole.strip_prefix(&start).unwrap_or(&whole).to_string_lossy().replace('\\', "/");
            walk(base, &start, "", &glob(&rest)?, MAX_DEPTH, found)?;
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(denied(pattern, error)),
    }
    Ok(())
}

fn folder(base: &Path, path: &Path, found: &mut Vec<Found>) -> Result<()> {
    for entry in fs::read_dir(path).map_err(|error| denied(&shown(base, path), error))? {
        let entry = entry.map_err(|error| denied(&shown(base, path), error))?;
        if is_hidden(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let path = entry.path();
        let meta = fs::metadata(&path).map_err(|error| denied(&shown(base, &path), error))?;
        if meta.is_file() {
            add(base, &path, &meta, found);
        }
    }
    Ok(())
}

/// Everything under `path` whose name from there on matches. Linked folders are not entered.
fn walk(
    base: &Path,
    path: &Path,
    prefix: &str,
    glob: &GlobMatcher,
    depth: usize,
    found: &mut Vec<Found>,
) -> Result<()> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(denied(&shown(base, path), error)),
    };
    for entry in entries {
        let entry = entry.map_err(|error| denied(&shown(base, path), error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_hidden(&name) {
            continue;
        }
        let relative = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let path = entry.path();
        let kind = entry.file_type().map_err(|error| denied(&shown(base, &path), error))?;
        if kind.is_dir() {
            if depth > 0 {
                walk(base, &path, &relative, glob, depth - 1, found)?;
            }
        } else if glob.is_match(&relative) {
            let meta = fs::metadata(&path).map_err(|error| denied(&shown(base, &path), error))?;
            if meta.is_file() {
                add(base, &path, &meta, found);
            }
        }
    }
    Ok(())
}

fn add(base: &Path, path: &Path, meta: &fs::Metadata, found: &mut Vec<Found>) {
    found.push(Found {
        name: shown(base, path),
        size: meta.len(),
        stamp: modified(meta),
        place: Place::Local(path.to_owned()),
    });
}

/// A path as a person knows it: relative to the job's folder where it can be, with `/` between parts.
fn shown(base: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(base).unwrap_or(path);
    let parts: Vec<_> = relative.components().filter(|part| *part != Component::CurDir).collect();
    parts.iter().collect::<PathBuf>().to_string_lossy().replace('\\', "/")
}

fn denied(place: &str, error: std::io::Error) -> ConnectorError {
    ConnectorError::configuration(say!("den går inte att öppna", "it cannot be opened"))
        .at(place)
        .hint(say!(
            "kontrollera att användaren som kör sluss får läsa den",
            "check that the user that runs sluss may read it"
        ))
        .because(error)
}

/// The error for a pattern that names nothing, with the name that is nearest to it.
fn nothing(base: &Path, pattern: &str) -> ConnectorError {
    let what = if is_glob(pattern) {
        say!("ingen fil passar sökvägen", "no file matches the path")
    } else if base.join(pattern).is_dir() {
        say!("mappen innehåller inga filer", "the folder holds no files")
    } else {
        say!("filen finns inte", "the file does not exist")
    };
    let error = ConnectorError::source(what).at(pattern).retryable();
    match nearest_path(base, pattern) {
        Some(near) => error.hint(say!("menade ni `{near}`?", "did you mean `{near}`?")),
        None => error.hint(say!(
            "kontrollera `path`, som utgår från jobbets mapp, och att leveransen har kommit",
            "check `path`, which starts at the job's folder, and that the delivery has come"
        )),
    }
}

/// The existing path that is most like `pattern`: its first segment that does not exist, replaced.
fn nearest_path(base: &Path, pattern: &str) -> Option<String> {
    let mut known = PathBuf::new();
    for part in Path::new(pattern).components() {
        let next = known.join(part);
        if base.join(&next).exists() {
            known = next;
            continue;
        }
        let wanted = part.as_os_str().to_string_lossy().into_owned();
        let names: Vec<String> = fs::read_dir(base.join(&known))
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
            .filter(|name| !is_hidden(name))
            .collect();
        let near = crate::suggest::nearest(&wanted, names.iter().map(String::as_str))?;
        return Some(known.join(near).to_string_lossy().replace('\\', "/"));
    }
    None
}
