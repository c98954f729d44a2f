//! What a transponder answered, as the radar understands it, and the record of it.

use crate::detection::{Detection, present, transponder_mode};
use crate::scene::transponder::{FOOT_M, Transponder};

/// Parts of a record that a reply gives.
pub const REPLIED: u32 = present::IDENTITY | present::HEIGHT;

/// Who somebody says to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// One of [`transponder_mode`]; off when nothing was answered.
    pub mode: u8,
    /// The identity claimed in text, padded with zero bytes; empty when none was.
    pub id: [u8; 32],
}

impl Reply {
    /// Nothing answered.
    pub const NONE: Self = Self { mode: transponder_mode::OFF, id: [0; 32] };

    /// An answer that names nobody in text.
    pub const UNNAMED: Self = Self { mode: transponder_mode::ON, id: [0; 32] };

    /// What `transponder` answers. A false reply looks like a true one unless the radar has
    /// recognised it.
    #[inline(always)]
    pub const fn of(transponder: &Transponder, recognised: bool) -> Self {
        match transponder.mode {
            transponder_mode::SPOOF if recognised => {
                Self { mode: transponder_mode::SPOOF, id: transponder.id }
            }
            transponder_mode::ON | transponder_mode::SPOOF => {
                Self { mode: transponder_mode::ON, id: transponder.id }
            }
            _ => Self::NONE,
        }
    }
}

/// Write what was answered into a record.
#[inline(always)]
pub fn set_reply(record: &mut Detection, reply: Reply) {
    if reply.mode == transponder_mode::OFF {
        return;
    }
    let has_id = reply.id[0] != 0;
    record.present |= present::TRANSPONDER_REPLY;
    record.present |= if has_id { present::TRANSPONDER_ID } else { 0 };
    record.transponder_mode = reply.mode;
    record.transponder_id = reply.id;
}

/// Write the numbers that were answered into a record.
pub fn set_codes(record: &mut Detection, mode_3a: Option<u16>, address: Option<u32>) {
    if let Some(code) = mode_3a {
        record.present |= present::MODE_3A;
        record.mode_3a = code;
    }
    if let Some(address) = address {
        record.present |= present::ADDRESS;
        record.address = address;
    }
}

/// Write the altitude that was answered, in steps of `step_ft`, as a height over the radar, which
/// stands at `own_height_m`. What rounding to the step leaves is even in it: σ = step / √12.
pub fn set_height(record: &mut Detection, altitude_ft: i32, step_ft: i32, own_height_m: f64) {
    record.present |= present::HEIGHT;
    record.height_m = f64::from(altitude_ft) * FOOT_M - own_height_m;
    record.height_std_m = (f64::from(step_ft) * FOOT_M / 12.0_f64.sqrt()) as f32;
}

/// Exchange all that was replied in two records.
pub const fn swap_replies(one: &mut Detection, other: &mut Detection) {
    let bits = (one.present ^ other.present) & REPLIED;
    one.present ^= bits;
    other.present ^= bits;
    std::mem::swap(&mut one.address, &mut other.address);
    std::mem::swap(&mut one.mode_3a, &mut other.mode_3a);
    std::mem::swap(&mut one.height_m, &mut other.height_m);
    std::mem::swap(&mut one.height_std_m, &mut other.height_std_m);
    std::mem::swap(&mut one.transponder_mode, &mut other.transponder_mode);
    std::mem::swap(&mut one.transponder_id, &mut other.transponder_id);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_false_reply_looks_true_until_recognised() {
        let transponder = |mode| Transponder { mode, id: [b'A'; 32], ..Transponder::default() };
        let spoof = transponder(transponder_mode::SPOOF);
        assert_eq!(Reply::of(&spoof, false).mode, transponder_mode::ON);
        assert_eq!(Reply::of(&spoof, true).mode, transponder_mode::SPOOF);
        assert_eq!(Reply::of(&transponder(transponder_mode::ON), true).mode, transponder_mode::ON);
        for mode in [transponder_mode::OFF, transponder_mode::SILENT] {
            assert_eq!(Reply::of(&transponder(mode), true), Reply::NONE);
        }
    }

    #[test]
    fn swapping_exchanges_what_was_replied_and_nothing_else() {
        let mut one = Detection::absent(1);
        (one.present, one.range_m, one.range_std_m) = (present::RANGE, 5.0, 1.0);
        let mut other = Detection::absent(2);
        set_reply(&mut one, Reply { mode: transponder_mode::ON, id: [b'A'; 32] });
        set_reply(&mut other, Reply { mode: transponder_mode::SPOOF, id: [0; 32] });
        set_codes(&mut other, Some(0o7000), Some(0xabc));
        set_height(&mut other, 1000, 100, 4.8);
        let (before, mut expected) = (one, other);
        swap_replies(&mut one, &mut other);
        assert_eq!((one.time_ns, one.range_m, other.time_ns), (1, 5.0, 2));
        assert_eq!((one.mode_3a, one.address, one.height_m), (0o7000, 0xabc, 300.0));
        assert_eq!(one.present, present::RANGE | expected.present);
        assert!(other.has(present::TRANSPONDER_ID) && other.height_m.is_nan());
        swap_replies(&mut one, &mut other);
        assert_eq!(format!("{one:?}"), format!("{before:?}"));
        swap_replies(&mut expected, &mut one);
        assert!(expected.has(present::TRANSPONDER_ID) && one.has(present::MODE_3A));
    }
}
