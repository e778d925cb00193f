//! SQL over lake and register: `lake.<table>` (the default) and `register.<table>`, and the register as
//! it was: `ogonblick_<snapshot>.<table>`.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Date32Type, SchemaRef};
use chrono::NaiveDate;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{
    CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider, TableProvider,
};
use datafusion::common::ScalarValue;
use datafusion::datasource::empty::EmptyTable;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext, ident, lit};
use futures::{StreamExt, TryStreamExt};
use sluss_schemas::say;
use sluss_schemas::secrecy::Bond;
use sluss_schemas::table::ddl::added_valid_time;
use sluss_schemas::table::{Store, Table, Tables, VALID_TO};

use super::cleared::{Closed, bond_of};
use super::table::{Lake, lake_schema};
use crate::error::{PipelineError, Result};
use crate::map::{nearest, planners_words};
use crate::register::{Believed, Question, Register};

/// How much of the register a session sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sees {
    /// What may leave: cleared columns of rows whose contract is open.
    Cleared,
    /// All of it: for whoever runs the installation.
    Everything,
}

/// A session that sees every table as it is published now; a table that nothing has been published
/// to is empty.
///
/// Lake tables are pinned to the versions that the ledger names in one answer: all of them stand at
/// the same publication, and a later one is not seen by a running query. Tables whose rows expire show
/// none whose time has come `today`. With an `owner`, tables
/// that have owners show that owner's rows alone, and there is no register. Of the register it shows what
/// it `sees`; the lake holds only what may leave.
pub async fn session(
    lake: &Lake,
    register: &Arc<dyn Register>,
    tables: &Tables,
    owner: Option<&str>,
    today: NaiveDate,
    sees: Sees,
) -> Result<SessionContext> {
    let config = SessionConfig::new().with_default_catalog_and_schema("sluss", "lake").with_information_schema(true);
    let session = SessionContext::new_with_config(config);
    let closed = (sees == Sees::Cleared).then_some(today);
    let (in_lake, in_register) = (Arc::new(MemorySchemaProvider::new()), Arc::new(MemorySchemaProvider::new()));
    let versions: HashMap<_, _> = register.lake_versions().await?.into_iter().collect();
    for table in tables {
        let delta = match versions.get(&table.name) {
            Some(version) => lake.find_at(table, Some(*version)).await?,
            None => None,
        };
        let provider: Arc<dyn TableProvider> = match delta {
            Some(delta) => delta.table_provider().await?,
            None => Arc::new(EmptyTable::new(lake_schema(table))),
        };
        let provider = match (owner, &table.owner) {
            (Some(owner), Some(column)) => {
                session.read_table(provider)?.filter(ident(column).eq(lit(owner)))?.into_view()
            }
            _ => provider,
        };
        let provider = living(&session, table, provider, today)?;
        in_lake.register_table(table.name.clone(), provider)?;
        if table.store == Store::Register && owner.is_none() {
            let rows = Rows::of(register, table, tables, Believed::Now, closed)?;
            let provider = StreamingTable::try_new(Arc::clone(&rows.schema), vec![Arc::new(rows)])?;
            in_register.register_table(table.name.clone(), living(&session, table, Arc::new(provider), today)?)?;
        }
    }
    let catalog = MemoryCatalogProvider::new();
    catalog.register_schema("lake", in_lake)?;
    catalog.register_schema("register", in_register)?;
    let snapshots = if owner.is_none() { register.snapshots().await? } else { Vec::new() };
    for snapshot in snapshots {
        catalog.register_schema(&snapshot.schema(), as_it_was(register, tables, snapshot.seq, closed)?)?;
    }
    session.register_catalog("sluss", Arc::new(catalog));
    Ok(session)
}

/// The register's tables as they were after a publication. What may be seen of them is what may be seen
/// today: a contract that has become secret since was no less so then.
fn as_it_was(
    register: &Arc<dyn Register>,
    tables: &Tables,
    seq: u64,
    closed: Option<NaiveDate>,
) -> Result<Arc<MemorySchemaProvider>> {
    let schema = Arc::new(MemorySchemaProvider::new());
    for table in tables.into_iter().filter(|table| table.store == Store::Register) {
        let rows = Rows::of(register, table, tables, Believed::AtSeq(seq), closed)?;
        let provider = StreamingTable::try_new(Arc::clone(&rows.schema), vec![Arc::new(rows)])?;
        schema.register_table(table.name.clone(), Arc::new(provider))?;
    }
    Ok(schema)
}

/// The columns that every reader may see, and the valid time.
fn cleared_columns(table: &Table) -> Vec<String> {
    let added = added_valid_time(table).into_iter().map(str::to_owned);
    table.cleared_columns().map(|column| column.name.clone()).chain(added).collect()
}

/// What is shown of a table: all of it, or what has not expired.
fn living(
    session: &SessionContext,
    table: &Table,
    rows: Arc<dyn TableProvider>,
    today: NaiveDate,
) -> Result<Arc<dyn TableProvider>> {
    if !table.expires {
        return Ok(rows);
    }
    let ends = ident(VALID_TO);
    let today = lit(ScalarValue::Date32(Some(Date32Type::from_naive_date(today))));
    Ok(session.read_table(rows)?.filter(ends.clone().is_null().or(ends.gt(today)))?.into_view())
}

