use super::*;
use crate::detection::{Detection, present};
use crate::error::Error;
use crate::frame::Frame;
use crate::tracking::record::{NO_DETECTION, TrackRecord, event};
use crate::wire::test_random::Random;

/// A frame whose rows all say where the detection is.
fn frame(random: &mut Random, count: usize) -> Frame {
    let mut frame = random.frame(count);
    for d in &mut frame.detections {
        if d.present & (present::RANGE | present::BEARING) == 0 {
            d.present |= present::RANGE;
            (d.range_m, d.range_std_m) = (0.0, 1.0);
        }
    }
    frame
}

fn frame_bytes(frame: &Frame) -> Vec<u8> {
    let mut out = Vec::new();
    encode_frame(&frame.header, &frame.detections, &mut out).unwrap();
    out
}

fn track_bytes(track: &TrackRecord) -> Vec<u8> {
    let mut out = Vec::new();
    encode_track(track, &mut out).unwrap();
    out
}

/// What a row keeps of a detection.
fn kept(detection: &Detection, time_ns: i64) -> Detection {
    let gone = present::HEIGHT | present::ADDRESS | present::MODE_3A;
    let mut kept = Detection { present: detection.present & !gone, time_ns, ..*detection };
    (kept.height_m, kept.address, kept.mode_3a) = (f64::NAN, 0, 0);
    kept.range_std_m = f32::NAN;
    kept.bearing_std_deg = f32::NAN;
    kept.elevation_std_deg = f32::NAN;
    kept.range_rate_std_m_s = f32::NAN;
    kept.height_std_m = f32::NAN;
    kept
}

/// What a row keeps of a track.
fn kept_track(track: &TrackRecord) -> TrackRecord {
    use crate::tracking::record::present;
    let mut kept = *track;
    kept.position_m = track.position_m.map(|value| f64::from(value as f32));
    kept.velocity_m_s = track.velocity_m_s.map(|value| f64::from(value as f32));
    kept.present &= !(present::ADDRESS | present::MODE_3A);
    (kept.address, kept.mode_3a) = (0, 0);
    (kept.number, kept.update_time_ns, kept.hit_count) = (0, 0, 0);
    (kept.detection_index, kept.event) = (NO_DETECTION, event::NONE);
    kept
}

#[test]
fn frames_come_back_without_what_rows_do_not_carry() {
    let mut random = Random::new(31);
    for count in [0, 1, 5, 40].into_iter().cycle().take(400) {
        let frame = frame(&mut random, count);
        let rows = decode_frame(&frame_bytes(&frame)).unwrap();
        assert_eq!(rows.frame_id, frame.header.frame_id().into_bytes());
        assert_eq!((rows.sensor_id, rows.time_ns), (frame.header.sensor_id, frame.header.time_ns));
        let expected: Vec<_> = frame.detections.iter().map(|d| kept(d, rows.time_ns)).collect();
        assert_eq!(format!("{:?}", rows.detections), format!("{expected:?}"));
    }
}

#[test]
fn tracks_come_back_without_what_rows_do_not_carry() {
    let mut random = Random::new(33);
    for _ in 0..1000 {
        let (time_ns, fields) = (random.bits() as i64, random.bits() as u32);
        let track = random.track(time_ns, fields);
        let back = decode_track(&track_bytes(&track)).unwrap();
        assert_eq!(format!("{back:?}"), format!("{:?}", kept_track(&track)));
    }
}

