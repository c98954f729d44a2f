//! A radar that watches a scenario. Its frame `n` depends on nothing but its parameters and `n`.

use crate::detection::{Detection, range_band};
use crate::error::{Error, Result};
use crate::frame::{Coverage, Frame, FrameHeader};
use crate::frame_limits::{check_header, check_time};
use crate::radar::band_split::check_threshold;
use crate::radar::clutter::SeenClutter;
use crate::radar::echo_power::EchoDraws;
use crate::radar::echo_targets::EchoTargets;
use crate::radar::line_of_sight::LineOfSight;
use crate::radar::mount::{Carrier, CarrierLanes};
use crate::radar::plot_record::Plots;
use crate::radar::radar_models::RadarModels;
use crate::radar::sensor::Sensor;
use crate::radar::transponder::surveillance::Surveillance;
use crate::random::{Purpose, Stream};
use crate::scene::scenario::{MAX_TIME_S, Scenario, Target};
use crate::simd::SimdLevel;
use crate::user_model::UserModel;

/// What one run of a radar is given besides its scenario.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// Seed of the draws; the scenario's when none is given.
    pub seed: Option<u64>,
    /// Epoch written into the frames. Not a part of the draws: two runs see the same.
    pub epoch: u64,
    /// Time of frame 0 \[ns\].
    pub start_time_ns: i64,
    /// Range up to which transponders are interrogated \[m\]; the scenario's when none is given.
    pub sr_threshold_m: Option<f64>,
    /// Instruction set of the kernels; the frames do not depend on it.
    pub level: SimdLevel,
}

/// A frame and what is behind its detections.
#[derive(Clone, Debug, PartialEq)]
pub struct SimulatedFrame {
    /// The frame, not split into bands; each detection has its band.
    pub frame: Frame,
    /// Index in the scenario of the target behind each detection, -1 for a false alarm or clutter.
    pub truth: Vec<i32>,
}

/// A radar in its scenario.
#[derive(Clone, Debug)]
pub struct Radar {
    sensor: Sensor,
    carrier: Carrier,
    carrier_lanes: CarrierLanes,
    targets: Vec<Target>,
    echo_targets: EchoTargets,
    clutter: Vec<SeenClutter>,
    models: RadarModels,
    line_of_sight: LineOfSight,
    options: RunOptions,
    draws: Draws,
    surveillance: Option<Surveillance>,
}

/// The streams of one radar.
#[derive(Clone, Debug)]
pub(super) struct Draws {
    pub(super) echo: EchoDraws,
    pub(super) noise: Stream,
    pub(super) bias: Stream,
    pub(super) false_alarm_count: Stream,
    pub(super) false_alarm_place: Stream,
    pub(super) false_alarm_power: Stream,
    pub(super) false_alarm_look: Stream,
}

impl Draws {
    fn new(seed: u64, sensor_id: &[u8; 16]) -> Self {
        let stream = |purpose| Stream::new(seed, sensor_id, purpose);
        Self {
            echo: EchoDraws::new(seed, sensor_id),
            noise: stream(Purpose::Noise),
            bias: stream(Purpose::MeasurementBias),
            false_alarm_count: stream(Purpose::FalseAlarmCount),
            false_alarm_place: stream(Purpose::FalseAlarmPlace),
            false_alarm_power: stream(Purpose::FalseAlarmPower),
            false_alarm_look: stream(Purpose::FalseAlarmLook),
        }
    }
}

impl Radar {
    /// The radar `sensor` (an index) of `scenario`, which asks for no user's model.
    pub fn new(scenario: &Scenario, sensor: usize, options: RunOptions) -> Result<Self> {
        Self::with_models(scenario, sensor, options, &[])
    }

    /// As [`Radar::new`], with the `models` that the scenario asks for: those and no others.
    pub fn with_models(
        scenario: &Scenario,
        sensor: usize,
        options: RunOptions,
        models: &[UserModel],
    ) -> Result<Self> {
        options.level.checked()?;
        let sensor = scenario.sensors.get(sensor).ok_or_else(|| Error::Setting {
            setting: "sensor".into(),
            value: sensor.to_string(),
            limit: format!("0 to {}", scenario.sensors.len() - 1),
            remedy: format!("choose one of the sensors of scenario {:?}", scenario.name),
        })?;
        let mut sensor = sensor.clone();
        if let Some(sr_threshold_m) = options.sr_threshold_m {
            check_threshold(sr_threshold_m)?;
            sensor.sr_threshold_m = sr_threshold_m;
        }
        let platform = scenario.platforms[sensor.mount.platform].clone();
        let carrier = Carrier { platform, mount: sensor.mount };
        let seed = options.seed.unwrap_or(scenario.seed);
        let models = RadarModels::new(scenario, &sensor, models)?;
        let (targets, own) = (&scenario.targets, carrier.platform.target);
        let line_of_sight = LineOfSight::new(scenario.horizon_radius_m, targets, own);
        let sees_all = line_of_sight.is_free();
        Ok(Self {
            surveillance: Surveillance::new(targets, &sensor, seed, own),
            echo_targets: EchoTargets::new(targets, &sensor, &models, own, sees_all),
            clutter: SeenClutter::of_sources(&scenario.clutter, &sensor, &models, seed)?,
            models,
            line_of_sight,
            draws: Draws::new(seed, &sensor.id),
            carrier_lanes: CarrierLanes::new(&carrier),
            carrier,
            sensor,
            targets: scenario.targets.clone(),
            options,
        })
    }

