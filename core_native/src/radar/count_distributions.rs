//! Poisson and negative binomial probabilities without overflow or cancellation.
//!
//! C. Loader, "Fast and accurate computation of binomial probabilities" (2000): the factorials of
//! a probability are replaced by Stirling's formula, whose error and whose exponent are both small
//! numbers of one sign. Counts are whole numbers kept as `f64`.

use std::f64::consts::TAU;

/// Logarithm of e^-mean mean^count / count!; the mean is above zero.
pub fn ln_poisson(count: f64, mean: f64) -> f64 {
    if count == 0.0 {
        return -mean;
    }
    -stirling_error(count) - deviance(count, mean) - 0.5 * libm::log(TAU * count)
}

/// Sum of e^-mean mean^k / k! over k ≤ `count`, divided by the last of its terms: at least 1.
/// The terms fall from there, so that nothing cancels, when the mean is not below `count`.
pub fn poisson_sum_over_last(count: f64, mean: f64) -> f64 {
    let (mut term, mut sum, mut k) = (1.0, 1.0, count);
    while k > 0.0 && term > 1e-17 * sum {
        term *= k / mean;
        sum += term;
        k -= 1.0;
    }
    sum
}

/// How many of the counts that noise gives a square-law detector come from the echo.
///
/// Signal and noise in N pulses exceed a threshold T just when a Poisson count of mean T stays
/// below N plus this count: Poisson when the energy of the echo is constant, negative binomial
/// when it has a gamma distribution. D. A. Shnidman, "The calculation of the probability of
/// detection and the generalized Marcum Q-function", IEEE Trans. IT-35 (1989), 389.
#[derive(Clone, Copy, Debug)]
pub struct SignalCount {
    /// Shape of the gamma distribution; none for a constant energy.
    pub shape: Option<f64>,
    /// Mean count: the energy of the echo over the noise power of one pulse.
    pub mean: f64,
}

/// Counts less likely than e^-69 = 1e-30 are left out below the mode.
const LN_UNLIKELY: f64 = -69.0;

impl SignalCount {
    /// Logarithm of the probability of `count`.
    pub fn ln_probability(&self, count: f64) -> f64 {
        match self.shape {
            None => ln_poisson(count, self.mean),
            Some(shape) => ln_negative_binomial(count, shape, self.mean),
        }
    }

    /// Probability of `count + 1` over that of `count`; falls with the count, or stays.
    pub fn ratio(&self, count: f64) -> f64 {
        match self.shape {
            None => self.mean / (count + 1.0),
            Some(shape) => {
                // Divided first: the mean may be 1e28.
                self.mean / (shape + self.mean) * ((shape + count) / (count + 1.0))
            }
        }
    }

    /// The first count that is not unlikely, at most `limit`.
    pub fn first_likely(&self, limit: f64) -> f64 {
        let is_likely = |count| {
            let logarithm = self.ln_probability(count);
            // A mean that is NaN makes the sums NaN, too.
            logarithm >= LN_UNLIKELY || logarithm.is_nan()
        };
        if is_likely(0.0) {
            return 0.0;
        }
        // Up to the mean the probabilities rise.
        let (mut below, mut above) =
            (0.0, libm::floor(if self.mean < limit { self.mean } else { limit }));
        while above - below > 1.0 {
            let middle = libm::floor(0.5 * (below + above));
            if is_likely(middle) { above = middle } else { below = middle }
        }
        above
    }
}

/// Logarithm of the probability of `count` failures before success number `shape`, a whole number,
/// with the given mean.
fn ln_negative_binomial(count: f64, shape: f64, mean: f64) -> f64 {
    let odds = mean / shape;
    if count == 0.0 {
        return -shape * libm::log1p(odds);
    }
    let total = count + shape;
    let success = 1.0 / (1.0 + odds);
    let failure = odds / (1.0 + odds);
    stirling_error(total)
        - stirling_error(shape)
        - stirling_error(count)
        - deviance(shape, total * success)
        - deviance(count, total * failure)
        + 0.5 * libm::log(shape / (TAU * count * total))
}

/// ln n! - ln(√(2πn) (n/e)^n), n ≥ 1.
fn stirling_error(n: f64) -> f64 {
    if n < 16.0 {
        let (mut factorial, mut k) = (1.0, 2.0);
        while k <= n {
            factorial *= k;
            k += 1.0;
        }
        return libm::log(factorial) - 0.5 * libm::log(TAU * n) - n * (libm::log(n) - 1.0);
    }
    let z = 1.0 / (n * n);
    let series =
        1.0 / 12.0 - z * (1.0 / 360.0 - z * (1.0 / 1260.0 - z * (1.0 / 1680.0 - z / 1188.0)));
    series / n
}

