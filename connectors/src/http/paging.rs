//! From one page to the next, and where the last one is.

use serde::{Deserialize, Serialize};
use sluss_schemas::say;
use url::Url;

use super::answer::Answer;
use super::client::Http;
use super::loops::Loops;
use super::pages::Paging;
use crate::error::{ConnectorError, Result};
use crate::files::json::Envelope;

/// Where a reading is among the pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum At {
    /// Before the first page.
    Start,
    /// At the page of this number.
    Page(u64),
    /// After so many rows.
    Offset(u64),
    /// At a token.
    Token(String),
    /// At an address, without our key.
    Url(String),
}

/// How to go on, made ready.
#[derive(Clone, Debug)]
pub(crate) struct Pager {
    paging: Option<Paging>,
    /// The value that tells how to go on, where it stands in the answer.
    envelope: Option<Envelope>,
}

/// What a reading remembers from page to page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    positions: Loops,
    pages: Loops,
    /// Rows so far.
    pub(crate) rows: u64,
}

impl Pager {
    /// Reads the paths. `arrays` says through how many arrays the way to the rows leads.
    pub(crate) fn new(paging: Option<&Paging>, arrays: usize) -> Result<Self> {
        let path = match paging {
            Some(Paging::Page(page)) => match (&page.pages, &page.total) {
                (Some(_), Some(_)) => {
                    return Err(ConnectorError::configuration(say!(
                        "både `pages` och `total` är angivna",
                        "`pages` and `total` are both given"
                    ))
                    .hint(say!("en av dem säger var slutet är", "one of them says where the end is")));
                }
                (pages, total) => pages.as_deref().or(total.as_deref()),
            },
            Some(Paging::Offset(offset)) => offset.total.as_deref(),
            Some(Paging::Cursor(cursor)) => Some(cursor.path.as_str()),
            Some(Paging::NextUrl(next)) => Some(next.path.as_str()),
            Some(Paging::Link(_)) | None => None,
        };
        let counts = match paging {
            Some(Paging::Offset(offset)) if offset.size == 0 => {
                return Err(ConnectorError::configuration(say!(
                    "`paging.offset.size` är 0",
                    "`paging.offset.size` is 0"
                ))
                .hint(say!("ange hur många rader en sida har", "say how many rows a page has")));
            }
            Some(Paging::Offset(_)) => true,
            Some(Paging::Page(page)) => page.total.is_some(),
            _ => false,
        };
        if counts && arrays > 1 {
            return Err(ConnectorError::configuration(say!(
                "bläddringen räknar rader, men `rows` leder till rader i rader",
                "the paging counts rows, but `rows` leads to rows within rows"
            ))
            .hint(say!(
                "använd ett annat slags bläddring, eller utelämna `total`",
                "use another kind of paging, or leave out `total`"
            )));
        }
        let envelope = path.map(|path| Envelope::new(&[path])).transpose()?;
        Ok(Self { paging: paging.cloned(), envelope })
    }

    /// Whether there is one page and no more.
    pub(crate) fn is_single(&self) -> bool {
        self.paging.is_none()
    }

    /// The address of a page.
    pub(crate) fn address(&self, http: &Http, first: &Url, at: &At) -> Result<Url> {
        let mut url = first.clone();
        match (&self.paging, at) {
            (_, At::Url(address)) => return http.next(first, address),
            (Some(Paging::Page(page)), at) => {
                let number = if let At::Page(number) = at { *number } else { page.first };
                let mut pairs = url.query_pairs_mut();
                pairs.append_pair(&page.parameter, &number.to_string());
                if let (Some(parameter), Some(size)) = (&page.size_parameter, page.size) {
                    pairs.append_pair(parameter, &size.to_string());
                }
            }
            (Some(Paging::Offset(offset)), at) => {
                let before = if let At::Offset(before) = at { *before } else { 0 };
                url.query_pairs_mut()
                    .append_pair(&offset.parameter, &before.to_string())
                    .append_pair(&offset.size_parameter, &offset.size.to_string());
            }
            (Some(Paging::Cursor(cursor)), At::Token(token)) => {
                url.query_pairs_mut().append_pair(&cursor.parameter, token);
            }
            _ => {}
        }
        Ok(url)
    }

