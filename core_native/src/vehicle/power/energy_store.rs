//! A store of energy: the battery, or the supercapacitor.

use super::energy_sum::EnergySum;

/// What a store can do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnergyStore {
    /// Energy that it holds \[J\].
    pub capacity_j: f64,
    /// State of charge at the start, 0 to 1.
    pub initial_charge: f64,
    /// The most that it takes from the bus \[W\].
    pub maximum_charge_w: f64,
    /// The most that it gives to the bus \[W\].
    pub maximum_discharge_w: f64,
    /// Part of what it takes that it stores.
    pub charge_efficiency: f64,
    /// Part of what it loses from its store that it gives.
    pub discharge_efficiency: f64,
}

impl EnergyStore {
    /// What it holds at the start.
    pub fn initial(&self) -> EnergySum {
        EnergySum::of(self.capacity_j * self.initial_charge)
    }

    /// State of charge, 0 to 1.
    pub fn charge(&self, stored: EnergySum) -> f64 {
        stored.energy_j / self.capacity_j
    }

    /// Whether it holds less than it may give in a step.
    pub fn is_empty(&self, stored: EnergySum, step_s: f64) -> bool {
        stored.energy_j == 0.0 || self.emptying_w(stored, step_s) < self.maximum_discharge_w
    }

    /// The most that it can give over a whole step \[W\].
    pub fn available_w(&self, stored: EnergySum, step_s: f64) -> f64 {
        self.maximum_discharge_w.min(self.emptying_w(stored, step_s))
    }

    /// The most that it can take over a whole step \[W\].
    pub fn acceptable_w(&self, stored: EnergySum, step_s: f64) -> f64 {
        self.maximum_charge_w.min(self.filling_w(stored, step_s))
    }

    /// Take `power_w` from the bus over a step, or give it where negative, within what it can; says what
    /// is lost meanwhile \[W\].
    pub fn exchange(&self, stored: &mut EnergySum, power_w: f64, step_s: f64) -> f64 {
        if power_w < 0.0 {
            // Empty is empty, not what rounding leaves.
            if -power_w >= self.emptying_w(*stored, step_s) {
                *stored = EnergySum::of(0.0);
            } else {
                stored.add(power_w / self.discharge_efficiency * step_s);
            }
            return -power_w / self.discharge_efficiency + power_w;
        }
        if power_w > 0.0 && power_w >= self.filling_w(*stored, step_s) {
            *stored = EnergySum::of(self.capacity_j);
        } else {
            stored.add(power_w * self.charge_efficiency * step_s);
        }
        power_w - power_w * self.charge_efficiency
    }

    /// The power that it would give for a step and be empty \[W\].
    fn emptying_w(&self, stored: EnergySum, step_s: f64) -> f64 {
        stored.energy_j * self.discharge_efficiency / step_s
    }

    /// The power that it would take for a step and be full \[W\].
    fn filling_w(&self, stored: EnergySum, step_s: f64) -> f64 {
        (self.capacity_j - stored.energy_j).max(0.0) / (self.charge_efficiency * step_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORE: EnergyStore = EnergyStore {
        capacity_j: 1000.0,
        initial_charge: 0.5,
        maximum_charge_w: 50.0,
        maximum_discharge_w: 80.0,
        charge_efficiency: 0.9,
        discharge_efficiency: 0.8,
    };

    #[test]
    fn what_is_given_and_lost_is_what_leaves_the_store() {
        let mut stored = STORE.initial();
        assert_eq!(STORE.charge(stored), 0.5);
        let lost_w = STORE.exchange(&mut stored, -80.0, 0.5);
        assert_eq!((stored.energy_j, lost_w), (450.0, 20.0));
        let lost_w = STORE.exchange(&mut stored, 50.0, 0.5);
        assert_eq!((stored.energy_j, lost_w), (472.5, 5.0));
    }

    #[test]
    fn it_ends_exactly_empty_and_exactly_full() {
        for (limit, end_j) in [(-1.0, 0.0), (1.0, 1000.0)] {
            let mut stored = STORE.initial();
            for _ in 0..10_000 {
                let most_w = if limit < 0.0 {
                    -STORE.available_w(stored, 0.01)
                } else {
                    STORE.acceptable_w(stored, 0.01)
                };
                STORE.exchange(&mut stored, most_w, 0.01);
                assert!((0.0..=1000.0).contains(&stored.energy_j));
            }
            assert_eq!(stored.energy_j, end_j);
        }
    }
}
