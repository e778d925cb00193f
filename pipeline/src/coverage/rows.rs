//! Coverage as rows: the source of the national table `tackning`, which analysts read in the lake.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringViewArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use sluss_schemas::chunk::{ROW_ID, RowId};
use sluss_schemas::say;

use super::{Coverage, Standing};
use crate::error::{PipelineError, Result};
use crate::run::swedish_day;

/// The columns, with the names of `tackning`, and without [`ROW_ID`].
pub fn schema() -> SchemaRef {
    Arc::new(Schema::new(fields()))
}

fn fields() -> Vec<Field> {
    let field = |name: &str, kind: DataType| Field::new(name, kind, true);
    vec![
        field("lanskod", DataType::Utf8View),
        field("tabell", DataType::Utf8View),
        field("vantade", DataType::Int64),
        field("registrerade", DataType::Int64),
        field("forandring_30_dagar", DataType::Int64),
        field("andel_kodade", DataType::Float64),
        field("godkanda", DataType::Int64),
        field("avvisade", DataType::Int64),
        field("undantagna", DataType::Int64),
        field("senast", DataType::Date32),
        field("lage", DataType::Utf8View),
    ]
}

/// As one batch, with [`ROW_ID`].
pub fn rows(all: &[Coverage]) -> Result<RecordBatch> {
    let text =
        |of: fn(&Coverage) -> &str| Arc::new(all.iter().map(|c| Some(of(c))).collect::<StringViewArray>()) as ArrayRef;
    let figure = |of: fn(&Coverage) -> Option<i64>| Arc::new(all.iter().map(of).collect::<Int64Array>()) as ArrayRef;
    let days = all.iter().map(|c| {
        let day = swedish_day(c.latest?);
        i32::try_from(day.signed_duration_since(chrono::NaiveDate::default()).num_days()).ok()
    });
    let columns = vec![
        text(|c| c.lanskod),
        text(|c| &c.table),
        figure(|c| c.expected.map(u64::cast_signed)),
        figure(|c| Some(c.registered.cast_signed())),
        figure(Coverage::change),
        Arc::new(all.iter().map(Coverage::coded_share).collect::<Float64Array>()),
        figure(|c| Some(c.accepted.cast_signed())),
        figure(|c| Some(c.rejected.cast_signed())),
        figure(|c| Some(c.withheld.cast_signed())),
        Arc::new(days.collect::<Date32Array>()),
        text(|c| word(c.standing)),
        Arc::new(UInt64Array::from_iter_values((1..=all.len() as u64).map(|row| RowId::new(0, row).0))),
    ];
    let mut fields = fields();
    fields.push(Field::new(ROW_ID, DataType::UInt64, false));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|e| {
        PipelineError::us(say!("täckningens rader hänger inte ihop", "the rows of coverage do not hold together"))
            .because(e)
    })
}

/// As the national table says it.
fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Silent => "tyst",
        Standing::Done => "klar",
        Standing::Held => "halls",
        Standing::Failed => "fel",
    }
}
