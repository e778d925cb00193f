//! From a job's SQL to a running stream of national rows for one table.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, SchemaRef};
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Column as ColumnRef, DFSchema};
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast as cast_to, lit};
use datafusion::prelude::{SessionConfig, SessionContext};
use sluss_schemas::chunk::ROW_ID;
use sluss_schemas::message::Message;
use sluss_schemas::say;
use sluss_schemas::table::{Kind, Table};

use super::explain;
use super::functions::{self, Lookups};
use super::notes::Notes;
use super::rewrite::{bind_functions, carry_row_id, row_id_of};
use super::source::{Feed, SourceStream};
use crate::error::{PipelineError, Result};

/// Rows that a mapping works on at a time.
pub(super) const BATCH_ROWS: usize = 16 * 1024;

/// One table's mapping, ready to run: batches go in at `feed`, national rows come out of `rows`.
pub struct Mapping {
    /// The source's end. Drop it when the source has ended.
    pub feed: Feed,
    /// National columns that the SQL gives (in the table's order), and [`ROW_ID`] last.
    pub rows: SendableRecordBatchStream,
    /// What the functions noted about cells.
    pub notes: Arc<Notes>,
}

/// Plans `sql` for `table` over a source with the columns of `source`, and starts it.
///
/// `place` is the SQL file, for messages.
pub async fn prepare(
    sql: &str,
    place: &str,
    table: &Table,
    source: &SchemaRef,
    lookups: &Arc<dyn Lookups>,
) -> Result<Mapping> {
    let refuse = |e: DataFusionError| explain::refused(&e, place, sql, source);
    let config =
        SessionConfig::new().with_target_partitions(1).with_batch_size(BATCH_ROWS).with_information_schema(false);
    let session = SessionContext::new_with_config(config);
    for function in functions::all(lookups) {
        session.register_udf(function);
    }
    let (feed, stream) = SourceStream::channel(Arc::clone(source));
    let streaming = StreamingTable::try_new(Arc::clone(source), vec![stream])?;
    session.register_table("source", Arc::new(streaming))?;

    let plan = session.state().create_logical_plan(sql).await.map_err(refuse)?;
    if !matches!(
        plan,
        LogicalPlan::Projection(_)
            | LogicalPlan::Sort(_)
            | LogicalPlan::Limit(_)
            | LogicalPlan::Filter(_)
            | LogicalPlan::SubqueryAlias(_)
            | LogicalPlan::Union(_)
            | LogicalPlan::Unnest(_)
            | LogicalPlan::TableScan(_)
            | LogicalPlan::Aggregate(_)
            | LogicalPlan::Distinct(_)
            | LogicalPlan::Join(_)
            | LogicalPlan::Window(_)
    ) {
        return Err(PipelineError::configuration(say!(
            "en mappning är en enda SELECT ur source",
            "a mapping is one SELECT over source"
        ))
        .at(place));
    }
    only_one_scan(&plan, place)?;
    let plan = carry_row_id(plan).map_err(refuse)?;
    let plan = to_table(plan, table, place, sql, lookups)?;
    let notes = Arc::new(Notes::default());
    let plan = bind_functions(plan, &notes).map_err(refuse)?;
    let rows = session.execute_logical_plan(plan).await.map_err(refuse)?.execute_stream().await.map_err(refuse)?;
    Ok(Mapping { feed, rows, notes })
}

