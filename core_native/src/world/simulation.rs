//! A world in time: all that happens in it, in the order of its times.

use std::sync::Arc;

use crate::bridge::FrameTracker;
use crate::error::{Error, Result};
use crate::frame::Frame;
use crate::guard::alert::GuardReport;
use crate::radar::{FaultyRadar, RunOptions};
use crate::tracking::record::TrackRecord;
use crate::tracking::tracker::{Tracker, TrackerName};
use crate::vehicle::simulation::Vehicle;
use crate::wire::frame_columns;
use crate::world::action::{Action, PortAction};
use crate::world::docking_station::DockingStation;
use crate::world::own_ship::OwnShip;
use crate::world::settings::WorldSettings;
use crate::world::ship_way::ShipWay;
use crate::world::station::{Arrival, Station};
use crate::world::track_picture::TrackPicture;

/// Scene, radars, vehicle and tracker, stepped together.
///
/// All that happens in it happens in the order of its times: steps of the vehicle and frames, at one
/// time the vehicle first and the radars in the scenario's order. So a run of the services of the
/// same settings and commands that waits for the tracks of each frame has the same bytes.
pub struct World {
    settings: Arc<WorldSettings>,
    ship: OwnShip,
    stations: Vec<Station>,
    way: ShipWay,
    docking_station: Option<DockingStation>,
    tracker: FrameTracker,
    picture: TrackPicture,
    newest: Newest,
    /// Number of the first radar's frame that ended the last step.
    tick: Option<u64>,
    messages: Vec<Messages>,
    why_ended: Option<String>,
}

/// What the newest frame of the first radar was, and became.
#[derive(Clone, Debug, Default)]
pub struct Newest {
    /// The frame; none before the first.
    pub frame: Option<Frame>,
    /// The target behind each of its detections, -1 for none.
    pub truth: Vec<i32>,
    /// Its alerts, if there are rules and it has some.
    pub guard: Option<GuardReport>,
    /// Why the tracker did not use it.
    pub refusal: Option<String>,
}

/// What went over the broker, in a run of the services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Messages {
    /// Payload of the frame, all its detections.
    pub frame: Vec<u8>,
    /// Payload of its tracks.
    pub tracks: Vec<u8>,
}

impl World {
    /// A world at its start. The draws are those of `seed`, the scenario's where none is given; radars
    /// and tracker begin the run `epoch` of their numbering.
    ///
    /// # Errors
    /// [`crate::error::Error::Setting`] for a value outside its limits.
    pub fn new(settings: &Arc<WorldSettings>, seed: Option<u64>, epoch: u64) -> Result<Self> {
        let stations = stations(settings, seed, epoch)?;
        let scans = stations.iter().map(|station| &station.radar.radar().sensor().scan);
        let way = ShipWay::new(scans.map(|scan| scan.longest_frame_ns()).max().unwrap_or(0));
        let docking_station = DockingStation::of(
            &stations[0].radar,
            settings.station_heading_deg,
            !settings.models.is_empty(),
        )?;
        let mut world = Self {
            ship: OwnShip::new(&settings.vehicle, settings.rate_hz, &settings.scenario)?,
            stations,
            way,
            docking_station,
            tracker: tracker(settings, epoch)?,
            picture: TrackPicture::default(),
            newest: Newest::default(),
            tick: None,
            messages: Vec::new(),
            why_ended: None,
            settings: Arc::clone(settings),
        };
        world.tell_ship()?;
        Ok(world)
    }

    /// What it is made of.
    pub fn settings(&self) -> &Arc<WorldSettings> {
        &self.settings
    }

    /// World time, that of the vehicle's state \[ns\].
    pub fn time_ns(&self) -> i64 {
        self.settings.start_time_ns + self.ship.vehicle.time_ns()
    }

    /// The vehicle.
    pub const fn vehicle(&self) -> &Vehicle {
        &self.ship.vehicle
    }

    /// The newest frame of the first radar.
    pub const fn newest(&self) -> &Newest {
        &self.newest
    }

    /// What the newest frame that the tracker used told of the tracks.
    pub fn told_tracks(&self) -> &[TrackRecord] {
        self.tracker.records()
    }

    /// The newest record of each living track, by track number.
    pub fn tracks(&self) -> &[TrackRecord] {
        self.picture.records()
    }

    /// The station of the scenario, if it has one.
    pub const fn docking_station(&self) -> Option<&DockingStation> {
        self.docking_station.as_ref()
    }

    /// Whether the vehicle may be told to dock: there is a station now.
    pub fn station_is_there(&self) -> bool {
        let time_s = self.ship.vehicle.time_ns() as f64 * 1e-9;
        self.docking_station.as_ref().is_some_and(|station| station.state_at(time_s).is_some())
    }

    /// The messages of the last step, in their order, where the settings say that they are kept.
    pub fn messages(&self) -> &[Messages] {
        &self.messages
    }

    /// Why it cannot go on; none while it can: its vehicle is where no radar can be.
    pub fn why_ended(&self) -> Option<&str> {
        self.why_ended.as_deref()
    }

