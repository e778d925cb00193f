//! Fail points: named places in the commit protocol where a test can end the process.

use std::sync::OnceLock;

/// Ends the process here if the environment names this point in `SLUSS_FAIL_POINT`.
///
/// Always compiled in, so that what is tested is what runs; it costs one comparison.
#[expect(clippy::disallowed_methods, reason = "the only switch that must not be a configuration")]
pub fn point(name: &str) {
    static NAMED: OnceLock<Option<String>> = OnceLock::new();
    if NAMED.get_or_init(|| std::env::var("SLUSS_FAIL_POINT").ok()).as_deref() == Some(name) {
        std::process::abort();
    }
}
