//! Fail points: named places where a test may make the process die, as a power cut would.
//!
//! Compiled in always, so that what is tested is what runs; without the variable a call is one
//! comparison.

use std::sync::OnceLock;

/// Names the point at which the process aborts: no destructor runs and nothing is flushed.
pub const VARIABLE: &str = "SLUSS_FAIL_POINT";

static ARMED: OnceLock<Option<String>> = OnceLock::new();

#[expect(clippy::disallowed_methods, reason = "neither configuration nor secret: a switch for tests alone")]
fn armed() -> Option<&'static str> {
    ARMED.get_or_init(|| std::env::var(VARIABLE).ok()).as_deref()
}

/// Aborts the process if the environment variable `SLUSS_FAIL_POINT` holds `name`.
pub fn point(name: &str) {
    if armed() == Some(name) {
        std::process::abort();
    }
}
