//! Which source columns a mapping makes each national column from.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::prelude::SessionContext;
use sluss_schemas::say;

use super::functions::{self, Lookups};
use super::source::SourceStream;
use crate::error::{PipelineError, Result};

/// Source columns by the column that they go into. One that is made from none (a literal) has an empty set.
pub async fn lineage(
    sql: &str,
    place: &str,
    source: &SchemaRef,
    lookups: &Arc<dyn Lookups>,
) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let session = SessionContext::new();
    for function in functions::all(lookups) {
        session.register_udf(function);
    }
    let (_feed, stream) = SourceStream::channel(Arc::clone(source));
    session.register_table("source", Arc::new(StreamingTable::try_new(Arc::clone(source), vec![stream])?))?;
    let plan = session.state().create_logical_plan(sql).await.map_err(|error| {
        let words = super::planners_words(&error);
        PipelineError::configuration(say!(
            "mappningens SQL godtas inte: {words}",
            "the mapping's SQL is refused: {words}"
        ))
        .at(place)
    })?;
    let columns = plan.schema().iter().map(Column::from);
    Ok(columns.map(|column| (column.name.clone(), sources(&plan, &column))).collect())
}

/// The columns of `source` that a column of a plan is made from.
fn sources(plan: &LogicalPlan, column: &Column) -> BTreeSet<String> {
    match plan {
        LogicalPlan::TableScan(_) => BTreeSet::from([column.name.clone()]),
        LogicalPlan::Projection(projection) => {
            let place = projection.schema.maybe_index_of_column(column);
            match place.and_then(|place| projection.expr.get(place)) {
                Some(expression) => of_expression(&projection.input, expression),
                None => BTreeSet::new(),
            }
        }
        LogicalPlan::SubqueryAlias(alias) => {
            let place = alias.schema.maybe_index_of_column(column);
            match place.and_then(|place| alias.input.schema().columns().get(place).cloned()) {
                Some(inner) => sources(&alias.input, &inner),
                None => BTreeSet::new(),
            }
        }
        LogicalPlan::Unnest(unnest) => {
            let place = unnest.schema.maybe_index_of_column(column);
            let from = place.and_then(|place| unnest.dependency_indices.get(place));
            match from.and_then(|place| unnest.input.schema().columns().get(*place).cloned()) {
                Some(inner) => sources(&unnest.input, &inner),
                None => BTreeSet::new(),
            }
        }
        other => {
            let inputs = other.inputs().into_iter().filter(|input| input.schema().has_column(column));
            inputs.flat_map(|input| sources(input, column)).collect()
        }
    }
}

fn of_expression(input: &LogicalPlan, expression: &Expr) -> BTreeSet<String> {
    expression.column_refs().into_iter().flat_map(|column| sources(input, column)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::source_type;
    use arrow::datatypes::DataType;

    struct Nothing;

    impl Lookups for Nothing {
        fn crosswalk(&self, _: &str, _: &str) -> Option<String> {
            None
        }
        fn has_crosswalk(&self, _: &str) -> bool {
            false
        }
        fn pseudonym(&self, _: &str, _: &str) -> String {
            String::new()
        }
    }

    #[tokio::test]
    async fn columns_are_followed_to_their_source() {
        let source = source_type(&["a", "b", "c"].map(|name| (name.to_owned(), DataType::Utf8View)));
        let lookups: Arc<dyn Lookups> = Arc::new(Nothing);
        let sql = "SELECT x || c AS ett, '1' AS tva, datum(y) + INTERVAL '1 day' AS tre \
                   FROM (SELECT a AS x, CASE b WHEN '' THEN NULL ELSE b END AS y, c FROM source) inre";
        let found = lineage(sql, "x.sql", &source, &lookups).await.unwrap();
        let of = |name: &str| found[name].iter().map(String::as_str).collect::<Vec<_>>();
        assert_eq!((of("ett"), of("tva"), of("tre")), (vec!["a", "c"], vec![], vec!["b"]));
    }
}
