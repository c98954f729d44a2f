//! The first states of the tracks that polar detections begin, eight at a time.

use crate::detection::Detection;
use crate::numeric::{RAD_PER_DEG, max, sin_cos_deg};
use crate::simd::{Kernel, LANES, each_number};
use crate::tracking::birth;
use crate::tracking::config::TrackerConfig;
use crate::tracking::frame_measurements::FrameMeasurements;
use crate::tracking::gaussian::Gaussian;
use crate::tracking::kalman::innovate;
use crate::tracking::lanes::{RowLanes, StateLanes};
use crate::tracking::measurement::{FOLDED_SIGMAS, Linearised, Model, POLAR, PolarModel, Row};
use crate::tracking::vertical::Vertical;

/// State from a polar detection and its measurement row.
pub fn from_detection(
    detection: &Detection,
    row: &Row,
    model: &PolarModel,
    config: &TrackerConfig,
) -> Gaussian {
    let height_m = height_over_plane(detection, config);
    model.first_state(row, detection.bearing_deg, height_m, !model.may_be_folded(config), config)
}

/// Work out the states of all tracks that a frame begins.
pub struct BeginStates<'a> {
    /// How to linearise.
    pub model: PolarModel,
    /// The frame's detections.
    pub detections: &'a [Detection],
    /// Their rows.
    pub measured: &'a FrameMeasurements,
    /// Which of them begin a track.
    pub births: &'a [u32],
    /// The tracker's settings.
    pub config: &'a TrackerConfig,
    /// The states, in the order of `births`; what it held is forgotten.
    pub begun: &'a mut Vec<StateLanes>,
}

impl Kernel for BeginStates<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { model, detections, measured, births, config, begun } = self;
        let told = !model.may_be_folded(config);
        let mut rows = RowLanes::EMPTY;
        begun.clear();
        for eight in births.chunks(LANES) {
            // What is over of the last eight begins once more what the first does, for nobody.
            let index = std::array::from_fn(|lane| *eight.get(lane).unwrap_or(&eight[0]) as usize);
            rows.load(measured, index, PolarModel::WIDTH);
            let bearing_deg = index.map(|index| detections[index].bearing_deg);
            let height_m = index.map(|index| height_over_plane(&detections[index], config));
            let mut states = StateLanes::EMPTY;
            for lane in 0..LANES {
                let (row, place) = (rows.row(lane), (bearing_deg[lane], height_m[lane]));
                states.store(lane, &model.first_state(&row, place.0, place.1, told, config));
            }
            begun.push(states);
        }
    }
}

/// Height over the sensor's plane and its standard deviation \[m\] where no elevation is measured;
/// zeros elsewhere.
#[inline(always)]
fn height_over_plane(detection: &Detection, config: &TrackerConfig) -> [f64; 2] {
    match Vertical::of(detection, config) {
        Vertical::Elevation { .. } => [0.0; 2],
        other => other.height_over_plane(detection.range_m, config).into(),
    }
}

impl PolarModel {
    /// Whether a target of an unknown velocity may well have a range rate beyond the interval: one
    /// that is folded says nothing of which it is.
    fn may_be_folded(&self, config: &TrackerConfig) -> bool {
        let [width, _] = self.range_rate_interval_m_s;
        width > 0.0 && 0.5 * width < FOLDED_SIGMAS * config.initial_speed_std_m_s
    }

    /// Position by linear propagation of the variances, the measured range rate, if it tells of the
    /// true one, taken up by an update of its own. `height_m` is a height over the sensor's plane and
    /// its standard deviation, used where the row has no elevation.
    #[inline(always)]
    fn first_state(
        &self,
        row: &Row,
        bearing_deg: f64,
        height_m: [f64; 2],
        rate_is_true: bool,
        config: &TrackerConfig,
    ) -> Gaussian {
        let (position_m, by_polar, variance) = cartesian_with_jacobian(row, bearing_deg, height_m);
        let (mut world_m, mut covariance_m2) = ([0.0; 3], [[0.0; 3]; 3]);
        each_number!(i below 3 => {
            world_m[i] = position_m[i] + row[13 + i];
            each_number!(j below 3 => {
                each_number!(k below 3 => {
                    covariance_m2[i][j] += by_polar[i][k] * variance[k] * by_polar[j][k];
                });
            });
        });
        let state = birth::at_position(world_m, &covariance_m2, config);
        let all = self.linearise(&state.mean, row);
        let rate_only = Linearised {
            innovation: [all.innovation[POLAR - 1]],
            by_position: [all.by_position[POLAR - 1]],
            by_velocity: all.by_velocity,
            variance: [all.variance[POLAR - 1]],
        };
        let mut innovation = innovate(&state, &rate_only, true);
        // An update without weight leaves every bit, and a choice between states would not become vectors.
        let uses_rate = rate_is_true && row[11] > 0.5;
        innovation.per_variance[0] = if uses_rate { innovation.per_variance[0] } else { 0.0 };
        innovation.update(&state)
    }
}

