//! The cutoff and the order that a distance between two sets takes.

use crate::error::{Error, Result};

/// Smallest and largest cutoff, in the unit of the points.
pub const CUTOFF_LIMITS: [f64; 2] = [1e-12, 1e12];
/// Largest order. A pair at half the cutoff then counts 1e-30 of one at the cutoff.
pub const MAX_ORDER: f64 = 100.0;

/// Distance from which a pair is none, and the power to which distances are added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cutoff {
    /// c, in the unit of the points.
    pub distance: f64,
    /// p, at least 1.
    pub order: f64,
}

impl Cutoff {
    /// A checked cutoff.
    ///
    /// # Errors
    /// [`Error::Setting`] for one outside its limits.
    pub fn new(distance: f64, order: f64) -> Result<Self> {
        let [low, high] = CUTOFF_LIMITS;
        if !(low..=high).contains(&distance) {
            return Err(Error::Setting {
                setting: "cutoff_m".into(),
                value: distance.to_string(),
                limit: format!("{low:e} to {high:e}"),
                remedy: "give the distance from which an estimate is no longer that of a target"
                    .into(),
            });
        }
        if !(1.0..=MAX_ORDER).contains(&order) {
            return Err(Error::Setting {
                setting: "p".into(),
                value: order.to_string(),
                limit: format!("1 to {MAX_ORDER}"),
                remedy: "give 2 for a root mean square, 1 for a mean".into(),
            });
        }
        Ok(Self { distance, order })
    }

    /// The power of a distance over that of the cutoff, from the squared ratio of the two.
    pub fn power(&self, squared_ratio: f64) -> f64 {
        if self.order == 2.0 {
            squared_ratio
        } else if self.order == 1.0 {
            squared_ratio.sqrt()
        } else {
            libm::pow(squared_ratio, 0.5 * self.order)
        }
    }

    /// The distance whose power over that of the cutoff is `power`.
    pub fn root(&self, power: f64) -> f64 {
        let ratio = if self.order == 2.0 {
            power.sqrt()
        } else if self.order == 1.0 {
            power
        } else {
            libm::pow(power, 1.0 / self.order)
        };
        self.distance * ratio
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_and_roots_undo_each_other() {
        for order in [1.0, 1.7, 2.0, 3.0, MAX_ORDER] {
            let cutoff = Cutoff::new(40.0, order).expect("within limits");
            for distance in [0.0, 1.0, 39.0, 40.0, 400.0] {
                let ratio = distance / 40.0;
                let found = cutoff.root(cutoff.power(ratio * ratio));
                assert!((found - distance).abs() <= 1e-13 * distance, "{order} {distance} {found}");
            }
        }
    }

    #[test]
    fn what_is_outside_the_limits_is_refused_by_name() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let text = Cutoff::new(bad, 2.0).expect_err("no cutoff").to_string();
            assert!(text.starts_with(&format!("cutoff_m is {bad}, must be")), "{text}");
            let text = Cutoff::new(1.0, bad).expect_err("no order").to_string();
            assert!(text.starts_with(&format!("p is {bad}, must be 1 to 100")), "{text}");
        }
    }
}
