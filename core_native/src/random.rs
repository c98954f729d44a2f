//! Random numbers that depend only on what they are for.
//!
//! Philox4x32-10 of J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11
//! (2011): a block cipher turns a counter into 128 random bits. Seed, sensor and purpose make the
//! key, entity and frame the counter, so that a draw depends on nothing that was drawn before:
//! not on the order of targets, not on threads, not on how many others there are.

use sha2::{Digest, Sha256};

use crate::numeric::{ln, sin_cos_deg};
use crate::simd::LANES;

pub mod gamma;
pub mod poisson;

const MULTIPLIERS: [u64; 2] = [0xd251_1f53, 0xcd9e_8d57];
/// Golden ratio and √3 - 1, added to the key before each round (the paper's Weyl sequence).
const KEY_STEPS: [u32; 2] = [0x9e37_79b9, 0xbb67_ae85];
const ROUNDS: usize = 10;
const LOW_32: u64 = 0xffff_ffff;

/// What a draw is for. The numbers are part of what makes a run repeatable: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Echo power of a target, and whether its transponder's reply is recognised as false.
    Echo = 1,
    /// Measurement noise of a target.
    Noise = 2,
    /// How many false alarms a frame has.
    FalseAlarmCount = 3,
    /// Where a false alarm lies.
    FalseAlarmPlace = 4,
    /// Power of a false alarm.
    FalseAlarmPower = 5,
    /// How the members of a group of targets start.
    Group = 6,
    /// Noise power of an echo's pulses in all directions but that of the signal.
    PulseNoise = 10,
    /// Energy of an echo that has more than one part.
    Fluctuation = 11,
    /// How many candidates a source of clutter has.
    ClutterCount = 12,
    /// Where a candidate of clutter lies, and whether it is kept.
    ClutterPlace = 13,
    /// Power and range rate of a clutter plot.
    ClutterEcho = 14,
    /// Measurement noise of a clutter plot.
    ClutterNoise = 15,
    /// Whether a target is detected, where a user's model gives the probability.
    ModelDetection = 16,
    /// Which of a frame's looks a false alarm belongs to.
    FalseAlarmLook = 20,
    /// What a sensor's measurements of a target are off by during a whole run.
    MeasurementBias = 30,
    /// Whether the reply of a transponder is heard, and the noise of its place.
    Reply = 32,
    /// Which pulses of a reply in Mode A and C are read wrong.
    ReplyPulses = 33,
    /// How many replies to other interrogators a frame has.
    FruitCount = 34,
    /// Where such a reply comes from, its code, and in which of a frame's looks.
    Fruit = 35,
    /// Whether two plots of a frame change their identities.
    IdentitySwap = 36,
    /// Codes and addresses of the members of a group of targets.
    GroupTransponder = 38,
    /// What a radar that is noisy on request adds to the noise of a target.
    FaultNoise = 40,
    /// Which frames of a radar come late, twice or out of order on request.
    FaultDelivery = 41,
    /// Seeds of the worlds that an agent meets one after the other.
    EpisodeSeed = 50,
}

/// The draws of one seed, sensor and purpose.
#[derive(Clone, Debug)]
pub struct Stream {
    round_keys: [[u32; 2]; ROUNDS],
}

impl Stream {
    /// The stream of `purpose` for one sensor.
    pub fn new(seed: u64, sensor_id: &[u8; 16], purpose: Purpose) -> Self {
        let hash = seeded_hash(seed, sensor_id, purpose);
        Self::from_key(split_u64(first_u64(&hash.finalize())))
    }

    /// The stream of `purpose` for one sensor and one part of the scene that has many draws in
    /// a frame, so that the entities of [`Stream::words`] can number them.
    pub fn of_part(seed: u64, sensor_id: &[u8; 16], purpose: Purpose, part: u64) -> Self {
        let mut hash = seeded_hash(seed, sensor_id, purpose);
        hash.update(part.to_le_bytes());
        Self::from_key(split_u64(first_u64(&hash.finalize())))
    }

    const fn from_key(key: [u32; 2]) -> Self {
        let mut round_keys = [key; ROUNDS];
        let mut round = 1;
        while round < ROUNDS {
            let [low, high] = round_keys[round - 1];
            round_keys[round] = [low.wrapping_add(KEY_STEPS[0]), high.wrapping_add(KEY_STEPS[1])];
            round += 1;
        }
        Self { round_keys }
    }

