//! The registration of one sensor, frame by frame.

use crate::detection::Detection;
use crate::error::Result;
use crate::frame::{FrameHeader, parse_uuid};
use crate::tracking::chi_squared::GateTable;
use crate::tracking::config::TrackerConfig;
use crate::tracking::measurement::POLAR;
use crate::tracking::polar_birth;
use crate::tracking::record::{TrackRecord, event};
use crate::tracking::registration::bias_information::{BIASES, BiasInformation, PerBias};
use crate::tracking::registration::first_alignment::{FirstAlignment, in_units, moved};
use crate::tracking::registration::frame_checks::{self, FrameName, is_confirmed_by_detection};
use crate::tracking::registration::gates::Gates;
use crate::tracking::registration::lock::Lock;
use crate::tracking::registration::offset_vote::OffsetVote;
use crate::tracking::registration::pairing::{Pairing, check_pairs};
use crate::tracking::registration::plots::{Plots, ReportedFrame};
use crate::tracking::registration::separate_bias::Target;
use crate::tracking::registration::settings::{RegistrationSettings, bias_of, numbers_of};
use crate::tracking::registration::target_table::TargetTable;
use crate::tracking::registration::velocity_spread::VelocitySpread;
use crate::tracking::sensor_bias::SensorBias;
use crate::tracking::sensor_config::{SensorConfig, SensorRules, Sensors};

/// A target is not predicted further than this \[s\], whatever a tracker may do.
const MAX_COAST_S: f64 = 600.0;

/// Velocities are as good as unknown when a target begins, whatever a tracker assumes: by as many times
/// its standard deviation. Targets on one heading would else all seem slower than they are at first.
const UNKNOWN_SPEEDS: f64 = 10.0;

/// What a sensor reports too much, as far as the frames tell that were added.
pub struct Registration {
    pub(super) settings: RegistrationSettings,
    /// UUID of the sensor.
    sensor_id: [u8; 16],
    sensors: Sensors,
    own_rules: SensorRules,
    /// The tracker's settings, but for the velocities that targets begin with.
    config: TrackerConfig,
    gate_table: GateTable,
    prior: PerBias,
    pub(super) state: State,
    plots: Plots,
    pairing: Pairing,
}

/// What a snapshot keeps.
#[derive(Debug)]
pub struct State {
    /// Votes, while the offset is sought.
    pub votes: OffsetVote,
    /// What holds the offset since it was found, or while none is sought.
    pub lock: Option<Lock>,
    /// The estimate, which all is linearised at.
    pub bias: PerBias,
    /// What is known of it.
    pub information: BiasInformation,
    /// Velocities of the targets in all pairs.
    pub spread: VelocitySpread,
    /// Targets that the reference sensors follow.
    pub targets: TargetTable,
    /// Newest time of the sensor's frames, and of the reference sensors' \[ns\].
    pub newest_ns: [Option<i64>; 2],
    /// The reference sensors' frames of their newest time.
    pub newest_names: Vec<FrameName>,
    /// Pairs used.
    pub pair_count: u64,
}

impl Registration {
    /// Begin one.
    ///
    /// # Errors
    /// [`Error::Setting`] for a setting outside its limits.
    pub fn new(settings: RegistrationSettings) -> Result<Self> {
        let settings = settings.checked()?;
        let sensor_id = parse_uuid("registration.sensor_id", &settings.sensor_id)?;
        let sensors = Sensors::new(&settings.tracker)?;
        let named = own_config(&settings);
        let own_rules =
            SensorRules::of(named.unwrap_or(&SensorConfig::default()), &settings.tracker);
        let prior = named.map_or([0.0; BIASES], |sensor| numbers_of(&sensor.bias()));
        let state = State {
            votes: OffsetVote::new(settings.search_m),
            lock: (settings.search_m == 0.0).then(|| Lock::new(0.0)),
            bias: prior,
            information: BiasInformation::prior(&[0.0; BIASES]),
            spread: VelocitySpread::default(),
            targets: TargetTable::default(),
            newest_ns: [None; 2],
            newest_names: Vec::new(),
            pair_count: 0,
        };
        let gate_table = GateTable::new(settings.tracker.gate_probability);
        let mut config = settings.tracker.clone();
        config.initial_speed_std_m_s *= UNKNOWN_SPEEDS;
        config.initial_vertical_speed_std_m_s *= UNKNOWN_SPEEDS;
        Ok(Self {
            config,
            settings,
            sensor_id,
            sensors,
            own_rules,
            gate_table,
            prior,
            state,
            plots: Plots::default(),
            pairing: Pairing::default(),
        })
    }

    /// The settings.
    pub const fn settings(&self) -> &RegistrationSettings {
        &self.settings
    }

    /// What the sensor reports too much.
    pub const fn bias(&self) -> SensorBias {
        bias_of(&self.state.bias)
    }

