//! Gating against the distance of every track to every measurement by whole matrices.

use crate::error::{Error, Result};
use crate::simd::{LANES, SimdLevel};
use crate::tracking::config::TrackerConfig;
use crate::tracking::dense_kalman::{self, Draw, Matrix, update};
use crate::tracking::frame_measurements::FrameMeasurements;
use crate::tracking::gating::{Gating, MAX_PAIRS, keep};
use crate::tracking::gaussian::{Gaussian, STATE};
use crate::tracking::kalman_test::constant_velocity;
use crate::tracking::lifecycle::Life;
use crate::tracking::measurement::PositionModel;
use crate::tracking::motion::OneFilter;
use crate::tracking::record::event;
use crate::tracking::state_table::StateTable;

const NOISE_M2_S3: [f64; 3] = [2.0, 2.0, 0.3];
const COVARIANCE_M2: [[f64; 3]; 3] = [[40.0, 3.0, 0.0], [3.0, 9.0, -1.0], [0.0, -1.0, 25.0]];
const GATE: f64 = 14.0;
const MODEL: PositionModel<true> =
    PositionModel { covariance_m2: [40.0, 3.0, 0.0, 9.0, -1.0, 25.0], cost: -11.5, gate: GATE };
const SECOND_NS: i64 = 1_000_000_000;

/// Tracks and measurements of which some are near each other.
struct Scene {
    states: StateTable,
    lives: Vec<Life>,
    measured: FrameMeasurements,
    positions_m: Vec<[f64; 3]>,
}

/// `times_ns` are those of the measurements, by turns. Every fifth track has ended.
fn scene(seed: u64, tracks: u32, times_ns: &[i64]) -> Scene {
    let mut draw = Draw::new(seed);
    let mut states = StateTable::default();
    states.grow(tracks as usize);
    for slot in 0..tracks {
        let mut state: Gaussian = draw.state();
        state.covariance.iter_mut().for_each(|element| *element *= 0.2);
        (0..3).for_each(|axis| state.mean[axis] += 90.0 * draw.next());
        states.set(slot, &state, i64::from(slot % 4) * SECOND_NS);
    }
    let config = TrackerConfig::default();
    let mut lives = vec![Life::born(0, 0, 0.1, &config); tracks as usize];
    lives.iter_mut().step_by(5).for_each(|life| life.event = event::ENDED);
    let positions_m: Vec<[f64; 3]> = (0..60).map(|_| [0; 3].map(|_| 120.0 * draw.next())).collect();
    let mut measured = FrameMeasurements::default();
    measured.from_positions::<true>(0, &positions_m, &[COVARIANCE_M2], GATE);
    for (time_ns, &given_ns) in measured.times_ns.iter_mut().zip(times_ns.iter().cycle()) {
        *time_ns = given_ns;
    }
    Scene { states, lives, measured, positions_m }
}

fn run(gating: &mut Gating, scene: &Scene) -> Result<()> {
    let Scene { states, lives, measured, .. } = scene;
    let motion = OneFilter { noise_m2_s3: NOISE_M2_S3 };
    gating.run::<3, _, _>(MODEL, states, lives, measured, motion)
}

/// Cost of a measurement for a track, by whole matrices; none outside the gate.
fn cost(scene: &Scene, slot: u32, index: usize) -> Option<f64> {
    let until_ns = scene.measured.times_ns[index] - scene.states.time_ns(slot);
    let [f, q] = constant_velocity(until_ns as f64 * 1e-9, NOISE_M2_S3);
    let (mean, covariance) = dense_kalman::predicted(&scene.states.state(slot), &f, &q);
    let mut then = Gaussian::ZERO;
    then.mean.copy_from_slice(&mean);
    let mut place = 0;
    for i in 0..STATE {
        for j in i..STATE {
            then.covariance[place] = covariance[i][j];
            place += 1;
        }
    }
    let h: Matrix = dense_kalman::unit(STATE)[..3].to_vec();
    let innovation = [0, 1, 2].map(|axis| scene.positions_m[index][axis] - mean[axis]);
    let found = update(&then, &h, &COVARIANCE_M2.map(Vec::from).to_vec(), &innovation);
    let cost = 0.5 * (found.distance2 + libm::log(found.determinant)) + MODEL.cost;
    (found.distance2 <= GATE).then_some(cost)
}

