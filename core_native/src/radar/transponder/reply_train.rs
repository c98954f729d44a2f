//! The pulses of a reply in Mode A or C, and what a receiver makes of two that overlap.
//!
//! ICAO Annex 10, vol. IV, 3.1.1.6: two framing pulses 20.3 µs apart, between them 13 places every
//! 1.45 µs for pulses of 0.45 µs, in the order F1 C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4 F2; X stays
//! empty. The overlap is M. C. Stevens, "Secondary Surveillance Radar" (1988), on garbling: a place
//! holds a pulse when any reply has one there, so that pulses are added and never taken away.

use crate::frame_limits::MAX_SPEED_M_S;

/// From place to place \[µs\].
pub const PLACE_US: f64 = 1.45;
/// Width of a pulse \[µs\]: one whose place is not farther off is taken for its own.
pub const PULSE_US: f64 = 0.45;
/// Places of a reply, both framing pulses counted.
pub const PLACES: i32 = 15;
/// Slant range of the length of a reply, F1 to F2 \[m\].
pub const REPLY_LENGTH_M: f64 = 20.3e-6 * MAX_SPEED_M_S / 2.0;

/// Where the 12 bits of a code, written ABCD in octal digits, stand in the train, lowest first:
/// D1 D2 D4 C1 C2 C4 B1 B2 B4 A1 A2 A4.
const PLACES_OF_BITS: [u32; 12] = [9, 11, 13, 1, 3, 5, 8, 10, 12, 2, 4, 6];
const F1: u16 = 1;
const F2: u16 = 1 << (PLACES - 1);
const ALL_PLACES: u16 = (1 << PLACES) - 1;

/// Pulses by place, F1 the lowest bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplyTrain(u16);

impl ReplyTrain {
    /// The train that carries a code of 12 bits.
    pub fn of_code(code: u16) -> Self {
        let bits = PLACES_OF_BITS.iter().enumerate();
        Self(bits.fold(F1 | F2, |train, (bit, place)| train | (code >> bit & 1) << place))
    }

    /// The code that is read of a train.
    pub fn code(self) -> u16 {
        let bits = PLACES_OF_BITS.iter().enumerate();
        bits.fold(0, |code, (bit, place)| code | (self.0 >> place & 1) << bit)
    }

    /// What is received at the places of this train together with `other`, whose pulses stand
    /// `shift` places later.
    #[must_use]
    pub const fn overlaid(self, other: Self, shift: i32) -> Self {
        let late = if shift >= 0 { other.0 << shift } else { other.0 >> -shift };
        Self(self.0 | late & ALL_PLACES)
    }
}

/// By how many places a reply from `other_range_m` comes later than one from `own_range_m`, where
/// its pulses fall on places of the first; none where they fall between them, so that the decoder
/// tells the two replies apart, or where they do not overlap.
pub fn shift_between(own_range_m: f64, other_range_m: f64) -> Option<i32> {
    let delay_us = 2e6 * (other_range_m - own_range_m) / MAX_SPEED_M_S;
    let places = libm::round(delay_us / PLACE_US);
    let is_on_a_place = (delay_us - places * PLACE_US).abs() <= PULSE_US;
    (is_on_a_place && places.abs() < f64::from(PLACES)).then_some(places as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_pulses_and_is_read_again() {
        for code in 0..0o10000 {
            let train = ReplyTrain::of_code(code);
            assert_eq!(train.code(), code);
            assert_eq!(train.0.count_ones(), code.count_ones() + 2);
            assert_eq!(train.0 & 1 << 7, 0, "X stays empty");
        }
    }

    #[test]
    fn pulses_stand_where_the_standard_says() {
        let places = [
            (0o0010, 1.45),  // C1
            (0o1000, 2.90),  // A1
            (0o0020, 4.35),  // C2
            (0o2000, 5.80),  // A2
            (0o0040, 7.25),  // C4
            (0o4000, 8.70),  // A4
            (0o0100, 11.60), // B1
            (0o0001, 13.05), // D1
            (0o0200, 14.50), // B2
            (0o0002, 15.95), // D2
            (0o0400, 17.40), // B4
            (0o0004, 18.85), // D4
        ];
        for (code, after_us) in places {
            let train = ReplyTrain::of_code(code).0 & !(F1 | F2);
            assert!((f64::from(train.trailing_zeros()) * PLACE_US - after_us).abs() < 1e-9);
        }
        assert!((f64::from(PLACES - 1) * PLACE_US - 20.3).abs() < 1e-9);
    }

    #[test]
    fn replies_from_one_range_add_their_pulses() {
        let [one, other] = [0o1200, 0o0077].map(ReplyTrain::of_code);
        assert_eq!(shift_between(5000.0, 5000.0), Some(0));
        assert_eq!(one.overlaid(other, 0).code(), 0o1277);
    }

    #[test]
    fn a_shifted_reply_brings_its_framing_pulses() {
        let [one, other] = [0, 0].map(ReplyTrain::of_code);
        // F1 of the later one on C1 of the earlier; F2 of the earlier on D4 of the later.
        assert_eq!(one.overlaid(other, 1).code(), 0o0010);
        assert_eq!(one.overlaid(other, -1).code(), 0o0004);
        assert_eq!(one.overlaid(other, 14).code(), 0);
    }

    #[test]
    fn replies_between_the_places_are_told_apart() {
        let place_m = PLACE_US * 1e-6 * MAX_SPEED_M_S / 2.0;
        let pulse_m = PULSE_US * 1e-6 * MAX_SPEED_M_S / 2.0;
        assert_eq!(shift_between(5000.0, 5000.0 + 3.0 * place_m), Some(3));
        assert_eq!(shift_between(5000.0, 5000.0 - 3.0 * place_m), Some(-3));
        assert_eq!(shift_between(5000.0, 5000.0 + pulse_m - 0.01), Some(0));
        assert_eq!(shift_between(5000.0, 5000.0 + pulse_m + 0.01), None);
        assert_eq!(shift_between(5000.0, 5000.0 + 0.5 * place_m), None);
        assert_eq!(shift_between(5000.0, 5000.0 + 14.0 * place_m), Some(14));
        assert_eq!(shift_between(5000.0, 5000.0 + 15.0 * place_m), None);
        assert!((REPLY_LENGTH_M - 3043.0).abs() < 1.0);
    }
}
