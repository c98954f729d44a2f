//! Where a body is at any time, in closed form: nothing is stepped, so any time can be asked for.

use std::sync::Arc;

use crate::numeric::{DEG_PER_RAD, RAD_PER_DEG, atan2, sin_cos_deg, wrap_360};

/// Position \[m\] and velocity \[m/s\] in the world frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// Position \[m\].
    pub position_m: [f64; 3],
    /// Velocity \[m/s\].
    pub velocity_m_s: [f64; 3],
}

/// A stretch of motion: straight with constant acceleration, or a level turn at constant speed
/// (and constant climb). The two do not mix: a turning leg has no acceleration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leg {
    /// When the leg begins \[s\].
    pub start_s: f64,
    /// Where it begins \[m\].
    pub position_m: [f64; 3],
    /// Velocity at its beginning \[m/s\].
    pub velocity_m_s: [f64; 3],
    /// Acceleration \[m/s²\].
    pub acceleration_m_s2: [f64; 3],
    /// Rate of turn \[deg/s\], positive clockwise seen from above, as bearings grow.
    pub turn_rate_deg_s: f64,
}

/// A slower turn is none: in 30 years it would not change one bit of a course, and far below it
/// the quotients of the turn's formula underflow.
const MIN_TURN_RATE_DEG_S: f64 = 1e-30;

impl Leg {
    /// A leg from `start_s` on, at constant velocity or in a coordinated turn.
    pub fn steady(
        start_s: f64,
        position_m: [f64; 3],
        velocity_m_s: [f64; 3],
        turn_rate_deg_s: f64,
    ) -> Self {
        // No negative zeros, which a sum turns into positive ones: every way of evaluating a
        // straight leg then gives the same bits.
        let positive_zeros = |vector: [f64; 3]| vector.map(|component| component + 0.0);
        Self {
            start_s,
            position_m: positive_zeros(position_m),
            velocity_m_s: positive_zeros(velocity_m_s),
            acceleration_m_s2: [0.0; 3],
            turn_rate_deg_s: if turn_rate_deg_s.abs() < MIN_TURN_RATE_DEG_S {
                0.0
            } else {
                turn_rate_deg_s
            },
        }
    }

    /// State at `time_s`; also before the leg's start and after its end.
    ///
    /// The turn is the exact solution for constant rate and speed, e.g. Y. Bar-Shalom et al.,
    /// "Estimation with Applications to Tracking and Navigation" (2001), eq. 11.7.1-4, written
    /// with the half angle so that small rates do not cancel.
    #[inline(always)]
    pub fn state_at(&self, time_s: f64) -> State {
        let t = time_s - self.start_s;
        let [u, v, w] = self.velocity_m_s;
        let (sin_half, cos_half) = sin_cos_deg(0.5 * self.turn_rate_deg_s * t);
        let (sin, versine) = (2.0 * sin_half * cos_half, 2.0 * sin_half * sin_half);
        let turns = self.turn_rate_deg_s != 0.0;
        let rate_rad_s = if turns { self.turn_rate_deg_s * RAD_PER_DEG } else { 1.0 };
        // To the right of the velocity (u, v) lies (v, -u).
        let (ahead_s, aside_s) = (sin / rate_rad_s, versine / rate_rad_s);
        let turned_m = [u * ahead_s + v * aside_s, v * ahead_s - u * aside_s, w * t];
        let turned_m_s = [u - u * versine + v * sin, v - v * versine - u * sin, w];
        let mut state = State { position_m: self.position_m, velocity_m_s: turned_m_s };
        for axis in 0..3 {
            let (start_m_s, gain_m_s2) = (self.velocity_m_s[axis], self.acceleration_m_s2[axis]);
            let straight_m = (start_m_s + 0.5 * gain_m_s2 * t) * t;
            let straight_m_s = start_m_s + gain_m_s2 * t;
            state.position_m[axis] += if turns { turned_m[axis] } else { straight_m };
            state.velocity_m_s[axis] = if turns { turned_m_s[axis] } else { straight_m_s };
        }
        state
    }

    /// Which way the leg leads over ground at its start, east and north; none where the body stands
    /// or moves straight up or down.
    fn direction(&self) -> Option<[f64; 2]> {
        [self.velocity_m_s, self.acceleration_m_s2]
            .map(|[east, north, _]| [east, north])
            .into_iter()
            .find(|&over_ground| over_ground != [0.0; 2])
    }

