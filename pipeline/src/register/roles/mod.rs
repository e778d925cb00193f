//! Ownership in PostgreSQL: roles, and policies by which the database itself keeps owners apart.
//!
//! | role | is | reads | writes |
//! |---|---|---|---|
//! | `…_inlasning` | the pipeline's login, or a group that it is in | everything | the ledger; national rows and events only as an owner |
//! | `…_agare_22` | taken on by the pipeline while it publishes for 22, and by nobody else | everything that a publication compares with | rows, events and ledger of 22 |
//! | `…_region_22` | logins of region 22 | what is 22's, also as it was; the cleared views | nothing |
//! | `…_vardlots` | the care guides' services | the cleared views | nothing |
//! | `…_drift` | operators | the ledger; national rows, open columns | nothing |
//! | `…_analys` | analysts | the cleared views | nothing |
//!
//! A policy asks the server which roles the one who asks has ([`sluss_agare`](super)), never a
//! setting: a session cannot speak for another. Row-level security is *forced*, so that the tables'
//! owner too writes national rows only in an owner's role. An installation without roles (SQLite,
//! or one login) works as it is: then only the program keeps owners apart.

mod apply;
mod script;

pub(crate) use apply::{Capacity, leave_role, lower, publishing_role, raise, take_role};
pub use script::Roles;
