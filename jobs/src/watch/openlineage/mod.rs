//! OpenLineage run events: which run of which job made which tables from what, column by column.
//!
//! To a file, an event in a line, or to an address. The events' form is that of <https://openlineage.io/spec>.

mod event;
mod facets;

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Url};
use serde_json::Value;
use sluss_pipeline::error::{PipelineError, Result};
use sluss_pipeline::job::Project;
use sluss_schemas::say;
use sluss_schemas::secret::Secrets;

use self::event::Events;
use super::metrics::Metrics;
use super::{Happening, Observer, http};

/// Makes events of what happens, and passes them on.
pub(super) struct Lineage {
    events: Events,
    file: Option<PathBuf>,
    address: Option<Address>,
    metrics: Arc<Metrics>,
}

struct Address {
    client: Client,
    url: Url,
    headers: HeaderMap,
}

impl Lineage {
    pub(super) fn open(project: &Arc<Project>, secrets: &dyn Secrets, metrics: Arc<Metrics>) -> Result<Self> {
        let settings = &project.file.openlineage;
        let place = "[openlineage]";
        let address = match &settings.url {
            None => None,
            Some(url) => {
                let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
                if let Some(token) = &settings.token {
                    let token = http::secret(secrets, token, place)?;
                    let mut shown = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
                        PipelineError::configuration(say!(
                            "token har tecken som inte kan skickas",
                            "the token has characters that cannot be sent"
                        ))
                        .at("sluss.toml, [openlineage]")
                    })?;
                    shown.set_sensitive(true);
                    headers.insert(AUTHORIZATION, shown);
                }
                Some(Address { client: http::client()?, url: http::address(url, place)?, headers })
            }
        };
        let file = settings.path.as_ref().map(|path| project.path(path));
        if let Some(folder) = file.as_ref().and_then(|file| file.parent()) {
            std::fs::create_dir_all(folder)?;
        }
        Ok(Self { events: Events::new(Arc::clone(project)), file, address, metrics })
    }

    async fn send(&self, event: &Value) {
        let text = event.to_string();
        if let Some(file) = &self.file {
            let (file, line) = (file.clone(), format!("{text}\n"));
            let written = tokio::task::spawn_blocking(move || {
                // One write for each line: several processes may add to the same file.
                std::fs::OpenOptions::new().create(true).append(true).open(file)?.write_all(line.as_bytes())
            });
            let written = written.await.map_err(std::io::Error::other).flatten();
            self.metrics.lineage(written.is_ok());
            if let Err(error) = written {
                tracing::error!("a lineage event could not be written: {error}");
            }
        }
        if let Some(Address { client, url, headers }) = &self.address {
            let sent = http::post(client, url, headers, &text).await;
            self.metrics.lineage(sent.is_ok());
            if let Err(error) = sent {
                tracing::error!("a lineage event was not taken: {error}");
            }
        }
    }
}

#[async_trait]
impl Observer for Lineage {
    fn name(&self) -> &'static str {
        "openlineage"
    }

    async fn hear(&mut self, happening: &Happening) {
        if let Some(event) = self.events.of(happening) {
            self.send(&event).await;
        }
    }
}
