//! Models that a user wrote, which allocate nothing themselves, make the tracker allocate nothing.

use std::sync::Arc;

use qiki_core::tracking::config::TrackerConfig;
use qiki_core::tracking::measurement_scan::MeasurementScan;
use qiki_core::tracking::report::Viewpoint;
use qiki_core::tracking::tracker::Tracker;
use qiki_core::tracking::user_measurement::{MeasurementFunctions, UserMeasurement};
use qiki_core::tracking::user_motion::{MotionBatch, MotionFunction, UserMotion};

use crate::{born_and_ended, demand_none, scene, tracker, tracker_of};

/// Constant velocity, driven by white noise acceleration of the density that is its parameter.
#[derive(Debug)]
struct Straight;

impl MotionFunction for Straight {
    fn predict(&self, batch: MotionBatch<'_>) {
        let density = batch.parameters[0];
        for (k, &mut dt_s) in batch.time_step_s.iter_mut().enumerate() {
            for x in 0..3 {
                let [at, speed] = [6 * k + x, 6 * k + x + 3];
                batch.mean[at] = batch.state[at] + dt_s * batch.state[speed];
                batch.mean[speed] = batch.state[speed];
                let place = |i: usize, j: usize| 36 * k + 6 * i + j;
                let variances = [dt_s * dt_s * dt_s / 3.0, dt_s * dt_s / 2.0, dt_s];
                let [far, both, fast] = variances.map(|share| density * share);
                batch.transition[place(x, x)] = 1.0;
                batch.transition[place(x + 3, x + 3)] = 1.0;
                batch.transition[place(x, x + 3)] = dt_s;
                batch.noise[place(x, x)] = far;
                batch.noise[place(x, x + 3)] = both;
                batch.noise[place(x + 3, x)] = both;
                batch.noise[place(x + 3, x + 3)] = fast;
            }
        }
    }
}

/// The position itself.
#[derive(Debug)]
struct Place;

impl MeasurementFunctions for Place {
    fn predict(
        &self,
        state: &mut [f64; 6],
        _: &mut [f64],
        predicted: &mut [f64],
        jacobian: &mut [f64],
    ) {
        for axis in 0..3 {
            predicted[axis] = state[axis];
            jacobian[7 * axis] = 1.0;
        }
    }

    fn start(
        &self,
        measured: &mut [f64],
        noise: &mut [f64],
        _: &mut [f64],
        position_m: &mut [f64; 3],
        covariance_m2: &mut [f64; 9],
    ) {
        position_m.copy_from_slice(measured);
        covariance_m2.copy_from_slice(noise);
    }
}

fn moved_by_users(association: &str) -> Tracker {
    let settings = format!(
        r#"{{"association": "{association}", "motion_models": [
            {{"kind": "user", "model": "straight", "parameters": [1.0],
              "initial_probability": 0.7}},
            {{"kind": "constant_velocity", "process_noise_m2_s3": 50.0,
              "initial_probability": 0.3}}]}}"#
    );
    let straight = UserMotion::new("straight", 6, 1, Arc::new(Straight)).expect("a model");
    tracker_of(TrackerConfig::from_json_with(&settings, &[straight]).expect("valid settings"))
}

#[test]
fn a_frame_allocates_nothing_where_a_user_says_how_targets_move() {
    for association in ["gnn", "jpda"] {
        let (mut tracker, mut records) = (moved_by_users(association), Vec::new());
        let input = |number| (scene::header(number), scene::replies(number));
        demand_none(&format!("own motion, {association}"), input, |(header, detections)| {
            tracker.step(header, detections).expect("a good frame");
            tracker.report_touched(Viewpoint::from(header), &mut records);
            born_and_ended(&records)
        });
    }
}

#[test]
fn a_scan_allocates_nothing_where_a_user_says_what_is_measured() {
    let model = UserMeasurement::new("place", vec![0.0; 3], 0, Arc::new(Place)).expect("a model");
    let noise_m2 = scene::covariance_m2::<3>();
    let noises = noise_m2.as_flattened();
    let input = |number| (scene::time_ns(number), scene::positions_m(number));
    for association in ["gnn", "jpda"] {
        let trackers = [tracker(association, "[]", "[]"), moved_by_users(association)];
        for (mut tracker, name) in trackers.into_iter().zip(["one filter", "own motion"]) {
            let mut records = Vec::new();
            let what = format!("own measurements, {association}, {name}");
            demand_none(&what, input, |(time_ns, positions_m)| {
                let (time_ns, values) = (*time_ns, positions_m.as_flattened());
                let scan =
                    MeasurementScan { time_ns, values, noises, parameters: &[], volume: 1.44e11 };
                tracker.step_measurements(&model, &scan).expect("a good scan");
                tracker.report_touched(Viewpoint { time_ns, sensor: None }, &mut records);
                born_and_ended(&records)
            });
        }
    }
}