    /// Where the next page is; none after the last one.
    pub(crate) fn after(
        &self,
        http: &Http,
        asked: &Url,
        at: &At,
        answer: &Answer,
        rows: u64,
        memory: &mut Memory,
    ) -> Result<Option<At>> {
        let Some(paging) = &self.paging else { return Ok(None) };
        if rows > 0 && memory.pages.again(&answer.body) {
            return Err(ConnectorError::source(say!(
                "källan ger en sida som den har gett förut",
                "the source gives a page that it has given before"
            ))
            .hint(say!(
                "kontrollera `paging`: en källa som inte känner till en parameter kan ge sin första sida igen",
                "check `paging`: a source that does not know a parameter may give its first page again"
            )));
        }
        memory.rows += rows;
        let told = match &self.envelope {
            Some(envelope) => envelope.read(&answer.body)?.pop().flatten(),
            None => answer.next.clone(),
        };
        let next = match paging {
            Paging::Page(page) => {
                let number = if let At::Page(number) = at { *number } else { page.first };
                let end = match (&page.pages, &page.total) {
                    (Some(path), _) => Some(number + 1 >= page.first + count(told.as_deref(), path)?),
                    (None, Some(path)) => Some(memory.rows >= count(told.as_deref(), path)?),
                    (None, None) => None,
                };
                (!ended(end, rows)?).then_some(At::Page(number + 1))
            }
            Paging::Offset(offset) => {
                let before = if let At::Offset(before) = at { *before } else { 0 };
                let end = match &offset.total {
                    Some(path) => Some(before + rows >= count(told.as_deref(), path)?),
                    None => None,
                };
                // By what came, not by what was asked for: a source may give fewer.
                (!ended(end, rows)?).then_some(At::Offset(before + rows))
            }
            Paging::Cursor(_) => match told.filter(|token| !token.is_empty()) {
                // Some sources go on giving the last token when there is nothing more.
                Some(token) if rows == 0 && *at == At::Token(token.clone()) => None,
                token => token.map(At::Token),
            },
            Paging::Link(_) | Paging::NextUrl(_) => match told.filter(|address| !address.is_empty()) {
                Some(address) => Some(At::Url(http.next(asked, &address)?.into())),
                None => None,
            },
        };
        if let Some(At::Token(step) | At::Url(step)) = &next
            && memory.positions.again(step.as_bytes())
        {
            return Err(ConnectorError::source(say!(
                "källan leder till en sida som redan är läst",
                "the source leads to a page that has been read before"
            ))
            .hint(say!(
                "fråga källans förvaltare: bläddringen går i en cirkel",
                "ask the source's administrator: its paging goes in a circle"
            )));
        }
        Ok(next)
    }
}

/// Whether the last page has been read: by what the source says, else when a page is empty.
fn ended(told: Option<bool>, rows: u64) -> Result<bool> {
    match told {
        Some(false) if rows == 0 => Err(ConnectorError::source(say!(
            "en sida är tom före det slut som källan uppger",
            "a page is empty before the end that the source tells"
        ))
        .hint(say!(
            "kör igen; fråga källans förvaltare om det fortsätter",
            "run again; if it stays so, ask the source's administrator"
        ))
        .retryable()),
        Some(end) => Ok(end),
        None => Ok(rows == 0),
    }
}

fn count(told: Option<&str>, path: &str) -> Result<u64> {
    told.and_then(|text| text.parse().ok()).ok_or_else(|| {
        ConnectorError::source(say!("svaret har inget tal vid {path}", "the answer has no number at {path}"))
            .hint(say!("jämför `paging` med vad källan svarar", "compare `paging` with what the source answers"))
    })
}
