//! Telling the processor what will be needed soon: memory that is far away arrives while other
//! work goes on. No result depends on it; where a processor has no such instruction, nothing is done.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{_MM_HINT_ET0, _MM_HINT_T0, _mm_prefetch};

/// Bytes that come together.
const LINE_BYTES: usize = 64;

/// Fetch `value`, to be read.
#[inline(always)]
pub fn to_read<T>(value: &T) {
    for line in lines(value) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a prefetch reads nothing and faults nowhere, whatever the address.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(line);
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = line;
    }
}

/// Fetch `value`, to be written.
#[inline(always)]
pub fn to_write<T>(value: &mut T) {
    for line in lines(value) {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: a prefetch writes nothing and faults nowhere, whatever the address.
        unsafe {
            _mm_prefetch::<_MM_HINT_ET0>(line);
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = line;
    }
}

/// An address in each line that holds a part of `value`, but for the last one of a value that
/// begins within a line.
#[inline(always)]
fn lines<T>(value: &T) -> impl Iterator<Item = *const i8> {
    let first = std::ptr::from_ref(value).cast::<i8>();
    (0..size_of::<T>()).step_by(LINE_BYTES).map(move |offset| first.wrapping_add(offset))
}
