//! The look of a turning antenna: it meets each target when its beam passes the target's bearing.
//!
//! With β(t) the target's bearing from the moving radar and B(t) the beam's, which turns evenly
//! through the frame, the time is the root of β(t) = B(t). Newton's method finds it, kept inside a
//! bracket by bisection; the target is then where it is at that time, to the nanosecond.

use crate::frame::Coverage;
use crate::numeric::{DEG_PER_RAD, atan2, round, wrap_180, wrap_360};
use crate::radar::line_of_sight::PositionLanes;
use crate::radar::look::Look;
use crate::radar::mount::CarrierLanes;
use crate::radar::plot_lanes::PolarLanes;
use crate::radar::scan::Sweep;
use crate::scene::motion_lanes::{PathLanes, StateLanes};
use crate::simd::LANES;

/// Steps of Newton's method: from the secant through the ends each step squares the error, which
/// four take below a nanosecond for any body that turns slower than the beam by a factor of two.
const STEPS: usize = 5;

/// One frame of a turning antenna.
#[derive(Debug)]
pub struct SweepLook<'a> {
    /// The radar on its vehicle.
    pub carrier: &'a CarrierLanes,
    /// The radar at the begin and at the end of the frame, in every lane.
    pub edges: [StateLanes; 2],
    /// What the beam sweeps over.
    pub sweep: Sweep,
    /// Begin of the frame, from the run's start \[ns\].
    pub begin_elapsed_ns: i64,
    /// Begin of the frame on the run's clock \[ns\].
    pub begin_ns: i64,
    /// What the frame looks at; its bearings are those of the sweep.
    pub coverage: &'a Coverage,
    /// Fastest range rate that is seen \[m/s\].
    pub range_rate_limit_m_s: f64,
}

/// Eight targets as the beam passes them.
#[derive(Debug)]
pub struct PassedLanes {
    /// Where they are.
    truth: PolarLanes,
    /// When the beam passes each, in the scenario \[s\].
    time_s: [f64; LANES],
    /// The same on the run's clock \[ns\].
    time_ns: [i64; LANES],
    /// Whether it passes each at all.
    is_passed: [bool; LANES],
}

impl Look for SweepLook<'_> {
    type Seen = PassedLanes;
    const HAS_OWN_TIMES: bool = true;

    #[inline(always)]
    fn see(&self, paths: &PathLanes) -> Option<PassedLanes> {
        let crossing = self.crossings(paths);
        if !crossing.is_passed.contains(&true) {
            return None;
        }
        let after_s = self.solve(paths, &crossing);
        let (mut time_s, mut time_ns) = ([0.0; LANES], [0; LANES]);
        for lane in 0..LANES {
            // Down to whole nanoseconds, so that the state is that of the time told.
            let after_ns = ((after_s[lane] * 1e9) as i64).clamp(0, self.sweep.frame_ns - 1);
            time_s[lane] = seconds(self.begin_elapsed_ns + after_ns);
            time_ns[lane] = self.begin_ns + after_ns;
        }
        let own = self.carrier.states_at(&time_s);
        let truth = PolarLanes::seen_from_each(&own, &paths.states_at_each(&time_s));
        Some(PassedLanes { truth, time_s, time_ns, is_passed: crossing.is_passed })
    }

    #[inline(always)]
    fn truth<'s>(&self, seen: &'s PassedLanes) -> &'s PolarLanes {
        &seen.truth
    }

    #[inline(always)]
    fn truth_mut<'s>(&self, seen: &'s mut PassedLanes) -> &'s mut PolarLanes {
        &mut seen.truth
    }

    #[inline(always)]
    fn searches(&self, seen: &PassedLanes, lane: usize) -> bool {
        let limit_m_s = self.range_rate_limit_m_s;
        seen.is_passed[lane] & seen.truth.is_within_but_bearing(self.coverage, limit_m_s, lane)
    }

    #[inline(always)]
    fn covers(&self, seen: &PassedLanes, lane: usize) -> bool {
        let limit_m_s = f64::INFINITY;
        seen.is_passed[lane] & seen.truth.is_within_but_bearing(self.coverage, limit_m_s, lane)
    }

    #[inline(always)]
    fn time_s(&self, seen: &PassedLanes, lane: usize) -> f64 {
        seen.time_s[lane]
    }

    #[inline(always)]
    fn time_ns(&self, seen: &PassedLanes, lane: usize) -> i64 {
        seen.time_ns[lane]
    }

    #[inline(always)]
    fn own_position_m(&self, seen: &PassedLanes) -> PositionLanes {
        self.carrier.states_at(&seen.time_s).position_m
    }
}

/// Where eight targets are around the beam at the frame's ends.
struct Crossings {
    /// Bearing at the begin \[deg\].
    begin_deg: [f64; LANES],
    /// How far ahead of the beam at the begin \[deg\].
    ahead_deg: [f64; LANES],
    /// How far ahead of the beam at the end, below zero where it was passed \[deg\].
    left_deg: [f64; LANES],
    /// Whether the beam passes the target in this frame.
    is_passed: [bool; LANES],
}