/// Position relative to the sensor, its derivative by (range, bearing, vertical), and their
/// variances. The vertical is an elevation where one is measured, else a height.
#[inline(always)]
fn cartesian_with_jacobian(
    row: &Row,
    bearing_deg: f64,
    height_m: [f64; 2],
) -> ([f64; 3], [[f64; 3]; 3], [f64; 3]) {
    let square = |x: f64| x * x;
    let by_elevation = row[10] > 0.5 && row[12] < 0.5;
    let (r, [height_m, height_std_m]) = (row[2], height_m);
    let (sine, cosine) = sin_cos_deg(row[4] / RAD_PER_DEG);
    // Near the zenith the ground range is as uncertain as the height itself.
    let ground2_m2 = max(max(r * r - height_m * height_m, square(height_std_m)), 1.0);
    let flat_m = ground2_m2.sqrt();
    let choose = |angle: f64, height: f64| if by_elevation { angle } else { height };
    let ground_m = choose(r * cosine, flat_m);
    let up_m = choose(r * sine, height_m);
    let ground_by_range = choose(cosine, r / flat_m);
    let ground_by_vertical = choose(-r * sine, -height_m / flat_m);
    let (up_by_range, up_by_vertical) = (choose(sine, 0.0), choose(r * cosine, 1.0));
    let (sb, cb) = sin_cos_deg(bearing_deg);
    (
        [ground_m * sb, ground_m * cb, up_m],
        [
            [ground_by_range * sb, ground_m * cb, ground_by_vertical * sb],
            [ground_by_range * cb, -ground_m * sb, ground_by_vertical * cb],
            [up_by_range, 0.0, up_by_vertical],
        ],
        [row[6], row[7], choose(row[8], square(height_std_m))],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detection::present;
    use crate::frame::{Coverage, FrameHeader};
    use crate::simd::{SimdLevel, dispatch};
    use crate::tracking::gaussian::at;
    use crate::tracking::rules::Rules;
    use crate::tracking::vertical::curvature_per_m;

    const STD_M: f64 = 20.0;
    const STD_DEG: f64 = 0.25;

    /// Detections that measure the vertical as an elevation, as a height, or not at all, and every
    /// second one a range rate.
    fn detections() -> Vec<Detection> {
        (0..29_u32)
            .map(|number| {
                let step = f64::from(number);
                let mut detection = Detection::absent(0);
                detection.range_m = 900.0 + 1_700.0 * step;
                detection.bearing_deg = 12.5 * step;
                detection.elevation_deg = 3.0 * step - 5.0;
                detection.height_m = 250.0 * step;
                detection.range_rate_m_s = 40.0 - 7.0 * step;
                detection.range_std_m = STD_M as f32;
                (detection.bearing_std_deg, detection.elevation_std_deg) = (STD_DEG as f32, 0.5);
                (detection.height_std_m, detection.range_rate_std_m_s) = (60.0, 1.5);
                let vertical = [present::ELEVATION, present::HEIGHT, 0][number as usize % 3];
                let rate = if number % 2 == 0 { present::RANGE_RATE } else { 0 };
                detection.present = present::RANGE | present::BEARING | vertical | rate;
                detection
            })
            .collect()
    }

    fn measured(detections: &[Detection], config: &TrackerConfig) -> FrameMeasurements {
        let (mut measured, rules) = (FrameMeasurements::default(), Rules::new(config).unwrap());
        let header = FrameHeader {
            sensor_id: [0; 16],
            epoch: 0,
            number: 0,
            time_ns: 0,
            sensor_position_m: [300.0, -150.0, 40.0],
            sensor_velocity_m_s: [0.0; 3],
            range_band: 0,
            coverage: Coverage::sphere(1e5),
        };
        let (sensor, level) = (rules.sensors.any(), SimdLevel::Baseline);
        measured.from_frame(&header, detections, config, &rules.gates, sensor, level);
        measured
    }

    fn model(config: &TrackerConfig, interval_m_s: f64) -> PolarModel {
        PolarModel {
            sensor_velocity_m_s: [3.0, -2.0, 0.5],
            curvature_per_m: curvature_per_m(config),
            counts: [true; POLAR],
            range_rate_interval_m_s: [interval_m_s, 0.0],
        }
    }

    #[test]
    fn eight_side_by_side_begin_as_each_alone_does() {
        let (all, config) = (detections(), TrackerConfig::default());
        let measured = measured(&all, &config);
        let births: Vec<u32> = (0..all.len() as u32).rev().filter(|index| index % 7 != 3).collect();
        for interval_m_s in [0.0, 50.0] {
            let model = model(&config, interval_m_s);
            for level in SimdLevel::ALL.into_iter().filter(|level| level.is_available()) {
                let mut begun = vec![StateLanes::EMPTY; 9];
                let (detections, measured, births) = (&all[..], &measured, &births[..]);
                let (config, begun) = (&config, &mut begun);
                dispatch(level, BeginStates { model, detections, measured, births, config, begun });
                assert_eq!(begun.len(), births.len().div_ceil(LANES));
                for (at, &index) in births.iter().enumerate() {
                    let (detection, row) =
                        (&all[index as usize], measured.polar_row(index as usize));
                    let alone = from_detection(detection, &row, &model, config);
                    let state = begun[at / LANES].state(at % LANES);
                    assert_eq!(state.mean.map(f64::to_bits), alone.mean.map(f64::to_bits));
                    let bits = [state, alone].map(|state| state.covariance.map(f64::to_bits));
                    assert_eq!(bits[0], bits[1], "{index}, {level}");
                }
            }
        }
    }

    #[test]
    fn only_a_range_rate_that_was_measured_and_is_not_folded_tells_of_the_velocity() {
        let (all, config) = (detections(), TrackerConfig::default());
        let measured = measured(&all, &config);
        for (index, detection) in all.iter().enumerate() {
            for (interval_m_s, is_true) in [(0.0, true), (50.0, false)] {
                let row = measured.polar_row(index);
                let state = from_detection(detection, &row, &model(&config, interval_m_s), &config);
                let told = is_true && detection.has(present::RANGE_RATE);
                let spread_m_s = config.initial_speed_std_m_s;
                let is_known = state.covariance[at(3, 3)] < spread_m_s * spread_m_s;
                assert_eq!(is_known || state.mean[3..] != [0.0; 3], told, "{index}");
            }
        }
    }

    /// The covariance of a position by the differences of what is measured.
    #[test]
    fn a_position_is_as_uncertain_as_what_moves_it() {
        let config = TrackerConfig::default();
        for mut detection in detections().into_iter().filter(|it| it.has(present::ELEVATION)) {
            detection.present &= !present::RANGE_RATE;
            let place = |moved: [f64; 3]| {
                let mut detection = detection;
                detection.range_m += moved[0];
                detection.bearing_deg += moved[1];
                detection.elevation_deg += moved[2];
                let row = measured(&[detection], &config).polar_row(0);
                from_detection(&detection, &row, &model(&config, 0.0), &config)
            };
            let steps = [STD_M, STD_DEG, 0.5];
            let mut expected_m2 = [[0.0; 3]; 3];
            for channel in 0..3 {
                let step = |sign: f64| {
                    let mut moved = [0.0; 3];
                    moved[channel] = sign * 1e-3 * steps[channel];
                    place(moved).mean
                };
                let (above, below) = (step(1.0), step(-1.0));
                let slope: [f64; 3] = [0, 1, 2].map(|axis| (above[axis] - below[axis]) / 2e-3);
                for (i, j) in [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)] {
                    expected_m2[i][j] += slope[i] * slope[j];
                }
            }
            let found = place([0.0; 3]);
            let size_m2 = expected_m2[0][0] + expected_m2[1][1] + expected_m2[2][2];
            for (i, j) in [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)] {
                let difference_m2 = found.covariance[at(i, j)] - expected_m2[i][j];
                assert!(difference_m2.abs() < 1e-5 * size_m2, "{i} {j} {difference_m2}");
            }
        }
    }
}
