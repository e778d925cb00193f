//! CSV: never a panic, and every byte accounted for. The first two bytes choose the sizes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let [rows, limit, text @ ..] = data {
        sluss_connectors::files::account::csv(text, usize::from(*rows) + 1, usize::from(*limit) + 1);
    }
});
