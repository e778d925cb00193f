//! A search, page by page (RFC 2696).

use std::time::Duration;

use ldap3::controls::{Control, MakeCritical, PagedResults, RawControl};
use ldap3::{LdapError, Scope, SearchStream};

use super::connection::Connection;
use super::entry::{Entry, cookie, referral};
use super::failure::{alien, succeeded};
use crate::error::{ConnectorError, Result};
use sluss_schemas::say;

/// The control's name.
const PAGED: &str = "1.2.840.113556.1.4.319";

/// What is searched for.
#[derive(Clone, Debug)]
pub(super) struct Search {
    /// Where it starts.
    pub(super) base: String,
    /// How far down.
    pub(super) scope: Scope,
    /// Which entries.
    pub(super) filter: String,
    /// Which of their attributes.
    pub(super) attributes: Vec<String>,
    /// Entries to a page.
    pub(super) page_size: u16,
    /// How long to wait for the next entry.
    pub(super) timeout: Duration,
}

/// What a search finds.
pub(super) enum Found {
    /// An entry.
    Entry(Entry),
    /// Another directory that has more.
    Referral(Vec<String>),
}

/// A search under way. One page at a time is in memory.
pub(super) struct Pages {
    connection: Connection,
    search: Search,
    stream: Option<SearchStream<'static, String, Vec<String>>>,
    /// Where the next page begins; none after the last.
    next: Option<Vec<u8>>,
    page: Page,
}

/// What tells a page from the one before.
#[derive(Default)]
struct Page {
    names: blake3::Hasher,
    entries: u64,
    before: Option<blake3::Hash>,
}

impl Pages {
    /// Nothing is asked for yet.
    pub(super) fn new(connection: Connection, search: Search) -> Self {
        Self { connection, search, stream: None, next: Some(Vec::new()), page: Page::default() }
    }

    /// The next entry or referral; none after the last page.
    pub(super) async fn next(&mut self) -> Result<Option<Found>> {
        loop {
            let stream = match &mut self.stream {
                Some(stream) => stream,
                None => match self.next.take() {
                    Some(cookie) => {
                        let stream = self.ask(cookie).await;
                        match stream {
                            Ok(stream) => self.stream.insert(stream),
                            Err(error) => return Err(self.connection.failed(&error).await),
                        }
                    }
                    None => return Ok(None),
                },
            };
            match stream.next().await {
                Ok(Some(found)) if found.is_intermediate() => {}
                Ok(Some(found)) if found.is_ref() => return Ok(Some(Found::Referral(referral(found.0)))),
                Ok(Some(found)) => {
                    let entry = Entry::parse(found.0)
                        .ok_or_else(|| alien(say!("en post är felaktigt uppbyggd", "an entry is not well-formed")))?;
                    self.page.names.update(entry.dn.as_bytes()).update(&[0]);
                    self.page.entries += 1;
                    return Ok(Some(Found::Entry(entry)));
                }
                Ok(None) => {
                    let result = succeeded(stream.finish().await)?;
                    self.stream = None;
                    self.page.ended()?;
                    self.next = following(&result.ctrls)?;
                }
                Err(error) => return Err(self.connection.failed(&error).await),
            }
        }
    }

    async fn ask(
        &mut self,
        cookie: Vec<u8>,
    ) -> std::result::Result<SearchStream<'static, String, Vec<String>>, LdapError> {
        let Search { base, scope, filter, attributes, page_size, timeout } = &self.search;
        let paged = PagedResults { size: i32::from(*page_size), cookie }.critical();
        let ldap = self.connection.ldap.with_timeout(*timeout).with_controls(paged);
        ldap.streaming_search(base, *scope, filter, attributes.clone()).await
    }
}

/// Where the answer goes on.
fn following(controls: &[Control]) -> Result<Option<Vec<u8>>> {
    let paged = controls.iter().find_map(|Control(_, RawControl { ctype, val, .. })| (ctype == PAGED).then_some(val));
    let Some(value) = paged else { return Ok(None) };
    let cookie = value.as_deref().and_then(cookie).ok_or_else(|| {
        alien(say!("en sida säger inte var nästa börjar", "a page does not say where the next begins"))
    })?;
    Ok(Some(cookie).filter(|cookie| !cookie.is_empty()))
}

impl Page {
    /// A page has ended: was it the one before, once more?
    fn ended(&mut self) -> Result<()> {
        let names = self.names.finalize();
        if self.entries > 0 && self.before.replace(names) == Some(names) {
            return Err(ConnectorError::source(say!(
                "katalogen gav samma sida två gånger",
                "the directory gave the same page twice"
            ))
            .hint(say!(
                "kör igen; anmäl det till katalogens ägare om det fortsätter",
                "run again; if it stays so, report it to the directory's owner"
            ))
            .retryable());
        }
        self.names.reset();
        self.entries = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_comes_twice_is_refused() {
        let mut page = Page::default();
        for name in [b"a", b"b"] {
            page.names.update(name);
            page.entries = 1;
            page.ended().unwrap();
        }
        // Empty pages in between are no page's repetition.
        page.ended().unwrap();
        page.ended().unwrap();
        page.names.update(b"b");
        page.entries = 1;
        assert!(page.ended().is_err());
    }
}
