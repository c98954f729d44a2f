//! The radar equation from what a radar is made of.
//!
//! SNR = P Gt Gr λ² σ / ((4π)³ R⁴ k T0 B F L), for a single pulse: M. A. Richards, "Fundamentals of
//! Radar Signal Processing", 2nd ed. (2014), section 2.2; M. I. Skolnik, "Introduction to Radar
//! Systems", 3rd ed. (2001), chapter 2. T0 = 290 K is the temperature that noise figures refer to.

use std::f64::consts::PI;

use crate::radar::equation::from_db;
use crate::scene::place::Place;
use crate::scene::sensor_document::RadarEquationDocument;

/// Speed of light \[m/s\].
pub const SPEED_OF_LIGHT_M_S: f64 = 299_792_458.0;
/// Boltzmann's constant \[J/K\].
pub const BOLTZMANN_J_K: f64 = 1.380_649e-23;
/// Standard temperature of noise figures \[K\].
const STANDARD_TEMPERATURE_K: f64 = 290.0;

/// Peak powers \[W\].
pub const POWER_LIMITS_W: [f64; 2] = [1e-6, 1e12];
/// Gains of an antenna \[dB\].
pub const GAIN_LIMITS_DB: [f64; 2] = [-30.0, 100.0];
/// Losses and noise figures \[dB\].
pub const LOSS_LIMITS_DB: [f64; 2] = [0.0, 60.0];
/// Wavelengths \[m\].
pub const WAVELENGTH_LIMITS_M: [f64; 2] = [1e-4, 1e3];
/// Carrier frequencies, of these wavelengths \[Hz\].
pub const FREQUENCY_LIMITS_HZ: [f64; 2] =
    [SPEED_OF_LIGHT_M_S / WAVELENGTH_LIMITS_M[1], SPEED_OF_LIGHT_M_S / WAVELENGTH_LIMITS_M[0]];
/// Noise bandwidths \[Hz\].
pub const BANDWIDTH_LIMITS_HZ: [f64; 2] = [1e-2, 1e12];
/// Widths of pulses, matched to these bandwidths \[s\].
pub const PULSE_WIDTH_LIMITS_S: [f64; 2] =
    [1.0 / BANDWIDTH_LIMITS_HZ[1], 1.0 / BANDWIDTH_LIMITS_HZ[0]];

/// Loop gain: SNR of a single pulse = gain * RCS / range^4 \[m⁴/m²\].
pub fn loop_gain(place: &Place<'_>, document: &RadarEquationDocument) -> f64 {
    let number = |name: &str, value: f64, [low, high]: [f64; 2]| {
        place.key(name).number(value, low, high);
        value
    };
    let power_w = number("power_w", document.power_w, POWER_LIMITS_W);
    let gain_db = two_way_gain_db(place, document);
    let wavelength_m = wavelength_m(place, document.wavelength_m, document.frequency_hz);
    let losses_db = number("system_losses_db", document.system_losses_db, LOSS_LIMITS_DB);
    let noise_db = number("noise_figure_db", document.noise_figure_db, LOSS_LIMITS_DB);
    let noise_w = BOLTZMANN_J_K * STANDARD_TEMPERATURE_K * bandwidth_hz(place, document);
    let spreading = 4.0 * PI * (4.0 * PI) * (4.0 * PI);
    let ratio = from_db(gain_db - losses_db - noise_db);
    power_w * wavelength_m * wavelength_m * ratio / (spreading * noise_w)
}

fn two_way_gain_db(place: &Place<'_>, document: &RadarEquationDocument) -> f64 {
    let [low, high] = GAIN_LIMITS_DB;
    let gain = |name: &str, value: f64| {
        place.key(name).number(value, low, high);
        value
    };
    match (document.antenna_gain_db, document.transmit_gain_db, document.receive_gain_db) {
        (Some(both), None, None) => 2.0 * gain("antenna_gain_db", both),
        (None, Some(transmit), Some(receive)) => {
            gain("transmit_gain_db", transmit) + gain("receive_gain_db", receive)
        }
        _ => {
            place.problem(
                "must have antenna_gain_db, or transmit_gain_db and receive_gain_db: give the one \
                 or the two, not a part or all of them",
            );
            0.0
        }
    }
}

