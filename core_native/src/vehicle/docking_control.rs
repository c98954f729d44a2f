//! A vehicle's docking: what it is told, and what it does to the body.

use crate::error::{Error, Result};
use crate::geometry::{cross, dot};
use crate::vehicle::docking::config::{DockingConfig, Port, SoftCapture};
use crate::vehicle::docking::mechanism::{Docking, DockingPhase, ToldPort};
use crate::vehicle::docking::relative::{PortPose, Relative, Sight, held};
use crate::vehicle::events::{EventKind, VehicleEvent};
use crate::vehicle::power_supply::without;
use crate::vehicle::rigid_body::{BodyState, Load};
use crate::vehicle::simulation::Vehicle;
use crate::vehicle::start::check_motion;

impl Vehicle {
    /// Its docking with its configuration, if it can dock.
    pub fn docking(&self) -> Option<(&DockingConfig, &Docking)> {
        self.config().docking.as_ref().zip(self.state().docking.as_ref())
    }

    /// How the engaged port stands to the station's, if there are both.
    pub fn docking_relative(&self) -> Option<Relative> {
        let (config, docking) = self.docking()?;
        let (port, station) = docking.pair(config)?;
        let station = station.at(self.state.steps, self.step_s(), 0.0);
        Some(Relative::of(self.body(), &self.config.mass, port, &station))
    }

    /// What the camera at the engaged port sees: the station's port, from the approach on.
    pub fn docking_sight(&self) -> Option<Sight> {
        let (_, docking) = self.docking()?;
        let relative = self.docking_relative()?;
        (docking.phase != DockingPhase::Free).then(|| relative.sight(self.body().attitude))
    }

    /// Tell where a station's port is at the last internal step and how it moves, or that none is known.
    ///
    /// # Errors
    /// [`Error::Setting`] for a vehicle that cannot dock, a pose beyond the limits of a start, or, while a
    /// port is held, for none and for one farther from where it is than soft capture reaches; nothing
    /// changes then.
    pub fn set_station_port(&mut self, pose: Option<PortPose>) -> Result<()> {
        let (step, step_s) = (self.state.steps, self.step_s());
        let docking = self.state.docking.as_mut().ok_or_else(|| without("docking"))?;
        if let Some(pose) = &pose {
            check_motion(pose.position_m, pose.velocity_m_s)?;
            let held = docking.station.as_ref().filter(|_| docking.phase.is_held());
            if let (Some(told), Some(config)) = (held, &self.config.docking) {
                check_near(pose, &told.at(step, step_s, 0.0), config.soft.reach_m)?;
            }
        } else if docking.phase.is_held() {
            return Err(refused("station port", "forgotten", "known while a port is held"));
        }
        docking.station = pose.map(|pose| ToldPort { pose, step });
        if pose.is_none() {
            docking.phase = DockingPhase::Free;
        }
        Ok(())
    }

    /// Engage a port: from the next internal step on it docks where it comes to a station's.
    ///
    /// # Errors
    /// [`Error::Setting`] for a vehicle that cannot dock, a name that no port has, or while another port
    /// is held; nothing changes then.
    pub fn engage_port(&mut self, name: &str) -> Result<()> {
        let parts = self.config.docking.as_ref().zip(self.state.docking.as_mut());
        let (config, docking) = parts.ok_or_else(|| without("docking"))?;
        let number = config.ports.iter().position(|port| port.name == name);
        let number = number.ok_or_else(|| {
            let names = config.ports.iter().map(|port| port.name.as_str()).collect::<Vec<_>>();
            Error::Setting {
                setting: "port".into(),
                value: format!("{name:?}"),
                limit: names.join(", "),
                remedy: "give the name of a port".into(),
            }
        })?;
        if docking.port == Some(number) {
            return Ok(());
        }
        if let Some(other) = docking.port.filter(|_| docking.phase.is_held()) {
            let limit = format!("{:?}, which is held", config.ports[other].name);
            return Err(refused("port", &format!("{name:?}"), &limit));
        }
        (docking.port, docking.phase) = (Some(number), DockingPhase::Free);
        Ok(())
    }

    /// Release the engaged port: at once, with the push of a release where it was latched, and without
    /// dock power.
    ///
    /// # Errors
    /// [`Error::Setting`] for a vehicle that cannot dock or of which no port is engaged.
    pub fn release_port(&mut self) -> Result<()> {
        let parts = self.config.docking.as_ref().zip(self.state.docking.as_mut());
        let (config, docking) = parts.ok_or_else(|| without("docking"))?;
        let Some(number) = docking.port else {
            return Err(Error::Setting {
                setting: "port".into(),
                value: "none".into(),
                limit: "engaged".into(),
                remedy: "engage a port before it is released".into(),
            });
        };
        let phase = docking.phase;
        (docking.port, docking.phase) = (None, DockingPhase::Free);
        if phase == DockingPhase::Latched {
            self.state.body = self.pushed_off(&config.ports[number], config.release_impulse_n_s);
        }
        if let Some(plane) = &mut self.state.power {
            plane.dock_steps = None;
        }
        if phase.is_held() {
            self.note_docking(EventKind::PortReleased, number);
        }
        Ok(())
    }