/// Require what gating finds to be what every pair by itself says, and count the pairs.
fn check(gating: &mut Gating, scene: &Scene, oldest_ns: i64) -> usize {
    run(gating, scene).expect("few pairs");
    let (mut inside, mut all) = (0, 0);
    for slot in 0..scene.lives.len() {
        let found: Vec<(u32, f64)> = gating.candidates.of(slot).collect();
        all += found.len();
        assert_eq!(gating.candidates.has_any(slot), !found.is_empty());
        assert_eq!(gating.candidates.pairs(slot).len(), found.len());
        let pairs = gating.candidates.pairs(slot).map(|place| gating.candidates.pair(place));
        assert!(pairs.eq(found.iter().copied()));
        let least_ns = scene.states.time_ns(slot as u32) - oldest_ns;
        for index in 0..scene.positions_m.len() {
            let own = found.iter().filter(|&&(measurement, _)| measurement as usize == index);
            let costs: Vec<f64> = own.map(|&(_, cost)| cost).collect();
            if !scene.lives[slot].goes_on() || scene.measured.times_ns[index] < least_ns {
                assert!(costs.is_empty(), "{slot} {index}");
                continue;
            }
            assert!(costs.len() < 2, "{slot} {index}");
            let found = costs.first().copied().unwrap_or(f64::INFINITY);
            match cost(scene, slot as u32, index) {
                Some(expected) => assert!((found - expected).abs() < 1e-9, "{found} {expected}"),
                None => assert_eq!(found, f64::INFINITY, "{slot} {index}"),
            }
            inside += usize::from(found < f64::INFINITY);
        }
    }
    assert_eq!(gating.candidates.count(), all);
    inside
}

#[test]
fn candidates_and_costs_are_those_of_every_pair_by_itself() {
    let mut pairs = 0;
    for level in SimdLevel::ALL.into_iter().filter(|level| level.is_available()) {
        let mut gating = Gating::new(level, 60 * SECOND_NS);
        for (seed, tracks) in [(1, 40), (2, 7), (3, 16), (4, 33)] {
            pairs += check(&mut gating, &scene(seed, tracks, &[3 * SECOND_NS]), 60 * SECOND_NS);
        }
    }
    assert!(pairs > 200, "{pairs}");
}

#[test]
fn every_pair_is_judged_at_the_measurements_own_time() {
    let times_ns = [SECOND_NS, 5 * SECOND_NS, 3 * SECOND_NS + 7, 4 * SECOND_NS];
    let (mut gating, mut pairs) = (Gating::new(SimdLevel::detect(), 60 * SECOND_NS), 0);
    for (seed, tracks) in [(1, 40), (2, 7), (3, 16), (4, 33)] {
        pairs += check(&mut gating, &scene(seed, tracks, &times_ns), 60 * SECOND_NS);
    }
    assert!(pairs > 100, "{pairs}");
}

#[test]
fn a_measurement_too_much_older_than_a_state_is_no_candidate() {
    let times_ns = [0, 3 * SECOND_NS, SECOND_NS, 2 * SECOND_NS - 1, 2 * SECOND_NS];
    let mut pairs = Vec::new();
    for oldest_ns in [0, 1, SECOND_NS, 2 * SECOND_NS, 3 * SECOND_NS] {
        let mut gating = Gating::new(SimdLevel::detect(), oldest_ns);
        let seeds = 0..6;
        let counts = seeds.map(|seed| check(&mut gating, &scene(seed, 40, &times_ns), oldest_ns));
        pairs.push(counts.sum::<usize>());
    }
    assert!(pairs.is_sorted() && pairs[0] > 50 && pairs[4] > pairs[0] + 50, "{pairs:?}");
}

#[test]
fn how_much_too_old_a_measurement_is_widens_no_search() {
    let mut gating = Gating::new(SimdLevel::detect(), SECOND_NS);
    let mut found = |too_old_ns: i64| {
        let mut scene = scene(2, 40, &[3 * SECOND_NS]);
        // The oldest state is of time 0: too old by this for each track.
        scene.measured.times_ns[7] = -SECOND_NS - too_old_ns;
        run(&mut gating, &scene).expect("few pairs");
        (0..40).map(|slot| gating.candidates.of(slot).collect()).collect::<Vec<Vec<_>>>()
    };
    let near = found(1);
    assert!(near.iter().any(|pairs| pairs.len() > 1) && near.iter().flatten().all(|p| p.0 != 7));
    assert_eq!(found(10_000 * SECOND_NS), near);
}

