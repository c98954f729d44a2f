//! The plots of one frame: gathered in blocks of lanes, written as records in their final order.

use crate::detection::{Detection, present, range_band, transponder_mode};
use crate::radar::plot_lanes::PlotLanes;
use crate::radar::sensor::Sensor;
use crate::scene::scenario::Transponder;
use crate::simd::LANES;

/// `truth` of a detection that no target made.
pub const NO_TARGET: i32 = -1;

/// The plots of one frame while they are gathered; its memory is used again by the next.
#[derive(Clone, Debug, Default)]
pub struct Plots {
    blocks: Vec<PlotBlock>,
    /// One key per plot: its bearing in the high bits, where it stands in the low ones.
    keys: Vec<u64>,
}

/// Eight plots and whose they are; not every lane need be one.
#[derive(Clone, Debug)]
pub struct PlotBlock {
    /// What was measured.
    pub plots: PlotLanes,
    /// Index in the scenario of the target behind each plot, or [`NO_TARGET`].
    pub truth: [i32; LANES],
    /// Whether a false reply of the target is recognised.
    pub recognised: [bool; LANES],
}

impl Plots {
    /// Forget the last frame.
    pub fn clear(&mut self) {
        self.blocks.clear();
        self.keys.clear();
    }

    /// Add the lanes of `block` that are detections.
    #[inline(always)]
    pub fn push(&mut self, block: PlotBlock, is_detection: &[bool; LANES]) {
        let first = (self.blocks.len() * LANES) as u64;
        for lane in 0..LANES {
            if is_detection[lane] {
                let bearing_deg = block.plots.measured.bearing_deg[lane];
                self.keys.push(order_key(bearing_deg, first + lane as u64));
            }
        }
        self.blocks.push(block);
    }

    /// Detections and their truth, by bearing: an order that tells nothing of the targets.
    ///
    /// Plots of equal bearing (to 2^-43 of a turn) stay in the order in which they were added,
    /// which the callers keep independent of the order of the scenario. `transponder_of` gives
    /// the transponder of a target by its index.
    pub fn in_order<'a>(
        &mut self,
        sensor: &Sensor,
        time_ns: i64,
        transponder_of: impl Fn(usize) -> &'a Transponder,
    ) -> (Vec<Detection>, Vec<i32>) {
        self.keys.sort_unstable();
        let blank = blank_record(sensor, time_ns);
        let places = || self.keys.iter().map(|key| (key & INDEX_MASK) as usize);
        let record = |place| {
            let block: &PlotBlock = &self.blocks[place / LANES];
            let mut record = measured_record(&blank, &block.plots, place % LANES);
            record.range_band = range_band::LONG;
            if record.range_m <= sensor.sr_threshold_m {
                record.range_band = range_band::SHORT;
                let (truth, recognised) =
                    (block.truth[place % LANES], block.recognised[place % LANES]);
                if let Ok(target) = usize::try_from(truth) {
                    set_reply(&mut record, Reply::of(transponder_of(target), recognised));
                }
            }
            record
        };
        let detections = places().map(record).collect();
        let truth = places().map(|place| self.blocks[place / LANES].truth[place % LANES]);
        (detections, truth.collect())
    }
}

/// Low bits of an order key: where the plot stands.
const INDEX_BITS: u32 = 21;
const INDEX_MASK: u64 = (1 << INDEX_BITS) - 1;

#[inline(always)]
fn order_key(bearing_deg: f64, index: u64) -> u64 {
    let turns = bearing_deg * (1.0 / 360.0);
    ((turns * (1_u64 << (64 - INDEX_BITS)) as f64) as u64) << INDEX_BITS | index
}

/// A record with everything that all plots of a frame share.
fn blank_record(sensor: &Sensor, time_ns: i64) -> Detection {
    let mut blank = Detection::absent(time_ns);
    blank.present = present::RANGE | present::BEARING | present::SNR | present::RCS;
    blank.present |= if sensor.elevation.is_some() { present::ELEVATION } else { 0 };
    blank.present |= if sensor.range_rate.is_some() { present::RANGE_RATE } else { 0 };
    blank
}

#[inline(always)]
fn measured_record(blank: &Detection, plots: &PlotLanes, lane: usize) -> Detection {
    let mut record = *blank;
    record.range_m = plots.measured.range_m[lane];
    record.range_std_m = plots.range_std_m[lane];
    record.bearing_deg = plots.measured.bearing_deg[lane];
    record.bearing_std_deg = plots.bearing_std_deg[lane];
    if record.has(present::ELEVATION) {
        record.elevation_deg = plots.measured.elevation_deg[lane];
        record.elevation_std_deg = plots.elevation_std_deg[lane];
    }
    if record.has(present::RANGE_RATE) {
        record.range_rate_m_s = plots.measured.range_rate_m_s[lane];
        record.range_rate_std_m_s = plots.range_rate_std_m_s[lane];
    }
    record.snr_db = plots.snr_db[lane];
    record.rcs_dbsm = plots.rcs_dbsm[lane];
    record
}

/// What a transponder answered, as the radar understands it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// One of [`transponder_mode`]; off when nothing was answered.
    pub mode: u8,
    /// The identity claimed, padded with zero bytes.
    pub id: [u8; 32],
}

impl Reply {
    /// Nothing answered.
    pub const NONE: Self = Self { mode: transponder_mode::OFF, id: [0; 32] };

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

#[inline(always)]
fn set_reply(record: &mut Detection, reply: Reply) {
    if reply.mode == transponder_mode::OFF {
        return;
    }
    record.present |= present::TRANSPONDER_REPLY | present::TRANSPONDER_ID;
    record.transponder_mode = reply.mode;
    record.transponder_id = reply.id;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_false_reply_looks_true_until_recognised() {
        let transponder = |mode| Transponder { mode, id: [b'A'; 32] };
        let spoof = transponder(transponder_mode::SPOOF);
        assert_eq!(Reply::of(&spoof, false).mode, transponder_mode::ON);
        assert_eq!(Reply::of(&spoof, true).mode, transponder_mode::SPOOF);
        assert_eq!(Reply::of(&transponder(transponder_mode::ON), true).mode, transponder_mode::ON);
        for mode in [transponder_mode::OFF, transponder_mode::SILENT] {
            assert_eq!(Reply::of(&transponder(mode), true), Reply::NONE);
        }
    }

    #[test]
    fn order_keys_follow_the_bearing_then_the_index() {
        assert!(order_key(0.0, 5) < order_key(1e-9, 0));
        assert!(order_key(10.0, 5) > order_key(10.0, 4));
        assert!(order_key(360.0_f64.next_down(), 0) > order_key(359.999_999, INDEX_MASK));
    }
}
