//! The regularised incomplete gamma functions, for distributions of sums of squares.
//!
//! Every term is positive and nothing is subtracted from 1 in the smaller tail. The number of terms
//! grows with the root of the shape.

use crate::radar::count_distributions::ln_poisson;

/// Lower and upper tail, P(a, x) and Q(a, x) = 1 - P(a, x); a > 0, x ≥ 0. The smaller one keeps
/// its digits.
pub fn tails(shape: f64, x: f64) -> [f64; 2] {
    if x <= 0.0 {
        return [0.0, 1.0];
    }
    let density = libm::exp(ln_density(shape, x));
    if x < shape + 1.0 {
        let lower = density * series(shape, x);
        [lower, 1.0 - lower]
    } else {
        // The fraction's prefactor is xᵃ e⁻ˣ / Γ(a), a times that of the series.
        let upper = density * shape * fraction(shape, x);
        [1.0 - upper, upper]
    }
}

/// Logarithm of xᵃ e⁻ˣ / Γ(a + 1).
fn ln_density(shape: f64, x: f64) -> f64 {
    // Stirling's series, which needs no whole number from there on, does not cancel as this does.
    if shape >= 16.0 {
        return ln_poisson(shape, x);
    }
    shape * libm::log(x) - x - libm::lgamma(shape + 1.0)
}

/// Σ xⁿ / ((a + 1) ... (a + n)) over n ≥ 0 (NIST DLMF 8.11.4).
fn series(shape: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0, 1.0, 1.0);
    while term > 1e-17 * sum {
        term *= x / (shape + n);
        sum += term;
        n += 1.0;
    }
    sum
}

/// 1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - ...)), the even part of NIST DLMF 8.9.2, by the
/// method of W. J. Lentz ("Generating Bessel functions in Mie scattering calculations using
/// continued fractions", Applied Optics 15 (1976), 668).
fn fraction(shape: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - shape;
    let mut d = 1.0 / b;
    let (mut c, mut value, mut n) = (1.0 / TINY, d, 1.0);
    loop {
        let a = -n * (n - shape);
        b += 2.0;
        d = 1.0 / away_from_zero(a * d + b);
        c = away_from_zero(b + a / c);
        let step = c * d;
        value *= step;
        n += 1.0;
        if (step - 1.0).abs() < 1e-15 || n > MAX_TERMS {
            return value;
        }
    }
}

const TINY: f64 = 1e-300;
/// More than the largest shape takes.
const MAX_TERMS: f64 = 1e7;

fn away_from_zero(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tails_agree_with_closed_forms() {
        for x in [1e-9, 0.01, 0.5, 1.0, 3.0, 20.0, 300.0] {
            let cases = [
                (1.0, libm::exp(-x), -libm::expm1(-x)),
                (0.5, libm::erfc(libm::sqrt(x)), libm::erf(libm::sqrt(x))),
            ];
            for (shape, above, below) in cases {
                let [lower, upper] = tails(shape, x);
                assert!((lower - below).abs() <= 1e-13 * below.max(1e-3), "{shape} {x} {lower}");
                assert!((upper - above).abs() <= 1e-13 * above.max(1e-3), "{shape} {x} {upper}");
                let (smaller, expected) = if x < shape { (lower, below) } else { (upper, above) };
                assert!((smaller / expected - 1.0).abs() < 2e-13, "{shape} {x} {smaller}");
            }
        }
        assert_eq!(tails(3.0, 0.0), [0.0, 1.0]);
    }

    #[test]
    fn the_density_is_the_step_from_one_shape_to_the_next() {
        // P(a, x) - P(a + 1, x) = xᵃ e⁻ˣ / Γ(a + 1), across the change of formula at 16 too.
        for shape in [0.5, 2.5, 15.0, 15.5, 16.0, 40.5, 1000.5, 1e6] {
            for x in [0.9 * shape, shape, 1.1 * shape] {
                let step = tails(shape, x)[0] - tails(shape + 1.0, x)[0];
                let density = libm::exp(ln_density(shape, x));
                assert!((step - density).abs() < 1e-12, "{shape} {x} {step} {density}");
            }
        }
    }
}