#[test]
fn without_measurements_no_track_has_a_candidate() {
    let mut gating = Gating::new(SimdLevel::detect(), 0);
    let mut scene = scene(1, 20, &[0]);
    run(&mut gating, &scene).expect("few pairs");
    assert!(gating.candidates.count() > 0);
    scene.measured.from_positions::<true>(0, &[], &[COVARIANCE_M2], GATE);
    run(&mut gating, &scene).expect("no pairs");
    assert_eq!(gating.candidates.count(), 0);
    assert!((0..3 * LANES).all(|slot| !gating.candidates.has_any(slot)));
}

#[test]
fn a_ratio_multiplies_the_likelihood_of_each_pair_inside_the_gate() {
    let mut gating = Gating::new(SimdLevel::detect(), 0);
    run(&mut gating, &scene(1, 40, &[3 * SECOND_NS])).expect("few pairs");
    let costs = |gating: &Gating, slot| gating.candidates.of(slot).collect::<Vec<_>>();
    let slots = (0..40).filter(|&slot| costs(&gating, slot).iter().any(|pair| pair.1 < 1e9));
    let slots: Vec<usize> = slots.collect();
    assert!(slots.len() > 5);
    let before: Vec<_> = (0..40).map(|slot| costs(&gating, slot)).collect();
    gating.candidates.multiply(slots[1], |index| f64::from(index + 1));
    for slot in 0..40 {
        for (&(index, old), (_, new)) in before[slot].iter().zip(costs(&gating, slot)) {
            let gain = if slot == slots[1] { libm::log(f64::from(index + 1)) } else { 0.0 };
            assert!(new == old - gain || (new - (old - gain)).abs() < 1e-12, "{slot} {index}");
        }
    }
}

/// Tracks and measurements all at one place.
fn crowd(tracks: u32, measurements: usize) -> Result<()> {
    let mut scene = scene(1, tracks, &[0]);
    for slot in 0..tracks {
        let mut state = scene.states.state(0);
        state.mean = [0.0; STATE];
        scene.states.set(slot, &state, 0);
    }
    scene.lives.fill(Life::born(0, 0, 0.1, &TrackerConfig::default()));
    let positions_m = vec![[0.0; 3]; measurements];
    scene.measured.from_positions::<true>(0, &positions_m, &[COVARIANCE_M2], GATE);
    let mut gating = Gating::new(SimdLevel::detect(), 0);
    run(&mut gating, &scene)?;
    assert_eq!(gating.candidates.count(), tracks as usize * measurements);
    Ok(())
}

#[test]
fn as_many_pairs_as_the_limit_says_are_taken_and_not_one_more() {
    let tracks = 1000;
    let measurements = MAX_PAIRS / tracks as usize;
    crowd(tracks, measurements).expect("as many as may be");
    let refusal = crowd(tracks, measurements + 1).expect_err("too many");
    let Error::Capacity { limit, wanted, .. } = refusal else { panic!("{refusal}") };
    assert!(limit == MAX_PAIRS && wanted > limit && wanted <= limit + tracks as usize);
    // One track more is one too many as well.
    assert!(crowd(tracks + 1, measurements).is_err());
}

#[test]
fn what_stays_is_kept_in_its_order() {
    let kept = |numbers: &[u32], stays: fn(&u32) -> bool| {
        let mut list = numbers.to_vec();
        let count = keep(&mut list, stays);
        list.truncate(count);
        list
    };
    assert_eq!(kept(&[], |_| true), [0; 0]);
    assert_eq!(kept(&[5, 3, 8, 1, 4], |_| true), [5, 3, 8, 1, 4]);
    assert_eq!(kept(&[5, 3, 8, 1, 4], |_| false), [0; 0]);
    assert_eq!(kept(&[5, 3, 8, 1, 4, 6], |number| number % 2 == 0), [8, 4, 6]);
    assert_eq!(kept(&[2, 3], |number| number % 2 == 0), [2]);
}
