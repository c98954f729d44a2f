//! Interacting models: the tracks move by a bank of filters.
//!
//! Every candidate meets the mixture that the models make at its own time. The gate is the union of
//! the models' gates: a turn that only one of them foresees must not be shut out by the others.

use crate::error::Result;
use crate::numeric::{max, min};
use crate::simd::{LANES, SimdLevel, dispatch};
use crate::tracking::bank_mixture::mix_bank;
use crate::tracking::filter_bank::Ahead;
use crate::tracking::lanes::RowLanes;
use crate::tracking::measurement::Model;
use crate::tracking::mixture_update::Hypotheses;
use crate::tracking::mode_chain::MAX_MODELS;
use crate::tracking::motion::{Hits, Motion};
use crate::tracking::spatial_grid::SearchBoxes;
use crate::tracking::state_table::StateTable;

/// The bank of the table, by which its tracks move.
#[derive(Clone, Copy)]
pub struct Interacting {
    /// Instruction set: the prediction, which no measurement enters, is a kernel of its own.
    pub level: SimdLevel,
}

impl Motion for Interacting {
    type Ahead = Ahead;

    #[inline(always)]
    fn room(&self, states: &StateTable) -> Ahead {
        states.bank.room()
    }

    #[inline(always)]
    fn look_ahead(
        &self,
        states: &StateTable,
        block: usize,
        until_s: &[f64; LANES],
        ahead: &mut Ahead,
    ) {
        dispatch(self.level, states.bank.look_ahead(block, until_s, ahead));
    }

    #[inline(always)]
    fn search_boxes<const ONE_TIME: bool>(
        &self,
        states: &StateTable,
        block: usize,
        between_s: &[[f64; LANES]; 2],
        gate: f64,
        ahead: &mut Ahead,
    ) -> SearchBoxes {
        let [first_s, last_s] = between_s;
        self.look_ahead(states, block, last_s, ahead);
        let last = Reach::of(ahead);
        if ONE_TIME {
            return boxes_around(&[last], gate);
        }
        let late = ahead.flaws;
        self.look_ahead(states, block, first_s, ahead);
        ahead.join_flaws(&late);
        let first = Reach::of(ahead);
        let mut apart_s = [0.0; LANES];
        for lane in 0..LANES {
            apart_s[lane] = last_s[lane] - first_s[lane];
        }
        let bends = Bends::between(&first, &last, ahead.filters().len(), &apart_s);
        bends.widen(boxes_around(&[first, last], gate), gate)
    }

    #[inline(always)]
    fn check(&self, states: &StateTable, ahead: &Ahead, lane: usize) -> Result<()> {
        states.bank.check(ahead.flaws[lane])
    }

    #[inline(always)]
    fn costs<const C: usize, M: Model<C>>(
        &self,
        _: &StateTable,
        _: usize,
        model: &M,
        rows: &RowLanes,
        _: &[f64; LANES],
        ahead: &Ahead,
    ) -> [f64; LANES] {
        ahead.costs(model, rows)
    }

    #[inline(always)]
    fn update<const C: usize, M: Model<C>>(
        &self,
        states: &mut StateTable,
        block: usize,
        model: &M,
        hits: Hits<'_>,
        ahead: &mut Ahead,
    ) {
        self.look_ahead(states, block, hits.until_s, ahead);
        states.bank.note(&ahead.flaws, hits.hit);
        states.bank.update(block, ahead, model, hits);
        let mean = states.bank.mean(block);
        states.blocks[block].states.take_mean(&mean, hits.hit);
    }

    #[inline(always)]
    fn mix<const C: usize, M: Model<C>>(
        &self,
        states: &mut StateTable,
        model: &M,
        hypotheses: &Hypotheses<'_>,
        ahead: &mut Ahead,
    ) {
        mix_bank(self.level, states, model, hypotheses, ahead);
    }
}

/// Where the models see eight tracks at one time.
struct Reach {
    /// Least and largest mean position of any model \[m\].
    low_m: [[f64; LANES]; 3],
    high_m: [[f64; LANES]; 3],
    /// Largest variance of any model \[m²\].
    variance_m2: [[f64; LANES]; 3],
    /// Mean velocity by each model \[m/s\], and the largest variance \[m²/s²\].
    velocity_m_s: [[[f64; LANES]; 3]; MAX_MODELS],
    velocity_variance_m2_s2: [[f64; LANES]; 3],
}

