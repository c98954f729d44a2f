//! A radar that watches a scenario. Its frame `n` depends on nothing but its parameters and `n`.

use std::sync::Arc;

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
use crate::scene::motion::Path;
use crate::scene::platform::OWN_SHIP_INDEX;
use crate::scene::scenario::{MAX_IDENTITY_BYTES, MAX_TIME_S, Scenario, Target};
use crate::scene::told_way::{ToldState, told_way};
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

/// What is told of an own ship, or of another body, that is simulated elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct ToldShip<'a> {
    /// Where it was, in order of time.
    pub states: &'a [ToldState],
    /// What its transponder does, as [`crate::detection::transponder_mode`], and the identity with
    /// which it does that; none for what the scenario says.
    pub reply: Option<(u8, [u8; MAX_IDENTITY_BYTES])>,
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
    /// Shared: the same radar elsewhere copies none of its targets.
    scene: Arc<RadarScene>,
    carrier: Carrier,
    carrier_lanes: CarrierLanes,
}

/// The radar and all that it may see, wherever it is.
#[derive(Clone, Debug)]
struct RadarScene {
    sensor: Sensor,
    targets: Vec<Target>,
    /// Which of them its own vehicle is, and which the own ship.
    own_target: Option<usize>,
    own_ship_target: Option<usize>,
    echo_targets: EchoTargets,
    clutter: Vec<SeenClutter>,
    models: RadarModels,
    horizon_radius_m: Option<f64>,
    line_of_sight: LineOfSight,
    options: RunOptions,
    seed: u64,
    draws: Draws,
    surveillance: Option<Surveillance>,
}

