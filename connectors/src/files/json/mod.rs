//! Stands in for the `json` format until it is merged.
use schemars::JsonSchema;
use serde::Deserialize;

use super::format::{Emit, Format, Input};
use crate::connect::Field;
use crate::error::{ConnectorError, Result};

/// Options of `json`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Options {}

pub(crate) struct Json;

impl Json {
    pub(crate) fn new(_options: Options) -> Result<Self> {
        Ok(Self)
    }
}

impl Format for Json {
    fn read(&self, _input: Input, _chunk_rows: usize, _emit: &mut dyn Emit) -> Result<()> {
        Err(ConnectorError::configuration("formatet finns inte ännu"))
    }
    fn columns(&self, _input: Input) -> Result<Vec<Field>> {
        Err(ConnectorError::configuration("formatet finns inte ännu"))
    }
}
