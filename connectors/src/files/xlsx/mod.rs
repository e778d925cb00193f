//! Stands in for the `xlsx` format until it is merged.
use schemars::JsonSchema;
use serde::Deserialize;

use super::format::{Emit, Format, Input};
use crate::connect::Field;
use crate::error::{ConnectorError, Result};

/// Options of `xlsx`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct XlsxOptions {}

pub(crate) struct XlsxFormat;

impl XlsxFormat {
    pub(crate) fn new(_options: XlsxOptions) -> Self {
        Self
    }
}

impl Format for XlsxFormat {
    fn read(&self, _input: Input, _chunk_rows: usize, _emit: &mut dyn Emit) -> Result<()> {
        Err(ConnectorError::configuration("formatet finns inte ännu"))
    }
    fn columns(&self, _input: Input) -> Result<Vec<Field>> {
        Err(ConnectorError::configuration("formatet finns inte ännu"))
    }
}
