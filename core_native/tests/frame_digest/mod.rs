//! One SHA-256 of whole frames, by the bytes of every field: what goldens of radars compare.

use qiki_core::detection::Detection;
use qiki_core::frame::FrameHeader;
use qiki_core::radar::SimulatedFrame;
use sha2::{Digest, Sha256};

/// Lower-case hexadecimal SHA-256 of `frames` with their truths.
pub fn sha256_of(frames: impl IntoIterator<Item = SimulatedFrame>) -> String {
    let mut hash = Sha256::new();
    for SimulatedFrame { frame, truth } in frames {
        hash_header(&mut hash, &frame.header);
        frame.detections.iter().for_each(|detection| hash_detection(&mut hash, detection));
        truth.iter().for_each(|index| hash.update(index.to_le_bytes()));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hash_header(hash: &mut Sha256, header: &FrameHeader) {
    hash.update(header.frame_id().as_bytes());
    hash.update(header.time_ns.to_le_bytes());
    let c = &header.coverage;
    let ranges_m = [c.min_range_m, c.max_range_m];
    let angles_deg =
        [c.bearing_start_deg, c.bearing_extent_deg, c.min_elevation_deg, c.max_elevation_deg];
    for numbers in
        [&ranges_m[..], &angles_deg, &header.sensor_position_m, &header.sensor_velocity_m_s]
    {
        numbers.iter().for_each(|number| hash.update(number.to_le_bytes()));
    }
}

fn hash_detection(hash: &mut Sha256, d: &Detection) {
    hash.update(d.time_ns.to_le_bytes());
    for number in [d.range_m, d.bearing_deg, d.elevation_deg, d.range_rate_m_s, d.height_m] {
        hash.update(number.to_le_bytes());
    }
    for std in [d.range_std_m, d.bearing_std_deg, d.elevation_std_deg, d.range_rate_std_m_s] {
        hash.update(std.to_le_bytes());
    }
    for number in [d.height_std_m, d.snr_db, d.rcs_dbsm] {
        hash.update(number.to_le_bytes());
    }
    hash.update(d.present.to_le_bytes());
    hash.update(d.address.to_le_bytes());
    hash.update(d.mode_3a.to_le_bytes());
    hash.update([d.range_band, d.transponder_mode]);
    hash.update(d.reserved);
    hash.update(d.transponder_id);
}
