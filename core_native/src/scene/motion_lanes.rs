//! Eight bodies side by side, for kernels: the same bits as [`Path::state_at`] for each.

use crate::numeric::{DEG_PER_RAD, atan2, wrap_360};
use crate::prefetch;
use crate::scene::motion::{Leg, Path, PathKind, State};
use crate::simd::LANES;

/// Positions and velocities of [`LANES`] bodies in the world frame.
#[derive(Clone, Debug, PartialEq)]
pub struct StateLanes {
    /// Positions \[m\], by axis.
    pub position_m: [[f64; LANES]; 3],
    /// Velocities \[m/s\], by axis.
    pub velocity_m_s: [[f64; LANES]; 3],
}

impl StateLanes {
    /// Bodies at rest in the origin.
    const REST: Self = Self { position_m: [[0.0; LANES]; 3], velocity_m_s: [[0.0; LANES]; 3] };

    /// State of the body in `lane`.
    #[inline(always)]
    pub fn state(&self, lane: usize) -> State {
        State {
            position_m: across(&self.position_m, lane),
            velocity_m_s: across(&self.velocity_m_s, lane),
        }
    }

    #[inline(always)]
    pub(crate) fn set(&mut self, lane: usize, state: &State) {
        for axis in 0..3 {
            self.position_m[axis][lane] = state.position_m[axis];
            self.velocity_m_s[axis][lane] = state.velocity_m_s[axis];
        }
    }
}

#[inline(always)]
fn across(axes: &[[f64; LANES]; 3], lane: usize) -> [f64; 3] {
    [axes[0][lane], axes[1][lane], axes[2][lane]]
}

/// The paths of up to [`LANES`] bodies, as the costliest of them needs it. Lanes without a body
/// rest in the origin.
#[derive(Clone, Debug)]
pub enum PathLanes {
    /// All at constant velocity: their states at time 0.
    Uniform(Box<StateLanes>),
    /// All on one leg for ever.
    OneLeg(Box<LegLanes>),
    /// Some on several legs.
    SeveralLegs(Vec<Path>),
}

impl PathLanes {
    /// Lanes of up to [`LANES`] paths.
    pub fn new<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        let paths: Vec<Path> = paths.into_iter().take(LANES).cloned().collect();
        match paths.iter().map(Path::kind).max().unwrap_or(PathKind::Uniform) {
            PathKind::Uniform => Self::Uniform(Box::new(states_at(&paths, 0.0))),
            PathKind::OneLeg => Self::OneLeg(Box::new(LegLanes::new(&paths))),
            PathKind::SeveralLegs => Self::SeveralLegs(paths),
        }
    }

    /// Bodies that rest in the origin.
    pub fn at_rest() -> Self {
        Self::Uniform(Box::new(StateLanes::REST))
    }

    /// Turn it into bodies that rest at these places \[m\], by axis; of bodies at constant velocity
    /// the memory is used again.
    #[inline(always)]
    pub fn put_at_rest(&mut self, position_m: [[f64; LANES]; 3]) {
        let states = StateLanes { position_m, ..StateLanes::REST };
        if let Self::Uniform(start) = self {
            **start = states;
        } else {
            *self = Self::Uniform(Box::new(states));
        }
    }

    /// Fetch what the states are worked out from.
    #[inline(always)]
    pub fn prefetch(&self) {
        match self {
            Self::Uniform(start) => prefetch::soon(&**start),
            Self::OneLeg(legs) => prefetch::soon(&**legs),
            Self::SeveralLegs(_) => {}
        }
    }

    /// States at `time_s`.
    #[inline(always)]
    pub fn states_at(&self, time_s: f64) -> StateLanes {
        match self {
            Self::Uniform(start) => uniform_states_at(start, &[time_s; LANES]),
            Self::OneLeg(legs) => legs.states_at(&[time_s; LANES]),
            Self::SeveralLegs(paths) => states_at(paths, time_s),
        }
    }

    /// Where the body in `lane` is headed at `time_s`, where its velocity is `velocity_m_s` \[deg\],
    /// clockwise from north, 0 ≤ heading < 360. One that stands keeps the course with which it came,
    /// as [`Path::course_at`] has it; one that never moved over ground points north.
    pub fn heading_deg(&self, lane: usize, time_s: f64, velocity_m_s: [f64; 3]) -> f64 {
        let [east_m_s, north_m_s, _] = velocity_m_s;
        if let Self::SeveralLegs(paths) = self
            && (east_m_s, north_m_s) == (0.0, 0.0)
        {
            return paths.get(lane).map_or(0.0, |path| path.course_at(time_s)[0]);
        }
        wrap_360(atan2(east_m_s, north_m_s) * DEG_PER_RAD)
    }

    /// States, each at a time of its own; the same bits as [`PathLanes::states_at`] for that time.
    #[inline(always)]
    pub fn states_at_each(&self, time_s: &[f64; LANES]) -> StateLanes {
        match self {
            Self::Uniform(start) => uniform_states_at(start, time_s),
            Self::OneLeg(legs) => legs.states_at(time_s),
            Self::SeveralLegs(paths) => states_at_each(paths, time_s),
        }
    }
}