impl Reach {
    #[inline(always)]
    fn of(ahead: &Ahead) -> Self {
        let mut found = Self {
            low_m: [[f64::INFINITY; LANES]; 3],
            high_m: [[f64::NEG_INFINITY; LANES]; 3],
            variance_m2: [[0.0; LANES]; 3],
            velocity_m_s: [[[0.0; LANES]; 3]; MAX_MODELS],
            velocity_variance_m2_s2: [[0.0; LANES]; 3],
        };
        for (j, filter) in ahead.filters().iter().enumerate() {
            for axis in 0..3 {
                let (mean, variance) = (filter.mean(axis), filter.variance(axis));
                let speed_variance = filter.variance(axis + 3);
                found.velocity_m_s[j][axis] = *filter.mean(axis + 3);
                for lane in 0..LANES {
                    found.low_m[axis][lane] = min(found.low_m[axis][lane], mean[lane]);
                    found.high_m[axis][lane] = max(found.high_m[axis][lane], mean[lane]);
                    let largest = &mut found.variance_m2[axis][lane];
                    *largest = max(*largest, variance[lane]);
                    let largest = &mut found.velocity_variance_m2_s2[axis][lane];
                    *largest = max(*largest, speed_variance[lane]);
                }
            }
        }
        found
    }
}

/// Boxes around the reaches at one time or two.
#[inline(always)]
fn boxes_around(reaches: &[Reach], gate: f64) -> SearchBoxes {
    let mut boxes = SearchBoxes::default();
    for axis in 0..3 {
        for lane in 0..LANES {
            let (mut low, mut high, mut variance) = (f64::INFINITY, f64::NEG_INFINITY, 0.0);
            for reach in reaches {
                low = min(low, reach.low_m[axis][lane]);
                high = max(high, reach.high_m[axis][lane]);
                variance = max(variance, reach.variance_m2[axis][lane]);
            }
            boxes.center_m[axis][lane] = 0.5 * (low + high);
            boxes.drift_m[axis][lane] = 0.5 * (high - low);
            boxes.spread2_m2[axis][lane] = gate * variance;
        }
    }
    boxes
}

/// How far tracks may leave the straight way between two times.
struct Bends {
    /// By their mean \[m\].
    drift_m: [[f64; LANES]; 3],
    /// By its standard deviation \[m\].
    std_m: [[f64; LANES]; 3],
}

impl Bends {
    /// A constant acceleration leaves the chord by an eighth of the time times the change of the
    /// velocity. Twice that holds for a turn, which may bend along an axis on which its velocities at
    /// both ends are the same, up to half a circle; the horizontal change is therefore that of both
    /// axes.
    #[inline(always)]
    fn between(first: &Reach, last: &Reach, models: usize, between_s: &[f64; LANES]) -> Self {
        let mut bends = Self { drift_m: [[0.0; LANES]; 3], std_m: [[0.0; LANES]; 3] };
        for lane in 0..LANES {
            for j in 0..models {
                let change = [0, 1, 2].map(|axis| {
                    last.velocity_m_s[j][axis][lane] - first.velocity_m_s[j][axis][lane]
                });
                let flat = (change[0] * change[0] + change[1] * change[1]).sqrt();
                for (axis, size) in [flat, flat, change[2].abs()].into_iter().enumerate() {
                    let drift = &mut bends.drift_m[axis][lane];
                    *drift = max(*drift, 0.25 * between_s[lane] * size);
                }
            }
            for axis in 0..3 {
                let std_m_s = first.velocity_variance_m2_s2[axis][lane].sqrt()
                    + last.velocity_variance_m2_s2[axis][lane].sqrt();
                bends.std_m[axis][lane] = 0.125 * between_s[lane] * std_m_s;
            }
        }
        bends
    }

