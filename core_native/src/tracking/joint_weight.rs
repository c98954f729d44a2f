//! Numbers that sums over joint events are made of: doubles, and doubles with a wide exponent.

use crate::numeric::{exp, floor, min};
use crate::simd::{Kernel, LANES};

/// Logarithm at which ratios are cut off, so that sums of them stay doubles; where the exact sum meets
/// larger ones, it goes back to their logarithms. A ratio of less than exp(-690) counts as 0: no
/// probability exceeds the ratio of its edge.
const LN_LARGEST: f64 = 690.0;

/// A sum of products of weights, which are not negative.
pub trait Weight: Copy {
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// Sum.
    fn plus(self, other: Self) -> Self;
    /// Product.
    fn times(self, other: Self) -> Self;
    /// Quotient, where it is at most 1.
    fn share_of(self, whole: Self) -> f64;
    /// Whether it is 0.
    fn is_zero(self) -> bool;
}

impl Weight for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self + other
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        self * other
    }

    #[inline(always)]
    fn share_of(self, whole: Self) -> f64 {
        self / whole
    }

    #[inline(always)]
    fn is_zero(self) -> bool {
        self == 0.0
    }
}

/// mantissa · 2^exponent with a mantissa in [1, 2), or 0: products of any number of weights neither
/// overflow nor vanish.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extended {
    mantissa: f64,
    exponent: i64,
}

/// The exponent's field of a double.
const EXPONENT_BITS: u64 = 0x7ff << 52;
/// Beyond it the smaller of two summands is less than rounding.
const NEGLIGIBLE: i64 = 64;

impl Extended {
    /// exp(x), x at most 2e9 in size or minus infinity.
    pub fn exp(x: f64) -> Self {
        if x == f64::NEG_INFINITY {
            return Self::ZERO;
        }
        let power = floor(x * std::f64::consts::LOG2_E);
        let rest = (x - power * 0.693_147_180_369_123_8) - power * 1.908_214_929_270_587_7e-10;
        Self::normal(libm::exp(rest), power as i64)
    }

    /// A normal double, or 0, times 2^exponent.
    #[inline(always)]
    fn normal(value: f64, exponent: i64) -> Self {
        if value == 0.0 {
            return Self::ZERO;
        }
        let bits = value.to_bits();
        let carried = ((bits & EXPONENT_BITS) >> 52) as i64 - 1023;
        let mantissa = f64::from_bits(bits & !EXPONENT_BITS | 1023 << 52);
        Self { mantissa, exponent: exponent + carried }
    }

    /// 2^-n, n from 0 to [`NEGLIGIBLE`].
    #[inline(always)]
    fn halved(times: i64) -> f64 {
        f64::from_bits((1023 - times as u64) << 52)
    }
}

impl Weight for Extended {
    const ZERO: Self = Self { mantissa: 0.0, exponent: 0 };
    const ONE: Self = Self { mantissa: 1.0, exponent: 0 };

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        let (large, small) = if self.mantissa == 0.0 {
            (other, self)
        } else if other.mantissa == 0.0 || self.exponent >= other.exponent {
            (self, other)
        } else {
            (other, self)
        };
        let apart = large.exponent - small.exponent;
        if small.mantissa == 0.0 || apart > NEGLIGIBLE {
            return large;
        }
        Self::normal(large.mantissa + small.mantissa * Self::halved(apart), large.exponent)
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        Self::normal(self.mantissa * other.mantissa, self.exponent + other.exponent)
    }

    #[inline(always)]
    fn share_of(self, whole: Self) -> f64 {
        let apart = whole.exponent - self.exponent;
        if self.mantissa == 0.0 || apart > 1000 {
            return 0.0;
        }
        // In two steps: rounding may have made a share a little more than the whole.
        let apart = apart.max(-1);
        let scale = f64::from_bits(((1023 - apart) as u64) << 52);
        self.mantissa / whole.mantissa * scale
    }

    #[inline(always)]
    fn is_zero(self) -> bool {
        self.mantissa == 0.0
    }
}

/// Ratios from their logarithms, cut off.
pub struct Exponentials<'a> {
    /// The list.
    pub of: &'a [f64],
    /// What becomes of it.
    pub into: &'a mut Vec<f64>,
}

impl Kernel for Exponentials<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.into.clear();
        self.into.resize(self.of.len(), 0.0);
        let (of, rest) = self.of.as_chunks::<LANES>();
        let (into, last) = self.into.as_chunks_mut::<LANES>();
        for (of, into) in of.iter().zip(into) {
            for lane in 0..LANES {
                into[lane] = ratio(of[lane]);
            }
        }
        for (of, into) in rest.iter().zip(last) {
            *into = ratio(*of);
        }
    }
}

#[inline(always)]
fn ratio(ln_ratio: f64) -> f64 {
    let cut = exp(min(ln_ratio, LN_LARGEST));
    if ln_ratio < -LN_LARGEST { 0.0 } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extended_numbers_add_and_multiply_as_doubles_do() {
        for x in [-300.0, -3.0, -0.5, 0.0, 0.7, 20.0, 299.0] {
            for y in [-299.5, -20.0, -0.1, 0.0, 1.0, 21.0, 300.0] {
                let (a, b) = (Extended::exp(x), Extended::exp(y));
                let (p, q) = (libm::exp(x), libm::exp(y));
                for (found, expected) in
                    [(a.times(b), p * q), (a.plus(b), p + q), (b.plus(a), p + q)]
                {
                    let share = found.share_of(Extended::normal(expected, 0));
                    assert!((share - 1.0).abs() < 1e-13, "{x} {y}: {share}");
                }
            }
        }
    }

    #[test]
    fn extended_numbers_keep_what_doubles_lose() {
        let (tiny, huge) = (Extended::exp(-1e9), Extended::exp(1e9));
        let error = tiny.times(huge).share_of(Extended::ONE) - 1.0;
        assert!(error.abs() < 1e-6, "a double near 1e9 is known to 1e-7 alone: {error}");
        assert_eq!(tiny.plus(Extended::ONE), Extended::ONE);
        assert_eq!(Extended::ZERO.plus(tiny), tiny);
        assert_eq!(tiny.plus(Extended::ZERO), tiny);
        assert!(Extended::exp(f64::NEG_INFINITY).is_zero() && huge.times(Extended::ZERO).is_zero());
        assert_eq!(tiny.share_of(huge), 0.0);
    }
}
