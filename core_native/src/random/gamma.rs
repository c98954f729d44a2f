//! Gamma numbers of whole shape and scale 1, eight side by side: sums of exponential numbers.

use crate::numeric::{ln, max};
use crate::random::{Stream, exponential, normal_pair, uniform, uniform_fine};
use crate::simd::LANES;

/// Attempts at one number. Each fails with a probability below 0.02, all of them together with one
/// below 1e-100; then the number is the mode, so that the loop has an end.
const MAX_ATTEMPTS: u64 = 64;

/// A shape and what its draws need, computed once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma {
    shape: u32,
    /// Mode of the method's density, `shape` - 1/3.
    d: f64,
    /// 1 / √(9 d).
    c: f64,
}

impl Gamma {
    /// The distribution of the sum of `shape` exponential numbers.
    pub fn new(shape: u32) -> Self {
        let d = max(f64::from(shape), 1.0) - 1.0 / 3.0;
        Self { shape, d, c: 1.0 / (9.0 * d).sqrt() }
    }

    /// One number for each of eight entities in one frame, which must be below 2^40.
    #[inline(always)]
    pub fn draw(&self, stream: &Stream, entities: &[u64; LANES], frame: u64) -> [f64; LANES] {
        match self.shape {
            0 => [0.0; LANES],
            1 | 2 => self.by_sum(&stream.words_of_lanes(entities, frame)),
            _ => self.by_rejection(stream, entities, frame),
        }
    }

    /// One or two exponential numbers: no rejection, and cheaper than it.
    #[inline(always)]
    fn by_sum(&self, words: &[[u64; LANES]; 4]) -> [f64; LANES] {
        let is_pair = self.shape == 2;
        let mut drawn = [0.0; LANES];
        for lane in 0..LANES {
            let second = uniform_fine(words[2][lane], words[3][lane]);
            let product =
                uniform_fine(words[0][lane], words[1][lane]) * if is_pair { second } else { 1.0 };
            drawn[lane] = exponential(product);
        }
        drawn
    }

    /// The exact method of G. Marsaglia and W. W. Tsang, "A simple method for generating gamma
    /// variables", ACM Trans. Math. Softw. 26 (2000), 363; letters as there.
    ///
    /// Every attempt has words of its own, so that a lane's number does not depend on how often
    /// the lanes beside it are refused.
    #[inline(always)]
    fn by_rejection(&self, stream: &Stream, entities: &[u64; LANES], frame: u64) -> [f64; LANES] {
        let mut drawn = [0.0; LANES];
        for attempt in 0..MAX_ATTEMPTS {
            let words = stream.words_of_lanes(entities, attempt_key(frame, attempt));
            let mut waiting = false;
            for lane in 0..LANES {
                let radius = uniform_fine(words[0][lane], words[1][lane]);
                let [x, _] = normal_pair(radius, uniform(words[2][lane]));
                // Below zero the method refuses; so does its test when the cube is all but zero.
                let root = max(1.0 + self.c * x, 1e-90);
                let v = root * root * root;
                let limit = 0.5 * x * x + self.d * (1.0 - v + ln(v));
                let accepted = ln(uniform(words[3][lane])) < limit;
                let is_first = drawn[lane] == 0.0;
                drawn[lane] = if accepted & is_first { self.d * v } else { drawn[lane] };
                waiting |= drawn[lane] == 0.0;
            }
            if !waiting {
                return drawn;
            }
        }
        drawn.map(|number| if number == 0.0 { self.d } else { number })
    }
}

/// The frame's place in the counter for one attempt of a rejection method: frames stay below 2^40
/// (30 years at 1 kHz), so their upper bits are free.
#[inline(always)]
pub const fn attempt_key(frame: u64, attempt: u64) -> u64 {
    frame | attempt << 40
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::radar::count_distributions::{ln_poisson, poisson_sum_over_last};
    use crate::random::tests::check_moments;
    use crate::random::{Purpose, entity_of};

    fn stream() -> Stream {
        Stream::new(7, &[3; 16], Purpose::PulseNoise)
    }

    fn draws(shape: u32, frames: u64) -> impl Iterator<Item = f64> {
        let (stream, gamma) = (stream(), Gamma::new(shape));
        let entities: [u64; LANES] = std::array::from_fn(|lane| entity_of(&lane.to_string()));
        (0..frames).flat_map(move |frame| gamma.draw(&stream, &entities, frame))
    }

    #[test]
    fn moments_are_those_of_a_sum_of_exponentials() {
        for shape in [1, 2, 3, 9, 40, 999, 20_000] {
            let k = f64::from(shape);
            check_moments(draws(shape, 12_500), k, k, 3.0 * k * k + 6.0 * k);
        }
        assert!(draws(0, 2).all(|number| number == 0.0));
    }

    /// Share of the draws above the quantiles 0.9, 0.5, 0.1, 0.01 and 0.001 of the upper tail.
    #[test]
    fn tails_are_exact() {
        let upper_tail = |shape: u32, x: f64| {
            let last = f64::from(shape) - 1.0;
            libm::exp(ln_poisson(last, x)) * poisson_sum_over_last(last, x)
        };
        for shape in [1, 2, 3, 9, 40, 999] {
            let numbers: Vec<f64> = draws(shape, 25_000).collect();
            let n = numbers.len() as f64;
            for sigmas in [-1.0, 0.0, 1.0, 2.0, 3.0] {
                let x = f64::from(shape) + sigmas * 0.9 * f64::from(shape).sqrt();
                let expected = upper_tail(shape, x);
                let found = numbers.iter().filter(|number| **number > x).count() as f64 / n;
                let error = (expected * (1.0 - expected) / n).sqrt();
                assert!((found - expected).abs() < 4.5 * error, "{shape} {x} {found} {expected}");
            }
        }
    }

    #[test]
    fn a_lane_does_not_depend_on_the_lanes_beside_it() {
        let (stream, gamma) = (stream(), Gamma::new(3));
        for frame in 0..500 {
            let together = gamma.draw(&stream, &std::array::from_fn(|lane| lane as u64), frame);
            for lane in [0, 3, 7] {
                let alone = gamma.draw(&stream, &[lane as u64; LANES], frame);
                assert_eq!(alone, [together[lane]; LANES]);
            }
        }
    }
}
