//! Elementary functions that vectorise and give the same bits on every instruction set.
//!
//! Each is branch-free scalar code: reduction, one polynomial, selection. The polynomials are
//! near-minimax (Chebyshev) fits made with 40-digit arithmetic. The errors stated are bounds that
//! the tests below check against the `libm` crate; outside lanes use `libm` itself.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, LN_2, LOG2_E, PI, TAU};

/// Radians in one degree.
pub const RAD_PER_DEG: f64 = PI / 180.0;
/// Degrees in one radian.
pub const DEG_PER_RAD: f64 = 180.0 / PI;

/// Adding and subtracting it rounds to the nearest integer (ties to even) for |x| < 2^51, and
/// leaves that integer in the low bits; SSE2 has no rounding instruction.
const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52

/// Nearest integer, ties to even; |x| < 2^51.
#[inline(always)]
pub fn round(x: f64) -> f64 {
    (x + ROUND) - ROUND
}

/// Largest integer that is not above x; |x| < 2^51.
#[inline(always)]
pub fn floor(x: f64) -> f64 {
    let nearest = round(x);
    if nearest > x { nearest - 1.0 } else { nearest }
}

/// An integer, |x| < 2^50, in the low 51 bits as a two's complement; the bits above mean nothing.
#[inline(always)]
pub fn low_bits(x: f64) -> u64 {
    (x + ROUND).to_bits()
}

/// Larger of two numbers that are not NaN.
#[inline(always)]
pub fn max(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// Smaller of two numbers that are not NaN.
#[inline(always)]
pub fn min(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// Value of the polynomial with coefficients from the highest power down (Horner).
#[inline(always)]
fn horner<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    let mut sum = coefficients[0];
    let mut k = 1;
    while k < N {
        sum = sum * x + coefficients[k];
        k += 1;
    }
    sum
}

/// Sine and cosine of an angle in degrees; |angle| < 1e9. Absolute error below 2.3e-16 beyond
/// that of the reduction, which is exact in degrees.
#[inline(always)]
pub fn sin_cos_deg(angle_deg: f64) -> (f64, f64) {
    let shifted = angle_deg * (1.0 / 90.0) + ROUND;
    let r = (angle_deg - (shifted - ROUND) * 90.0) * RAD_PER_DEG;
    let z = r * r;
    let sin_r = r + r * z * horner(z, SIN);
    let cos_r = 1.0 - 0.5 * z + z * z * horner(z, COS);
    let quadrant = shifted.to_bits();
    let swap = quadrant & 1 == 1;
    let sin_size = if swap { cos_r } else { sin_r };
    let cos_size = if swap { sin_r } else { cos_r };
    let sin_sign = (quadrant & 2) << 62;
    let cos_sign = ((quadrant + 1) & 2) << 62;
    (f64::from_bits(sin_size.to_bits() ^ sin_sign), f64::from_bits(cos_size.to_bits() ^ cos_sign))
}

const SIN: [f64; 6] = [
    1.591_798_897_939_743_5e-10,
    -2.505_112_989_645_018_5e-8,
    2.755_731_609_319_840_4e-6,
    -1.984_126_983_674_053_2e-4,
    8.333_333_333_330_936e-3,
    -0.166_666_666_666_666_66,
];
const COS: [f64; 6] = [
    -1.138_254_464_534_925e-11,
    2.087_614_504_941_318e-9,
    -2.755_731_726_587_808e-7,
    2.480_158_729_875_44e-5,
    -1.388_888_888_888_738_9e-3,
    4.166_666_666_666_666_4e-2,
];

/// Angle of the point (x, y) from the x axis \[rad\], -π to π; zero at the origin. Error below
/// 3 units in the last place.
#[inline(always)]
pub fn atan2(y: f64, x: f64) -> f64 {
    let (ax, ay) = (x.abs(), y.abs());
    let steep = ay > ax;
    let (small, large) = if steep { (ax, ay) } else { (ay, ax) };
    // Above tan(π/8) turn by π/4, so that the polynomial sees |t| ≤ tan(π/8).
    let turned = small > large * 0.414_213_562_373_095_03;
    let over = if turned { small - large } else { small };
    let under = if turned { small + large } else { large };
    let t = if under > 0.0 { over / under } else { 0.0 };
    let z = t * t;
    let first_octants = t + t * z * horner(z, ATAN) + if turned { FRAC_PI_4 } else { 0.0 };
    let first_quadrant = if steep { FRAC_PI_2 - first_octants } else { first_octants };
    let upper_half = if x < 0.0 { PI - first_quadrant } else { first_quadrant };
    upper_half.copysign(y)
}

const ATAN: [f64; 12] = [
    1.627_194_475_162_406e-2,
    -3.455_809_255_141_379_5e-2,
    4.551_108_126_325_172e-2,
    -5.230_347_873_016_074_5e-2,
    5.878_914_544_400_621_5e-2,
    -6.666_423_628_069_258e-2,
    7.692_296_304_974_47e-2,
    -9.090_908_751_076_636e-2,
    0.111_111_111_051_067_05,
    -0.142_857_142_856_593_26,
    0.199_999_999_999_998,
    -0.333_333_333_333_333_3,
];

/// Natural logarithm of a positive normal number. Error below 2 units in the last place, or
/// 2.3e-16 absolute near 1.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    // Split at √½ so that the mantissa lies in [√½, √2).
    let shifted = bits.wrapping_sub(0x3fe6_a09e_667f_3bcd);
    // The exponent as a double without a 64-bit conversion, which AVX2 lacks.
    let biased = ((shifted as i64) >> 52) as u64;
    let exponent = f64::from_bits(ROUND.to_bits().wrapping_add(biased)) - ROUND;
    let mantissa = f64::from_bits(bits.wrapping_sub(biased << 52));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let z = s * s;
    exponent * LN_2 + (2.0 * s + s * z * horner(z, LN))
}