    /// The radar's parameters.
    pub const fn sensor(&self) -> &Sensor {
        &self.sensor
    }

    /// The targets, in the scenario's order.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// The radar on its vehicle.
    pub const fn carrier(&self) -> &Carrier {
        &self.carrier
    }

    /// Time in the scenario \[s\] at `time_ns` of the run's clock.
    pub fn scenario_time_s(&self, time_ns: i64) -> f64 {
        // Both fit, but their distance may not.
        let elapsed_ns = i128::from(time_ns) - i128::from(self.options.start_time_ns);
        elapsed_ns as f64 * 1e-9
    }

    /// The same in nanoseconds.
    pub(super) const fn elapsed_ns(&self, time_ns: i64) -> i64 {
        time_ns.saturating_sub(self.options.start_time_ns)
    }

    pub(super) const fn level(&self) -> SimdLevel {
        self.options.level
    }

    pub(super) const fn draws(&self) -> &Draws {
        &self.draws
    }

    pub(super) const fn echo_targets(&self) -> &EchoTargets {
        &self.echo_targets
    }

    /// The clutter that it may see.
    pub fn clutter(&self) -> &[SeenClutter] {
        &self.clutter
    }

    pub(super) const fn surveillance(&self) -> Option<&Surveillance> {
        self.surveillance.as_ref()
    }

    pub(super) const fn models(&self) -> &RadarModels {
        &self.models
    }

    pub(super) const fn line_of_sight(&self) -> &LineOfSight {
        &self.line_of_sight
    }

    pub(super) const fn carrier_lanes(&self) -> &CarrierLanes {
        &self.carrier_lanes
    }

    /// Frame `number`, counted from 0.
    pub fn frame(&self, number: u64) -> Result<SimulatedFrame> {
        self.frame_with(number, &mut Plots::default())
    }

    /// As [`Radar::frame`], in the memory of an earlier frame; what `scratch` holds has no effect.
    pub fn frame_with(&self, number: u64, scratch: &mut Plots) -> Result<SimulatedFrame> {
        let time_ns = self.frame_time_ns(number)?;
        // What the frame looks at may begin before it: that time must exist, too.
        check_time("time_ns", time_ns)?;
        let header = self.header(number, time_ns, self.coverage_of(number, time_ns));
        scratch.clear();
        let gathered = self.gather(&header, scratch);
        // What was noted came before what ended the gathering.
        scratch.check_models()?;
        gathered?;
        if let Some(bias) = &self.sensor.registration_bias {
            scratch.shift(bias);
            scratch.set_clock(|time_ns| bias.clock_ns(time_ns, self.elapsed_ns(time_ns)));
        }
        let header = self.reported(header)?;
        let (detections, truth) = self.plots(&header, scratch);
        Ok(SimulatedFrame { frame: Frame { header, detections }, truth })
    }

    /// The gathered plots with what is replied, and the target behind each.
    fn plots(&self, header: &FrameHeader, scratch: &mut Plots) -> (Vec<Detection>, Vec<i32>) {
        let time_ns = header.time_ns;
        let (detections, sources) = if let Some(surveillance) = &self.surveillance {
            let plots = scratch.in_order(&self.sensor, &[], time_ns);
            let scene = (&self.sensor, &self.targets[..]);
            surveillance.identify((header.number, time_ns), scene, &mut scratch.heard, plots)
        } else {
            scratch.in_order(&self.sensor, &self.targets, time_ns)
        };
        (detections, sources.iter().map(|source| source.truth).collect())
    }

    /// The clock frame that goes out as `number` at `time_ns`, while the radar is silent: it looked
    /// nowhere, so it holds no detection and no track was missed by it.
    pub fn clock_frame(&self, number: u64, time_ns: i64) -> Result<SimulatedFrame> {
        let header = self.reported(self.header(number, time_ns, Coverage::EMPTY))?;
        Ok(SimulatedFrame { frame: Frame::new(header), truth: Vec::new() })
    }

    fn header(&self, number: u64, time_ns: i64, coverage: Coverage) -> FrameHeader {
        let own = self.carrier.state_at(self.scenario_time_s(time_ns));
        FrameHeader {
            sensor_id: self.sensor.id,
            epoch: self.options.epoch,
            number,
            time_ns,
            range_band: range_band::UNSPECIFIED,
            coverage,
            sensor_position_m: own.position_m,
            sensor_velocity_m_s: own.velocity_m_s,
        }
    }

    /// The header as the radar reports it.
    fn reported(&self, header: FrameHeader) -> Result<FrameHeader> {
        let reported = self.sensor.registration_bias.map_or(header, |bias| {
            bias.header(&header, bias.clock_ns(header.time_ns, self.elapsed_ns(header.time_ns)))
        });
        check_header(&reported)?;
        Ok(reported)
    }

    /// Time of frame `number`: when it ends.
    pub fn frame_time_ns(&self, number: u64) -> Result<i64> {
        let elapsed_ns = self.sensor.scan.elapsed_ns(number);
        let time_ns = i64::try_from(i128::from(self.options.start_time_ns) + elapsed_ns);
        let longest_ns = (MAX_TIME_S * 1e9) as i128;
        let last = longest_ns / i128::from(self.sensor.period_ns);
        time_ns.ok().filter(|_| elapsed_ns <= longest_ns).ok_or_else(|| Error::Setting {
            setting: "number of the frame".into(),
            value: number.to_string(),
            limit: format!("at most {last}, and its time within 64 bits of nanoseconds"),
            remedy: "start a new run".into(),
        })
    }
}
