//! SQL over lake and register: `lake.<table>` (the default) and `register.<table>`.

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider};
use datafusion::error::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::{StreamExt, TryStreamExt};
use sluss_schemas::table::{Store, Table, Tables};

use super::table::Lake;
use crate::error::Result;
use crate::register::Register;

/// A session that sees every table that has been published, as of now.
///
/// Lake tables are pinned to the versions that the ledger has marked as projected by having been
/// loaded here, once; a later publication is not seen by a running query.
pub async fn session(lake: &Lake, register: &Arc<dyn Register>, tables: &Tables) -> Result<SessionContext> {
    let config = SessionConfig::new().with_default_catalog_and_schema("sluss", "lake").with_information_schema(true);
    let session = SessionContext::new_with_config(config);
    let (in_lake, in_register) = (Arc::new(MemorySchemaProvider::new()), Arc::new(MemorySchemaProvider::new()));
    for table in tables {
        if let Some(delta) = lake.find(table).await? {
            let provider = delta.table_provider().await?;
            in_lake.register_table(table.name.clone(), provider)?;
        }
        if table.store == Store::Register {
            let rows = Rows {
                register: Arc::clone(register),
                table: table.clone(),
                schema: register.schema(&table.name, None)?,
            };
            let provider = StreamingTable::try_new(Arc::clone(&rows.schema), vec![Arc::new(rows)])?;
            in_register.register_table(table.name.clone(), Arc::new(provider))?;
        }
    }
    let catalog = MemoryCatalogProvider::new();
    catalog.register_schema("lake", in_lake)?;
    catalog.register_schema("register", in_register)?;
    session.register_catalog("sluss", Arc::new(catalog));
    Ok(session)
}

/// A register table, read anew by each query that names it.
struct Rows {
    register: Arc<dyn Register>,
    table: Table,
    schema: SchemaRef,
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "register.{}", self.table.name)
    }
}

impl PartitionStream for Rows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _cx: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (register, table) = (Arc::clone(&self.register), self.table.clone());
        let rows = futures::stream::once(async move { register.scan(&table.name, None, None).await })
            .try_flatten()
            .map_err(|e| DataFusionError::External(Box::new(e)))
            .boxed();
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), rows))
    }
}
