//! One person: what there is (GDPR article 15), and its erasure where the law allows (article 17).
//!
//! The number is compared, never stored or shown. It is found by its keyed hash and, in any notation, in
//! every text column of the register with its whole history, in the tables that are in the lake only, in
//! rejected rows, and in the landed files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, UInt64Type};
use futures::TryStreamExt;
use serde::Serialize;
use sluss_schemas::personnummer;
use sluss_schemas::say;
use sluss_schemas::table::{Store, Table};

use super::search::Wanted;
use super::{ErasedDelivery, Erasure, Removed, Targets};
use crate::error::{PipelineError, Result};
use crate::keys::Delivery;
use crate::register::{Believed, Question};
use crate::run::{Engine, new_run};

/// Whom it is about. Shows nothing of itself.
pub struct Person(String);

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person")
    }
}

impl Person {
    /// Reads a personal number or samordningsnummer in any notation.
    ///
    /// # Errors
    ///
    /// Where the text is not one number. What it was is not repeated.
    pub fn read(text: &str) -> Result<Self> {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let ten = digits.get(digits.len().saturating_sub(10)..).unwrap_or_default();
        let long = matches!(digits.len(), 10 | 12);
        if long && personnummer::is_personal_number(ten.as_bytes()) {
            return Ok(Self(ten.to_owned()));
        }
        Err(PipelineError::configuration(say!(
            "det som angavs är inget personnummer eller samordningsnummer",
            "what was given is no personal number"
        ))
        .hint(say!(
            "skriv ett nummer, med eller utan sekel och bindestreck, på standard in",
            "write one number, with or without century and hyphen, on standard input"
        )))
    }
}

/// A row that is about the person.
#[derive(Clone, Debug, Serialize)]
pub struct FoundRow {
    /// The table; for a rejected row the one that rejected it.
    pub table: String,
    /// Whose row it is.
    pub owner: String,
    /// The run that published or rejected it.
    pub run: String,
    /// Where it came from: file, sheet or page, row.
    pub source: String,
    /// Its values by column, with valid and recorded time.
    pub values: BTreeMap<String, String>,
    #[serde(skip)]
    key: String,
}

/// A landed file that has the number.
#[derive(Clone, Debug, Serialize)]
pub struct FoundObject {
    /// Whose delivery.
    pub owner: String,
    /// The run that read it.
    pub run: String,
    /// The file's name.
    pub name: String,
}

/// Everything that there is about a person.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Extract {
    /// On what ground it is there.
    pub ground: Option<String>,
    /// Rows of the register: all that it believes and has believed.
    pub register: Vec<FoundRow>,
    /// Rows that are in the lake only.
    pub lake: Vec<FoundRow>,
    /// Rejected rows.
    pub quarantine: Vec<FoundRow>,
    /// Landed files.
    pub landed: Vec<FoundObject>,
    /// Landed files that cannot be searched: their text is packed. A person must look.
    pub not_searched: Vec<FoundObject>,
}

impl Engine {
    /// Everything that there is about a person.
    pub async fn extract(&self, person: &Person) -> Result<Extract> {
        let wanted = self.wanted(person)?;
        let mut found = Extract { ground: self.project.file.retention.ground.clone(), ..Extract::default() };
        let mut sources = BTreeMap::new();
        for table in self.project.tables.iter().filter(|table| table.store == Store::Register) {
            let columns = self.register.schema(&table.name, None)?;
            let mut names: Vec<String> = columns.fields().iter().map(|field| field.name().clone()).collect();
            names.extend(OWN.map(str::to_owned));
            let question = Question {
                table: table.name.clone(),
                columns: Some(names),
                believed: Believed::Ever,
                ..Question::default()
            };
            let mut rows = self.register.read(&question).await?;
            while let Some(batch) = rows.try_next().await? {
                self.look(table, &batch, &wanted, &mut sources, &mut found.register).await?;
            }
        }
        for table in self.project.tables.iter().filter(|table| table.store == Store::Lake) {
            let partitions = self.register.lake_partitions(&table.name).await?;
            let partitions = partitions.into_iter().map(|partition| partition.partition).collect();
            let mut rows = self.lake.rows(table, &partitions).await?;
            while let Some(batch) = rows.try_next().await? {
                self.look(table, &as_the_register(&batch)?, &wanted, &mut sources, &mut found.lake).await?;
            }
        }
        for delivery in self.zone.keys().deliveries()? {
            self.look_in_landing(&delivery, &wanted, &mut found).await?;
            self.look_in_quarantine(&delivery, &wanted, &mut found)?;
        }
        Ok(found)
    }

