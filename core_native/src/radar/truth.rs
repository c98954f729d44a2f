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
use crate::scene::motion::{Path, State};
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

/// Neighbouring targets at one time, in lanes.
struct Met {
    path: PathLanes,
    body: StateLanes,
    seen: PolarLanes,
    is_hidden: [bool; LANES],
    /// Index of the first of them.
    first_index: i32,
}

impl Met {
    fn of(radar: &Radar, paths: &[&Path], first_index: i32, own: &State, time_s: f64) -> Self {
        let path = PathLanes::new(paths.iter().copied());
        let body = path.states_at(time_s);
        let sight = Sight {
            own_m: &own.position_m.map(|coordinate_m| [coordinate_m; LANES]),
            target_m: &body.position_m,
            index: &std::array::from_fn(|lane| first_index + lane as i32),
            time_s: &[time_s; LANES],
        };
        let is_hidden = radar.line_of_sight().is_hidden(&sight);
        Self { seen: PolarLanes::seen_from(own, &body), path, body, is_hidden, first_index }
    }
}

impl Radar {
    /// Every target at `time_ns` of the run's clock, in the scenario's order. Users' models are asked
    /// about those that are covered; the first bad answer is the error.
    pub fn truth(&self, time_ns: i64) -> Result<Vec<TargetTruth>> {
        let time_s = self.scenario_time_s(time_ns);
        let own = self.carrier().state_at(time_s);
        let coverage = self.carrier().turned(&self.sensor().coverage, time_s);
        let paths: Vec<&Path> =
            (0..self.targets().len()).map(|index| self.path_of(index)).collect();
        let mut truths = Vec::with_capacity(paths.len());
        // Lanes of one kind of path, so that each is computed as it is alone.
        let alike = paths.chunk_by(|a, b| a.kind() == b.kind());
        for paths in alike.flat_map(|paths| paths.chunks(LANES)) {
            let first = truths.len();
            let met = Met::of(self, paths, first as i32, &own, time_s);
            for (lane, target) in self.targets()[first..][..paths.len()].iter().enumerate() {
                truths.push(self.truth_of(target, &met, lane, &coverage, time_s)?);
            }
        }
        Ok(truths)
    }

    /// The path of a target; where the radar was told of its own vehicle, that goes as it was told.
    fn path_of(&self, index: usize) -> &Path {
        let platform = &self.carrier().platform;
        if platform.target == Some(index) { &platform.path } else { &self.targets()[index].path }
    }

    fn truth_of(
        &self,
        target: &Target,
        met: &Met,
        lane: usize,
        coverage: &Coverage,
        time_s: f64,
    ) -> Result<TargetTruth, ModelFault> {
        let Met { path, body, seen, .. } = met;
        let sensor = self.sensor();
        let is_own = self.carrier().platform.target == Some(met.first_index as usize + lane);
        let antenna_gain = self.best_gain(seen, lane, time_s);
        let is_present = target.present_from_s <= time_s && time_s < target.present_until_s;
        let is_hidden = !is_own && met.is_hidden[lane];
        let is_met = is_present && !is_own && !is_hidden && antenna_gain > 0.0;
        let is_searched = is_met
            && seen.is_within(coverage, sensor.true_range_rate_limit_m_s(), lane)
            && sensor.passes(seen.range_rate_m_s[lane]);
        let is_asked = is_met
            && seen.is_within(coverage, f64::INFINITY, lane)
            && seen.range_m[lane] <= sensor.sr_threshold_m;
        let mut detection_probability = 0.0;
        if is_searched {
            let heading_deg = path.heading_deg(lane, time_s, body.state(lane).velocity_m_s);
            let rcs_m2 = self.rcs_m2(target, (seen, lane), heading_deg, time_s)?;
            let gain = antenna_gain * sensor.doppler_gain(seen.range_rate_m_s[lane]);
            let snr = snr_at(gain * sensor.loop_gain * rcs_m2, seen.range_m[lane]);
            detection_probability = self.detection_probability(target, (seen, lane), snr)?;
        }
        Ok(TargetTruth {
            state: body.state(lane),
            range_m: seen.range_m[lane],
            bearing_deg: seen.bearing_deg[lane],
            elevation_deg: seen.elevation_deg[lane],
            range_rate_m_s: seen.range_rate_m_s[lane],
            detection_probability,
            reply_probability: if is_asked { self.reply_probability(target) } else { 0.0 },
            is_present,
            is_hidden,
        })
    }

    /// Mean cross section \[m²\] of what is seen in a lane, headed to `heading_deg`.
    fn rcs_m2(
        &self,
        target: &Target,
        (seen, lane): (&PolarLanes, usize),
        heading_deg: f64,
        time_s: f64,
    ) -> Result<f64, ModelFault> {
        let aspect = aspect(seen.bearing_deg[lane], seen.elevation_deg[lane], heading_deg);
        if let Some(model) = self.models().rcs(target) {
            return model.value([aspect[0], aspect[1], time_s]);
        }
        let table = target.rcs_by_aspect.as_ref();
        Ok(from_db(table.map_or(target.rcs_dbsm, |table| table.at(aspect))))
    }

    /// Probability that a look sees what is seen in a lane with the mean `snr`.
    fn detection_probability(
        &self,
        target: &Target,
        (seen, lane): (&PolarLanes, usize),
        snr: f64,
    ) -> Result<f64, ModelFault> {
        let Some(model) = self.models().detection_probability() else {
            return Ok(self.sensor().detector().detection_probability(snr, target.fluctuation));
        };
        model.value([asked_snr_db(snr), seen.range_m[lane], seen.range_rate_m_s[lane]])
    }

    /// Probability that the reply of a target which is asked is heard.
    fn reply_probability(&self, target: &Target) -> f64 {
        let heard = self.surveillance().map_or(1.0, |it| it.interrogator().reply_probability);
        if target.transponder.replies() { heard } else { 0.0 }
    }

    /// Largest two-way gain with which a look covers what is seen in a lane; zero where none does.
    fn best_gain(&self, seen: &PolarLanes, lane: usize, time_s: f64) -> f64 {
        let Scan::Steered(list) = &self.sensor().scan else {
            return 1.0;
        };
        let (bearing_deg, elevation_deg) = (seen.bearing_deg[lane], seen.elevation_deg[lane]);
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
