//! Opening an engine: register, lake, landing zone and keys of a project.

use std::collections::HashMap;
use std::sync::Arc;

use sluss_schemas::clock::Clock;
use sluss_schemas::say;
use sluss_schemas::secret::Secrets;

use super::engine::Engine;
use crate::error::{PipelineError, Result};
use crate::job::Project;
use crate::keys::{self, KeySet, KeyStore};
use crate::lake::Lake;
use crate::landing::Zone;
use crate::quarantine::Quarantine;
use crate::receipt::Signer;
use crate::register;

/// Name of the secret with the keys of pseudonyms.
pub const PSEUDONYM_KEY: &str = "pseudonymnyckel";

/// Name of the secret with the keys that sign receipts.
pub const RECEIPT_KEY: &str = "kvittonyckel";

/// What an engine is made of.
pub struct EngineParts {
    /// The project.
    pub project: Project,
    /// The register's address, absolute.
    pub url: String,
    /// The lake's place, absolute.
    pub lake: String,
    /// Storage options of a lake in an object store.
    pub lake_options: HashMap<String, String>,
    /// Secrets by name.
    pub secrets: Arc<dyn Secrets>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl Engine {
    /// Opens a project's stores.
    pub async fn open(parts: EngineParts) -> Result<Self> {
        let EngineParts { project, url, lake, lake_options, secrets, clock } = parts;
        let landing = project.path(&project.file.landing.path);
        let masters = key_set(secrets.as_ref(), &project.file.landing.key)?;
        let pseudonyms = key_set(secrets.as_ref(), PSEUDONYM_KEY)?;
        let store = KeyStore::open(landing.join("nycklar"), Arc::new(masters));
        if let Some(path) = url.strip_prefix("sqlite://")
            && let Some(folder) = std::path::Path::new(path).parent()
        {
            std::fs::create_dir_all(folder).map_err(|e| PipelineError::from(e).at(folder.display().to_string()))?;
        }
        let tables: Vec<_> = project.tables.iter().cloned().collect();
        let register = register::open(&url, &tables, Arc::clone(&clock)).await?;
        register.set_secrecy(&project.file.secrecy).await?;
        Ok(Self {
            register,
            lake: Lake::open(&lake, lake_options)?,
            zone: Zone::open(landing.join("original"), store.clone()),
            quarantine: Quarantine::open(landing.join("karantan"), store),
            signer: signer(secrets.as_ref())?,
            secrets,
            clock,
            pseudonyms,
            project: Arc::new(project),
            known: super::known::Known::default(),
            feeding: super::feeding::Feeding::default(),
        })
    }
}

fn key_set(secrets: &dyn Secrets, name: &str) -> Result<KeySet> {
    KeySet::from_secrets(secrets, name).map_err(|e| {
        let hint = e.hint().unwrap_or_else(|| {
            say!(
                "`sluss init` gör lokala nycklar till ett eget projekt",
                "`sluss init` makes local keys for a project of its own"
            )
        });
        PipelineError::configuration(e.message()).hint(hint)
    })
}

/// What signs receipts: none where the installation has no key for it.
pub fn signer(secrets: &dyn Secrets) -> Result<Option<Signer>> {
    match secrets.get(RECEIPT_KEY) {
        None => Ok(None),
        Some(_) => Ok(Some(Signer::new(&key_set(secrets, RECEIPT_KEY)?)?)),
    }
}

/// Makes the local keys of the embedded default where there are none. Gives what was made.
pub fn make_keys(project: &Project) -> Result<Vec<keys::MadeKey>> {
    let folder = project.path(".secrets");
    let names = [project.file.landing.key.as_str(), PSEUDONYM_KEY, RECEIPT_KEY];
    Ok(keys::init(&folder, &project.path(&project.file.lake.path), &names)?)
}