    /// Erases everything about a person: the rows that name them with their history, and the deliveries
    /// that hold the number. The objects of a delivery cannot be read row by row: it goes as a whole. Rows
    /// that are in the lake only are counted and stay: their region delivers the month anew without them.
    pub async fn erase_person(&self, person: &Person, ground: &str) -> Result<Removed> {
        let found = self.extract(person).await?;
        let mut targets = Targets::default();
        for row in &found.register {
            targets.rows.entry(row.table.clone()).or_default().push(row.key.clone());
        }
        for keys in targets.rows.values_mut() {
            keys.sort();
            keys.dedup();
        }
        let quarantined = found.quarantine.iter().map(|row| (row.owner.clone(), row.run.clone()));
        let landed = found.landed.iter().map(|object| (object.owner.clone(), object.run.clone()));
        let deliveries: BTreeSet<_> = quarantined.chain(landed).collect();
        targets.deliveries = deliveries.into_iter().map(|(owner, run)| ErasedDelivery { owner, run }).collect();
        let wanted = self.wanted(person)?;
        let receipts = self.register.clean_receipts(&|text| wanted.masked(text)).await?;
        if targets.is_empty() && receipts == 0 {
            return Ok(Removed { left_in_lake: found.lake.len() as u64, ..Removed::default() });
        }
        let erasure = Erasure { id: new_run(), kind: "person".to_owned(), ground: ground.to_owned(), targets };
        self.list(&erasure)?;
        let mut removed = self.erase(&erasure).await?;
        removed.receipts = receipts;
        removed.left_in_lake = found.lake.len() as u64;
        Ok(removed)
    }

    fn wanted(&self, person: &Person) -> Result<Wanted> {
        Ok(Wanted { pseudonym: self.pseudonym_of(&person.0)?, ten: person.0.clone() })
    }

    async fn look(
        &self,
        table: &Table,
        batch: &RecordBatch,
        wanted: &Wanted,
        sources: &mut BTreeMap<String, Vec<crate::ledger::DeliveredOrigin>>,
        found: &mut Vec<FoundRow>,
    ) -> Result<()> {
        let schema = batch.schema();
        let texts = batch.columns().iter().filter_map(|column| column.as_string_view_opt());
        let texts: Vec<_> = texts.collect();
        for row in 0..batch.num_rows() {
            if !texts.iter().any(|text| text.is_valid(row) && wanted.is_in(text.value(row))) {
                continue;
            }
            let mut values = BTreeMap::new();
            for (field, column) in schema.fields().iter().zip(batch.columns()) {
                if column.is_valid(row) && !matches!(field.name().as_str(), "_nyckel" | "_agare" | "_rad") {
                    let text = cast(&column.slice(row, 1), &DataType::Utf8)?;
                    values.insert(field.name().clone(), text.as_string::<i32>().value(0).to_owned());
                }
            }
            let text = |name: &str| {
                let column = batch.column_by_name(name).and_then(|column| column.as_string_view_opt());
                column.map(|column| column.value(row).to_owned()).unwrap_or_default()
            };
            let run = text("_korning");
            // A row that is in the lake only has no owner but the one that it names.
            let named = || table.owner.as_deref().map(text);
            let owner = Some(text("_agare")).filter(|owner| !owner.is_empty()).or_else(named).unwrap_or_default();
            if !sources.contains_key(&run) {
                sources.insert(run.clone(), self.register.origins(&run).await?);
            }
            let address = batch
                .column_by_name(sluss_schemas::chunk::ROW_ID)
                .and_then(|ids| ids.as_primitive_opt::<UInt64Type>())
                .map(|ids| sluss_schemas::chunk::RowId(ids.value(row)));
            let source = address.map(|at| place(at, sources.get(&run).map(Vec::as_slice).unwrap_or_default()));
            let key = batch.column_by_name("_nyckel").and_then(|keys| keys.as_fixed_size_binary_opt());
            found.push(FoundRow {
                table: table.name.clone(),
                owner,
                run,
                source: source.unwrap_or_default(),
                values,
                key: key.map(|keys| crate::keys::text::hex(keys.value(row))).unwrap_or_default(),
            });
        }
        Ok(())
    }

