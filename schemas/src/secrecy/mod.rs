//! Secrecy as code: who may see what of which contract, on what ground, and until when.
//!
//! Three things decide. A *column* has a class ([`Class`]). A *contract* has a status ([`Status`]),
//! which its services, conditions and contacts share ([`Bond`]). An *outlet* has a clearance
//! ([`Outlet::clears`]): the one table in this module. What a region says of a contract and what the
//! agency has decided become a status in [`Rules::status`]; the register's views say the same in SQL
//! ([`sql`]), and a test holds the two against each other.
//!
//! [`Class`]: crate::table::Class

mod bond;
mod ground;
mod outlet;
mod page;
pub mod sql;
mod status;

pub use bond::{Bond, CONTRACT, Link, applies, contract_name};
pub use ground::{Ground, first_open_day};
pub use outlet::Outlet;
pub use page::page;
pub use status::{Answer, Decided, Decision, OwnTest, Rules, Said, SecretContracts, Status, Verdict};