    /// Do what is asked, and go on up to and including the next frame of the first radar that is newer
    /// than all before, or to the end of a world whose vehicle leaves it.
    ///
    /// # Errors
    /// [`Error::Setting`] for an action that cannot be done, of which nothing is then done, where the
    /// clock of the scenario ends and for a world that has ended; [`Error::Frame`] for a radar beyond
    /// the limits of a world.
    pub fn step(&mut self, action: &Action) -> Result<()> {
        if let Some(reason) = &self.why_ended {
            return Err(Error::Setting {
                setting: "the world".into(),
                value: format!("one whose vehicle has left it, its {reason}"),
                limit: "one that goes on".into(),
                remedy: "begin another".into(),
            });
        }
        if matches!(action.port, PortAction::Engage(_)) && !self.station_is_there() {
            return Err(Error::Setting {
                setting: "port".into(),
                value: "engage".into(),
                limit: "keep or release while the world has no station".into(),
                remedy: "add a target of the object_type station".into(),
            });
        }
        action.tell(&mut self.ship.vehicle)?;
        self.messages.clear();
        while self.why_ended.is_none() && !self.go_on()? {}
        Ok(())
    }

    /// Do what is due next; whether that was the first radar's next frame.
    fn go_on(&mut self) -> Result<bool> {
        let dues_ns = self.stations.iter().map(Station::due_ns);
        let first = (0..).zip(dues_ns).min_by_key(|&(index, due_ns)| (due_ns, index));
        let (index, due_ns) = first.unwrap_or((0, i64::MAX));
        if self.ship.due_ns() <= due_ns {
            self.ship.step()?;
            self.why_ended = self.ship.vehicle.why_outside();
            if self.why_ended.is_none() {
                self.way.note(&self.ship.vehicle);
            }
            self.tell_ship()?;
            return Ok(false);
        }
        let station: &mut Station = &mut self.stations[index];
        if !station.is_stuck() {
            station.radar = self.way.told(&station.radar, &self.ship.vehicle)?;
        }
        match station.take()? {
            None => Ok(false),
            Some(arrival) => self.take_in(index, arrival),
        }
    }

    /// Tell the vehicle of the station, and give the radars power as the vehicle has it.
    fn tell_ship(&mut self) -> Result<()> {
        if let Some(station) = &self.docking_station {
            station.tell(&mut self.ship.vehicle, self.settings.start_time_ns)?;
        }
        let has_power = self.ship.powers_radar();
        self.stations.iter_mut().for_each(|station| station.has_power = has_power);
        Ok(())
    }

    /// Let the tracker use a frame; whether it was the first radar's newest: one that comes late, or
    /// again, is no tick.
    fn take_in(&mut self, index: usize, arrival: Arrival) -> Result<bool> {
        let Arrival { simulated, copy } = arrival;
        let frame = simulated.frame;
        let (guard, refusal) = self.track(&frame)?;
        self.picture.update(self.tracker.records());
        let number = frame.header.number;
        if index > 0 || copy > 0 || self.tick.is_some_and(|tick| number <= tick) {
            return Ok(false);
        }
        self.tick = Some(number);
        self.newest = Newest { frame: Some(frame), truth: simulated.truth, guard, refusal };
        Ok(true)
    }

    /// Let the tracker use a frame; its alerts, and why it was not used.
    fn track(&mut self, frame: &Frame) -> Result<(Option<GuardReport>, Option<String>)> {
        if !self.settings.keeps_messages {
            return Ok(match self.tracker.take(&frame.header, &frame.detections) {
                Ok(guard) => (guard, None),
                Err(error) => (None, Some(error.to_string())),
            });
        }
        let mut payload = Vec::new();
        frame_columns::encode(&frame.header, &frame.detections, &mut payload)?;
        let answer = self.tracker.answer(&payload, None)?;
        let tracks = answer.payload.to_vec();
        let header = answer.header;
        self.messages.push(Messages { frame: payload, tracks });
        Ok((header.guard, Some(header.reason).filter(|reason| !reason.is_empty())))
    }
}

fn stations(settings: &WorldSettings, seed: Option<u64>, epoch: u64) -> Result<Vec<Station>> {
    let WorldSettings { scenario, models, start_time_ns, sr_threshold_m, level, .. } = settings;
    let options = RunOptions {
        seed,
        epoch,
        start_time_ns: *start_time_ns,
        sr_threshold_m: *sr_threshold_m,
        level: *level,
    };
    let station = |index| {
        let radar = FaultyRadar::new(scenario, index, options, models)?;
        Ok(Station::new(radar, *start_time_ns))
    };
    (0..scenario.sensors.len()).map(station).collect()
}

fn tracker(settings: &WorldSettings, epoch: u64) -> Result<FrameTracker> {
    let name = TrackerName { tracker_id: settings.tracker_id, epoch };
    let tracker = FrameTracker::new(Tracker::new(settings.tracker.clone(), name, settings.level)?);
    Ok(match &settings.guard_rules {
        Some(rules) => tracker.with_guards(rules.clone()),
        None => tracker,
    })
}