    async fn look_in_landing(&self, delivery: &Delivery, wanted: &Wanted, found: &mut Extract) -> Result<()> {
        let origins = self.register.origins(delivery.run()).await?;
        for content in self.zone.objects(delivery)? {
            let address = content.to_string();
            let name = origins.iter().find(|origin| origin.object.as_deref() == Some(address.as_str()));
            let object = FoundObject {
                owner: delivery.owner().to_owned(),
                run: delivery.run().to_owned(),
                name: name.map(|origin| origin.origin.name.clone()).unwrap_or_default(),
            };
            match wanted.is_in_file(&mut self.zone.read(delivery, content)?)? {
                Some(true) => found.landed.push(object),
                Some(false) => {}
                None => found.not_searched.push(object),
            }
        }
        Ok(())
    }

    fn look_in_quarantine(&self, delivery: &Delivery, wanted: &Wanted, found: &mut Extract) -> Result<()> {
        let Some(rows) = self.quarantine.read(delivery)? else { return Ok(()) };
        for row in rows {
            let row = row?;
            let cells = row.cells.iter().filter_map(|(_, value)| value.as_deref());
            let raw = row.raw.as_deref().map(String::from_utf8_lossy);
            let whole: String = cells.clone().collect::<Vec<_>>().join("\n");
            if !wanted.is_in(&whole) && !raw.as_deref().is_some_and(|raw| wanted.is_in(raw)) {
                continue;
            }
            let values = row.cells.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
            let mut values: BTreeMap<String, String> = values.collect();
            if let Some(raw) = raw {
                values.insert("_oläst".to_owned(), raw.into_owned());
            }
            found.quarantine.push(FoundRow {
                table: row.table.clone().unwrap_or_default(),
                owner: delivery.owner().to_owned(),
                run: delivery.run().to_owned(),
                source: [Some(row.origin.as_str()), row.part.as_deref()]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(", "),
                values,
                key: String::new(),
            });
        }
        Ok(())
    }
}

/// A batch of the lake with the types that the register's have.
fn as_the_register(batch: &RecordBatch) -> Result<RecordBatch> {
    let columns = batch.schema_ref().fields().iter().zip(batch.columns()).map(|(field, column)| {
        let column: ArrayRef = match column.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 => cast(column, &DataType::Utf8View)?,
            // Addresses are kept bit for bit.
            DataType::Int64 if field.name() == sluss_schemas::chunk::ROW_ID => {
                Arc::new(column.as_primitive::<Int64Type>().unary::<_, UInt64Type>(i64::cast_unsigned))
            }
            _ => Arc::clone(column),
        };
        Ok((field.name().clone(), column))
    });
    Ok(RecordBatch::try_from_iter(columns.collect::<Result<Vec<_>>>()?)?)
}

/// The register's own columns that an extract needs.
const OWN: [&str; 6] = ["_nyckel", "_agare", "_korning", sluss_schemas::chunk::ROW_ID, "reg_fran", "reg_till"];

/// Where a row came from, in words.
fn place(at: sluss_schemas::chunk::RowId, origins: &[crate::ledger::DeliveredOrigin]) -> String {
    let origin = origins.iter().find(|origin| u64::from(origin.origin.index) == at.origin());
    let name = origin.map(|origin| origin.origin.name.clone()).unwrap_or_default();
    let part = origin.and_then(|origin| origin.origin.part.clone());
    let mut words = vec![name];
    words.extend(part);
    words.push(format!("rad {}", at.row()));
    words.join(", ")
}
