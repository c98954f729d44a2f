//! Quantiles of Student's t distribution.

use crate::error::{Error, Result};

/// Most degrees of freedom; the sum has half as many terms.
pub const MAX_DEGREES: u32 = 1_000_000;

/// The value that a variable with Student's t distribution is below with `probability`; relative
/// error below 1e-8 (compared with scipy in `tests/metrics/test_consistency.py`).
///
/// # Errors
/// [`Error::Setting`] for degrees outside 1 to [`MAX_DEGREES`], or a probability outside 1e-9 to
/// 1 - 1e-9.
pub fn student_t_quantile(probability: f64, degrees: u32) -> Result<f64> {
    check(probability, degrees)?;
    let two_sided = (2.0 * probability - 1.0).abs();
    // The angle whose tangent is t / √degrees: bounded, where t is not.
    let (mut low, mut high) = (0.0, std::f64::consts::FRAC_PI_2);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if within(middle, degrees) < two_sided { low = middle } else { high = middle }
    }
    let t = libm::tan(low) * f64::from(degrees).sqrt();
    Ok(if probability < 0.5 { -t } else { t })
}

fn check(probability: f64, degrees: u32) -> Result<()> {
    if !(1..=MAX_DEGREES).contains(&degrees) {
        return Err(Error::Setting {
            setting: "degrees".into(),
            value: degrees.to_string(),
            limit: format!("1 to {MAX_DEGREES}"),
            remedy: "give one less than there are samples".into(),
        });
    }
    if !(1e-9..=1.0 - 1e-9).contains(&probability) {
        return Err(Error::Setting {
            setting: "probability".into(),
            value: probability.to_string(),
            limit: "1e-9 to 1 - 1e-9".into(),
            remedy: "give 0.975 for a two-sided interval of 95 %".into(),
        });
    }
    Ok(())
}

/// Probability of -t to t, with t = √degrees tan(angle): M. Abramowitz, I. A. Stegun, "Handbook of
/// Mathematical Functions" (1964), eq. 26.7.3 and 26.7.4.
fn within(angle: f64, degrees: u32) -> f64 {
    let (sin, cos) = (libm::sin(angle), libm::cos(angle));
    let is_odd = degrees % 2 == 1;
    let mut term = if is_odd { cos } else { 1.0 };
    let mut sum = if degrees == 1 { 0.0 } else { term };
    let mut k = if is_odd { 3 } else { 2 };
    while k < degrees {
        term *= cos * cos * f64::from(k - 1) / f64::from(k);
        sum += term;
        k += 2;
    }
    if is_odd { std::f64::consts::FRAC_2_PI * (angle + sin * sum) } else { sin * sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_agree_with_closed_forms_and_tables() {
        let quantile = |p, degrees| student_t_quantile(p, degrees).expect("within limits");
        // One degree is Cauchy's distribution, two have t = (2p - 1) √(2 / (1 - (2p - 1)²)).
        for p in [0.6, 0.9, 0.975, 0.9995_f64] {
            let cauchy = libm::tan(std::f64::consts::PI * (p - 0.5));
            assert!((quantile(p, 1) / cauchy - 1.0).abs() < 1e-9, "{p}");
            let a = 2.0 * p - 1.0;
            assert!((quantile(p, 2) / (a * (2.0 / (1.0 - a * a)).sqrt()) - 1.0).abs() < 1e-9);
        }
        // scipy.stats.t.ppf
        for (degrees, expected) in [
            (3, 3.182_446_305_283_708),
            (4, 2.776_445_105_197_793_4),
            (19, 2.093_024_054_408_308_7),
            (99, 1.984_216_951_586_417_4),
        ] {
            assert!((quantile(0.975, degrees) / expected - 1.0).abs() < 1e-11, "{degrees}");
            assert!((quantile(0.025, degrees) / expected + 1.0).abs() < 1e-11, "{degrees}");
        }
    }

    #[test]
    fn what_is_outside_the_limits_is_refused() {
        assert!(student_t_quantile(0.9, 0).is_err());
        for bad in [0.0, 1.0, f64::NAN] {
            assert!(student_t_quantile(bad, 5).is_err());
        }
        assert!(student_t_quantile(0.5, 5).expect("the middle").abs() < 1e-12);
    }
}
