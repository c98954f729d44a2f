//! What the echo kernel asks users' models: the cross sections of targets, and whether a target is
//! detected.
//!
//! Only targets that the look sees are asked about. A bad answer is noted with the plots, which are
//! then refused as a whole, and counts as zero until that; of several the first in the order of the
//! looks, and in each of the targets' blocks, is told, so that the error does not depend on the
//! order of the scenario either.

use crate::numeric::max;
use crate::radar::detection_probability::MAX_SNR_DB;
use crate::radar::echo_power::EchoLanes;
use crate::radar::echoes::EchoKernel;
use crate::radar::equation::to_db;
use crate::radar::look::Look;
use crate::radar::plot_lanes::PolarLanes;
use crate::radar::rcs_table::aspect;
use crate::random::{uniform, uniform_fine};
use crate::simd::LANES;
use crate::user_model::UserModel;

impl<L: Look, const PLAIN: bool> EchoKernel<'_, L, PLAIN> {
    /// Multiply the signal of 1 m² of those targets that have a model by its cross section.
    #[inline(always)]
    pub(super) fn multiply_by_rcs_models(
        &self,
        block: usize,
        seen: &L::Seen,
        signal: &mut [f64; LANES],
    ) {
        let models = &self.targets.rcs_models[block];
        if models.is_empty() {
            return;
        }
        let (is_seen, truth) = (self.is_seen(block, seen), self.look.truth(seen));
        let time_s = std::array::from_fn(|lane| self.look.time_s(seen, lane));
        let bodies = self.targets.paths[block].states_at_each(&time_s);
        for (lane, model) in models.iter().filter(|(lane, _)| is_seen[*lane]) {
            let lane = *lane;
            let (bearing_deg, elevation_deg) = (truth.bearing_deg[lane], truth.elevation_deg[lane]);
            let [azimuth_deg, elevation_deg] =
                aspect(bearing_deg, elevation_deg, bodies.state(lane).velocity_m_s);
            signal[lane] *= self.answer(model, [azimuth_deg, elevation_deg, time_s[lane]]);
        }
    }

    /// Power of each echo where `model` decides who is detected: above the threshold for those, zero
    /// for the others.
    #[inline(always)]
    pub(super) fn power_by_model(
        &self,
        model: &UserModel,
        place: &PolarLanes,
        lanes: &EchoLanes<'_>,
        is_seen: &[bool; LANES],
    ) -> [f64; LANES] {
        let sensor = self.sensor;
        let EchoLanes { entities, frame, words, snr } = *lanes;
        let decision = self.power_draws.model_detection.words_of_lanes(entities, frame);
        let mut power = [0.0; LANES];
        for lane in (0..LANES).filter(|lane| is_seen[*lane]) {
            let (range_m, range_rate_m_s) = (place.range_m[lane], place.range_rate_m_s[lane]);
            let chance = self.answer(model, [asked_snr_db(snr[lane]), range_m, range_rate_m_s]);
            if uniform(decision[0][lane]) < chance {
                let draw = uniform_fine(words[0][lane], words[1][lane]);
                power[lane] = sensor.pulse_sum.detected(sensor.threshold, snr[lane], draw);
            }
        }
        power
    }

    #[inline(always)]
    fn answer(&self, model: &UserModel, arguments: [f64; 3]) -> f64 {
        model.value(arguments).unwrap_or_else(|fault| {
            self.plots.note_fault(fault);
            0.0
        })
    }
}

/// An SNR as models of the probability of detection are asked it \[dB\]: finite for no echo, too.
pub fn asked_snr_db(snr: f64) -> f64 {
    max(to_db(snr), -MAX_SNR_DB)
}
