//! The echoes of one frame: every target in the coverage, eight at a time.

use crate::radar::echo_power::{EchoDraws, EchoLanes};
use crate::radar::echo_targets::{EchoTargets, lanes_of};
use crate::radar::equation::{from_db, snr_at};
use crate::radar::line_of_sight::{LineOfSight, Sight};
use crate::radar::look::Look;
use crate::radar::plot_lanes::{NoiseLanes, PlotLanes, PolarLanes};
use crate::radar::plot_record::{Plots, Source};
use crate::radar::sensor::Sensor;
use crate::random::{Stream, exponential, uniform, uniform_fine};
use crate::simd::{Kernel, LANES};

/// One look's echoes of the plain targets or of the others; run it with [`crate::simd::dispatch`].
///
/// Two kernels, so that the code of the plain targets is as small and as fast as if there were no
/// others.
#[derive(Debug)]
pub struct EchoKernel<'a, L: Look, const PLAIN: bool> {
    /// The radar.
    pub sensor: &'a Sensor,
    /// Whom it may see.
    pub targets: &'a EchoTargets,
    /// What hides them.
    pub line_of_sight: &'a LineOfSight,
    /// Where and when it looks.
    pub look: &'a L,
    /// Number of the look.
    pub frame: u64,
    /// Draws of the echoes' power.
    pub power_draws: &'a EchoDraws,
    /// Draws of the measurement noise.
    pub noise_draws: &'a Stream,
    /// Draws of the errors that stay the same for a target.
    pub bias_draws: &'a Stream,
    /// Where the plots go.
    pub plots: &'a mut Plots,
}

impl<L: Look, const PLAIN: bool> Kernel for EchoKernel<'_, L, PLAIN> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let (plain, all) = (self.targets.plain_blocks, self.targets.paths.len());
        for block in if PLAIN { 0..plain } else { plain..all } {
            self.block(block);
        }
    }
}