/// The tables that a query names, in their names' order.
pub fn tables_read(sql: &str) -> Result<Vec<String>> {
    let state = SessionContext::new().state();
    let dialect = state.config().options().sql_parser.dialect;
    let statement = state.sql_to_statement(sql, &dialect).map_err(|e| refused(&e))?;
    let references = state.resolve_table_references(&statement).map_err(|e| refused(&e))?;
    let mut names: Vec<_> = references.iter().map(|reference| reference.table().to_owned()).collect();
    names.sort();
    names.dedup();
    Ok(names)
}

/// What a query gave. The type is known also where there are no rows.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Names and types of the columns.
    pub schema: SchemaRef,
    /// The rows; at least one batch, which may be empty.
    pub batches: Vec<RecordBatch>,
}

/// Answers one query. Statements that would change anything are refused.
///
/// # Errors
///
/// Whatever the query's author must mend, in the planner's words, as an error of configuration.
pub async fn ask(session: &SessionContext, sql: &str) -> Result<Answer> {
    let frame = plan(session, sql).await?;
    let planned = Arc::clone(frame.schema().inner());
    let mut batches = frame.collect().await.map_err(|e| refused(&e))?;
    let schema = batches.first().map_or(planned, RecordBatch::schema);
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(Arc::clone(&schema)));
    }
    Ok(Answer { schema, batches })
}

/// Plans a query that changes nothing.
pub(super) async fn plan(session: &SessionContext, sql: &str) -> Result<DataFrame> {
    let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    session.sql_with_options(sql, reading).await.map_err(|e| refused(&e))
}

pub(super) fn refused(error: &DataFusionError) -> PipelineError {
    let root = error.find_root();
    let text = match root {
        DataFusionError::External(_) | DataFusionError::IoError(_) | DataFusionError::ObjectStore(_) => {
            return PipelineError::operator(say!(
                "lakehouse eller register kunde inte läsas",
                "lake or register could not be read"
            ))
            .because(root.strip_backtrace());
        }
        DataFusionError::ResourcesExhausted(_) => {
            return PipelineError::operator(say!(
                "frågan kräver mer minne än det finns",
                "the query wants more memory than there is"
            ))
            .because(root.strip_backtrace());
        }
        other => planners_words(other),
    };
    let out = PipelineError::configuration(say!("frågan godtas inte: {text}", "the query is refused: {text}"));
    if text.contains("not supported") {
        return out.hint(say!(
            "här besvaras bara frågor: skriv en SELECT",
            "only questions are answered here: write a SELECT"
        ));
    }
    let wanted = text.split_once("table '").and_then(|(_, rest)| rest.split_once("' not found")).map(|(name, _)| name);
    let wanted = wanted.and_then(|name| name.rsplit('.').next());
    let known = sluss_schemas::table::national().iter().map(|table| table.name.as_str());
    if let Some(near) = wanted.and_then(|name| nearest(name, known)) {
        return out.hint(say!(
            "menade ni `{near}`? `SHOW TABLES` visar tabellerna",
            "did you mean `{near}`? `SHOW TABLES` lists the tables"
        ));
    }
    if text.contains("not found") {
        return out.hint(say!(
            "`SHOW TABLES` visar tabellerna; `register.<tabell>` är registret, `lake.<tabell>` lakehouse",
            "`SHOW TABLES` lists the tables; `register.<table>` is the register, `lake.<table>` the lake"
        ));
    }
    out
}

/// A register table, read anew by each query that names it.
struct Rows {
    register: Arc<dyn Register>,
    table: Table,
    schema: SchemaRef,
    believed: Believed,
    /// Those that are read; none: all.
    columns: Option<Vec<String>>,
    /// The day on which rows of contracts that are not open are left out.
    closed: Option<NaiveDate>,
    bond: Bond,
}

impl Rows {
    /// `closed`: the day on which only what may leave is seen; none: all of it.
    fn of(
        register: &Arc<dyn Register>,
        table: &Table,
        tables: &Tables,
        believed: Believed,
        closed: Option<NaiveDate>,
    ) -> Result<Self> {
        let columns = closed.map(|_| cleared_columns(table));
        Ok(Self {
            register: Arc::clone(register),
            table: table.clone(),
            schema: register.schema(&table.name, columns.as_deref())?,
            believed,
            closed,
            bond: bond_of(table, tables),
            columns,
        })
    }
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
        let register = Arc::clone(&self.register);
        let (bond, closed) = (self.bond.clone(), self.closed);
        let question = Question {
            table: self.table.name.clone(),
            columns: self.columns.clone(),
            believed: self.believed,
            ..Question::default()
        };
        let rows = futures::stream::once(async move {
            let closed = match closed {
                Some(today) => Some(Closed::of(&register, today).await?),
                None => None,
            };
            let rows = register.read(&question).await?;
            Ok::<_, PipelineError>(rows.map(move |batch| {
                let batch = batch?;
                closed.as_ref().map_or(Ok(batch.clone()), |closed| closed.open_rows(&bond, &batch))
            }))
        })
        .try_flatten()
        .map_err(|e| DataFusionError::External(Box::new(e)))
        .boxed();
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), rows))
    }
}
