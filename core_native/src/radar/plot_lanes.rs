//! Eight plots side by side: from where a target is and how strong its echo, to what is measured.

use crate::frame::Coverage;
use crate::geometry::{range_rate, to_polar};
use crate::numeric::{ln, max, min, wrap_360};
use crate::radar::equation::Accuracy;
use crate::radar::sensor::Sensor;
use crate::random::{Stream, normal_pair, uniform};
use crate::scene::motion::State;
use crate::scene::motion_lanes::StateLanes;
use crate::simd::LANES;

/// Decibels of one unit of natural logarithm.
const DB_PER_NEPER: f64 = 10.0 * std::f64::consts::LOG10_E;
/// Largest estimate of a radar cross section, either way \[dBsm\]; the record's limit.
const MAX_RCS_DBSM: f64 = crate::frame_limits::MAX_DECIBELS;
/// Nearest range that an estimate of the radar cross section is made for \[m\].
const MIN_RCS_RANGE_M: f64 = 1.0;

/// Where eight targets are as the sensor sees them, without error.
#[derive(Clone, Debug)]
pub struct PolarLanes {
    /// Slant range \[m\].
    pub range_m: [f64; LANES],
    /// Bearing \[deg\].
    pub bearing_deg: [f64; LANES],
    /// Elevation \[deg\].
    pub elevation_deg: [f64; LANES],
    /// Range rate \[m/s\].
    pub range_rate_m_s: [f64; LANES],
}

impl PolarLanes {
    /// All zero.
    pub const ZERO: Self = Self {
        range_m: [0.0; LANES],
        bearing_deg: [0.0; LANES],
        elevation_deg: [0.0; LANES],
        range_rate_m_s: [0.0; LANES],
    };

    /// Bodies as seen from the radar.
    #[inline(always)]
    pub fn seen_from(own: &State, bodies: &StateLanes) -> Self {
        let mut seen = Self::ZERO;
        for lane in 0..LANES {
            seen.set(lane, own, &bodies.state(lane));
        }
        seen
    }

    /// As [`PolarLanes::seen_from`], each body from where the radar is at a time of its own.
    #[inline(always)]
    pub fn seen_from_each(own: &StateLanes, bodies: &StateLanes) -> Self {
        let mut seen = Self::ZERO;
        for lane in 0..LANES {
            seen.set(lane, &own.state(lane), &bodies.state(lane));
        }
        seen
    }

    #[inline(always)]
    fn set(&mut self, lane: usize, own: &State, body: &State) {
        let relative = relative_state(own, body);
        let polar = to_polar(relative.position_m);
        self.range_m[lane] = polar.range_m;
        self.bearing_deg[lane] = polar.bearing_deg;
        self.elevation_deg[lane] = polar.elevation_deg;
        self.range_rate_m_s[lane] = range_rate(relative.position_m, relative.velocity_m_s);
    }

    /// Range, bearing, elevation and range rate in `lane`.
    #[inline(always)]
    pub const fn at(&self, lane: usize) -> [f64; 4] {
        [
            self.range_m[lane],
            self.bearing_deg[lane],
            self.elevation_deg[lane],
            self.range_rate_m_s[lane],
        ]
    }

    /// Put a place into `lane`, in the order of [`PolarLanes::at`].
    #[inline(always)]
    pub const fn put(&mut self, lane: usize, place: [f64; 4]) {
        [
            self.range_m[lane],
            self.bearing_deg[lane],
            self.elevation_deg[lane],
            self.range_rate_m_s[lane],
        ] = place;
    }

    /// Whether `coverage` holds the target in `lane`, and its range rate is within the limit.
    #[inline(always)]
    pub fn is_within(&self, coverage: &Coverage, range_rate_limit_m_s: f64, lane: usize) -> bool {
        let into_sector_deg = wrap_360(self.bearing_deg[lane] - coverage.bearing_start_deg);
        self.is_within_but_bearing(coverage, range_rate_limit_m_s, lane)
            & (into_sector_deg <= coverage.bearing_extent_deg)
    }

