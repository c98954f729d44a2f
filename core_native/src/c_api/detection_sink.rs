//! [`DetectionSink`] for C.

use std::ptr;

use super::exit_code::ExitCode;
use super::last_error::{fail, keep};
use super::panic_guard::{exit_code_of, panic_guard};
use super::pointers::{check, copy_out, reference, slice, store};
use crate::detection::Detection;
use crate::detection_sink::DetectionSink;

/// A sink for at most `capacity` detections; null when refused. The caller owns it and gives it
/// back to [`detection_sink_free`].
pub extern "C" fn detection_sink_new(capacity: usize) -> *mut DetectionSink {
    panic_guard(|| match DetectionSink::new(capacity) {
        Ok(sink) => Box::into_raw(Box::new(sink)),
        Err(error) => {
            keep(&error);
            ptr::null_mut()
        }
    })
}

/// End a sink; null is allowed.
///
/// # Safety
/// `sink` is null or came from [`detection_sink_new`], was not freed before, and no thread uses it.
pub unsafe extern "C" fn detection_sink_free(sink: *mut DetectionSink) {
    panic_guard(|| {
        if !sink.is_null() {
            // SAFETY: the caller's word: a Box made by `detection_sink_new` and used no more.
            drop(unsafe { Box::from_raw(sink) });
        }
    });
}

/// Copy `count` records into the sink, all or none. Any thread may call it.
///
/// # Safety
/// `sink` is alive; `records` points to `count` records that nobody changes during the call.
pub unsafe extern "C" fn detection_sink_push(
    sink: *const DetectionSink,
    records: *const Detection,
    count: usize,
) -> ExitCode {
    exit_code_of(|| {
        // SAFETY: the caller's word, passed on; a sink changes only under its own lock.
        let (sink, records) =
            unsafe { (reference("sink", sink)?, slice("records", records, count)?) };
        sink.push(records).map_err(|error| keep(&error))
    })
}

/// Forget what waits in the sink. Any thread may call it.
///
/// # Safety
/// `sink` is alive.
pub unsafe extern "C" fn detection_sink_clear(sink: *const DetectionSink) -> ExitCode {
    exit_code_of(|| {
        // SAFETY: the caller's word, passed on.
        unsafe { reference("sink", sink) }?.clear();
        Ok(())
    })
}

/// Detections that wait in the sink; 0 for a null sink. Any thread may call it.
///
/// # Safety
/// `sink` is null or alive.
pub unsafe extern "C" fn detection_sink_length(sink: *const DetectionSink) -> usize {
    // SAFETY: the caller's word, passed on.
    panic_guard(|| unsafe { reference("sink", sink) }.map_or(0, DetectionSink::len))
}

/// Move everything that waits to `records` and its number to `taken`. Where `capacity` records
/// are too few, nothing moves and `taken` says how many are needed. Any thread may call it.
///
/// # Safety
/// `sink` is alive; `records` has room for `capacity` records, `taken` for one number, and nobody
/// else uses that memory during the call.
pub unsafe extern "C" fn detection_sink_take(
    sink: *const DetectionSink,
    records: *mut Detection,
    capacity: usize,
    taken: *mut usize,
) -> ExitCode {
    // SAFETY: the caller's word, passed on.
    exit_code_of(|| unsafe { take(sink, records, capacity, taken) })
}

