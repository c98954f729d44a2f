//! Where a radar sits on its vehicle, how it moves with it and which way it looks.
//!
//! The body frame has X to starboard, Y to the bow and Z up, so that it is the world frame for a
//! heading of north. The vehicle stays level, so a sector of bearings and elevations of the body
//! is one of the world, turned by the heading alone.

use crate::frame::Coverage;
use crate::numeric::{RAD_PER_DEG, sin_cos_deg, wrap_360};
use crate::scene::motion::State;
use crate::scene::motion_lanes::{PathLanes, StateLanes};
use crate::scene::place::Place;
use crate::scene::platform::Platform;
use crate::scene::scenario::MAX_NAME_BYTES;
use crate::scene::sensor_document::{MountDocument, RelativeToDocument};
use crate::simd::LANES;

/// Longest lever arm along each axis \[m\].
pub const MAX_OFFSET_M: f64 = 1000.0;

/// Where a radar sits and which way it looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mount {
    /// Index of its platform in the scenario.
    pub platform: usize,
    /// From the platform's position to the antenna, in the body frame \[m\].
    pub offset_m: [f64; 3],
    /// What the coverage's bearings are counted from, itself counted from north or from the bow
    /// \[deg\].
    pub boresight_bearing_deg: f64,
    /// What the coverage's elevations are counted from \[deg\].
    pub boresight_elevation_deg: f64,
    /// Whether the boresight turns with the vehicle instead of being stabilised to north.
    pub turns_with_body: bool,
}

impl Mount {
    /// Check the document of a mount on the platform called `platform`.
    pub fn from_document(
        place: &Place<'_>,
        platform: &str,
        document: &MountDocument,
        platforms: &[Platform],
    ) -> Self {
        let name = place.key("platform");
        let index = platforms.iter().position(|other| other.name == platform);
        if name.text(platform, MAX_NAME_BYTES) && index.is_none() {
            let names: Vec<&str> = platforms.iter().map(|other| other.name.as_str()).collect();
            name.problem(format!("is {platform:?}, must be one of {}", names.join(", ")));
        }
        let place = place.key("mount");
        let MountDocument { offset_m, boresight_bearing_deg, boresight_elevation_deg, .. } =
            *document;
        place.key("offset_m").vector(offset_m, MAX_OFFSET_M);
        place.key("boresight_bearing_deg").number(boresight_bearing_deg, -360.0, 360.0);
        place.key("boresight_elevation_deg").number(boresight_elevation_deg, -90.0, 90.0);
        Self {
            platform: index.unwrap_or(0),
            offset_m,
            boresight_bearing_deg,
            boresight_elevation_deg,
            turns_with_body: matches!(document.relative_to, RelativeToDocument::Bow),
        }
    }

    /// Refuse elevations that the boresight takes past the zenith or nadir.
    pub fn check_elevations(&self, place: &Place<'_>, elevation_deg: [f64; 2]) {
        let tilt_deg = self.boresight_elevation_deg;
        let [low, high] = elevation_deg.map(|edge_deg| edge_deg + tilt_deg);
        let are_angles =
            [elevation_deg[0], elevation_deg[1], tilt_deg].map(|angle| angle.abs() <= 90.0);
        // What is no elevation by itself has been reported as such.
        if are_angles != [true; 3] || (low >= -90.0 && high <= 90.0) {
            return;
        }
        place.problem(format!(
            "is {low} to {high} with the boresight's elevation, past the zenith or nadir: narrow it"
        ));
    }
}

/// A radar on its vehicle.
#[derive(Clone, Debug)]
pub struct Carrier {
    /// The vehicle.
    pub platform: Platform,
    /// Where the radar sits on it.
    pub mount: Mount,
}

impl Carrier {
    /// Position and velocity of the radar at `time_s`.
    ///
    /// With the lever arm turned by the heading ψ, r = P + R(ψ) a and v = V + dψ/dt R'(ψ) a:
    /// transport of velocity in a turning frame, e.g. H. Goldstein, "Classical Mechanics", 2nd ed.
    /// (1980), section 4-9.
    pub fn state_at(&self, time_s: f64) -> State {
        self.with_lever_arm(self.platform.path.state_at(time_s), time_s)
    }

    #[inline(always)]
    fn with_lever_arm(&self, mut state: State, time_s: f64) -> State {
        let [starboard_m, ahead_m, up_m] = self.mount.offset_m;
        if self.mount.offset_m == [0.0; 3] {
            return state;
        }
        let [heading_deg, rate_deg_s] = self.platform.heading_at(time_s);
        let (sin, cos) = sin_cos_deg(heading_deg);
        let rate_rad_s = rate_deg_s * RAD_PER_DEG;
        let east_m = starboard_m * cos + ahead_m * sin;
        let north_m = ahead_m * cos - starboard_m * sin;
        let (position_m, velocity_m_s) = (&mut state.position_m, &mut state.velocity_m_s);
        position_m[0] += east_m;
        position_m[1] += north_m;
        position_m[2] += up_m;
        // Turning clockwise, a point to the north moves to the east.
        velocity_m_s[0] += rate_rad_s * north_m;
        velocity_m_s[1] -= rate_rad_s * east_m;
        state
    }

