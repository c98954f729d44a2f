//! The size of a gate: quantiles of the chi-squared distribution for one to four channels.

/// Most channels that a measurement can have.
pub const MAX_CHANNELS: usize = 4;

/// Squared Mahalanobis distance that holds a given probability, for each number of channels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GateTable([f64; MAX_CHANNELS]);

impl GateTable {
    /// The gates that let a target's own detection in with `probability`.
    pub fn new(probability: f64) -> Self {
        let mut table = [0.0; MAX_CHANNELS];
        for (k, gate) in table.iter_mut().enumerate() {
            *gate = quantile(k + 1, probability);
        }
        Self(table)
    }

    /// Gate for a measurement with `channels` channels, 1 to 4.
    pub fn of(&self, channels: usize) -> f64 {
        self.0[channels.clamp(1, MAX_CHANNELS) - 1]
    }
}

/// Probability that a chi-squared variable with `channels` degrees of freedom exceeds `x`
/// (Abramowitz and Stegun 1964, eq. 26.4.4 and 26.4.5).
fn exceedance(channels: usize, x: f64) -> f64 {
    let tail = libm::exp(-0.5 * x);
    let normal_tail = libm::erfc((0.5 * x).sqrt());
    let density = (2.0 * x / std::f64::consts::PI).sqrt() * tail;
    match channels {
        1 => normal_tail,
        2 => tail,
        3 => normal_tail + density,
        _ => tail * (1.0 + 0.5 * x),
    }
}

/// By bisection: the exceedance falls without a break.
fn quantile(channels: usize, probability: f64) -> f64 {
    let (mut low, mut high) = (0.0, 200.0);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if exceedance(channels, middle) > 1.0 - probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_agree_with_the_tables() {
        // scipy.stats.chi2.ppf
        let table = GateTable::new(0.99);
        for (channels, expected) in [
            (1, 6.634_896_601_021_215),
            (2, 9.210_340_371_976_184),
            (3, 11.344_866_730_144_373),
            (4, 13.276_704_135_987_622),
        ] {
            assert!((table.of(channels) - expected).abs() < 1e-9, "{channels}");
        }
    }
}
