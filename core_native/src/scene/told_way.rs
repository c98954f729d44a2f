//! The way of a vehicle that is simulated elsewhere, as it was told from time to time.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::numeric::{wrap_180, wrap_360};
use crate::scene::motion::{Leg, Path};
use crate::scene::scenario::{MAX_POSITION_M, MAX_SPEED_M_S, MAX_TIME_S};

/// Most states that a way is told by: ten times as many as a frame of ten seconds needs at 1 kHz.
pub const MAX_TOLD: usize = 100_000;

/// Where a vehicle is at one time, how it moves and where its bow points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToldState {
    /// Time in the scenario \[s\].
    pub time_s: f64,
    /// Position in the world frame \[m\].
    pub position_m: [f64; 3],
    /// Velocity in the world frame \[m/s\].
    pub velocity_m_s: [f64; 3],
    /// Where the bow points over ground \[deg\], clockwise from north.
    pub heading_deg: f64,
}

/// Where the bow of a told vehicle points, at the times at which it was told.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldHeadings(Arc<[ToldState]>);

impl ToldHeadings {
    /// Heading at `time_s` \[deg\] and its rate \[deg/s\]: even between two states, by the shorter way
    /// round, and beyond them as between the nearest two.
    pub fn heading_at(&self, time_s: f64) -> [f64; 2] {
        let [only] = &*self.0 else {
            let after = self.0.partition_point(|state| state.time_s <= time_s);
            let pair = &self.0[after.clamp(1, self.0.len() - 1) - 1..];
            let (from, to) = (&pair[0], &pair[1]);
            let turned_deg = wrap_180(to.heading_deg - from.heading_deg);
            let rate_deg_s = turned_deg / (to.time_s - from.time_s);
            let heading_deg = from.heading_deg + rate_deg_s * (time_s - from.time_s);
            return [wrap_360(heading_deg), rate_deg_s];
        };
        [wrap_360(only.heading_deg), 0.0]
    }
}

/// The path and the headings of a vehicle that was told of in these states.
///
/// Between two of them its acceleration changes once, half way: so places and velocities are those
/// that were told, and nothing jumps. Before and after them it goes straight. A vehicle whose acceleration
/// is at most a differs from it by less than a dt² / 8 in between.
///
/// # Errors
/// [`Error::Setting`] for no state or too many, times that do not increase, and numbers that are not
/// finite or beyond the limits of a world.
pub fn told_way(states: &[ToldState]) -> Result<(Path, ToldHeadings)> {
    if states.is_empty() || states.len() > MAX_TOLD {
        let wanted = format!("1 to {MAX_TOLD}");
        return Err(refused("number of states", states.len(), wanted));
    }
    states.iter().try_for_each(check)?;
    let mut legs = Vec::with_capacity(2 * states.len());
    let straight =
        |state: &ToldState| Leg::steady(state.time_s, state.position_m, state.velocity_m_s, 0.0);
    // The next one begins at the same time, so it is only for what comes before.
    legs.push(straight(&states[0]));
    for pair in states.windows(2) {
        let (from, to) = (&pair[0], &pair[1]);
        if to.time_s <= from.time_s {
            let wanted = format!("later than {} s, of the state before", from.time_s);
            return Err(refused("time_s", to.time_s, wanted));
        }
        let first = first_half(from, to);
        let middle_s = 0.5 * (from.time_s + to.time_s);
        let half_way = first.state_at(middle_s);
        let rest_s = to.time_s - middle_s;
        let gains_m_s2 =
            [0, 1, 2].map(|axis| (to.velocity_m_s[axis] - half_way.velocity_m_s[axis]) / rest_s);
        legs.push(first);
        legs.push(Leg {
            acceleration_m_s2: gains_m_s2,
            ..Leg::steady(middle_s, half_way.position_m, half_way.velocity_m_s, 0.0)
        });
    }
    if let [_, .., last] = states {
        legs.push(straight(last));
    }
    Ok((Path::of_legs(legs), ToldHeadings(states.into())))
}

/// Half the way from one state to the next.
///
/// With s how far the vehicle comes beyond where its velocity takes it in the time dt and d the gain
/// of velocity, accelerations a and b of the halves make s = (3 a + b) dt² / 8 and d = (a + b) dt / 2.
fn first_half(from: &ToldState, to: &ToldState) -> Leg {
    let dt_s = to.time_s - from.time_s;
    let gain_m_s2 = |axis: usize| {
        let by_velocity_m = from.velocity_m_s[axis] * dt_s;
        let beyond_m = to.position_m[axis] - from.position_m[axis] - by_velocity_m;
        let gain_m_s = to.velocity_m_s[axis] - from.velocity_m_s[axis];
        (4.0 * beyond_m / dt_s - gain_m_s) / dt_s
    };
    Leg {
        acceleration_m_s2: [gain_m_s2(0), gain_m_s2(1), gain_m_s2(2)],
        ..Leg::steady(from.time_s, from.position_m, from.velocity_m_s, 0.0)
    }
}

fn check(state: &ToldState) -> Result<()> {
    let within = |name: &str, value: f64, limit: f64| {
        if value.abs() <= limit { Ok(()) } else { Err(refused(name, value, format!("± {limit}"))) }
    };
    within("time_s", state.time_s, MAX_TIME_S)?;
    state.position_m.iter().try_for_each(|&m| within("position_m", m, MAX_POSITION_M))?;
    state.velocity_m_s.iter().try_for_each(|&m_s| within("velocity_m_s", m_s, MAX_SPEED_M_S))?;
    within("heading_deg", state.heading_deg, 360.0)
}

