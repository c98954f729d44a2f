//! From frames to tracks.
//!
//! A frame becomes measurements ([`frame_measurements`]), a grid finds which tracks they may
//! belong to and the Mahalanobis distance decides ([`gating`]), each track takes the best by
//! optimal assignment ([`association`]), the filter updates it ([`kalman`]), and how probable it is that
//! it follows a target ([`existence`]) confirms or ends it ([`lifecycle`]).

pub mod assignment;
pub mod assignment_problem;
pub mod association;
pub mod bank_mixture;
pub mod birth;
pub mod checkpoint;
pub mod chi_squared;
pub mod config;
pub mod constant_acceleration;
pub mod constant_velocity;
pub mod coordinated_turn;
pub mod existence;
pub mod filter;
pub mod filter_bank;
pub mod filter_set;
mod frame_effect;
pub mod frame_measurements;
pub mod gating;
pub mod gaussian;
pub mod grid_cells;
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
pub mod motion_model;
mod older_detection;
pub mod points;
mod position_scan;
pub mod record;
pub mod registration;
pub mod report;
pub mod rules;
pub mod sensor_bias;
pub mod sensor_config;
pub mod snapshot;
pub mod snapshot_bytes;
mod snapshot_track;
pub mod soft_association;
pub mod spatial_grid;
pub mod state_table;
pub mod step_input;
pub mod track;
pub mod track_table;
pub mod tracker;
pub mod update;
pub mod user_filter;
pub mod user_measurement;
pub mod user_motion;
pub mod user_motion_config;
