//! The table of functions that C sees; `qiki/include/qiki.h` describes the same bytes.
//!
//! A slot's place and signature are a public contract: append new ones at the end, never move,
//! change or remove one. `tests/hardware/test_c_api_contract.py` compares both sides with a
//! snapshot.

use super::detection_sink::{
    detection_sink_clear, detection_sink_free, detection_sink_length, detection_sink_new,
    detection_sink_push, detection_sink_take,
};
use super::exit_code::ExitCode;
use super::last_error::last_error;
use crate::detection::{DETECTION_SIZE, Detection};
use crate::detection_sink::DetectionSink;

/// Changes only with a change that breaks compiled drivers; a new slot grows `struct_size`.
pub const ABI_VERSION: u32 = 1;

/// `qiki_c_api` of the header.
#[repr(C)]
pub struct CApi {
    /// [`ABI_VERSION`].
    pub abi_version: u32,
    /// Bytes of this table: a slot past it does not exist.
    pub struct_size: u32,
    /// Bytes of one detection record.
    pub detection_size: u32,
    /// Zero.
    pub reserved: u32,
    /// See [`last_error()`].
    pub last_error: unsafe extern "C" fn(*mut u8, usize) -> usize,
    /// See [`detection_sink_new()`].
    pub detection_sink_new: extern "C" fn(usize) -> *mut DetectionSink,
    /// See [`detection_sink_free()`].
    pub detection_sink_free: unsafe extern "C" fn(*mut DetectionSink),
    /// See [`detection_sink_push()`].
    pub detection_sink_push:
        unsafe extern "C" fn(*const DetectionSink, *const Detection, usize) -> ExitCode,
    /// See [`detection_sink_clear()`].
    pub detection_sink_clear: unsafe extern "C" fn(*const DetectionSink) -> ExitCode,
    /// See [`detection_sink_length()`].
    pub detection_sink_length: unsafe extern "C" fn(*const DetectionSink) -> usize,
    /// See [`detection_sink_take()`].
    pub detection_sink_take:
        unsafe extern "C" fn(*const DetectionSink, *mut Detection, usize, *mut usize) -> ExitCode,
}

/// The one table of the process.
pub static TABLE: CApi = CApi {
    abi_version: ABI_VERSION,
    struct_size: size_of::<CApi>() as u32,
    detection_size: DETECTION_SIZE as u32,
    reserved: 0,
    last_error,
    detection_sink_new,
    detection_sink_free,
    detection_sink_push,
    detection_sink_clear,
    detection_sink_length,
    detection_sink_take,
};

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::*;

    /// Slots count from 0 after the 16 bytes of the head. Only append lines here.
    #[test]
    fn slots_keep_their_places() {
        let slot = |offset: usize| (offset - 16) / size_of::<usize>();
        assert_eq!(slot(offset_of!(CApi, last_error)), 0);
        assert_eq!(slot(offset_of!(CApi, detection_sink_new)), 1);
        assert_eq!(slot(offset_of!(CApi, detection_sink_free)), 2);
        assert_eq!(slot(offset_of!(CApi, detection_sink_push)), 3);
        assert_eq!(slot(offset_of!(CApi, detection_sink_clear)), 4);
        assert_eq!(slot(offset_of!(CApi, detection_sink_length)), 5);
        assert_eq!(slot(offset_of!(CApi, detection_sink_take)), 6);
    }

    #[test]
    fn the_head_says_the_sizes() {
        assert_eq!(TABLE.abi_version, 1);
        assert_eq!(TABLE.struct_size as usize, 16 + 7 * size_of::<usize>());
        assert_eq!(TABLE.detection_size, 128);
    }
}
