//! The vehicle: a rigid body that thrusters move.

#[cfg(test)]
mod free_tumbling_test;
pub mod mass_properties;
#[cfg(test)]
mod powered_flight_test;
pub mod quaternion;
pub mod rigid_body;
pub mod runge_kutta;
