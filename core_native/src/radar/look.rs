//! One look of a radar: which targets it sees, where and when.

use std::f64::consts::LN_2;

use crate::frame::Coverage;
use crate::numeric::wrap_180;
use crate::radar::beam_list::Beam;
use crate::radar::line_of_sight::PositionLanes;
use crate::radar::plot_lanes::PolarLanes;
use crate::scene::motion::State;
use crate::scene::motion_lanes::PathLanes;
use crate::simd::LANES;

/// Which targets are seen, eight at a time. The answers for a lane are asked for where they are
/// used, so that they stay in vector registers.
pub trait Look {
    /// Eight targets as the look meets them.
    type Seen;
    /// Whether each target is met at a time of its own.
    const HAS_OWN_TIMES: bool;

    /// The bodies on these paths; none where the look meets not one of them.
    fn see(&self, paths: &PathLanes) -> Option<Self::Seen>;

    /// Where they are.
    fn truth<'s>(&self, seen: &'s Self::Seen) -> &'s PolarLanes;

    /// The same, to be changed.
    fn truth_mut<'s>(&self, seen: &'s mut Self::Seen) -> &'s mut PolarLanes;

    /// Whether it looks where the target in `lane` is.
    fn searches(&self, seen: &Self::Seen, lane: usize) -> bool;

    /// The same whatever the range rate: whether a transponder there is asked.
    fn covers(&self, seen: &Self::Seen, lane: usize) -> bool;

    /// When it meets the target in `lane`, in the scenario \[s\].
    fn time_s(&self, seen: &Self::Seen, lane: usize) -> f64;

    /// The same on the run's clock \[ns\]; of meaning only where [`Look::HAS_OWN_TIMES`].
    fn time_ns(&self, _seen: &Self::Seen, _lane: usize) -> i64 {
        0
    }

    /// Where the radar is as it meets each \[m\].
    fn own_position_m(&self, seen: &Self::Seen) -> PositionLanes;

    /// Two-way gain of the antenna towards it, over that at the beam's centre.
    #[inline(always)]
    fn gain(&self, _seen: &Self::Seen, _lane: usize) -> f64 {
        1.0
    }
}

/// A look at a whole coverage at once.
#[derive(Debug)]
pub struct Glance<'a> {
    /// The radar itself.
    pub own: State,
    /// When, in the scenario \[s\].
    pub time_s: f64,
    /// Where it looks, in world bearings.
    pub coverage: &'a Coverage,
    /// Fastest range rate that is seen \[m/s\].
    pub range_rate_limit_m_s: f64,
}

impl Look for Glance<'_> {
    type Seen = PolarLanes;
    const HAS_OWN_TIMES: bool = false;

    #[inline(always)]
    fn see(&self, paths: &PathLanes) -> Option<PolarLanes> {
        Some(PolarLanes::seen_from(&self.own, &paths.states_at(self.time_s)))
    }

    #[inline(always)]
    fn truth<'s>(&self, seen: &'s PolarLanes) -> &'s PolarLanes {
        seen
    }

    #[inline(always)]
    fn truth_mut<'s>(&self, seen: &'s mut PolarLanes) -> &'s mut PolarLanes {
        seen
    }

    #[inline(always)]
    fn searches(&self, seen: &PolarLanes, lane: usize) -> bool {
        seen.is_within(self.coverage, self.range_rate_limit_m_s, lane)
    }

    #[inline(always)]
    fn covers(&self, seen: &PolarLanes, lane: usize) -> bool {
        seen.is_within(self.coverage, f64::INFINITY, lane)
    }

    #[inline(always)]
    fn time_s(&self, _seen: &PolarLanes, _lane: usize) -> f64 {
        self.time_s
    }

    #[inline(always)]
    fn own_position_m(&self, _seen: &PolarLanes) -> PositionLanes {
        self.own.position_m.map(|coordinate_m| [coordinate_m; LANES])
    }
}

/// A look with one beam.
#[derive(Debug)]
pub struct BeamGlance<'a> {
    /// What the beam covers.
    pub glance: Glance<'a>,
    /// Its pattern.
    pub pattern: BeamPattern,
}