/// The source is a stream and can be read once.
fn only_one_scan(plan: &LogicalPlan, place: &str) -> Result<()> {
    let mut scans = 0;
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && scan.table_name.table() == "source"
        {
            scans += 1;
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    match scans {
        1 => Ok(()),
        0 => Err(PipelineError::configuration(say!(
            "mappningen läser inte ur source",
            "the mapping does not read from source"
        ))
        .at(place)),
        _ => Err(PipelineError::configuration(say!(
            "mappningen läser source mer än en gång",
            "the mapping reads source more than once"
        ))
        .at(place)
        .hint(say!(
            "använd UNNEST(make_array(…)) för att göra flera rader av en",
            "use UNNEST(make_array(…)) to make several rows of one"
        ))),
    }
}

/// Projects the plan onto the table's columns. Text for a typed column is read by the function for its type.
fn to_table(
    plan: LogicalPlan,
    table: &Table,
    place: &str,
    sql: &str,
    lookups: &Arc<dyn Lookups>,
) -> Result<LogicalPlan> {
    let schema = Arc::clone(plan.schema());
    let row_id = row_id_of(&schema).ok_or_else(|| {
        PipelineError::configuration(say!("mappningen tappar källraden", "the mapping loses the source row"))
            .at(place)
            .hint(say!("skriv SELECT … FROM source, utan gruppering", "select FROM source, without grouping"))
    })?;
    unknown_columns(&schema, table, place, sql)?;
    let target = table.arrow_schema();
    let mut expressions = Vec::new();
    for (column, field) in table.column.iter().zip(target.fields()) {
        let Some((qualifier, given)) = schema.iter().find(|(_, f)| f.name() == &column.name) else { continue };
        let source = Expr::Column(ColumnRef::from((qualifier, given)));
        let typed = convert(source, given.data_type(), field, column.kind, lookups)
            .map_err(|what| PipelineError::configuration(what).at(of_column(place, sql, &column.name)))?;
        expressions.push(typed.alias(&column.name));
    }
    expressions.push(Expr::Column(row_id).alias(ROW_ID));
    Ok(LogicalPlanBuilder::from(plan).project(expressions)?.build()?)
}

/// Where the expression for a column stands.
fn of_column(place: &str, sql: &str, column: &str) -> Message {
    let place = explain::located(place, sql, column);
    say!("{place}, kolumn {column}", "{place}, column {column}")
}

fn unknown_columns(schema: &DFSchema, table: &Table, place: &str, sql: &str) -> Result<()> {
    for field in schema.fields() {
        if field.name() == ROW_ID || table.column(field.name()).is_some() {
            continue;
        }
        let nearest = explain::nearest(field.name(), table.column.iter().map(|c| c.name.as_str()));
        let error = PipelineError::configuration(say!(
            "{} har ingen kolumn {}",
            "{} has no column {}",
            table.name,
            field.name()
        ))
        .at(explain::located(place, sql, field.name()));
        return Err(match nearest {
            Some(name) => error.hint(say!("menade ni `{name}`?", "did you mean `{name}`?")),
            None => {
                error.hint(say!("`sluss docs {}` visar kolumnerna", "`sluss docs {}` lists its columns", table.name))
            }
        });
    }
    Ok(())
}

/// `expr` as the type of `field`; the reason in words when there is no way that loses nothing.
fn convert(
    expr: Expr,
    given: &DataType,
    field: &Field,
    kind: Kind,
    lookups: &Arc<dyn Lookups>,
) -> std::result::Result<Expr, Message> {
    let wanted = field.data_type();
    if given == wanted {
        return Ok(expr);
    }
    let is_text =
        matches!(given, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(_, _));
    let read_by = |name: &str, more: Vec<Expr>| {
        let function = functions::named(name, lookups).ok_or_else(|| say!("{name}() saknas", "{name}() is missing"))?;
        Ok::<_, Message>(function.call(std::iter::once(expr.clone()).chain(more).collect()))
    };
    if is_text {
        return match kind {
            Kind::Text => Ok(cast_to(expr, wanted.clone())),
            Kind::Date => read_by("datum", vec![]),
            Kind::Timestamp => read_by("tidpunkt", vec![]),
            Kind::Integer => read_by("heltal", vec![]),
            Kind::Boolean => read_by("ja_nej", vec![]),
            Kind::Decimal(_, scale) => Ok(cast_to(read_by("decimal", vec![lit(i64::from(scale))])?, wanted.clone())),
            Kind::Float => Ok(cast_to(read_by("decimal", vec![lit(9_i64)])?, wanted.clone())),
        };
    }
    let fits = match kind {
        Kind::Text | Kind::Integer => given.is_integer(),
        Kind::Date => matches!(given, DataType::Date64 | DataType::Timestamp(_, _)),
        Kind::Timestamp => matches!(given, DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, _)),
        Kind::Float => given.is_numeric(),
        Kind::Boolean => false,
        Kind::Decimal(_, _) => given.is_integer() || matches!(given, DataType::Decimal128(_, _)),
    };
    if fits || *given == DataType::Null {
        Ok(cast_to(expr, wanted.clone()))
    } else {
        Err(say!(
            "mappningen ger {given}, den nationella kolumnen är {wanted}",
            "the mapping gives {given}, the national column is {wanted}"
        ))
    }
}
