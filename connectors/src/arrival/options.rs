//! What a job says of files that arrive: `[source.options.arrival]`.

use schemars::JsonSchema;
use serde::Deserialize;
use sluss_schemas::say;

use crate::error::{ConnectorError, Result};

/// When a file has arrived, and what becomes of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArrivalOptions {
    /// Ending of the marker that the sender writes when a file is whole: with `.klar` the file
    /// `avtal.csv` is read when `avtal.csv.klar` or `avtal.klar` is there. Without it a file is whole
    /// when it has not changed between two looks.
    pub marker: Option<String>,
    /// Seconds between the two looks; 10 unless said. Not used with `marker`.
    pub stable_seconds: Option<u64>,
    /// The order in which files are read.
    #[serde(default)]
    pub order: Order,
    /// Which of the files that have arrived are read.
    #[serde(default)]
    pub take: Take,
    /// Where files go that have been published: a folder, from the one that is watched. Without it they
    /// stay where they are, and are known again by their content.
    pub done: Option<String>,
    /// Where a file goes that cannot be read, with a text beside it that tells why. Without it the file
    /// stays, and no run succeeds until somebody takes it away.
    pub failed: Option<String>,
}

/// The order in which files are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// By their names.
    #[default]
    Name,
    /// By the time when they were last written, then by their names.
    Time,
}

/// Which of the files that have arrived are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Take {
    /// All of them, in order: together they are the delivery.
    #[default]
    All,
    /// The last one in order: each file is a whole delivery, and replaces those before it.
    Latest,
}

impl ArrivalOptions {
    /// The same, checked: endings and folders in one form.
    pub(super) fn checked(mut self) -> Result<Self> {
        if let Some(marker) = &mut self.marker {
            *marker = marker.trim_start_matches('*').to_owned();
            if !marker.starts_with('.') || marker.len() < 2 || marker.contains('/') {
                return Err(ConnectorError::configuration(say!(
                    "`arrival.marker` är ingen filändelse",
                    "`arrival.marker` is no file name extension"
                ))
                .hint(say!("skriv till exempel `marker = \".klar\"`", "write for example `marker = \".klar\"`")));
            }
        }
        for (option, folder) in [("done", &mut self.done), ("failed", &mut self.failed)] {
            let Some(path) = folder else { continue };
            let trimmed = path.trim_end_matches('/').trim_start_matches("./").to_owned();
            *path = trimmed;
            if path.is_empty() || path == "." {
                return Err(ConnectorError::configuration(say!(
                    "`arrival.{option}` är mappen som bevakas",
                    "`arrival.{option}` is the folder that is watched"
                ))
                .hint(say!("ange en annan mapp, till exempel `klart`", "name another folder, for example `klart`")));
            }
        }
        if self.done.is_some() && self.done == self.failed {
            return Err(ConnectorError::configuration(say!(
                "`arrival.done` och `arrival.failed` är samma mapp",
                "`arrival.done` and `arrival.failed` are the same folder"
            ))
            .hint(say!("ange två mappar", "name two folders")));
        }
        Ok(self)
    }
}
