//! Real servers for the tests, one of each for the process that asks: started by the scripts in
//! `tests/services`, which stop them when this process ends, however it ends.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

use crate::sandbox::root;

/// A script that holds a server for as long as its input is open.
struct Service {
    talk: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    address: String,
    _script: Child,
}

impl Service {
    /// None, and a printed line, where the server is not installed.
    fn start(script: &str) -> Option<Self> {
        let mut child = Command::new(root().join("tests/services").join(script))
            .arg("hold")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut talk = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let address = line(&mut talk.1);
        if address.is_empty() {
            let told = child.wait_with_output().unwrap().stderr;
            println!("skipped: {}", String::from_utf8_lossy(&told).trim());
            return None;
        }
        Some(Self { talk: Mutex::new(talk), address, _script: child })
    }

    fn ask(&self, name: &str) -> String {
        let mut talk = self.talk.lock().unwrap();
        writeln!(talk.0, "{name}").unwrap();
        line(&mut talk.1)
    }
}

fn line(from: &mut impl BufRead) -> String {
    let mut line = String::new();
    from.read_line(&mut line).unwrap();
    line.trim().to_owned()
}

/// Address of a new, empty `PostgreSQL` database; none where the server is not installed.
pub(crate) fn postgres() -> Option<String> {
    static SERVER: OnceLock<Option<Service>> = OnceLock::new();
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = SERVER.get_or_init(|| Service::start("postgres.sh")).as_ref()?;
    let address = server.ask(&format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed)));
    assert!(address.starts_with("postgresql://"), "no database was made");
    Some(address)
}

/// Address of a new, empty `MariaDB` database; none where the server is not installed.
pub(crate) fn mariadb() -> Option<String> {
    static SERVER: OnceLock<Option<Service>> = OnceLock::new();
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = SERVER.get_or_init(|| Service::start("mariadb.sh")).as_ref()?;
    let address = server.ask(&format!("t{}", NUMBER.fetch_add(1, Ordering::Relaxed)));
    assert!(address.starts_with("mysql://"), "no database was made");
    Some(address)
}

/// Port and folder of a mail server; none where it is not installed.
pub(crate) fn smtp() -> Option<(u16, std::path::PathBuf)> {
    static SERVER: OnceLock<Option<Service>> = OnceLock::new();
    let server = SERVER.get_or_init(|| Service::start("smtp.sh")).as_ref()?;
    let (address, folder) = server.address.split_once(' ').unwrap();
    Some((address.rsplit(':').next().unwrap().parse().unwrap(), folder.into()))
}

/// Address of an S3 server with the bucket `sluss`; none where it is not installed.
pub(crate) fn s3() -> Option<&'static str> {
    static SERVER: OnceLock<Option<Service>> = OnceLock::new();
    SERVER.get_or_init(|| Service::start("s3.sh")).as_ref().map(|server| server.address.as_str())
}