fn refused(name: &str, value: impl ToString, limit: String) -> Error {
    Error::Setting {
        setting: format!("told way's {name}"),
        value: value.to_string(),
        limit,
        remedy: "tell where the vehicle is in the world's time, in order".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A state of a body that is pushed by 2 m/s² to the north from 1 s to 3 s, and turns by 7 deg/s.
    fn state(time_s: f64) -> ToldState {
        let pushed_s = (time_s - 1.0).clamp(0.0, 2.0);
        let north_m_s = 5.0 + 2.0 * pushed_s;
        let after_s = (time_s - 3.0).max(0.0);
        let north_m = 5.0 * (time_s - after_s) + pushed_s * pushed_s + north_m_s * after_s;
        ToldState {
            time_s,
            position_m: [100.0 - 3.0 * time_s, north_m, 50.0],
            velocity_m_s: [-3.0, north_m_s, 0.0],
            heading_deg: wrap_360(330.0 + 7.0 * time_s),
        }
    }

    fn way(step_s: f64) -> (Path, ToldHeadings) {
        let count = (5.0 / step_s) as u32;
        let states: Vec<_> = (0..=count).map(|k| state(f64::from(k) * step_s)).collect();
        told_way(&states).unwrap()
    }

    #[test]
    fn the_way_meets_what_was_told_and_stays_near_it() {
        for step_s in [0.5, 0.1, 0.01] {
            let (path, headings) = way(step_s);
            for k in 0..500 {
                let time_s = 0.01 * f64::from(k);
                let (told, found) = (state(time_s), path.state_at(time_s));
                let is_told = (time_s / step_s).fract() == 0.0;
                let off_m = (0..3)
                    .map(|axis| (found.position_m[axis] - told.position_m[axis]).abs())
                    .fold(0.0, f64::max);
                let limit_m = if is_told { 1e-9 } else { 2.0 * step_s * step_s / 8.0 + 1e-9 };
                assert!(off_m <= limit_m, "{step_s} {time_s} {off_m}");
                let [heading_deg, rate_deg_s] = headings.heading_at(time_s);
                assert!(wrap_180(heading_deg - told.heading_deg).abs() < 1e-9);
                assert!((rate_deg_s - 7.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn nothing_jumps_on_it() {
        let (path, _) = way(0.1);
        for k in 1..1000 {
            let (before, after) =
                (path.state_at(0.005 * f64::from(k) - 1e-9), path.state_at(0.005 * f64::from(k)));
            for axis in 0..3 {
                assert!((after.position_m[axis] - before.position_m[axis]).abs() < 1e-7);
                assert!((after.velocity_m_s[axis] - before.velocity_m_s[axis]).abs() < 1e-7);
            }
        }
    }

    #[test]
    fn a_body_that_nothing_pushes_goes_straight_also_beyond() {
        let straight = |time_s: f64| ToldState {
            position_m: [0.6 * time_s, 0.2 * time_s, 0.0],
            velocity_m_s: [0.6, 0.2, 0.0],
            heading_deg: 71.0,
            ..state(time_s)
        };
        let one = told_way(&[straight(2.0)]).unwrap();
        let many = told_way(&[straight(2.0), straight(2.1), straight(2.2)]).unwrap();
        for (path, headings) in [one, many] {
            for time_s in [0.0, 2.05, 2.13, 40.0] {
                let found = path.state_at(time_s);
                assert!((found.position_m[0] - 0.6 * time_s).abs() < 1e-6, "{time_s}");
                assert_eq!(headings.heading_at(time_s), [71.0, 0.0]);
            }
        }
    }

    #[test]
    fn a_body_that_is_pushed_goes_straight_before_and_after() {
        let told = [state(1.0), state(1.5), state(2.0)];
        let (path, _) = told_way(&told).unwrap();
        for (time_s, near) in [(-40.0, told[0]), (0.9, told[0]), (2.1, told[2]), (40.0, told[2])] {
            let found = path.state_at(time_s);
            assert_eq!(found.velocity_m_s, near.velocity_m_s);
            for axis in 0..3 {
                let way_m = near.velocity_m_s[axis] * (time_s - near.time_s);
                assert!((found.position_m[axis] - near.position_m[axis] - way_m).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_way_that_cannot_be_is_refused_by_name() {
        let (first, second) = (state(1.0), state(2.0));
        let refusal = |states: &[ToldState]| told_way(states).unwrap_err().to_string();
        assert!(refusal(&[]).contains("number of states is 0, must be 1 to 100000"));
        assert!(refusal(&[second, first]).contains("time_s is 1, must be later than 2 s"));
        assert!(refusal(&[first, first]).contains("later"));
        for (name, wrong) in [
            ("time_s is NaN", ToldState { time_s: f64::NAN, ..first }),
            ("position_m is inf", ToldState { position_m: [0.0, f64::INFINITY, 0.0], ..first }),
            ("velocity_m_s is -1", ToldState { velocity_m_s: [-1e9, 0.0, 0.0], ..first }),
            ("heading_deg is 361", ToldState { heading_deg: 361.0, ..first }),
        ] {
            assert!(refusal(&[wrong]).contains(name), "{}", refusal(&[wrong]));
        }
    }
}
