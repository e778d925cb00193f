//! The list of what was erased for persons' sake, outside the database: what a restored backup needs.
//!
//! One JSON object a line, written and brought to disk before anything is removed. A backup set of the
//! database, the lake or the key folder that is older than an entry brings its rows back; reading the list
//! and erasing once more takes them away before anybody reads them.

use std::io::Write;

use sluss_schemas::say;

use super::Erasure;
use crate::error::{PipelineError, Result};
use crate::run::Engine;

impl Engine {
    /// Adds an erasure to the list.
    pub(super) fn list(&self, erasure: &Erasure) -> Result<()> {
        let path = self.project.path(&self.project.file.retention.list);
        let failed = |e: std::io::Error| PipelineError::from(e).at(path.display().to_string());
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut line = serde_json::to_vec(erasure).map_err(|e| failed(e.into()))?;
        line.push(b'\n');
        let mut file = std::fs::File::options().create(true).append(true).open(&path).map_err(failed)?;
        file.write_all(&line).and_then(|()| file.sync_all()).map_err(failed)
    }

    /// Erases once more everything on the list: after a backup has been restored. Gives how many erasures.
    pub async fn erase_again(&self) -> Result<usize> {
        let path = self.project.path(&self.project.file.retention.list);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(0),
            Err(e) => return Err(PipelineError::from(e).at(path.display().to_string())),
        };
        let mut done = 0;
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let erasure: Erasure = serde_json::from_str(line).map_err(|e| {
                PipelineError::configuration(say!(
                    "en rad i gallringslistan går inte att läsa",
                    "a line of the list of erasures cannot be read"
                ))
                .at(format!("{}:{}", path.display(), number + 1))
                .hint(say!(
                    "hämta listan ur en säkerhetskopia: utan den kommer raderade uppgifter tillbaka",
                    "take the list from a backup: without it erased data comes back"
                ))
                .because(e)
            })?;
            self.erase(&erasure).await?;
            done += 1;
        }
        Ok(done)
    }
}
