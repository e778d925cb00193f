//! The connector `sftp` against a real OpenSSH, over networks that break, and against servers that lie.

mod faults;
mod login;
mod openssh;
mod server;

use std::path::Path;
use std::sync::Arc;

use arrow::array::AsArray;
use futures::StreamExt;
use serde_json::{Value, json};
use sluss_schemas::chunk::{Chunk, Cursor};
use sluss_schemas::clock::SystemClock;
use sluss_schemas::landing::NoLanding;
use sluss_schemas::secret::{Secret, Secrets};

use self::server::Server;
use crate::connect::{Io, Source};
use crate::error::Result;
use crate::registry;

const PASSPHRASE: &str = "losenfras-som-inte-syns";
const PASSWORD: &str = "losenord-som-inte-syns";

/// The keys that lie in a folder, by the names of their files, and two texts.
struct Keys(std::path::PathBuf);

impl Secrets for Keys {
    fn get(&self, name: &str) -> Option<Secret> {
        let text = match name {
            "losenfras" => PASSPHRASE.to_owned(),
            "losenord" => PASSWORD.to_owned(),
            file => std::fs::read_to_string(self.0.join(file)).ok()?,
        };
        Some(Secret::new(text))
    }
}

fn io(keys: &Path, chunk_rows: usize) -> Io {
    Io { base: keys.to_owned(), secrets: Arc::new(Keys(keys.to_owned())), clock: Arc::new(SystemClock), chunk_rows }
}

/// Options that do not wait.
fn options(server: &Server) -> Value {
    json!({
        "host": "127.0.0.1", "port": server.port, "user": server.user,
        "key": { "secret": "client" }, "host_key": server.host_key(),
        "folder": "in", "pattern": "*.csv", "format": "csv",
        "arrival": { "stable_seconds": 0, "done": "klart", "failed": "fel" },
        "timeout_seconds": 10, "retries": 3, "first_wait_ms": 20,
    })
}

fn with(mut options: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            options.as_object_mut().unwrap().remove(name);
        } else {
            options[name] = value.clone();
        }
    }
    options
}

fn open(server: &Server, options: Value) -> Result<Box<dyn Source>> {
    registry::open("sftp", options, &io(&server.folder, 100))
}

async fn read(source: &dyn Source, after: Option<Cursor>) -> Result<Vec<Chunk>> {
    let mut stream = source.read(after, Arc::new(NoLanding));
    let mut chunks = Vec::new();
    while let Some(chunk) = stream.next().await {
        chunks.push(chunk?);
    }
    Ok(chunks)
}

fn values(chunks: &[Chunk]) -> Vec<String> {
    let texts = chunks.iter().flat_map(|chunk| chunk.rows.column(0).as_string_view().iter());
    texts.map(|text| text.unwrap_or("~").to_owned()).collect()
}
