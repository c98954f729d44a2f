//! The first alignment: from the votes for an offset to biases by which gates let detections in.

use crate::error::Result;
use crate::tracking::registration::bias_information::{BIASES, BiasInformation, PerBias};
use crate::tracking::registration::frame_checks;
use crate::tracking::registration::gates::Gates;
use crate::tracking::registration::offset_vote::{OffsetVote, Peak, SIDE};
use crate::tracking::registration::pairing::Pairing;
use crate::tracking::registration::plots::{Plots, ReportedFrame};
use crate::tracking::registration::separate_bias::Target;
use crate::tracking::registration::settings::bias_of;
use crate::tracking::registration::velocity_spread::VelocitySpread;

/// Rounds of the least squares, and how many of them keep all pairs.
const ROUNDS: usize = 8;
const ROUNDS_WITH_ALL: usize = 3;

/// Pairs that must agree in the frame by which the biases are first found.
const LEAST_PAIRS: usize = 3;

/// What a first alignment works with.
pub struct FirstAlignment<'a> {
    /// The frame to be aligned.
    pub reported: ReportedFrame<'a>,
    /// Gates by the prior.
    pub gates: Gates,
    /// Mean of the prior.
    pub prior: PerBias,
}

impl FirstAlignment<'_> {
    /// Vote for each pair of a target and a detection; `plots` is the frame corrected by the prior.
    /// Where the offset then is, if that is clear.
    pub fn vote(
        &self,
        votes: &mut OffsetVote,
        targets: &mut [Target],
        plots: &Plots,
    ) -> Option<Peak> {
        let (mut looks, mut seen) = (0, 0);
        for target in targets {
            if self.can_vote(target, plots, votes.search_m) {
                let place_m = self.gates.place_at(target, plots.middle_ns());
                target.looks += u32::from(self.reported.covers(place_m));
                self.offsets(target, plots, votes.search_m, |_, offset_m| votes.vote(offset_m));
            }
            looks += u64::from(target.looks);
            seen += usize::from(target.looks > 0);
        }
        votes.peak(looks, seen)
    }

    /// Refuse a frame with more pairs than may vote.
    ///
    /// # Errors
    /// [`crate::error::Error::Capacity`].
    pub fn check_pairs(&self, targets: &[Target], plots: &Plots, search_m: f64) -> Result<()> {
        let voters = targets.iter().filter(|target| self.can_vote(target, plots, search_m));
        frame_checks::pairs(voters.map(|voter| self.near(voter, plots, search_m).1.len()).sum())
    }

    /// Whether a target's place is known within a cell, whatever the bias of time.
    fn can_vote(&self, target: &Target, plots: &Plots, search_m: f64) -> bool {
        let cell_m = 2.0 * search_m / SIDE as f64;
        let [xx, yy, _] =
            target.at_time(plots.middle_ns(), self.gates.noise_m2_s3).state.position_variance();
        let by_time_m2 = target.velocity_variance_m2_s2() * self.gates.time_variance_s2();
        self.gates.is_fresh(target, plots.middle_ns()) && xx + yy + by_time_m2 <= cell_m * cell_m
    }

    /// What each detection within reach lies away from the target, north and east, at its own time.
    fn offsets(
        &self,
        target: &Target,
        plots: &Plots,
        search_m: f64,
        mut take: impl FnMut(u32, [f64; 2]),
    ) {
        let (ahead, near) = self.near(target, plots, search_m);
        for &detection in near {
            let dt_s = (plots.time_ns(detection as usize) - ahead.time_ns) as f64 * 1e-9;
            let place_m = plots.place_m(detection as usize);
            let mean = &ahead.state.mean;
            let offset = |axis: usize| place_m[axis] - mean[axis] - mean[axis + 3] * dt_s;
            take(detection, [offset(0), offset(1)]);
        }
    }

    /// A target in the middle of the frame, and the detections that may lie within reach to its east or west.
    fn near<'p>(&self, target: &Target, plots: &'p Plots, search_m: f64) -> (Target, &'p [u32]) {
        let ahead = target.at_time(plots.middle_ns(), self.gates.noise_m2_s3);
        let [first_ns, last_ns] = plots.between_ns;
        let moved_m = ahead.state.mean[3].abs() * (last_ns - first_ns) as f64 * 1e-9;
        (ahead, plots.near(ahead.state.mean[0], search_m + moved_m))
    }

    /// Biases and their covariance, in units, by least squares over the pairs of the peak, which are left
    /// in `pairing`: Gauss-Newton from the prior, pairs outside their gates being left out in the later
    /// rounds. None where too few are left to agree.
    pub fn solve(
        &self,
        peak: &Peak,
        search_m: f64,
        targets: &[Target],
        plots: &mut Plots,
        pairing: &mut Pairing,
    ) -> Option<(PerBias, [PerBias; BIASES])> {
        self.pair(peak, search_m, targets, plots, pairing);
        let mut gates = self.gates;
        let mut bias = self.prior;
        let mut spread = VelocitySpread::default();
        for &(target, _) in &pairing.pairs {
            let target = &targets[target as usize];
            spread.add(target.velocity_m_s(), target.velocity_covariance_m2_s2());
        }
        for round in 0..ROUNDS {
            let mut information =
                BiasInformation::prior(&in_units(&bias, &self.prior, &gates.units));
            let mut used = 0;
            for &(target, detection) in &pairing.pairs {
                let (target, detection) = (&targets[target as usize], detection as usize);
                if round < ROUNDS_WITH_ALL || gates.lets_in(target, plots, detection).is_some() {
                    gates.update(target, plots, detection, &spread, &mut information);
                    used += 1;
                }
            }
            if used < LEAST_PAIRS || 2 * used < pairing.pairs.len() {
                return None;
            }
            let (step, covariance) = information.solve();
            gates.bias_covariance = covariance;
            bias = moved(&bias, &step, &gates.units);
            plots.take(&self.reported, &bias_of(&bias));
        }
        Some((bias, gates.bias_covariance))
    }

    fn pair(
        &self,
        peak: &Peak,
        search_m: f64,
        targets: &[Target],
        plots: &Plots,
        pairing: &mut Pairing,
    ) {
        pairing.clear(targets.len(), plots.count());
        for (index, target) in targets.iter().enumerate() {
            if self.can_vote(target, plots, search_m) {
                self.offsets(target, plots, search_m, |detection, offset_m| {
                    if peak.holds(offset_m) {
                        pairing.may_be(index, detection, 0.0);
                    }
                });
            }
        }
        pairing.pair();
    }
}

/// How far biases are from others, in units; nothing where they are known.
pub fn in_units(bias: &PerBias, from: &PerBias, units: &PerBias) -> PerBias {
    std::array::from_fn(|i| if units[i] > 0.0 { (bias[i] - from[i]) / units[i] } else { 0.0 })
}

/// Biases that lie a step of so many units further.
pub fn moved(bias: &PerBias, step: &PerBias, units: &PerBias) -> PerBias {
    std::array::from_fn(|i| bias[i] + step[i] * units[i])
}
