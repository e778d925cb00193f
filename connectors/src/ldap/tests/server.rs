//! An `OpenLDAP` of a test's own.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A running server; dropping it ends it.
pub(super) struct Server {
    /// `ldaps://…`.
    pub(super) url: String,
    /// Where its certificates lie.
    pub(super) folder: PathBuf,
}

fn script() -> Command {
    Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/services/openldap.sh"))
}

impl Server {
    /// Starts one with so many units; none, with a line that says so, where it is not installed.
    pub(super) fn start(units: usize) -> Option<Self> {
        let output = script().args(["start", &units.to_string()]).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        if said.contains("no OpenLDAP server") {
            println!("skipped: OpenLDAP is not installed (tests/setup.sh)");
            return None;
        }
        assert!(output.status.success(), "{said}");
        let url = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        let port = url.rsplit(':').next().unwrap();
        let folder = PathBuf::from(format!("/tmp/sluss-openldap-{port}"));
        Some(Self { url, folder })
    }

    /// The address without TLS.
    pub(super) fn plain(&self) -> String {
        std::fs::read_to_string(self.folder.join("plain")).unwrap().trim().to_owned()
    }

    /// Writes to the directory, as its administrator.
    pub(super) async fn administrator(&self) -> ldap3::Ldap {
        let (connection, mut ldap) = ldap3::LdapConnAsync::new(&self.plain()).await.unwrap();
        tokio::spawn(connection.drive());
        ldap.simple_bind("cn=admin,c=SE", "admin").await.unwrap().success().unwrap();
        ldap
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = script().args(["stop", &self.url]).status();
    }
}
