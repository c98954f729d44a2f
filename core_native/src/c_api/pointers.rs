//! Every pointer that C gives passes here.

use super::exit_code::ExitCode;
use super::last_error::fail;

/// The object that `pointer` names, or the code and sentence of what is wrong with it.
///
/// # Safety
/// A pointer that is neither null nor misaligned points to a `T` that lives for `'a` and that
/// nobody changes meanwhile except through `T`'s own locks.
pub(super) unsafe fn reference<'a, T>(name: &str, pointer: *const T) -> Result<&'a T, ExitCode> {
    check(name, pointer)?;
    // SAFETY: not null and aligned by `check`; the rest is the caller's word.
    Ok(unsafe { &*pointer })
}

/// The `length` records from `pointer` on. With a length of 0 the pointer is not looked at.
///
/// # Safety
/// A pointer that is neither null nor misaligned points to `length` initialised `T`s that live
/// for `'a` and that nobody changes meanwhile.
pub(super) unsafe fn slice<'a, T>(
    name: &str,
    pointer: *const T,
    length: usize,
) -> Result<&'a [T], ExitCode> {
    if length == 0 {
        return Ok(&[]);
    }
    check_span::<T>(name, pointer, length)?;
    // SAFETY: not null, aligned and of a possible size; the rest is the caller's word.
    Ok(unsafe { std::slice::from_raw_parts(pointer, length) })
}

/// Copy `records` to `target`, which has room for them. With none the pointer is not looked at.
///
/// # Safety
/// A pointer that is neither null nor misaligned has room for all of `records`, and nobody else
/// uses that memory during the call.
pub(super) unsafe fn copy_out<T: Copy>(
    name: &str,
    records: &[T],
    target: *mut T,
) -> Result<(), ExitCode> {
    if records.is_empty() {
        return Ok(());
    }
    check(name, target)?;
    // SAFETY: not null and aligned; the caller gives the room, apart from our own memory.
    unsafe { target.copy_from_nonoverlapping(records.as_ptr(), records.len()) };
    Ok(())
}

/// Store `value` where `target` points.
///
/// # Safety
/// A pointer that is neither null nor misaligned may be written by this thread alone.
pub(super) unsafe fn store<T>(name: &str, value: T, target: *mut T) -> Result<(), ExitCode> {
    check(name, target)?;
    // SAFETY: not null and aligned; the rest is the caller's word.
    unsafe { target.write(value) };
    Ok(())
}

/// Refuse a null or misaligned pointer.
pub(super) fn check<T>(name: &str, pointer: *const T) -> Result<(), ExitCode> {
    if pointer.is_null() {
        let sentence = format!("{name} is null, must point to memory: pass a valid pointer");
        return Err(fail(ExitCode::NullPointer, sentence));
    }
    if !pointer.is_aligned() {
        let sentence = format!(
            "{name} is {pointer:p}, must be a multiple of {}: align the memory",
            align_of::<T>()
        );
        return Err(fail(ExitCode::MisalignedPointer, sentence));
    }
    Ok(())
}

fn check_span<T>(name: &str, pointer: *const T, length: usize) -> Result<(), ExitCode> {
    check(name, pointer)?;
    // `from_raw_parts` needs the bytes to be at most `isize::MAX`.
    let limit = isize::MAX as usize / size_of::<T>();
    if length > limit {
        let sentence = format!("{name} has {length} records, must be at most {limit}");
        return Err(fail(ExitCode::CountTooLarge, sentence));
    }
    Ok(())
}
