//! From frames to tracks.
//!
//! A frame becomes measurements ([`frame_measurements`]), a grid finds which tracks they may
//! belong to and the Mahalanobis distance decides ([`gating`]), each track takes the best by
//! optimal assignment ([`association`]), the filter updates it ([`kalman`]), and how probable it is that
//! it follows a target ([`existence`]) confirms or ends it ([`lifecycle`]).

pub mod assignment;
pub mod assignment_problem;
#[cfg(test)]
mod assignment_problem_test;
mod assignment_reduction;
pub mod association;
#[cfg(test)]
mod association_test;
pub mod bank_mixture;
pub mod birth;
pub mod checkpoint;
pub mod chi_squared;
pub mod config;
pub mod constant_acceleration;
pub mod constant_velocity;
pub mod coordinated_turn;
#[cfg(test)]
mod dense_kalman;
pub mod existence;
pub mod filter;
pub mod filter_bank;
pub mod filter_set;
#[cfg(test)]
mod filter_test;
mod frame_effect;
pub mod frame_measurements;
pub mod gating;
#[cfg(test)]
mod gating_test;
pub mod gaussian;
pub mod grid_cells;
pub mod identity_belief;
pub mod identity_evidence;
pub mod identity_lists;
pub mod identity_refutation;
mod identity_succession;
pub mod independent_axes;
pub mod interacting;
pub mod joint_association;
pub mod joint_belief;
pub mod joint_bound;
pub mod joint_cluster_sums;
pub mod joint_exact;
pub mod joint_graph;
pub mod joint_order;
pub mod joint_plan;
pub mod joint_problem;
pub mod joint_weight;
pub mod kalman;
#[cfg(test)]
mod kalman_test;
pub mod lanes;
pub mod lifecycle;
pub mod measurement;
pub mod measurement_noise;
pub mod measurement_scan;
pub mod mixing;
pub mod mixture_update;
pub mod mode_chain;
pub mod model_filter;
mod model_flaws;
pub mod motion;
pub mod motion_config;
mod motion_fingerprint;
pub mod motion_model;
pub mod object_type_config;
pub mod object_type_evidence;
pub mod object_type_rules;
mod older_detection;
pub mod points;
pub mod polar_birth;
pub mod polar_places;
mod polar_scan;
mod position_scan;
pub mod record;
pub mod registration;
pub mod report;
pub mod rules;
pub mod sensor_bias;
pub mod sensor_config;
pub mod snapshot;
mod snapshot_identity;
#[cfg(test)]
mod snapshot_test;
mod snapshot_track;
pub mod soft_association;
pub mod spatial_grid;
pub mod state_check;
pub mod state_table;
pub mod step_input;
pub mod track;
pub mod track_state;
pub mod track_table;
pub mod tracker;
mod triangular_factors;
pub mod update;
pub mod used_names;
pub mod user_filter;
pub mod user_measurement;
pub mod user_motion;
pub mod user_motion_config;
pub mod vertical;
