//! What was found as rows: the source of the national table `koppling`.
//!
//! No name stands in them, no number of a person, and nothing of a mention but the key of its row.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringViewArray, UInt64Array};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use sluss_schemas::chunk::{ROW_ID, RowId};
use sluss_schemas::say;

use super::number::is_legal_person;
use super::{Entity, Found, Index, Kind, Mention, Outcome, Sign};
use crate::error::{PipelineError, Result};

/// The national table.
pub const TABLE: &str = "koppling";

/// The columns, with the names of `koppling`, and without [`ROW_ID`].
pub fn schema() -> SchemaRef {
    Arc::new(Schema::new(fields()))
}

fn fields() -> Vec<Field> {
    let text = |name: &str| Field::new(name, DataType::Utf8View, true);
    let share = |name: &str| Field::new(name, DataType::Float64, true);
    vec![
        text("kalla"),
        text("kalla_nyckel"),
        text("roll"),
        text("lanskod"),
        text("malslag"),
        text("utfall"),
        text("metod"),
        text("orgnr"),
        text("enhet"),
        text("orgnr_nu"),
        text("enhet_nu"),
        share("poang"),
        text("nast_orgnr"),
        text("nast_enhet"),
        share("nast_poang"),
        text("skal"),
        Field::new("vikt", DataType::Int64, true),
    ]
}

/// Rows of what was found; `first` is the number of the first of them, from 1.
pub fn rows(index: &Index, found: &[(Mention, Outcome)], first: u64) -> Result<RecordBatch> {
    let entity = |at: Option<u32>| at.and_then(|at| index.entity(at));
    let text = |of: &dyn Fn(&Mention, &Outcome) -> Option<String>| -> ArrayRef {
        Arc::new(found.iter().map(|(mention, outcome)| of(mention, outcome)).collect::<StringViewArray>())
    };
    let number = |of: &dyn Fn(&Outcome) -> Option<f64>| -> ArrayRef {
        // Three decimals say all that a score does.
        let round = |score: f64| (score * 1000.0).round() / 1000.0;
        Arc::new(found.iter().map(|(_, outcome)| of(outcome).map(round)).collect::<Float64Array>())
    };
    let rival = |outcome: &Outcome| entity(outcome.rival.map(|rival| rival.target));
    let weights = found.iter().map(|(mention, _)| i64::try_from(mention.weight).unwrap_or(i64::MAX));
    let columns: Vec<ArrayRef> = vec![
        text(&|m, _| Some(m.table.clone())),
        text(&|m, _| Some(m.key.clone())),
        text(&|m, _| Some(m.role.clone())),
        text(&|m, _| m.region.clone()),
        text(&|m, _| m.wants.map(|kind| kind.table().to_owned())),
        text(&|_, o| Some(o.found.name().to_owned())),
        text(&|_, o| (o.found != Found::Nothing).then(|| o.method.name().to_owned())),
        text(&|_, o| entity(o.target).and_then(orgnr)),
        text(&|_, o| entity(o.target).and_then(unit)),
        text(&|_, o| entity(o.now).and_then(orgnr)),
        text(&|_, o| entity(o.now).and_then(unit)),
        number(&|o| o.score),
        text(&|_, o| rival(o).and_then(orgnr)),
        text(&|_, o| rival(o).and_then(unit)),
        number(&|o| o.rival.map(|rival| rival.score)),
        text(&|_, o| Some(o.signs.iter().map(|sign| Sign::name(*sign)).collect::<Vec<_>>().join(";"))),
        Arc::new(weights.collect::<Int64Array>()),
        Arc::new(UInt64Array::from_iter_values((first..first + found.len() as u64).map(|row| RowId::new(0, row).0))),
    ];
    let mut fields = fields();
    fields.push(Field::new(ROW_ID, DataType::UInt64, false));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|e| {
        PipelineError::us(say!("kopplingens rader hänger inte ihop", "the rows of matches do not hold together"))
            .because(e)
    })
}

/// The organisation number of an organisation, or of a unit's provider; none of a person.
fn orgnr(entity: &Entity) -> Option<String> {
    let number = if entity.person { None } else { entity.number.clone() };
    number.filter(|number| is_legal_person(number))
}

fn unit(entity: &Entity) -> Option<String> {
    (entity.kind == Kind::Unit).then(|| entity.id.clone())
}