fn states_at(paths: &[Path], time_s: f64) -> StateLanes {
    states_at_each(paths, &[time_s; LANES])
}

fn states_at_each(paths: &[Path], time_s: &[f64; LANES]) -> StateLanes {
    let mut states = StateLanes::REST;
    for (lane, path) in paths.iter().enumerate() {
        states.set(lane, &path.state_at(time_s[lane]));
    }
    states
}

#[inline(always)]
fn uniform_states_at(start: &StateLanes, time_s: &[f64; LANES]) -> StateLanes {
    let mut position_m = start.position_m;
    for axis in 0..3 {
        for lane in 0..LANES {
            position_m[axis][lane] += start.velocity_m_s[axis][lane] * time_s[lane];
        }
    }
    StateLanes { position_m, velocity_m_s: start.velocity_m_s }
}

/// One leg for each of [`LANES`] bodies.
#[derive(Clone, Debug)]
pub struct LegLanes {
    start_s: [f64; LANES],
    position_m: [[f64; LANES]; 3],
    velocity_m_s: [[f64; LANES]; 3],
    acceleration_m_s2: [[f64; LANES]; 3],
    turn_rate_deg_s: [f64; LANES],
}

impl LegLanes {
    fn new(paths: &[Path]) -> Self {
        let mut lanes = Self {
            start_s: [0.0; LANES],
            position_m: [[0.0; LANES]; 3],
            velocity_m_s: [[0.0; LANES]; 3],
            acceleration_m_s2: [[0.0; LANES]; 3],
            turn_rate_deg_s: [0.0; LANES],
        };
        for (lane, path) in paths.iter().enumerate() {
            let (leg, _) = path.leg_at(0.0);
            lanes.start_s[lane] = leg.start_s;
            lanes.turn_rate_deg_s[lane] = leg.turn_rate_deg_s;
            for axis in 0..3 {
                lanes.position_m[axis][lane] = leg.position_m[axis];
                lanes.velocity_m_s[axis][lane] = leg.velocity_m_s[axis];
                lanes.acceleration_m_s2[axis][lane] = leg.acceleration_m_s2[axis];
            }
        }
        lanes
    }