#[test]
fn damage_never_panics_and_what_is_accepted_can_be_written_again() {
    let mut random = Random::new(35);
    let mut accepted = [0, 0];
    for count in [0, 1, 6].into_iter().cycle().take(20_000) {
        let mut payload = frame_bytes(&frame(&mut random, count));
        random.damage(&mut payload);
        accepted[0] += usize::from(decode_frame(&payload).is_ok_and(|rows| {
            assert!(rows.detections.len() * 11 <= payload.len(), "rows out of nothing");
            true
        }));
        let fields = random.bits() as u32;
        let mut payload = track_bytes(&random.track(0, fields));
        random.damage(&mut payload);
        accepted[1] += usize::from(decode_track(&payload).is_ok_and(|track| {
            let again = track_bytes(&TrackRecord { number: 1, ..track });
            assert_eq!(
                format!("{:?}", decode_track(&again)),
                format!("{:?}", Ok::<_, Error>(track))
            );
            true
        }));
    }
    assert!(accepted.iter().all(|count| *count > 1000), "{accepted:?}");
}

#[test]
fn zero_measured_and_not_measured_differ() {
    let mut detection = Detection::absent(0);
    detection.present = present::RANGE | present::RANGE_RATE;
    (detection.range_m, detection.range_std_m) = (10.0, 1.0);
    (detection.range_rate_m_s, detection.range_rate_std_m_s) = (0.0, 1.0);
    let mut frame = frame(&mut Random::new(1), 0);
    frame.header.range_band = 0;
    frame.detections.push(detection);
    let rows = decode_frame(&frame_bytes(&frame)).unwrap();
    assert_eq!(rows.detections[0].present, present::RANGE | present::RANGE_RATE);
    assert_eq!(rows.detections[0].range_rate_m_s, 0.0);
    assert!(rows.detections[0].elevation_deg.is_nan());
}

#[test]
fn errors_say_what_and_where() {
    let mut frame = frame(&mut Random::new(1), 1);
    let refusal = |payload: &[u8]| decode_frame(payload).unwrap_err().to_string();
    let payload = frame_bytes(&frame);
    assert_eq!(refusal(&payload[..2]), "RadarFrame: at byte 2: timestamp is missing");
    let mut other = payload.clone();
    other[6] = b'x';
    assert!(refusal(&other).contains("frame_id is \"x"), "{}", refusal(&other));
    let row = [&payload[..], &[0x2a, 3, 0xd8, 0x05, 1]].concat(); // id_present: true
    assert!(refusal(&row).contains("id_present is true, transponder_id is empty"));
    let row = [&payload[..], &[0x2a, 0]].concat();
    assert!(refusal(&row).contains("detections[1].present is 0x0, must be with range or bearing"));
    let row = [&payload[..], &[0x2a, 36, 0x4a, 34], &[b'A'; 34]].concat();
    assert!(refusal(&row).contains("transponder_id has 34 bytes, must have at most 32"));
    frame.detections[0] = Detection::absent(0);
    frame.detections[0].range_band = frame.header.range_band;
    let mut out = vec![7];
    let result = encode_frame(&frame.header, &frame.detections, &mut out);
    assert!(result.is_err() && out == [7]);
}

#[test]
fn identity_in_the_long_range_is_refused() {
    let frame = Frame { detections: vec![], ..frame(&mut Random::new(1), 0) };
    let mut payload = frame_bytes(&frame);
    // range_m: 0, range_band: RR_LR and then transponder_on, transponder_mode, transponder_id.
    for extra in [&[0x38, 1][..], &[0x40, 2], &[0x4a, 1, b'A']] {
        let row = [&[0x09][..], &[0; 8], &[0xd0, 0x05, 1], extra].concat();
        payload.extend([0x2a, row.len() as u8]);
        payload.extend(&row);
        let message = decode_frame(&payload).unwrap_err().to_string();
        assert!(message.contains("LR band"), "{message}");
        payload.truncate(payload.len() - row.len() - 2);
    }
}

#[test]
fn times_before_the_epoch_have_whole_nanoseconds() {
    for time_ns in [0, 1, -1, 999_999_999, -NS_PER_S, i64::MIN, i64::MAX] {
        let track = Random::new(2).track(time_ns, 0);
        assert_eq!(decode_track(&track_bytes(&track)).unwrap().time_ns, time_ns);
    }
}
