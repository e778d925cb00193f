//! Small secret files: written whole or not at all, readable by nobody else, destroyed before they
//! are removed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rand::TryRngCore;
use rand::rngs::OsRng;

use super::{Error, Result};

/// How the names of unfinished files end.
const PARTIAL: &str = ".part";

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    OsRng.try_fill_bytes(&mut bytes).map_err(|_| Error::Random)?;
    Ok(bytes)
}

/// Opens a new file that only this user can read. Fails where it exists.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a folder, and those above it, that only this user can enter.
pub(crate) fn create_folder(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(Error::io(path, "made"))
}

/// An unfinished file: removed when dropped, unless it was given its name.
pub(crate) struct PartialFile {
    path: PathBuf,
    named: bool,
}

impl PartialFile {
    /// Makes one in `folder`, with the run in its name so that a sweep can tell whose it was.
    pub(crate) fn create(folder: &Path, run: &str) -> Result<(Self, File)> {
        create_folder(folder)?;
        let path = folder.join(partial_name(run)?);
        let file = create(&path).map_err(Error::io(&path, "written"))?;
        Ok((Self { path, named: false }, file))
    }

    /// Brings the whole file to disk and gives it its name, in place of what had it.
    pub(crate) fn persist(mut self, file: File, to: &Path) -> Result<()> {
        file.sync_data().map_err(Error::io(&self.path, "written"))?;
        drop(file);
        to.parent().map_or(Ok(()), create_folder)?;
        persist(&self.path, to)?;
        self.named = true;
        Ok(())
    }

    /// The run whose unfinished file this is, where it is one.
    pub(crate) fn run(path: &Path) -> Option<&str> {
        let name = path.file_name()?.to_str()?;
        Some(name.strip_prefix('.')?.strip_suffix(PARTIAL)?.split_once('.')?.0)
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        if !self.named {
            // What cannot be removed now is removed by the next sweep.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn partial_name(run: &str) -> Result<String> {
    Ok(format!(".{run}.{}{PARTIAL}", super::text::hex(&random::<8>()?)))
}

/// Gives a finished and closed temporary file its name, durably.
fn persist(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(Error::io(to, "written"))?;
    sync_folder(to)
}

/// Writes a small file so that a reader sees the old content, or the new, and never a part.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<()> {
    persist(&partial(path, content)?, path)
}

/// As [`replace`], and never over an existing file, however many processes try at once.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> Result<()> {
    let partial = partial(path, content)?;
    let linked = fs::hard_link(&partial, path);
    let removed = fs::remove_file(&partial);
    match linked.and(removed) {
        Ok(()) => sync_folder(path),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(Error::Exists { path: path.to_owned() }),
        Err(e) => Err(Error::io(path, "written")(e)),
    }
}

fn partial(path: &Path, content: &[u8]) -> Result<PathBuf> {
    let partial = path.with_file_name(partial_name("key")?);
    let written = create(&partial).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    if let Err(source) = written {
        // Best effort: a stray temporary file is swept later.
        let _ = fs::remove_file(&partial);
        return Err(Error::io(path, "written")(source));
    }
    Ok(partial)
}

/// Overwrites the first bytes of a file and removes it. False where there was none.
///
/// Overwriting reaches the same blocks on ordinary file systems; copy-on-write file systems, flash
/// wear levelling and backups may keep the old ones, which is why the master key lies elsewhere.
pub(crate) fn shred(path: &Path, bytes: usize) -> Result<bool> {
    let file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(Error::io(path, "destroyed")(e)),
    };
    overwrite(file, path, bytes)?;
    fs::remove_file(path).map_err(Error::io(path, "destroyed"))?;
    sync_folder(path)?;
    Ok(true)
}

/// Overwrites the first bytes of an open file.
pub(crate) fn overwrite(mut file: File, path: &Path, bytes: usize) -> Result<()> {
    file.write_all(&vec![0; bytes]).and_then(|()| file.sync_all()).map_err(Error::io(path, "destroyed"))
}

/// Makes a rename or a removal survive a power cut.
fn sync_folder(child: &Path) -> Result<()> {
    #[cfg(unix)]
    if let Some(folder) = child.parent() {
        File::open(folder).and_then(|f| f.sync_all()).map_err(Error::io(folder, "written"))?;
    }
    let _ = child;
    Ok(())
}

/// The entries of a folder by name, in order; none where the folder is not there.
pub(crate) fn files(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(Error::io(folder, "read")(e)),
    };
    let mut out = Vec::new();
    for entry in entries {
        let entry = entry.map_err(Error::io(folder, "read"))?;
        // Names that are not UTF-8 are not ours.
        if let Ok(name) = entry.file_name().into_string() {
            out.push((name, entry.path()));
        }
    }
    out.sort();
    Ok(out)
}

/// Refuses a file that other users may read.
pub(crate) fn refuse_shared(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path).map_err(Error::io(path, "read"))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(Error::Shared { path: path.to_owned(), mode });
        }
    }
    let _ = path;
    Ok(())
}
