//! Whether the biases still hold that the votes led to: a wrong peak, wrong pairs in it, or a bias that has
//! changed show by targets without detections, or by pairs that do not fit.

use crate::tracking::registration::pairing::Fit;

/// What has been seen since an offset was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lock {
    /// Share of the looks at targets that voted for the offset; 0 where none was sought.
    pub agreement: f64,
    /// Looks at targets.
    pub looks: f64,
    /// Looks that met a detection in the target's gate.
    pub hits: f64,
    /// Pairs.
    pub pairs: f64,
    /// Sum of their squared distances.
    pub distance2: f64,
}

/// Hits that must be expected before their lack tells, and pairs before their misfit does.
const EXPECTED: f64 = 20.0;
/// Share of the expected hits below which the offset is lost: with twenty expected of a binomial
/// distribution, five or fewer have a probability below 10⁻⁴.
const LOST: f64 = 0.25;
/// Expected hits at which the former ones count half, so that a change shows soon.
const REMEMBERED: f64 = 100.0;
/// Mean squared distance of the first pairs above which they do not fit: in range and bearing it is 2, with a
/// standard deviation of 0.45 over twenty.
const MISFIT: f64 = 4.0;
/// Pairs after which they no longer tell of the first alignment.
const FIRST_PAIRS: f64 = 200.0;

impl Lock {
    /// One on an offset for which a share of the looks voted.
    pub const fn new(agreement: f64) -> Self {
        Self { agreement, looks: 0.0, hits: 0.0, pairs: 0.0, distance2: 0.0 }
    }

    /// Count a frame, and say whether the biases still hold. Where no offset was sought they do.
    pub fn holds(&mut self, fit: &Fit) -> bool {
        self.looks += fit.looks as f64;
        self.hits += fit.hits as f64;
        let expected = self.looks * self.agreement;
        let is_lost = expected >= EXPECTED && self.hits < LOST * expected;
        if expected >= REMEMBERED {
            (self.looks, self.hits) = (0.5 * self.looks, 0.5 * self.hits);
        }
        self.agreement == 0.0 || (!is_lost && self.fits(fit))
    }

    /// Whether the first pairs are as far from their targets as they ought to be.
    fn fits(&mut self, fit: &Fit) -> bool {
        if self.pairs >= FIRST_PAIRS {
            return true;
        }
        self.pairs += fit.pairs as f64;
        self.distance2 += fit.distance2;
        self.pairs < EXPECTED || self.distance2 <= MISFIT * self.pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn met(looks: usize, hits: usize) -> Fit {
        Fit { looks, hits, pairs: 0, distance2: 0.0 }
    }

    const fn paired(pairs: usize, distance2: f64) -> Fit {
        Fit { looks: pairs, hits: pairs, pairs, distance2 }
    }

    #[test]
    fn it_holds_as_long_as_targets_are_met() {
        let mut lock = Lock::new(0.8);
        assert!((0..1000).all(|_| lock.holds(&met(10, 7))));
        // A change shows within a few frames, however long all was well.
        let frames = (0..100).take_while(|_| lock.holds(&met(10, 0))).count();
        assert!((5..40).contains(&frames), "{frames}");
    }

    #[test]
    fn a_wrong_one_is_lost_once_that_is_clear() {
        let mut lock = Lock::new(0.5);
        assert_eq!((0..100).take_while(|_| lock.holds(&met(4, 0))).count(), 9);
        assert!(Lock::new(0.5).holds(&met(40, 5)));
        assert!(!Lock::new(0.5).holds(&met(40, 4)));
    }

    #[test]
    fn first_pairs_that_do_not_fit_are_noticed_and_later_ones_are_not() {
        let mut lock = Lock::new(0.9);
        assert!((0..19).all(|_| lock.holds(&paired(1, 6.0))));
        assert!(!lock.holds(&paired(1, 6.0)));
        let mut lock = Lock::new(0.9);
        assert!((0..20).all(|_| lock.holds(&paired(10, 20.0))));
        assert!((0..20).all(|_| lock.holds(&paired(10, 60.0))));
    }

    #[test]
    fn where_no_offset_was_sought_nothing_is_promised() {
        let mut lock = Lock::new(0.0);
        assert!((0..1000).all(|_| lock.holds(&met(10, 0)) && lock.holds(&paired(5, 50.0))));
    }
}
