//! Generalised optimal sub-pattern assignment metric.

use crate::error::{Error, Result};
use crate::metrics::assigned_pairs::{AssignedPair, assigned_pairs};
use crate::metrics::cutoff::Cutoff;
use crate::metrics::point_set::PointSet;

/// The metric and the parts that it is made of, in the unit of the points.
#[derive(Clone, Debug, PartialEq)]
pub struct Gospa {
    /// The metric.
    pub distance: f64,
    /// Part of the assigned pairs.
    pub localisation: f64,
    /// Part of the missed targets; NaN unless α = 2.
    pub missed: f64,
    /// Part of the false estimates; NaN unless α = 2.
    pub false_part: f64,
    /// Targets without an estimate.
    pub missed_count: usize,
    /// Estimates without a target.
    pub false_count: usize,
    /// The assigned pairs, by target.
    pub pairs: Vec<AssignedPair>,
}

/// Compare two sets of points.
///
/// A. S. Rahmathullah, Á. F. García-Fernández, L. Svensson, "Generalized optimal sub-pattern
/// assignment metric", FUSION 2017: eq. 1 for any α in (0, 2], and for α = 2 its form of eq. 4, in
/// which each missed target and each false estimate pays cᵖ / 2. The parts, each to the power p,
/// then add up to the metric to the power p.
///
/// # Errors
/// [`Error::Setting`] for α outside (0, 2] or points of different dimensions, [`Error::Capacity`]
/// for too many near pairs.
pub fn gospa(
    targets: &PointSet,
    estimates: &PointSet,
    cutoff: &Cutoff,
    alpha: f64,
) -> Result<Gospa> {
    check_alpha(alpha)?;
    let pairs = assigned_pairs(targets, estimates, cutoff)?;
    let (missed, wrong) = (targets.len() - pairs.len(), estimates.len() - pairs.len());
    let localisation: f64 = pairs.iter().map(|pair| pair.power).sum();
    // Eq. 1 assigns the whole smaller set: those of it that are nearer to nobody pay cᵖ in pairs.
    let paired = missed.min(wrong) as f64;
    let cardinality = missed.abs_diff(wrong) as f64 / alpha;
    let part = |count: usize| if alpha == 2.0 { 0.5 * count as f64 } else { f64::NAN };
    Ok(Gospa {
        distance: cutoff.root(localisation + paired + cardinality),
        localisation: cutoff.root(localisation),
        missed: cutoff.root(part(missed)),
        false_part: cutoff.root(part(wrong)),
        missed_count: missed,
        false_count: wrong,
        pairs,
    })
}

fn check_alpha(alpha: f64) -> Result<()> {
    if alpha > 0.0 && alpha <= 2.0 {
        return Ok(());
    }
    Err(Error::Setting {
        setting: "alpha".into(),
        value: alpha.to_string(),
        limit: "above 0 and at most 2".into(),
        remedy: "give 2, for which the metric has its parts".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_a_line(targets: &[f64], estimates: &[f64], alpha: f64) -> Gospa {
        let targets = PointSet::new("targets", targets, 1).expect("finite");
        let estimates = PointSet::new("estimates", estimates, 1).expect("finite");
        let cutoff = Cutoff::new(100.0, 2.0).expect("within limits");
        gospa(&targets, &estimates, &cutoff, alpha).expect("few points")
    }

    #[test]
    fn parts_add_up_to_the_metric() {
        let found = on_a_line(&[0.0, 40.0, 900.0], &[45.0, 30.0, -500.0, 700.0], 2.0);
        assert_eq!((found.missed_count, found.false_count, found.pairs.len()), (1, 2, 2));
        let squares = found.localisation * found.localisation
            + found.missed * found.missed
            + found.false_part * found.false_part;
        assert!((squares - found.distance * found.distance).abs() < 1e-9);
        assert!((found.localisation - (900.0_f64 + 25.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn one_pair_far_apart_costs_the_cutoff_whatever_alpha_is() {
        for alpha in [0.5, 1.0, 2.0] {
            assert!((on_a_line(&[0.0], &[300.0], alpha).distance - 100.0).abs() < 1e-12);
            let missed = on_a_line(&[0.0], &[], alpha);
            assert!((missed.distance - 100.0 * (1.0 / alpha).sqrt()).abs() < 1e-12);
            assert_eq!(missed.missed.is_nan(), alpha < 2.0);
        }
    }

    #[test]
    fn an_alpha_outside_its_limits_is_refused() {
        let nothing = PointSet::new("targets", &[], 1).expect("no points");
        let cutoff = Cutoff::new(100.0, 2.0).expect("within limits");
        for bad in [0.0, -1.0, 2.1, f64::NAN] {
            let error = gospa(&nothing, &nothing, &cutoff, bad).expect_err("no alpha");
            assert!(error.to_string().starts_with(&format!("alpha is {bad}")), "{error}");
        }
    }
}