impl Look for BeamGlance<'_> {
    type Seen = PolarLanes;
    const HAS_OWN_TIMES: bool = false;

    #[inline(always)]
    fn see(&self, paths: &PathLanes) -> Option<PolarLanes> {
        let seen = self.glance.see(paths)?;
        (0..LANES).any(|lane| self.glance.covers(&seen, lane)).then_some(seen)
    }

    #[inline(always)]
    fn truth<'s>(&self, seen: &'s PolarLanes) -> &'s PolarLanes {
        seen
    }

    #[inline(always)]
    fn truth_mut<'s>(&self, seen: &'s mut PolarLanes) -> &'s mut PolarLanes {
        seen
    }

    #[inline(always)]
    fn searches(&self, seen: &PolarLanes, lane: usize) -> bool {
        self.glance.searches(seen, lane)
    }

    #[inline(always)]
    fn covers(&self, seen: &PolarLanes, lane: usize) -> bool {
        self.glance.covers(seen, lane)
    }

    #[inline(always)]
    fn time_s(&self, _seen: &PolarLanes, _lane: usize) -> f64 {
        self.glance.time_s
    }

    #[inline(always)]
    fn own_position_m(&self, seen: &PolarLanes) -> PositionLanes {
        self.glance.own_position_m(seen)
    }

    #[inline(always)]
    fn gain(&self, seen: &PolarLanes, lane: usize) -> f64 {
        self.pattern.gain_towards(seen.bearing_deg[lane], seen.elevation_deg[lane])
    }
}

/// The pattern of a beam, in world angles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BeamPattern {
    centre_bearing_deg: f64,
    centre_elevation_deg: f64,
    bearing_width_deg: f64,
    elevation_width_deg: f64,
}

impl BeamPattern {
    /// That of `beam`, whose angles are counted from a world bearing and elevation.
    pub fn new(beam: &Beam, zero_bearing_deg: f64, zero_elevation_deg: f64) -> Self {
        Self {
            centre_bearing_deg: beam.bearing_deg + zero_bearing_deg,
            centre_elevation_deg: beam.elevation_deg + zero_elevation_deg,
            bearing_width_deg: beam.bearing_width_deg,
            elevation_width_deg: beam.elevation_width_deg,
        }
    }

    /// Two-way power gain over that of the centre: exp(-8 ln 2 (Δβ² / θβ² + Δε² / θε²)), the square
    /// of a Gaussian one-way pattern with half power at half the width off the centre; D. K. Barton,
    /// "Radar Equations for Modern Radar" (2013), on beamshape loss.
    pub fn gain_towards(&self, bearing_deg: f64, elevation_deg: f64) -> f64 {
        let aside = wrap_180(bearing_deg - self.centre_bearing_deg) / self.bearing_width_deg;
        let above = (elevation_deg - self.centre_elevation_deg) / self.elevation_width_deg;
        libm::exp(-8.0 * LN_2 * (aside * aside + above * above))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_is_half_power_at_half_the_width_each_way() {
        let pattern = BeamPattern {
            centre_bearing_deg: 359.0,
            centre_elevation_deg: 4.0,
            bearing_width_deg: 3.0,
            elevation_width_deg: 2.0,
        };
        assert_eq!(pattern.gain_towards(359.0, 4.0), 1.0);
        // Twice half power: there and back.
        assert!((pattern.gain_towards(0.5, 4.0) - 0.25).abs() < 1e-12);
        assert!((pattern.gain_towards(357.5, 5.0) - 0.0625).abs() < 1e-12);
    }

    #[test]
    fn the_mean_over_a_dense_scan_is_the_beamshape_loss() {
        let pattern = BeamPattern {
            centre_bearing_deg: 180.0,
            centre_elevation_deg: 0.0,
            bearing_width_deg: 2.0,
            elevation_width_deg: 2.0,
        };
        let steps = 100_000;
        let at = |k: i32| pattern.gain_towards(170.0 + 20.0 * f64::from(k) / f64::from(steps), 0.0);
        let mean = (0..steps).map(at).sum::<f64>() * 10.0 / f64::from(steps);
        // √(8 ln 2 / π), 1.23 dB: Barton's loss for a dense scan in one angle.
        assert!((1.0 / mean - 1.328_57).abs() < 1e-4, "{mean}");
    }
}
