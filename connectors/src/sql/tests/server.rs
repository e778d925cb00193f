//! Servers of the tests' own.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// A server that is stopped when it is dropped.
pub(super) struct Server {
    script: &'static str,
    /// Its address, with the password.
    pub(super) url: String,
}

impl Server {
    /// PostgreSQL.
    pub(super) fn postgres() -> Option<Self> {
        Self::start("postgres.sh")
    }

    /// MariaDB.
    pub(super) fn mariadb() -> Option<Self> {
        Self::start("mariadb.sh")
    }

    fn start(script: &'static str) -> Option<Self> {
        let output = run(script, &["start"]);
        if output.status.success() {
            return Some(Self { script, url: String::from_utf8(output.stdout).unwrap().trim().to_owned() });
        }
        println!("skipped: {}", String::from_utf8_lossy(&output.stderr).trim());
        None
    }

    /// Runs SQL by the server's own client.
    pub(super) fn sql(&self, sql: &str) {
        let mut client = if self.script == "postgres.sh" {
            let mut client = Command::new("psql");
            client.args(["-q", "-v", "ON_ERROR_STOP=1", &self.url]);
            client
        } else {
            let mut client = Command::new("mariadb");
            let port = self.port().to_string();
            client.args([
                "--no-defaults",
                "-h127.0.0.1",
                "-usluss",
                "-psluss",
                "-P",
                &port,
                "--default-character-set=utf8mb4",
                "sluss",
            ]);
            client
        };
        let mut client = client.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        client.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
        assert!(client.wait().unwrap().success(), "the SQL of the test fails");
    }

    /// Its port.
    pub(super) fn port(&self) -> u16 {
        url::Url::parse(&self.url).unwrap().port().unwrap()
    }

    /// Its address with another port.
    pub(super) fn at(&self, port: u16) -> String {
        self.url.replace(&self.port().to_string(), &port.to_string())
    }

    /// Stops it at once.
    pub(super) fn stop(&self) {
        run(self.script, &["stop", &self.url]);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(script: &str, args: &[&str]) -> std::process::Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/services").join(script);
    // Servers keep what they inherit: no pipe for their errors, or reading it would never end.
    Command::new(script).args(args).stdin(Stdio::null()).output().unwrap()
}