    /// Four words for one entity in one frame.
    #[inline(always)]
    pub fn words(&self, entity: u64, frame: u64) -> [u32; 4] {
        let words = self.words_of_lanes(&[entity; LANES], frame);
        std::array::from_fn(|word| words[word][0] as u32)
    }

    /// As [`Stream::words`] for [`LANES`] entities: words\[k\]\[lane\], each below 2^32. They stay
    /// in 64-bit lanes because the cipher multiplies 32 by 32 bits to 64.
    #[inline(always)]
    pub fn words_of_lanes(&self, entities: &[u64; LANES], frame: u64) -> [[u64; LANES]; 4] {
        let mut words = [[0; LANES]; 4];
        for lane in 0..LANES {
            words[0][lane] = entities[lane] & LOW_32;
            words[1][lane] = entities[lane] >> 32;
            words[2][lane] = frame & LOW_32;
            words[3][lane] = frame >> 32;
        }
        let [a, b, c, d, e, f, g, h, i, j] = self.round_keys;
        words = cipher_round(&cipher_round(&words, a), b);
        words = cipher_round(&cipher_round(&words, c), d);
        words = cipher_round(&cipher_round(&words, e), f);
        words = cipher_round(&cipher_round(&words, g), h);
        cipher_round(&cipher_round(&words, i), j)
    }
}

fn seeded_hash(seed: u64, sensor_id: &[u8; 16], purpose: Purpose) -> Sha256 {
    let mut hash = Sha256::new();
    hash.update(b"qiki.random.v1");
    hash.update(seed.to_le_bytes());
    hash.update(sensor_id);
    hash.update((purpose as u32).to_le_bytes());
    hash
}

#[inline(always)]
fn cipher_round(words: &[[u64; LANES]; 4], key: [u32; 2]) -> [[u64; LANES]; 4] {
    let mut next = [[0; LANES]; 4];
    for lane in 0..LANES {
        let product_0 = (words[0][lane] & LOW_32) * MULTIPLIERS[0];
        let product_1 = (words[2][lane] & LOW_32) * MULTIPLIERS[1];
        next[0][lane] = (product_1 >> 32) ^ words[1][lane] ^ u64::from(key[0]);
        next[1][lane] = product_1 & LOW_32;
        next[2][lane] = (product_0 >> 32) ^ words[3][lane] ^ u64::from(key[1]);
        next[3][lane] = product_0 & LOW_32;
    }
    next
}

/// A stable 64-bit name of a text, the same on every machine: the start of its SHA-256.
pub fn entity_of(text: &str) -> u64 {
    first_u64(&Sha256::digest(text))
}

fn first_u64(hash: &[u8]) -> u64 {
    hash.iter().take(8).rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}

const fn split_u64(number: u64) -> [u32; 2] {
    [number as u32, (number >> 32) as u32]
}

/// Uniform in (0, 1) with a step of 2^-32, from one word.
#[inline(always)]
pub fn uniform(word: u64) -> f64 {
    // The word becomes the low mantissa bits of a number in [2^52, 2^53): no conversion
    // instruction, which SSE2 and AVX2 lack for 64-bit integers.
    let whole = f64::from_bits(0x4330_0000_0000_0000 | word) - 4_503_599_627_370_496.0;
    (whole + 0.5) * (1.0 / 4_294_967_296.0)
}

/// Uniform in (0, 1) with a step of 2^-52, from two words.
#[inline(always)]
pub fn uniform_fine(high: u64, low: u64) -> f64 {
    let mantissa = high << 20 | low >> 12;
    f64::from_bits(0x3ff0_0000_0000_0000 | mantissa) - (1.0 - f64::EPSILON / 2.0)
}

/// Exponential with mean 1, from a uniform number.
#[inline(always)]
pub fn exponential(uniform: f64) -> f64 {
    -ln(uniform)
}

