//! The world in process: scene, radars, tracker and vehicle stepped together, frame by frame, as the
//! services step them.

pub mod action;
pub mod batch;
pub mod bodies;
pub mod docking_station;
pub mod episode;
pub mod judge;
pub mod observation;
pub mod own_ship;
pub mod own_state;
pub mod settings;
pub mod ship_way;
pub mod simulation;
pub mod station;
pub mod track_picture;