const LN: [f64; 7] = [
    0.146_178_071_534_173_25,
    0.153_316_117_220_550_08,
    0.181_828_924_325_368_7,
    0.222_222_110_893_794_96,
    0.285_714_286_262_538_36,
    0.399_999_999_998_998_9,
    0.666_666_666_666_667,
];

/// Exponential of a number that is not NaN; 0 below -708 and infinite above 709, where the result
/// would leave the normal numbers. Relative error below 2.3e-16.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let inside = min(max(x, -708.0), 709.0);
    let shifted = inside * LOG2_E + ROUND;
    let power = shifted - ROUND;
    // ln 2 in two parts, the first so short that its products are exact.
    let r = (inside - power * LN_2_HIGH) - power * LN_2_LOW;
    let mantissa = 1.0 + (r + r * r * horner(r, EXP));
    let scale = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    let value = mantissa * scale;
    let not_tiny = if x < -708.0 { 0.0 } else { value };
    if x > 709.0 { f64::INFINITY } else { not_tiny }
}

const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
const EXP: [f64; 10] = [
    2.510_037_583_256_123_4e-8,
    2.762_007_587_998_336_7e-7,
    2.755_726_848_031_002_4e-6,
    2.480_152_132_236_869_2e-5,
    1.984_126_986_384_304_5e-4,
    1.388_888_891_719_669_6e-3,
    8.333_333_333_330_065e-3,
    4.166_666_666_662_416_4e-2,
    0.166_666_666_666_666_69,
    0.500_000_000_000_000_1,
];

/// The same angle in [-π, π] \[rad\]; |angle| < 1e9.
#[inline(always)]
pub fn wrap_pi(angle_rad: f64) -> f64 {
    angle_rad - TAU * round(angle_rad * (1.0 / TAU))
}

/// The same angle in [-180, 180] \[deg\]; |angle| < 1e9.
#[inline(always)]
pub fn wrap_180(angle_deg: f64) -> f64 {
    angle_deg - 360.0 * round(angle_deg * (1.0 / 360.0))
}

