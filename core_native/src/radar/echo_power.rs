//! Draws of the power that N pulses give, exactly as it is distributed.
//!
//! A square-law detector adds the powers of N complex amplitudes, each signal plus Gaussian noise
//! of mean power 1. Turned so that the first coordinate has the direction of the signal, all of
//! the echo's energy lies in that one, and the other N - 1 hold noise alone: a gamma number of
//! shape N - 1. So no case needs N draws. P. Swerling, IRE Trans. IT-6 (1960), 269; the
//! non-central chi-square distribution by rotation: A. M. Mathai and S. B. Provost, "Quadratic
//! Forms in Random Variables" (1992), section 3.1.

use crate::numeric::{ln, sin_cos_deg};
use crate::radar::fluctuation::Fluctuation;
use crate::random::gamma::{Gamma, attempt_key};
use crate::random::{Purpose, Stream, exponential, uniform, uniform_fine};
use crate::simd::LANES;

/// Attempts at the power of one false alarm; each fails with a probability below one half.
const MAX_ATTEMPTS: u64 = 128;

/// The streams that the power of an echo is drawn from.
#[derive(Clone, Debug)]
pub struct EchoDraws {
    /// Noise in the direction of the signal, and the signal of Swerling 1 and 2 with it.
    pub echo: Stream,
    /// Noise in all other directions.
    pub pulse_noise: Stream,
    /// Energy of the signal of Swerling 3 and 4.
    pub fluctuation: Stream,
    /// Whether a target is detected, where a user's model gives the probability.
    pub model_detection: Stream,
}

impl EchoDraws {
    /// The streams of one sensor.
    pub fn new(seed: u64, sensor_id: &[u8; 16]) -> Self {
        let stream = |purpose| Stream::new(seed, sensor_id, purpose);
        Self {
            echo: stream(Purpose::Echo),
            pulse_noise: stream(Purpose::PulseNoise),
            fluctuation: stream(Purpose::Fluctuation),
            model_detection: stream(Purpose::ModelDetection),
        }
    }
}

/// The sum of the powers of N pulses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PulseSum {
    pulses: u32,
    other_noise: Gamma,
    swerling_3: Gamma,
    swerling_4: Gamma,
}

/// Eight targets whose echoes are drawn.
#[derive(Clone, Copy, Debug)]
pub struct EchoLanes<'a> {
    /// Their numbers.
    pub entities: &'a [u64; LANES],
    /// Number of the frame.
    pub frame: u64,
    /// Words of [`EchoDraws::echo`] for them.
    pub words: &'a [[u64; LANES]; 4],
    /// Mean SNR of a single pulse.
    pub snr: &'a [f64; LANES],
}

impl PulseSum {
    /// The sum of `pulses` powers.
    pub fn new(pulses: u32) -> Self {
        Self {
            pulses,
            other_noise: Gamma::new(pulses.saturating_sub(1)),
            swerling_3: Gamma::new(2),
            swerling_4: Gamma::new(2 * pulses),
        }
    }

    /// Signal and noise of targets that fluctuate in the same way.
    #[inline(always)]
    pub fn draw(
        &self,
        fluctuation: Fluctuation,
        draws: &EchoDraws,
        lanes: &EchoLanes<'_>,
    ) -> [f64; LANES] {
        use Fluctuation::{Swerling0, Swerling1, Swerling2, Swerling3, Swerling4};
        let EchoLanes { entities, frame, snr, .. } = *lanes;
        let pulses = f64::from(self.pulses);
        match fluctuation {
            // One pulse: these two are the same, and there is no other noise.
            Swerling1 | Swerling2 if self.pulses == 1 => exponential_power(1.0, lanes),
            Swerling1 => {
                let along = exponential_power(pulses, lanes);
                sum(&along, &self.other_noise.draw(&draws.pulse_noise, entities, frame))
            }
            Swerling2 => {
                let mut noise = self.other_noise.draw(&draws.pulse_noise, entities, frame);
                for lane in 0..LANES {
                    noise[lane] *= 1.0 + snr[lane];
                }
                sum(&exponential_power(1.0, lanes), &noise)
            }
            Swerling0 => {
                let energy = snr.map(|snr| pulses * snr);
                self.constant_energy(&energy, draws, lanes)
            }
            Swerling3 => {
                let parts = self.swerling_3.draw(&draws.fluctuation, entities, frame);
                let energy = product(&parts, &snr.map(|snr| 0.5 * pulses * snr));
                self.constant_energy(&energy, draws, lanes)
            }
            Swerling4 => {
                let parts = self.swerling_4.draw(&draws.fluctuation, entities, frame);
                let energy = product(&parts, &snr.map(|snr| 0.5 * snr));
                self.constant_energy(&energy, draws, lanes)
            }
        }
    }

