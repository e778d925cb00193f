//! Makes a mapping's plan carry the hidden source row, and binds its national functions to the
//! column that they serve.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, LogicalPlan, Projection, ScalarUDF};
use sluss_schemas::chunk::ROW_ID;

use super::functions::NationalFunction;
use super::notes::Notes;

/// Adds the source row to every projection on the way up. Grouping operators lose it: refused.
pub(super) fn carry_row_id(plan: LogicalPlan) -> Result<LogicalPlan> {
    let plan = plan.transform_up(|node| match node {
        LogicalPlan::Projection(projection) => {
            let mut expressions = projection.expr;
            // `SELECT *` has it already, under its table's name.
            if !expressions.iter().any(|e| matches!(e, Expr::Column(column) if column.name == ROW_ID))
                && let Some(column) = row_id_of(projection.input.schema())
            {
                expressions.push(Expr::Column(column));
            }
            Ok(Transformed::yes(LogicalPlan::Projection(Projection::try_new(expressions, projection.input)?)))
        }
        LogicalPlan::Aggregate(_) | LogicalPlan::Distinct(_) => Err(DataFusionError::Plan(
            "GROUP BY och DISTINCT tappar bort källraden: använd one_per under [map] i jobbfilen".into(),
        )),
        leaf if leaf.inputs().is_empty() => Ok(Transformed::no(leaf)),
        other => Ok(Transformed::yes(other.recompute_schema()?)),
    })?;
    Ok(plan.data)
}

/// The column that holds the source row in `schema`, with its qualifier.
pub(super) fn row_id_of(schema: &DFSchema) -> Option<Column> {
    schema.iter().find(|(_, field)| field.name() == ROW_ID).map(|(qualifier, field)| Column::from((qualifier, field)))
}

/// Gives every national function its source row and the name of the column that it helps to make.
pub(super) fn bind_functions(plan: LogicalPlan, notes: &Arc<Notes>) -> Result<LogicalPlan> {
    let plan = plan.transform_up(|node| {
        let Some(row) = node.inputs().first().and_then(|input| row_id_of(input.schema())) else {
            return Ok(Transformed::no(node));
        };
        let is_projection = matches!(node, LogicalPlan::Projection(_));
        node.map_expressions(|expr| {
            let name = expr.schema_name().to_string();
            let column: Arc<str> = if is_projection { name.as_str().into() } else { "".into() };
            let (qualifier, _) = expr.qualified_name();
            let bound = expr.transform_up(|e| Ok(bind_one(e, &row, &column, notes)))?;
            if bound.transformed && is_projection && !matches!(bound.data, Expr::Alias(_)) {
                return Ok(Transformed::yes(bound.data.alias_qualified(qualifier, name)));
            }
            Ok(bound)
        })?
        .map_data(LogicalPlan::recompute_schema)
    })?;
    Ok(plan.data)
}

fn bind_one(expr: Expr, row: &Column, column: &Arc<str>, notes: &Arc<Notes>) -> Transformed<Expr> {
    let Expr::ScalarFunction(call) = &expr else { return Transformed::no(expr) };
    let Some(function) = call.func.inner().downcast_ref::<NationalFunction>() else {
        return Transformed::no(expr);
    };
    if function.is_bound() {
        return Transformed::no(expr);
    }
    let bound = function.bound(Arc::clone(column), Arc::clone(notes));
    let mut args = call.args.clone();
    args.push(Expr::Column(row.clone()));
    let call = ScalarFunction::new_udf(Arc::new(ScalarUDF::new_from_impl(bound)), args);
    Transformed::yes(Expr::ScalarFunction(call))
}