/// The same angle in [0, 360) \[deg\]; |angle| < 1e9.
#[inline(always)]
pub fn wrap_360(angle_deg: f64) -> f64 {
    let turned = angle_deg - 360.0 * round(angle_deg * (1.0 / 360.0));
    let positive = if turned < 0.0 { turned + 360.0 } else { turned };
    // A tiny negative angle rounds to 360 itself.
    if positive >= 360.0 { 0.0 } else { positive }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points of [from, to], dense enough to meet every octant and both ends.
    fn points(from: f64, to: f64) -> impl Iterator<Item = f64> {
        (0..=200_000).map(move |k| from + (to - from) * f64::from(k) / 200_000.0)
    }

    #[test]
    fn sine_and_cosine_agree_with_libm() {
        for angle_deg in points(-720.0, 720.0) {
            let (sin, cos) = sin_cos_deg(angle_deg);
            // Reduce exactly before libm, whose argument in radians would carry its own rounding.
            let reduced = (angle_deg - 90.0 * round(angle_deg / 90.0)) * RAD_PER_DEG;
            let (s, c) = (libm::sin(reduced), libm::cos(reduced));
            let (sin_ref, cos_ref) = match round(angle_deg / 90.0).rem_euclid(4.0) as u8 {
                0 => (s, c),
                1 => (c, -s),
                2 => (-s, -c),
                _ => (-c, s),
            };
            assert!((sin - sin_ref).abs() < 2.3e-16, "sin {angle_deg}: {sin} {sin_ref}");
            assert!((cos - cos_ref).abs() < 2.3e-16, "cos {angle_deg}: {cos} {cos_ref}");
        }
    }

    #[test]
    fn arctangent_agrees_with_libm_all_around() {
        for angle in points(-PI, PI) {
            for size in [1e-200, 1.0, 3.7e5, 1e200] {
                let (y, x) = (libm::sin(angle) * size, libm::cos(angle) * size);
                let expected = libm::atan2(y, x);
                let error = (atan2(y, x) - expected).abs();
                assert!(error <= 3.0 * f64::EPSILON * expected.abs(), "{y} {x}: {error}");
            }
        }
        assert_eq!(atan2(0.0, 0.0), 0.0);
        assert_eq!(atan2(0.0, -1.0), PI);
    }

    #[test]
    fn logarithm_agrees_with_libm() {
        for power in points(-300.0, 300.0) {
            let x = libm::pow(10.0, power);
            let expected = libm::log(x);
            let limit = f64::max(2.0 * f64::EPSILON * expected.abs(), 2.3e-16);
            assert!((ln(x) - expected).abs() <= limit, "{x}: {} {expected}", ln(x));
        }
        assert_eq!(ln(1.0), 0.0);
    }

    #[test]
    fn exponential_agrees_with_libm() {
        for x in points(-708.0, 709.0).chain(points(-1.0, 1.0)) {
            let expected = libm::exp(x);
            assert!((exp(x) - expected).abs() <= 2.3e-16 * expected, "{x}: {} {expected}", exp(x));
        }
        assert_eq!((exp(0.0), exp(-0.0)), (1.0, 1.0));
        assert_eq!((exp(-708.1), exp(f64::NEG_INFINITY)), (0.0, 0.0));
        assert_eq!((exp(709.1), exp(f64::INFINITY)), (f64::INFINITY, f64::INFINITY));
    }

    #[test]
    fn whole_numbers_are_those_below_and_fit_their_bits() {
        for x in points(-3000.0, 3000.0).chain([-0.0, 2.5, -2.5, 1e11 + 0.5, 1e15 + 0.5]) {
            assert_eq!(floor(x), x.floor(), "{x}");
            let bits = low_bits(floor(x)) << 13;
            assert_eq!(bits as i64 >> 13, x.floor() as i64, "{x}");
        }
    }

    #[test]
    fn wrapping_keeps_the_angle_and_its_limits() {
        assert_eq!(wrap_360(-1e-20), 0.0);
        assert_eq!(wrap_360(360.0), 0.0);
        assert_eq!(wrap_360(-90.0), 270.0);
        assert_eq!((wrap_180(-190.0), wrap_180(350.0), wrap_180(170.0)), (170.0, -10.0, 170.0));
        assert!((wrap_pi(3.0 * FRAC_PI_2) + FRAC_PI_2).abs() < 1e-15);
    }
}
