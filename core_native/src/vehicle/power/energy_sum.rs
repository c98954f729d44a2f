//! Sums of energy over millions of steps, without what rounding would take of each.

/// A compensated sum: W. Kahan, "Further remarks on reducing truncation errors", Communications of the
/// ACM 8 (1965), 40. A plain sum of equal small terms errs by the same bit each time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EnergySum {
    /// The sum \[J\].
    pub energy_j: f64,
    /// What rounding has left out of it \[J\].
    pub rest_j: f64,
}

impl EnergySum {
    /// A sum that begins here.
    pub const fn of(energy_j: f64) -> Self {
        Self { energy_j, rest_j: 0.0 }
    }

    /// Add an energy, which may be negative.
    #[inline(always)]
    pub fn add(&mut self, energy_j: f64) {
        let term_j = energy_j + self.rest_j;
        let sum_j = self.energy_j + term_j;
        self.rest_j = term_j - (sum_j - self.energy_j);
        self.energy_j = sum_j;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_terms_are_not_lost_in_a_large_sum() {
        let (mut sum, mut plain) = (EnergySum::of(1.44e6), 1.44e6);
        for _ in 0..1_000_000 {
            sum.add(-0.109_1);
            plain -= 0.109_1;
        }
        let expected_j = 1.44e6 - 109_100.0;
        assert!((sum.energy_j - expected_j).abs() < 1e-9, "{}", sum.energy_j - expected_j);
        assert!((plain - expected_j).abs() > 1e-6);
    }
}
