//! Electrical power: what comes in, what is stored, what the loads get.
//!
//! Everything hangs on one bus behind the power distribution unit: in each internal step the power that
//! comes to the bus is the power that leaves it, and all that leaves it (loads and charging) is within the
//! unit's current limit.

pub mod balance;
pub mod config;
pub mod dock_bridge;
pub mod document;
pub mod energy_store;
pub mod energy_sum;
pub mod loads;
pub mod plane;
#[cfg(test)]
pub(super) mod plane_test;
pub mod snapshot;