/// n ln(n / mean) + mean - n, never below zero; n ≥ 1.
fn deviance(n: f64, mean: f64) -> f64 {
    let t = (mean - n) / n;
    if t < -0.5 {
        return n * (libm::log(n / mean) + t);
    }
    if t.abs() > 0.1 {
        return n * (t - libm::log1p(t));
    }
    // t - ln(1 + t) with the logarithm as an inverse hyperbolic tangent, its first term taken out.
    let v = t / (2.0 + t);
    let z = v * v;
    let rest = 1.0 / 3.0
        + z * (1.0 / 5.0
            + z * (1.0 / 7.0 + z * (1.0 / 9.0 + z * (1.0 / 11.0 + z * (1.0 / 13.0 + z / 15.0)))));
    n * (t * v - 2.0 * v * z * rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, relative: f64) {
        assert!((found / expected - 1.0).abs() < relative, "{found} {expected}");
    }

    #[test]
    fn stirling_and_deviance_do_not_cancel() {
        // The two formulas meet, and both give ln 1! and ln 16!.
        close(stirling_error(1.0), 1.0 - 0.5 * libm::log(TAU), 1e-14);
        close(stirling_error(15.0), 0.005_554_733_551_962_801, 1e-11);
        close(stirling_error(16.0), 0.005_207_655_919_609_64, 1e-13);
        // t = 1e-6: t²/2 - t³/3 + ...
        close(deviance(1e6, 1e6 + 1.0), 1e6 * (0.5e-12 - 1e-18 / 3.0), 1e-9);
        close(deviance(10.0, 11.000_001), deviance(10.0, 10.999_999), 1e-5);
    }

    #[test]
    fn poisson_probabilities_sum_to_one_and_follow_the_recurrence() {
        for mean in [0.3, 13.8, 1170.0] {
            let probability = |k: u32| libm::exp(ln_poisson(f64::from(k), mean));
            close((0..3000).map(probability).sum(), 1.0, 1e-12);
            for k in [0, 1, 14, 15, 16, 17, 700, 1100] {
                let logarithm = ln_poisson(f64::from(k), mean);
                let change = ln_poisson(f64::from(k + 1), mean) - logarithm;
                let error = change - libm::log(mean / f64::from(k + 1));
                assert!(error.abs() < 1e-13 + 1e-15 * logarithm.abs(), "{mean} {k} {error}");
            }
            let last = mean as u32;
            let sum = probability(last) * poisson_sum_over_last(f64::from(last), mean);
            close(sum, (0..=last).map(probability).sum(), 1e-12);
        }
    }

    #[test]
    fn signal_counts_have_their_mean_and_follow_the_recurrence() {
        for shape in [None, Some(1.0), Some(2.0), Some(30.0), Some(2000.0)] {
            for mean in [0.01, 3.0, 250.0] {
                let count = SignalCount { shape, mean };
                let probability = |k: u32| libm::exp(count.ln_probability(f64::from(k)));
                close((0..20_000).map(probability).sum(), 1.0, 1e-11);
                close((0..20_000).map(|k| f64::from(k) * probability(k)).sum(), mean, 1e-11);
                for k in [0, 1, 40, 400] {
                    let logarithm = count.ln_probability(f64::from(k));
                    let change = count.ln_probability(f64::from(k + 1)) - logarithm;
                    let error = change - libm::log(count.ratio(f64::from(k)));
                    assert!(error.abs() < 1e-12 + 1e-15 * logarithm.abs(), "{mean} {k} {error}");
                }
            }
        }
    }

    #[test]
    fn the_first_likely_count_leaves_out_only_what_is_unlikely() {
        let first = |shape, mean| SignalCount { shape, mean }.first_likely(1e4);
        assert_eq!(first(None, 60.0), 0.0);
        assert_eq!(first(Some(1.0), 1e28), 0.0);
        assert_eq!(first(Some(1000.0), 1e20), 1e4);
        let count = SignalCount { shape: None, mean: 800.0 };
        let start = count.first_likely(1e4);
        assert!((480.0..520.0).contains(&start), "{start}");
        assert!(count.ln_probability(start - 1.0) < LN_UNLIKELY);
        assert!(count.ln_probability(start) >= LN_UNLIKELY);
    }
}
