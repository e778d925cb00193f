//! Connector `rest`: JSON over HTTP, declared in the job.
//!
//! # What it reads
//!
//! The rows of an address, and of all its pages: numbered, by offset, by a token, by the `Link`
//! header, or by an address in the answer. `rows` and `columns` are paths as in the connector `files`
//! (`values[*]`, `../kpi`, `identifier[system=hsa_id].value`). Every column is text, as the source
//! writes it.
//!
//! One address may stand for many: `{name}` in `url` or `query` is filled with each value of `each`,
//! or with what a first request finds (`parent`). The name is then a column too.
//!
//! # Access
//!
//! HTTPS. Who we are: an API key, user and password, a token, OAuth 2 client credentials, and a client
//! certificate (PEM or PKCS#12). Every secret by reference. Plain HTTP only to this machine, unless
//! `allow_http` says otherwise. A wrong certificate is never accepted: name its issuer in `tls.ca`.
//!
//! # Cursor
//!
//! With `incremental`: the latest time (or number) that has been seen, sent back as a parameter next
//! time, `overlap` earlier; and, within a reading, the page. Without it the source is read whole
//! (`mode = "snapshot"`); an address without pages whose answer has an `ETag` or a `Last-Modified` is
//! only asked whether it has changed.
//!
//! # Quirks
//!
//! - An error, a web page, an answer of another kind, a way to the rows that is missing: an error, never
//!   "no rows". What the server answered lies in the landing zone.
//! - Tried again, with growing waits or as the server asks (`Retry-After`): 408, 429, 500, 502–504, and
//!   connections that fail or break. Nothing else; wrong credentials are tried once more with a new
//!   token.
//! - A page that repeats, a token that leads in a circle, an empty page before the end, rows older than
//!   asked for: errors.
//! - Pages by number or offset may lose or repeat rows when the source changes while it is read; a
//!   token or an address does not.
//! - The next page must be on the same server: our credentials go with the request. A server that sends
//!   us on to another one is not told who we are there.
//! - Without `columns`, the first answer's fields are the columns; another field later is an error.
//!
//! # Example
//!
//! Kolada's v3, where the rows stand within rows and the answer has the address of the next page:
//!
//! ```toml
//! [source]
//! connector = "rest"
//! [source.options]
//! url     = "https://api.kolada.se/v3/data/kpi/{kpi}/municipality/0014"
//! each    = { kpi = ["N79001", "N79002"] }
//! rows    = "values[*].values[*]"
//! columns = { kommun = "../municipality", period = "../period", kon = "gender", varde = "value" }
//! paging  = { next_url = { path = "next_url" } }
//! ```
//!
//! Socialstyrelsen's statistics database, with numbered pages and their number in the answer:
//!
//! ```toml
//! [source]
//! connector = "rest"
//! [source.options]
//! url     = "https://sdb.socialstyrelsen.se/api/v1/sv/{amne}/resultat/matt/1"
//! each    = { amne = ["slutenvarden"] }
//! rows    = "data[*]"
//! columns = { region = "regionId", ar = "ar", varde = "varde" }
//! paging  = { page = { parameter = "sida", size_parameter = "per_sida", size = 5000, pages = "sidor" } }
//! ```
//!
//! A region's own interface, with OAuth 2, a function certificate, and only what has changed:
//!
//! ```toml
//! [source]
//! connector = "rest"
//! [source.options]
//! url         = "https://api.region.example/avtal"
//! auth        = { oauth2 = { token_url = "https://inlogg.region.example/token", client_id = "sluss", client_secret = { secret = "avtal_klient" } } }
//! tls         = { certificate = "funktion.pem", key = { secret = "funktion_nyckel" } }
//! rows        = "avtal[*]"
//! columns     = { avtals_id = "id", titel = "titel", andrad = "andrad" }
//! paging      = { cursor = { parameter = "efter", path = "nasta" } }
//! incremental = { parameter = "andrad_efter", column = "andrad", overlap = 600 }
//! requests    = { per_minute = 60 }
//! ```

mod bind;
mod options;
mod plan;
mod source;
#[cfg(test)]
mod tests;
mod walk;

pub use options::{Incremental, Options, Parent};
pub use source::Rest;
