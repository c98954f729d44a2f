//! Which detections of a frame are of which targets, where there is no doubt.

use crate::error::Result;
use crate::tracking::registration::frame_checks;
use crate::tracking::registration::gates::Gates;
use crate::tracking::registration::plots::{Plots, ReportedFrame};
use crate::tracking::registration::separate_bias::Target;

/// Detections that may be of one target.
#[derive(Clone, Copy, Debug, Default)]
struct Candidates {
    count: u32,
    /// One of them, and its squared distance.
    detection: u32,
    distance2: f64,
}

/// What the pairing of a frame says of the biases that it was made with.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fit {
    /// Targets that the frame looked at.
    pub looks: usize,
    /// Those of them with a detection in their gate.
    pub hits: usize,
    /// Pairs.
    pub pairs: usize,
    /// Sum of their squared distances.
    pub distance2: f64,
}

/// Pairs of a target and a detection.
#[derive(Debug, Default)]
pub struct Pairing {
    /// What may be of each target.
    of_target: Vec<Candidates>,
    /// Targets that each detection may be of.
    of_detection: Vec<u32>,
    /// (target, detection), each in one pair at most.
    pub pairs: Vec<(u32, u32)>,
}

impl Pairing {
    /// Forget all pairs.
    pub fn clear(&mut self, targets: usize, detections: usize) {
        self.of_target.clear();
        self.of_target.resize(targets, Candidates::default());
        self.of_detection.clear();
        self.of_detection.resize(detections, 0);
        self.pairs.clear();
    }

    /// Say that a detection may be of a target.
    pub fn may_be(&mut self, target: usize, detection: u32, distance2: f64) {
        let count = self.of_target[target].count + 1;
        self.of_target[target] = Candidates { count, detection, distance2 };
        self.of_detection[detection as usize] += 1;
    }

    /// Pair what may be of nothing else.
    pub fn pair(&mut self) {
        for (target, &Candidates { count, detection, .. }) in self.of_target.iter().enumerate() {
            if count == 1 && self.of_detection[detection as usize] == 1 {
                self.pairs.push((target as u32, detection));
            }
        }
    }

    /// How well the frame fits.
    pub fn fit(
        &self,
        targets: &[Target],
        reported: &ReportedFrame<'_>,
        plots: &Plots,
        gates: &Gates,
    ) -> Fit {
        let mut fit = Fit { pairs: self.pairs.len(), ..Fit::default() };
        let time_ns = plots.middle_ns();
        for (target, candidates) in targets.iter().zip(&self.of_target) {
            let is_looked_at =
                gates.is_fresh(target, time_ns) && reported.covers(gates.place_at(target, time_ns));
            fit.looks += usize::from(is_looked_at);
            fit.hits += usize::from(is_looked_at && candidates.count > 0);
        }
        for &(target, _) in &self.pairs {
            fit.distance2 += self.of_target[target as usize].distance2;
        }
        fit
    }

    /// Pair the targets with the detections inside their gates, without doubt; a target whose course has
    /// not settled still casts doubt.
    pub fn find(&mut self, targets: &[Target], plots: &Plots, gates: &Gates) {
        self.clear(targets.len(), plots.count());
        let middle_ns = plots.middle_ns();
        for (index, target) in targets.iter().enumerate() {
            if !gates.is_fresh(target, middle_ns) {
                continue;
            }
            let (ahead, reach_m, near) = near(target, plots, gates);
            for &detection in near {
                let [_, north_m] = plots.place_m(detection as usize);
                if (north_m - ahead.state.mean[1]).abs() > reach_m {
                    continue;
                }
                if let Some(distance2) = gates.lets_in(target, plots, detection as usize) {
                    self.may_be(index, detection, distance2);
                }
            }
        }
        self.pair();
        self.pairs.retain(|&(target, detection)| {
            gates.is_settled(&targets[target as usize], plots.least_std_m(detection as usize))
        });
    }
}

/// Refuse a frame with more pairs than may be looked at.
///
/// # Errors
/// [`crate::error::Error::Capacity`].
pub fn check_pairs(targets: &[Target], plots: &Plots, gates: &Gates) -> Result<()> {
    let fresh = targets.iter().filter(|target| gates.is_fresh(target, plots.middle_ns()));
    frame_checks::pairs(fresh.map(|target| near(target, plots, gates).2.len()).sum())
}

/// A target in the middle of the frame, how far its detections may lie from it, and those that are as near
/// to its east or west.
fn near<'p>(target: &Target, plots: &'p Plots, gates: &Gates) -> (Target, f64, &'p [u32]) {
    let ahead = target.at_time(plots.middle_ns(), gates.noise_m2_s3);
    let reach_m = gates.reach_m(&ahead, plots);
    (ahead, reach_m, plots.near(ahead.state.mean[0], reach_m))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_without_doubt_is_paired() {
        let mut pairing = Pairing::default();
        // Target 0 has one detection of its own, 1 has two, 2 and 3 share one, 4 has none.
        pairing.clear(5, 4);
        for (target, detection) in [(0, 3), (1, 0), (1, 1), (2, 2), (3, 2)] {
            pairing.may_be(target, detection, 1.0);
        }
        pairing.pair();
        assert_eq!(pairing.pairs, [(0, 3)]);
        pairing.clear(2, 1);
        pairing.pair();
        assert!(pairing.pairs.is_empty());
    }
}
