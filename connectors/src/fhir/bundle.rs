//! Bundles and NDJSON as rows: the resources of the wanted kinds, one row each.

use std::io::Read;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringViewArray, StringViewBuilder};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field as ArrowField, Schema};
use sluss_schemas::chunk::{Chunk, Origin, ROW_ID, RowId, Unread};
use sluss_schemas::say;

use super::resource::{self, Resource};
use crate::connect::Field;
use crate::error::{Actor, ConnectorError, Result};
use crate::files::json::{self, Json};
use crate::files::{ColumnMap, Emit, Format, Input, text_fields};

/// What must be known of an entry beside its columns: name, path from the entry. A name with a dot
/// cannot be that of a column.
const HIDDEN: [(&str, &str); 7] = [
    (".type", "resource.resourceType"),
    (".method", "request.method"),
    (".url", "request.url"),
    (".severity", "resource.issue.severity"),
    (".code", "resource.issue.code"),
    (".id", "resource.id"),
    (".changed", "response.lastModified"),
];
const TYPE: usize = 0;
const METHOD: usize = 1;
const URL: usize = 2;
const SEVERITY: usize = 3;
const CODE: usize = 4;
const ID: usize = 5;
const CHANGED: usize = 6;

/// Columns that every reading has.
pub(super) const RESOURCE_TYPE: &str = "resource_type";
/// When the resource was changed, also where it is gone.
pub(super) const CHANGED_AT: &str = "last_updated";
const DELETED: &str = "deleted";

/// Resources as rows.
#[derive(Clone, Debug)]
pub(super) struct Bundles {
    entries: Json,
    lines: Json,
    kinds: Vec<&'static str>,
    names: Vec<String>,
}

impl Bundles {
    /// Checks the columns. In files a Bundle without entries is none; a server may find nothing.
    pub(super) fn new(
        kinds: &[Resource],
        columns: Option<&ColumnMap>,
        separator: Option<&String>,
        in_files: bool,
    ) -> Result<Self> {
        let mut columns = match columns {
            Some(columns) => {
                columns.check()?;
                columns.0.clone()
            }
            None => resource::columns(kinds),
        };
        for (name, path) in &columns {
            if name.starts_with('.') || [RESOURCE_TYPE, DELETED].contains(&name.as_str()) {
                return Err(ConnectorError::configuration(say!(
                    "kolumner kan inte heta {name:?}",
                    "columns cannot have the name {name:?}"
                ))
                .hint(say!(
                    "kopplingen ger själv `resource_type` och `deleted`",
                    "the connector gives `resource_type` and `deleted` itself"
                )));
            }
            if path.starts_with(['$', '.']) {
                return Err(ConnectorError::configuration(say!(
                    "sökvägen {path:?} börjar inte vid resursen",
                    "the path {path:?} does not start at the resource"
                ))
                .hint(say!(
                    "skriv elementens namn med punkt emellan: `partOf.reference`",
                    "write element names joined by dots: `partOf.reference`"
                )));
            }
        }
        if !columns.iter().any(|(name, _)| name == CHANGED_AT) {
            columns.push((CHANGED_AT.to_owned(), "meta.lastUpdated".to_owned()));
        }
        let make = |prefix: &str, lines: bool| {
            let hidden = HIDDEN.iter().map(|(name, path)| {
                // What stands beside the resource has no place in a line that is one.
                let within = path.strip_prefix("resource.").unwrap_or(path);
                ((*name).to_owned(), if lines { within.to_owned() } else { (*path).to_owned() })
            });
            let own = columns.iter().map(|(name, path)| (name.clone(), format!("{prefix}{path}")));
            Json::new(json::Options {
                rows: (!lines).then(|| "entry[*]".to_owned()),
                columns: Some(ColumnMap(hidden.chain(own).collect())),
                separator: separator.cloned(),
                lines,
            })
            .map(Json::flat)
        };
        let entries = make("resource.", false)?;
        Ok(Self {
            entries: if in_files { entries.strict() } else { entries },
            lines: make("", true)?,
            kinds: kinds.iter().map(|kind| kind.name()).collect(),
            names: columns.into_iter().map(|(name, _)| name).collect(),
        })
    }

    /// One resource in each line.
    pub(super) fn lines(self) -> Lines {
        Lines(self)
    }

