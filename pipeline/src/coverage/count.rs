//! How many rows of each region a table has, now or after an earlier publication.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use chrono::{DateTime, NaiveDate, Utc};
use sluss_schemas::table::ddl::quoted;
use sluss_schemas::table::{Store, Table};

use super::care_codes;
use crate::error::Result;
use crate::register::Register;

/// More owners than there are regions and national jobs.
const OWNERS: u32 = 10_000;

/// Rows of one region.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    pub(super) rows: u64,
    /// Of them, those with a value in a coded column.
    pub(super) coded: u64,
}

/// The last publication not after `instant`; none where there is none.
pub(super) async fn publication_at(register: &Arc<dyn Register>, instant: DateTime<Utc>) -> Result<Option<u64>> {
    let seq = register.publication_at(instant).await?;
    Ok((seq > 0).then_some(seq))
}

/// Rows by länskod that were published after publication `seq` (none: now) and have not ended by `day`.
pub(super) async fn registered(
    register: &Arc<dyn Register>,
    table: &Table,
    seq: Option<u64>,
    day: NaiveDate,
) -> Result<BTreeMap<String, Counted>> {
    let Some(owner) = &table.owner else { return Ok(BTreeMap::new()) };
    if table.store == Store::Lake {
        return lake_rows(register, table, owner).await;
    }
    let coded: Vec<String> = care_codes(table).map(|c| format!("{} IS NOT NULL", quoted(&c.name))).collect();
    let coded = if coded.is_empty() { "1 = 0".to_owned() } else { coded.join(" OR ") };
    let believed = match seq {
        None => "reg_till IS NULL".to_owned(),
        Some(seq) => format!("_seq_fran <= {seq} AND (_seq_till IS NULL OR _seq_till > {seq})"),
    };
    let owner = quoted(owner);
    let sql = format!(
        "SELECT {owner} AS lanskod, COUNT(*) AS rader, SUM(CASE WHEN {coded} THEN 1 ELSE 0 END) AS kodade FROM {} \
         WHERE _aktuell = TRUE AND {believed} AND (giltig_till IS NULL OR giltig_till > '{day}') GROUP BY {owner}",
        quoted(&table.name)
    );
    Ok(by_region(&register.query(&sql, OWNERS).await?))
}

/// A lake table's partitions know their rows.
async fn lake_rows(register: &Arc<dyn Register>, table: &Table, owner: &str) -> Result<BTreeMap<String, Counted>> {
    let mut out: BTreeMap<String, Counted> = BTreeMap::new();
    for partition in register.lake_partitions(&table.name).await? {
        // `lanskod=22/manad=2026-10`.
        let value = partition.partition.split('/').find_map(|part| part.strip_prefix(owner)?.strip_prefix('='));
        if let Some(lanskod) = value {
            out.entry(lanskod.to_owned()).or_default().rows += partition.rows;
        }
    }
    Ok(out)
}

fn by_region(rows: &RecordBatch) -> BTreeMap<String, Counted> {
    let (Some(region), Some(count), Some(coded)) = (
        rows.column(0).as_string_view_opt(),
        rows.column(1).as_primitive_opt::<Int64Type>(),
        rows.column(2).as_primitive_opt::<Int64Type>(),
    ) else {
        // Without a row the answer has no types.
        return BTreeMap::new();
    };
    let figure = |value: i64| u64::try_from(value).unwrap_or_default();
    (0..rows.num_rows())
        .filter(|row| region.is_valid(*row))
        .map(|row| {
            let counted = Counted { rows: figure(count.value(row)), coded: figure(coded.value(row)) };
            (region.value(row).to_owned(), counted)
        })
        .collect()
}
