//! Judges mapped batches of one table, row by row, vectorised.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, Int64Array, RecordBatch, StringViewArray, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt64Type};
use chrono::NaiveDate;
use sluss_schemas::chunk::ROW_ID;
use sluss_schemas::code::CodeIndex;
use sluss_schemas::finding::{Finding, Findings};
use sluss_schemas::identifier::orgnr;
use sluss_schemas::rule::{Context, Judge, Severity, judges, normalise};
use sluss_schemas::say;
use sluss_schemas::table::{Identifier, OnMissing, Table};

use super::{CONTENT, KEY, ORDER};
use crate::error::{PipelineError, Result};
use crate::keys::is_pseudonym;
use crate::map::{Lookups, Notes};
use crate::merge::{KeyHash, content_hashes, identities, key_hashes};

/// Keys that a column may point at, known before the delivery.
#[derive(Clone)]
pub struct KnownKeys {
    /// Position of the column that declares the reference: findings name it.
    pub column: u16,
    /// Positions of the columns that hold the other table's key, in its order.
    pub columns: Vec<usize>,
    /// Key hashes of the table pointed at.
    pub keys: Arc<HashSet<KeyHash>>,
    /// What pointing at nothing means.
    pub missing: OnMissing,
}

/// Judges the rows of one table within one run.
pub struct Validator {
    /// The table.
    pub table: Arc<Table>,
    schema: SchemaRef,
    judges: Vec<Box<dyn Judge>>,
    codes: Arc<CodeIndex>,
    references: Vec<KnownKeys>,
    lookups: Arc<dyn Lookups>,
    today: NaiveDate,
    owner: Option<String>,
    /// The rows come from the register itself: a keyed hash in place of a person's number is one already.
    hashed: bool,
    next_order: u64,
}

/// A judged batch.
pub struct Judged {
    /// All rows: national columns, then [`ROW_ID`], [`KEY`], [`CONTENT`], [`ORDER`].
    pub rows: RecordBatch,
    /// Key hashes, none where a part of the key is missing.
    pub keys: Vec<Option<KeyHash>>,
    /// Content hashes, which tell rows apart also where a cell could not be read.
    pub contents: Vec<i64>,
    /// Which rows are rejected.
    pub rejected: BooleanArray,
    /// All findings, by row.
    pub findings: Vec<Finding>,
}

impl Validator {
    /// Binds the table's rules.
    pub fn new(
        table: Arc<Table>,
        codes: Arc<CodeIndex>,
        references: Vec<KnownKeys>,
        lookups: Arc<dyn Lookups>,
        today: NaiveDate,
        owner: Option<String>,
    ) -> Self {
        let schema = judged_schema(&table);
        let judges = judges(&table);
        Self { table, schema, judges, codes, references, lookups, today, owner, hashed: false, next_order: 0 }
    }

    /// For rows that come from the register itself: keyed hashes stay as they are.
    #[must_use]
    pub fn of_the_register(mut self, own: bool) -> Self {
        self.hashed = own;
        self
    }

    /// The type of judged rows.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Judges one mapped batch: some of the national columns, and [`ROW_ID`].
    pub fn judge(&mut self, mapped: &RecordBatch, notes: &Notes) -> Result<Judged> {
        let count = mapped.num_rows();
        let row_ids = mapped
            .column_by_name(ROW_ID)
            .and_then(|c| c.as_primitive_opt::<UInt64Type>())
            .ok_or_else(|| {
                PipelineError::us(say!("ett mappat paket utan källrader", "a mapped batch without its source rows"))
            })?
            .clone();
        let mut findings = Findings::default();
        let about_cells = notes.of_rows(row_ids.values());
        for (row, notes) in &about_cells {
            for note in notes {
                let column = self.table.position(&note.column).and_then(|p| u16::try_from(p).ok());
                findings.add(*row, note.rule, column);
            }
        }

        let mut columns = self.national_columns(mapped, &mut findings)?;
        let national = RecordBatch::try_new(self.table.arrow_schema(), columns.clone())?;
        let context = Context { codes: &self.codes, today: self.today, owner: self.owner.as_deref() };
        for judge in &self.judges {
            judge.judge(&national, &context, &mut findings);
        }
        self.pseudonymise(&mut columns);
        let national = RecordBatch::try_new(self.table.arrow_schema(), columns.clone())?;
        // The register knows a sole trader by its keyed hash: what points at one is looked up as that.
        self.check_references(&national, &mut findings)?;

        let key_columns: Vec<&ArrayRef> =
            self.table.key.iter().filter_map(|name| self.table.position(name)).filter_map(|p| columns.get(p)).collect();
        let keys = key_hashes(&key_columns, count)?;
        let mut contents = content_hashes(&national)?;
        for (row, notes) in &about_cells {
            if let Some(content) = contents.get_mut(*row) {
                // Repairs are in the values; only what could not be read must be told apart here.
                let unread = notes.iter().filter(|n| n.rule != "reparerad");
                *content = unread.fold(*content, |sum, note| sum.wrapping_add(note.raw.cast_signed()));
            }
        }
        let mut rejected = vec![false; count];
        for finding in &findings.list {
            if self.table.severity(finding.rule, finding.column) == Severity::Reject
                && let Some(flag) = rejected.get_mut(finding.row as usize)
            {
                *flag = true;
            }
        }

        let order = UInt64Array::from_iter_values(self.next_order..self.next_order + count as u64);
        self.next_order += count as u64;
        let key_bytes =
            FixedSizeBinaryArray::try_from_sparse_iter_with_size(keys.iter().map(|k| k.map(u128::to_be_bytes)), 16)?;
        columns.push(Arc::new(row_ids));
        columns.push(Arc::new(key_bytes));
        columns.push(Arc::new(Int64Array::from(contents.clone())));
        columns.push(Arc::new(order));
        let rows = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
        Ok(Judged { rows, keys, contents, rejected: BooleanArray::from(rejected), findings: findings.list })
    }

