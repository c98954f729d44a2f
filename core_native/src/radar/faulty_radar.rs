//! A radar with the faults that were asked for. Its frame `n` is as much a function of `n` alone as
//! that of the radar inside, which it is, to the byte, while no fault acts.

use std::sync::Arc;

use crate::detection::{Detection, present, range_band};
use crate::error::{Error, Result};
use crate::frame_limits::{MAX_DISTANCE_M, MAX_SPEED_M_S, check_header};
use crate::geometry::direction;
use crate::numeric::{max, min, wrap_360};
use crate::radar::band_split::banded;
use crate::radar::faults::{Fault, FaultKind, MAX_FAULTS};
use crate::radar::plot_record::Plots;
use crate::radar::simulator::{Radar, RunOptions, SimulatedFrame, ToldShip};
use crate::random::{Purpose, Stream, normal_pair, uniform};
use crate::scene::fault_document::FaultDocument;
use crate::scene::problems::{DocumentKind, Problems};
use crate::scene::reading::parsed;
use crate::scene::scenario::Scenario;
use crate::user_model::UserModel;

/// A radar and what goes wrong with it.
#[derive(Clone, Debug)]
pub struct FaultyRadar {
    /// Shared: the same radar with other faults copies none of its targets.
    radar: Arc<Radar>,
    faults: Vec<Fault>,
    noise_draws: Stream,
    delivery_draws: Stream,
}

/// How a frame reaches those who wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// How long after its time \[ns\].
    pub delay_ns: i64,
    /// How often.
    pub copies: u32,
}

impl FaultyRadar {
    /// The radar `sensor` (an index) of `scenario`, with its faults and the `models` that the
    /// scenario asks for.
    pub fn new(
        scenario: &Scenario,
        sensor: usize,
        options: RunOptions,
        models: &[UserModel],
    ) -> Result<Self> {
        let radar = Radar::with_models(scenario, sensor, options, models)?;
        let seed = options.seed.unwrap_or(scenario.seed);
        let draws = |purpose| Stream::new(seed, &radar.sensor().id, purpose);
        Ok(Self {
            faults: radar.sensor().faults.clone(),
            noise_draws: draws(Purpose::FaultNoise),
            delivery_draws: draws(Purpose::FaultDelivery),
            radar: Arc::new(radar),
        })
    }

    /// The radar without its faults.
    pub fn radar(&self) -> &Radar {
        &self.radar
    }

    /// The faults.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The same radar with one fault more, given as the scenario gives it, in JSON.
    pub fn with_fault(&self, fault_json: &str) -> Result<Self> {
        let document: FaultDocument = parsed(DocumentKind::Scenario, fault_json)?;
        let problems = Problems::default();
        let more = Fault::from_document(&problems.root(), &document);
        let mut faults = self.faults.clone();
        faults.push(problems.accept(more)?);
        if faults.len() > MAX_FAULTS {
            return Err(Error::Capacity {
                table: "faults of a radar",
                limit: MAX_FAULTS,
                wanted: faults.len(),
                remedy: "repair the radar first",
            });
        }
        Ok(Self { faults, ..self.clone() })
    }

    /// As [`Radar::with_own_ship`], with the same faults.
    ///
    /// # Errors
    /// Those of [`Radar::with_own_ship`].
    pub fn with_own_ship(&self, told: &ToldShip<'_>) -> Result<Self> {
        Ok(Self { radar: Arc::new(self.radar.with_own_ship(told)?), ..self.clone() })
    }

    /// As [`Radar::with_told_target`], with the same faults.
    ///
    /// # Errors
    /// Those of [`Radar::with_told_target`].
    pub fn with_told_target(&self, index: usize, told: &ToldShip<'_>) -> Result<Self> {
        Ok(Self { radar: Arc::new(self.radar.with_told_target(index, told)?), ..self.clone() })
    }

    /// The same radar with no fault, those of the scenario neither.
    pub fn repaired(&self) -> Self {
        Self { faults: Vec::new(), ..self.clone() }
    }

    /// Frame `number`, counted from 0; that of a radar that is off looked nowhere.
    pub fn frame(&self, number: u64) -> Result<SimulatedFrame> {
        self.frame_with(number, &mut Plots::default())
    }

