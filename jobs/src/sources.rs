//! Every kind of source that a job can name: the connectors, and the lake itself.

use schemars::{Schema, schema_for};
use sluss_connectors::registry;

use crate::derived;

/// Name and the schema of `[source.options]`, in reading order.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, Schema)> {
    let connectors = registry::ALL.iter().map(|connector| (connector.name(), connector.schema()));
    connectors.chain(std::iter::once((derived::NAME, schema_for!(derived::Options))))
}