    /// Every national column in order: empty text is null, identifiers are in canonical form.
    fn national_columns(&self, mapped: &RecordBatch, findings: &mut Findings) -> Result<Vec<ArrayRef>> {
        let schema = self.table.arrow_schema();
        let mut columns = Vec::with_capacity(schema.fields().len() + 4);
        for (position, (column, field)) in self.table.column.iter().zip(schema.fields()).enumerate() {
            let Some(given) = mapped.column_by_name(&column.name) else {
                columns.push(arrow::array::new_null_array(field.data_type(), mapped.num_rows()));
                continue;
            };
            let mut array = Arc::clone(given);
            if let Some(text) = given.as_string_view_opt() {
                let position = u16::try_from(position).map_err(|_| {
                    PipelineError::us(say!("en tabell med för många kolumner", "a table with too many columns"))
                })?;
                let hashed = self.hashed && column.identifier == Some(Identifier::Orgnr);
                array = if hashed && text.iter().flatten().any(is_pseudonym) {
                    let plain: StringViewArray = text.iter().map(|v| v.filter(|v| !is_pseudonym(v))).collect();
                    let plain = normalise::column(column, position, &plain, findings)?;
                    let kept = text.iter().zip(plain.iter()).map(|(v, read)| v.filter(|v| is_pseudonym(v)).or(read));
                    Arc::new(kept.collect::<StringViewArray>())
                } else {
                    Arc::new(normalise::column(column, position, text, findings)?)
                };
            }
            columns.push(array);
        }
        self.fill_identity(mapped, &mut columns)?;
        Ok(columns)
    }

    /// Without an id in the source, a child's id is its parent's key and a hash of its declared
    /// identity; never its position, or a re-sorted file would rewrite history.
    fn fill_identity(&self, mapped: &RecordBatch, columns: &mut [ArrayRef]) -> Result<()> {
        let Some((id, identity)) = self.table.identity() else { return Ok(()) };
        if mapped.column_by_name(&id.name).is_some() {
            return Ok(());
        }
        let rest = self.table.key.iter().filter(|name| **name != id.name).map(String::as_str);
        let names = rest.chain(identity.iter().map(|c| c.name.as_str()));
        // A sole trader's number goes into the id as its keyed hash: whoever knows the rest of what the id
        // is made of could else try all numbers.
        let mut hidden = columns.to_vec();
        self.pseudonymise(&mut hidden);
        let parts: Vec<&ArrayRef> = names.filter_map(|name| hidden.get(self.table.position(name)?)).collect();
        let ids: ArrayRef = Arc::new(identities(&parts, mapped.num_rows())?);
        if let Some(column) = self.table.position(&id.name).and_then(|at| columns.get_mut(at)) {
            *column = ids;
        }
        Ok(())
    }

    /// A sole trader's organisation number is a personal number: only its keyed hash is kept.
    fn pseudonymise(&self, columns: &mut [ArrayRef]) {
        for (declared, column) in self.table.column.iter().zip(columns) {
            if declared.identifier != Some(Identifier::Orgnr) {
                continue;
            }
            let Some(text) = column.as_string_view_opt() else { continue };
            let is_person = |row: usize| !text.is_null(row) && orgnr::is_sole_trader(text.value(row));
            if !(0..text.len()).any(is_person) {
                continue;
            }
            let hidden: StringViewArray = (0..text.len())
                .map(|row| match (text.is_null(row), is_person(row)) {
                    (true, _) => None,
                    (false, true) => Some(Cow::Owned(self.lookups.pseudonym("orgnr", text.value(row)))),
                    (false, false) => Some(Cow::Borrowed(text.value(row))),
                })
                .collect();
            *column = Arc::new(hidden);
        }
    }

    fn check_references(&self, national: &RecordBatch, findings: &mut Findings) -> Result<()> {
        for reference in &self.references {
            let arrays: Vec<&ArrayRef> = reference.columns.iter().map(|at| national.column(*at)).collect();
            let hashes = key_hashes(&arrays, national.num_rows())?;
            let column = Some(reference.column);
            // An identifier that is no identifier is not looked up: one reason is enough.
            let mut malformed = vec![false; national.num_rows()];
            for finding in findings.list.iter().filter(|f| f.column == column) {
                if self.table.severity(finding.rule, column) == Severity::Reject
                    && let Some(flag) = malformed.get_mut(finding.row as usize)
                {
                    *flag = true;
                }
            }
            for (row, (hash, malformed)) in hashes.iter().zip(malformed).enumerate() {
                if let Some(hash) = hash
                    && !malformed
                    && !reference.keys.contains(hash)
                {
                    findings.add(row, "saknad_referens", column);
                }
            }
        }
        Ok(())
    }
}

fn judged_schema(table: &Table) -> SchemaRef {
    let mut fields: Vec<_> = table.arrow_schema().fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(ROW_ID, DataType::UInt64, false)));
    fields.push(Arc::new(Field::new(KEY, DataType::FixedSizeBinary(16), true)));
    fields.push(Arc::new(Field::new(CONTENT, DataType::Int64, false)));
    fields.push(Arc::new(Field::new(ORDER, DataType::UInt64, false)));
    Arc::new(Schema::new(fields))
}
