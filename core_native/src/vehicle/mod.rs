//! The vehicle: a rigid body that thrusters move, what powers it, how warm it becomes,
//! how it drives and docks and what is heard of it.

pub mod allocation;
#[cfg(test)]
mod allocation_test;
pub mod bounded_least_squares;
pub mod comms;
mod comms_control;
pub mod config;
pub mod docking;
mod docking_control;
#[cfg(test)]
mod docking_test;
pub mod document;
pub mod drive;
pub mod drive_control;
#[cfg(test)]
mod drive_test;
mod event_snapshot;
#[cfg(test)]
mod event_snapshot_test;
pub mod events;
#[cfg(test)]
mod events_test;
#[cfg(test)]
mod free_tumbling_test;
pub mod mass_properties;
pub mod power;
pub mod power_supply;
#[cfg(test)]
mod powered_flight_test;
pub mod pulse;
pub mod quaternion;
pub mod radiation;
pub mod rigid_body;
pub mod runge_kutta;
pub mod simulation;
#[cfg(test)]
mod simulation_test;
pub mod snapshot;
#[cfg(test)]
mod snapshot_test;
pub mod start;
pub mod thermal;
pub mod thruster;
