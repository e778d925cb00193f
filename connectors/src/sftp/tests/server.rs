//! An `OpenSSH` server of a test's own.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A running server; dropping it ends it.
pub(super) struct Server {
    url: String,
    pub(super) user: String,
    pub(super) port: u16,
    /// Where its keys lie.
    pub(super) folder: PathBuf,
}

fn script() -> Command {
    Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/services/sshd.sh"))
}

impl Server {
    /// Starts one with an empty folder `in`; none, with a line that says so, where it is not installed.
    pub(super) fn start() -> Option<Self> {
        let output = script().arg("start").stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        if said.contains("no OpenSSH server") {
            println!("skipped: OpenSSH's server is not installed (tests/setup.sh)");
            return None;
        }
        assert!(output.status.success(), "{said}");
        let url = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        let (user, port) = url.trim_start_matches("sftp://").split_once("@127.0.0.1:").unwrap();
        let folder = PathBuf::from(format!("/tmp/sluss-sshd-{port}"));
        std::fs::create_dir(folder.join("files/in")).unwrap();
        Some(Self { user: user.to_owned(), port: port.parse().unwrap(), folder, url })
    }

    /// The fingerprint of its key, as its owner would tell it.
    pub(super) fn host_key(&self) -> String {
        let output = Command::new("ssh-keygen").arg("-lf").arg(self.folder.join("host_key.pub")).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        said.split(' ').find(|word| word.starts_with("SHA256:")).unwrap().to_owned()
    }

    /// A path below the folder that is watched.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join("files/in").join(name)
    }

    /// Puts a file into the folder that is watched.
    pub(super) fn put(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The files in a folder below the one that is watched.
    pub(super) fn names(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.path(folder)) else { return Vec::new() };
        let files = entries.flatten().filter(|entry| entry.file_type().unwrap().is_file());
        let mut names: Vec<_> = files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Ends every connection, and starts again.
    pub(super) fn restart(&self) {
        assert!(script().args(["restart", &self.url]).status().unwrap().success());
    }

    /// How many logins it has let in or refused.
    pub(super) fn log_lines(&self, holding: &str) -> usize {
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap();
        log.lines().filter(|line| line.contains(holding)).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = script().args(["stop", &self.url]).status();
    }
}