    /// As [`FaultyRadar::frame`], in the memory of an earlier frame.
    pub fn frame_with(&self, number: u64, scratch: &mut Plots) -> Result<SimulatedFrame> {
        if self.acting(number).next().is_none() {
            return self.radar.frame_with(number, scratch);
        }
        let mut simulated = self.shown(number, scratch)?;
        for kind in self.acting(number) {
            match *kind {
                FaultKind::Noisy { factor } => self.disturb(&mut simulated, number, factor),
                FaultKind::Bias { .. } => {
                    simulated.frame.detections.iter_mut().for_each(|entry| shift(entry, kind));
                }
                FaultKind::ClockJump { jump_ns } => move_in_time(&mut simulated, jump_ns),
                _ => {}
            }
        }
        check_header(&simulated.frame.header)?;
        Ok(self.presented(simulated))
    }

    /// As [`Radar::clock_frame`], of a clock that may have jumped when frame `number` is due.
    pub fn clock_frame(&self, number: u64, time_ns: i64) -> Result<SimulatedFrame> {
        let mut simulated = self.radar.clock_frame(number, time_ns)?;
        for kind in self.acting(number) {
            if let FaultKind::ClockJump { jump_ns } = *kind {
                move_in_time(&mut simulated, jump_ns);
            }
        }
        check_header(&simulated.frame.header)?;
        Ok(simulated)
    }

    /// Whether it is off when frame `number` is due.
    pub fn is_off(&self, number: u64) -> bool {
        self.acting(number).any(|kind| *kind == FaultKind::Off)
    }

    /// Whether it repeats an earlier frame as frame `number`.
    pub fn is_stuck(&self, number: u64) -> bool {
        !self.is_off(number) && self.stuck_at(number).is_some()
    }

    /// How frame `number` arrives.
    pub fn delivery(&self, number: u64) -> Delivery {
        let mut delivery = Delivery { delay_ns: 0, copies: 1 };
        for (index, fault) in self.faults.iter().enumerate() {
            if !fault.acts_at(self.elapsed_ns(number)) {
                continue;
            }
            let word = self.delivery_draws.words(index as u64, number)[0];
            let chance = uniform(u64::from(word));
            match fault.kind {
                FaultKind::Late { probability, delay_ns } if chance < probability => {
                    delivery.delay_ns = delivery.delay_ns.saturating_add(delay_ns);
                }
                FaultKind::Duplicated { probability } if chance < probability => {
                    delivery.copies += 1;
                }
                FaultKind::Reordered { probability } if chance < probability => {
                    // Half way behind its successor, so that no later one is passed, too.
                    let [this, next, last] = [0, 1, 2].map(|n| self.elapsed_ns(number + n));
                    let behind_ns = (next + last) / 2 - this;
                    delivery.delay_ns = delivery.delay_ns.saturating_add(behind_ns as i64);
                }
                _ => {}
            }
        }
        delivery
    }

    fn elapsed_ns(&self, number: u64) -> i128 {
        self.radar.sensor().scan.elapsed_ns(number)
    }

    fn acting(&self, number: u64) -> impl Iterator<Item = &FaultKind> {
        let elapsed_ns = self.elapsed_ns(number);
        self.faults.iter().filter(move |fault| fault.acts_at(elapsed_ns)).map(|fault| &fault.kind)
    }

    /// What frame `number` shows: the scene, the frame before the radar stuck, or nothing.
    fn shown(&self, number: u64, scratch: &mut Plots) -> Result<SimulatedFrame> {
        // A frame without a look, which tells what the radar's own clock shows.
        let clock_frame = || self.radar.clock_frame(number, self.radar.frame_time_ns(number)?);
        if self.is_off(number) {
            return clock_frame();
        }
        let Some(stuck) = self.stuck_at(number) else {
            return self.radar.frame_with(number, scratch);
        };
        let mut repeated = self.radar.frame_with(stuck, scratch)?;
        let shown_ns = clock_frame()?.frame.header.time_ns;
        let behind_ns = shown_ns.saturating_sub(repeated.frame.header.time_ns);
        move_in_time(&mut repeated, behind_ns);
        repeated.frame.header.number = number;
        Ok(repeated)
    }

    /// The frame that a stuck radar repeats as `number`: the last before it stuck.
    fn stuck_at(&self, number: u64) -> Option<u64> {
        let elapsed_ns = self.elapsed_ns(number);
        let stuck = self
            .faults
            .iter()
            .filter(|fault| fault.kind == FaultKind::Stuck && fault.acts_at(elapsed_ns));
        let from_ns = i128::from(stuck.map(|fault| fault.from_ns).min()?);
        // Times grow with the number: cut the frames up to this one in halves.
        let (mut before, mut since) = (0, number);
        while before + 1 < since {
            let middle = before + (since - before) / 2;
            if self.elapsed_ns(middle) < from_ns {
                before = middle;
            } else {
                since = middle;
            }
        }
        Some(before)
    }