    /// The body after an impulse along a port's axis, inwards: Δv = J / m and ΔL = r × J.
    fn pushed_off(&self, port: &Port, impulse_n_s: f64) -> BodyState {
        let body = self.state.body;
        let push = port.attitude.to_world([0.0, -impulse_n_s, 0.0]);
        let turn = body.attitude.to_world(cross(port.position_m, push));
        let push = body.attitude.to_world(push);
        let mass_kg = self.config.mass.mass_kg(body.propellant_kg);
        let added = |to: [f64; 3], part: [f64; 3], over: f64| {
            std::array::from_fn(|axis| to[axis] + part[axis] / over)
        };
        BodyState {
            velocity_m_s: added(body.velocity_m_s, push, mass_kg),
            angular_momentum_n_m_s: added(body.angular_momentum_n_m_s, turn, 1.0),
            ..body
        }
    }

    /// The body after `step_s` under a load, from `since_s` after the beginning of the step on; a captured
    /// port is held meanwhile, seen from the station, and the wheels let go.
    pub(super) fn moved(
        &self,
        body: &BodyState,
        load: &Load,
        since_s: f64,
        step_s: f64,
    ) -> BodyState {
        let mass = &self.config.mass;
        let Some((soft, port, station)) = self.captured() else {
            return match self.wheels() {
                None => body.advanced(mass, load, step_s),
                Some(wheels) => {
                    body.advanced_under(mass, step_s, |state| wheels.added(load, state, mass))
                }
            };
        };
        let station = station.at(self.state.steps, self.step_s(), since_s);
        let still = PortPose { position_m: [0.0; 3], velocity_m_s: [0.0; 3], ..station };
        let next = station.seen(body, -1.0).advanced_under(mass, step_s, |state| {
            held(load, soft, port, &Relative::of(state, mass, port, &still), state.attitude)
        });
        station.after(step_s).seen(&next, 1.0)
    }

    fn captured(&self) -> Option<(&SoftCapture, &Port, ToldPort)> {
        let (config, docking) = self.docking()?;
        if docking.phase != DockingPhase::Captured {
            return None;
        }
        let (port, station) = docking.pair(config)?;
        Some((&config.soft, port, station))
    }

    /// Let docking go on to the end of the step that just ended: a latched vehicle is where its station is.
    pub(super) fn step_docking(&mut self) {
        let Some((config, docking)) = self.docking() else { return };
        let (Some(number), Some((port, station))) = (docking.port, docking.pair(config)) else {
            return;
        };
        let station = station.at(self.state.steps, self.step_s(), 0.0);
        let before = docking.phase;
        let relative = Relative::of(self.body(), &self.config.mass, port, &station);
        let phase = before.next(config, &relative, &station);
        if phase == DockingPhase::Latched {
            let docked = station.docked(port, self.state.body.propellant_kg);
            self.state.body = docked;
        }
        if phase != before {
            if let Some(docking) = &mut self.state.docking {
                docking.phase = phase;
            }
            self.note_docking(EventKind::of_phase(phase), number);
        }
    }

    fn note_docking(&mut self, kind: EventKind, port: usize) {
        let time_ns = self.time_ns();
        self.state.events.push(VehicleEvent::plain(time_ns, kind, port));
    }

    fn step_s(&self) -> f64 {
        self.config.step_ns as f64 * 1e-9
    }
}

/// Refuse to move the port that is held at once farther than its springs reach: they would tear it.
fn check_near(pose: &PortPose, now: &PortPose, most_m: f64) -> Result<()> {
    let apart_m = [0, 1, 2].map(|axis| pose.position_m[axis] - now.position_m[axis]);
    let moved_m = dot(apart_m, apart_m).sqrt();
    if moved_m <= most_m {
        return Ok(());
    }
    let limit = format!("within {most_m} m of where it is while a port is held");
    Err(refused("station port", &format!("{moved_m} m away"), &limit))
}

fn refused(setting: &str, value: &str, limit: &str) -> Error {
    Error::Setting {
        setting: setting.into(),
        value: value.into(),
        limit: limit.into(),
        remedy: "release the port first".into(),
    }
}
