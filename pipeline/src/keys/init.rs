//! Local keys for the embedded default: a project that has no vault still encrypts.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Error, Result, file, text};

/// A key file that was made, for the command to tell of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeKey {
    /// The secret's name.
    pub name: String,
    /// Where its key lies now.
    pub path: PathBuf,
}

/// Makes a random key for each of `names` that `folder` lacks: one file each, named as the secret,
/// readable by this user only. The folder must be one of the secrets' folders and must not lie in
/// the lake: whoever copies the lake would copy the keys with it.
///
/// Existing files are left alone, so that calling it twice is harmless.
pub fn init(folder: &Path, lake: &Path, names: &[&str]) -> Result<Vec<MadeKey>> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| absolute(path));
    let inside = || Error::InsideLake { path: folder.to_owned() };
    if absolute(folder).starts_with(absolute(lake)) {
        return Err(inside());
    }
    file::create_folder(folder)?;
    // Once more where links may lead.
    if real(folder).starts_with(real(lake)) {
        return Err(inside());
    }
    let mut made = Vec::new();
    for name in names {
        let path = folder.join(name);
        if path.exists() {
            file::refuse_shared(&path)?;
            continue;
        }
        let key = Zeroizing::new(file::random::<32>()?);
        let line = Zeroizing::new(format!("1:{}\n", *Zeroizing::new(text::base64(&*key))));
        match file::write_new(&path, line.as_bytes()) {
            Ok(()) => made.push(MadeKey { name: (*name).to_owned(), path }),
            // Another process was first.
            Err(Error::Exists { .. }) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(made)
}

/// Adds a new version to the key that lies in `path`, as [`init`] made it. Gives the version, which is the
/// current one from now on. The versions before it stay: they open what they closed until
/// [`super::KeyStore::rotate`] has wrapped it anew.
pub fn add_version(path: &Path, name: &str) -> Result<u32> {
    file::refuse_shared(path)?;
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(Error::io(path, "read"))?);
    let set = super::KeySet::parse(name, &text)?;
    let version = set.current().checked_add(1).ok_or(Error::NoVersion { name: name.to_owned(), version: u32::MAX })?;
    let key = Zeroizing::new(file::random::<32>()?);
    // A bare key is version 1: it must say so once there are two.
    let before = text.trim_end();
    let before = Zeroizing::new(if before.contains(':') { before.to_owned() } else { format!("1:{before}") });
    let line = Zeroizing::new(format!("{}\n{version}:{}\n", *before, *Zeroizing::new(text::base64(&*key))));
    file::replace(path, line.as_bytes())?;
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeySet;

    #[test]
    fn makes_keys_once_and_keeps_them() {
        let home = tempfile::tempdir().unwrap();
        let (folder, lake) = (home.path().join("nycklar"), home.path().join("lake"));
        let keys = init(&folder, &lake, &["master", "pseudonym"]).unwrap();
        assert_eq!(keys.len(), 2);
        let before = std::fs::read_to_string(folder.join("master")).unwrap();
        assert_eq!(KeySet::parse("master", &before).unwrap().current(), 1);
        assert!(init(&folder, &lake, &["master", "pseudonym"]).unwrap().is_empty());
        assert_eq!(std::fs::read_to_string(folder.join("master")).unwrap(), before);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(folder.join("master")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn refuses_a_folder_inside_the_lake() {
        let home = tempfile::tempdir().unwrap();
        let error = init(&home.path().join("lake/nycklar"), &home.path().join("lake"), &["master"]).unwrap_err();
        assert!(matches!(error, Error::InsideLake { .. }), "{error}");
        assert!(!home.path().join("lake/nycklar/master").exists());
    }
}