/// Wavelength \[m\] from the one of the two that is given at `place`.
pub fn wavelength_m(
    place: &Place<'_>,
    wavelength_m: Option<f64>,
    frequency_hz: Option<f64>,
) -> f64 {
    let [low, high] = WAVELENGTH_LIMITS_M;
    match (wavelength_m, frequency_hz) {
        (Some(wavelength_m), None) => {
            place.key("wavelength_m").number(wavelength_m, low, high);
            wavelength_m
        }
        (None, Some(frequency_hz)) => {
            let [low, high] = FREQUENCY_LIMITS_HZ;
            place.key("frequency_hz").number(frequency_hz, low, high);
            SPEED_OF_LIGHT_M_S / frequency_hz
        }
        _ => one_of_two(place, "frequency_hz", "wavelength_m"),
    }
}

/// Bandwidth of the noise; that of the filter matched to the pulse is one over its width.
fn bandwidth_hz(place: &Place<'_>, document: &RadarEquationDocument) -> f64 {
    let [low, high] = BANDWIDTH_LIMITS_HZ;
    match (document.bandwidth_hz, document.pulse_width_s) {
        (Some(bandwidth_hz), None) => {
            place.key("bandwidth_hz").number(bandwidth_hz, low, high);
            bandwidth_hz
        }
        (None, Some(pulse_width_s)) => {
            let [low, high] = PULSE_WIDTH_LIMITS_S;
            place.key("pulse_width_s").number(pulse_width_s, low, high);
            1.0 / pulse_width_s
        }
        _ => one_of_two(place, "bandwidth_hz", "pulse_width_s"),
    }
}

/// Report it; what is returned stands for the value in a document that is thrown away.
fn one_of_two(place: &Place<'_>, one: &str, other: &str) -> f64 {
    place.problem(format!("must have {one} or {other}: give exactly one of them"));
    1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Result;
    use crate::scene::problems::Problems;

    fn checked(json: &str) -> Result<f64> {
        let problems = Problems::default();
        let document = serde_json::from_str(json).unwrap();
        let gain = loop_gain(&problems.root().key("radar_equation"), &document);
        problems.accept(gain)
    }

    /// 1 MW, 45 dB, 5.6 GHz, 6 dB losses, 3 dB noise figure, 5 MHz, 0.1 m² at 100 km, worked by
    /// hand: 60 + 90 - 25.42 - 10 - 32.98 - 200 + 203.98 - 66.99 - 9 dB.
    #[test]
    fn a_budget_worked_by_hand() {
        let gain = checked(
            r#"{"power_w": 1e6, "antenna_gain_db": 45, "frequency_hz": 5.6e9,
                "system_losses_db": 6, "noise_figure_db": 3, "bandwidth_hz": 5e6}"#,
        );
        let snr_db = 10.0 * libm::log10(gain.unwrap() * 0.1 / 1e20);
        assert!((snr_db - 9.59).abs() < 0.02, "{snr_db}");
    }

    #[test]
    fn both_ways_to_say_it_agree() {
        let one = checked(
            r#"{"power_w": 10, "antenna_gain_db": 30, "wavelength_m": 0.1, "noise_figure_db": 5,
                "pulse_width_s": 1e-6}"#,
        );
        let other = checked(
            r#"{"power_w": 10, "transmit_gain_db": 28, "receive_gain_db": 32,
                "frequency_hz": 2.99792458e9, "noise_figure_db": 5, "bandwidth_hz": 1e6}"#,
        );
        assert!((one.unwrap() / other.unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn too_little_and_too_much_are_refused() {
        let start = r#"{"power_w": 10, "noise_figure_db": 5, "#;
        let refused = |rest: &str| checked(&format!("{start}{rest}}}")).unwrap_err().to_string();
        let message = refused(r#""antenna_gain_db": 30, "bandwidth_hz": 1e6"#);
        assert!(
            message.ends_with("must have frequency_hz or wavelength_m: give exactly one of them")
        );
        let message = refused(r#""transmit_gain_db": 30, "wavelength_m": 1, "bandwidth_hz": 1e6"#);
        assert!(message.contains("radar_equation: must have antenna_gain_db, or transmit_gain_db"));
        let message = refused(
            r#""antenna_gain_db": 30, "wavelength_m": 1, "bandwidth_hz": 1e6, "pulse_width_s": 1"#,
        );
        assert!(message.contains("must have bandwidth_hz or pulse_width_s"));
        let message = refused(r#""antenna_gain_db": 300, "wavelength_m": 1, "bandwidth_hz": 1e6"#);
        assert!(message.contains("radar_equation.antenna_gain_db: is 300, must be -30 to 100"));
    }
}
