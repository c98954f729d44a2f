//! What a radar's pulses do to range rates: ambiguity and blind speeds.
//!
//! Sampled at the PRF, Doppler frequencies that differ by a multiple of it are the same, and so are
//! range rates that differ by a multiple of v = λ PRF / 2. A canceller, which subtracts successive
//! pulses, suppresses what stands still, and with it all that moves at these *blind speeds*:
//! M. I. Skolnik, "Introduction to Radar Systems", 3rd ed. (2001), chapter 3; M. A.
//! Richards, "Fundamentals of Radar Signal Processing", 2nd ed. (2014), chapter 5.

use crate::numeric::{round, sin_cos_deg};
use crate::radar::power_budget::{SPEED_OF_LIGHT_M_S, WAVELENGTH_LIMITS_M, wavelength_m};
use crate::scene::place::Place;
use crate::scene::sensor_document::SensorDocument;
use crate::scene::waveform_document::{
    RangeAmbiguityDocument, RangeRateAmbiguityDocument, WaveformDocument,
};
use crate::simd::LANES;

/// Smallest and largest pulse repetition frequency \[Hz\].
pub const PRF_LIMITS_HZ: [f64; 2] = [1.0, 1e7];
/// Most delays of a canceller.
pub const MAX_CANCELLER_DELAYS: u32 = 3;

/// The pulses of a radar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waveform {
    /// Pulse repetition frequency \[Hz\].
    pub prf_hz: f64,
    /// Wavelength \[m\].
    pub wavelength_m: f64,
    /// Whether range rates beyond the unambiguous ones are measured as these.
    pub folds_range_rate: bool,
    /// Delays of the canceller; 0 where there is none.
    pub canceller_delays: u32,
}

impl Waveform {
    /// What stands for a waveform that is refused: it makes no other number wrong.
    const REFUSED: Self = Self {
        prf_hz: PRF_LIMITS_HZ[1],
        wavelength_m: WAVELENGTH_LIMITS_M[1],
        folds_range_rate: true,
        canceller_delays: 0,
    };

    /// Check the waveform of a sensor at `place`; none where it has none.
    pub fn from_document(place: &Place<'_>, document: &SensorDocument) -> Option<Self> {
        let entry = document.waveform.as_ref()?;
        let here = place.key("waveform");
        let [least_hz, most_hz] = PRF_LIMITS_HZ;
        let is_rate_right = here.key("prf_hz").number(entry.prf_hz, least_hz, most_hz);
        let delays = f64::from(entry.canceller_delays);
        here.key("canceller_delays").number(delays, 0.0, f64::from(MAX_CANCELLER_DELAYS));
        let wavelength_m = checked_wavelength_m(&here, document, entry);
        let [least_m, most_m] = WAVELENGTH_LIMITS_M;
        if !is_rate_right || !(least_m..=most_m).contains(&wavelength_m) {
            return Some(Self::REFUSED);
        }
        let folded = RangeRateAmbiguityDocument::Folded;
        let waveform = Self {
            prf_hz: entry.prf_hz,
            wavelength_m,
            folds_range_rate: entry.range_rate_ambiguity == folded && document.range_rate.is_some(),
            canceller_delays: entry.canceller_delays,
        };
        if entry.range_ambiguity == RangeAmbiguityDocument::Excluded {
            waveform.check_range(place, document.coverage.max_range_m);
        }
        Some(waveform)
    }

    /// Refuse a coverage from which echoes come after the next pulse.
    fn check_range(&self, place: &Place<'_>, max_range_m: f64) {
        let limit_m = self.unambiguous_range_m();
        if max_range_m > limit_m {
            place.key("coverage").key("max_range_m").problem(format!(
                "is {max_range_m}, must be at most {limit_m:.1}, the unambiguous range of the \
                 waveform's PRF: lower either, or set range_ambiguity: resolved there"
            ));
        }
    }

    /// The first blind speed λ PRF / 2 \[m/s\]: range rates that differ by it are the same.
    pub fn blind_speed_m_s(&self) -> f64 {
        0.5 * self.wavelength_m * self.prf_hz
    }

    /// Range from which an echo comes back with the next pulse \[m\].
    pub fn unambiguous_range_m(&self) -> f64 {
        0.5 * SPEED_OF_LIGHT_M_S / self.prf_hz
    }

