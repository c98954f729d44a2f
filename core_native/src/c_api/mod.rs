//! The C face: one append-only table of functions, described to C by `qiki/include/qiki.h`.
//!
//! The library exports no C symbols; a driver reaches the table through the capsule
//! `qiki._core._C_API`. Every function runs in [`panic_guard`], checks its pointers in
//! [`pointers`], and returns an [`ExitCode`](exit_code::ExitCode) or a null pointer, with the
//! sentence kept for the calling thread in [`last_error`].

pub mod detection_sink;
pub mod exit_code;
pub mod last_error;
mod panic_guard;
mod pointers;
pub mod table;