    /// Covariance of the biases, in the order of [`PerBias`] and in their units.
    pub fn covariance(&self) -> [PerBias; BIASES] {
        let (units, (_, covariance)) = (self.settings.units(), self.state.information.solve());
        std::array::from_fn(|i| std::array::from_fn(|j| covariance[i][j] * units[i] * units[j]))
    }

    /// Whether detections are paired by gates: the offset was found and still holds, or none is sought.
    pub const fn is_aligned(&self) -> bool {
        self.state.lock.is_some()
    }

    /// Pairs of a target and a detection used so far.
    pub const fn pair_count(&self) -> u64 {
        self.state.pair_count
    }

    /// Targets that reference sensors follow.
    pub const fn target_count(&self) -> usize {
        self.state.targets.0.len()
    }

    /// What a tracker should be told of the sensor: what it was told, with the biases found.
    pub fn config(&self) -> SensorConfig {
        let mut config = own_config(&self.settings).cloned().unwrap_or_default();
        config.sensor_id.clone_from(&self.settings.sensor_id);
        config.set_bias(&self.bias());
        config
    }

    /// Take in a frame of a reference sensor and what its tracker made of it: the targets.
    ///
    /// # Errors
    /// [`Error::Frame`] for a frame of the sensor itself, one that no tracker would take, or one that was
    /// taken before; [`Error::Late`] for one before a reference sensor's last; [`Error::Tracks`] for tracks of another
    /// frame; [`Error::Capacity`] for more targets or detections than the tracker may have. Nothing has
    /// then changed.
    pub fn add_reference(
        &mut self,
        header: &FrameHeader,
        detections: &[Detection],
        tracks: &[TrackRecord],
    ) -> Result<()> {
        let config = &self.config;
        frame_checks::reference(header, detections, tracks, config, &self.sensor_id)?;
        let rules = self.sensors.rules(&header.sensor_id)?;
        let [_, newest_ns] = self.state.newest_ns;
        frame_checks::order(header, newest_ns.unwrap_or(i64::MIN))?;
        let is_later = newest_ns.is_none_or(|newest_ns| header.time_ns > newest_ns);
        frame_checks::is_new(header, if is_later { &[] } else { &self.state.newest_names })?;
        frame_checks::new_targets(&self.state.targets, tracks, config.max_tracks)?;
        let gates = self.gates();
        let gate_table = &self.gate_table;
        let reported = ReportedFrame { header, detections, config, gate_table, rules };
        self.plots.take(&reported, &rules.bias);
        self.state.see(tracks, &self.plots, &gates, config);
        self.state.targets.remove_unseen(header.time_ns - gates.coast_ns);
        self.state.newest_ns[1] = Some(header.time_ns);
        if is_later {
            self.state.newest_names.clear();
        }
        self.state.newest_names.push(frame_checks::name(header));
        self.state.relinearise(&gates.units);
        Ok(())
    }

    /// Take in a frame of the sensor to be aligned, and return how many of its detections tell of the
    /// biases.
    ///
    /// # Errors
    /// [`Error::Frame`] for a frame of another sensor, or one that no tracker would take;
    /// [`Error::Late`] for one not after its last; [`Error::Capacity`] for more detections than the
    /// tracker may have, or more pairs with targets than may be looked at. Nothing has then changed.
    pub fn add(&mut self, header: &FrameHeader, detections: &[Detection]) -> Result<usize> {
        let config = &self.config;
        frame_checks::own(header, detections, config, &self.sensor_id)?;
        let [newest_ns, _] = self.state.newest_ns;
        frame_checks::order(header, newest_ns.map_or(i64::MIN, |time_ns| time_ns + 1))?;
        let mut gates = self.gates();
        let gate_table = &self.gate_table;
        let reported =
            ReportedFrame { header, detections, config, gate_table, rules: &self.own_rules };
        self.plots.take(&reported, &bias_of(&self.state.bias));
        let alignment = FirstAlignment { reported, gates, prior: self.prior };
        let (targets, search_m) = (&self.state.targets.0, self.state.votes.search_m);
        if self.is_aligned() {
            check_pairs(targets, &self.plots, &gates)?;
        } else {
            alignment.check_pairs(targets, &self.plots, search_m)?;
        }
        self.state.newest_ns[0] = Some(header.time_ns);
        if self.state.lock.is_none() {
            let aligned = self.state.align(&alignment, &mut self.plots, &mut self.pairing);
            let Some(covariance) = aligned else { return Ok(0) };
            gates.bias_covariance = covariance;
            if check_pairs(&self.state.targets.0, &self.plots, &gates).is_err() {
                return Ok(0); // aligned, yet too many for one frame: the next one says so
            }
        }
        self.pairing.find(&self.state.targets.0, &self.plots, &gates);
        let targets = &self.state.targets.0;
        let fit = self.pairing.fit(targets, &reported, &self.plots, &gates);
        if !self.state.lock.as_mut().is_some_and(|lock| lock.holds(&fit)) {
            self.state.seek_anew(&self.prior);
            return Ok(0);
        }
        self.state.use_pairs(&self.pairing.pairs, &self.plots, &gates);
        Ok(self.pairing.pairs.len())
    }

