//! Optimal sub-pattern assignment metric.

use crate::error::Result;
use crate::metrics::assigned_pairs::{AssignedPair, assigned_pairs};
use crate::metrics::cutoff::Cutoff;
use crate::metrics::point_set::PointSet;

/// The metric and its two parts, in the unit of the points.
#[derive(Clone, Debug, PartialEq)]
pub struct Ospa {
    /// The metric, at most the cutoff.
    pub distance: f64,
    /// Part of the points of the smaller set, cut off.
    pub localisation: f64,
    /// Part of the points that one set has more than the other.
    pub cardinality: f64,
    /// The assigned pairs nearer than the cutoff, by target.
    pub pairs: Vec<AssignedPair>,
}

/// Compare two sets of points.
///
/// D. Schuhmacher, B.-T. Vo, B.-N. Vo, "A consistent metric for performance evaluation of
/// multi-object filters", IEEE Trans. Signal Processing 56 (2008), 3447: eq. 3 for 1 ≤ p < ∞; its
/// parts are the two terms under the root, each to the power 1 / p. Two empty sets are 0 apart.
///
/// # Errors
/// [`crate::error::Error::Setting`] for points of different dimensions,
/// [`crate::error::Error::Capacity`] for too many near pairs.
pub fn ospa(targets: &PointSet, estimates: &PointSet, cutoff: &Cutoff) -> Result<Ospa> {
    let pairs = assigned_pairs(targets, estimates, cutoff)?;
    let (fewer, more) = match (targets.len(), estimates.len()) {
        (targets, estimates) if targets <= estimates => (targets, estimates),
        (targets, estimates) => (estimates, targets),
    };
    let size = more.max(1) as f64;
    let near: f64 = pairs.iter().map(|pair| pair.power).sum();
    let localisation = near + (fewer - pairs.len()) as f64;
    let cardinality = (more - fewer) as f64;
    Ok(Ospa {
        distance: cutoff.root((localisation + cardinality) / size),
        localisation: cutoff.root(localisation / size),
        cardinality: cutoff.root(cardinality / size),
        pairs,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_a_line(targets: &[f64], estimates: &[f64], order: f64) -> Ospa {
        let targets = PointSet::new("targets", targets, 1).expect("finite");
        let estimates = PointSet::new("estimates", estimates, 1).expect("finite");
        let cutoff = Cutoff::new(10.0, order).expect("within limits");
        ospa(&targets, &estimates, &cutoff).expect("few points")
    }

    #[test]
    fn it_is_the_mean_over_the_larger_set() {
        assert_eq!(on_a_line(&[], &[], 2.0).distance, 0.0);
        assert_eq!(on_a_line(&[], &[3.0], 2.0).distance, 10.0);
        let found = on_a_line(&[0.0, 100.0], &[4.0, 150.0, 300.0], 1.0);
        assert!((found.distance - (4.0 + 10.0 + 10.0) / 3.0).abs() < 1e-12, "{found:?}");
        assert!((found.localisation - 14.0 / 3.0).abs() < 1e-12);
        assert!((found.cardinality - 10.0 / 3.0).abs() < 1e-12);
        assert_eq!(found.pairs.len(), 1);
    }
}