/// # Safety
/// As for [`detection_sink_take`].
unsafe fn take(
    sink: *const DetectionSink,
    records: *mut Detection,
    capacity: usize,
    taken: *mut usize,
) -> Result<(), ExitCode> {
    // SAFETY: the caller's word, passed on.
    let sink = unsafe { reference("sink", sink) }?;
    check("taken", taken)?;
    sink.try_drain_with(|waiting| {
        // SAFETY: the caller's word, passed on.
        unsafe { store("taken", waiting.len(), taken) }?;
        if waiting.len() > capacity {
            let sentence = format!(
                "records has room for {capacity} detections, {} wait: pass a larger buffer",
                waiting.len()
            );
            return Err(fail(ExitCode::Full, sentence));
        }
        // SAFETY: at most `capacity` records, for which the caller gives room.
        unsafe { copy_out("records", waiting, records) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::c_api::last_error::last_error;

    /// A sink that frees itself, used as C would use it.
    struct Handle(*mut DetectionSink);

    impl Handle {
        fn new(capacity: usize) -> Self {
            Self(detection_sink_new(capacity))
        }

        fn push(&self, records: &[Detection]) -> ExitCode {
            // SAFETY: the sink lives as long as `self`, the records as long as the borrow.
            unsafe { detection_sink_push(self.0, records.as_ptr(), records.len()) }
        }

        fn length(&self) -> usize {
            // SAFETY: as for `push`.
            unsafe { detection_sink_length(self.0) }
        }

        fn take(&self, room: &mut [Detection]) -> (ExitCode, usize) {
            let mut taken = usize::MAX;
            // SAFETY: as for `push`, with room for as many records as `room` has.
            let code =
                unsafe { detection_sink_take(self.0, room.as_mut_ptr(), room.len(), &mut taken) };
            (code, taken)
        }
    }

    impl Drop for Handle {
        fn drop(&mut self) {
            // SAFETY: made by `detection_sink_new`, freed once.
            unsafe { detection_sink_free(self.0) };
        }
    }

    fn sentence() -> String {
        let mut buffer = [0_u8; 256];
        // SAFETY: the length is the buffer's.
        let length = unsafe { last_error(buffer.as_mut_ptr(), buffer.len()) };
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    }

    #[test]
    fn what_is_pushed_is_taken() {
        let sink = Handle::new(3);
        assert_eq!(sink.push(&[Detection::absent(1), Detection::absent(2)]), ExitCode::Ok);
        assert_eq!(sink.length(), 2);
        let mut room = [Detection::absent(0); 3];
        assert_eq!(sink.take(&mut room), (ExitCode::Ok, 2));
        assert_eq!(room.map(|detection| detection.time_ns), [1, 2, 0]);
        assert_eq!(sink.take(&mut []), (ExitCode::Ok, 0));
    }

    #[test]
    fn a_small_buffer_takes_nothing_and_says_how_many_wait() {
        let sink = Handle::new(3);
        sink.push(&[Detection::absent(1), Detection::absent(2)]);
        assert_eq!(sink.take(&mut [Detection::absent(0)]), (ExitCode::Full, 2));
        assert_eq!(sentence(), "records has room for 1 detections, 2 wait: pass a larger buffer");
        assert_eq!(sink.length(), 2);
        // SAFETY: the sink lives.
        assert_eq!(unsafe { detection_sink_clear(sink.0) }, ExitCode::Ok);
        assert_eq!(sink.length(), 0);
    }

    #[test]
    fn refusals_have_a_code_of_their_family_and_a_sentence() {
        let sink = Handle::new(1);
        let mut broken = Detection::absent(0);
        broken.snr_db = f32::INFINITY;
        assert_eq!(sink.push(&[broken]), ExitCode::FrameRefused);
        assert!(sentence().starts_with("frame: detections[0].snr_db is inf"), "{}", sentence());
        assert_eq!(sink.push(&[Detection::absent(0); 2]), ExitCode::Full);
        assert!(sentence().starts_with("detection sink holds 1 entries, 2 wanted"));
        assert!(detection_sink_new(0).is_null());
        assert!(sentence().starts_with("capacity is 0, must be 1 to"));
    }

    #[test]
    fn bad_pointers_are_refused() {
        let sink = Handle::new(1);
        let record = Detection::absent(0);
        let odd = ptr::from_ref(&record).wrapping_byte_add(1);
        // SAFETY: the pointers under test are refused before they are used.
        unsafe {
            assert_eq!(detection_sink_push(ptr::null(), &record, 1), ExitCode::NullPointer);
            assert_eq!(sentence(), "sink is null, must point to memory: pass a valid pointer");
            assert_eq!(detection_sink_push(sink.0, ptr::null(), 1), ExitCode::NullPointer);
            assert_eq!(detection_sink_push(sink.0, ptr::null(), 0), ExitCode::Ok);
            assert_eq!(detection_sink_push(sink.0, odd, 1), ExitCode::MisalignedPointer);
            assert_eq!(detection_sink_push(sink.0, &record, usize::MAX), ExitCode::CountTooLarge);
            assert_eq!(detection_sink_clear(ptr::null()), ExitCode::NullPointer);
            assert_eq!(detection_sink_length(ptr::null()), 0);
            detection_sink_free(ptr::null_mut());
        }
        assert_eq!(sink.length(), 0);
    }

    #[test]
    fn taking_checks_both_targets_before_anything_moves() {
        let sink = Handle::new(1);
        sink.push(&[Detection::absent(7)]);
        let mut taken = 0;
        // SAFETY: the pointers under test are refused before they are used.
        unsafe {
            let no_count = detection_sink_take(sink.0, ptr::null_mut(), 1, ptr::null_mut());
            assert_eq!(no_count, ExitCode::NullPointer);
            let no_room = detection_sink_take(sink.0, ptr::null_mut(), 1, &mut taken);
            assert_eq!(no_room, ExitCode::NullPointer);
        }
        assert_eq!(sink.length(), 1);
    }
}
