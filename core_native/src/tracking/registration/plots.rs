//! One frame as a registration sees it: corrected by a bias, as measurements sorted from west to east.

use crate::detection::Detection;
use crate::frame::FrameHeader;
use crate::numeric::RAD_PER_DEG;
use crate::searched_volume::SearchedVolume;
use crate::simd::SimdLevel;
use crate::tracking::chi_squared::GateTable;
use crate::tracking::config::TrackerConfig;
use crate::tracking::frame_measurements::FrameMeasurements;
use crate::tracking::measurement::{Linearised, POLAR, PolarModel, Row};
use crate::tracking::registration::separate_bias::Target;
use crate::tracking::sensor_bias::SensorBias;
use crate::tracking::sensor_config::SensorRules;
use crate::tracking::vertical::curvature_per_m;

/// A frame as it came, and what is known of its sensor.
#[derive(Clone, Copy)]
pub struct ReportedFrame<'a> {
    /// Its header.
    pub header: &'a FrameHeader,
    /// Its detections.
    pub detections: &'a [Detection],
    /// Settings of the tracker that follows the targets.
    pub config: &'a TrackerConfig,
    /// Its gates.
    pub gate_table: &'a GateTable,
    /// What the tracker is told of the sensor.
    pub rules: &'a SensorRules,
}

impl ReportedFrame<'_> {
    /// Whether the frame looked where a target is, as far as the reported place of the sensor tells.
    pub fn covers(&self, position_m: [f64; 3]) -> bool {
        let header = self.header;
        let from_m = header.sensor_position_m;
        SearchedVolume::new(&header.coverage)
            .contains(std::array::from_fn(|axis| position_m[axis] - from_m[axis]))
    }
}

/// The detections of one frame; its memory is kept from frame to frame.
#[derive(Debug, Default)]
pub struct Plots {
    /// Detections without the bias.
    pub corrected: Vec<Detection>,
    measurements: FrameMeasurements,
    /// Numbers of the detections from west to east.
    by_east: Vec<u32>,
    sensor_velocity_m_s: [f64; 3],
    curvature_per_m: f64,
    rates_are_true: bool,
    /// Largest standard deviation of a place, range and bearing together \[m\].
    pub largest_std_m: f64,
    /// Largest range \[m\].
    pub largest_range_m: f64,
    /// First and last time \[ns\].
    pub between_ns: [i64; 2],
}

impl Plots {
    /// Take over a frame without `bias`.
    pub fn take(&mut self, reported: &ReportedFrame<'_>, bias: &SensorBias) {
        let ReportedFrame { detections, config, gate_table, rules, .. } = *reported;
        let header = bias.correct_header(reported.header);
        self.corrected.clear();
        self.corrected.extend(detections.iter().map(|detection| bias.correct(detection)));
        let level = SimdLevel::Baseline;
        self.measurements.from_frame(&header, &self.corrected, config, gate_table, rules, level);
        self.sensor_velocity_m_s = header.sensor_velocity_m_s;
        self.curvature_per_m = curvature_per_m(config);
        self.rates_are_true = rules.range_rate_interval_m_s[0] == 0.0;
        self.sort();
        self.measure_extent(header.time_ns);
    }

    fn sort(&mut self) {
        let east_m = &self.measurements.points.position_m[0];
        self.by_east.clear();
        self.by_east.extend(0..east_m.len() as u32);
        self.by_east.sort_unstable_by(|&a, &b| {
            east_m[a as usize].total_cmp(&east_m[b as usize]).then(a.cmp(&b))
        });
    }

    fn measure_extent(&mut self, time_ns: i64) {
        let first_ns = self.corrected.first().map_or(time_ns, |detection| detection.time_ns);
        self.between_ns = [first_ns; 2];
        (self.largest_std_m, self.largest_range_m) = (0.0, 0.0);
        for detection in &self.corrected {
            let [low_ns, high_ns] = self.between_ns;
            self.between_ns = [low_ns.min(detection.time_ns), high_ns.max(detection.time_ns)];
            let [range_std_m, across_std_m] = spread(detection);
            self.largest_std_m = self.largest_std_m.max(range_std_m + across_std_m);
            self.largest_range_m = self.largest_range_m.max(detection.range_m);
        }
    }

    /// The middle of their times \[ns\].
    pub const fn middle_ns(&self) -> i64 {
        let [first_ns, last_ns] = self.between_ns;
        first_ns + (last_ns - first_ns) / 2
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        self.measurements.count()
    }

    /// Time of a detection \[ns\].
    pub fn time_ns(&self, index: usize) -> i64 {
        self.measurements.times_ns[index]
    }

    /// Where a detection lies, east and north \[m\].
    pub fn place_m(&self, index: usize) -> [f64; 2] {
        let [east_m, north_m, _] = &self.measurements.points.position_m;
        [east_m[index], north_m[index]]
    }

    /// The smaller standard deviation of a place, along and across the sight \[m\].
    pub fn least_std_m(&self, index: usize) -> f64 {
        let [range_std_m, across_std_m] = spread(&self.corrected[index]);
        range_std_m.min(across_std_m)
    }

    /// The detections that lie within `reach_m` to the east or west of a place.
    pub fn near(&self, east_m: f64, reach_m: f64) -> &[u32] {
        let at = |index: &u32| self.measurements.points.position_m[0][*index as usize];
        let first = self.by_east.partition_point(|index| at(index) < east_m - reach_m);
        let end = self.by_east.partition_point(|index| at(index) <= east_m + reach_m);
        &self.by_east[first..end.max(first)]
    }

    /// What a detection tells of a target, which is at the detection's time. Range rates that may be
    /// folded are left out.
    pub fn linearise(&self, index: usize, target: &Target) -> Linearised<POLAR> {
        self.model().linearise(&target.state.mean, &self.row(index))
    }

    /// The measurement of a detection.
    pub fn row(&self, index: usize) -> Row {
        let mut row = self.measurements.polar_row(index);
        if !self.rates_are_true {
            (row[5], row[9], row[11]) = (0.0, 1.0, 0.0);
        }
        row
    }

    /// The frame's measurement model.
    pub const fn model(&self) -> PolarModel {
        PolarModel {
            sensor_velocity_m_s: self.sensor_velocity_m_s,
            curvature_per_m: self.curvature_per_m,
            counts: [true; POLAR],
            range_rate_interval_m_s: [0.0; 2],
        }
    }
}

/// Standard deviation of a place along and across the sight \[m\].
fn spread(detection: &Detection) -> [f64; 2] {
    let across_rad = f64::from(detection.bearing_std_deg) * RAD_PER_DEG;
    [f64::from(detection.range_std_m), detection.range_m * across_rad]
}