    /// The range rate in [-v/2, v/2), v being the first blind speed, that gives the same Doppler
    /// frequency \[m/s\].
    #[inline(always)]
    pub fn folded(&self, range_rate_m_s: f64) -> f64 {
        let blind_m_s = self.blind_speed_m_s();
        let turns = range_rate_m_s / blind_m_s;
        let folded_m_s = blind_m_s * (turns - round(turns));
        if folded_m_s < 0.5 * blind_m_s { folded_m_s } else { -0.5 * blind_m_s }
    }

    /// The same for eight.
    #[inline(always)]
    pub fn folded_lanes(&self, range_rate_m_s: &[f64; LANES]) -> [f64; LANES] {
        let mut folded_m_s = [0.0; LANES];
        for lane in 0..LANES {
            folded_m_s[lane] = self.folded(range_rate_m_s[lane]);
        }
        folded_m_s
    }

    /// Power gain of the canceller for an echo of this range rate over its gain for noise:
    /// |2 sin(π f / PRF)|^(2 n) / C(2n, n) with the Doppler frequency f and n delays. The divisor
    /// is the mean of the numerator over all f, so noise keeps its power.
    #[inline(always)]
    pub fn canceller_gain(&self, range_rate_m_s: f64) -> f64 {
        let turns = range_rate_m_s / self.blind_speed_m_s();
        let (sin, _) = sin_cos_deg(180.0 * (turns - round(turns)));
        let one = 4.0 * sin * sin;
        match self.canceller_delays {
            0 => 1.0,
            1 => one / 2.0,
            2 => one * one / 6.0,
            _ => one * one * one / 20.0,
        }
    }
}

/// From the radar equation or from the waveform, whichever has it; one of them must. Infinite where
/// there is none.
fn checked_wavelength_m(
    place: &Place<'_>,
    document: &SensorDocument,
    entry: &WaveformDocument,
) -> f64 {
    let is_here = entry.frequency_hz.is_some() || entry.wavelength_m.is_some();
    match &document.detection.radar_equation {
        Some(_) if is_here => {
            place.problem(
                "stands beside a radar equation, which must have the only frequency_hz or \
                 wavelength_m: leave it out here",
            );
            f64::INFINITY
        }
        // Its own check reports what is wrong with it.
        Some(equation) => {
            let from_hz = equation.frequency_hz.map(|hz| SPEED_OF_LIGHT_M_S / hz);
            equation.wavelength_m.or(from_hz).unwrap_or(f64::INFINITY)
        }
        None if is_here => wavelength_m(place, entry.wavelength_m, entry.frequency_hz),
        None => {
            place.problem(
                "must have frequency_hz or wavelength_m: give exactly one of them where there is \
                 no radar_equation",
            );
            f64::INFINITY
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waveform(canceller_delays: u32) -> Waveform {
        Waveform { prf_hz: 2000.0, wavelength_m: 0.1, folds_range_rate: true, canceller_delays }
    }

    #[test]
    fn folding_keeps_the_doppler_frequency_and_the_interval() {
        let waveform = waveform(0);
        let blind_m_s = 100.0;
        assert_eq!(waveform.blind_speed_m_s(), blind_m_s);
        assert_eq!(waveform.folded(50.0), -50.0);
        assert_eq!(waveform.folded(-50.0), -50.0);
        assert_eq!(waveform.folded(-150.0), -50.0);
        for step in -4000..4000 {
            let range_rate_m_s = 0.37 * f64::from(step);
            let folded_m_s = waveform.folded(range_rate_m_s);
            assert!((-50.0..50.0).contains(&folded_m_s), "{range_rate_m_s}: {folded_m_s}");
            let turns = (range_rate_m_s - folded_m_s) / blind_m_s;
            assert!((turns - round(turns)).abs() < 1e-12);
        }
    }

    #[test]
    fn noise_keeps_its_power_and_blind_speeds_are_blind() {
        for delays in 0..=MAX_CANCELLER_DELAYS {
            let waveform = waveform(delays);
            let steps = 64;
            let gain = |step: i32| waveform.canceller_gain(100.0 * f64::from(step) / 64.0);
            // The mean of a trigonometric polynomial over equal steps is exact.
            let mean = (0..steps).map(gain).sum::<f64>() / f64::from(steps);
            assert!((mean - 1.0).abs() < 1e-12, "{delays}: {mean}");
            if delays > 0 {
                assert!([-300.0, 0.0, 700.0].map(|m_s| waveform.canceller_gain(m_s)) == [0.0; 3]);
                let peak = [2.0, 16.0 / 6.0, 3.2][delays as usize - 1];
                assert!((waveform.canceller_gain(-250.0) - peak).abs() < 1e-12);
            }
        }
    }
}
