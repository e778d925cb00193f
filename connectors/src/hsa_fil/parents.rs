//! The hierarchy: which unit stands above which, by their distinguished names.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringViewBuilder};
use arrow::datatypes::{DataType, Field as Column, Schema};
use sluss_schemas::chunk::{Chunk, Origin};

use super::contract::EXPORT;
use crate::connect::Field;
use crate::distinguished_name::{folded, parent};
use crate::error::{ConnectorError, Result};
use crate::files::cells::text_fields;
use crate::files::format::{Emit, Format, Input, Survey};
use crate::files::xml::message::Message;
use sluss_schemas::say;

/// Units that are held by name at most: about 100 bytes each.
const MAX_UNITS: usize = 4_000_000;
/// The columns that are made.
const MADE: [&str; 2] = ["parentDN", "parentHsaIdentity"];

/// Fingerprint of a folded name → id; none where several units have the name.
type Units = HashMap<[u8; 16], Option<Box<str>>>;

/// The export as a format.
pub(super) struct Export {
    message: Message,
    units: Arc<Units>,
}

impl Export {
    /// Nothing is known of any unit yet.
    pub(super) fn new(strict: bool) -> Result<Self> {
        Ok(Self { message: Message::new(&EXPORT, strict)?, units: Arc::default() })
    }
}

impl Format for Export {
    fn read(&self, input: Input, chunk_rows: usize, emit: &mut dyn Emit) -> Result<()> {
        self.message.read(input, chunk_rows, &mut WithParents { units: &self.units, emit })
    }

    fn columns(&self, _input: Input) -> Result<Vec<Field>> {
        let names: Vec<&str> = self.message.names().iter().map(String::as_str).chain(MADE).collect();
        Ok(text_fields(&names))
    }

    fn survey(&self) -> Option<Box<dyn Survey>> {
        Some(Box::new(Hierarchy { message: self.message.clone(), units: Units::default() }))
    }
}

/// Gathers every unit's name and id.
struct Hierarchy {
    message: Message,
    units: Units,
}

impl Survey for Hierarchy {
    fn look(&mut self, input: Input) -> Result<()> {
        self.message.clone().read(input, 8192, self)
    }

    fn format(self: Box<Self>) -> Box<dyn Format> {
        Box::new(Export { message: self.message, units: Arc::new(self.units) })
    }
}

impl Emit for Hierarchy {
    fn origin(&mut self, name: &str, _part: Option<&str>) -> Origin {
        Origin { index: 0, name: name.to_owned(), part: None }
    }

    fn chunk(&mut self, chunk: Chunk) -> Result<()> {
        let (Some(names), Some(ids)) = (chunk.rows.column_by_name("DN"), chunk.rows.column_by_name("hsaIdentity"))
        else {
            return Ok(());
        };
        for (name, id) in names.as_string_view().iter().zip(ids.as_string_view().iter()) {
            let (Some(name), Some(id)) = (name, id) else { continue };
            match self.units.entry(print(name)) {
                Entry::Vacant(place) => {
                    place.insert(Some(id.into()));
                }
                Entry::Occupied(mut known) => {
                    if known.get().as_deref() != Some(id) {
                        known.insert(None);
                    }
                }
            }
        }
        if self.units.len() > MAX_UNITS {
            return Err(ConnectorError::source(say!(
                "exporten har fler enheter än vad hierarkin rymmer",
                "the export has more units than the hierarchy has room for"
            ))
            .hint(say!(
                "läs färre filer i varje jobb; högst {MAX_UNITS} enheter ryms i ett",
                "read fewer files in each job; one has room for {MAX_UNITS} units at most"
            )));
        }
        Ok(())
    }
}

fn print(name: &str) -> [u8; 16] {
    let mut print = [0; 16];
    let mut hasher = blake3::Hasher::new();
    hasher.update(folded(name).as_bytes()).finalize_xof().fill(&mut print);
    print
}

/// Adds the unit above to rows on their way.
struct WithParents<'a> {
    units: &'a Units,
    emit: &'a mut dyn Emit,
}

impl Emit for WithParents<'_> {
    fn origin(&mut self, name: &str, part: Option<&str>) -> Origin {
        self.emit.origin(name, part)
    }

    fn chunk(&mut self, chunk: Chunk) -> Result<()> {
        let rows = self.with_parents(&chunk.rows)?;
        self.emit.chunk(Chunk { rows, ..chunk })
    }
}

impl WithParents<'_> {
    fn with_parents(&self, rows: &RecordBatch) -> Result<RecordBatch> {
        let (mut names, mut ids) = (StringViewBuilder::new(), StringViewBuilder::new());
        if let Some(units) = rows.column_by_name("DN") {
            let units = units.as_string_view();
            for row in 0..units.len() {
                let above = if units.is_null(row) { None } else { parent(units.value(row)) };
                names.append_option(above);
                ids.append_option(above.and_then(|above| self.units.get(&print(above))?.as_deref()));
            }
        }
        let fields: Vec<_> = rows.schema().fields().iter().cloned().collect();
        let (Some((row_id, fields)), Some((numbers, columns))) = (fields.split_last(), rows.columns().split_last())
        else {
            return Ok(rows.clone());
        };
        let made = MADE.map(|name| Arc::new(Column::new(name, DataType::Utf8View, true)));
        let fields: Vec<_> = fields.iter().cloned().chain(made).chain([Arc::clone(row_id)]).collect();
        let made = [Arc::new(names.finish()) as ArrayRef, Arc::new(ids.finish())];
        let columns = columns.iter().cloned().chain(made).chain([Arc::clone(numbers)]).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|error| {
            ConnectorError::source(say!("raderna passar inte sina kolumner", "the rows do not fit their columns"))
                .because(error)
        })
    }
}
