//! Whether normalised squared errors are as large as their covariances say.
//!
//! Y. Bar-Shalom, X. R. Li, T. Kirubarajan, "Estimation with Applications to Tracking and
//! Navigation" (2001), section 5.4.2: the sum of N values of a consistent filter with d components
//! has the chi-squared distribution with N d degrees, if the values are independent.

use crate::error::{Error, Result};
use crate::metrics::chi_squared_quantile::{Tail, check_degrees, chi_squared_quantile};

/// Where a mean lies with the probability 1 - significance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// Below it half the significance.
    pub low: f64,
    /// Above it the other half.
    pub high: f64,
}

impl Band {
    /// Whether a mean lies in it.
    pub fn contains(&self, mean: f64) -> bool {
        (self.low..=self.high).contains(&mean)
    }
}

/// What a set of values says of a filter.
#[derive(Clone, Debug, PartialEq)]
pub struct Consistency {
    /// Mean of all values, and where that of independent ones lies.
    pub pooled_mean: f64,
    /// Band of the mean of all values.
    pub pooled_band: Band,
    /// Mean over the runs at each step.
    pub step_mean: Vec<f64>,
    /// Where all of these lie together: the significance is shared by the steps (Bonferroni).
    pub step_band: Band,
    /// Steps whose mean lies outside.
    pub steps_outside: usize,
}

/// The two-sided band of the mean of `count` independent values with `dimensions` components each.
///
/// # Errors
/// [`Error::Setting`] for no values, degrees beyond the limit or a significance outside 1e-90 to
/// below 1.
pub fn chi_squared_band(dimensions: usize, count: usize, significance: f64) -> Result<Band> {
    if !(1e-90..1.0).contains(&significance) {
        return Err(Error::Setting {
            setting: "significance".into(),
            value: significance.to_string(),
            limit: "1e-90 to below 1".into(),
            remedy: "give the probability with which a consistent filter may fail".into(),
        });
    }
    let degrees = dimensions as f64 * count as f64;
    check_degrees(degrees)?;
    let mean = |tail| {
        chi_squared_quantile(0.5 * significance, degrees, tail).map(|sum| sum / count as f64)
    };
    Ok(Band { low: mean(Tail::Lower)?, high: mean(Tail::Upper)? })
}

/// Compare values with their bands; `values` stand step by step, one of each run.
///
/// The pooled band holds for values that are independent from step to step, as NIS is and NEES is
/// not; the band of the steps needs independent runs only.
///
/// # Errors
/// [`Error::Setting`] for no values, a row that is cut, a value that is negative or not finite, or
/// as [`chi_squared_band`].
pub fn consistency(
    values: &[f64],
    run_count: usize,
    dimensions: usize,
    significance: f64,
) -> Result<Consistency> {
    check_values(values, run_count)?;
    let step_count = values.len() / run_count;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let step_mean: Vec<f64> = values.chunks_exact(run_count).map(mean).collect();
    let step_band = chi_squared_band(dimensions, run_count, significance / step_count as f64)?;
    Ok(Consistency {
        pooled_mean: mean(values),
        pooled_band: chi_squared_band(dimensions, values.len(), significance)?,
        steps_outside: step_mean.iter().filter(|&&mean| !step_band.contains(mean)).count(),
        step_mean,
        step_band,
    })
}

fn check_values(values: &[f64], run_count: usize) -> Result<()> {
    let refuse = |setting: String, value: String, limit: &str, remedy: &str| {
        Err(Error::Setting { setting, value, limit: limit.into(), remedy: remedy.into() })
    };
    if values.is_empty() || run_count == 0 || !values.len().is_multiple_of(run_count) {
        let value = format!("{} numbers of {run_count} runs", values.len());
        let limit = "one of each run for at least one step";
        return refuse("values".into(), value, limit, "give a row of all runs per step");
    }
    let bad = values.iter().position(|value| !value.is_finite() || *value < 0.0);
    if let Some(at) = bad {
        let place = format!("values[{}, {}]", at / run_count, at % run_count);
        let remedy = "give normalised squared errors";
        return refuse(place, values[at].to_string(), "finite and not negative", remedy);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_narrow_around_the_dimensions() {
        let mut width = f64::INFINITY;
        for count in [1, 10, 1000, 100_000] {
            let band = chi_squared_band(3, count, 0.05).expect("within limits");
            assert!(band.contains(3.0) || count == 1, "{band:?}");
            assert!(band.high - band.low < width);
            width = band.high - band.low;
        }
        // The textbook's 50 runs of two components at 95 %: 100 degrees (section 5.4.2).
        let band = chi_squared_band(2, 50, 0.05).expect("within limits");
        assert!((band.low - 1.484).abs() < 1e-3 && (band.high - 2.591).abs() < 1e-3, "{band:?}");
    }

    #[test]
    fn a_step_that_is_outside_is_counted() {
        let mut values = vec![2.0; 40];
        values[10..20].fill(30.0);
        let found = consistency(&values, 10, 2, 0.01).expect("four steps of ten runs");
        assert_eq!((found.steps_outside, found.step_mean[1], found.pooled_mean), (1, 30.0, 9.0));
        assert!(!found.pooled_band.contains(found.pooled_mean));
        let shared = chi_squared_band(2, 10, 0.0025).expect("within limits");
        assert_eq!(found.step_band, shared);
    }

    #[test]
    fn bad_values_are_named() {
        for bad in [f64::NAN, -1.0, f64::INFINITY] {
            let error = consistency(&[1.0, 1.0, 1.0, bad], 2, 3, 0.01).expect_err("bad");
            assert!(error.to_string().starts_with(&format!("values[1, 1] is {bad}")), "{error}");
        }
        for (values, runs) in [(&[][..], 1), (&[1.0][..], 0), (&[1.0, 1.0, 1.0][..], 2)] {
            assert!(consistency(values, runs, 3, 0.01).is_err());
        }
        assert!(consistency(&[1.0], 1, 3, 0.0).is_err());
        assert!(consistency(&[1.0], 1, 0, 0.1).is_err());
    }
}
