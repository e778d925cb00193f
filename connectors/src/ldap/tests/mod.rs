//! The connector `ldap` against a real `OpenLDAP`, and against servers that misbehave.

mod faults;
mod long;
mod openldap;
mod server;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use futures::StreamExt;
use serde_json::{Value, json};
use sluss_schemas::chunk::{Chunk, Cursor};
use sluss_schemas::clock::SystemClock;
use sluss_schemas::landing::Landing;
use sluss_schemas::secret::{Secret, Secrets};

use crate::compliance::Kept;
use crate::connect::{Io, Source};
use crate::error::Result;
use crate::registry;
use crate::testing::column;

const TOP: &str = "o=Region Exempel,l=Exempelköping,c=SE";
const PASSWORD: &str = "losenord-som-inte-syns";

struct Known(BTreeMap<String, String>);

impl Secrets for Known {
    fn get(&self, name: &str) -> Option<Secret> {
        self.0.get(name).map(|value| Secret::new(value.clone()))
    }
}

/// What a source in the folder `base` is given: the passwords, and the keys that lie there.
fn io(base: &Path, chunk_rows: usize) -> Io {
    let mut secrets = BTreeMap::from([
        ("losenord".to_owned(), PASSWORD.to_owned()),
        ("fel".to_owned(), "fel-losenord-som-inte-syns".to_owned()),
        ("tomt".to_owned(), String::new()),
    ]);
    for name in ["client", "stranger", "ca"] {
        if let Ok(key) = std::fs::read_to_string(base.join(format!("{name}.key"))) {
            secrets.insert(name.to_owned(), key);
        }
    }
    Io { base: base.to_owned(), secrets: Arc::new(Known(secrets)), clock: Arc::new(SystemClock), chunk_rows }
}

/// Options for the units, by name and password.
fn options(url: &str) -> Value {
    json!({
        "url": url,
        "base": format!("ou=Enheter,{TOP}"),
        "filter": "(objectClass=hsaHealthCareUnit)",
        "attributes": ["hsaIdentity", "ou", "hsaVisitingAddress", { "name": "telephoneNumber", "values": "join" },
                       { "name": "objectClass", "values": "join" }],
        "bind": { "method": "simple", "dn": format!("cn=sluss,{TOP}"), "password": { "secret": "losenord" } },
        "tls": { "ca": "ca.pem" },
        "page_size": 100,
    })
}

fn with(mut options: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        options[name] = value.clone();
    }
    options
}

fn open(io: &Io, options: Value) -> Result<Box<dyn Source>> {
    registry::open("ldap", options, io)
}

async fn read(source: &dyn Source, after: Option<Cursor>, landing: Arc<dyn Landing>) -> Result<Vec<Chunk>> {
    let mut stream = source.read(after, landing);
    let mut chunks = Vec::new();
    while let Some(chunk) = stream.next().await {
        chunks.push(chunk?);
    }
    Ok(chunks)
}

async fn rows(io: &Io, options: Value, after: Option<Cursor>) -> Result<Vec<Chunk>> {
    read(open(io, options)?.as_ref(), after, Arc::new(Kept::default())).await
}

fn count(chunks: &[Chunk]) -> usize {
    chunks.iter().map(|chunk| chunk.rows.num_rows()).sum()
}
