//! No panic crosses into C.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::abort;

use super::exit_code::ExitCode;

/// [`panic_guard`] for a function that returns an exit code.
pub(super) fn exit_code_of(body: impl FnOnce() -> Result<(), ExitCode>) -> ExitCode {
    panic_guard(|| body().err().unwrap_or(ExitCode::Ok))
}

/// Run `body`; a panic inside ends the process.
///
/// A C caller has no frames that an unwinding panic could pass, and after one the sink may hold
/// half a frame: to stop is the only answer that loses nothing in silence. Rust has already
/// printed where it happened.
pub(super) fn panic_guard<T>(body: impl FnOnce() -> T) -> T {
    // AssertUnwindSafe: nothing is looked at after a panic.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| abort())
}
