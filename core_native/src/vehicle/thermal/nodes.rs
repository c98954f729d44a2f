//! The thermal nodes of a vehicle in time: temperatures, warnings and trips.

use super::config::{HeatSource, ThermalConfig};
use super::document::{MAX_NODES, TEMPERATURE_LIMITS_C};
use crate::error::Result;
use crate::snapshot_bytes::{Reader, Writer, refuse};
use crate::vehicle::power::plane::PowerPlane;
use crate::vehicle::snapshot::numbers;

/// All that changes in a vehicle's nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThermalNodes {
    /// Temperature of each above the surroundings \[K\].
    pub above_k: [f64; MAX_NODES],
    /// Heat that each got in the last step \[W\].
    pub heat_w: [f64; MAX_NODES],
    /// Whether each is tripped, a bit for each.
    pub tripped: u16,
    /// Whether each warns, a bit for each.
    pub warned: u16,
}

impl ThermalNodes {
    /// The nodes at the start.
    pub fn new(config: &ThermalConfig) -> Self {
        let mut above_k = [0.0; MAX_NODES];
        for (above_k, node) in above_k.iter_mut().zip(&config.nodes) {
            *above_k = node.initial_c - config.ambient_c;
        }
        let mut nodes = Self { above_k, heat_w: [0.0; MAX_NODES], tripped: 0, warned: 0 };
        nodes.heed_limits(config);
        nodes
    }

    /// Temperature of a node \[°C\].
    pub fn temperature_c(&self, config: &ThermalConfig, node: usize) -> f64 {
        config.ambient_c + self.above_k[node]
    }

    /// The loads that are shed by what is tripped, a bit for each by its number.
    pub fn shed(&self, config: &ThermalConfig) -> u16 {
        let tripped = config.nodes.iter().enumerate().filter(|(n, _)| self.tripped >> n & 1 != 0);
        tripped.fold(0, |shed, (_, node)| shed | node.sheds)
    }

    /// Go on by a step in which the power, if any, flows as it did last.
    pub fn step(&mut self, config: &ThermalConfig, power: Option<&PowerPlane>) {
        self.heat_w = [0.0; MAX_NODES];
        if let Some(power) = power {
            for heat in &config.heats {
                self.heat_w[heat.node] += heat.fraction * source_w(heat.source, power);
            }
        }
        config.network.step(&mut self.above_k, &self.heat_w);
        self.heed_limits(config);
    }

    fn heed_limits(&mut self, config: &ThermalConfig) {
        for (index, node) in config.nodes.iter().enumerate() {
            let temperature_c = self.temperature_c(config, index);
            let heed = |bits: &mut u16, limit_c: f64| {
                if temperature_c >= limit_c {
                    *bits |= 1 << index;
                } else if temperature_c <= limit_c - node.hysteresis_k {
                    *bits &= !(1 << index);
                }
            };
            heed(&mut self.tripped, node.trip_c);
            heed(&mut self.warned, node.warn_c);
        }
    }

    /// Append all that changes.
    pub fn put(&self, config: &ThermalConfig, out: &mut Writer) {
        for node in 0..config.nodes.len() {
            out.put(self.above_k[node].to_le_bytes());
            out.put(self.heat_w[node].to_le_bytes());
        }
        out.put(self.tripped.to_le_bytes());
        out.put(self.warned.to_le_bytes());
    }

    /// Read what [`ThermalNodes::put`] wrote.
    ///
    /// # Errors
    /// [`crate::error::Error::Snapshot`] for a node that is not there or colder than can be.
    pub fn read(config: &ThermalConfig, input: &mut Reader<'_>) -> Result<Self> {
        let mut nodes = Self::new(config);
        for node in 0..config.nodes.len() {
            [nodes.above_k[node], nodes.heat_w[node]] = numbers(input)?;
            let (temperature_c, least_c) =
                (nodes.temperature_c(config, node), TEMPERATURE_LIMITS_C[0]);
            if temperature_c < least_c - 1e-6 {
                let reason = format!("a node has {temperature_c} °C, must have {least_c} or more");
                return Err(refuse(reason));
            }
        }
        for bits in [&mut nodes.tripped, &mut nodes.warned] {
            *bits = u16::from_le_bytes(input.array()?);
            if u32::from(*bits) >> config.nodes.len() != 0 {
                return Err(refuse(format!("node bits are {bits:#b}, beyond the last node")));
            }
        }
        Ok(nodes)
    }
}

/// Power of a source of heat in the last step \[W\].
fn source_w(source: HeatSource, power: &PowerPlane) -> f64 {
    let flows = &power.flows;
    match source {
        HeatSource::Load(load) => power.loads.0[load].power_w,
        HeatSource::Thrusters => flows.thruster_w,
        HeatSource::Battery => flows.battery_lost_w,
        HeatSource::Supercapacitor => flows.supercapacitor_lost_w,
        HeatSource::Dock => flows.dock_lost_w,
    }
}