impl<L: Look, const PLAIN: bool> EchoKernel<'_, L, PLAIN> {
    #[inline(always)]
    fn block(&mut self, block: usize) {
        let (targets, start) = (self.targets, block * LANES);
        let Some(seen) = self.look.see(&targets.paths[block]) else {
            return;
        };
        let entities = lanes_of(&targets.entity, start);
        let words = self.power_draws.echo.words_of_lanes(&entities, self.frame);
        let power = if PLAIN {
            self.plain_power(start, &seen, &words)
        } else {
            self.power(block, &seen, &entities, &words)
        };
        self.report(block, self.look.truth(&seen), &power, &words, |lane| {
            self.look.time_ns(&seen, lane)
        });
    }

    /// Measure the echoes of a block that pass the threshold, where they are and when they were met.
    #[inline(always)]
    pub(super) fn report(
        &mut self,
        block: usize,
        place: &PolarLanes,
        power: &[f64; LANES],
        words: &[[u64; LANES]; 4],
        time_ns: impl Fn(usize) -> i64,
    ) {
        let (targets, start) = (self.targets, block * LANES);
        let entities = lanes_of(&targets.entity, start);
        let mut noise = NoiseLanes::draw(self.noise_draws, &entities, self.frame);
        if !PLAIN && self.sensor.is_biased() {
            // The same words in every frame.
            let bias = NoiseLanes::draw(self.bias_draws, &entities, 0);
            noise = noise.with_bias(self.sensor, power, &bias);
        }
        let mut plots = PlotLanes::measure(self.sensor, place, power, &noise);
        if !PLAIN && let Some(waveform) = self.sensor.folding() {
            let range_rate_m_s = &mut plots.measured.range_rate_m_s;
            *range_rate_m_s = waveform.folded_lanes(range_rate_m_s);
        }
        for lane in 0..LANES {
            if power[lane] > self.sensor.threshold {
                let chance = self.sensor.spoof_recognition_probability;
                let recognised = uniform(words[2][lane]) < chance;
                let source = Source { truth: targets.index[start + lane], recognised };
                self.plots.push(&plots, lane, source);
                if L::HAS_OWN_TIMES {
                    self.plots.push_time(time_ns(lane));
                }
            }
        }
    }

    /// Power of each echo (signal and noise) over the mean noise power; zero for a target that is
    /// not there or not covered.
    #[inline(always)]
    fn plain_power(&self, start: usize, seen: &L::Seen, words: &[[u64; LANES]; 4]) -> [f64; LANES] {
        let signal = lanes_of(&self.targets.signal, start);
        let from_s = lanes_of(&self.targets.present_from_s, start);
        let until_s = lanes_of(&self.targets.present_until_s, start);
        let (look, truth) = (self.look, self.look.truth(seen));
        let mut power = [0.0; LANES];
        for lane in 0..LANES {
            let snr = snr_at(signal[lane] * look.gain(seen, lane), truth.range_m[lane]);
            let echo = (1.0 + snr) * exponential(uniform_fine(words[0][lane], words[1][lane]));
            let time_s = look.time_s(seen, lane);
            let present = (from_s[lane] <= time_s) & (time_s < until_s[lane]);
            power[lane] = if present & look.searches(seen, lane) { echo } else { 0.0 };
        }
        power
    }

    /// Loop gain times mean radar cross section \[m⁴\], seen from where the radar is.
    #[inline(always)]
    fn signal(&self, block: usize, seen: &L::Seen) -> [f64; LANES] {
        let mut signal = lanes_of(&self.targets.signal, block * LANES);
        self.multiply_by_rcs_models(block, seen, &mut signal);
        let tables = &self.targets.rcs_tables[block];
        if tables.is_empty() {
            return signal;
        }
        let time_s = std::array::from_fn(|lane| self.look.time_s(seen, lane));
        let (truth, bodies) =
            (self.look.truth(seen), self.targets.paths[block].states_at_each(&time_s));
        for (lane, table) in tables {
            let velocity_m_s = bodies.state(*lane).velocity_m_s;
            let (bearing_deg, elevation_deg) =
                (truth.bearing_deg[*lane], truth.elevation_deg[*lane]);
            signal[*lane] *= from_db(table.seen_by(bearing_deg, elevation_deg, velocity_m_s));
        }
        signal
    }

    /// Mean SNR of a single pulse, were the target there and covered.
    #[inline(always)]
    pub(super) fn mean_snr(&self, block: usize, seen: &L::Seen) -> [f64; LANES] {
        let signal = self.signal(block, seen);
        let (look, truth) = (self.look, self.look.truth(seen));
        let mut snr = [0.0; LANES];
        for lane in 0..LANES {
            let gain = look.gain(seen, lane) * self.sensor.doppler_gain(truth.range_rate_m_s[lane]);
            snr[lane] = snr_at(signal[lane] * gain, truth.range_m[lane]);
        }
        snr
    }

    /// Whether each target is there, covered by the look, in the filter bank and not hidden.
    #[inline(always)]
    pub(super) fn is_seen(&self, block: usize, seen: &L::Seen) -> [bool; LANES] {
        let from_s = lanes_of(&self.targets.present_from_s, block * LANES);
        let until_s = lanes_of(&self.targets.present_until_s, block * LANES);
        let mut is_seen = [false; LANES];
        for lane in 0..LANES {
            let time_s = self.look.time_s(seen, lane);
            let present = (from_s[lane] <= time_s) & (time_s < until_s[lane]);
            let passes = self.sensor.passes(self.look.truth(seen).range_rate_m_s[lane]);
            is_seen[lane] = present & passes & self.look.searches(seen, lane);
        }
        if is_seen.contains(&true) && !self.line_of_sight.is_free() {
            self.drop_hidden(block, seen, &mut is_seen);
        }
        is_seen
    }

    #[inline(always)]
    fn drop_hidden(&self, block: usize, seen: &L::Seen, is_seen: &mut [bool; LANES]) {
        let time_s = std::array::from_fn(|lane| self.look.time_s(seen, lane));
        let is_hidden = self.line_of_sight.is_hidden(&Sight {
            own_m: &self.look.own_position_m(seen),
            target_m: &self.targets.paths[block].states_at_each(&time_s).position_m,
            index: &lanes_of(&self.targets.index, block * LANES),
            time_s: &time_s,
        });
        for lane in 0..LANES {
            is_seen[lane] &= !is_hidden[lane];
        }
    }

    /// As [`Self::plain_power`] for every other kind of target: signal and noise of all pulses.
    #[inline(always)]
    fn power(
        &self,
        block: usize,
        seen: &L::Seen,
        entities: &[u64; LANES],
        words: &[[u64; LANES]; 4],
    ) -> [f64; LANES] {
        let (snr, is_seen) = (self.mean_snr(block, seen), self.is_seen(block, seen));
        self.draw(block, self.look.truth(seen), &snr, &is_seen, entities, words)
    }

    /// Draw the power of each echo that is seen from its mean SNR and its place; zero for the
    /// others.
    #[inline(always)]
    pub(super) fn draw(
        &self,
        block: usize,
        place: &PolarLanes,
        snr: &[f64; LANES],
        is_seen: &[bool; LANES],
        entities: &[u64; LANES],
        words: &[[u64; LANES]; 4],
    ) -> [f64; LANES] {
        let lanes = EchoLanes { entities, frame: self.frame, words, snr };
        if let Some(model) = &self.targets.detection_probability_model {
            return self.power_by_model(model, place, &lanes, is_seen);
        }
        let fluctuation = self.targets.fluctuation[block];
        let mut power = self.sensor.pulse_sum.draw(fluctuation, self.power_draws, &lanes);
        for lane in 0..LANES {
            power[lane] = if is_seen[lane] { power[lane] } else { 0.0 };
        }
        power
    }
}
