//! Rows of `koppling` as the commands see them: of contracts that may be shown, unless an operator asks.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int64Type};
use futures::TryStreamExt;
use serde::Serialize;
use sluss_pipeline::error::PipelineError;
use sluss_pipeline::lake::Closed;
use sluss_pipeline::ledger::{Act, Note};
use sluss_pipeline::matching::TABLE;
use sluss_pipeline::register::{Believed, Question};
use sluss_schemas::say;
use sluss_schemas::secrecy::Bond;

use crate::app::App;
use crate::cli::MatchRow;

/// A row of `koppling`.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    pub(super) kalla: String,
    pub(super) kalla_nyckel: String,
    pub(super) roll: String,
    pub(super) malslag: String,
    pub(super) utfall: String,
    pub(super) metod: Option<String>,
    /// Organisation number or HSA-id of what is meant.
    pub(super) mal: Option<String>,
    /// Its name, which is open.
    pub(super) namn: Option<String>,
    pub(super) mal_nu: Option<String>,
    pub(super) poang: Option<f64>,
    pub(super) nast_mal: Option<String>,
    pub(super) nast_namn: Option<String>,
    pub(super) nast_poang: Option<f64>,
    pub(super) skal: Option<String>,
    pub(super) vikt: i64,
}

/// The rows that may be shown, and how many were kept back since their contract is not open.
pub(super) async fn rows(app: &App, equal: Vec<(String, String)>, operator: bool) -> anyhow::Result<(Vec<Row>, u64)> {
    let engine = &app.engine;
    let question = Question { table: TABLE.to_owned(), believed: Believed::Current, equal, ..Question::default() };
    let batches: Vec<RecordBatch> = engine.register.read(&question).await?.try_collect().await?;
    let tables = &engine.project.tables;
    let bond = tables.get(TABLE).map_or(Bond::None, |table| Bond::of(table, &|name| tables.get(name)));
    let closed = Closed::of(&engine.register, engine.today()).await?;
    let (mut found, mut kept) = (Vec::new(), 0);
    for batch in &batches {
        let shown = if operator { batch.clone() } else { closed.open_rows(&bond, batch)? };
        kept += (batch.num_rows() - shown.num_rows()) as u64;
        found.extend((0..shown.num_rows()).map(|row| read(&shown, row)));
    }
    if operator && !found.is_empty() {
        // Whoever sees what is not open stands in the log.
        let note = Note { who: None, act: Act::RegisterShown, object: TABLE, outcome: "done", run: None };
        engine.register.note(&note).await?;
    }
    Ok((found, kept))
}

/// The one row that is named.
pub(super) async fn row(app: &App, row: &MatchRow) -> anyhow::Result<Row> {
    let equal = [("kalla", &row.table), ("kalla_nyckel", &row.key), ("roll", &row.role)];
    let equal = equal.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect();
    let (mut found, kept) = rows(app, equal, row.operator).await?;
    if let Some(row) = found.pop() {
        return Ok(row);
    }
    let hint = if kept > 0 {
        say!(
            "avtalet är inte öppet: en operatör ser det med --operator",
            "the contract is not open: an operator sees it with --operator"
        )
    } else {
        say!(
            "`sluss match list --all` visar alla; kopplingen görs av `sluss match run`",
            "`sluss match list --all` lists them all; `sluss match run` makes them"
        )
    };
    Err(PipelineError::configuration(say!("det finns ingen sådan koppling", "there is no such match"))
        .hint(hint)
        .into())
}

fn read(batch: &RecordBatch, row: usize) -> Row {
    let text = |name: &str| {
        let texts = batch.column_by_name(name).and_then(|column| column.as_string_view_opt());
        texts.filter(|texts| texts.is_valid(row)).map(|texts| texts.value(row).to_owned())
    };
    let share = |name: &str| {
        let shares = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Float64Type>());
        shares.filter(|shares| shares.is_valid(row)).map(|shares| shares.value(row))
    };
    let weights = batch.column_by_name("vikt").and_then(|column| column.as_primitive_opt::<Int64Type>());
    Row {
        kalla: text("kalla").unwrap_or_default(),
        kalla_nyckel: text("kalla_nyckel").unwrap_or_default(),
        roll: text("roll").unwrap_or_default(),
        malslag: text("malslag").unwrap_or_default(),
        utfall: text("utfall").unwrap_or_default(),
        metod: text("metod"),
        mal: text("enhet").or_else(|| text("orgnr")),
        namn: None,
        mal_nu: text("enhet_nu").or_else(|| text("orgnr_nu")),
        poang: share("poang"),
        nast_mal: text("nast_enhet").or_else(|| text("nast_orgnr")),
        nast_namn: None,
        nast_poang: share("nast_poang"),
        skal: text("skal"),
        vikt: weights.filter(|weights| weights.is_valid(row)).map_or(0, |weights| weights.value(row)),
    }
}

/// Gives a row the names of what is meant: those of legal persons and units, which are open.
pub(super) async fn named(app: &App, row: &mut Row) -> anyhow::Result<()> {
    for (id, name) in [(&row.mal, &mut row.namn), (&row.nast_mal, &mut row.nast_namn)] {
        if let Some(id) = id {
            *name = name_of(app, &row.malslag, id).await?;
        }
    }
    Ok(())
}

/// The open name of an organisation or unit; none where there is no such row.
pub(super) async fn name_of(app: &App, table: &str, id: &str) -> anyhow::Result<Option<String>> {
    let batches = current(app, table, id).await?;
    let mut names = batches.iter().filter(|batch| batch.num_rows() > 0);
    let name = names.find_map(|batch| batch.column_by_name("namn")?.as_string_view_opt().cloned());
    Ok(name.filter(|names| names.is_valid(0)).map(|names| names.value(0).to_owned()))
}

/// The current row of an organisation or unit.
pub(super) async fn current(app: &App, table: &str, id: &str) -> anyhow::Result<Vec<RecordBatch>> {
    let key = if table == "enhet" { "hsa_id" } else { "orgnr" };
    let equal = vec![(key.to_owned(), id.to_owned())];
    let question = Question { table: table.to_owned(), believed: Believed::Current, equal, ..Question::default() };
    Ok(app.engine.register.read(&question).await?.try_collect().await?)
}
