//! Panics of the libraries that read files: caught, and reported as that file's failure and no more.
//!
//! What a panic says may quote a cell, so nothing of it is shown: the log gets its place in the code.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Calls under way on this thread whose panics are reported by their callers.
    static CAUGHT: Cell<u32> = const { Cell::new(0) };
}

static HOOK: Once = Once::new();

/// The call panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Panicked;

/// Calls, and gives [`Panicked`] where the call panics. The process's panic hook is not told of it.
pub(crate) fn caught<T>(call: impl FnOnce() -> T) -> Result<T, Panicked> {
    HOOK.call_once(|| {
        let loud = take_hook();
        set_hook(Box::new(move |info| {
            // While a thread ends its variables may be gone: then nobody catches.
            if CAUGHT.try_with(Cell::get).unwrap_or_default() == 0 {
                return loud(info);
            }
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            tracing::debug!(place, "a reader panicked");
        }));
    });
    CAUGHT.set(CAUGHT.get() + 1);
    let outcome = catch_unwind(AssertUnwindSafe(call));
    CAUGHT.set(CAUGHT.get() - 1);
    outcome.map_err(|_| Panicked)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn what_is_caught_is_not_shown_and_the_rest_is() {
        // Nextest gives each test a process of its own, so this hook is nobody else's.
        let shown = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&shown);
        set_hook(Box::new(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
        }));
        assert_eq!(caught(|| 1), Ok(1));
        assert_eq!(caught(|| assert!(shown.load(Ordering::SeqCst) > 9, "quietly")), Err(Panicked));
        assert_eq!(caught(|| caught(|| panic!("within")).is_err()), Ok(true));
        assert_eq!(shown.load(Ordering::SeqCst), 0);
        assert!(catch_unwind(|| panic!("loudly")).is_err());
        assert_eq!(shown.load(Ordering::SeqCst), 1);
    }
}
