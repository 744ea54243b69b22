//! What is told of a panic: the place in the code. A panic's message may hold what came from outside, an address or
//! worse; it is printed nowhere.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs something; when it panics, where: the file and the line.
pub(crate) fn catch<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    let before = GUARDED.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(run));
    GUARDED.set(before);
    outcome.map_err(|_| {
        let place = PLACE.take();
        place.unwrap_or_else(|| "an unknown place".to_owned())
    })
}

/// Keeps the messages of panics in [`catch`] off standard error. Others are told as before.
pub(crate) fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                return before(info);
            }
            let place = info.location();
            PLACE.set(place.map(|place| format!("{}:{}", place.file(), place.line())));
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::{catch, keep_quiet};

    #[test]
    fn a_panic_is_told_by_its_place_and_not_by_its_message() {
        keep_quiet();
        let place = catch(|| panic!("somebody at 192.0.2.1")).unwrap_err();
        assert!(
            place.contains("panics.rs:") && !place.contains("192"),
            "{place}"
        );
        assert_eq!(catch(|| 5), Ok(5));
    }
}
