//! Where the lake is, and the Delta table of each national table.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use deltalake::kernel::StructType;
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake::operations::create::CreateBuilder;
use deltalake::{DeltaTable, DeltaTableBuilder, DeltaTableError};
use object_store::ObjectStore;
use sluss_schemas::message::Message;
use sluss_schemas::say;
use sluss_schemas::table::{Store, Table, Tables};
use url::Url;

use crate::error::{PipelineError, Result};

/// Column that names the run that published a row.
pub(super) const RUN: &str = "_korning";

/// The lake's place and how to reach it.
#[derive(Clone)]
pub struct Lake {
    root: Url,
    options: HashMap<String, String>,
}

impl fmt::Debug for Lake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the options: they hold the credentials.
        f.debug_struct("Lake").field("root", &self.root.as_str()).finish_non_exhaustive()
    }
}

impl Lake {
    /// A lake at `place`: an absolute folder, or `s3://bucket/prefix` with storage options.
    pub fn open(place: &str, options: HashMap<String, String>) -> Result<Self> {
        let refuse = |what: Message| PipelineError::configuration(what).at("[lake] path in sluss.toml");
        let root = if place.contains("://") {
            Url::parse(&format!("{}/", place.trim_end_matches('/'))).map_err(|e| {
                refuse(say!("adressen till lakehouse är ingen URL", "the lake's address is no URL")).because(e)
            })?
        } else {
            std::fs::create_dir_all(place).map_err(|e| PipelineError::from(e).at(place))?;
            let folder = std::fs::canonicalize(place)?;
            Url::from_directory_path(&folder).map_err(|()| {
                refuse(say!("mappen för lakehouse är ingen absolut sökväg", "the lake's folder is no absolute path"))
            })?
        };
        Ok(Self { root, options })
    }

    /// The folder, where the lake is on disk.
    pub fn folder(&self) -> Option<std::path::PathBuf> {
        self.root.to_file_path().ok()
    }

    /// Everything that the lake has, as it lies there.
    pub(crate) fn store(&self) -> Result<Arc<dyn ObjectStore>> {
        let root =
            DeltaTableBuilder::from_url(self.root.clone())?.with_storage_options(self.options.clone()).build()?;
        Ok(root.log_store().object_store(None))
    }

    fn url(&self, table: &Table) -> Result<Url> {
        self.root.join(&format!("{}/", table.name)).map_err(|e| {
            PipelineError::us(say!("en tabell saknar adress i lakehouse", "a table has no address in the lake"))
                .because(e)
        })
    }

    /// The Delta table of `table` as it is now, if it has been made.
    pub async fn find(&self, table: &Table) -> Result<Option<DeltaTable>> {
        self.find_at(table, None).await
    }

    /// The Delta table of `table` at a version of its log, if it has been made.
    pub(super) async fn find_at(&self, table: &Table, version: Option<u64>) -> Result<Option<DeltaTable>> {
        let url = self.url(table)?;
        if let Ok(folder) = url.to_file_path()
            && !Path::new(&folder).join("_delta_log").is_dir()
        {
            return Ok(None);
        }
        let mut builder = DeltaTableBuilder::from_url(url)?.with_storage_options(self.options.clone());
        if let Some(version) = version {
            builder = builder.with_version(version);
        }
        match builder.load().await {
            Ok(delta) => Ok(Some(delta)),
            Err(DeltaTableError::NotATable(_)) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Whether the lake answers: its folder is there, or its object store does.
    pub async fn is_reachable(&self, tables: &Tables) -> bool {
        if let Some(folder) = self.folder() {
            return tokio::fs::metadata(folder).await.is_ok_and(|folder| folder.is_dir());
        }
        // Any table will do: one that has not been made is an answer too.
        match tables.iter().next() {
            Some(table) => self.find(table).await.is_ok(),
            None => true,
        }
    }

    /// The Delta table of `table`, made if need be.
    pub async fn ensure(&self, table: &Table) -> Result<DeltaTable> {
        if let Some(delta) = self.find(table).await? {
            return Ok(delta);
        }
        let url = self.url(table)?;
        if let Ok(folder) = url.to_file_path() {
            std::fs::create_dir_all(&folder).map_err(|e| PipelineError::from(e).at(folder.display().to_string()))?;
        }
        let schema: StructType =
            lake_schema(table).as_ref().try_into_kernel().map_err(|e: arrow::error::ArrowError| {
                PipelineError::us(say!("en tabells kolumner saknar Deltatyp", "a table's columns have no Delta type"))
                    .because(e)
            })?;
        let made = CreateBuilder::new()
            .with_location(url.as_str())
            .with_table_name(&table.name)
            .with_comment(&table.meaning)
            .with_columns(schema.fields().cloned())
            .with_partition_columns(partition_columns(table))
            .with_storage_options(self.options.clone())
            .await;
        match made {
            Ok(delta) => Ok(delta),
            // Another process made it first.
            Err(error) => match self.find(table).await? {
                Some(delta) => Ok(delta),
                None => Err(error.into()),
            },
        }
    }
}

/// The columns by which a table's files are kept apart, in the lake.
pub(super) fn partition_columns(table: &Table) -> Vec<String> {
    match table.store {
        Store::Lake => table.partition.clone(),
        Store::Register => table.owner.iter().cloned().collect(),
    }
}

/// What analysts see of `table`: cleared columns, the valid period, and where each row came from.
///
/// Text is plain `Utf8` here: readers of Parquet agree on it.
pub(super) fn lake_schema(table: &Table) -> SchemaRef {
    let national = table.arrow_schema();
    let mut fields: Vec<Field> = Vec::new();
    for column in table.cleared_columns() {
        if let Ok(field) = national.field_with_name(&column.name) {
            let data_type = match field.data_type() {
                DataType::Utf8View => DataType::Utf8,
                DataType::Timestamp(TimeUnit::Microsecond, _) => {
                    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
                }
                other => other.clone(),
            };
            fields.push(Field::new(field.name(), data_type, true));
        }
    }
    if table.store == Store::Register {
        for name in ["giltig_fran", "giltig_till"] {
            if !fields.iter().any(|f| f.name() == name) {
                fields.push(Field::new(name, DataType::Date32, true));
            }
        }
    }
    fields.push(Field::new(RUN, DataType::Utf8, true));
    fields.push(Field::new(sluss_schemas::chunk::ROW_ID, DataType::Int64, true));
    Arc::new(Schema::new(fields))
}
