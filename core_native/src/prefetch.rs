//! Telling the processor what will be needed soon: memory that is far away arrives while other
//! work goes on. No result depends on it; where there is no such instruction in stable Rust, on all
//! but x86-64, nothing is done.

/// Bytes that come together.
#[cfg(target_arch = "x86_64")]
const LINE_BYTES: usize = 64;

/// Fetch `value`, to be read or written.
#[inline(always)]
#[cfg_attr(not(target_arch = "x86_64"), expect(unused_variables, reason = "nothing to do"))]
pub fn soon<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    for offset in (0..size_of::<T>()).step_by(LINE_BYTES) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let line = std::ptr::from_ref(value).cast::<i8>().wrapping_add(offset);
        // SAFETY: a prefetch reads nothing and faults nowhere, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line) };
    }
}
