//! The sentence of the last refusal, kept per thread as C's errno is.

use std::cell::RefCell;

use super::exit_code::ExitCode;
use super::panic_guard::panic_guard;
use crate::error::Error;

thread_local! {
    static SENTENCE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keep `sentence` for [`last_error`] and pass `code` on.
pub(super) fn fail(code: ExitCode, sentence: String) -> ExitCode {
    SENTENCE.set(sentence);
    code
}

/// Keep the sentence of `error`; its code.
pub(super) fn keep(error: &Error) -> ExitCode {
    fail(ExitCode::from(error), error.to_string())
}

/// Copy the calling thread's last refusal into `buffer`, cut to `capacity - 1` bytes and closed
/// by a zero byte; returns its whole length in bytes without the zero.
///
/// # Safety
/// `buffer` is null, or `capacity` bytes from it may be written and nobody else uses them during
/// the call.
pub unsafe extern "C" fn last_error(buffer: *mut u8, capacity: usize) -> usize {
    panic_guard(|| {
        SENTENCE.with_borrow(|sentence| {
            if !buffer.is_null() && capacity > 0 {
                let shown = char_boundary(sentence, capacity - 1);
                // SAFETY: the caller gives `capacity` bytes, `shown` is below it, and a String
                // of this thread cannot overlap them.
                unsafe {
                    buffer.copy_from_nonoverlapping(sentence.as_ptr(), shown);
                    buffer.add(shown).write(0);
                }
            }
            sentence.len()
        })
    })
}

/// The last place in `text`, at most `limit`, between two characters.
fn char_boundary(text: &str, limit: usize) -> usize {
    let at_most = limit.min(text.len());
    (0..=at_most).rev().find(|&place| text.is_char_boundary(place)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(capacity: usize) -> (usize, Vec<u8>) {
        let mut buffer = vec![b'#'; 16];
        // SAFETY: `capacity` is at most the 16 bytes of `buffer`.
        let length = unsafe { last_error(buffer.as_mut_ptr(), capacity) };
        (length, buffer)
    }

    #[test]
    fn the_sentence_is_cut_between_characters() {
        fail(ExitCode::Full, "5 \u{b5}s late".into());
        assert_eq!(read(16), (10, b"5 \xc2\xb5s late\0#####".to_vec()));
        assert_eq!(read(4), (10, b"5 \0#############".to_vec()));
        assert_eq!(read(1), (10, b"\0###############".to_vec()));
        assert_eq!(read(0), (10, b"################".to_vec()));
    }

    #[test]
    fn a_null_buffer_asks_for_the_length() {
        fail(ExitCode::Full, "four".into());
        // SAFETY: a null buffer is allowed.
        assert_eq!(unsafe { last_error(std::ptr::null_mut(), 9) }, 4);
    }

    #[test]
    fn each_thread_has_its_own() {
        fail(ExitCode::Full, "mine".into());
        let other = std::thread::spawn(|| read(16).0).join().unwrap();
        assert_eq!((other, read(16).0), (0, 4));
    }
}
