//! Named filters: rows that a job leaves out of its source, each counted under the filter's name.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::{filter_record_batch, not, or_kleene, prep_null_mask_filter};
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::physical_plan::PhysicalExpr;
use datafusion::prelude::SessionContext;
use sluss_schemas::say;

use super::explain;
use super::functions::{self, Lookups};
use crate::error::{PipelineError, Result};

/// A job's filters, compiled for its source.
pub struct Filters {
    filters: Vec<(String, Arc<dyn PhysicalExpr>)>,
}

/// Rows left out, by the filter's name. A row that several filters take is counted under the first.
pub type FilterCounts = BTreeMap<String, u64>;

impl Filters {
    /// Compiles the SQL conditions of `[filter]`.
    pub fn compile(
        conditions: &BTreeMap<String, String>,
        source: &SchemaRef,
        lookups: &Arc<dyn Lookups>,
    ) -> Result<Self> {
        let session = SessionContext::new();
        for function in functions::all(lookups) {
            session.register_udf(function);
        }
        let schema = DFSchema::try_from(Arc::clone(source))?;
        let mut filters = Vec::new();
        for (name, condition) in conditions {
            let compiled = session
                .parse_sql_expr(condition, &schema)
                .and_then(|expr| session.create_physical_expr(expr, &schema))
                .map_err(|e| explain::refused(&e, &format!("[filter] {name}"), "", source))?;
            if compiled.data_type(source)? != DataType::Boolean {
                return Err(no_condition(name));
            }
            filters.push((name.clone(), compiled));
        }
        Ok(Self { filters })
    }

    /// The rows of `batch` that no filter takes; those taken are added to `counts`.
    pub fn keep(&self, batch: RecordBatch, counts: &mut FilterCounts) -> Result<RecordBatch> {
        if self.filters.is_empty() || batch.num_rows() == 0 {
            return Ok(batch);
        }
        let mut taken = BooleanArray::from(vec![false; batch.num_rows()]);
        for (name, condition) in &self.filters {
            let mask = condition.evaluate(&batch)?.into_array(batch.num_rows())?;
            let mask = mask.as_boolean_opt().ok_or_else(|| no_condition(name))?;
            let mask = if mask.null_count() > 0 { prep_null_mask_filter(mask) } else { mask.clone() };
            let before = taken.true_count();
            taken = or_kleene(&taken, &mask)?;
            let newly = taken.true_count() - before;
            *counts.entry(name.clone()).or_default() += newly as u64;
        }
        if taken.true_count() == 0 {
            return Ok(batch);
        }
        Ok(filter_record_batch(&batch, &not(&taken)?)?)
    }
}

/// A column by itself, where the source writes yes and no in another way.
fn no_condition(name: &str) -> PipelineError {
    PipelineError::configuration(say!("villkoret är inte sant eller falskt", "the condition is not true or false"))
        .at(format!("[filter] {name}"))
        .hint(say!(
            "skriv vad kolumnen ska vara: `kolumn = 1` eller `kolumn = 'J'`",
            "write what the column shall be: `column = 1` or `column = 'J'`"
        ))
}
