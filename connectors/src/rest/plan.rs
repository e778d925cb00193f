//! The options, checked and made ready.

use sluss_schemas::say;
use std::sync::Arc;

use super::bind::{Binding, Template, product};
use super::options::{Incremental, Options};
use crate::connect::Io;
use crate::error::{ConnectorError, Result};
use crate::files::ColumnMap;
use crate::files::json::{self, Json};
use crate::http::Http;
use crate::http::cursor::State;
use crate::http::increment::Increment;
use crate::http::paging::Pager;

/// A source that has been configured.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) http: Arc<Http>,
    pub(super) asked: Asked,
    /// All combinations of the values of `each`.
    pub(super) each: Vec<Binding>,
    pub(super) parent: Option<Asked>,
    pub(super) incremental: Option<Incremental>,
    /// Names of bound values that are columns of the rows.
    pub(super) bound: Vec<String>,
    pub(super) chunk_rows: usize,
}

/// A request and how its answers are read.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) address: Template,
    pub(super) format: Arc<Json>,
    pub(super) pager: Pager,
}

impl Plan {
    /// Checks everything. No I/O.
    pub(super) fn new(options: Options, io: &Io) -> Result<Self> {
        let http = Arc::new(Http::new(options.connection(), io)?);
        if options.each.values().any(Vec::is_empty) {
            return Err(ConnectorError::configuration(say!(
                "ett namn i `each` har inga värden: ingenting skulle läsas",
                "a name in `each` has no values: nothing would be read"
            ))
            .hint(say!("ge det värden, eller ta bort det", "give it values, or take it out")));
        }
        let mut names: Vec<String> = options.each.keys().cloned().collect();
        let parent = match &options.parent {
            Some(parent) => {
                parent.values.check()?;
                let address = Template::new(&parent.url, &parent.query, &names, &http, "parent.url")?;
                let pager = Pager::new(parent.paging.as_ref(), arrays(parent.rows.as_deref()))?;
                let format = json::Options {
                    rows: parent.rows.clone(),
                    columns: Some(parent.values.clone()),
                    ..json::Options::default()
                };
                for name in parent.values.names() {
                    if names.contains(&name) {
                        return Err(ConnectorError::configuration(say!(
                            "både `each` och `parent` ger {{{name}}}",
                            "both `each` and `parent` give {{{name}}}"
                        ))
                        .hint(say!("byt namn på en av dem", "rename one of them")));
                    }
                    names.push(name);
                }
                Some(Asked { address, format: Arc::new(Json::new(format)?.strict()), pager })
            }
            None => None,
        };
        let columns = options.columns.as_ref().map(ColumnMap::names).unwrap_or_default();
        if let Some(incremental) = &options.incremental {
            if !columns.contains(&incremental.column) {
                return Err(ConnectorError::configuration(say!(
                    "kolumnen i `incremental` finns inte bland `columns`",
                    "the column of `incremental` is not among `columns`"
                ))
                .hint(say!(
                    "lägg till `{} = \"…\"` i `columns`",
                    "add `{} = \"…\"` to `columns`",
                    incremental.column
                )));
            }
            Increment::new(incremental.form, &incremental.column, incremental.start.as_deref(), 0, None)?;
        }
        let asked = Asked {
            address: Template::new(&options.url, &options.query, &names, &http, "url")?,
            pager: Pager::new(options.paging.as_ref(), arrays(options.rows.as_deref()))?,
            format: Arc::new(
                Json::new(json::Options {
                    rows: options.rows,
                    columns: options.columns,
                    separator: options.separator,
                    lines: false,
                })?
                .strict(),
            ),
        };
        names.retain(|name| !columns.contains(name));
        Ok(Self {
            http,
            asked,
            each: product(&options.each),
            parent,
            incremental: options.incremental,
            bound: names,
            chunk_rows: io.chunk_rows,
        })
    }

    /// The marks of a reading that goes on from `state`.
    pub(super) fn increment(&self, state: Option<&State>) -> Result<Option<Increment>> {
        let Some(options) = &self.incremental else { return Ok(None) };
        Increment::new(options.form, &options.column, options.start.as_deref(), options.overlap, state).map(Some)
    }

    /// Whether an answer that has not changed need not be read.
    pub(super) fn is_conditional(&self) -> bool {
        self.asked.pager.is_single() && self.parent.is_none() && self.each.len() == 1 && self.incremental.is_none()
    }
}

/// Arrays on the way to the rows.
fn arrays(rows: Option<&str>) -> usize {
    rows.map_or(1, |rows| rows.matches("[*]").count())
}
