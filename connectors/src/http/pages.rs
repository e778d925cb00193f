//! Ways to the next page, as a job says them.

use schemars::JsonSchema;
use serde::Deserialize;

/// Ways to the next page: one of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Paging {
    /// Numbered pages, until `pages`, `total` or an empty page.
    Page(PagePaging),
    /// By the number of rows before, until `total` or an empty page.
    Offset(OffsetPaging),
    /// By a token in the answer, until there is none.
    Cursor(CursorPaging),
    /// By the header `Link: …; rel="next"`, until there is none.
    Link(LinkPaging),
    /// By an address in the answer, until there is none.
    NextUrl(NextUrlPaging),
}

/// Numbered pages.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PagePaging {
    /// The parameter that takes the page's number; `page` unless said.
    #[serde(default = "page")]
    pub parameter: String,
    /// The first page's number; 1 unless said.
    #[serde(default = "one")]
    pub first: u64,
    /// The parameter that takes the number of rows on a page.
    pub size_parameter: Option<String>,
    /// Rows on a page.
    pub size: Option<u32>,
    /// Path to the number of pages in the answer.
    pub pages: Option<String>,
    /// Path to the number of rows in all.
    pub total: Option<String>,
}

/// Pages by the number of rows before.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OffsetPaging {
    /// The parameter that takes the number of rows before; `offset` unless said.
    #[serde(default = "offset")]
    pub parameter: String,
    /// The parameter that takes the number of rows on a page; `limit` unless said.
    #[serde(default = "limit")]
    pub size_parameter: String,
    /// Rows on a page.
    pub size: u32,
    /// Path to the number of rows in all.
    pub total: Option<String>,
}

/// Pages by a token.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CursorPaging {
    /// The parameter that takes the token; `cursor` unless said.
    #[serde(default = "cursor")]
    pub parameter: String,
    /// Path to the next token in the answer: `meta.next`.
    pub path: String,
}

/// Pages by the header `Link` (RFC 8288).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkPaging {}

/// Pages by an address in the answer.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NextUrlPaging {
    /// Path to the address: `next_url`, `link[relation=next].url`.
    pub path: String,
}

fn page() -> String {
    "page".to_owned()
}
fn offset() -> String {
    "offset".to_owned()
}
fn limit() -> String {
    "limit".to_owned()
}
fn cursor() -> String {
    "cursor".to_owned()
}
fn one() -> u64 {
    1
}