    /// Whether the leg is straight and its speed constant.
    fn is_uniform(&self) -> bool {
        self.turn_rate_deg_s == 0.0 && self.acceleration_m_s2 == [0.0; 3]
    }
}

/// Direction and length of a vector; a zero vector points north.
pub fn unit(vector: [f64; 3]) -> ([f64; 3], f64) {
    let [x, y, z] = vector;
    let length = (x * x + y * y + z * z).sqrt();
    if length > 0.0 {
        ([x / length, y / length, z / length], length)
    } else {
        ([0.0, 1.0, 0.0], 0.0)
    }
}

/// Legs one after the other; the last goes on for ever unless the path repeats.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// First leg, then the others in order of time; shared, as kernels keep a path for each lane.
    legs: Arc<[Leg]>,
    /// Time after which the path begins again \[s\]; infinite when it does not.
    cycle_s: f64,
}

impl Path {
    /// A path of one leg.
    pub fn of_leg(leg: Leg) -> Self {
        Self::of_legs(vec![leg])
    }

    /// A path of these legs (at least one), in order of time.
    pub fn of_legs(legs: Vec<Leg>) -> Self {
        Self { legs: legs.into(), cycle_s: f64::INFINITY }
    }

    /// A path through `points` (at least two), the speed changing evenly in time from each point
    /// to the next, from `start_s` on. Every two neighbours lie apart and not both are at rest.
    pub fn through(points: &[Waypoint], at_end: AtEnd, start_s: f64) -> Self {
        let mut legs = Vec::with_capacity(points.len() + 1);
        let mut time_s = start_s;
        for pair in points.windows(2) {
            time_s = push_leg(&mut legs, time_s, pair[0], pair[1]);
        }
        let (first, last) = (points[0], points[points.len() - 1]);
        let mut cycle_s = f64::INFINITY;
        match at_end {
            AtEnd::Repeat => cycle_s = push_leg(&mut legs, time_s, last, first) - start_s,
            AtEnd::Continue | AtEnd::Hold => {
                let arrival = legs[legs.len() - 1].state_at(time_s);
                let keeps_on = if at_end == AtEnd::Hold { 0.0 } else { 1.0 };
                let velocity_m_s = arrival.velocity_m_s.map(|component| component * keeps_on);
                legs.push(Leg::steady(time_s, last.position_m, velocity_m_s, 0.0));
            }
        }
        Self { legs: legs.into(), cycle_s }
    }

    /// When the last leg begins \[s\], infinite when the path repeats: nothing changes after it.
    pub fn last_change_s(&self) -> f64 {
        let last_s = self.legs.last().map_or(0.0, |leg| leg.start_s);
        if self.cycle_s.is_finite() { f64::INFINITY } else { last_s }
    }

    /// How much work it is to evaluate.
    pub fn kind(&self) -> PathKind {
        match &*self.legs {
            [leg] if leg.is_uniform() => PathKind::Uniform,
            [_] => PathKind::OneLeg,
            _ => PathKind::SeveralLegs,
        }
    }

    /// State at `time_s`.
    pub fn state_at(&self, time_s: f64) -> State {
        let (leg, leg_time_s) = self.leg_at(time_s);
        leg.state_at(leg_time_s)
    }

    /// Course over ground at `time_s` \[deg\], clockwise from north, and its rate \[deg/s\]. A body
    /// that stands keeps the course with which it came; one that never moved points north.
    pub fn course_at(&self, time_s: f64) -> [f64; 2] {
        let (index, leg_time_s) = self.leg_index_at(time_s);
        let leads = |leg: &Leg| Some((leg.direction()?, leg.start_s, leg.turn_rate_deg_s));
        // From the second round on the legs behind this one came before it, too.
        let of_round_before = if time_s > leg_time_s { &self.legs[index + 1..] } else { &[] };
        let legs = self.legs[..=index].iter().rev().chain(of_round_before.iter().rev());
        let Some(([east, north], start_s, rate_deg_s)) = legs.into_iter().find_map(leads) else {
            return [0.0; 2];
        };
        let start_deg = atan2(east, north) * DEG_PER_RAD;
        [wrap_360(start_deg + rate_deg_s * (leg_time_s - start_s)), rate_deg_s]
    }

    /// The leg under way at `time_s`, and that time within the path's cycle.
    pub fn leg_at(&self, time_s: f64) -> (&Leg, f64) {
        let (index, leg_time_s) = self.leg_index_at(time_s);
        (&self.legs[index], leg_time_s)
    }