    #[inline(always)]
    fn states_at(&self, time_s: &[f64; LANES]) -> StateLanes {
        let mut states = StateLanes::REST;
        for lane in 0..LANES {
            let leg = Leg {
                start_s: self.start_s[lane],
                position_m: across(&self.position_m, lane),
                velocity_m_s: across(&self.velocity_m_s, lane),
                acceleration_m_s2: across(&self.acceleration_m_s2, lane),
                turn_rate_deg_s: self.turn_rate_deg_s[lane],
            };
            states.set(lane, &leg.state_at(time_s[lane]));
        }
        states
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::motion::{AtEnd, Waypoint};

    fn steady(lane: usize, turn_rate_deg_s: f64) -> Path {
        let velocity_m_s = [-0.0, 8.0, -(lane as f64)];
        Path::of_leg(Leg::steady(0.0, [1.0, -0.0, 3.0], velocity_m_s, turn_rate_deg_s))
    }

    fn patrol() -> Path {
        let point = |x, speed_m_s| Waypoint { position_m: [x, 0.0, 50.0], speed_m_s };
        Path::through(&[point(0.0, 10.0), point(100.0, 30.0)], AtEnd::Repeat, 2.0)
    }

    fn check(paths: &[Path]) {
        for time_s in [0.0, 3.0, 8.0, 12.5, 1000.0] {
            let states = PathLanes::new(paths).states_at(time_s);
            for (lane, path) in paths.iter().enumerate() {
                let (side, single) = (states.state(lane), path.state_at(time_s));
                // Debug tells zeros of different signs apart.
                assert_eq!(format!("{side:?}"), format!("{single:?}"));
            }
        }
    }

    #[test]
    fn each_body_may_have_its_own_time() {
        let time_s: [f64; LANES] = std::array::from_fn(|lane| 3.0 * lane as f64 - 2.5);
        let straight: Vec<Path> = (0..LANES).map(|lane| steady(lane, 0.0)).collect();
        let turning: Vec<Path> = (0..LANES).map(|lane| steady(lane, lane as f64 - 3.0)).collect();
        let mut mixed = turning.clone();
        mixed[3] = patrol();
        for paths in [straight, turning, mixed] {
            let states = PathLanes::new(&paths).states_at_each(&time_s);
            for (lane, path) in paths.iter().enumerate() {
                let (side, single) = (states.state(lane), path.state_at(time_s[lane]));
                assert_eq!(format!("{side:?}"), format!("{single:?}"));
            }
        }
    }

    #[test]
    fn who_has_stopped_keeps_the_course() {
        let point = |x, speed_m_s| Waypoint { position_m: [x, 0.0, 50.0], speed_m_s };
        let stops = Path::through(&[point(0.0, 10.0), point(100.0, 10.0)], AtEnd::Hold, 2.0);
        let paths = PathLanes::new([&steady(0, 0.0), &stops]);
        // Alone, and in a block that another one makes of several legs.
        let climbs = Path::of_leg(Leg::steady(0.0, [0.0; 3], [-0.0, -0.0, 3.0], 5.0));
        for paths in [PathLanes::new([&climbs]), PathLanes::new([&climbs, &stops])] {
            let velocity_m_s = paths.states_at(7.0).state(0).velocity_m_s;
            assert_eq!(paths.heading_deg(0, 7.0, velocity_m_s), 0.0);
        }
        for (time_s, moves) in [(5.0, true), (1000.0, false)] {
            let velocity_m_s = paths.states_at(time_s).state(1).velocity_m_s;
            assert_eq!(velocity_m_s[0] > 0.0, moves);
            assert_eq!(paths.heading_deg(1, time_s, velocity_m_s), 90.0);
        }
        assert_eq!(PathLanes::at_rest().heading_deg(0, 3.0, [0.0, 0.0, 1.0]), 0.0);
        assert_eq!(paths.heading_deg(LANES - 1, 3.0, [0.0; 3]), 0.0);
        assert_eq!(paths.heading_deg(0, 3.0, [-1.0, 0.0, 0.0]), 270.0);
    }

    #[test]
    fn lanes_give_the_same_bits_as_single_bodies() {
        let straight: Vec<Path> = (0..LANES).map(|lane| steady(lane, 0.0)).collect();
        let turning: Vec<Path> = (0..LANES).map(|lane| steady(lane, lane as f64 - 3.0)).collect();
        let mut mixed = turning.clone();
        mixed[3] = patrol();
        for paths in [&straight, &turning, &mixed] {
            check(paths);
            check(&paths[..3]);
        }
    }
}
