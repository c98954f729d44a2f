//! The echoes of candidates: drawn from their mean SNR and measured where they are.
//!
//! Nothing here depends on how the radar looks, so that the draws of all kinds of targets are
//! compiled once per instruction set and not once per kind of look, too.

use crate::numeric::max;
use crate::radar::candidates::{CandidateBlock, Candidates};
use crate::radar::detection_probability::MAX_SNR_DB;
use crate::radar::echo_power::EchoLanes;
use crate::radar::echo_report::{EchoReport, EchoScene};
use crate::radar::equation::to_db;
use crate::random::{uniform, uniform_fine};
use crate::simd::{Kernel, LANES};
use crate::user_model::UserModel;

/// Draws and reports the candidates of one look; run it with [`crate::simd::dispatch`].
#[derive(Debug)]
pub struct DrawCandidates<'a> {
    /// Those that the look has met.
    pub candidates: &'a Candidates,
    /// Where the plots go.
    pub report: EchoReport<'a>,
}

impl Kernel for DrawCandidates<'_> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        for (number, candidates) in self.candidates.blocks().iter().enumerate() {
            let times_ns = self.candidates.times_ns(number);
            let words = self.report.scene.words(candidates.block);
            let power = self.power(candidates, &words);
            let CandidateBlock { block, ref place, .. } = *candidates;
            self.report.add::<false>(block, place, &power, &words, |lane| {
                times_ns.map(|times_ns| times_ns[lane])
            });
        }
    }
}

impl DrawCandidates<'_> {
    /// Power of each echo that is seen, signal and noise of all pulses; zero for the others.
    #[inline(always)]
    fn power(&self, candidates: &CandidateBlock, words: &[[u64; LANES]; 4]) -> [f64; LANES] {
        let EchoScene { sensor, targets, draws, number } = self.report.scene;
        let CandidateBlock { block, is_seen, snr, .. } = candidates;
        let entities = &self.report.scene.entities(*block);
        let lanes = EchoLanes { entities, frame: number, words, snr };
        if let Some(model) = &targets.detection_probability_model {
            return self.power_by_model(model, candidates, &lanes);
        }
        let mut power = sensor.pulse_sum.draw(targets.fluctuation[*block], &draws.echo, &lanes);
        for lane in 0..LANES {
            power[lane] = if is_seen[lane] { power[lane] } else { 0.0 };
        }
        power
    }

    /// Power of each echo where a user's model decides who is detected: above the threshold for
    /// those, zero for the others.
    #[inline(always)]
    fn power_by_model(
        &self,
        model: &UserModel,
        candidates: &CandidateBlock,
        lanes: &EchoLanes<'_>,
    ) -> [f64; LANES] {
        let EchoScene { sensor, draws, .. } = self.report.scene;
        let EchoLanes { entities, frame, words, snr } = *lanes;
        let decision = draws.echo.model_detection.words_of_lanes(entities, frame);
        let place = &candidates.place;
        let mut power = [0.0; LANES];
        for lane in (0..LANES).filter(|lane| candidates.is_seen[*lane]) {
            let asked = [asked_snr_db(snr[lane]), place.range_m[lane], place.range_rate_m_s[lane]];
            let chance = self.report.plots.answer(model, asked);
            if uniform(decision[0][lane]) < chance {
                let draw = uniform_fine(words[0][lane], words[1][lane]);
                power[lane] = sensor.pulse_sum.detected(sensor.threshold, snr[lane], draw);
            }
        }
        power
    }
}

/// An SNR as models of the probability of detection are asked it \[dB\]: finite for no echo, too.
pub fn asked_snr_db(snr: f64) -> f64 {
    max(to_db(snr), -MAX_SNR_DB)
}
