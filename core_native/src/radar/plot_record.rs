//! The plots of one frame: gathered from lanes, written as records in their final order.

use std::sync::OnceLock;

use crate::detection::{Detection, present, range_band};
use crate::error::Result;
use crate::prefetch;
use crate::radar::candidates::Candidates;
use crate::radar::plot_lanes::PlotLanes;
use crate::radar::plot_order::KeySorter;
use crate::radar::registration::RegistrationBias;
use crate::radar::sensor::Sensor;
use crate::radar::transponder::heard::Heard;
use crate::radar::transponder::reply::{Reply, set_reply};
use crate::scene::scenario::Target;
use crate::user_model::{ModelFault, UserModel};

/// `truth` of a detection that no target made.
pub const NO_TARGET: i32 = -1;

/// Plots that are on their way while one becomes a record: they lie anywhere.
const PLOTS_AHEAD: usize = 32;

/// The plots of one frame while they are gathered; its memory is used again by the next.
#[derive(Clone, Debug, Default)]
pub struct Plots {
    plots: Vec<Plot>,
    /// One key per plot: its bearing in the high bits, its index in the low ones.
    keys: Vec<u64>,
    /// Time of each plot \[ns\]; empty where all have the frame's.
    times_ns: Vec<i64>,
    /// Index of the strongest plot of each target.
    strongest: Vec<u32>,
    sorter: KeySorter,
    /// Memory for the targets that one look may see.
    pub(super) candidates: Candidates,
    /// Replies of transponders; none where the plots need no interrogation to have theirs.
    pub(super) heard: Vec<Heard>,
    /// The first bad answer of a user's model, which spoils the frame.
    model_fault: OnceLock<ModelFault>,
}

/// What the record of one plot is made of, in one cache line: plots are read in another order
/// than they are written.
#[repr(align(64))]
#[derive(Clone, Copy, Debug)]
struct Plot {
    range_m: f64,
    bearing_deg: f64,
    elevation_deg: f64,
    range_rate_m_s: f64,
    range_std_m: f32,
    bearing_std_deg: f32,
    elevation_std_deg: f32,
    range_rate_std_m_s: f32,
    snr_db: f32,
    rcs_dbsm: f32,
    source: Source,
}

/// Who is behind a plot.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Index in the scenario of the target, or [`NO_TARGET`].
    pub truth: i32,
    /// Whether its transponder replies: of one that does not, the target need not be read, which
    /// lies anywhere in memory.
    pub replies: bool,
    /// Whether a false reply of it is recognised.
    pub recognised: bool,
}

impl Source {
    /// No target: noise, clutter, or a reply that somebody else has asked for.
    pub const NOBODY: Self = Self { truth: NO_TARGET, replies: false, recognised: false };
}

impl Plots {
    /// Forget the last frame.
    pub fn clear(&mut self) {
        self.plots.clear();
        self.keys.clear();
        self.times_ns.clear();
        self.heard.clear();
        self.model_fault.take();
    }

    /// Note that a user's model answered what it must not; the first counts.
    #[cold]
    pub fn note_fault(&self, fault: ModelFault) {
        self.model_fault.get_or_init(|| fault);
    }

    /// What a user's model answers. A bad answer is noted and counts as zero; the frame is refused
    /// as a whole. Kernels ask of targets that the look sees, and in an order that does not depend
    /// on that of the scenario, so that neither does the error.
    #[inline(always)]
    pub fn answer(&self, model: &UserModel, arguments: [f64; 3]) -> f64 {
        model.value(arguments).unwrap_or_else(|fault| {
            self.note_fault(fault);
            0.0
        })
    }

    /// Refuse the plots if a user's model answered what it must not.
    pub fn check_models(&mut self) -> Result<()> {
        self.model_fault.take().map_or(Ok(()), |fault| Err(fault.into()))
    }

    /// Give the plot that was just added its time \[ns\].
    #[inline(always)]
    pub fn push_time(&mut self, time_ns: i64) {
        self.times_ns.push(time_ns);
    }

    /// Give every plot and every reply that has no time yet this one \[ns\].
    pub fn stamp_all(&mut self, time_ns: i64) {
        self.stamp_plots(|_| time_ns);
        self.stamp_replies(|_| time_ns);
    }

    /// Give every plot that has no time yet the one of its place, a bearing and an elevation \[deg\].
    pub fn stamp_plots(&mut self, mut time_of: impl FnMut([f64; 2]) -> i64) {
        let new = &self.plots[self.times_ns.len()..];
        let times = new.iter().map(|plot| time_of([plot.bearing_deg, plot.elevation_deg]));
        self.times_ns.extend(times);
    }

    /// Give every reply that has no time yet its own.
    pub fn stamp_replies(&mut self, time_of: impl Fn(&Heard) -> i64) {
        for reply in self.heard.iter_mut().filter(|reply| reply.time_ns.is_none()) {
            reply.time_ns = Some(time_of(reply));
        }
    }

    /// Leave each target its strongest plot, as an extractor makes one plot of the echoes that a
    /// target gives in looks which follow each other; of equal ones the first. False alarms
    /// stay.
    pub fn keep_strongest(&mut self, target_count: usize) {
        self.strongest.clear();
        self.strongest.resize(target_count, u32::MAX);
        for (index, plot) in (0..).zip(&self.plots) {
            let Ok(target) = usize::try_from(plot.source.truth) else { continue };
            let best = &mut self.strongest[target];
            let so_far = self.plots.get(*best as usize);
            if so_far.is_none_or(|other| plot.snr_db > other.snr_db) {
                *best = index;
            }
        }
        let (plots, strongest) = (&self.plots, &self.strongest);
        self.keys.retain(|key| {
            let index = key & INDEX_MASK;
            let target = usize::try_from(plots[index as usize].source.truth);
            target.is_ok_and(|target| u64::from(strongest[target]) == index) || target.is_err()
        });
    }

