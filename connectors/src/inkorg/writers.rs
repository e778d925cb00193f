//! Which files somebody has open for writing, as Linux tells it of the processes that we may see.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// How a file was opened: the two lowest bits of its flags, of which 0 is for reading only.
const FOR_READING: u32 = 0;

/// Files below `folder` that a process has open for writing, by their paths from there. Empty where the
/// system does not tell: then only time does.
pub(super) fn names(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let (Ok(folder), Ok(processes)) = (folder.canonicalize(), fs::read_dir("/proc")) else { return found };
    for process in processes.flatten() {
        let is_process = process.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit());
        if !is_process {
            continue;
        }
        // Another user's processes do not show their files.
        let Ok(files) = fs::read_dir(process.path().join("fd")) else { continue };
        for file in files.flatten() {
            let Ok(path) = fs::read_link(file.path()) else { continue };
            let Ok(name) = path.strip_prefix(&folder) else { continue };
            let flags = fs::read_to_string(process.path().join("fdinfo").join(file.file_name()));
            if flags.is_ok_and(|text| writes(&text)) {
                found.insert(name.to_string_lossy().into_owned());
            }
        }
    }
    found
}

/// Whether the description of an open file says that it was opened for writing.
fn writes(description: &str) -> bool {
    let flags = description.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|text| u32::from_str_radix(text.trim(), 8).ok());
    flags.is_some_and(|flags| flags & 0o3 != FOR_READING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_open_for_writing_is_seen_until_it_is_closed() {
        if !Path::new("/proc/self/fdinfo").is_dir() {
            println!("skipped: this system does not tell which files are open");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let written = fs::File::create(folder.path().join("a.csv")).unwrap();
        fs::write(folder.path().join("b.csv"), "x").unwrap();
        let read = fs::File::open(folder.path().join("b.csv")).unwrap();
        assert_eq!(names(folder.path()), BTreeSet::from(["a.csv".to_owned()]));
        drop((written, read));
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn flags_are_octal() {
        assert!(!writes("pos:\t0\nflags:\t0100000\n"));
        assert!(writes("pos:\t0\nflags:\t0100001\n"));
        assert!(writes("flags:\t02100002\n"));
        assert!(!writes("nonsense"));
    }
}
