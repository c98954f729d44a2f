//! Quantiles of the chi-squared distribution for any number of degrees of freedom.

use crate::error::{Error, Result};
use crate::metrics::incomplete_gamma::tails;

/// Most degrees of freedom.
pub const MAX_DEGREES: f64 = 1e9;
/// Smallest probability of either tail.
pub const MIN_PROBABILITY: f64 = 1e-100;

/// Which tail a probability is that of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// That of the values below.
    Lower,
    /// That of the values above.
    Upper,
}

/// The value that a chi-squared variable with `degrees` of freedom is below (or above) with
/// `probability`; relative error below 1e-10 (compared with scipy in
/// `tests/metrics/test_consistency.py`). Small probabilities of either tail keep their digits.
///
/// # Errors
/// [`Error::Setting`] for degrees outside 0 to [`MAX_DEGREES`] or a probability that is not between
/// [`MIN_PROBABILITY`] and 1.
pub fn chi_squared_quantile(probability: f64, degrees: f64, tail: Tail) -> Result<f64> {
    check_degrees(degrees)?;
    if !(MIN_PROBABILITY..1.0).contains(&probability) {
        return Err(Error::Setting {
            setting: "probability".into(),
            value: probability.to_string(),
            limit: format!("{MIN_PROBABILITY:e} to below 1"),
            remedy: "give the probability of the other tail, if it is so near 1".into(),
        });
    }
    // The tail that is the smaller one keeps its digits.
    let is_below = |x: f64| {
        let [lower, upper] = tails(0.5 * degrees, 0.5 * x);
        match tail {
            Tail::Lower if lower <= upper => lower < probability,
            Tail::Lower => upper > 1.0 - probability,
            Tail::Upper if upper <= lower => upper > probability,
            Tail::Upper => lower < 1.0 - probability,
        }
    };
    let upper_tail = if tail == Tail::Upper { probability } else { 1.0 - probability };
    Ok(bisect(largest(degrees, upper_tail), is_below))
}

/// Refuse degrees of freedom that the formulas do not cover.
///
/// # Errors
/// [`Error::Setting`].
pub fn check_degrees(degrees: f64) -> Result<()> {
    if degrees > 0.0 && degrees <= MAX_DEGREES {
        return Ok(());
    }
    Err(Error::Setting {
        setting: "degrees".into(),
        value: degrees.to_string(),
        limit: format!("above 0 and at most {MAX_DEGREES:e}"),
        remedy: "give the degrees of freedom of the sum of squares".into(),
    })
}

/// A value that is exceeded with at most the probability `upper_tail`: B. Laurent, P. Massart,
/// "Adaptive estimation of a quadratic functional by model selection", Annals of Statistics 28
/// (2000), 1302, eq. 4.3. It holds for any degrees when they are rounded up.
fn largest(degrees: f64, upper_tail: f64) -> f64 {
    let depth = -libm::log(upper_tail.max(MIN_PROBABILITY));
    let degrees = libm::ceil(degrees);
    degrees + 2.0 * (degrees * depth).sqrt() + 2.0 * depth
}

/// The smallest value that `is_below` is false of, from 0 to `high`, to the last bit.
fn bisect(high: f64, is_below: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, high);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return high;
        }
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_agree_with_the_tables() {
        // scipy.stats.chi2.ppf and isf
        let cases = [
            (0.99, 1.0, Tail::Lower, 6.634_896_601_021_215),
            (0.99, 4.0, Tail::Lower, 13.276_704_135_987_622),
            (5e-7, 240_000.0, Tail::Lower, 236_626.245_550_528_43),
            (5e-7, 240_000.0, Tail::Upper, 243_404.325_208_520_55),
        ];
        for (probability, degrees, tail, expected) in cases {
            let found = chi_squared_quantile(probability, degrees, tail).expect("within limits");
            assert!((found / expected - 1.0).abs() < 1e-10, "{probability} {degrees}: {found}");
        }
    }

    #[test]
    fn the_tails_meet_in_the_middle() {
        for degrees in [0.5, 1.0, 2.0, 7.0, 31.0, 33.0, 5000.0, 1e6] {
            let of = |tail| chi_squared_quantile(0.5, degrees, tail).expect("within limits");
            let (lower, upper) = (of(Tail::Lower), of(Tail::Upper));
            assert!((lower / upper - 1.0).abs() < 1e-10, "{degrees} {lower} {upper}");
        }
    }

    #[test]
    fn what_is_outside_the_limits_is_refused() {
        for degrees in [0.0, -1.0, f64::NAN, 2e9] {
            assert!(chi_squared_quantile(0.5, degrees, Tail::Lower).is_err());
        }
        for probability in [0.0, 1.0, -0.1, f64::NAN] {
            assert!(chi_squared_quantile(probability, 3.0, Tail::Upper).is_err());
        }
    }
}
