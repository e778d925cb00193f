//! tmp
use crate::run::Outcome;
use crate::error::Result;
pub fn of(outcome:&Outcome, _t:&sluss_schemas::table::Tables, _e:&[crate::ledger::QuarantineRow], _n: chrono::DateTime<chrono::Utc>) -> Result<(serde_json::Value,String)> { Ok((serde_json::to_value(outcome).unwrap(), String::new())) }