    /// Add to the noise of every target, and of clutter, what brings it to `factor` times what is reported: the
    /// variances of independent errors add, so that of the addition is (factor² - 1) times σ².
    fn disturb(&self, simulated: &mut SimulatedFrame, number: u64, factor: f64) {
        let scale = (factor * factor - 1.0).sqrt();
        for (detection, truth) in simulated.frame.detections.iter_mut().zip(&simulated.truth) {
            let entity = match usize::try_from(*truth) {
                Ok(index) => self.radar.targets()[index].entity,
                // A false alarm is anywhere already.
                Err(_) if self.radar.clutter().is_empty() => continue,
                Err(_) => place_key(detection),
            };
            let words = self.noise_draws.words(entity, number).map(|word| uniform(u64::from(word)));
            let [range, bearing] = normal_pair(words[0], words[1]);
            let [elevation, rate] = normal_pair(words[2], words[3]);
            detection.range_m += scale * f64::from(detection.range_std_m) * range;
            detection.bearing_deg += scale * f64::from(detection.bearing_std_deg) * bearing;
            // Absent ones are NaN and stay so.
            detection.elevation_deg += scale * f64::from(detection.elevation_std_deg) * elevation;
            detection.range_rate_m_s += scale * f64::from(detection.range_rate_std_m_s) * rate;
        }
    }

    /// The frame within its limits, with the bands that its ranges say, in the order of bearings.
    fn presented(&self, simulated: SimulatedFrame) -> SimulatedFrame {
        let sr_threshold_m = self.radar.sensor().sr_threshold_m;
        let SimulatedFrame { mut frame, truth } = simulated;
        let mut pairs: Vec<(Detection, i32)> = frame
            .detections
            .iter()
            .map(|detection| banded(&self.folded(within_limits(detection)), sr_threshold_m))
            .zip(truth)
            .collect();
        // Without an echo it was a reply alone, which the long range does not have.
        pairs.retain(|(plot, _)| plot.range_band == range_band::SHORT || plot.has(present::SNR));
        pairs.sort_by(|(a, _), (b, _)| a.bearing_deg.total_cmp(&b.bearing_deg));
        frame.detections.clear();
        frame.detections.extend(pairs.iter().map(|(detection, _)| *detection));
        SimulatedFrame { frame, truth: pairs.into_iter().map(|(_, truth)| truth).collect() }
    }
}

/// A number for the draws of a plot that no target made: its place, which no other has, so that the
/// draws depend on no other plot.
const fn place_key(detection: &Detection) -> u64 {
    detection.range_m.to_bits().rotate_left(32) ^ detection.bearing_deg.to_bits()
}

impl FaultyRadar {
    /// The detection with a range rate that the radar's pulses can tell.
    fn folded(&self, mut detection: Detection) -> Detection {
        if let Some(waveform) = self.radar.sensor().folding()
            && detection.has(present::RANGE_RATE)
        {
            detection.range_rate_m_s = waveform.folded(detection.range_rate_m_s);
        }
        detection
    }
}

/// Shift what was measured by a bias.
fn shift(detection: &mut Detection, kind: &FaultKind) {
    if let FaultKind::Bias { range_m, bearing_deg, elevation_deg, range_rate_m_s } = *kind {
        detection.range_m += range_m;
        detection.bearing_deg += bearing_deg;
        detection.elevation_deg += elevation_deg;
        detection.range_rate_m_s += range_rate_m_s;
    }
}

fn move_in_time(simulated: &mut SimulatedFrame, shift_ns: i64) {
    let header = &mut simulated.frame.header;
    header.time_ns = header.time_ns.saturating_add(shift_ns);
    for detection in &mut simulated.frame.detections {
        detection.time_ns = detection.time_ns.saturating_add(shift_ns);
    }
}

/// The detection as a receiver may report it: an angle past the zenith comes down on the other side,
/// and nothing goes beyond what a frame holds.
fn within_limits(detection: &Detection) -> Detection {
    let mut copy = *detection;
    copy.range_m = max(min(copy.range_m, MAX_DISTANCE_M), 0.0);
    if copy.has(present::ELEVATION) {
        [copy.bearing_deg, copy.elevation_deg] = direction(copy.bearing_deg, copy.elevation_deg);
    } else {
        copy.bearing_deg = wrap_360(copy.bearing_deg);
    }
    if copy.has(present::RANGE_RATE) {
        copy.range_rate_m_s = max(min(copy.range_rate_m_s, MAX_SPEED_M_S), -MAX_SPEED_M_S);
    }
    copy
}