    /// As [`PolarLanes::is_within`], whatever the bearing.
    #[inline(always)]
    pub fn is_within_but_bearing(
        &self,
        coverage: &Coverage,
        range_rate_limit_m_s: f64,
        lane: usize,
    ) -> bool {
        let (range_m, elevation_deg) = (self.range_m[lane], self.elevation_deg[lane]);
        (range_m >= coverage.min_range_m)
            & (range_m <= coverage.max_range_m)
            & (elevation_deg >= coverage.min_elevation_deg)
            & (elevation_deg <= coverage.max_elevation_deg)
            & (self.range_rate_m_s[lane].abs() <= range_rate_limit_m_s)
    }
}

/// Position and velocity of `other` relative to `own`.
#[inline(always)]
pub fn relative_state(own: &State, other: &State) -> State {
    let difference = |a: [f64; 3], b: [f64; 3]| [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    State {
        position_m: difference(other.position_m, own.position_m),
        velocity_m_s: difference(other.velocity_m_s, own.velocity_m_s),
    }
}

/// Standard normal numbers for the four measurements of eight plots.
#[derive(Clone, Debug)]
pub struct NoiseLanes([[f64; LANES]; 4]);

impl NoiseLanes {
    /// No noise at all: for a false alarm, whose place is random already.
    pub const NONE: Self = Self([[0.0; LANES]; 4]);

    /// The noise of eight targets in one frame.
    #[inline(always)]
    pub fn draw(stream: &Stream, entities: &[u64; LANES], frame: u64) -> Self {
        let words = stream.words_of_lanes(entities, frame);
        let mut normal = [[0.0; LANES]; 4];
        for pair in [0, 2] {
            for lane in 0..LANES {
                let (first, second) = (uniform(words[pair][lane]), uniform(words[pair + 1][lane]));
                [normal[pair][lane], normal[pair + 1][lane]] = normal_pair(first, second);
            }
        }
        Self(normal)
    }

    /// The same with a part that stays the same for a target, `bias`, as large as its share in the
    /// variance of each measurement. The sum is standard normal again over many targets.
    #[inline(always)]
    #[must_use]
    pub fn with_bias(mut self, sensor: &Sensor, power: &[f64; LANES], bias: &Self) -> Self {
        let inverse_snr = inverse_snr(sensor, power);
        for (measurement, accuracy) in sensor.accuracies().iter().enumerate() {
            let normal = &mut self.0[measurement];
            for lane in 0..LANES {
                let share = min(accuracy.bias_share(inverse_snr[lane]), 1.0);
                normal[lane] =
                    share.sqrt() * bias.0[measurement][lane] + (1.0 - share).sqrt() * normal[lane];
            }
        }
        self
    }
}

/// Eight measured plots.
#[derive(Clone, Debug)]
pub struct PlotLanes {
    /// What was measured.
    pub measured: PolarLanes,
    /// Standard deviation of the range \[m\].
    pub range_std_m: [f32; LANES],
    /// Standard deviation of the bearing \[deg\].
    pub bearing_std_deg: [f32; LANES],
    /// Standard deviation of the elevation \[deg\].
    pub elevation_std_deg: [f32; LANES],
    /// Standard deviation of the range rate \[m/s\].
    pub range_rate_std_m_s: [f32; LANES],
    /// SNR of this echo, not of the mean one, over all pulses \[dB\].
    pub snr_db: [f32; LANES],
    /// Radar cross section that this echo speaks of \[dBsm\].
    pub rcs_dbsm: [f32; LANES],
}

impl PlotLanes {
    /// Measure echoes of the given `power` (signal and noise of all pulses, over the mean noise
    /// power of one).
    ///
    /// The SNR of an echo is its power less the mean noise: that of all pulses together, since the
    /// accuracy follows their energy. It decides the standard deviations, and the noise is drawn
    /// from exactly those that are reported.
    #[inline(always)]
    pub fn measure(
        sensor: &Sensor,
        truth: &PolarLanes,
        power: &[f64; LANES],
        noise: &NoiseLanes,
    ) -> Self {
        let inverse_snr = inverse_snr(sensor, power);
        let NoiseLanes(normal) = noise;
        let [range, bearing, elevation, range_rate] = sensor.accuracies();
        let (range_m, range_std_m) = add_noise(&range, &truth.range_m, &inverse_snr, &normal[0]);
        let (bearing_deg, bearing_std_deg) =
            add_noise(&bearing, &truth.bearing_deg, &inverse_snr, &normal[1]);
        let (elevation_deg, elevation_std_deg) =
            add_noise(&elevation, &truth.elevation_deg, &inverse_snr, &normal[2]);
        let (range_rate_m_s, range_rate_std_m_s) =
            add_noise(&range_rate, &truth.range_rate_m_s, &inverse_snr, &normal[3]);
        let measured = PolarLanes { range_m, bearing_deg, elevation_deg, range_rate_m_s };
        let measured = within_limits(measured);
        let (snr_db, rcs_dbsm) = echo_strength(sensor, power, &measured.range_m);
        Self {
            measured,
            range_std_m,
            bearing_std_deg,
            elevation_std_deg,
            range_rate_std_m_s,
            snr_db,
            rcs_dbsm,
        }
    }
}

/// Inverse of the SNR of echoes of this power.
#[inline(always)]
fn inverse_snr(sensor: &Sensor, power: &[f64; LANES]) -> [f32; LANES] {
    let noise_power = f64::from(sensor.pulses);
    let mut inverse_snr = [0.0_f32; LANES];
    for lane in 0..LANES {
        inverse_snr[lane] = (1.0 / (power[lane] - noise_power)) as f32;
    }
    inverse_snr
}

/// Measured values and their standard deviations.
#[inline(always)]
fn add_noise(
    accuracy: &Accuracy,
    truth: &[f64; LANES],
    inverse_snr: &[f32; LANES],
    normal: &[f64; LANES],
) -> ([f64; LANES], [f32; LANES]) {
    let (mut measured, mut std) = ([0.0; LANES], [0.0; LANES]);
    for lane in 0..LANES {
        std[lane] = accuracy.std(inverse_snr[lane]);
        measured[lane] = truth[lane] + f64::from(std[lane]) * normal[lane];
    }
    (measured, std)
}

/// Bearings in [0, 360), elevations that noise carried past the zenith or nadir folded back onto
/// the other side, ranges not below zero.
#[inline(always)]
fn within_limits(mut measured: PolarLanes) -> PolarLanes {
    for lane in 0..LANES {
        let elevation_deg = measured.elevation_deg[lane];
        let past = elevation_deg.abs() > 90.0;
        let folded_deg = 180.0_f64.copysign(elevation_deg) - elevation_deg;
        let turned_deg = measured.bearing_deg[lane] + if past { 180.0 } else { 0.0 };
        measured.elevation_deg[lane] = if past { folded_deg } else { elevation_deg };
        measured.bearing_deg[lane] = wrap_360(turned_deg);
        measured.range_m[lane] = max(measured.range_m[lane], 0.0);
    }
    measured
}

/// SNR \[dB\], and the radar equation solved for the radar cross section \[dBsm\].
#[inline(always)]
fn echo_strength(
    sensor: &Sensor,
    power: &[f64; LANES],
    range_m: &[f64; LANES],
) -> ([f32; LANES], [f32; LANES]) {
    let noise_power = f64::from(sensor.pulses);
    let (mut snr_db, mut rcs_dbsm) = ([0.0; LANES], [0.0; LANES]);
    for lane in 0..LANES {
        let log_range = ln(max(range_m[lane], MIN_RCS_RANGE_M));
        let log_snr = ln(power[lane] - noise_power);
        let rcs = DB_PER_NEPER * (log_snr + 4.0 * log_range) - sensor.integrated_gain_db;
        snr_db[lane] = (DB_PER_NEPER * log_snr) as f32;
        rcs_dbsm[lane] = max(min(rcs, MAX_RCS_DBSM), -MAX_RCS_DBSM) as f32;
    }
    (snr_db, rcs_dbsm)
}