impl SweepLook<'_> {
    /// Who is passed. Two frames that share an edge work out alike who lies before and who behind
    /// it, so a body that stands still is passed exactly once in each turn, to the last bit.
    #[inline(always)]
    fn crossings(&self, paths: &PathLanes) -> Crossings {
        let sweep = &self.sweep;
        let [begin_s, end_s] = [0, sweep.frame_ns].map(|ns| seconds(self.begin_elapsed_ns + ns));
        let begin = Relative { own: &self.edges[0], bodies: &paths.states_at(begin_s) };
        let end = Relative { own: &self.edges[1], bodies: &paths.states_at(end_s) };
        let [mut begin_deg, mut ahead_deg, mut left_deg] = [[0.0; LANES]; 3];
        let mut is_passed = [false; LANES];
        for lane in 0..LANES {
            let end_deg = end.bearing_deg(lane);
            begin_deg[lane] = begin.bearing_deg(lane);
            ahead_deg[lane] = sweep.ahead_of_begin(begin_deg[lane]);
            let moved_deg = sweep.sense * wrap_180(end_deg - begin_deg[lane]);
            left_deg[lane] = ahead_deg[lane] + moved_deg - sweep.width_deg;
            // Both count from the end, but for whole turns: one for each time it was passed.
            let turns = (sweep.ahead_of_end(end_deg) - left_deg[lane]) * (1.0 / 360.0);
            is_passed[lane] = round(turns) >= 1.0;
        }
        Crossings { begin_deg, ahead_deg, left_deg, is_passed }
    }

    /// When the beam passes each, from the begin of the frame \[s\].
    #[inline(always)]
    fn solve(&self, paths: &PathLanes, crossing: &Crossings) -> [f64; LANES] {
        let sweep = &self.sweep;
        let frame_s = seconds(sweep.frame_ns);
        let begin_s = seconds(self.begin_elapsed_ns);
        let beam_deg_s = sweep.width_deg / frame_s;
        let (mut low_s, mut high_s) = ([0.0; LANES], [frame_s; LANES]);
        let mut after_s = [0.0; LANES];
        for lane in 0..LANES {
            let ahead_deg = crossing.ahead_deg[lane];
            let share = ahead_deg / (ahead_deg - crossing.left_deg[lane]);
            after_s[lane] = if (0.0..=1.0).contains(&share) { share * frame_s } else { 0.0 };
        }
        for _ in 0..STEPS {
            let mut time_s = [0.0; LANES];
            for lane in 0..LANES {
                time_s[lane] = begin_s + after_s[lane];
            }
            let (own, bodies) = (self.carrier.states_at(&time_s), paths.states_at_each(&time_s));
            let relative = Relative { own: &own, bodies: &bodies };
            for lane in 0..LANES {
                let moved_deg = wrap_180(relative.bearing_deg(lane) - crossing.begin_deg[lane]);
                let ahead_deg =
                    crossing.ahead_deg[lane] + sweep.sense * moved_deg - beam_deg_s * after_s[lane];
                let closing_deg_s = sweep.sense * relative.bearing_rate_deg_s(lane) - beam_deg_s;
                let is_ahead = ahead_deg >= 0.0;
                low_s[lane] = if is_ahead { after_s[lane] } else { low_s[lane] };
                high_s[lane] = if is_ahead { high_s[lane] } else { after_s[lane] };
                let next_s = after_s[lane] - ahead_deg / closing_deg_s;
                let is_inside = (next_s >= low_s[lane]) & (next_s <= high_s[lane]);
                after_s[lane] = if is_inside { next_s } else { 0.5 * (low_s[lane] + high_s[lane]) };
            }
        }
        after_s
    }
}

/// Eight bodies and the radar, each pair at a time of its own.
struct Relative<'a> {
    own: &'a StateLanes,
    bodies: &'a StateLanes,
}

impl Relative<'_> {
    #[inline(always)]
    fn bearing_deg(&self, lane: usize) -> f64 {
        let [east_m, north_m] =
            [0, 1].map(|axis| self.bodies.position_m[axis][lane] - self.own.position_m[axis][lane]);
        wrap_360(atan2(east_m, north_m) * DEG_PER_RAD)
    }

    /// Rate of change of the bearing; zero above and below the radar.
    #[inline(always)]
    fn bearing_rate_deg_s(&self, lane: usize) -> f64 {
        let [east_m, north_m] =
            [0, 1].map(|axis| self.bodies.position_m[axis][lane] - self.own.position_m[axis][lane]);
        let [east_m_s, north_m_s] = [0, 1]
            .map(|axis| self.bodies.velocity_m_s[axis][lane] - self.own.velocity_m_s[axis][lane]);
        let ground_m2 = east_m * east_m + north_m * north_m;
        let across = east_m_s * north_m - east_m * north_m_s;
        if ground_m2 > 0.0 { across / ground_m2 * DEG_PER_RAD } else { 0.0 }
    }
}

#[inline(always)]
fn seconds(nanoseconds: i64) -> f64 {
    nanoseconds as f64 * 1e-9
}
