//! The altitude code of Mode C: steps of 100 ft in a code of which neighbours differ in one pulse.
//!
//! ICAO Annex 10, vol. IV, 3.1.1.7.12.2 and its appendix (the table of the code, after G. Gillham).
//! D2 D4 A1 A2 A4 B1 B2 B4 are a reflected binary (Gray) number of steps of 500 ft. C1 C2 C4 are a
//! Gray number of the steps of 100 ft in it, 1 to 5 with 5 written as 7, which runs backward in
//! every second step of 500 ft. D1 is not used.

/// Lowest altitude of the code \[ft\].
pub const MIN_ALTITUDE_FT: i32 = -1000;
/// Highest altitude of the code \[ft\].
pub const MAX_ALTITUDE_FT: i32 = 126_700;
/// What a step is \[ft\].
pub const STEP_FT: i32 = 100;

/// Altitude of which the code counts its steps of 500 ft, less one step of 100 ft \[ft\].
const ORIGIN_FT: i32 = -1300;
/// Places in the 12 bits of a code, written ABCD in octal digits, of the pulses D1 to B4 in the
/// order of their weight, heaviest first.
const COARSE_BITS: [u32; 9] = [0, 1, 2, 9, 10, 11, 6, 7, 8];
/// The same of C1, C2, C4.
const FINE_BITS: [u32; 3] = [3, 4, 5];

/// The code of the altitude nearest to `altitude_ft`, its octal digits ABCD; none outside the range
/// of the code.
pub fn encode(altitude_ft: f64) -> Option<u16> {
    let steps = libm::round((altitude_ft - f64::from(ORIGIN_FT)) / f64::from(STEP_FT));
    let [least, most] =
        [MIN_ALTITUDE_FT, MAX_ALTITUDE_FT].map(|ft| f64::from((ft - ORIGIN_FT) / STEP_FT));
    if !(least..=most).contains(&steps) {
        return None;
    }
    let steps = steps as u16 - 1;
    let (coarse, fine) = (steps / 5, steps % 5 + 1);
    let fine = if coarse % 2 == 1 { 6 - fine } else { fine };
    let fine = if fine == 5 { 7 } else { fine };
    Some(spread(gray(coarse), &COARSE_BITS) | spread(gray(fine), &FINE_BITS))
}

/// The altitude of a code \[ft\]; none of one that stands for no altitude.
pub fn decode(code: u16) -> Option<i32> {
    let (coarse, fine) =
        (from_gray(gathered(code, &COARSE_BITS)), from_gray(gathered(code, &FINE_BITS)));
    let fine = match fine {
        1..=4 => fine,
        7 => 5,
        _ => return None,
    };
    // With D1 the altitude would be above the last of the table.
    if coarse > u16::from(u8::MAX) {
        return None;
    }
    let fine = if coarse % 2 == 1 { 6 - fine } else { fine };
    let altitude_ft = ORIGIN_FT + i32::from(coarse) * 5 * STEP_FT + i32::from(fine) * STEP_FT;
    (altitude_ft >= MIN_ALTITUDE_FT).then_some(altitude_ft)
}

const fn gray(number: u16) -> u16 {
    number ^ (number >> 1)
}

/// The number of a Gray code of at most 16 bits.
const fn from_gray(code: u16) -> u16 {
    let code = code ^ (code >> 8);
    let code = code ^ (code >> 4);
    let code = code ^ (code >> 2);
    code ^ (code >> 1)
}

/// Put the bits of `number`, heaviest first, where `places` say.
fn spread(number: u16, places: &[u32]) -> u16 {
    let weights = (0..places.len()).rev();
    places
        .iter()
        .zip(weights)
        .fold(0, |code, (place, weight)| code | (number >> weight & 1) << place)
}

/// The opposite of [`spread`].
fn gathered(code: u16, places: &[u32]) -> u16 {
    places.iter().fold(0, |number, place| number << 1 | (code >> place & 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Gray code of `bits` bits by its construction: the list, then the list backward with a one
    /// before it (F. Gray, US patent 2 632 058, 1953).
    fn reflected(bits: u32) -> Vec<u16> {
        (0..bits).fold(vec![0], |mut list, bit| {
            let back: Vec<u16> = list.iter().rev().map(|code| code | 1 << bit).collect();
            list.extend(back);
            list
        })
    }

    /// Every code with its altitude in steps of 100 ft, written down as the table is: the five C
    /// digits 1, 3, 2, 6, 4 forward and backward in turn.
    fn table() -> Vec<u16> {
        let digits = |number: u16| {
            // Columns D2 D4 A1 A2 A4 B1 B2 B4; a digit is 4, 2, 1 for pulses 4, 2, 1.
            let pulse = |place: u32| number >> (7 - place) & 1;
            let d = pulse(0) * 2 + pulse(1) * 4;
            let a = pulse(2) + pulse(3) * 2 + pulse(4) * 4;
            let b = pulse(5) + pulse(6) * 2 + pulse(7) * 4;
            a * 0o1000 + b * 0o100 + d
        };
        let mut codes = Vec::new();
        for (step, coarse) in reflected(8).into_iter().enumerate() {
            let mut c = [4, 6, 2, 3, 1]; // C4; C2 C4; C2; C1 C2; C1
            if step % 2 == 1 {
                c.reverse();
            }
            codes.extend(c.map(|digit| digits(coarse) + digit * 0o10));
        }
        codes
    }

    #[test]
    fn every_step_is_that_of_the_table() {
        let table = table();
        assert_eq!(table.len(), 1280);
        // The numbers begin two steps below what is used.
        assert!(table[..2].iter().all(|&code| decode(code).is_none()));
        assert!(encode(f64::from(MIN_ALTITUDE_FT - STEP_FT)).is_none());
        for (step, &code) in (0..).zip(&table[2..]) {
            let altitude_ft = MIN_ALTITUDE_FT + STEP_FT * step;
            assert_eq!(encode(f64::from(altitude_ft)), Some(code), "{altitude_ft} ft");
            assert_eq!(decode(code), Some(altitude_ft), "{code:04o}");
        }
        assert_eq!(decode(table[1279]), Some(MAX_ALTITUDE_FT));
    }

    #[test]
    fn known_altitudes() {
        let known = [(-1000, 0o0020), (0, 0o0620), (126_700, 0o0042)];
        for (altitude_ft, code) in known {
            assert_eq!(encode(f64::from(altitude_ft)), Some(code), "{altitude_ft} ft");
        }
    }

    #[test]
    fn neighbours_differ_in_one_pulse_and_all_other_codes_stand_for_nothing() {
        let table = table();
        assert!(table.windows(2).all(|pair| (pair[0] ^ pair[1]).count_ones() == 1));
        let meant = (0..0o10000).filter(|&code| decode(code).is_some()).count();
        assert_eq!(meant, table.len() - 2); // those below the lowest
        assert_eq!(decode(0), None); // framing pulses alone
    }

    #[test]
    fn altitudes_are_rounded_and_end() {
        assert_eq!(encode(-1049.0), encode(-1000.0));
        assert_eq!(encode(49.9), encode(0.0));
        assert_eq!(encode(50.1), encode(100.0));
        assert_eq!(encode(-1051.0), None);
        assert_eq!(encode(126_751.0), None);
        assert_eq!(encode(f64::NAN), None);
    }
}
