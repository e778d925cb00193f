//! Fields at fixed positions.
use schemars::JsonSchema;
use serde::Deserialize;
/// Options of `fixed`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FixedOptions {
}
impl FixedOptions {
    pub(crate) fn format(self, _e: super::decode::Encoding) -> crate::error::Result<super::json::JsonFormat> { Ok(super::json::JsonFormat) }
}
