//! Scans of measured positions, in space or in the horizontal plane.

use crate::error::Result;
use crate::frame_limits::check_time;
use crate::tracking::birth;
use crate::tracking::config::AssociationMethod;
use crate::tracking::frame_measurements::{cost_of, upper_triangle};
use crate::tracking::independent_axes::IndependentAxes;
use crate::tracking::measurement::{Model, POSITION, PositionModel};
use crate::tracking::step_input::{assumed_volume_m3, check_plane_positions, check_positions};
use crate::tracking::tracker::Tracker;

/// Standard deviation given to the height of a position in the plane \[m\]: so wide that a track
/// learns nothing of it, and its part of a likelihood is the same for all.
const UNKNOWN_HEIGHT_STD_M: f64 = 1e6;
/// The length over which a density of that standard deviation is as high as in its middle, √2π of it.
const UNKNOWN_HEIGHT_M: f64 = 2.506_628_274_631_000_5e6;

/// Where positions are measured.
#[derive(Clone, Copy, PartialEq)]
enum Space {
    /// In all three axes.
    Full,
    /// East and north; tracks stay at height 0.
    Plane,
}

/// One scan at one time. `covariances_m2` holds one matrix for all or one each; `volume_m3` is that
/// in which false alarms are spread, where the caller knows it.
struct Scan<'a> {
    time_ns: i64,
    positions_m: &'a [[f64; 3]],
    covariances_m2: &'a [[[f64; 3]; 3]],
    volume_m3: Option<f64>,
    space: Space,
}

impl Tracker {
    /// Take in one scan of measured positions at one time, of which all tracks were in view.
    ///
    /// `covariances_m2` holds one matrix for all or one each. `volume_m3` is the volume in which
    /// false alarms are spread; without, the box around the positions where they are more than the
    /// false alarms expected, else ample.
    ///
    /// # Errors
    /// As [`Tracker::step`]; [`Error::Frame`] also for a value that is not finite or a covariance
    /// that is not positive definite.
    pub fn step_positions(
        &mut self,
        time_ns: i64,
        positions_m: &[[f64; 3]],
        covariances_m2: &[[[f64; 3]; 3]],
        volume_m3: Option<f64>,
    ) -> Result<()> {
        let space = Space::Full;
        self.take_in(&Scan { time_ns, positions_m, covariances_m2, volume_m3, space })
    }

    /// The same for positions in the plane, east and north; `area_m2` takes the volume's place. The
    /// tracks stay at height 0.
    ///
    /// # Errors
    /// As [`Tracker::step_positions`].
    pub fn step_plane_positions(
        &mut self,
        time_ns: i64,
        positions_m: &[[f64; 2]],
        covariances_m2: &[[[f64; 2]; 2]],
        area_m2: Option<f64>,
    ) -> Result<()> {
        self.check_room_for_detections(positions_m.len())?;
        check_plane_positions(positions_m, covariances_m2, area_m2)?;
        let (mut at_m, mut known_m2) =
            (std::mem::take(&mut self.starts.0), std::mem::take(&mut self.starts.1));
        at_m.clear();
        at_m.extend(positions_m.iter().map(|&[x, y]| [x, y, 0.0]));
        known_m2.clear();
        let height_m2 = UNKNOWN_HEIGHT_STD_M * UNKNOWN_HEIGHT_STD_M;
        known_m2.extend(
            covariances_m2
                .iter()
                .map(|&[[xx, xy], [yx, yy]]| [[xx, xy, 0.0], [yx, yy, 0.0], [0.0, 0.0, height_m2]]),
        );
        let taken = self.take_in(&Scan {
            time_ns,
            positions_m: &at_m,
            covariances_m2: &known_m2,
            volume_m3: area_m2.map(|area_m2| area_m2 * UNKNOWN_HEIGHT_M),
            space: Space::Plane,
        });
        self.starts = (at_m, known_m2);
        taken
    }