    /// The rows of the wanted kinds.
    fn chosen(&self, chunk: Chunk) -> Result<Chunk> {
        let rows = &chunk.rows;
        let hidden = |at: usize| rows.column(at).as_string_view();
        let (types, methods) = (hidden(TYPE), hidden(METHOD));
        let text = |array: &StringViewArray, row: usize| array.is_valid(row).then(|| array.value(row).to_owned());
        let mut keep = Vec::with_capacity(rows.num_rows());
        let mut unread = chunk.unread;
        let gone = |row: usize| -> Option<(String, String)> {
            let url = text(hidden(URL), row).filter(|_| methods.is_valid(row) && methods.value(row) == "DELETE")?;
            let mut steps = url.rsplit('/');
            let (id, kind) = (steps.next()?.to_owned(), steps.next()?.to_owned());
            (!id.is_empty()).then_some((kind, id))
        };
        let (mut kinds, mut ids) = (StringViewBuilder::new(), StringViewBuilder::new());
        let (mut deleted, mut changed) = (StringViewBuilder::new(), StringViewBuilder::new());
        let at = self.names.iter().position(|name| name == CHANGED_AT).map(|at| HIDDEN.len() + at);
        for row in 0..rows.num_rows() {
            let kind = text(types, row);
            let lost = if kind.is_none() { gone(row) } else { None };
            if kind.as_deref() == Some("OperationOutcome") {
                outcome(text(hidden(SEVERITY), row), text(hidden(CODE), row))?;
            } else if kind.is_none() && lost.is_none() {
                unread.push(self.nothing(rows, row));
            }
            let named = kind.as_deref().or(lost.as_ref().map(|(kind, _)| kind.as_str()));
            keep.push(named.is_some_and(|named| self.kinds.contains(&named)));
            kinds.append_option(named);
            ids.append_option(text(hidden(ID), row).or(lost.as_ref().map(|(_, id)| id.clone())));
            deleted.append_option(lost.is_some().then_some("true"));
            let own = at.and_then(|at| text(hidden(at), row));
            changed.append_option(own.or_else(|| text(hidden(CHANGED), row)));
        }
        let mut fields = vec![ArrowField::new(RESOURCE_TYPE, DataType::Utf8View, true)];
        let mut arrays: Vec<ArrayRef> = vec![Arc::new(kinds.finish())];
        let (ids, changed): (ArrayRef, ArrayRef) = (Arc::new(ids.finish()), Arc::new(changed.finish()));
        for (nth, name) in self.names.iter().enumerate() {
            fields.push(ArrowField::new(name, DataType::Utf8View, true));
            arrays.push(match name.as_str() {
                "id" => Arc::clone(&ids),
                CHANGED_AT => Arc::clone(&changed),
                _ => Arc::clone(rows.column(HIDDEN.len() + nth)),
            });
        }
        fields.push(ArrowField::new(DELETED, DataType::Utf8View, true));
        arrays.push(Arc::new(deleted.finish()));
        fields.push(ArrowField::new(ROW_ID, DataType::UInt64, false));
        arrays.push(Arc::clone(rows.column(rows.num_columns().saturating_sub(1))));
        let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
            .and_then(|rows| filter_record_batch(&rows, &BooleanArray::from(keep)));
        let rows = rows.map_err(|error| {
            let mut error = ConnectorError::source(say!(
                "resurserna passar inte sina kolumner",
                "the resources do not fit their columns"
            ))
            .because(error);
            error.actor = Actor::Us;
            error
        })?;
        Ok(Chunk { rows, unread, ..chunk })
    }

    /// An entry that is neither a resource nor one that is gone.
    fn nothing(&self, rows: &RecordBatch, row: usize) -> Unread {
        let ids = rows.column(rows.num_columns().saturating_sub(1));
        let id = ids.as_primitive::<arrow::datatypes::UInt64Type>().value(row);
        let detail = format!("ingen resurs av något slag (väntat: {})", self.kinds.join(", "));
        Unread { row: RowId(id), rule: "olasbar_rad", detail, raw: Vec::new() }
    }
}

/// What the server has to say beside the resources.
fn outcome(severity: Option<String>, code: Option<String>) -> Result<()> {
    let word = |text: Option<String>| -> String {
        text.unwrap_or_default().chars().filter(|c| c.is_ascii_alphabetic() || "-|".contains(*c)).take(120).collect()
    };
    let (severity, code) = (word(severity), word(code));
    if severity.contains("error") || severity.contains("fatal") {
        return Err(ConnectorError::source(say!(
            "servern berättar om ett fel bland resurserna: {code}",
            "the server tells of an error among the resources: {code}"
        ))
        .hint(say!(
            "dess egna ord ligger i landningszonen, i OperationOutcome",
            "its own words lie in the landing zone, in the OperationOutcome"
        )));
    }
    tracing::warn!(severity, code, "the server has something to say (OperationOutcome)");
    Ok(())
}

/// Takes chunks as they are read and hands on what is wanted.
struct Choosing<'a> {
    bundles: &'a Bundles,
    emit: &'a mut dyn Emit,
}

impl Emit for Choosing<'_> {
    fn origin(&mut self, name: &str, part: Option<&str>) -> Origin {
        self.emit.origin(name, part)
    }
    fn chunk(&mut self, chunk: Chunk) -> Result<()> {
        self.emit.chunk(self.bundles.chosen(chunk)?)
    }
}

impl Format for Bundles {
    fn read(&self, input: Input, chunk_rows: usize, emit: &mut dyn Emit) -> Result<()> {
        // Files are told apart by their names, also within archives.
        let name = input.member.as_deref().unwrap_or(&input.name).to_ascii_lowercase();
        let lines = name.trim_end_matches(".gz").ends_with(".ndjson");
        let format = if lines { &self.lines } else { &self.entries };
        format.read(input, chunk_rows, &mut Choosing { bundles: self, emit })
    }

    fn columns(&self, mut input: Input) -> Result<Vec<Field>> {
        // Looks at the file's beginning: whether it can be read is the reading's to say.
        input
            .bytes
            .read_exact(&mut [0])
            .map_err(|error| ConnectorError::source(say!("filen är tom", "the file is empty")).because(error))?;
        let names: Vec<&str> = [RESOURCE_TYPE].into_iter().chain(self.names.iter().map(String::as_str)).collect();
        Ok(text_fields(&[names.as_slice(), &[DELETED]].concat()))
    }
}

/// One resource in each line, whatever the name.
#[derive(Clone, Debug)]
pub(super) struct Lines(Bundles);

impl Format for Lines {
    fn read(&self, input: Input, chunk_rows: usize, emit: &mut dyn Emit) -> Result<()> {
        self.0.lines.read(input, chunk_rows, &mut Choosing { bundles: &self.0, emit })
    }
    fn columns(&self, input: Input) -> Result<Vec<Field>> {
        self.0.columns(input)
    }
}