    /// What is known now.
    fn gates(&self) -> Gates {
        let config = &self.settings.tracker;
        let (flat, up) = (config.process_noise_m2_s3, config.vertical_process_noise_m2_s3);
        Gates {
            gate: self.gate_table.of(2),
            units: self.settings.units(),
            bias_covariance: self.state.information.solve().1,
            noise_m2_s3: [flat, flat, up],
            coast_ns: (config.max_coast_s.min(MAX_COAST_S) * 1e9) as i64,
        }
    }
}

impl State {
    /// Update the targets by a reference sensor's detections.
    fn see(
        &mut self,
        tracks: &[TrackRecord],
        plots: &Plots,
        gates: &Gates,
        config: &TrackerConfig,
    ) {
        for track in tracks {
            if track.event == event::ENDED {
                self.targets.remove(track.number);
            } else if is_confirmed_by_detection(track) {
                let detection = track.detection_index as usize;
                let target = self
                    .updated(track.number, detection, plots, gates)
                    .unwrap_or_else(|| begun(track.number, detection, plots, config));
                self.targets.put(target);
            }
        }
    }

    /// A known target after a reference sensor's detection; none where that is too late or outside its gate.
    fn updated(
        &mut self,
        number: u64,
        detection: usize,
        plots: &Plots,
        gates: &Gates,
    ) -> Option<Target> {
        let index = self.targets.find(number).ok()?;
        let time_ns = plots.time_ns(detection);
        if !gates.is_fresh(&self.targets.0[index], time_ns) {
            return None;
        }
        let mut there = self.targets.0[index].at_time(time_ns, gates.noise_m2_s3);
        let measured = plots.linearise(detection, &there);
        let unbiased = [[0.0; BIASES]; POLAR];
        if there.distance2(&measured, &unbiased, &gates.bias_covariance) > gates.gate {
            return None;
        }
        there.update(&measured, &unbiased, &mut self.information);
        there.seen_ns = there.seen_ns.max(time_ns);
        Some(there)
    }

    /// Look for the offset. Where it is found, biases are linearised there, the prior still being what is
    /// known of them; what the pairs tell, by which gates then let detections in, is returned.
    fn align(
        &mut self,
        alignment: &FirstAlignment<'_>,
        plots: &mut Plots,
        pairing: &mut Pairing,
    ) -> Option<[PerBias; BIASES]> {
        let peak = alignment.vote(&mut self.votes, &mut self.targets.0, plots)?;
        let search_m = self.votes.search_m;
        let (bias, covariance) =
            alignment.solve(&peak, search_m, &self.targets.0, plots, pairing)?;
        let from_mean = in_units(&bias, &alignment.prior, &alignment.gates.units);
        self.information = BiasInformation::prior(&from_mean);
        (self.bias, self.lock) = (bias, Some(Lock::new(peak.agreement)));
        self.votes.clear();
        Some(covariance)
    }

    /// Forget what the frames told, of the targets too, for their estimates hold a part of it.
    fn seek_anew(&mut self, prior: &PerBias) {
        (self.bias, self.lock) = (*prior, None);
        self.information = BiasInformation::prior(&[0.0; BIASES]);
        self.spread = VelocitySpread::default();
        self.targets.0.clear();
    }

    /// Let pairs tell of the biases.
    fn use_pairs(&mut self, pairs: &[(u32, u32)], plots: &Plots, gates: &Gates) {
        for &(target, _) in pairs {
            let target = &self.targets.0[target as usize];
            self.spread.add(target.velocity_m_s(), target.velocity_covariance_m2_s2());
        }
        for &(target, detection) in pairs {
            let (spread, information) = (&self.spread, &mut self.information);
            let target = &mut self.targets.0[target as usize];
            *target = gates.update(target, plots, detection as usize, spread, information);
        }
        self.pair_count += pairs.len() as u64;
        self.relinearise(&gates.units);
    }

    /// Linearise all at the estimate.
    fn relinearise(&mut self, units: &PerBias) {
        let (step, _) = self.information.solve();
        self.information.relinearise(&step);
        self.targets.0.iter_mut().for_each(|target| target.relinearise(&step));
        self.bias = moved(&self.bias, &step, units);
    }
}

/// A target that a detection of a reference sensor begins: a new one, or one that has manoeuvred.
fn begun(number: u64, detection: usize, plots: &Plots, config: &TrackerConfig) -> Target {
    let (row, corrected) = (plots.row(detection), &plots.corrected[detection]);
    let state = polar_birth::from_detection(corrected, &row, &plots.model(), config);
    Target::new(number, plots.time_ns(detection), state)
}

/// What the tracker was told of the sensor, if it was.
fn own_config(settings: &RegistrationSettings) -> Option<&SensorConfig> {
    settings.tracker.sensors.iter().find(|sensor| sensor.sensor_id == settings.sensor_id)
}