    fn take_in(&mut self, scan: &Scan<'_>) -> Result<()> {
        let &Scan { time_ns, positions_m, covariances_m2, space, .. } = scan;
        check_time("time_ns", time_ns)?;
        self.check_order(0, time_ns)?;
        self.check_room_for_detections(positions_m.len())?;
        let sensor = self.rules.sensors.any();
        let gate = self.rules.gates.of(if space == Space::Plane { 2 } else { POSITION });
        let volume_m3 = scan.volume_m3.unwrap_or_else(|| {
            assumed_volume_m3(positions_m, covariances_m2, sensor.clutter_per_frame, gate)
        });
        check_positions(positions_m, covariances_m2, volume_m3)?;
        let cost = cost_of(sensor.ln_clutter - libm::log(volume_m3), POSITION);
        let measured = &mut self.measured;
        if let [shared] = covariances_m2 {
            let model = PositionModel::<true> { covariance_m2: upper_triangle(shared), cost, gate };
            measured.from_positions::<true>(time_ns, positions_m, covariances_m2, gate);
            let hard = self.config.association == AssociationMethod::Gnn;
            if hard && !self.table.states.axes_coupled && model.has_independent_axes() {
                return self.use_positions(scan, IndependentAxes(model));
            }
            self.use_positions(scan, model)
        } else {
            let model = PositionModel::<false> { covariance_m2: [0.0; 6], cost, gate };
            measured.from_positions::<false>(time_ns, positions_m, covariances_m2, gate);
            self.use_positions(scan, model)
        }
    }

