//! Where the targets really are, for scoring.

use crate::frame::Coverage;
use crate::radar::beam_list::Beam;
use crate::radar::equation::{from_db, snr_at};
use crate::radar::look::BeamPattern;
use crate::radar::plot_lanes::PolarLanes;
use crate::radar::scan::Scan;
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
    /// Probability that the echo of one look at it at this time is detected, of a steered antenna the one with
    /// the beam that is strongest there. Zero outside all that the radar covers, before and after
    /// its presence, and for the radar's own vehicle. That of the target alone, also where the radar
    /// merges it with others.
    pub detection_probability: f64,
    /// Probability that its transponder's reply is heard in one look at it at this time. Zero
    /// where none replies, beyond the range of interrogation and outside all that is covered.
    pub reply_probability: f64,
    /// Whether it is there.
    pub is_present: bool,
}

impl Radar {
    /// Every target at `time_ns` of the run's clock, in the scenario's order.
    pub fn truth(&self, time_ns: i64) -> Vec<TargetTruth> {
        let time_s = self.scenario_time_s(time_ns);
        let own = self.carrier().state_at(time_s);
        let coverage = self.carrier().turned(&self.sensor().coverage, time_s);
        let truth_of = |target| self.truth_of(target, &own, &coverage, time_s);
        let mut truth: Vec<TargetTruth> = self.targets().iter().map(truth_of).collect();
        if let Some(own) = self.carrier().platform.target {
            (truth[own].detection_probability, truth[own].reply_probability) = (0.0, 0.0);
        }
        truth
    }

    fn truth_of(
        &self,
        target: &Target,
        own: &State,
        coverage: &Coverage,
        time_s: f64,
    ) -> TargetTruth {
        let body = PathLanes::new([&target.path]).states_at(time_s);
        let seen = PolarLanes::seen_from(own, &body);
        let sensor = self.sensor();
        let rcs_dbsm = target.rcs_by_aspect.as_ref().map_or(target.rcs_dbsm, |table| {
            table.seen_by(seen.bearing_deg[0], seen.elevation_deg[0], body.state(0).velocity_m_s)
        });
        let gain = self.best_gain(&seen, time_s);
        let snr = snr_at(gain * sensor.loop_gain * from_db(rcs_dbsm), seen.range_m[0]);
        let is_present = target.present_from_s <= time_s && time_s < target.present_until_s;
        let is_searched =
            is_present && gain > 0.0 && seen.is_within(coverage, sensor.range_rate_limit_m_s, 0);
        let is_asked = is_present
            && gain > 0.0
            && seen.is_within(coverage, f64::INFINITY, 0)
            && seen.range_m[0] <= sensor.sr_threshold_m;
        let probability = sensor.detector().detection_probability(snr, target.fluctuation);
        TargetTruth {
            state: body.state(0),
            range_m: seen.range_m[0],
            bearing_deg: seen.bearing_deg[0],
            elevation_deg: seen.elevation_deg[0],
            range_rate_m_s: seen.range_rate_m_s[0],
            detection_probability: if is_searched { probability } else { 0.0 },
            reply_probability: if is_asked { self.reply_probability(target) } else { 0.0 },
            is_present,
        }
    }

    /// Probability that the reply of a target which is asked is heard.
    fn reply_probability(&self, target: &Target) -> f64 {
        let heard = self.surveillance().map_or(1.0, |it| it.interrogator().reply_probability);
        if target.transponder.replies() { heard } else { 0.0 }
    }

    /// Largest two-way gain with which a look covers the first of `seen`; zero where none does.
    fn best_gain(&self, seen: &PolarLanes, time_s: f64) -> f64 {
        let Scan::Steered(list) = &self.sensor().scan else {
            return 1.0;
        };
        let (bearing_deg, elevation_deg) = (seen.bearing_deg[0], seen.elevation_deg[0]);
        let zero_deg = self.carrier().zero_bearing_deg(time_s);
        let tilt_deg = self.carrier().mount.boresight_elevation_deg;
        let gain = |beam: &Beam| {
            let covers =
                self.carrier().turned(&beam.coverage, time_s).spans(bearing_deg, elevation_deg);
            let pattern = BeamPattern::new(beam, zero_deg, tilt_deg);
            if covers { pattern.gain_towards(bearing_deg, elevation_deg) } else { 0.0 }
        };
        list.beams.iter().map(gain).fold(0.0, f64::max)
    }
}
