//! Where the targets really are, for scoring.

use crate::error::Result;
use crate::frame::Coverage;
use crate::radar::beam_list::Beam;
use crate::radar::draw_candidates::asked_snr_db;
use crate::radar::equation::{from_db, snr_at};
use crate::radar::line_of_sight::Sight;
use crate::radar::look::BeamPattern;
use crate::radar::plot_lanes::PolarLanes;
use crate::radar::rcs_table::aspect;
use crate::radar::scan::Scan;
use crate::radar::simulator::Radar;
use crate::scene::motion::State;
use crate::scene::motion_lanes::{PathLanes, StateLanes};
use crate::scene::scenario::Target;
use crate::simd::LANES;
use crate::user_model::ModelFault;

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
    /// Probability that the echo of one look at it at this time is detected, of a steered antenna
    /// the one with the beam that is strongest there. Zero outside all that the radar covers, where
    /// it is hidden, before and after its presence, and for the radar's own vehicle. That of the
    /// target alone, also where the radar merges it with others.
    pub detection_probability: f64,
    /// Probability that its transponder's reply is heard in one look at it at this time. Zero
    /// where none replies, beyond the range of interrogation, outside all that is covered and where it is hidden.
    pub reply_probability: f64,
    /// Whether it is there.
    pub is_present: bool,
    /// Whether the horizon or another body hides it.
    pub is_hidden: bool,
}

impl Radar {
    /// Every target at `time_ns` of the run's clock, in the scenario's order. Users' models are asked
    /// about those that are covered; the first bad answer is the error.
    pub fn truth(&self, time_ns: i64) -> Result<Vec<TargetTruth>> {
        let time_s = self.scenario_time_s(time_ns);
        let own = self.carrier().state_at(time_s);
        let coverage = self.carrier().turned(&self.sensor().coverage, time_s);
        let own_target = self.carrier().platform.target;
        let truth_of = |(index, target)| {
            let is_own = own_target.is_some_and(|own| own as i32 == index);
            Ok(self.truth_of(index, target, is_own, &own, &coverage, time_s)?)
        };
        (0..).zip(self.targets()).map(truth_of).collect()
    }

    fn truth_of(
        &self,
        index: i32,
        target: &Target,
        is_own: bool,
        own: &State,
        coverage: &Coverage,
        time_s: f64,
    ) -> Result<TargetTruth, ModelFault> {
        // Where it was told of its vehicle, that goes another way than in the scenario.
        let own_path = Some(&self.carrier().platform.path).filter(|_| is_own);
        let path = PathLanes::new([own_path.unwrap_or(&target.path)]);
        let body = path.states_at(time_s);
        let seen = PolarLanes::seen_from(own, &body);
        let sensor = self.sensor();
        let antenna_gain = self.best_gain(&seen, time_s);
        let is_present = target.present_from_s <= time_s && time_s < target.present_until_s;
        let is_hidden = !is_own && self.is_hidden(index, own, &body, time_s);
        let is_met = is_present && !is_own && !is_hidden && antenna_gain > 0.0;
        let is_searched = is_met
            && seen.is_within(coverage, sensor.true_range_rate_limit_m_s(), 0)
            && sensor.passes(seen.range_rate_m_s[0]);
        let is_asked = is_met
            && seen.is_within(coverage, f64::INFINITY, 0)
            && seen.range_m[0] <= sensor.sr_threshold_m;
        let mut detection_probability = 0.0;
        if is_searched {
            let heading_deg = path.heading_deg(0, time_s, body.state(0).velocity_m_s);
            let rcs_m2 = self.rcs_m2(target, &seen, heading_deg, time_s)?;
            let gain = antenna_gain * sensor.doppler_gain(seen.range_rate_m_s[0]);
            let snr = snr_at(gain * sensor.loop_gain * rcs_m2, seen.range_m[0]);
            detection_probability = self.detection_probability(target, &seen, snr)?;
        }
        Ok(TargetTruth {
            state: body.state(0),
            range_m: seen.range_m[0],
            bearing_deg: seen.bearing_deg[0],
            elevation_deg: seen.elevation_deg[0],
            range_rate_m_s: seen.range_rate_m_s[0],
            detection_probability,
            reply_probability: if is_asked { self.reply_probability(target) } else { 0.0 },
            is_present,
            is_hidden,
        })
    }

    /// Mean cross section \[m²\] of the first of `seen`, headed to `heading_deg`.
    fn rcs_m2(
        &self,
        target: &Target,
        seen: &PolarLanes,
        heading_deg: f64,
        time_s: f64,
    ) -> Result<f64, ModelFault> {
        let aspect = aspect(seen.bearing_deg[0], seen.elevation_deg[0], heading_deg);
        if let Some(model) = self.models().rcs(target) {
            return model.value([aspect[0], aspect[1], time_s]);
        }
        let table = target.rcs_by_aspect.as_ref();
        Ok(from_db(table.map_or(target.rcs_dbsm, |table| table.at(aspect))))
    }

    /// Probability that a look sees the first of `seen` with the mean `snr`.
    fn detection_probability(
        &self,
        target: &Target,
        seen: &PolarLanes,
        snr: f64,
    ) -> Result<f64, ModelFault> {
        let Some(model) = self.models().detection_probability() else {
            return Ok(self.sensor().detector().detection_probability(snr, target.fluctuation));
        };
        model.value([asked_snr_db(snr), seen.range_m[0], seen.range_rate_m_s[0]])
    }

    /// Probability that the reply of a target which is asked is heard.
    fn reply_probability(&self, target: &Target) -> f64 {
        let heard = self.surveillance().map_or(1.0, |it| it.interrogator().reply_probability);
        if target.transponder.replies() { heard } else { 0.0 }
    }

    /// Whether the target of this index is hidden; `body` has it in its first lane.
    fn is_hidden(&self, index: i32, own: &State, body: &StateLanes, time_s: f64) -> bool {
        let own_m = own.position_m.map(|coordinate_m| [coordinate_m; LANES]);
        let sight = Sight {
            own_m: &own_m,
            target_m: &body.position_m,
            index: &[index; LANES],
            time_s: &[time_s; LANES],
        };
        self.line_of_sight().is_hidden(&sight)[0]
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
