//! How well a station hears the vehicle: free space between two antennas.
//!
//! H. T. Friis, "A note on a simple transmission formula", Proc. IRE 34 (1946), 254, equation 1 in
//! decibels: what is received is what is transmitted, times both gains and (λ / 4πd)². The noise is k T B:
//! H. Nyquist, Phys. Rev. 32 (1928), 110.

use core::f64::consts::PI;

use crate::radar::power_budget::{BOLTZMANN_J_K, SPEED_OF_LIGHT_M_S};

/// A transmitter and a receiver.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RadioLink {
    /// Wavelength \[m\].
    pub wavelength_m: f64,
    /// Transmitted power times both gains \[dBm\].
    pub radiated_dbm: f64,
    /// Noise of the receiver \[dBm\].
    pub noise_dbm: f64,
    /// Signal-to-noise ratio from which on it understands \[dB\].
    pub required_snr_db: f64,
}

/// How well the station hears.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkQuality {
    /// Distance \[m\].
    pub distance_m: f64,
    /// Loss of free space \[dB\].
    pub path_loss_db: f64,
    /// Received power \[dBm\].
    pub received_dbm: f64,
    /// Signal-to-noise ratio \[dB\].
    pub snr_db: f64,
    /// Whether that is enough.
    pub is_up: bool,
}

impl RadioLink {
    /// A link at this frequency: power \[W\] and the sum of both gains \[dBi\], then temperature \[K\] and
    /// bandwidth \[Hz\] of the receiver.
    pub fn new(
        frequency_hz: f64,
        [transmit_w, gains_dbi]: [f64; 2],
        [temperature_k, bandwidth_hz]: [f64; 2],
        required_snr_db: f64,
    ) -> Self {
        Self {
            wavelength_m: SPEED_OF_LIGHT_M_S / frequency_hz,
            radiated_dbm: dbm(transmit_w) + gains_dbi,
            noise_dbm: dbm(BOLTZMANN_J_K * temperature_k * bandwidth_hz),
            required_snr_db,
        }
    }

    /// The quality at a distance; none nearer than a wavelength, where the formula does not hold.
    pub fn quality(&self, distance_m: f64) -> Option<LinkQuality> {
        if distance_m < self.wavelength_m {
            return None;
        }
        let path_loss_db = 20.0 * libm::log10(4.0 * PI * distance_m / self.wavelength_m);
        let received_dbm = self.radiated_dbm - path_loss_db;
        let snr_db = received_dbm - self.noise_dbm;
        let is_up = snr_db >= self.required_snr_db;
        Some(LinkQuality { distance_m, path_loss_db, received_dbm, snr_db, is_up })
    }
}

/// A power in decibels over a milliwatt.
fn dbm(power_w: f64) -> f64 {
    30.0 + 10.0 * libm::log10(power_w)
}
