//! Any bytes as a workbook: they end in rows or in an error, never in a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| sluss_connectors::files::xlsx::fuzz(data));