    fn leg_index_at(&self, time_s: f64) -> (usize, f64) {
        let start_s = self.legs[0].start_s;
        let rounds = libm::floor((time_s - start_s) / self.cycle_s);
        let leg_time_s =
            if self.cycle_s.is_finite() { time_s - rounds * self.cycle_s } else { time_s };
        let after = self.legs.partition_point(|leg| leg.start_s <= leg_time_s);
        (after.saturating_sub(1), leg_time_s)
    }
}

/// How much work a path is, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathKind {
    /// Constant velocity for ever.
    Uniform,
    /// One leg for ever.
    OneLeg,
    /// The leg depends on the time.
    SeveralLegs,
}

/// A point to pass, and the speed there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waypoint {
    /// Where \[m\].
    pub position_m: [f64; 3],
    /// How fast \[m/s\].
    pub speed_m_s: f64,
}

/// What happens after the last waypoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtEnd {
    /// Keep the last velocity.
    Continue,
    /// Stand still.
    Hold,
    /// Go to the first waypoint and round again.
    Repeat,
}

/// Add the leg between two waypoints; the time of its end.
fn push_leg(legs: &mut Vec<Leg>, start_s: f64, from: Waypoint, to: Waypoint) -> f64 {
    let way_m: [f64; 3] = std::array::from_fn(|axis| to.position_m[axis] - from.position_m[axis]);
    let (direction, length_m) = unit(way_m);
    let duration_s = 2.0 * length_m / (from.speed_m_s + to.speed_m_s);
    let gain_m_s2 = (to.speed_m_s - from.speed_m_s) / duration_s;
    let velocity_m_s = direction.map(|component| component * from.speed_m_s);
    legs.push(Leg {
        acceleration_m_s2: direction.map(|component| component * gain_m_s2),
        ..Leg::steady(start_s, from.position_m, velocity_m_s, 0.0)
    });
    start_s + duration_s
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance_m(a: [f64; 3], b: [f64; 3]) -> f64 {
        unit([a[0] - b[0], a[1] - b[1], a[2] - b[2]]).1
    }

    #[test]
    fn constant_velocity_moves_on_a_line() {
        let path = Path::of_leg(Leg::steady(0.0, [10.0, 20.0, 30.0], [3.0, -4.0, 12.0], 0.0));
        let state = path.state_at(5.0);
        assert!(distance_m(state.position_m, [25.0, 0.0, 90.0]) < 1e-12);
        assert!(distance_m(state.velocity_m_s, [3.0, -4.0, 12.0]) < 1e-12);
    }

    #[test]
    fn a_right_turn_starts_towards_east_when_heading_north() {
        // 10 deg/s at 100 m/s: radius 572.96 m, a quarter turn in 9 s.
        let path = Path::of_leg(Leg::steady(0.0, [0.0; 3], [0.0, 100.0, 5.0], 10.0));
        let radius_m = 100.0 / (10.0 * RAD_PER_DEG);
        let quarter = path.state_at(9.0);
        assert!(distance_m(quarter.position_m, [radius_m, radius_m, 45.0]) < 1e-9);
        assert!(distance_m(quarter.velocity_m_s, [100.0, 0.0, 5.0]) < 1e-9);
        let full = path.state_at(36.0);
        assert!(distance_m(full.position_m, [0.0, 0.0, 180.0]) < 1e-9);
    }

    #[test]
    fn a_very_slow_turn_is_nearly_straight() {
        let turn = Leg::steady(0.0, [0.0; 3], [0.0, 100.0, 0.0], 1e-9).state_at(10.0);
        let line = Leg::steady(0.0, [0.0; 3], [0.0, 100.0, 0.0], 0.0).state_at(10.0);
        assert!(distance_m(turn.position_m, line.position_m) < 1e-6);
    }

    fn square(at_end: AtEnd) -> Path {
        let corner = |x, y, speed_m_s| Waypoint { position_m: [x, y, 0.0], speed_m_s };
        let corners =
            [corner(0.0, 0.0, 10.0), corner(0.0, 100.0, 30.0), corner(100.0, 100.0, 10.0)];
        Path::through(&corners, at_end, 2.0)
    }

    #[test]
    fn waypoints_are_met_at_their_speed() {
        // Mean speed 20 m/s over 100 m: 5 s a leg.
        let path = square(AtEnd::Continue);
        let at = |time_s| path.state_at(time_s);
        assert!(distance_m(at(2.0).position_m, [0.0; 3]) < 1e-12);
        assert!(distance_m(at(2.0).velocity_m_s, [0.0, 10.0, 0.0]) < 1e-12);
        assert!(distance_m(at(7.0).position_m, [0.0, 100.0, 0.0]) < 1e-9);
        assert!(distance_m(at(7.0).velocity_m_s, [30.0, 0.0, 0.0]) < 1e-9);
        assert!(distance_m(at(14.0).position_m, [120.0, 100.0, 0.0]) < 1e-9);
    }

    #[test]
    fn a_path_ends_as_told() {
        assert!(
            distance_m(square(AtEnd::Hold).state_at(1e4).position_m, [100.0, 100.0, 0.0]) < 1e-9
        );
        assert_eq!(square(AtEnd::Hold).state_at(1e4).velocity_m_s, [0.0; 3]);
        assert_eq!(square(AtEnd::Hold).last_change_s(), square(AtEnd::Continue).last_change_s());
        assert!((square(AtEnd::Hold).last_change_s() - 12.0).abs() < 1e-9);
        let round = square(AtEnd::Repeat);
        assert_eq!(round.last_change_s(), f64::INFINITY);
        let back_s = libm::sqrt(2.0) * 100.0 / 10.0;
        for time_s in [3.0, 8.0, 12.5] {
            let (once, again) = (round.state_at(time_s), round.state_at(time_s + 10.0 + back_s));
            assert!(distance_m(once.position_m, again.position_m) < 1e-9);
        }
        assert!(distance_m(round.state_at(2.0 + 10.0 + back_s - 1e-9).position_m, [0.0; 3]) < 1e-6);
    }

    #[test]
    fn the_course_is_that_of_the_velocity_and_outlasts_it() {
        let turn = Path::of_leg(Leg::steady(1.0, [5.0, 6.0, 7.0], [30.0, 40.0, -3.0], -7.0));
        for path in [&turn, &square(AtEnd::Continue), &square(AtEnd::Repeat)] {
            for time_s in [2.5, 3.7, 8.9, 20.0] {
                let [u, v, _] = path.state_at(time_s).velocity_m_s;
                let off_deg = path.course_at(time_s)[0] - atan2(u, v) * DEG_PER_RAD;
                assert!((wrap_360(off_deg + 180.0) - 180.0).abs() < 1e-9, "{time_s}: {off_deg}");
            }
        }
        assert_eq!(turn.course_at(3.0)[1], -7.0);
        assert_eq!(square(AtEnd::Hold).course_at(1e4), [90.0, 0.0]);
        let climb = Path::of_leg(Leg::steady(0.0, [0.0; 3], [0.0, 0.0, 3.0], 0.0));
        assert_eq!(climb.course_at(5.0), [0.0, 0.0]);
        // Who climbs at the begin of a round came from the east in the round before.
        let point = |x, z| Waypoint { position_m: [x, 0.0, z], speed_m_s: 10.0 };
        let corners = [point(0.0, 0.0), point(0.0, 100.0), point(200.0, 100.0)];
        let round = Path::through(&corners, AtEnd::Repeat, 0.0);
        assert_eq!(round.course_at(5.0), [0.0, 0.0]);
        let cycle_s = 10.0 + 20.0 + libm::hypot(200.0, 100.0) / 10.0;
        assert_eq!(round.course_at(cycle_s + 5.0), [270.0, 0.0]);
        assert_eq!(round.course_at(2.0 * cycle_s + 15.0), [90.0, 0.0]);
        // From rest: the acceleration leads.
        let point = |y, speed_m_s| Waypoint { position_m: [0.0, y, 0.0], speed_m_s };
        let start = Path::through(&[point(0.0, 0.0), point(-100.0, 30.0)], AtEnd::Hold, 0.0);
        assert_eq!(start.course_at(0.0), [180.0, 0.0]);
    }

    #[test]
    fn velocity_is_the_rate_of_change_of_position() {
        let paths = [
            Path::of_leg(Leg::steady(1.0, [5.0, 6.0, 7.0], [30.0, 40.0, -3.0], -7.0)),
            square(AtEnd::Repeat),
        ];
        for path in paths {
            for time_s in [2.5, 3.7, 8.9, 20.0] {
                let (before, after) = (path.state_at(time_s - 1e-4), path.state_at(time_s + 1e-4));
                let slope = std::array::from_fn(|axis| {
                    (after.position_m[axis] - before.position_m[axis]) / 2e-4
                });
                assert!(distance_m(slope, path.state_at(time_s).velocity_m_s) < 1e-5);
            }
        }
    }
}
