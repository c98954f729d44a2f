//! What a registration accepts, checked before anything is touched.

use crate::detection::Detection;
use crate::error::{Error, Result};
use crate::frame::{FrameHeader, format_uuid};
use crate::tracking::config::TrackerConfig;
use crate::tracking::record::{NO_DETECTION, TrackRecord, event, status};
use crate::tracking::registration::target_table::TargetTable;
use crate::tracking::step_input::check_frame_for_step;

/// Refuse a frame of another sensor, or one that no tracker would take.
pub fn own(
    header: &FrameHeader,
    detections: &[Detection],
    config: &TrackerConfig,
    sensor_id: &[u8; 16],
) -> Result<()> {
    sensor(header, header.sensor_id == *sensor_id, || {
        format!(
            "{}, the sensor to be aligned: give others' to add_reference",
            format_uuid(sensor_id)
        )
    })?;
    frame(header, detections, config)
}

/// Refuse a frame of the sensor itself, one that no tracker would take, and tracks of another frame.
pub fn reference(
    header: &FrameHeader,
    detections: &[Detection],
    tracks: &[TrackRecord],
    config: &TrackerConfig,
    sensor_id: &[u8; 16],
) -> Result<()> {
    sensor(header, header.sensor_id != *sensor_id, || {
        "another sensor's: give those of the sensor to be aligned to add".into()
    })?;
    frame(header, detections, config)?;
    for (index, track) in tracks.iter().enumerate() {
        let refuse = |field: &str, value: String, limit: String| {
            Err(Error::Tracks { field: format!("tracks[{index}].{field}"), value, limit })
        };
        if track.time_ns != header.time_ns {
            let limit = format!("{}, the frame's", header.time_ns);
            return refuse("time_ns", track.time_ns.to_string(), limit);
        }
        let detection = track.detection_index;
        if detection != NO_DETECTION && detection as usize >= detections.len() {
            let limit = format!("below {}, the frame's detections, or none", detections.len());
            return refuse("detection_index", detection.to_string(), limit);
        }
    }
    Ok(())
}

fn sensor(header: &FrameHeader, is_right: bool, limit: impl FnOnce() -> String) -> Result<()> {
    if is_right {
        return Ok(());
    }
    let value = format_uuid(&header.sensor_id);
    Err(Error::Frame { field: "sensor_id".into(), value, limit: limit() })
}

fn frame(header: &FrameHeader, detections: &[Detection], config: &TrackerConfig) -> Result<()> {
    check_frame_for_step(header, detections)?;
    let (wanted, limit) = (detections.len(), config.max_detections);
    if wanted <= limit {
        return Ok(());
    }
    let remedy = "raise max_detections or send sectors";
    Err(Error::Capacity { table: "detections of a frame", limit, wanted, remedy })
}

/// Refuse a frame before `oldest_ns`.
pub fn order(header: &FrameHeader, oldest_ns: i64) -> Result<()> {
    if header.time_ns >= oldest_ns {
        return Ok(());
    }
    let (number, time_ns) = (header.number, header.time_ns);
    Err(Error::Late { number, time_ns, newest_ns: oldest_ns, oldest_ns })
}

/// What frames are told apart by: sensor, epoch and number.
pub type FrameName = ([u8; 16], u64, u64);

/// Most frames of one time whose names are kept.
pub const MAX_NAMES: usize = 1024;

/// The name of a frame.
pub const fn name(header: &FrameHeader) -> FrameName {
    (header.sensor_id, header.epoch, header.number)
}

/// Refuse a frame whose name is among those taken of its time: what it tells would count twice.
pub fn is_new(header: &FrameHeader, names: &[FrameName]) -> Result<()> {
    if names.contains(&name(header)) {
        return Err(Error::Frame {
            field: "number".into(),
            value: header.number.to_string(),
            limit: "new in its epoch: give each frame of a sensor once".into(),
        });
    }
    if names.len() < MAX_NAMES {
        return Ok(());
    }
    let (limit, wanted) = (MAX_NAMES, names.len() + 1);
    let remedy = "give frames their own times";
    Err(Error::Capacity { table: "reference frames of one time", limit, wanted, remedy })
}

/// Most pairs of a target and a detection, near each other from west to east, in one frame.
pub const MAX_PAIRS: usize = 4_000_000;

/// Refuse more pairs than the limit.
pub fn pairs(wanted: usize) -> Result<()> {
    if wanted <= MAX_PAIRS {
        return Ok(());
    }
    let remedy = "search less far by search_m and the standard deviations of the biases, give fewer \
                  targets or send the frame as sectors";
    Err(Error::Capacity { table: "pairs of a registration", limit: MAX_PAIRS, wanted, remedy })
}

/// Refuse more targets than the limit.
pub fn new_targets(targets: &TargetTable, tracks: &[TrackRecord], limit: usize) -> Result<()> {
    let is_new = |track: &&TrackRecord| {
        is_confirmed_by_detection(track) && targets.find(track.number).is_err()
    };
    let wanted = targets.0.len() + tracks.iter().filter(is_new).count();
    if wanted <= limit {
        return Ok(());
    }
    let remedy = "raise max_tracks or give the tracks of a part of the picture";
    Err(Error::Capacity { table: "targets of a registration", limit, wanted, remedy })
}

/// Whether a confirmed track was updated by a detection of its frame.
pub const fn is_confirmed_by_detection(track: &TrackRecord) -> bool {
    track.status == status::TRACKED
        && track.event == event::UPDATED
        && track.detection_index != NO_DETECTION
}