    /// Power of noise that exceeded the threshold: the tail of a gamma distribution.
    ///
    /// Over the threshold T its density is e^-x (1 + x/T)^(N-1), below that of an exponential
    /// number of rate 1 - (N-1)/T. Exact by rejection (J. von Neumann 1951).
    #[inline(always)]
    pub fn draw_false_alarm(
        &self,
        threshold: f64,
        stream: &Stream,
        numbers: &[u64; LANES],
        frame: u64,
    ) -> [f64; LANES] {
        let others = f64::from(self.pulses) - 1.0;
        let mean = 1.0 / (1.0 - others / threshold);
        let mut power = [0.0; LANES];
        for attempt in 0..MAX_ATTEMPTS {
            let words = stream.words_of_lanes(numbers, attempt_key(frame, attempt));
            let mut waiting = false;
            for lane in 0..LANES {
                let x = mean * exponential(uniform_fine(words[0][lane], words[1][lane]));
                let z = x / threshold;
                let accepted = ln(uniform(words[2][lane])) < others * (ln(1.0 + z) - z);
                let is_first = power[lane] == 0.0;
                power[lane] = if accepted & is_first { threshold + x } else { power[lane] };
                waiting |= power[lane] == 0.0;
            }
            if !waiting {
                return power;
            }
        }
        // Less likely than 1e-38; the most likely power stands for it.
        power.map(|power| if power == 0.0 { threshold } else { power })
    }

    /// Power of an echo that is known to have passed the threshold, from a uniform number.
    ///
    /// Signal and noise of Swerling 1 and 2 with one pulse are exponential with mean 1 + SNR, and
    /// what an exponential number has over a threshold that it passed has the same law again. For N
    /// pulses it is the law of Swerling 1 up to the noise in the other directions: the tail falls as
    /// e^(-x / (1 + N SNR)) (Swerling 1960, as above; Richards 2014, section 6.3, on case 1).
    pub fn detected(&self, threshold: f64, snr: f64, uniform: f64) -> f64 {
        threshold + (1.0 + f64::from(self.pulses) * snr) * exponential(uniform)
    }

    /// The power when the echoes' energy, over all pulses, is given.
    #[inline(always)]
    fn constant_energy(
        &self,
        energy: &[f64; LANES],
        draws: &EchoDraws,
        lanes: &EchoLanes<'_>,
    ) -> [f64; LANES] {
        let EchoLanes { entities, frame, words, .. } = *lanes;
        let mut along = [0.0; LANES];
        for lane in 0..LANES {
            // Polar coordinates of the noise around the end of the signal.
            let noise = exponential(uniform_fine(words[0][lane], words[1][lane]));
            let (_, cos) = sin_cos_deg(360.0 * uniform(words[3][lane]));
            along[lane] = energy[lane] + noise + 2.0 * cos * (energy[lane] * noise).sqrt();
        }
        sum(&along, &self.other_noise.draw(&draws.pulse_noise, entities, frame))
    }
}

/// Power in the direction of an echo whose own power is exponential with the energy of `pulses`.
#[inline(always)]
fn exponential_power(pulses: f64, lanes: &EchoLanes<'_>) -> [f64; LANES] {
    let EchoLanes { words, snr, .. } = *lanes;
    let mut power = [0.0; LANES];
    for lane in 0..LANES {
        let energy = pulses * snr[lane];
        power[lane] = (1.0 + energy) * exponential(uniform_fine(words[0][lane], words[1][lane]));
    }
    power
}

#[inline(always)]
fn sum(a: &[f64; LANES], b: &[f64; LANES]) -> [f64; LANES] {
    let mut sum = *a;
    for lane in 0..LANES {
        sum[lane] += b[lane];
    }
    sum
}

#[inline(always)]
fn product(a: &[f64; LANES], b: &[f64; LANES]) -> [f64; LANES] {
    let mut product = *a;
    for lane in 0..LANES {
        product[lane] *= b[lane];
    }
    product
}