impl RadarScene {
    /// The same radar among other targets: of the same number, and nothing else new about them than
    /// how they move and what they reply.
    fn with_targets(&self, targets: Vec<Target>) -> Self {
        let line_of_sight = LineOfSight::new(self.horizon_radius_m, &targets, self.own_target);
        let sees_all = line_of_sight.is_free();
        let (sensor, own) = (&self.sensor, self.own_target);
        Self {
            echo_targets: EchoTargets::new(&targets, sensor, &self.models, own, sees_all),
            surveillance: Surveillance::new(&targets, sensor, self.seed, own),
            line_of_sight,
            targets,
            ..self.clone()
        }
    }
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
        let scene = RadarScene {
            surveillance: Surveillance::new(targets, &sensor, seed, own),
            echo_targets: EchoTargets::new(targets, &sensor, &models, own, sees_all),
            clutter: SeenClutter::of_sources(&scenario.clutter, &sensor, &models, seed)?,
            models,
            horizon_radius_m: scenario.horizon_radius_m,
            line_of_sight,
            draws: Draws::new(seed, &sensor.id),
            seed,
            sensor,
            targets: scenario.targets.clone(),
            own_target: own,
            own_ship_target: scenario.platforms[OWN_SHIP_INDEX].target,
            options,
        };
        Ok(Self::carried(Arc::new(scene), carrier))
    }

    fn carried(scene: Arc<RadarScene>, carrier: Carrier) -> Self {
        Self { scene, carrier_lanes: CarrierLanes::new(&carrier), carrier }
    }

    /// The same radar where the own ship goes the way that `told` says, in the scenario's time: with
    /// that ship, or where it sees it go and reply. A frame of it depends on its number and on how
    /// the ship moves meanwhile.
    ///
    /// # Errors
    /// [`Error::Setting`] for a way that cannot be.
    pub fn with_own_ship(&self, told: &ToldShip<'_>) -> Result<Self> {
        if self.carrier.mount.platform == OWN_SHIP_INDEX {
            let platform = self.carrier.platform.on_told_way(told.states)?;
            return Ok(Self::carried(self.scene.clone(), Carrier { platform, ..self.carrier }));
        }
        let (path, _) = told_way(told.states)?;
        let Some(index) = self.scene.own_ship_target else { return Ok(self.clone()) };
        Ok(self.with_target(index, path, told))
    }

    /// The same radar where the target `index` goes the way that `told` says, in the scenario's
    /// time, and replies so. What else the scenario says of it stays, as when it is there.
    ///
    /// # Errors
    /// [`Error::Setting`] for a way that cannot be, and for an index that is no target's, or that of
    /// the vehicle which carries the radar: of that [`Radar::with_own_ship`] is told.
    pub fn with_told_target(&self, index: usize, told: &ToldShip<'_>) -> Result<Self> {
        let count = self.scene.targets.len();
        if index >= count || self.scene.own_target == Some(index) {
            return Err(Error::Setting {
                setting: "target".into(),
                value: index.to_string(),
                limit: format!("one of the {count} targets, and not the radar's own vehicle"),
                remedy: "count the targets from 0, in the scenario's order".into(),
            });
        }
        let (path, _) = told_way(told.states)?;
        Ok(self.with_target(index, path, told))
    }

    /// The same radar where that target goes so and replies as it is told.
    fn with_target(&self, index: usize, path: Path, told: &ToldShip<'_>) -> Self {
        let mut targets = self.scene.targets.clone();
        targets[index].path = path;
        if let Some((mode, id)) = told.reply {
            targets[index].transponder = targets[index].transponder.replying(mode, id);
        }
        Self { scene: Arc::new(self.scene.with_targets(targets)), ..self.clone() }
    }

    /// The radar's parameters.
    pub fn sensor(&self) -> &Sensor {
        &self.scene.sensor
    }

    /// The targets, in the scenario's order.
    pub fn targets(&self) -> &[Target] {
        &self.scene.targets
    }

    /// The radar on its vehicle.
    pub const fn carrier(&self) -> &Carrier {
        &self.carrier
    }

    /// Time in the scenario \[s\] at `time_ns` of the run's clock.
    pub fn scenario_time_s(&self, time_ns: i64) -> f64 {
        // Both fit, but their distance may not.
        let elapsed_ns = i128::from(time_ns) - i128::from(self.scene.options.start_time_ns);
        elapsed_ns as f64 * 1e-9
    }

    /// The same in nanoseconds.
    pub(super) fn elapsed_ns(&self, time_ns: i64) -> i64 {
        time_ns.saturating_sub(self.scene.options.start_time_ns)
    }

    pub(super) fn level(&self) -> SimdLevel {
        self.scene.options.level
    }

    pub(super) fn draws(&self) -> &Draws {
        &self.scene.draws
    }

    pub(super) fn echo_targets(&self) -> &EchoTargets {
        &self.scene.echo_targets
    }

    /// The clutter that it may see.
    pub fn clutter(&self) -> &[SeenClutter] {
        &self.scene.clutter
    }

    pub(super) fn surveillance(&self) -> Option<&Surveillance> {
        self.scene.surveillance.as_ref()
    }

    pub(super) fn models(&self) -> &RadarModels {
        &self.scene.models
    }

    pub(super) fn line_of_sight(&self) -> &LineOfSight {
        &self.scene.line_of_sight
    }

    pub(super) fn carrier_lanes(&self) -> &CarrierLanes {
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
        if let Some(bias) = &self.scene.sensor.registration_bias {
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
        let (detections, sources) = if let Some(surveillance) = &self.scene.surveillance {
            let plots = scratch.in_order(&self.scene.sensor, &[], time_ns);
            let scene = (&self.scene.sensor, &self.scene.targets[..]);
            surveillance.identify((header.number, time_ns), scene, &mut scratch.heard, plots)
        } else {
            scratch.in_order(&self.scene.sensor, &self.scene.targets, time_ns)
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
            sensor_id: self.scene.sensor.id,
            epoch: self.scene.options.epoch,
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
        let reported = self.scene.sensor.registration_bias.map_or(header, |bias| {
            bias.header(&header, bias.clock_ns(header.time_ns, self.elapsed_ns(header.time_ns)))
        });
        check_header(&reported)?;
        Ok(reported)
    }

    /// Time of frame `number`: when it ends.
    pub fn frame_time_ns(&self, number: u64) -> Result<i64> {
        let elapsed_ns = self.scene.sensor.scan.elapsed_ns(number);
        let time_ns = i64::try_from(i128::from(self.scene.options.start_time_ns) + elapsed_ns);
        let longest_ns = (MAX_TIME_S * 1e9) as i128;
        let last = longest_ns / i128::from(self.scene.sensor.period_ns);
        time_ns.ok().filter(|_| elapsed_ns <= longest_ns).ok_or_else(|| Error::Setting {
            setting: "number of the frame".into(),
            value: number.to_string(),
            limit: format!("at most {last}, and its time within 64 bits of nanoseconds"),
            remedy: "start a new run".into(),
        })
    }
}