/// Two independent standard normal numbers from two uniform ones: G. E. P. Box and M. E. Muller,
/// Ann. Math. Statist. 29 (1958), 610. With a step of 2^-32 they reach 6.7 standard deviations.
#[inline(always)]
pub fn normal_pair(first: f64, second: f64) -> [f64; 2] {
    let radius = (-2.0 * ln(first)).sqrt();
    let (sin, cos) = sin_cos_deg(360.0 * second);
    [radius * cos, radius * sin]
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn stream(purpose: Purpose) -> Stream {
        Stream::new(7, &[3; 16], purpose)
    }

    /// The vectors published with the authors' Random123 library (kat_vectors, philox4x32 10).
    #[test]
    fn known_answers() {
        let cipher = |counter: [u32; 4], key: [u32; 2]| {
            let entity = u64::from(counter[1]) << 32 | u64::from(counter[0]);
            let frame = u64::from(counter[3]) << 32 | u64::from(counter[2]);
            Stream::from_key(key).words(entity, frame)
        };
        let zeros = [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8];
        assert_eq!(cipher([0; 4], [0; 2]), zeros);
        let ones = [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd];
        assert_eq!(cipher([u32::MAX; 4], [u32::MAX; 2]), ones);
        let digits_of_pi = [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344];
        let answer = [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1];
        assert_eq!(cipher(digits_of_pi, [0xa409_3822, 0x299f_31d0]), answer);
    }

    #[test]
    fn lanes_are_independent_and_equal_to_single_draws() {
        let stream = stream(Purpose::Echo);
        let entities: [u64; LANES] = std::array::from_fn(|lane| entity_of(&lane.to_string()));
        let words = stream.words_of_lanes(&entities, 5);
        for lane in 0..LANES {
            let single = stream.words(entities[lane], 5);
            for word in 0..4 {
                assert_eq!(words[word][lane], u64::from(single[word]));
            }
        }
    }

    #[test]
    fn seed_sensor_purpose_entity_and_frame_all_count() {
        let base = stream(Purpose::Echo).words(1, 1);
        let others = [
            Stream::new(8, &[3; 16], Purpose::Echo).words(1, 1),
            Stream::new(7, &[4; 16], Purpose::Echo).words(1, 1),
            stream(Purpose::Noise).words(1, 1),
            stream(Purpose::Echo).words(2, 1),
            stream(Purpose::Echo).words(1, 2),
            Stream::of_part(7, &[3; 16], Purpose::Echo, 0).words(1, 1),
            Stream::of_part(7, &[3; 16], Purpose::Echo, 1).words(1, 1),
        ];
        assert!(others.iter().all(|other| *other != base));
    }

    #[test]
    fn uniform_numbers_never_reach_the_ends() {
        assert_eq!(uniform(0), 0.5 / 4_294_967_296.0);
        assert_eq!(uniform(LOW_32), 1.0 - 0.5 / 4_294_967_296.0);
        assert_eq!(uniform_fine(0, 0), f64::EPSILON / 2.0);
        assert_eq!(uniform_fine(LOW_32, LOW_32), 1.0 - f64::EPSILON / 2.0);
    }

    /// Mean and variance of many draws lie within 5 standard errors of what they must be.
    pub fn check_moments(draws: impl Iterator<Item = f64>, mean: f64, variance: f64, fourth: f64) {
        let draws: Vec<f64> = draws.collect();
        let n = draws.len() as f64;
        let sample_mean = draws.iter().sum::<f64>() / n;
        let sample_variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        assert!((sample_mean - mean).abs() < 5.0 * (variance / n).sqrt(), "mean {sample_mean}");
        let spread = ((fourth - variance * variance) / n).sqrt();
        assert!((sample_variance - variance).abs() < 5.0 * spread, "variance {sample_variance}");
    }

    #[test]
    fn moments_are_right() {
        let (echo, noise) = (stream(Purpose::Echo), stream(Purpose::Noise));
        let word = |k: u64| u64::from(echo.words(k, 0)[0]);
        check_moments((0..100_000).map(|k| uniform(word(k))), 0.5, 1.0 / 12.0, 1.0 / 80.0);
        check_moments((0..100_000).map(|k| exponential(uniform(word(k)))), 1.0, 1.0, 9.0);
        let normals = (0..100_000).flat_map(|k| {
            let words = noise.words(k, 0).map(u64::from);
            normal_pair(uniform(words[0]), uniform(words[1]))
        });
        check_moments(normals, 0.0, 1.0, 3.0);
    }
}
