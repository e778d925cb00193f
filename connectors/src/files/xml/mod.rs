//! Stands in for the `xml` format until it is merged.
use schemars::JsonSchema;
use serde::Deserialize;

use super::format::{Emit, Format, Input};
use crate::connect::Field;
use crate::error::{ConnectorError, Result};

/// Options of `xml`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct XmlOptions {}

pub(crate) struct XmlFormat;

impl XmlFormat {
    pub(crate) fn new(_options: XmlOptions) -> Self {
        Self
    }
}

impl Format for XmlFormat {
    fn read(&self, _input: Input, _chunk_rows: usize, _emit: &mut dyn Emit) -> Result<()> {
        Err(ConnectorError::configuration("formatet finns inte ännu"))
    }
    fn columns(&self, _input: Input) -> Result<Vec<Field>> {
        Err(ConnectorError::configuration("formatet finns inte ännu"))
    }
}
