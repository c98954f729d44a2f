//! Where the targets really are, for scoring.

use crate::radar::echoes::covers;
use crate::radar::equation::{from_db, snr_at};
use crate::radar::plot_lanes::PolarLanes;
use crate::radar::simulator::Radar;
use crate::scene::motion::State;
use crate::scene::motion_lanes::PathLanes;
use crate::scene::scenario::Target;

/// One target at one time, as the radar would see it without error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TargetTruth {
    /// Position and velocity in the world frame.
    pub state: State,
    /// Slant range from the radar \[m\].
    pub range_m: f64,
    /// Bearing \[deg\].
    pub bearing_deg: f64,
    /// Elevation \[deg\].
    pub elevation_deg: f64,
    /// Range rate \[m/s\].
    pub range_rate_m_s: f64,
    /// Probability that a frame at this time detects it; zero outside the coverage and before and
    /// after its presence.
    pub detection_probability: f64,
    /// Whether it is there.
    pub is_present: bool,
}

impl Radar {
    /// Every target at `time_ns` of the run's clock, in the scenario's order.
    pub fn truth(&self, time_ns: i64) -> Vec<TargetTruth> {
        let time_s = self.scenario_time_s(time_ns);
        let own_ship = self.own_ship().state_at(time_s);
        self.targets().iter().map(|target| self.truth_of(target, &own_ship, time_s)).collect()
    }

    fn truth_of(&self, target: &Target, own_ship: &State, time_s: f64) -> TargetTruth {
        let body = PathLanes::new([&target.path]).states_at(time_s);
        let seen = PolarLanes::seen_from(own_ship, &body);
        let sensor = self.sensor();
        let rcs_dbsm = target.rcs_by_aspect.as_ref().map_or(target.rcs_dbsm, |table| {
            table.seen_by(seen.bearing_deg[0], seen.elevation_deg[0], body.state(0).velocity_m_s)
        });
        let snr = snr_at(sensor.loop_gain * from_db(rcs_dbsm), seen.range_m[0]);
        let is_present = target.present_from_s <= time_s && time_s < target.present_until_s;
        let is_searched = is_present && covers(sensor, &seen, 0);
        let probability = sensor.detector().detection_probability(snr, target.fluctuation);
        TargetTruth {
            state: body.state(0),
            range_m: seen.range_m[0],
            bearing_deg: seen.bearing_deg[0],
            elevation_deg: seen.elevation_deg[0],
            range_rate_m_s: seen.range_rate_m_s[0],
            detection_probability: if is_searched { probability } else { 0.0 },
            is_present,
        }
    }
}
