use super::*;
use crate::detection::range_band;
use crate::error::Error;
use crate::tracking::record::present;
use crate::wire::test_random::Random;
use crate::wire::track_limits::check_track;
use crate::wire::tracks_message::Verdict;

fn encoded(header: &TracksHeader, tracks: &[TrackRecord]) -> Vec<u8> {
    let mut out = Vec::new();
    encode(header, tracks, &mut out).unwrap();
    out
}

/// As text, in which any NaN is "NaN": what else differs, differs.
fn text(tracks: &[TrackRecord]) -> String {
    let canonical = tracks.iter().all(|track| {
        let is_canonical = |value: f32| !value.is_nan() || value.to_bits() == f32::NAN.to_bits();
        is_canonical(track.snr_db) && is_canonical(track.rcs_dbsm)
    });
    assert!(canonical, "a NaN is not the one quiet NaN");
    format!("{tracks:?}")
}

#[test]
fn every_message_comes_back() {
    let mut random = Random::new(21);
    for count in [0, 1, 31, 32, 33, 100].into_iter().cycle().take(300) {
        let (header, tracks) = random.tracks(count);
        let payload = encoded(&header, &tracks);
        let (header_back, tracks_back) = decode(&payload).unwrap();
        assert_eq!(header_back, header);
        assert_eq!(text(&tracks_back), text(&tracks));
        assert_eq!(encoded(&header_back, &tracks_back), payload);
    }
}

#[test]
fn every_cut_is_refused() {
    let (header, tracks) = Random::new(3).tracks(3);
    let payload = encoded(&header, &tracks);
    for length in 0..payload.len() {
        let result = decode(&payload[..length]);
        assert!(matches!(result, Err(Error::Decode { .. })), "{length}: {result:?}");
    }
}

#[test]
fn damage_is_refused_or_gives_tracks_that_keep_the_contract() {
    let mut random = Random::new(5);
    let mut accepted = 0;
    for count in [0, 1, 3, 40].into_iter().cycle().take(20_000) {
        let (header, tracks) = random.tracks(count);
        let mut payload = encoded(&header, &tracks);
        random.damage(&mut payload);
        if let Ok((header, tracks)) = decode(&payload) {
            assert_eq!(check_tracks(&header, &tracks), Ok(()));
            let (header_back, tracks_back) = decode(&encoded(&header, &tracks)).unwrap();
            assert_eq!(header_back, header);
            assert_eq!(text(&tracks_back), text(&tracks));
            accepted += 1;
        }
    }
    assert!(accepted > 1000, "the damage was so heavy that nothing was tested: {accepted}");
}

#[test]
fn the_fast_look_passes_only_what_the_full_check_passes() {
    let mut random = Random::new(13);
    let (mut right, mut wrong) = (0, 0);
    for _ in 0..20_000 {
        let fields = random.bits() as u32;
        let mut track = random.track(0, fields);
        let double = f64::from_bits(random.bits());
        match random.below(23) {
            0 => track.position_m[random.below(3)] = double,
            1 => track.velocity_m_s[random.below(3)] = double,
            2 => track.position_covariance_m2[random.below(6)] = double,
            3 => track.velocity_covariance_m2_s2[random.below(6)] = double,
            4 => track.range_m = double,
            5 => track.bearing_deg = random.uniform(-1.0, 361.0),
            6 => track.elevation_deg = random.uniform(-91.0, 91.0),
            7 => track.range_rate_m_s = f64::INFINITY,
            8 => track.age_s = -0.5,
            9 => track.quality = random.uniform(-0.1, 1.1),
            10 => track.snr_db = f32::from_bits(random.bits() as u32),
            11 => track.rcs_dbsm = f32::INFINITY,
            12 => track.present ^= 1 << random.below(8),
            13 => track.address = 1 << random.below(32),
            14 => track.mode_3a = 1 << random.below(16),
            15 => track.transponder_id[random.below(32)] = random.bits() as u8,
            16 => track.status = random.below(6) as u8,
            17 => track.event = random.below(7) as u8,
            18 => (track.object_type, track.friend_foe) = (random.below(8) as u8, 4),
            19 => track.refuted_probability = random.uniform(-0.1, 1.1) as f32,
            21 => track.object_type_probability = random.uniform(-0.1, 1.1) as f32,
            20 => (track.friend_foe_probability, track.alarms) = (f32::NAN, 4),
            _ => (track.range_band, track.transponder_mode) = (random.below(4) as u8, 1),
        }
        let (header, _) = accepted_header();
        let result = check_tracks(&header, std::slice::from_ref(&track));
        assert_eq!(result.is_ok(), check_track(&track).is_ok(), "{track:?}");
        if result.is_ok() { right += 1 } else { wrong += 1 }
    }
    assert!(right > 1000 && wrong > 1000, "{right} right, {wrong} wrong");
}

