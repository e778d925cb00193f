//! Fixed fields: never a panic, and every line accounted for. The first byte chooses the chunk's size.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let [rows, text @ ..] = data {
        sluss_connectors::files::account::fixed(text, usize::from(*rows) + 1);
    }
});