    fn use_positions(&mut self, scan: &Scan<'_>, model: impl Model<POSITION>) -> Result<()> {
        let &Scan { time_ns, positions_m, covariances_m2, space, .. } = scan;
        let sensor = *self.rules.sensors.any();
        self.associate::<POSITION, _>(model, &sensor, time_ns, &[])?;
        let everywhere = |_: &_, _| true;
        self.commit::<POSITION, _>(model, &sensor, time_ns, everywhere, |tracker, birth| {
            let index = tracker.association.births[birth] as usize;
            let covariance_m2 = covariances_m2.get(index).unwrap_or(&covariances_m2[0]);
            let state = birth::at_position(positions_m[index], covariance_m2, &tracker.config);
            if space == Space::Plane { birth::in_plane(&state) } else { state }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::SimdLevel;
    use crate::tracking::config::TrackerConfig;
    use crate::tracking::gaussian::{Gaussian, at, predict};
    use crate::tracking::tracker::TrackerName;

    const NOISE_M2: [[f64; 2]; 2] = [[9.0, 2.0], [2.0, 4.0]];
    const AREA_M2: f64 = 1e6;

    fn tracker() -> Tracker {
        let name = TrackerName { tracker_id: [7; 16], epoch: 0 };
        Tracker::new(TrackerConfig::default(), name, SimdLevel::detect()).expect("valid settings")
    }

    /// The plane's part of a state: mean and upper triangle of x, y, vx, vy.
    fn plane(state: &Gaussian) -> ([f64; 4], [f64; 10]) {
        let axes = [0, 1, 3, 4];
        let mut triangle = [0.0; 10];
        let mut k = 0;
        for i in 0..4 {
            for j in i..4 {
                triangle[k] = state.covariance[at(axes[i], axes[j])];
                k += 1;
            }
        }
        (axes.map(|axis| state.mean[axis]), triangle)
    }

    #[test]
    fn a_plane_track_is_updated_and_weighed_by_its_plane_alone() {
        let mut tracker = tracker();
        tracker.step_plane_positions(0, &[[10.0, 20.0]], &[NOISE_M2], Some(AREA_M2)).expect("scan");
        let config = tracker.config().clone();
        let born = tracker.table.states.state(0);
        let seen_m = [14.0, 25.0];
        tracker
            .step_plane_positions(1_000_000_000, &[seen_m], &[NOISE_M2], Some(AREA_M2))
            .expect("scan");
        let noise = config.process_noise_m2_s3;
        let predicted = predict(&born, 1.0, [noise, noise, config.vertical_process_noise_m2_s3]);
        // By hand: S = P + R of the plane, its determinant and the density of the innovation.
        let p = &predicted.covariance;
        let (xx, xy) = (p[at(0, 0)] + 9.0, p[at(0, 1)] + 2.0);
        let yy = p[at(1, 1)] + 4.0;
        let determinant = xx * yy - xy * xy;
        let (dx, dy) = (seen_m[0] - predicted.mean[0], seen_m[1] - predicted.mean[1]);
        let distance2 = (dx * dx * yy - 2.0 * dx * dy * xy + dy * dy * xx) / determinant;
        let density = libm::exp(-0.5 * distance2) / (std::f64::consts::TAU * determinant.sqrt());
        let (pd, clutter) = (config.detection_probability, config.clutter_per_frame);
        let ratio = 1.0 - pd + pd * density * AREA_M2 / clutter;
        let before = config.births_per_frame / (config.births_per_frame + clutter)
            * libm::exp(-1.0 / config.mean_lifetime_s);
        let expected = before * ratio / (1.0 - before + before * ratio);
        let found = tracker.table.lives[0].existence;
        assert!((found / expected - 1.0).abs() < 1e-8, "{found} {expected}");
        let (mean, _) = plane(&tracker.table.states.state(0));
        let gain_x = [p[at(0, 0)], p[at(0, 1)]];
        let moved =
            (gain_x[0] * (yy * dx - xy * dy) + gain_x[1] * (xx * dy - xy * dx)) / determinant;
        assert!((mean[0] - predicted.mean[0] - moved).abs() < 1e-9);
        let state = tracker.table.states.state(0);
        assert_eq!([state.mean[2], state.mean[5]], [0.0; 2]);
        assert_eq!([0, 1, 3, 4].map(|i| state.covariance[at(i, 2)]), [0.0; 4]);
    }

    #[test]
    fn one_diagonal_covariance_for_all_is_that_of_each() {
        let diagonal = [[9.0, 0.0], [0.0, 4.0]];
        let [mut shared, mut each] = [tracker(), tracker()];
        for scan in 0..12 {
            let along = f64::from(scan) * 3.0;
            let positions_m = [[along, 0.0], [500.0 - along, 10.0], [along, 300.0]];
            let time_ns = i64::from(scan) * 1_000_000_000;
            shared
                .step_plane_positions(time_ns, &positions_m, &[diagonal], Some(AREA_M2))
                .expect("scan");
            each.step_plane_positions(time_ns, &positions_m, &[diagonal; 3], Some(AREA_M2))
                .expect("scan");
        }
        assert_eq!(shared.confirmed_count(), 3);
        for slot in 0..3 {
            let states = [&shared, &each].map(|tracker| plane(&tracker.table.states.state(slot)));
            assert_eq!(states[0], states[1]);
        }
    }

    #[test]
    fn what_cannot_be_a_plane_position_is_refused() {
        let mut tracker = tracker();
        let mut reason = |position_m, covariance_m2, area_m2| {
            let stepped = tracker.step_plane_positions(0, &[position_m], &[covariance_m2], area_m2);
            stepped.expect_err("bad input").to_string()
        };
        assert!(reason([f64::NAN, 0.0], NOISE_M2, None).contains("positions_m[0]"));
        let flat = [[1.0, 1.0], [1.0, 1.0]];
        assert!(reason([0.0, 0.0], flat, None).contains("covariance_m2[0] is [[1.0, 1.0], [1.0"));
        for area_m2 in [-1.0, 0.0, f64::INFINITY, f64::NAN] {
            assert!(reason([0.0, 0.0], NOISE_M2, Some(area_m2)).contains("area_m2"));
        }
    }
}