fn accepted_header() -> (TracksHeader, Vec<TrackRecord>) {
    let (mut header, tracks) = Random::new(1).tracks(2);
    (header.verdict, header.reason) = (Verdict::Accepted, String::new());
    (header, tracks)
}

#[test]
fn errors_name_field_index_value_and_limit() {
    let refusal = |change: fn(&mut TracksHeader, &mut [TrackRecord])| {
        let (mut header, mut tracks) = accepted_header();
        change(&mut header, &mut tracks);
        let mut out = Vec::new();
        let message = encode(&header, &tracks, &mut out).unwrap_err().to_string();
        assert!(out.is_empty());
        message
    };
    assert_eq!(
        refusal(|_, tracks| tracks[1].quality = 1.5),
        "tracks: tracks[1].quality is 1.5, must be 0 to 1"
    );
    assert_eq!(
        refusal(|_, tracks| tracks[0].position_covariance_m2[3] = -1.0),
        "tracks: tracks[0].position_covariance_m2 is -1, must be at least 0 on the diagonal"
    );
    assert!(
        refusal(|header, _| header.verdict = Verdict::Late).contains("given when not accepted")
    );
    assert!(refusal(|header, _| header.reason = "x".into()).contains("empty when accepted"));
    assert!(
        refusal(|header, _| header.reason = "x".repeat(5000))
            .contains("5000, must be at most 4096")
    );
}

#[test]
fn identity_in_the_long_range_is_refused_both_ways() {
    let (header, mut tracks) = accepted_header();
    tracks.truncate(1);
    tracks[0] = Random::new(4).track(header.time_ns, 0);
    tracks[0].range_band = range_band::SHORT;
    tracks[0].present = present::TRANSPONDER_REPLY;
    let mut payload = encoded(&header, &tracks);
    let column = [0xba, 0x02, 1, range_band::SHORT];
    let at = payload.windows(4).position(|window| window == column).unwrap();
    payload[at + 3] = range_band::LONG;
    let message = decode(&payload).unwrap_err().to_string();
    assert!(message.contains("tracks[0].present") && message.contains("LR band"), "{message}");

    tracks[0].range_band = range_band::LONG;
    let message = encode(&header, &tracks, &mut Vec::new()).unwrap_err().to_string();
    assert!(message.contains("tracks[0].present") && message.contains("LR band"), "{message}");
}

#[test]
fn the_header_is_checked() {
    let (header, tracks) = accepted_header();
    let payload = encoded(&header, &tracks);
    let at = |needle: &[u8]| payload.windows(needle.len()).position(|w| w == needle).unwrap();
    let mut other = payload.clone();
    other[at(&[0x30, 1]) + 1] = 4;
    assert!(decode(&other).unwrap_err().to_string().contains("verdict is 4, must be 1 (accepted)"));
    let mut other = payload.clone();
    other[1] = 3;
    assert!(decode(&other).unwrap_err().to_string().contains("schema_version is 3, must be 1"));
    let message = decode(&payload[..40]).unwrap_err().to_string();
    assert!(message.starts_with("RadarTrackColumns: at byte "), "{message}");
}
