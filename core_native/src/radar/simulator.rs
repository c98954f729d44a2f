//! A radar that watches a scenario. Its frame `n` depends on nothing but its parameters and `n`.

use crate::detection::range_band;
use crate::error::{Error, Result};
use crate::frame::{Coverage, Frame, FrameHeader};
use crate::frame_limits::check_header;
use crate::radar::band_split::check_threshold;
use crate::radar::echo_power::EchoDraws;
use crate::radar::echoes::{EchoKernel, EchoTargets};
use crate::radar::false_alarms::FalseAlarmKernel;
use crate::radar::plot_record::Plots;
use crate::radar::sensor::Sensor;
use crate::random::poisson::poisson;
use crate::random::{Purpose, Stream};
use crate::scene::motion::Path;
use crate::scene::scenario::{MAX_TIME_S, Scenario, Target};
use crate::simd::{SimdLevel, dispatch};

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
    /// Index in the scenario of the target behind each detection, -1 for a false alarm.
    pub truth: Vec<i32>,
}

/// A radar in its scenario.
#[derive(Clone, Debug)]
pub struct Radar {
    sensor: Sensor,
    own_ship: Path,
    targets: Vec<Target>,
    echo_targets: EchoTargets,
    options: RunOptions,
    draws: Draws,
}

/// The streams of one radar.
#[derive(Clone, Debug)]
struct Draws {
    echo: EchoDraws,
    noise: Stream,
    false_alarm_count: Stream,
    false_alarm_place: Stream,
    false_alarm_power: Stream,
}

impl Draws {
    fn new(seed: u64, sensor_id: &[u8; 16]) -> Self {
        let stream = |purpose| Stream::new(seed, sensor_id, purpose);
        Self {
            echo: EchoDraws::new(seed, sensor_id),
            noise: stream(Purpose::Noise),
            false_alarm_count: stream(Purpose::FalseAlarmCount),
            false_alarm_place: stream(Purpose::FalseAlarmPlace),
            false_alarm_power: stream(Purpose::FalseAlarmPower),
        }
    }
}

impl Radar {
    /// The radar `sensor` (an index) of `scenario`.
    pub fn new(scenario: &Scenario, sensor: usize, options: RunOptions) -> Result<Self> {
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
        Ok(Self {
            echo_targets: EchoTargets::new(&scenario.targets, &sensor),
            draws: Draws::new(options.seed.unwrap_or(scenario.seed), &sensor.id),
            sensor,
            own_ship: scenario.own_ship.clone(),
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

    /// How the own ship moves.
    pub const fn own_ship(&self) -> &Path {
        &self.own_ship
    }

    /// Time in the scenario \[s\] at `time_ns` of the run's clock.
    pub fn scenario_time_s(&self, time_ns: i64) -> f64 {
        // Both fit, but their distance may not.
        let elapsed_ns = i128::from(time_ns) - i128::from(self.options.start_time_ns);
        elapsed_ns as f64 * 1e-9
    }

    /// Frame `number`, counted from 0.
    pub fn frame(&self, number: u64) -> Result<SimulatedFrame> {
        self.frame_with(number, &mut Plots::default())
    }

    /// As [`Radar::frame`], in the memory of an earlier frame; what `scratch` holds has no effect.
    pub fn frame_with(&self, number: u64, scratch: &mut Plots) -> Result<SimulatedFrame> {
        let time_ns = self.frame_time_ns(number)?;
        let header = self.header(number, time_ns, self.sensor.coverage)?;
        scratch.clear();
        self.gather(&header, self.scenario_time_s(time_ns), scratch);
        let (detections, truth) = scratch.in_order(&self.sensor, &self.targets, time_ns);
        Ok(SimulatedFrame { frame: Frame { header, detections }, truth })
    }

    /// The clock frame that goes out as `number` at `time_ns`, while the radar is silent: it looked
    /// nowhere, so it holds no detection and no track was missed by it.
    pub fn clock_frame(&self, number: u64, time_ns: i64) -> Result<SimulatedFrame> {
        let header = self.header(number, time_ns, Coverage::EMPTY)?;
        Ok(SimulatedFrame { frame: Frame::new(header), truth: Vec::new() })
    }

    fn header(&self, number: u64, time_ns: i64, coverage: Coverage) -> Result<FrameHeader> {
        let own_ship = self.own_ship.state_at(self.scenario_time_s(time_ns));
        let header = FrameHeader {
            sensor_id: self.sensor.id,
            epoch: self.options.epoch,
            number,
            time_ns,
            range_band: range_band::UNSPECIFIED,
            coverage,
            sensor_position_m: own_ship.position_m,
            sensor_velocity_m_s: own_ship.velocity_m_s,
        };
        check_header(&header)?;
        Ok(header)
    }

    fn gather(&self, header: &FrameHeader, time_s: f64, plots: &mut Plots) {
        let Self { sensor, draws, .. } = self;
        let frame = header.number;
        let mean = sensor.false_alarms_per_frame;
        let count = poisson(&draws.false_alarm_count, frame, mean) as usize;
        let echoes = EchoKernel {
            sensor,
            targets: &self.echo_targets,
            own_ship: self.own_ship.state_at(time_s),
            time_s,
            frame,
            power_draws: &draws.echo,
            noise_draws: &draws.noise,
            plots: &mut *plots,
        };
        dispatch(self.options.level, echoes);
        let false_alarms = FalseAlarmKernel {
            sensor,
            count,
            frame,
            place_draws: &draws.false_alarm_place,
            power_draws: &draws.false_alarm_power,
            plots,
        };
        dispatch(self.options.level, false_alarms);
    }

    fn frame_time_ns(&self, number: u64) -> Result<i64> {
        let period_ns = i128::from(self.sensor.period_ns);
        let elapsed_ns = i128::from(number) * period_ns;
        let time_ns = i64::try_from(i128::from(self.options.start_time_ns) + elapsed_ns);
        let last = (MAX_TIME_S * 1e9) as i128 / period_ns;
        time_ns.ok().filter(|_| i128::from(number) <= last).ok_or_else(|| Error::Setting {
            setting: "number of the frame".into(),
            value: number.to_string(),
            limit: format!("at most {last}, and its time within 64 bits of nanoseconds"),
            remedy: "start a new run".into(),
        })
    }
}
