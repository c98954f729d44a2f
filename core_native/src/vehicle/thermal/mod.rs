//! Heat: how warm the nodes of a vehicle become by what its power loses, and when they trip.

pub mod config;
pub mod document;
pub mod heat_network;
mod matrix_exponential;
pub mod nodes;
#[cfg(test)]
pub(super) mod nodes_test;
