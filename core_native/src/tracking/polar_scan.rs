//! What a radar's frame does, whose detections are polar.

use crate::detection::Detection;
use crate::error::Result;
use crate::frame::FrameHeader;
use crate::searched_volume::SearchedVolume;
use crate::simd::{LANES, dispatch};
use crate::tracking::association::FREE;
use crate::tracking::gaussian::STATE;
use crate::tracking::measurement::{POLAR, PolarModel};
use crate::tracking::polar_birth::BeginStates;
use crate::tracking::sensor_config::SensorRules;
use crate::tracking::tracker::Tracker;
use crate::tracking::vertical::curvature_per_m;

/// How many detections ahead the description of the track that took one is fetched.
const DESCRIBED_AHEAD: usize = 16;

impl Tracker {
    /// Take in a corrected frame that is new and the newest.
    pub(super) fn step_new(
        &mut self,
        header: &FrameHeader,
        detections: &[Detection],
        sensor: &SensorRules,
    ) -> Result<()> {
        let (config, gates) = (&self.config, &self.rules.gates);
        self.measured.from_frame(header, detections, config, gates, sensor, self.level);
        let model = PolarModel {
            sensor_velocity_m_s: header.sensor_velocity_m_s,
            curvature_per_m: curvature_per_m(&self.config),
            counts: self.measured.told.channels,
            range_rate_interval_m_s: sensor.range_rate_interval_m_s,
        };
        self.associate::<POLAR, _>(model, sensor, header.time_ns, detections)?;
        let searched = SearchedVolume::new(&header.coverage);
        let covers = |mean: &[f64; STATE], known_ns: i64| {
            let dt_s = (header.time_ns - known_ns) as f64 * 1e-9;
            let from = &header.sensor_position_m;
            searched.contains([0, 1, 2].map(|axis| mean[axis] + mean[axis + 3] * dt_s - from[axis]))
        };
        self.begin_states(model, detections);
        self.commit::<POLAR, _>(model, sensor, header.time_ns, covers, |tracker, birth| {
            tracker.begun[birth / LANES].state(birth % LANES)
        })?;
        self.describe(detections);
        if self.measured.told.any_replies {
            self.refutation.weigh(detections, &mut self.table, &self.rules, header.time_ns);
        }
        Ok(())
    }

    /// Work out the states of the tracks that a frame begins.
    fn begin_states(&mut self, model: PolarModel, detections: &[Detection]) {
        let Self { measured, association, config, begun, .. } = self;
        let births = &association.births;
        if !births.is_empty() {
            dispatch(
                self.level,
                BeginStates { model, detections, measured, births, config, begun },
            );
        }
    }

    /// Note what the detections tell of the tracks that took them besides their places.
    fn describe(&mut self, detections: &[Detection]) {
        let Self { association, table, rules, .. } = self;
        for (at, (detection, &slot)) in detections.iter().zip(&association.taker).enumerate() {
            if let Some(&later) = association.taker.get(at + DESCRIBED_AHEAD) {
                table.prefetch_description(later);
            }
            if slot == FREE {
                continue;
            }
            let description = table.description_mut(slot);
            description.learn(detection);
            if let Some(types) = &rules.object_types {
                description.type_evidence.learn(detection, types.correlation_s());
            }
            rules.settle(&mut description.identity);
        }
    }
}
