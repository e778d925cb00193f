//! The options, checked and made ready.

use std::sync::Arc;

use sluss_schemas::message::Message;
use sluss_schemas::say;
use url::Url;

use super::bundle::{Bundles, CHANGED_AT, Lines};
use super::codes::Codes;
use super::options::{Increments, Options};
use crate::connect::Io;
use crate::error::{ConnectorError, Result};
use crate::files::json::Envelope;
use crate::http::cursor::State;
use crate::http::increment::Increment;
use crate::http::paging::Pager;
use crate::http::{Http, MarkForm, NextUrlPaging, OffsetPaging, Paging};

/// A server that has been configured.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) http: Arc<Http>,
    pub(super) reads: Reads,
    pub(super) increments: Option<Increments>,
    overlap: u32,
    /// The first request, without what increments add.
    pub(super) first: Url,
    pub(super) place: String,
    pub(super) pager: Pager,
    /// What every answer tells of itself.
    pub(super) envelope: Envelope,
    /// The parameter that takes the time of the latest change, and what stands before the time.
    pub(super) since: (&'static str, &'static str),
    pub(super) export: Option<u64>,
    /// Whether the server lists a value set's codes.
    pub(super) expands: bool,
    pub(super) chunk_rows: usize,
    /// The kind that is asked for.
    pub(super) kind: &'static str,
}

/// What answers become.
#[derive(Debug)]
pub(super) enum Reads {
    /// Resources: one row each.
    Resources(Arc<Bundles>, Arc<Lines>),
    /// Codes: one row each.
    Codes(Arc<Codes>),
}

/// Values of the envelope, in order.
pub(super) const KIND: usize = 0;
/// Matches in all.
pub(super) const TOTAL: usize = 1;

impl Plan {
    /// Checks everything. No I/O.
    pub(super) fn new(options: &Options, url: &str, io: &Io) -> Result<Self> {
        let http = Arc::new(Http::new(options.connection(), io)?);
        let mut first = http.address(url, "url")?;
        if first.query().is_some() {
            return Err(ConnectorError::configuration(say!("`url` innehåller parametrar", "`url` holds parameters"))
                .hint(say!("skriv dem i `query`", "write them in `query`")));
        }
        let reads = reads(options, io)?;
        let kind = options.resource.name();
        let mut steps: Vec<&str> = Vec::new();
        let (mut paging, mut total) =
            (Paging::NextUrl(NextUrlPaging { path: "link[relation=next].url".to_owned() }), "total");
        let mut since = ("_lastUpdated", "gt");
        if options.export.is_some() {
            steps.push("$export");
            since = ("_since", "");
        } else if let Some(expand) = &options.expand {
            steps.extend(["ValueSet", "$expand"]);
            total = "expansion.total";
            paging = Paging::Offset(OffsetPaging {
                parameter: "offset".to_owned(),
                size_parameter: "count".to_owned(),
                size: expand.count,
                total: None,
            });
        } else {
            steps.push(kind);
            if options.increments == Some(Increments::History) {
                steps.push("_history");
                since = ("_since", "");
            }
        }
        if let Ok(mut path) = first.path_segments_mut() {
            path.pop_if_empty().extend(&steps);
        }
        let place = Http::place(&first);
        parameters(options, kind, &mut first);
        Ok(Self {
            http,
            reads,
            increments: options.increments,
            overlap: options.overlap,
            first,
            place,
            pager: Pager::new(Some(&paging), 1)?,
            envelope: Envelope::new(&["resourceType", total])?,
            since,
            export: options.export.as_ref().map(|export| export.patience_s),
            expands: options.expand.is_some(),
            chunk_rows: io.chunk_rows,
            kind,
        })
    }

    /// The marks of a reading that goes on from `state`.
    pub(super) fn increment(&self, state: Option<&State>) -> Result<Option<Increment>> {
        if self.increments.is_none() {
            return Ok(None);
        }
        Increment::new(MarkForm::Time, CHANGED_AT, None, self.overlap, state).map(Some)
    }
}

fn reads(options: &Options, io: &Io) -> Result<Reads> {
    let codes = options.resource.gives();
    let refuse = |option: &str, why: Message| {
        Err(ConnectorError::configuration(say!(
            "`{option}` går inte ihop med den här resurstypen eller läsningen",
            "`{option}` does not go with this kind of resource or reading"
        ))
        .hint(why))
    };
    if options.expand.is_some() && options.resource.name() != "ValueSet" {
        return refuse(
            "expand",
            say!("det är till för `resource = \"ValueSet\"`", "it is for `resource = \"ValueSet\"`"),
        );
    }
    if options.expand.as_ref().is_some_and(|expand| expand.count == 0) {
        return refuse("expand.count", say!("ange hur många koder en sida har", "say how many codes a page has"));
    }
    if options.export.is_some() && (options.increments == Some(Increments::History) || !options.include.is_empty()) {
        return refuse(
            "export",
            say!(
                "den ger hela resurstyper: ta bort `include` och `history`",
                "it gives whole kinds: take out `include`, and `history`"
            ),
        );
    }
    let Some(gives) = codes else {
        if options.system.is_some() || options.version.is_some() || options.valid_from.is_some() {
            return refuse(
                "system",
                say!(
                    "`system`, `version` och `valid_from` är till för kodsystem och urval",
                    "`system`, `version` and `valid_from` are for code systems and value sets"
                ),
            );
        }
        let kinds: Vec<_> = [options.resource].into_iter().chain(options.also.iter().copied()).collect();
        if kinds.iter().any(|kind| kind.gives().is_some()) {
            return refuse(
                "also",
                say!(
                    "läs kodsystem och urval i ett eget jobb",
                    "read code systems and value sets in a job of their own"
                ),
            );
        }
        let bundles = Bundles::new(&kinds, options.columns.as_ref(), options.separator.as_ref(), false)?;
        return Ok(Reads::Resources(Arc::new(bundles.clone()), Arc::new(bundles.lines())));
    };
    for (option, given) in [
        ("columns", options.columns.is_some()),
        ("also", !options.also.is_empty()),
        ("include", !options.include.is_empty()),
        ("increments", options.increments.is_some()),
        ("export", options.export.is_some()),
    ] {
        if given {
            return refuse(
                option,
                say!(
                    "kodsystem och urval läses hela, med kolumnerna från `kodverk`",
                    "code systems and value sets are read whole, with the columns of `kodverk`"
                ),
            );
        }
    }
    Ok(Reads::Codes(Arc::new(Codes::new(options, gives, io)?)))
}

/// What the first request asks for.
fn parameters(options: &Options, kind: &str, first: &mut Url) {
    let mut pairs = first.query_pairs_mut();
    for (name, value) in &options.query {
        pairs.append_pair(name, value);
    }
    for include in &options.include {
        pairs.append_pair("_include", include);
    }
    if let Some(expand) = &options.expand {
        pairs.append_pair("url", &expand.value_set);
    } else if options.export.is_some() {
        let kinds: Vec<&str> = [kind].into_iter().chain(options.also.iter().map(|kind| kind.name())).collect();
        pairs.append_pair("_type", &kinds.join(","));
    } else if let Some(size) = options.page_size {
        pairs.append_pair("_count", &size.to_string());
    }
    drop(pairs);
    if first.query() == Some("") {
        first.set_query(None);
    }
}
