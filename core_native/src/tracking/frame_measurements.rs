//! One frame's detections as measurement rows and as points for the spatial index.

use crate::detection::{Detection, present};
use crate::error::Result;
use crate::frame::FrameHeader;
use crate::numeric::{RAD_PER_DEG, max};
use crate::simd::{Kernel, LANES, SimdLevel, dispatch};
use crate::tracking::chi_squared::GateTable;
use crate::tracking::config::TrackerConfig;
use crate::tracking::measurement::{Model, POLAR, PolarModel, ROW, Row};
use crate::tracking::points::Points;
use crate::tracking::polar_places::{EightPlaces, PolarPlace};
use crate::tracking::sensor_config::SensorRules;
use crate::tracking::vertical::Vertical;

/// The measurements of one frame; its memory is kept from frame to frame.
#[derive(Debug, Default)]
pub struct FrameMeasurements {
    /// Rows of the model's width, one behind the other.
    rows: Vec<f64>,
    /// Time of each measurement \[ns\].
    pub times_ns: Vec<i64>,
    /// Where each measurement lies and how far its gate reaches.
    pub points: Points,
    /// Largest squared distance that any gate lets in.
    pub largest_gate: f64,
    /// What polar detections measure, all told; nothing by others.
    pub told: Told,
}

/// What the detections of a frame measure, all told.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told {
    /// Whether every one has range, bearing, the vertical and the rate channel.
    pub channels: [bool; POLAR],
    /// Whether any says who it is.
    pub any_replies: bool,
}

impl Told {
    /// By detections that have range and bearing.
    pub fn by(detections: &[Detection]) -> Self {
        const VERTICAL: u32 = present::ELEVATION | present::HEIGHT;
        let (mut all_vertical, mut every, mut any) = (true, u32::MAX, 0);
        for detection in detections {
            all_vertical &= detection.present & VERTICAL != 0;
            every &= detection.present;
            any |= detection.present;
        }
        Self {
            channels: [true, true, all_vertical, every & present::RANGE_RATE != 0],
            any_replies: any & present::IDENTITY != 0,
        }
    }
}

/// Extent of a rate or height channel when nothing narrower is known: the volume in which a false
/// alarm is equally likely anywhere.
const RATE_EXTENT_M_S: f64 = 2000.0;
const HEIGHT_EXTENT_M: f64 = 20_000.0;
/// ½ ln 2π: what each channel adds to the negative logarithm of a Gaussian density.
const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;

impl FrameMeasurements {
    /// Forget all but the rows.
    fn clear(&mut self) {
        self.times_ns.clear();
        self.points.clear();
        self.largest_gate = 0.0;
        self.told = Told::default();
    }

    /// How many measurements there are.
    pub const fn count(&self) -> usize {
        self.times_ns.len()
    }

    /// The numbers of a measurement, as many as the frame's model uses.
    #[inline(always)]
    pub fn row(&self, index: usize, width: usize) -> &[f64] {
        &self.rows[index * width..(index + 1) * width]
    }

    /// A measurement of polar coordinates.
    pub fn polar_row(&self, index: usize) -> Row {
        let mut row = [0.0; ROW];
        row.copy_from_slice(self.row(index, PolarModel::WIDTH));
        row
    }

    /// Take over the detections of a frame, which must hold range and bearing.
    ///
    /// With the track's ½(d² + ln |S|), the cost of a row makes the negative log-likelihood ratio of
    /// target against false alarm (Blackman and Popoli 1999, eq. 6.8).
    pub fn from_frame(
        &mut self,
        header: &FrameHeader,
        detections: &[Detection],
        config: &TrackerConfig,
        gates: &GateTable,
        sensor: &SensorRules,
        level: SimdLevel,
    ) {
        self.clear();
        self.rows.resize(detections.len() * ROW, 0.0); // all of which are set anew
        self.told = Told::by(detections);
        let volume = PolarVolume::new(header, self.told.channels, sensor);
        dispatch(level, TakeDetections { header, detections, config, gates, volume, taken: self });
    }