    #[inline(always)]
    fn widen(&self, mut boxes: SearchBoxes, gate: f64) -> SearchBoxes {
        for axis in 0..3 {
            for lane in 0..LANES {
                let std_m = (boxes.spread2_m2[axis][lane] / gate).sqrt() + self.std_m[axis][lane];
                boxes.spread2_m2[axis][lane] = gate * (std_m * std_m);
                boxes.drift_m[axis][lane] += self.drift_m[axis][lane];
            }
        }
        boxes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::association::FREE;
    use crate::tracking::config::TrackerConfig;
    use crate::tracking::filter_bank::FilterBank;
    use crate::tracking::frame_measurements::FrameMeasurements;
    use crate::tracking::gaussian::{Gaussian, at};
    use crate::tracking::measurement::PositionModel;
    use crate::tracking::motion_config::bank_of;
    use crate::tracking::update::UpdateStates;

    const MODELS: &str = r#"{"motion_models": [
        {"kind": "constant_velocity", "initial_probability": 0.5},
        {"kind": "coordinated_turn", "initial_probability": 0.2},
        {"kind": "constant_acceleration", "initial_probability": 0.3}
    ]}"#;
    const COVARIANCE_M2: [[f64; 3]; 3] = [[900.0, 0.0, 0.0], [0.0, 900.0, 0.0], [0.0, 0.0, 900.0]];
    const MODEL: PositionModel<true> = PositionModel {
        covariance_m2: [900.0, 0.0, 0.0, 900.0, 0.0, 900.0],
        cost: 0.0,
        gate: 20.0,
    };

    fn bank() -> FilterBank {
        bank_of(&TrackerConfig::from_json(MODELS).expect("valid settings").motion_models)
    }

    /// Tracks that have turned at rates from -0.25 to 0.25 rad/s for ten seconds.
    fn turned(level: SimdLevel) -> StateTable {
        let mut states = StateTable::with_bank(bank());
        states.grow(LANES);
        let mut born = Gaussian::ZERO;
        for axis in 0..3 {
            born.covariance[at(axis, axis)] = 900.0;
            born.covariance[at(axis + 3, axis + 3)] = 1e4;
        }
        (0..LANES as u32).for_each(|slot| states.set(slot, &born, 0));
        let taken_by: Vec<u32> = (0..LANES as u32).collect();
        for second in 1..=10 {
            let place = |lane: usize| {
                let rate = (lane as f64 - 3.5) / 14.0;
                let angle = rate * f64::from(second);
                [250.0 * libm::sin(angle) / rate, 250.0 * (1.0 - libm::cos(angle)) / rate, 0.0]
            };
            let positions_m: Vec<_> = (0..LANES).map(place).collect();
            let mut measured = FrameMeasurements::default();
            let time_ns = i64::from(second) * 1_000_000_000;
            measured.from_positions::<true>(time_ns, &positions_m, &[COVARIANCE_M2], MODEL.gate);
            let work = UpdateStates {
                model: MODEL,
                taken_by: &taken_by,
                states: &mut states,
                measured: &measured,
                motion: Interacting { level },
            };
            dispatch(level, work);
        }
        states
    }

    #[test]
    fn a_box_holds_the_gate_of_every_model_at_every_time_between() {
        let motion = Interacting { level: SimdLevel::Baseline };
        let states = turned(motion.level);
        let mut ahead = motion.room(&states);
        for [first, last] in [[1.0, 1.0], [0.2, 4.2], [2.0, 12.0], [-3.0, -3.0], [-6.0, 0.5]] {
            let between_s = [[first; LANES], [last; LANES]];
            let boxes = motion.search_boxes::<false>(&states, 0, &between_s, 20.0, &mut ahead);
            for part in 0..=50 {
                let until_s = first + (last - first) * f64::from(part) / 50.0;
                motion.look_ahead(&states, 0, &[until_s; LANES], &mut ahead);
                for (j, filter) in ahead.filters().iter().enumerate() {
                    for axis in 0..3 {
                        for lane in 0..LANES {
                            let away = filter.mean(axis)[lane] - boxes.center_m[axis][lane];
                            let beyond = max(away.abs() - boxes.drift_m[axis][lane], 0.0);
                            let room = boxes.spread2_m2[axis][lane].sqrt() - beyond;
                            let reach = (20.0 * filter.variance(axis)[lane]).sqrt();
                            let within = reach <= room * (1.0 + 1e-12) + 1e-9;
                            assert!(within, "{last} {part} {j} {axis} {lane}: {reach} {room}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_track_without_a_measurement_keeps_every_bit_of_all_models() {
        for level in SimdLevel::ALL.into_iter().filter(|level| level.is_available()) {
            let (before, mut states) = (turned(level), turned(level));
            let taken_by = [0, FREE, FREE, 0, FREE, 0, FREE, FREE];
            let mut measured = FrameMeasurements::default();
            measured.from_positions::<true>(11_000_000_000, &[[9.0; 3]], &[COVARIANCE_M2], 20.0);
            let work = UpdateStates {
                model: MODEL,
                taken_by: &taken_by,
                states: &mut states,
                measured: &measured,
                motion: Interacting { level },
            };
            dispatch(level, work);
            for (slot, &taken) in (0..).zip(&taken_by) {
                let same = states.bank.numbers(slot) == before.bank.numbers(slot)
                    && states.state(slot) == before.state(slot)
                    && states.time_ns(slot) == before.time_ns(slot);
                assert_eq!(same, taken == FREE, "{level} {slot}");
            }
        }
    }
}
