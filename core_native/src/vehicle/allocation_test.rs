//! Allocation over sixteen canted thrusters, as those of the configuration that comes with QIKI.

use crate::vehicle::allocation::{Allocation, AllocationWeights, Allocator};
use crate::vehicle::thruster::{Thruster, ThrusterCondition, Wrench};

const WEIGHTS: AllocationWeights =
    AllocationWeights { torque_weight_per_m: 1.0, propellant_weight: 1e-6 };
const WORKING: [ThrusterCondition; 16] = [ThrusterCondition::Working; 16];
/// 4 × 260 N cos 45°.
const MOST_AHEAD_N: f64 = 735.391_052_434_0;

/// Clusters at the bow, at the stern, on top and below, all thrusters canted by 45°.
pub fn sixteen() -> Vec<Thruster> {
    let cant = 0.5_f64.sqrt();
    let cluster = |thrust_n: f64, of: &dyn Fn(f64, f64) -> [[f64; 3]; 2]| -> Vec<Thruster> {
        [(-1.0, 1.0), (1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)]
            .map(|(side, end)| {
                let [position_m, direction] = of(side, end);
                let force_direction = direction.map(|part| cant * part);
                Thruster { position_m, force_direction, thrust_n }
            })
            .into()
    };
    [
        cluster(260.0, &|side, end| [[-0.5 * side, 1.0, 0.4 * end], [side, -1.0, 0.0]]),
        cluster(260.0, &|side, end| [[-0.5 * side, -1.0, 0.4 * end], [side, 1.0, 0.0]]),
        cluster(220.0, &|side, end| [[0.6 * end, 0.3 * side, 0.5], [0.0, -side, -1.0]]),
        cluster(220.0, &|side, end| [[0.6 * end, 0.3 * side, -0.5], [0.0, -side, 1.0]]),
    ]
    .concat()
}

fn allocate(wanted: Wrench, conditions: &[ThrusterCondition]) -> Allocation {
    Allocator::new(&sixteen(), WEIGHTS).allocate(&wanted, conditions)
}

fn assert_reached(wanted: Wrench, conditions: &[ThrusterCondition]) -> Allocation {
    let allocation = allocate(wanted, conditions);
    for axis in 0..6 {
        let miss = (allocation.wrench[axis] - wanted[axis]).abs();
        assert!(miss < 5e-3, "{wanted:?}: {:?}", allocation.wrench);
    }
    assert!(allocation.kkt_violation < 1e-12, "{}", allocation.kkt_violation);
    allocation
}

fn along(axis: usize, size: f64) -> Wrench {
    let mut wrench = [0.0; 6];
    wrench[axis] = size;
    wrench
}

#[test]
fn every_axis_is_pushed_and_turned_without_the_others() {
    for (axis, most) in [(0, 735.3), (1, 735.3), (2, 622.2), (3, 200.0), (4, 200.0), (5, 200.0)] {
        for size in [most, -most, 0.01 * most] {
            assert_reached(along(axis, size), &WORKING);
        }
    }
}

/// Without the clusters on top and below, each direction in the plane is one group of four.
#[test]
fn four_thrusters_together_give_the_most_of_their_axis() {
    let mut conditions = WORKING;
    conditions[8..].fill(ThrusterCondition::StuckClosed);
    for (axis, sign, group) in [
        (1, -1.0, [0, 1, 2, 3]),
        (1, 1.0, [4, 5, 6, 7]),
        (0, -1.0, [0, 2, 4, 6]),
        (0, 1.0, [1, 3, 5, 7]),
    ] {
        let allocation = assert_reached(along(axis, sign * (MOST_AHEAD_N - 1e-3)), &conditions);
        for (index, fraction) in allocation.fractions.iter().enumerate() {
            let expected = if group.contains(&index) { 1.0 } else { 0.0 };
            assert!((fraction - expected).abs() < 1e-5, "{:?}", allocation.fractions);
        }
        // More is not to be had.
        let beyond = allocate(along(axis, sign * 2.0 * MOST_AHEAD_N), &conditions);
        assert!((beyond.wrench[axis] - sign * MOST_AHEAD_N).abs() < 1e-2, "{:?}", beyond.wrench);
    }
}

#[test]
fn a_thruster_that_fails_is_done_without() {
    let mut conditions = WORKING;
    conditions[4] = ThrusterCondition::StuckClosed;
    let allocation = assert_reached(along(1, 300.0), &conditions);
    assert_eq!(allocation.fractions[4], 0.0);
    conditions[4] = ThrusterCondition::StuckOpen;
    for wanted in [along(1, 300.0), [0.0; 6], along(5, -50.0)] {
        let allocation = assert_reached(wanted, &conditions);
        assert_eq!(allocation.fractions[4], 0.0);
        assert!(allocation.fractions.iter().sum::<f64>() > 0.0);
    }
    let none = allocate(along(1, 300.0), &[ThrusterCondition::StuckClosed; 16]);
    assert_eq!((none.fractions, none.wrench), ([0.0; 32], [0.0; 6]));
}

#[test]
fn extreme_levers_and_thrusts_still_have_an_answer() {
    let weights = AllocationWeights { torque_weight_per_m: 1000.0, propellant_weight: 1e-8 };
    let thruster = |x_m: f64, thrust_n: f64| Thruster {
        position_m: [x_m, 0.0, 0.0],
        force_direction: [0.0, 1.0, 0.0],
        thrust_n,
    };
    let thrusters: Vec<Thruster> = [(100.0, 1e7), (100.0, 1e7), (99.0, 1e-6), (-100.0, 1e7)]
        .into_iter()
        .flat_map(|(x_m, thrust_n)| [thruster(x_m, thrust_n); 4])
        .collect();
    let allocator = Allocator::new(&thrusters, weights);
    for wanted in [along(5, 3e9), along(1, 2e7), along(5, 1e-3), along(0, 5.0)] {
        let allocation = allocator.allocate(&wanted, &WORKING);
        assert!(allocation.fractions.iter().all(|x| (0.0..=1.0).contains(x)), "{allocation:?}");
        // The steepest slope: weight of the torque, torque of a thruster, torque wanted.
        assert!(allocation.kkt_violation < 1e-9 * (1e-8 * 1e9 * 3e9), "{allocation:?}");
        let missed = (allocation.wrench[5] - wanted[5]).abs();
        assert!(missed <= 1e-6 * wanted[5].abs() + 1.0, "{missed}");
    }
}

#[test]
fn nothing_wanted_is_nothing_done() {
    assert_eq!(allocate([0.0; 6], &WORKING).fractions, [0.0; 32]);
}