    /// Take over measured positions; `covariances_m2` holds the one that all share, or one each.
    pub fn from_positions<const SHARED: bool>(
        &mut self,
        time_ns: i64,
        positions_m: &[[f64; 3]],
        covariances_m2: &[[[f64; 3]; 3]],
        gate: f64,
    ) {
        self.clear();
        self.rows.clear();
        if SHARED {
            self.rows.extend_from_slice(positions_m.as_flattened());
        } else {
            for (position_m, covariance_m2) in positions_m.iter().zip(covariances_m2) {
                self.rows.extend_from_slice(position_m);
                self.rows.extend_from_slice(&upper_triangle(covariance_m2));
            }
        }
        let reaches = covariances_m2.iter().map(|matrix| reach_of(matrix, gate.sqrt()));
        self.points.extend(positions_m, reaches);
        self.times_ns.resize(positions_m.len(), time_ns);
        self.largest_gate = gate;
    }

    /// Take over measurements of another kind: rows, of which `width` numbers count, and the position
    /// of each with its covariance.
    ///
    /// # Errors
    /// The first of the measurements.
    pub fn from_rows(
        &mut self,
        time_ns: i64,
        placed: impl Iterator<Item = Result<(Row, [f64; 3], [[f64; 3]; 3])>>,
        width: usize,
        gate: f64,
    ) -> Result<()> {
        self.clear();
        self.rows.clear();
        for measurement in placed {
            let (row, position_m, covariance_m2) = measurement?;
            self.rows.extend_from_slice(&row[..width]);
            self.points.push(position_m, reach_of(&covariance_m2, gate.sqrt()));
            self.times_ns.push(time_ns);
        }
        self.largest_gate = gate;
        Ok(())
    }
}

/// Take over polar detections, eight at a time.
struct TakeDetections<'a> {
    header: &'a FrameHeader,
    detections: &'a [Detection],
    config: &'a TrackerConfig,
    gates: &'a GateTable,
    volume: PolarVolume,
    taken: &'a mut FrameMeasurements,
}

impl Kernel for TakeDetections<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { header, detections, config, gates, volume, taken } = self;
        let (rows, _) = taken.rows.as_chunks_mut();
        let mut places = EightPlaces::EMPTY;
        for (eight, rows) in detections.chunks(LANES).zip(rows.chunks_mut(LANES)) {
            for (lane, (detection, row)) in eight.iter().zip(rows).enumerate() {
                let vertical = Vertical::of(detection, config);
                let sensor_m = sensor_at(header, detection.time_ns);
                let gate = gates.of(channels(detection));
                *row = polar_row(detection, vertical, sensor_m, volume.cost(vertical), gate);
                taken.times_ns.push(detection.time_ns);
                taken.largest_gate = max(taken.largest_gate, gate);
                places.set(lane, &PolarPlace { detection, vertical, sensor_m, gate }, config);
            }
            let (position_m, reach_m) = places.points();
            taken.points.extend_lanes(&position_m, &reach_m, eight.len());
        }
    }
}

/// What makes, with the track's ½(d² + ln |S|), the negative log-likelihood ratio of target against
/// false alarm of a measurement of so many channels (Blackman and Popoli 1999, eq. 6.8).
pub fn cost_of(ln_clutter_density: f64, channels: usize) -> f64 {
    ln_clutter_density + channels as f64 * HALF_LN_TAU
}

/// xx, xy, xz, yy, yz, zz of a symmetric matrix.
pub const fn upper_triangle(matrix: &[[f64; 3]; 3]) -> [f64; 6] {
    let m = matrix;
    [m[0][0], m[0][1], m[0][2], m[1][1], m[1][2], m[2][2]]
}

/// How far a gate of `sigmas` standard deviations reaches along each axis \[m\].
fn reach_of(covariance_m2: &[[f64; 3]; 3], sigmas: f64) -> [f64; 3] {
    [0, 1, 2].map(|axis| covariance_m2[axis][axis].sqrt() * sigmas)
}

