//! Reading a column cell by cell, and noting by source row what was repaired or could not be read.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringViewArray, StringViewBuilder, UInt64Array};
use sluss_schemas::reading::Reading;
use xxhash_rust::xxh3::xxh3_64;

use crate::map::notes::{Note, Notes};

/// Where a bound function leaves its notes.
#[derive(Clone)]
pub(super) struct Binding {
    pub(super) column: Arc<str>,
    pub(super) notes: Arc<Notes>,
}

/// Writes notes about cells, by source row.
pub(super) struct Scribe<'a> {
    pub(super) binding: Option<&'a Binding>,
    pub(super) rows: Option<&'a UInt64Array>,
}

impl Scribe<'_> {
    fn note(&self, index: usize, rule: &'static str, cell: &str) {
        if let (Some(binding), Some(rows)) = (self.binding, self.rows)
            && index < rows.len()
        {
            let note = Note { column: Arc::clone(&binding.column), rule, raw: xxh3_64(cell.as_bytes()) };
            binding.notes.add(rows.value(index), note);
        }
    }

    /// Reads every cell into a typed value.
    pub(super) fn values<T>(&self, text: &StringViewArray, read: impl Fn(&str) -> Reading<T>) -> Vec<Option<T>> {
        (0..text.len())
            .map(|i| {
                if text.is_null(i) {
                    return None;
                }
                let cell = text.value(i);
                match read(cell) {
                    Reading::Clean(value) => Some(value),
                    Reading::Repaired(value) => {
                        self.note(i, "reparerad", cell);
                        Some(value)
                    }
                    Reading::Empty => None,
                    Reading::Unreadable(rule) => {
                        self.note(i, rule, cell);
                        None
                    }
                }
            })
            .collect()
    }

    /// Reads every cell into canonical text; gives the same array back while nothing changes.
    pub(super) fn texts<'t>(
        &self,
        text: &'t StringViewArray,
        read: impl Fn(&'t str) -> Reading<Cow<'t, str>>,
    ) -> ArrayRef {
        let mut changed: Option<StringViewBuilder> = None;
        for i in 0..text.len() {
            if text.is_null(i) {
                if let Some(builder) = &mut changed {
                    builder.append_null();
                }
                continue;
            }
            let cell = text.value(i);
            let reading = read(cell);
            match reading {
                Reading::Clean(ref value) if **value == *cell => {
                    if let Some(builder) = &mut changed {
                        builder.append_value(cell);
                    }
                    continue;
                }
                Reading::Repaired(_) => self.note(i, "reparerad", cell),
                Reading::Unreadable(rule) => self.note(i, rule, cell),
                Reading::Clean(_) | Reading::Empty => {}
            }
            let builder = changed.get_or_insert_with(|| {
                let mut builder = StringViewBuilder::with_capacity(text.len());
                for j in 0..i {
                    builder.append_option((!text.is_null(j)).then(|| text.value(j)));
                }
                builder
            });
            builder.append_option(reading.value());
        }
        match changed {
            Some(mut builder) => Arc::new(builder.finish()),
            None => Arc::new(text.clone()),
        }
    }
}

/// A part of a text, where it has one.
pub(super) fn part(reading: Reading<String>) -> Reading<Cow<'static, str>> {
    match reading {
        Reading::Clean(text) | Reading::Repaired(text) if text.is_empty() => Reading::Empty,
        other => other.map(Cow::Owned),
    }
}

/// A text that may be missing.
pub(super) fn optional(reading: Reading<Option<String>>) -> Reading<Cow<'static, str>> {
    part(reading.map(Option::unwrap_or_default))
}