    /// World bearing at `time_s` of what the scan's bearings are counted from \[deg\].
    pub fn zero_bearing_deg(&self, time_s: f64) -> f64 {
        let mount = &self.mount;
        if !mount.turns_with_body {
            return mount.boresight_bearing_deg;
        }
        mount.boresight_bearing_deg + self.platform.heading_at(time_s)[0]
    }

    /// `coverage`, counted from the boresight, as one of the world at `time_s`.
    pub fn turned(&self, coverage: &Coverage, time_s: f64) -> Coverage {
        let start_deg = coverage.bearing_start_deg + self.zero_bearing_deg(time_s);
        let tilt_deg = self.mount.boresight_elevation_deg;
        Coverage {
            bearing_start_deg: wrap_360(start_deg),
            min_elevation_deg: coverage.min_elevation_deg + tilt_deg,
            max_elevation_deg: coverage.max_elevation_deg + tilt_deg,
            ..*coverage
        }
    }
}

/// A radar on its vehicle at eight times: the same bits as [`Carrier::state_at`] for each.
#[derive(Clone, Debug)]
pub struct CarrierLanes {
    carrier: Carrier,
    path: PathLanes,
}

impl CarrierLanes {
    /// Lanes of `carrier`.
    pub fn new(carrier: &Carrier) -> Self {
        let path = PathLanes::new([&carrier.platform.path; LANES]);
        Self { carrier: carrier.clone(), path }
    }

    /// States of the radar.
    #[inline(always)]
    pub fn states_at(&self, time_s: &[f64; LANES]) -> StateLanes {
        let mut states = self.path.states_at_each(time_s);
        if self.carrier.mount.offset_m != [0.0; 3] {
            for lane in 0..LANES {
                let state = self.carrier.with_lever_arm(states.state(lane), time_s[lane]);
                states.set(lane, &state);
            }
        }
        states
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::motion::{Leg, Path};
    use crate::scene::platform::Attitude;

    fn carrier(turns_with_body: bool) -> Carrier {
        let turn = Leg::steady(0.0, [100.0, -50.0, 10.0], [3.0, 12.0, 0.0], 4.0);
        Carrier {
            platform: Platform {
                name: "ship".into(),
                path: Path::of_leg(turn),
                attitude: Attitude::FollowsVelocity,
                target: None,
            },
            mount: Mount {
                platform: 0,
                offset_m: [5.0, -20.0, 30.0],
                boresight_bearing_deg: 15.0,
                boresight_elevation_deg: 2.0,
                turns_with_body,
            },
        }
    }

    #[test]
    fn the_velocity_of_the_radar_is_the_rate_of_change_of_its_position() {
        let carrier = carrier(true);
        for time_s in [0.0, 7.3, 40.0, 89.0] {
            let (before, after) =
                (carrier.state_at(time_s - 1e-4), carrier.state_at(time_s + 1e-4));
            for axis in 0..3 {
                let slope_m_s = (after.position_m[axis] - before.position_m[axis]) / 2e-4;
                let velocity_m_s = carrier.state_at(time_s).velocity_m_s[axis];
                assert!((slope_m_s - velocity_m_s).abs() < 1e-6, "{time_s} {axis}");
            }
        }
    }

    #[test]
    fn the_lever_arm_keeps_its_length_and_follows_the_bow() {
        let carrier = carrier(true);
        for time_s in [0.0, 7.3, 40.0] {
            let (ship, radar) = (carrier.platform.path.state_at(time_s), carrier.state_at(time_s));
            let arm = |axis: usize| radar.position_m[axis] - ship.position_m[axis];
            let [u, v, _] = ship.velocity_m_s;
            let speed_m_s = (u * u + v * v).sqrt();
            let ahead_m = (arm(0) * u + arm(1) * v) / speed_m_s;
            let starboard_m = (arm(0) * v - arm(1) * u) / speed_m_s;
            assert!((ahead_m + 20.0).abs() < 1e-9 && (starboard_m - 5.0).abs() < 1e-9);
            assert!((arm(2) - 30.0).abs() < 1e-12);
        }
    }

    #[test]
    fn a_stabilised_coverage_does_not_turn() {
        let coverage = Coverage { bearing_start_deg: 350.0, ..Coverage::sphere(1e4) };
        let coverage = Coverage { max_elevation_deg: 20.0, min_elevation_deg: -5.0, ..coverage };
        for time_s in [0.0, 11.0] {
            let still = carrier(false).turned(&coverage, time_s);
            assert_eq!(still.bearing_start_deg, 5.0);
            assert_eq!([still.min_elevation_deg, still.max_elevation_deg], [-3.0, 22.0]);
            let turning = carrier(true);
            let heading_deg = turning.platform.heading_at(time_s)[0];
            let start_deg = turning.turned(&coverage, time_s).bearing_start_deg;
            assert!((start_deg - wrap_360(heading_deg + 5.0)).abs() < 1e-9);
        }
    }
}