/// Where the sensor stood at `time_ns` \[m\].
#[inline(always)]
fn sensor_at(header: &FrameHeader, time_ns: i64) -> [f64; 3] {
    let dt_s = time_ns.saturating_sub(header.time_ns) as f64 * 1e-9;
    let (p, v) = (&header.sensor_position_m, &header.sensor_velocity_m_s);
    [p[0] + v[0] * dt_s, p[1] + v[1] * dt_s, p[2] + v[2] * dt_s]
}

/// How many scalar channels a detection measures.
#[inline(always)]
fn channels(detection: &Detection) -> usize {
    let vertical = detection.present & (present::ELEVATION | present::HEIGHT) != 0;
    2 + usize::from(vertical) + usize::from(detection.has(present::RANGE_RATE))
}

/// Extent of each channel, over which false alarms are spread evenly.
struct PolarVolume {
    ln_count: f64,
    ln_range_bearing: f64,
    ln_elevation: f64,
    ln_height: f64,
    ln_rate: f64,
    counts: [bool; POLAR],
}

impl PolarVolume {
    fn new(header: &FrameHeader, counts: [bool; POLAR], sensor: &SensorRules) -> Self {
        let coverage = &header.coverage;
        let range_m = (coverage.max_range_m - coverage.min_range_m).max(1.0);
        let bearing_rad = coverage.bearing_extent_deg.max(1e-3) * RAD_PER_DEG;
        let [interval_m_s, _] = sensor.range_rate_interval_m_s;
        let elevation_deg = coverage.max_elevation_deg - coverage.min_elevation_deg;
        Self {
            ln_count: sensor.ln_clutter,
            ln_range_bearing: libm::log(range_m * bearing_rad),
            ln_elevation: libm::log(elevation_deg.max(1e-3) * RAD_PER_DEG),
            ln_height: libm::log(HEIGHT_EXTENT_M),
            ln_rate: libm::log(if interval_m_s > 0.0 { interval_m_s } else { RATE_EXTENT_M_S }),
            counts,
        }
    }

    /// ln λ + (m/2) ln 2π, with the density λ of false alarms in the m channels that count.
    #[inline(always)]
    fn cost(&self, vertical: Vertical) -> f64 {
        let (mut ln_volume, mut channels) = (self.ln_range_bearing, 2.0);
        if self.counts[2] {
            channels += 1.0;
            ln_volume += match vertical {
                Vertical::Elevation { .. } => self.ln_elevation,
                Vertical::Height { .. } | Vertical::Absent => self.ln_height,
            };
        }
        if self.counts[3] {
            channels += 1.0;
            ln_volume += self.ln_rate;
        }
        self.ln_count - ln_volume + channels * HALF_LN_TAU
    }
}

#[inline(always)]
fn polar_row(
    detection: &Detection,
    vertical: Vertical,
    sensor_m: [f64; 3],
    cost: f64,
    gate: f64,
) -> Row {
    let square = |x: f64| x * x;
    let (up, up_variance, has_vertical, is_height) = match vertical {
        Vertical::Elevation { angle_rad, std_rad } => (angle_rad, square(std_rad), 1.0, 0.0),
        Vertical::Height { height_m, std_m } => (height_m, square(std_m), 1.0, 1.0),
        Vertical::Absent => (0.0, 1.0, 0.0, 0.0),
    };
    let (rate_m_s, rate_variance, has_rate) = if detection.has(present::RANGE_RATE) {
        let std_m_s = f64::from(detection.range_rate_std_m_s);
        (detection.range_rate_m_s, square(std_m_s), 1.0)
    } else {
        (0.0, 1.0, 0.0)
    };
    let bearing_std_rad = f64::from(detection.bearing_std_deg) * RAD_PER_DEG;
    let [x, y, z] = sensor_m;
    [
        cost,
        gate,
        detection.range_m,
        detection.bearing_deg * RAD_PER_DEG,
        up,
        rate_m_s,
        square(f64::from(detection.range_std_m)),
        square(bearing_std_rad),
        up_variance,
        rate_variance,
        has_vertical,
        has_rate,
        is_height,
        x,
        y,
        z,
    ]
}
