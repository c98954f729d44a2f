//! `qiki._core`: the Python face of `qiki-core`. Each function converts, calls, converts.

use pyo3::prelude::*;

mod arrays;
mod assignment;
mod asterix;
mod bridge;
mod build_info;
mod c_api_capsule;
mod clutter;
mod consistency;
mod coverage;
mod detection_curve;
mod detection_sink;
mod errors;
mod filter;
mod filter_set;
mod frame;
mod guard;
mod guard_alert;
mod joint_association;
mod metrics;
mod motion_model;
mod outside_function;
mod own_ship_state;
mod radar;
mod record_pool;
mod records;
mod registration;
mod scan_shapes;
mod scenario;
mod sensor_choice;
mod siap;
mod simd_level;
mod step_result;
mod target_truth;
mod thruster_allocation;
mod thruster_condition;
mod told_ship;
mod tracker;
mod user_measurement;
mod user_model;
mod user_motion;
mod vehicle;
mod vehicle_comms;
mod vehicle_config;
mod vehicle_docking;
mod vehicle_drive;
mod vehicle_event;
mod vehicle_part;
mod vehicle_power;
mod vehicle_thermal;
mod waveform;
mod whole_number;
mod wire;
mod wire_json;
mod wire_tracks;
mod world;
mod world_batch;
mod world_own_state;

/// The compiled core. Import from `qiki.radar`, `qiki.tracking` and `qiki.wire` instead.
#[pymodule(gil_used = true)]
mod _core {
    use super::{Bound, PyModule, PyResult};

    #[pymodule_export]
    use crate::assignment::assign;
    #[pymodule_export]
    use crate::asterix::{
        AsterixColumns, AsterixScans, asterix_replay_epoch, read_asterix_columns,
    };
    #[pymodule_export]
    use crate::bridge::{Answer, PyFrameTracker};
    #[pymodule_export]
    use crate::build_info::build_info;
    #[pymodule_export]
    use crate::clutter::ScenarioClutter;
    #[pymodule_export]
    use crate::consistency::{
        Consistency, chi_squared_band, chi_squared_quantile, consistency, nees, nis,
        student_t_quantile,
    };
    #[pymodule_export]
    use crate::coverage::Coverage;
    #[pymodule_export]
    use crate::detection_curve::{detection_probability, detection_threshold, required_snr_db};
    #[pymodule_export]
    use crate::detection_sink::{
        detection_sink_capacity, detection_sink_new, detection_sink_push, detection_sink_take_frame,
    };
    #[pymodule_export]
    use crate::filter::{predict, update_polar, update_position};
    #[pymodule_export]
    use crate::filter_set::PyFilterSet;
    #[pymodule_export]
    use crate::frame::{BandFrames, RadarFrame};
    #[pymodule_export]
    use crate::guard::{CheckedGuardRules, closest_approach};
    #[pymodule_export]
    use crate::guard_alert::GuardAlert;
    #[pymodule_export]
    use crate::joint_association::{JointProbabilities, joint_association};
    #[pymodule_export]
    use crate::metrics::{Gospa, Ospa, gospa, ospa};
    #[pymodule_export]
    use crate::motion_model::predict_by;
    #[pymodule_export]
    use crate::own_ship_state::OwnShipState;
    #[pymodule_export]
    use crate::radar::Radar;
    #[pymodule_export]
    use crate::records::{detection_dtype, plot_detail_dtype, service_message_dtype, track_dtype};
    #[pymodule_export]
    use crate::registration::{PyRegistration, RegistrationEstimate, SensorBias};
    #[pymodule_export]
    use crate::scenario::{CheckedScenario, RegistrationBias, ScenarioSensor, ScenarioTarget};
    #[pymodule_export]
    use crate::siap::{Siap, SiapPicture, SiapScore};
    #[pymodule_export]
    use crate::simd_level::{set_simd_level, simd_level, simd_levels};
    #[pymodule_export]
    use crate::step_result::StepResult;
    #[pymodule_export]
    use crate::target_truth::TruthColumns;
    #[pymodule_export]
    use crate::thruster_allocation::ThrusterAllocation;
    #[pymodule_export]
    use crate::tracker::PyTracker;
    #[pymodule_export]
    use crate::user_measurement::CompiledMeasurement;
    #[pymodule_export]
    use crate::user_model::CompiledModel;
    #[pymodule_export]
    use crate::user_motion::CompiledMotion;
    #[pymodule_export]
    use crate::vehicle::PyVehicle;
    #[pymodule_export]
    use crate::vehicle_comms::{PyComms, PyLinkQuality};
    #[pymodule_export]
    use crate::vehicle_config::CheckedVehicle;
    #[pymodule_export]
    use crate::vehicle_docking::PyDocking;
    #[pymodule_export]
    use crate::vehicle_drive::PyDrive;
    #[pymodule_export]
    use crate::vehicle_event::PyVehicleEvent;
    #[pymodule_export]
    use crate::vehicle_power::{LoadStatus, PowerStatus};
    #[pymodule_export]
    use crate::vehicle_thermal::ThermalStatus;
    #[pymodule_export]
    use crate::waveform::Waveform;
    #[pymodule_export]
    use crate::wire::{
        FrameRows, crc32c, decode_frame, decode_frame_rows, encode_frame, encode_frame_rows,
    };
    #[pymodule_export]
    use crate::wire_json::{
        FrameJson, TrackJson, decode_frame_json, encode_frame_json, encode_tracks_json,
    };
    #[pymodule_export]
    use crate::wire_tracks::{TracksMessage, decode_track_rows, decode_tracks, encode_track_rows};
    #[pymodule_export]
    use crate::world::{PyWorld, PyWorldSettings};
    #[pymodule_export]
    use crate::world_batch::PyWorldBatch;
    #[pymodule_export]
    use crate::world_own_state::{PyOwnState, observation_layout, observe};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::c_api_capsule::attach(module)
    }
}
