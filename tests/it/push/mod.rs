//! What regions hand in: a real listener on a free port, spoken to as their systems speak to it.

mod capacity;
mod certificates;
mod crash;
mod described;
mod errors;
mod events;
mod forms;
mod listener;
mod once;
mod secrets;
mod submit;

use serde_json::{Value, json};

pub(crate) use listener::{Listener, Reply, TOKENS, client, project};

/// A contract of a region as a row.
pub(crate) fn row(lanskod: &str, number: usize) -> Value {
    json!({
        "lanskod": lanskod,
        "avtals_id": format!("P-{number:03}"),
        "titel": format!("Exempelavtal {number}"),
        "giltig_fran": "2026-01-01",
    })
}

/// So many contracts of a region, as a JSON text.
pub(crate) fn rows(lanskod: &str, count: usize) -> String {
    json!((0..count).map(|n| row(lanskod, n)).collect::<Vec<_>>()).to_string()
}
