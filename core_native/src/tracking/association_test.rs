//! Association against every possible assignment, confirmed tracks first.

use crate::tracking::association::{Association, FREE};
use crate::tracking::config::TrackerConfig;
use crate::tracking::dense_kalman::Draw;
use crate::tracking::gating::Candidates;
use crate::tracking::lifecycle::Life;
use crate::tracking::record::status;
use crate::tracking::soft_association::{Outcome, SoftAssociation};

const MISS_BONUS: f64 = 2.0;

/// What a track of some candidates may take, with what each costs.
type Choices = Vec<(u32, f64)>;

/// A whole number from 0 below `count`.
fn below(draw: &mut Draw, count: usize) -> usize {
    (0.5 * (draw.next() + 1.0) * count as f64) as usize
}

/// Slots with candidates in whole costs, so that there are ties, some of them outside the gate and
/// some that cost as much as a miss.
fn choices(draw: &mut Draw, slots: usize, measurements: usize) -> Vec<Choices> {
    let cost = |draw: &mut Draw| match below(draw, 10) {
        9 => f64::INFINITY,
        number => number as f64 - 5.0,
    };
    (0..slots)
        .map(|_| {
            let near = (0..measurements as u32).filter(|_| below(draw, 5) < 2).collect::<Vec<_>>();
            near.into_iter().map(|index| (index, cost(draw))).collect()
        })
        .collect()
}

fn lives(draw: &mut Draw, slots: usize) -> Vec<Life> {
    let statuses = [status::NEW, status::TRACKED, status::COASTING, status::LOST];
    let born = Life::born(0, 0, 0.1, &TrackerConfig::default());
    (0..slots).map(|_| Life { status: statuses[below(draw, 4)], ..born }).collect()
}

/// The least that slots can save against missing all, each measurement taken by one at most.
fn least(slots: &[&Choices], taken: &mut [bool]) -> f64 {
    let Some((slot, others)) = slots.split_first() else { return 0.0 };
    let mut best = least(others, taken);
    for &(measurement, cost) in slot.iter() {
        if !taken[measurement as usize] && cost < MISS_BONUS {
            taken[measurement as usize] = true;
            best = best.min(cost - MISS_BONUS + least(others, taken));
            taken[measurement as usize] = false;
        }
    }
    best
}

#[test]
fn confirmed_tracks_choose_best_and_then_the_others_of_the_rest() {
    let (mut draw, mut association) = (Draw::new(1), Association::default());
    let mut sums = [0; 2];
    for _ in 0..1500 {
        let (slots, measurements) = (below(&mut draw, 8), below(&mut draw, 7));
        let (choices, lives) = (choices(&mut draw, slots, measurements), lives(&mut draw, slots));
        let candidates = Candidates::from_slots(&choices);
        association.assign(&candidates, &lives, measurements, MISS_BONUS).expect("finite costs");
        let Association { taken_by, cost_of, taker, births, .. } = &association;
        assert_eq!((taken_by.len(), taker.len()), (slots, measurements));
        let mut taken = vec![false; measurements];
        for (group, confirmed) in [true, false].into_iter().enumerate() {
            let own = (0..slots).filter(|&slot| lives[slot].is_confirmed() == confirmed);
            let own: Vec<usize> = own.collect();
            let lists: Vec<&Choices> = own.iter().map(|&slot| &choices[slot]).collect();
            let expected = least(&lists, &mut taken);
            let mut saved = 0.0;
            for &slot in own.iter().filter(|&&slot| taken_by[slot] != FREE) {
                let pair = choices[slot].iter().find(|pair| pair.0 == taken_by[slot]);
                let (measurement, cost) = *pair.expect("one of its candidates");
                assert_eq!((cost_of[slot], taker[measurement as usize]), (cost, slot as u32));
                assert!(!std::mem::replace(&mut taken[measurement as usize], true));
                saved += cost - MISS_BONUS;
                sums[group] += 1;
            }
            assert_eq!(saved, expected, "{choices:?} {lives:?}");
        }
        let free = |slot: usize| taken_by[slot] == FREE;
        assert!((0..slots).filter(|&slot| free(slot)).all(|slot| cost_of[slot] == f64::INFINITY));
        assert!((0..measurements).all(|at| (taker[at] != FREE) == taken[at]));
        let untaken = (0..measurements as u32).filter(|&at| !taken[at as usize]);
        assert!(births.iter().copied().eq(untaken));
    }
    assert!(sums.iter().all(|&sum| sum > 500), "{sums:?}");
}

#[test]
fn joint_association_takes_what_is_told_and_begins_what_is_surely_of_none() {
    let outcome =
        |measurement| Some(Outcome { detected: 0.8, existence: 0.9, missed: 0.1, measurement });
    let mut soft = SoftAssociation::default();
    soft.outcomes.extend([outcome(2), None, outcome(FREE), outcome(0), None]);
    soft.unclaimed.extend([0.05, 0.9, 0.2, 0.900_001, 1.0, 0.899]);
    let mut association = Association::default();
    // What was before is forgotten.
    let before = Candidates::from_slots(&vec![vec![(0, -9.0)]; 9]);
    let lives = vec![Life::born(0, 0, 0.1, &TrackerConfig::default()); 9];
    association.assign(&before, &lives, 9, MISS_BONUS).expect("finite costs");
    association.take_over(&soft);
    assert_eq!(association.taken_by, [2, FREE, FREE, 0, FREE]);
    assert_eq!(association.taker, [3, FREE, 0, FREE, FREE, FREE]);
    assert_eq!(association.births, [3, 4]);
    assert_eq!(association.cost_of, [f64::INFINITY; 5]);
}
