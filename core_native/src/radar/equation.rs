//! The radar equation for a point target, and how accurate a measurement is.
//!
//! Powers are in units of the mean noise power of one pulse.

/// The receiver saturates here: 120 dB. It also keeps a target at range zero finite.
pub const MAX_SNR: f64 = 1e12;

/// Decibels of a ratio.
pub fn to_db(ratio: f64) -> f64 {
    10.0 * libm::log10(ratio)
}

/// Ratio of decibels.
pub fn from_db(decibels: f64) -> f64 {
    libm::pow(10.0, 0.1 * decibels)
}

/// Gain of the radar equation for a point target, SNR = gain * RCS / range^4, with the RCS in m²,
/// from the SNR of a reference target \[m⁴/m²\].
pub fn loop_gain(reference_snr: f64, reference_range_m: f64, reference_rcs_dbsm: f64) -> f64 {
    let range_m2 = reference_range_m * reference_range_m;
    reference_snr * range_m2 * range_m2 / from_db(reference_rcs_dbsm)
}

/// Mean SNR of a target; `signal` is the loop gain times its RCS \[m⁴\].
#[inline(always)]
pub fn snr_at(signal: f64, range_m: f64) -> f64 {
    let range_m2 = range_m * range_m;
    let snr = signal / (range_m2 * range_m2);
    // The comparison is false for a target in the very place of the radar, too.
    if snr < MAX_SNR { snr } else { MAX_SNR }
}

/// How the standard deviation of a measurement depends on the echo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accuracy {
    /// Square of (resolution / slope) / 2; over the SNR it is the variance due to noise.
    pub noise_variance: f32,
    /// Variance that remains however strong the echo, that of the bias included.
    pub floor_variance: f32,
    /// Variance of an error that stays the same for a target.
    pub bias_variance: f32,
}

/// Slope of the error signal of a monopulse antenna, in beamwidths: D. K. Barton, "Radar System
/// Analysis and Modeling" (2005), section 8.2; 1.6 is usual.
pub const MONOPULSE_SLOPE: f64 = 1.6;

impl Accuracy {
    /// Accuracy of a resolution, a slope and a floor, all in the measurement's unit.
    ///
    /// The SNR is that of the energy of all pulses: N non-coherently integrated pulses count as N
    /// times the SNR of one (Curry, as below).
    ///
    /// σ² = floor² + (resolution / slope)² / (2 SNR): M. I. Skolnik, "Theoretical accuracy of
    /// radar measurements", IRE Trans. ANE-7 (1960), 123; G. R. Curry, "Radar System Performance
    /// Modeling", 2nd ed. (2005), chapter 8.
    pub fn new(resolution: f64, slope: f64, floor: f64) -> Self {
        let width = resolution / slope;
        Self {
            noise_variance: (0.5 * width * width) as f32,
            floor_variance: (floor * floor) as f32,
            bias_variance: 0.0,
        }
    }

    /// With an error that stays the same for a target, of this standard deviation.
    #[must_use]
    pub fn with_bias(self, bias_std: f64) -> Self {
        let bias_variance = (bias_std * bias_std) as f32;
        Self { floor_variance: self.floor_variance + bias_variance, bias_variance, ..self }
    }

    /// Share of the bias in the variance for the inverse of an SNR.
    #[inline(always)]
    pub fn bias_share(&self, inverse_snr: f32) -> f64 {
        let variance = self.floor_variance + self.noise_variance * inverse_snr;
        if self.bias_variance > 0.0 { f64::from(self.bias_variance / variance) } else { 0.0 }
    }

    /// A measurement that is not made: no noise.
    pub const NONE: Self = Self { noise_variance: 0.0, floor_variance: 0.0, bias_variance: 0.0 };

    /// Standard deviation for the inverse of an SNR. In single precision, as the record holds it.
    #[inline(always)]
    pub fn std(&self, inverse_snr: f32) -> f32 {
        (self.floor_variance + self.noise_variance * inverse_snr).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_target_has_the_snr_told() {
        let snr = from_db(21.14);
        let gain = loop_gain(snr, 20_000.0, 3.0);
        assert!((snr_at(gain * from_db(3.0), 20_000.0) / snr - 1.0).abs() < 1e-12);
        // Half the range is 12 dB more, and a target at no range is no NaN.
        let ratio = snr_at(gain, 10_000.0) / snr_at(gain, 20_000.0);
        assert!((ratio - 16.0).abs() < 1e-9);
        assert_eq!(snr_at(gain, 0.0), MAX_SNR);
    }

    #[test]
    fn accuracy_follows_the_echo_down_to_the_floor() {
        let accuracy = Accuracy::new(3.2, MONOPULSE_SLOPE, 0.1);
        assert!((accuracy.std(1.0 / 50.0) - 0.223_607).abs() < 1e-6); // √(0.01 + 4 / 100)
        assert!((accuracy.std(0.0) - 0.1).abs() < 1e-7);
        assert_eq!(Accuracy::NONE.std(1.0), 0.0);
    }

    #[test]
    fn the_bias_is_a_part_of_the_variance() {
        let accuracy = Accuracy::new(3.2, MONOPULSE_SLOPE, 0.1).with_bias(0.2);
        assert!((accuracy.std(1.0 / 50.0) - 0.3).abs() < 1e-6); // √(0.01 + 0.04 + 4 / 100)
        assert!((accuracy.bias_share(1.0 / 50.0) - 4.0 / 9.0).abs() < 1e-6);
        assert_eq!(Accuracy::NONE.bias_share(1.0), 0.0);
    }
}
