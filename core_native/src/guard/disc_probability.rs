//! Probability that a point in the plane, known as a Gaussian, lies within a disc round the origin.
//!
//! The strips of the disc along the wide axis of the Gaussian are integrated in closed form, which
//! leaves one integral over the narrow axis (Alfano 2005, "A numerical implementation of spherical
//! object collision probability", eq. 2, whose sum over strips is a Gauss-Legendre rule here). With
//! y = R sin θ the ends of the disc are smooth, and the rule reaches no further than the Gaussian.

/// Positive nodes and weights of the Gauss-Legendre rule of 16 nodes.
const RULE: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_64),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_64),
    (0.458_016_777_657_227_37, 0.169_156_519_395_002_65),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_7),
    (0.755_404_408_355_003, 0.124_628_971_255_534_07),
    (0.865_631_202_387_831_8, 0.095_158_511_682_492_6),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_456),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_176),
];
/// Panels of the rule: with eight the probability is right to 2e-6, whatever the shape.
const PANELS: u32 = 8;
/// How many standard deviations the rule reaches: beyond is less than 1e-16.
const REACH: f64 = 8.5;

/// The probability.
///
/// `mean_m` is the mean along the principal axes of the covariance \[m\], `std_m` the standard deviation
/// along each \[m\], `radius_m` that of the disc \[m\], over 0. The absolute error is below 2e-6; a
/// test compares it with finer rules and closed forms.
pub fn disc_probability(mean_m: [f64; 2], std_m: [f64; 2], radius_m: f64) -> f64 {
    let [wide, narrow] = if std_m[0] >= std_m[1] { [0, 1] } else { [1, 0] };
    // A point known exactly is one known to a billionth of what else there is.
    let least_m = 1e-9 * (radius_m + mean_m[0].abs() + mean_m[1].abs());
    let (along_m, along_std_m) = (mean_m[wide], std_m[wide].max(least_m));
    let (across_m, across_std_m) = (mean_m[narrow], std_m[narrow].max(least_m));
    let reach_m = REACH * across_std_m;
    let [low, high] = [across_m - reach_m, across_m + reach_m]
        .map(|end_m| libm::asin((end_m / radius_m).clamp(-1.0, 1.0)));
    let half = (high - low) / f64::from(2 * PANELS);
    let strip = |angle: f64| {
        let (y_m, half_chord_m) = (radius_m * libm::sin(angle), radius_m * libm::cos(angle));
        let off = (y_m - across_m) / across_std_m;
        libm::exp(-0.5 * off * off) * within(along_m, along_std_m, half_chord_m) * half_chord_m
    };
    let mut sum = 0.0;
    for panel in 0..PANELS {
        let middle = low + half * f64::from(2 * panel + 1);
        for (node, weight) in RULE {
            sum += weight * (strip(middle - half * node) + strip(middle + half * node));
        }
    }
    let density = 1.0 / (across_std_m * (2.0 * std::f64::consts::PI).sqrt());
    (sum * half * density).clamp(0.0, 1.0)
}

/// Probability that a number of a mean and standard deviation is within ± `limit`.
fn within(mean: f64, std: f64, limit: f64) -> f64 {
    let scale = std * std::f64::consts::SQRT_2;
    // Of the two tails on the side of the mean, so that a small difference keeps its digits.
    let (near, far) = ((mean.abs() - limit) / scale, (mean.abs() + limit) / scale);
    0.5 * (libm::erfc(near) - libm::erfc(far))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_centred_round_gaussian_has_its_closed_form() {
        for std_m in [0.01, 0.3, 1.0, 7.0, 1000.0] {
            // Rayleigh: 1 - exp(-R²/2σ²).
            let expected = -libm::expm1(-0.5 / (std_m * std_m));
            let found = disc_probability([0.0; 2], [std_m; 2], 1.0);
            assert!((found - expected).abs() < 1e-9, "{std_m}: {found} {expected}");
        }
    }

    #[test]
    fn an_exact_point_is_inside_or_outside() {
        for (mean_m, expected) in [([3.0, 3.9], 1.0), ([3.0, 4.1], 0.0), ([0.0; 2], 1.0)] {
            let found = disc_probability(mean_m, [0.0; 2], 5.0);
            assert!((found - expected).abs() < 2e-6, "{mean_m:?}: {found}");
        }
    }

    #[test]
    fn a_disc_far_off_keeps_its_digits() {
        // Far out a small disc has nearly its area times the density in its middle.
        let found = disc_probability([6.0, 0.0], [1.0; 2], 1e-3);
        let expected = 0.5e-6 * libm::exp(-18.0);
        assert!((found / expected - 1.0).abs() < 1e-5, "{found} {expected}");
    }

    #[test]
    fn the_order_and_the_signs_of_the_axes_do_not_matter() {
        let one = disc_probability([3.0, -2.0], [4.0, 0.5], 2.5);
        for (mean_m, std_m) in [([-2.0, 3.0], [0.5, 4.0]), ([-3.0, 2.0], [4.0, 0.5])] {
            let other = disc_probability(mean_m, std_m, 2.5);
            assert!((one - other).abs() < 1e-12, "{one} {other}");
        }
    }

    #[test]
    fn a_wider_disc_holds_no_less() {
        let mut before = 0.0;
        for step in 1..200 {
            let found = disc_probability([5.0, 2.0], [3.0, 0.02], f64::from(step) * 0.1);
            assert!(found >= before - 1e-12, "{step}: {found} {before}");
            before = found;
        }
        assert!(before > 0.99);
    }
}
