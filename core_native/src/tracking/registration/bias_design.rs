//! What a bias adds to each channel of a detection.

use crate::numeric::RAD_PER_DEG;
use crate::tracking::measurement::{Linearised, POLAR};
use crate::tracking::registration::bias_information::{BIASES, PerBias};

/// Derivative of each channel by each bias, in the biases' units, for a target that moves at
/// `velocity_m_s`, east and north; its vertical velocity, small and ill known, tells nothing of time.
///
/// The sensor was where it says less the bias of its place, and saw the target when it says less the
/// bias of its time: the target is by so much nearer or further than it seems.
pub fn by_bias(
    measured: &Linearised<POLAR>,
    velocity_m_s: [f64; 2],
    units: &PerBias,
) -> [PerBias; POLAR] {
    let mut derivative = [[0.0; BIASES]; POLAR];
    for (channel, by) in derivative.iter_mut().enumerate() {
        let [east, north, _] = measured.by_position[channel];
        let along_track = east * velocity_m_s[0] + north * velocity_m_s[1];
        let range = if channel == 0 { 1.0 } else { 0.0 };
        let bearing = if channel == 1 { RAD_PER_DEG } else { 0.0 };
        *by = [east, north, range, bearing, -along_track];
        for (number, unit) in by.iter_mut().zip(units) {
            *number *= unit;
        }
    }
    derivative
}

/// Variance that an unknown velocity of `covariance_m2_s2` (xx, xy, yy) adds to each channel while the
/// bias of time is unknown by `time_variance_s2`.
pub fn add_velocity_noise(
    measured: &mut Linearised<POLAR>,
    covariance_m2_s2: [f64; 3],
    time_variance_s2: f64,
) {
    let [xx, xy, yy] = covariance_m2_s2;
    for channel in 0..POLAR {
        let [x, y, _] = measured.by_position[channel];
        let variance_m2_s2 = x * x * xx + 2.0 * x * y * xy + y * y * yy;
        measured.variance[channel] += variance_m2_s2 * time_variance_s2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detection::{Detection, present};
    use crate::frame::{Coverage, FrameHeader};
    use crate::simd::SimdLevel;
    use crate::tracking::chi_squared::GateTable;
    use crate::tracking::config::TrackerConfig;
    use crate::tracking::frame_measurements::FrameMeasurements;
    use crate::tracking::measurement::PolarModel;
    use crate::tracking::registration::settings::bias_of;
    use crate::tracking::sensor_config::SensorRules;

    const STATE: [f64; 6] = [21_000.0, -14_000.0, 6_000.0, -180.0, 90.0, 0.0];
    const MODEL: PolarModel = PolarModel {
        sensor_velocity_m_s: [20.0, 10.0, 0.0],
        curvature_per_m: 0.0,
        counts: [true; POLAR],
        range_rate_interval_m_s: [0.0; 2],
    };

    /// What the target's detection, corrected by a bias, adds to the predicted channels.
    fn linearised(bias: &PerBias) -> Linearised<POLAR> {
        let bias = bias_of(bias);
        let mut detection = Detection::absent(5_000_000_000);
        detection.present = present::RANGE | present::BEARING | present::ELEVATION;
        (detection.range_m, detection.range_std_m) = (26_000.0, 10.0);
        (detection.bearing_deg, detection.bearing_std_deg) = (123.0, 0.1);
        (detection.elevation_deg, detection.elevation_std_deg) = (13.0, 0.1);
        let header = FrameHeader {
            sensor_id: [0; 16],
            epoch: 0,
            number: 0,
            time_ns: 6_000_000_000,
            range_band: 0,
            coverage: Coverage::sphere(1e5),
            sensor_position_m: [500.0, -300.0, 20.0],
            sensor_velocity_m_s: MODEL.sensor_velocity_m_s,
        };
        let (config, gates) = (TrackerConfig::default(), GateTable::new(0.99));
        let rules = SensorRules::of_any(&config);
        let (corrected, mut measurements) =
            (bias.correct(&detection), FrameMeasurements::default());
        measurements.from_frame(
            &bias.correct_header(&header),
            &[corrected],
            &config,
            &gates,
            &rules,
            SimdLevel::Baseline,
        );
        let dt_s = (corrected.time_ns - 5_000_000_000) as f64 * 1e-9;
        let mut mean = STATE;
        for axis in 0..3 {
            mean[axis] += STATE[axis + 3] * dt_s;
        }
        MODEL.linearise(&mean, &measurements.polar_row(0))
    }

    #[test]
    fn the_derivative_is_that_of_taking_the_bias_out() {
        // What is taken out too little of a bias stays in the innovation.
        let units = [100.0, 100.0, 50.0, 0.5, 0.25];
        let design = by_bias(&linearised(&[0.0; BIASES]), [STATE[3], STATE[4]], &units);
        for bias in 0..BIASES {
            let (mut more, mut less) = ([0.0; BIASES], [0.0; BIASES]);
            (more[bias], less[bias]) = (1e-3 * units[bias], -1e-3 * units[bias]);
            let (more, less) = (linearised(&more).innovation, linearised(&less).innovation);
            for channel in 0..POLAR {
                let slope = (less[channel] - more[channel]) / 2e-3;
                let close = 1e-5 * slope.abs() + 1e-7;
                assert!((design[channel][bias] - slope).abs() < close, "{channel} {bias} {slope}");
            }
        }
    }

    #[test]
    fn a_velocity_is_as_uncertain_across_as_along() {
        let mut measured = linearised(&[0.0; BIASES]);
        let before = measured.variance;
        add_velocity_noise(&mut measured, [4.0, 0.0, 4.0], 0.25);
        let [x, y, _] = measured.by_position[0];
        assert!((measured.variance[0] - before[0] - (x * x + y * y)).abs() < 1e-9);
    }
}
