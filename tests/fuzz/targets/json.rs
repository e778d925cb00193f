//! Any bytes as JSON and NDJSON: they end in rows or in an error, never in a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| sluss_connectors::files::json::fuzz(data));
