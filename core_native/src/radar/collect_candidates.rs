//! The targets that one look may see, their echoes not yet drawn.

use crate::radar::candidates::{CandidateBlock, Candidates, Resolved};
use crate::radar::echo_report::EchoScene;
use crate::radar::echo_targets::lanes_of;
use crate::radar::equation::{from_db, snr_at};
use crate::radar::line_of_sight::{LineOfSight, Sight};
use crate::radar::look::Look;
use crate::radar::plot_lanes::PolarLanes;
use crate::radar::plot_record::Plots;
use crate::radar::rcs_table::aspect;
use crate::radar::resolution_cells::ResolutionCells;
use crate::simd::{Kernel, LANES};

/// Collects the candidates of one look; run it with [`crate::simd::dispatch`].
#[derive(Debug)]
pub struct CollectCandidates<'a, L: Look> {
    /// Whom it may see.
    pub scene: EchoScene<'a>,
    /// Number of the first block of targets that is met.
    pub first_block: usize,
    /// Where and when it looks.
    pub look: &'a L,
    /// What hides targets.
    pub line_of_sight: &'a LineOfSight,
    /// The cells within which the radar cannot tell targets apart, where it merges those.
    pub cells: Option<&'a ResolutionCells>,
    /// Where the candidates go.
    pub candidates: &'a mut Candidates,
    /// Where bad answers of users' models are noted.
    pub plots: &'a Plots,
}

impl<L: Look> Kernel for CollectCandidates<'_, L> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        self.candidates.clear();
        for block in self.first_block..self.scene.targets.paths.len() {
            self.scene.targets.prefetch_after(block);
            self.collect(block);
        }
    }
}

impl<L: Look> CollectCandidates<'_, L> {
    #[inline(always)]
    fn collect(&mut self, block: usize) {
        let look = self.look;
        let Some(seen) = look.see(&self.scene.targets.paths[block]) else {
            return;
        };
        let is_seen = self.is_seen(block, &seen);
        if !is_seen.contains(&true) {
            return;
        }
        let snr = self.mean_snr(block, &seen, &is_seen);
        let place = look.truth(&seen).clone();
        let resolved = self.cells.map(|cells| self.resolved(cells, &place));
        let times_ns =
            L::HAS_OWN_TIMES.then(|| std::array::from_fn(|lane| look.time_ns(&seen, lane)));
        let block = CandidateBlock { block, is_seen, snr, place };
        self.candidates.push(block, resolved, times_ns);
    }

    /// What tells targets at these places apart.
    #[inline(always)]
    fn resolved(&self, cells: &ResolutionCells, place: &PolarLanes) -> Resolved {
        let Some(waveform) = self.scene.sensor.folding() else {
            return Resolved { cells: cells.cells_of(place), folded_m_s: None };
        };
        // What has the same Doppler frequency is in the same cell.
        let range_rate_m_s = waveform.folded_lanes(&place.range_rate_m_s);
        let folded = PolarLanes { range_rate_m_s, ..place.clone() };
        Resolved { cells: cells.cells_of(&folded), folded_m_s: Some(range_rate_m_s) }
    }

    /// Whether each target is there, covered by the look, in the filter bank and not hidden.
    #[inline(always)]
    fn is_seen(&self, block: usize, seen: &L::Seen) -> [bool; LANES] {
        let EchoScene { targets, sensor, .. } = self.scene;
        let from_s = lanes_of(&targets.present_from_s, block * LANES);
        let until_s = lanes_of(&targets.present_until_s, block * LANES);
        let mut is_seen = [false; LANES];
        for lane in 0..LANES {
            let time_s = self.look.time_s(seen, lane);
            let present = (from_s[lane] <= time_s) & (time_s < until_s[lane]);
            let passes = sensor.passes(self.look.truth(seen).range_rate_m_s[lane]);
            is_seen[lane] = present & passes & self.look.searches(seen, lane);
        }
        if is_seen.contains(&true) && !self.line_of_sight.is_free() {
            self.drop_hidden(block, seen, &mut is_seen);
        }
        is_seen
    }

    #[inline(always)]
    fn drop_hidden(&self, block: usize, seen: &L::Seen, is_seen: &mut [bool; LANES]) {
        let targets = self.scene.targets;
        let time_s = std::array::from_fn(|lane| self.look.time_s(seen, lane));
        let is_hidden = self.line_of_sight.is_hidden(&Sight {
            own_m: &self.look.own_position_m(seen),
            target_m: &targets.paths[block].states_at_each(&time_s).position_m,
            index: &lanes_of(&targets.index, block * LANES),
            time_s: &time_s,
        });
        for lane in 0..LANES {
            is_seen[lane] &= !is_hidden[lane];
        }
    }

    /// Mean SNR of a single pulse of those that are seen.
    #[inline(always)]
    fn mean_snr(&self, block: usize, seen: &L::Seen, is_seen: &[bool; LANES]) -> [f64; LANES] {
        let EchoScene { targets, sensor, .. } = self.scene;
        let mut signal = lanes_of(&targets.signal, block * LANES);
        if targets.depends_on_aspect(block) {
            self.multiply_by_aspect(block, seen, is_seen, &mut signal);
        }
        let (look, truth) = (self.look, self.look.truth(seen));
        let mut snr = [0.0; LANES];
        for lane in 0..LANES {
            let gain = look.gain(seen, lane) * sensor.doppler_gain(truth.range_rate_m_s[lane]);
            snr[lane] = snr_at(signal[lane] * gain, truth.range_m[lane]);
        }
        snr
    }

    /// Multiply the signal of 1 m² of those targets that have a table or a model by the cross
    /// section that it gives.
    #[inline(always)]
    fn multiply_by_aspect(
        &self,
        block: usize,
        seen: &L::Seen,
        is_seen: &[bool; LANES],
        signal: &mut [f64; LANES],
    ) {
        let (targets, truth) = (self.scene.targets, self.look.truth(seen));
        let time_s = std::array::from_fn(|lane| self.look.time_s(seen, lane));
        let bodies = targets.paths[block].states_at_each(&time_s);
        let aspect_of = |lane: usize| {
            let (bearing_deg, elevation_deg) = (truth.bearing_deg[lane], truth.elevation_deg[lane]);
            let velocity_m_s = bodies.state(lane).velocity_m_s;
            let heading_deg = targets.paths[block].heading_deg(lane, time_s[lane], velocity_m_s);
            aspect(bearing_deg, elevation_deg, heading_deg)
        };
        for &(lane, ref table) in
            targets.rcs_tables[block].iter().filter(|(lane, _)| is_seen[*lane])
        {
            signal[lane] *= from_db(table.at(aspect_of(lane)));
        }
        for &(lane, ref model) in
            targets.rcs_models[block].iter().filter(|(lane, _)| is_seen[*lane])
        {
            let [azimuth_deg, elevation_deg] = aspect_of(lane);
            signal[lane] *= self.plots.answer(model, [azimuth_deg, elevation_deg, time_s[lane]]);
        }
    }
}