    /// Shift every plot as the radar's registration bias does.
    pub fn shift(&mut self, bias: &RegistrationBias) {
        for key in &mut self.keys {
            let index = *key & INDEX_MASK;
            let plot = &mut self.plots[index as usize];
            [plot.range_m, plot.bearing_deg, plot.elevation_deg] =
                bias.place([plot.range_m, plot.bearing_deg, plot.elevation_deg]);
            *key = order_key(plot.bearing_deg, index);
        }
        for reply in &mut self.heard {
            let [range_m, bearing_deg] = reply.measured;
            let [range_m, bearing_deg, _] = bias.place([range_m, bearing_deg, 0.0]);
            reply.measured = [range_m, bearing_deg];
        }
    }

    /// Turn the times of the plots into those of the radar's clock.
    pub fn set_clock(&mut self, clock_ns: impl Fn(i64) -> i64) {
        let replies = self.heard.iter_mut().filter_map(|reply| reply.time_ns.as_mut());
        self.times_ns.iter_mut().chain(replies).for_each(|time_ns| *time_ns = clock_ns(*time_ns));
    }

    /// Add the plot in `lane`.
    #[inline(always)]
    pub fn push(&mut self, lanes: &PlotLanes, lane: usize, source: Source) {
        let bearing_deg = lanes.measured.bearing_deg[lane];
        self.keys.push(order_key(bearing_deg, self.plots.len() as u64));
        self.plots.push(Plot {
            range_m: lanes.measured.range_m[lane],
            bearing_deg,
            elevation_deg: lanes.measured.elevation_deg[lane],
            range_rate_m_s: lanes.measured.range_rate_m_s[lane],
            range_std_m: lanes.range_std_m[lane],
            bearing_std_deg: lanes.bearing_std_deg[lane],
            elevation_std_deg: lanes.elevation_std_deg[lane],
            range_rate_std_m_s: lanes.range_rate_std_m_s[lane],
            snr_db: lanes.snr_db[lane],
            rcs_dbsm: lanes.rcs_dbsm[lane],
            source,
        });
    }

    /// Detections and who is behind each, by bearing: an order that tells nothing of the targets.
    /// Those of the short range have the text that the transponder behind them replies; without
    /// `targets` none has.
    ///
    /// Plots of equal bearing (to 2^-43 of a turn) stay in the order in which they were added,
    /// which the callers keep independent of the order of the scenario.
    pub fn in_order(
        &mut self,
        sensor: &Sensor,
        targets: &[Target],
        time_ns: i64,
    ) -> (Vec<Detection>, Vec<Source>) {
        self.sorter.sort(&mut self.keys);
        let blank = blank_record(sensor, time_ns);
        let mut sources = Vec::with_capacity(self.keys.len());
        let plot_of = |key: &u64| &self.plots[(key & INDEX_MASK) as usize];
        let records = self.keys.iter().enumerate().map(|(place, key)| {
            if let Some(later) = self.keys.get(place + PLOTS_AHEAD) {
                prefetch::soon(plot_of(later));
            }
            let plot = plot_of(key);
            sources.push(plot.source);
            record(sensor, targets, &blank, plot)
        });
        let mut detections: Vec<Detection> = records.collect();
        if !self.times_ns.is_empty() {
            for (detection, key) in detections.iter_mut().zip(&self.keys) {
                detection.time_ns = self.times_ns[(key & INDEX_MASK) as usize];
            }
        }
        (detections, sources)
    }
}

#[inline(always)]
fn record(sensor: &Sensor, targets: &[Target], blank: &Detection, plot: &Plot) -> Detection {
    let mut record = measured_record(blank, plot);
    record.range_band = range_band::LONG;
    if plot.range_m <= sensor.sr_threshold_m {
        record.range_band = range_band::SHORT;
        if plot.source.replies {
            let target = usize::try_from(plot.source.truth).ok().and_then(|at| targets.get(at));
            let reply = target.map(|it| Reply::of(&it.transponder, plot.source.recognised));
            set_reply(&mut record, reply.unwrap_or(Reply::NONE));
        }
    }
    record
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
fn measured_record(blank: &Detection, plot: &Plot) -> Detection {
    let mut record = *blank;
    record.range_m = plot.range_m;
    record.range_std_m = plot.range_std_m;
    record.bearing_deg = plot.bearing_deg;
    record.bearing_std_deg = plot.bearing_std_deg;
    if record.has(present::ELEVATION) {
        record.elevation_deg = plot.elevation_deg;
        record.elevation_std_deg = plot.elevation_std_deg;
    }
    if record.has(present::RANGE_RATE) {
        record.range_rate_m_s = plot.range_rate_m_s;
        record.range_rate_std_m_s = plot.range_rate_std_m_s;
    }
    record.snr_db = plot.snr_db;
    record.rcs_dbsm = plot.rcs_dbsm;
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_keys_follow_the_bearing_then_the_index() {
        assert!(order_key(0.0, 5) < order_key(1e-9, 0));
        assert!(order_key(10.0, 5) > order_key(10.0, 4));
        assert!(order_key(360.0_f64.next_down(), 0) > order_key(359.999_999, INDEX_MASK));
    }
}
