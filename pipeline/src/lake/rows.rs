//! Reads published rows back: those of named partitions.

use std::collections::BTreeSet;

use datafusion::common::Column;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::{Expr, cast, col, lit};
use datafusion::prelude::SessionContext;
use futures::stream::{BoxStream, StreamExt};
use futures::{TryStreamExt, stream};
use sluss_schemas::chunk::ROW_ID;
use sluss_schemas::table::Table;

use super::stage::partition_name;
use super::table::{Lake, RUN};
use crate::error::{PipelineError, Result};
use arrow::array::RecordBatch;

impl Lake {
    /// The rows of `partitions` (as [`super::StagedPartition::partition`]) of a `store = "lake"` table:
    /// its national columns in their own types, and where each row came from.
    pub async fn rows(
        &self,
        table: &Table,
        partitions: &BTreeSet<String>,
    ) -> Result<BoxStream<'static, Result<RecordBatch>>> {
        let Some(delta) = self.find(table).await? else { return Ok(stream::empty().boxed()) };
        let views: Vec<_> = delta.get_active_add_actions_by_partitions(&[]).try_collect().await?;
        let mut seen = BTreeSet::new();
        let mut wanted: Option<Expr> = None;
        for values in views.iter().map(deltalake::kernel::LogicalFileView::partition_values_map) {
            let name = partition_name(&values);
            if !partitions.contains(&name) || !seen.insert(name) {
                continue;
            }
            let mut values: Vec<_> = values.into_iter().collect();
            values.sort();
            let same = values.into_iter().map(|(column, value)| {
                let column = Expr::Column(Column::from_name(column));
                value.map_or_else(|| column.clone().is_null(), |value| column.clone().eq(lit(value)))
            });
            let Some(same) = same.reduce(Expr::and) else { continue };
            wanted = Some(wanted.map_or_else(|| same.clone(), |before| before.or(same.clone())));
        }
        let Some(wanted) = wanted else { return Ok(stream::empty().boxed()) };
        let national = table.arrow_schema();
        let columns = national
            .fields()
            .iter()
            .map(|field| {
                let column = Expr::Column(Column::from_name(field.name()));
                cast(column, field.data_type().clone()).alias(field.name())
            })
            .chain([col(RUN), col(ROW_ID)]);
        let rows: SendableRecordBatchStream = SessionContext::new()
            .read_table(delta.table_provider().await?)?
            .filter(wanted)?
            .select(columns.collect::<Vec<_>>())?
            .execute_stream()
            .await?;
        Ok(rows.map_err(PipelineError::from).boxed())
    }
}
