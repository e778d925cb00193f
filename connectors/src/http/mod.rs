//! HTTP as several connectors need it: who we are, how often we ask, what an answer must be.
//!
//! One client that knows TLS (also with a client certificate), authentication, rate limits, retries
//! with growing waits, redirects and sizes. Every answer that is taken in lands first, as it came.
//! Addresses, headers and answers never stand in an error: a place is `host/path`.

mod answer;
mod auth;
mod client;
pub(crate) mod cursor;
mod explain;
pub(crate) mod increment;
mod loops;
mod mark;
mod options;
mod pages;
pub(crate) mod paging;
mod place;
pub(crate) mod reading;
mod retry;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub(crate) use answer::Known;
pub(crate) use client::{Ask, Http};
pub use mark::MarkForm;
pub(crate) use options::Connection;
pub use options::{ApiKey, Auth, Basic, Bearer, Oauth2, Requests};
pub use pages::{CursorPaging, LinkPaging, NextUrlPaging, OffsetPaging, PagePaging, Paging};
