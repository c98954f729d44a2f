//! From truth to detections, and from detections to range bands.

pub mod band_split;
pub mod beam_list;
pub mod cell_table;
pub mod checked_detection;
pub mod clutter;
pub mod count_distributions;
pub mod detection_probability;
pub mod detection_threshold;
pub mod echo_power;
pub mod echo_targets;
pub mod echoes;
pub mod equation;
pub mod false_alarm_rate;
pub mod false_alarms;
pub mod faults;
pub mod faulty_radar;
pub mod fluctuation;
pub mod frame_looks;
pub mod look;
pub mod merged_echoes;
pub mod merging;
pub mod mount;
pub mod plot_lanes;
pub mod plot_order;
pub mod plot_record;
pub mod power_budget;
pub mod rcs_table;
pub mod registration;
pub mod resolution_cells;
pub mod scan;
pub mod sensor;
pub mod simulator;
pub mod sweep_look;
pub mod truth;

pub use faulty_radar::{Delivery, FaultyRadar};
pub use simulator::{Radar, RunOptions, SimulatedFrame};
