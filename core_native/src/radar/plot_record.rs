//! From measured plots to detection records in their final order.

use crate::detection::{Detection, present, range_band, transponder_mode};
use crate::radar::plot_lanes::PlotLanes;
use crate::radar::sensor::Sensor;
use crate::scene::scenario::Transponder;

/// `truth` of a detection that no target made.
pub const NO_TARGET: i32 = -1;

/// The plots of one frame while they are gathered.
#[derive(Clone, Debug)]
pub struct Plots {
    detections: Vec<Detection>,
    truth: Vec<i32>,
    /// A record with everything that all plots of the frame share.
    blank: Detection,
    sr_threshold_m: f64,
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

impl Plots {
    /// No plots yet, room for `capacity`.
    pub fn new(sensor: &Sensor, time_ns: i64, capacity: usize) -> Self {
        let mut blank = Detection::absent(time_ns);
        blank.present = present::RANGE | present::BEARING | present::SNR | present::RCS;
        blank.present |= if sensor.elevation.is_some() { present::ELEVATION } else { 0 };
        blank.present |= if sensor.range_rate.is_some() { present::RANGE_RATE } else { 0 };
        Self {
            detections: Vec::with_capacity(capacity),
            truth: Vec::with_capacity(capacity),
            blank,
            sr_threshold_m: sensor.sr_threshold_m,
        }
    }

    /// Add the plot in `lane`. Only a plot of the short range keeps its reply.
    #[inline(always)]
    pub fn push(&mut self, plots: &PlotLanes, lane: usize, truth: i32, reply: impl Fn() -> Reply) {
        let mut record = self.blank;
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
        record.snr_db = plots.snr_db[lane] as f32;
        record.rcs_dbsm = plots.rcs_dbsm[lane] as f32;
        record.range_band = range_band::LONG;
        if record.range_m <= self.sr_threshold_m {
            record.range_band = range_band::SHORT;
            set_reply(&mut record, reply());
        }
        self.detections.push(record);
        self.truth.push(truth);
    }

    /// Detections and their truth, by bearing: an order that tells nothing of the targets.
    ///
    /// Plots of equal bearing (to 2^-43 of a turn) stay in the order in which they were added,
    /// which the callers keep independent of the order of the scenario.
    pub fn in_order(self) -> (Vec<Detection>, Vec<i32>) {
        let mut keys: Vec<u64> = self.detections.iter().zip(0..).map(order_key).collect();
        keys.sort_unstable();
        let indices = || keys.iter().map(|key| (key & INDEX_MASK) as usize);
        let detections = indices().map(|index| self.detections[index]).collect();
        (detections, indices().map(|index| self.truth[index]).collect())
    }
}

/// Low bits of an order key: the index of the plot.
const INDEX_BITS: u32 = 21;
const INDEX_MASK: u64 = (1 << INDEX_BITS) - 1;

fn order_key((detection, index): (&Detection, u64)) -> u64 {
    let turns = detection.bearing_deg * (1.0 / 360.0);
    ((turns * (1_u64 << (64 - INDEX_BITS)) as f64) as u64) << INDEX_BITS | index
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
        let key = |bearing_deg, index| {
            let mut detection = Detection::absent(0);
            detection.bearing_deg = bearing_deg;
            order_key((&detection, index))
        };
        assert!(key(0.0, 5) < key(1e-9, 0));
        assert!(key(10.0, 5) > key(10.0, 4));
        assert!(key(360.0_f64.next_down(), 0) > key(359.999_999, INDEX_MASK));
    }
}
