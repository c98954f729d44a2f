use super::*;
use crate::detection::{Detection, present, range_band};
use crate::frame::Frame;
use crate::frame_limits::{MAX_TIME_NS, check_parts};
use crate::wire::test_random::Random;

struct Text {
    payload: Vec<u8>,
    scan: String,
    absent: String,
}

fn encoded(frame: &Frame) -> Text {
    let mut payload = Vec::new();
    let headers = frame::encode(&frame.header, &frame.detections, 5, &mut payload).unwrap();
    Text { payload, scan: headers.scan, absent: headers.absent }
}

fn decoded(text: &Text) -> Result<Frame> {
    let mut detections = vec![Detection::absent(3)];
    let header = frame::decode_into(&text.payload, &text.scan, &text.absent, &mut detections)?;
    Ok(Frame { header, detections })
}

/// What JSON keeps of a frame.
fn kept(frame: &Frame) -> Frame {
    let largest = |bit, std: fn(&Detection) -> f32| {
        let all = frame.detections.iter().filter(|d| d.has(bit)).map(std);
        all.fold(f32::NAN, f32::max)
    };
    let mut kept = frame.clone();
    for d in &mut kept.detections {
        d.time_ns = frame.header.time_ns;
        d.present &= !(present::HEIGHT | present::ADDRESS | present::MODE_3A);
        (d.height_m, d.height_std_m, d.address, d.mode_3a) = (f64::NAN, f32::NAN, 0, 0);
        if d.snr_db < 0.0 {
            d.present &= !present::SNR;
            d.snr_db = f32::NAN;
        }
        let std = |bit, largest| if d.has(bit) { largest } else { f32::NAN };
        let range_std_m = std(present::RANGE, largest(present::RANGE, |d| d.range_std_m));
        let bearing = std(present::BEARING, largest(present::BEARING, |d| d.bearing_std_deg));
        let elevation =
            std(present::ELEVATION, largest(present::ELEVATION, |d| d.elevation_std_deg));
        let rate = std(present::RANGE_RATE, largest(present::RANGE_RATE, |d| d.range_rate_std_m_s));
        (d.range_std_m, d.bearing_std_deg) = (range_std_m, bearing);
        (d.elevation_std_deg, d.range_rate_std_m_s) = (elevation, rate);
    }
    kept
}

/// Every number of a `Debug` is the shortest that has its bits, and NaN compares.
fn words(frame: &Frame) -> String {
    format!("{frame:?}")
}

fn sample() -> Frame {
    let mut frame = Random::new(7).frame(3);
    frame.header.range_band = range_band::UNSPECIFIED;
    (frame.header.number, frame.header.time_ns) = (5, 1_000_000);
    frame
}

fn message_of(change: impl FnOnce(&mut Text)) -> String {
    let mut text = encoded(&sample());
    change(&mut text);
    decoded(&text).unwrap_err().to_string()
}

fn replaced(payload: &mut Vec<u8>, old: &str, new: &str) {
    let text = str::from_utf8(payload).unwrap();
    assert!(text.contains(old), "{text}");
    *payload = text.replacen(old, new, 1).into_bytes();
}

#[test]
fn frames_come_back_bit_for_bit_as_far_as_json_says_them() {
    let mut random = Random::new(41);
    for count in [0, 1, 2, 63, 200].into_iter().cycle().take(300) {
        let frame = random.frame(count);
        let text = encoded(&frame);
        assert_eq!(words(&decoded(&text).unwrap()), words(&kept(&frame)));
        assert!(text.scan.is_ascii() && text.scan.len() < 700, "{}", text.scan);
    }
}

#[test]
fn limits_of_numbers_come_back() {
    let mut frame = sample();
    for (time_ns, bearing_deg) in [(-MAX_TIME_NS, 360.0_f64.next_down()), (MAX_TIME_NS, -0.0)] {
        frame.header.time_ns = time_ns;
        frame.header.epoch = u64::MAX;
        let d = &mut frame.detections[0];
        d.present |= present::BEARING;
        (d.bearing_deg, d.bearing_std_deg) = (bearing_deg, f32::MIN_POSITIVE);
        let found = decoded(&encoded(&frame)).unwrap();
        assert_eq!(words(&found), words(&kept(&frame)));
    }
}

#[test]
fn every_cut_is_refused() {
    let text = encoded(&sample());
    for length in 0..text.payload.len() {
        let payload = text.payload[..length].to_vec();
        let result =
            decoded(&Text { payload, scan: text.scan.clone(), absent: text.absent.clone() });
        assert!(matches!(result, Err(Error::Decode { .. })), "{length}: {result:?}");
    }
}

#[test]
fn damage_is_refused_or_gives_a_frame_that_keeps_the_contract() {
    let mut random = Random::new(43);
    let mut accepted = 0;
    for count in [0, 1, 5, 20].into_iter().cycle().take(20_000) {
        let mut text = encoded(&random.frame(count));
        match random.below(6) {
            0 => text.scan = damaged(&mut random, &text.scan),
            1 => text.absent = damaged(&mut random, &text.absent),
            2 => random.damage(&mut text.payload),
            _ => another_digit(&mut random, &mut text.payload),
        }
        if let Ok(frame) = decoded(&text) {
            assert_eq!(check_parts(&frame.header, &frame.detections), Ok(()));
            assert!(frame.detections.len() * 64 <= text.payload.len());
            assert_eq!(words(&decoded(&encoded(&frame)).unwrap()), words(&kept(&frame)));
            accepted += 1;
        }
    }
    assert!(accepted > 1000, "the damage was so heavy that nothing was tested: {accepted}");
}

/// Most other damage is no JSON.
fn another_digit(random: &mut Random, payload: &mut [u8]) {
    let start = random.below(payload.len());
    let digit = payload[start..].iter_mut().find(|byte| byte.is_ascii_digit());
    digit.into_iter().for_each(|digit| *digit = b'0' + random.below(10) as u8);
}

fn damaged(random: &mut Random, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    random.damage(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn what_the_models_refuse_is_refused() {
    let refused = |old: &str, new: &str| message_of(|text| replaced(&mut text.payload, old, new));
    for (old, new, reason) in [
        ("\"range_m\"", "\"extra\":1,\"range_m\"", "detections[0].extra: unknown field `extra`"),
        ("\"range_m\"", "\"range_m\":1,\"range_m\"", "duplicate field `range_m`"),
        ("\"range_m\"", "\"range_m\":\"1\",\"x\"", "detections[0].range_m: invalid type: string"),
        ("\"range_m\"", "\"range_m\":1e999,\"x\"", "detections[0].range_m: number out of range"),
        ("\"range_m\"", "\"range_m\":NaN,\"x\"", "detections[0].range_m: expected"),
        ("\"range_m\"", "\"range_m\":null,\"x\"", "detections[0].range_m: invalid type: null"),
        ("\"transponder_on\":", "\"transponder_on\":1,\"x\":", "invalid type: integer `1`"),
        ("\"range_band\":", "\"range_band\":-1,\"x\":", "detections[0].range_band: invalid value"),
        ("\"timestamp\":\"", "\"timestamp\":\"x", "timestamp: invalid value"),
        ("\"frame_id\":\"", "\"frame_id\":\"x", "frame_id: invalid value"),
        (
            "\"detections\":[",
            "\"detections\":[[",
            "detections[0]: invalid type: sequence, expected an object",
        ),
        ("{", "{\"schema_version\":2,\"x\":", "unknown field `x`"),
    ] {
        let message = refused(old, new);
        assert!(message.contains(reason), "{message}");
        assert!(message.starts_with("RadarFrame JSON: at byte "), "{message}");
    }
    let version = refused("\"schema_version\":1", "\"schema_version\":2");
    assert_eq!(version, "frame: schema_version is 2, must be 1: update the older side");
    let trailing = message_of(|text| text.payload.push(b'1'));
    assert!(trailing.contains("trailing characters"), "{trailing}");
}

#[test]
fn depth_and_size_have_limits() {
    let nested = message_of(|text| text.payload = vec![b'['; 100_000]);
    assert!(nested.contains("at byte"), "{nested}");
    let spaced = message_of(|text| text.payload.resize(MAX_BYTES + 1, b' '));
    assert!(spaced.contains("must have at most 4194304"), "{spaced}");
    let mut frame = sample();
    frame.detections[0].present |= present::TRANSPONDER_ID;
    frame.detections[0].range_band = range_band::SHORT;
    frame.detections[0].transponder_id = [b'a'; 32];
    let mut text = encoded(&frame);
    replaced(&mut text.payload, "\"aaa", "\"aaaa");
    let long = decoded(&text).unwrap_err().to_string();
    assert!(
        long.contains("transponder_id: invalid length 33, expected text of at most 32"),
        "{long}"
    );
}

#[test]
fn what_is_quoted_of_a_text_is_short() {
    let long = |head: &str| format!("{head}{}", "\u{e9}\u{20ac}\\\"x".repeat(200_000));
    let key = format!("\"{}\":1,\"range_m\"", long("`, expected "));
    let text = format!("\"range_m\":\"{}\",\"x\"", long("\\\", expected "));
    let time = format!("\"timestamp\":\"{}", long("2026"));
    for (old, new, reason) in [
        ("\"range_m\"", &key, ": unknown field ``, expected"),
        ("\"range_m\"", &text, "detections[0].range_m: invalid type: string \""),
        ("\"timestamp\":\"", &time, "timestamp: invalid value: string \"2026\u{e9}\u{20ac}"),
        ("\"frame_id\":\"", &time.replace("timestamp", "frame_id"), "frame_id: invalid value"),
    ] {
        let message = message_of(|text| replaced(&mut text.payload, old, new));
        assert!(message.contains(reason) && message.len() < 600, "{message}");
        assert!(message.contains("..., expected ") && message.contains(" at line 1 "), "{message}");
    }
    // Of a number its value is told, which is short however many digits it has.
    let number = format!("\"range_band\":{},\"x\":", "1".repeat(300) + ".5");
    let message = message_of(|text| replaced(&mut text.payload, "\"range_band\":", &number));
    assert!(message.contains("range_band: invalid type: floating point `1.1"), "{message}");
    assert!(message.len() < 200, "{message}");
    for absent in [long("range_m"), long("range_m:").replace(';', ",")] {
        let message = message_of(|text| text.absent = absent);
        assert!(message.contains("...") && message.len() < 600, "{message}");
    }
    let scan = message_of(|text| text.scan = format!("{{\"{}\":1}}", long("k")));
    assert!(scan.starts_with("x-qiki-scan: at byte ") && scan.len() < 600, "{scan}");
}

#[test]
fn headers_that_say_something_else_are_refused() {
    let number =
        message_of(|text| text.scan = text.scan.replacen("\"number\":", "\"number\":1", 1));
    assert!(number.contains("frame_id is ") && number.contains("x-qiki-scan"), "{number}");
    let time =
        message_of(|text| text.scan = text.scan.replacen("\"time_ns\":", "\"time_ns\":-1", 1));
    assert!(time.starts_with("frame: timestamp is 1970-01-01T00:00:00.001000Z"), "{time}");
    let missing = message_of(|text| text.scan.clear());
    assert!(missing.starts_with("x-qiki-scan: at byte 0: EOF"), "{missing}");
    for (absent, reason) in [
        ("range_m:0,0", "rows \"0\", must be numbers below 3 that rise"),
        ("range_m:3", "rows \"3\""),
        ("range_m:+1", "rows \"+1\""),
        ("range_m:", "rows \"\""),
        ("range_m;range_m", "\"range_m\", must be each at most once and in order"),
        ("bearing_deg;range_m", "at byte 12: \"range_m\""),
        ("height_m", "\"height_m\""),
    ] {
        // Row 0 may have the value: then that is what is wrong with the text, and is not looked for.
        let mut frame = sample();
        frame.detections.iter_mut().for_each(|d| *d = Detection::absent(frame.header.time_ns));
        let mut text = encoded(&frame);
        assert_eq!(text.absent, "range_m;bearing_deg;elev_deg;vr_mps;snr_db;rcs_dbsm");
        text.absent = absent.into();
        let message = decoded(&text).unwrap_err().to_string();
        assert!(message.contains(reason), "{message}");
    }
}

#[test]
fn a_value_that_is_said_to_be_absent_is_refused() {
    let mut frame = sample();
    let d = &mut frame.detections[1];
    d.present |= present::RANGE;
    (d.range_m, d.range_std_m) = (7.0, 1.0);
    let mut text = encoded(&frame);
    text.absent = "range_m:1".into();
    let message = decoded(&text).unwrap_err().to_string();
    let expected = "frame: detections[1].range_m is 7, must be 0 where x-qiki-absent names it";
    assert_eq!(message, expected);
}

#[test]
fn a_snr_below_zero_is_absent_and_rows_are_told_in_runs() {
    let mut frame = sample();
    let absent = Detection::absent(frame.header.time_ns);
    frame.detections = vec![Detection { present: present::SNR, snr_db: -0.5, ..absent }; 9];
    for row in [4, 6] {
        frame.detections[row].snr_db = 0.0;
    }
    let text = encoded(&frame);
    assert!(text.absent.ends_with(";snr_db:0-3,5,7-8;rcs_dbsm"), "{}", text.absent);
    assert_eq!(words(&decoded(&text).unwrap()), words(&kept(&frame)));
}

#[test]
fn many_scattered_rows_are_told_in_digits_and_no_header_is_too_long() {
    let mut frame = sample();
    let absent = Detection::absent(frame.header.time_ns);
    let seen = Detection { present: present::SNR, snr_db: 0.0, ..absent };
    let row_of = |row: usize| if row.is_multiple_of(2) { absent } else { seen };
    for (rows, is_digits) in [(400, false), (8001, true)] {
        frame.detections = (0..rows).map(row_of).collect();
        let text = encoded(&frame);
        assert_eq!(text.absent.contains("snr_db:x"), is_digits, "{}", text.absent);
        assert_eq!(words(&decoded(&text).unwrap()), words(&kept(&frame)));
    }
    let text = encoded(&frame);
    let digits = format!("snr_db:x{}8;", "a".repeat(2000));
    assert!(text.absent.contains(&digits), "{}", text.absent);
    for wrong in ["8", "A", "c", "8a"] {
        let absent = text.absent.replace("a8;", &format!("a{wrong};"));
        let (payload, scan) = (text.payload.clone(), text.scan.clone());
        let result = decoded(&Text { payload, scan, absent });
        assert_eq!(result.is_ok(), wrong == "8", "{wrong}");
    }
}

#[test]
fn a_scan_that_names_no_frame_is_of_each() {
    let frame = sample();
    let mut text = encoded(&frame);
    let named = format!(
        "\"epoch\":{},\"number\":{},\"time_ns\":{},",
        frame.header.epoch, frame.header.number, frame.header.time_ns
    );
    text.scan = text.scan.replace(&named, "");
    replaced(&mut text.payload, &frame.header.frame_id().to_string(), &"0".repeat(32));
    let read = decoded(&text).unwrap();
    assert_eq!((read.header.epoch, read.header.number, read.header.time_ns), (0, 1000, 1_000_000));
    assert_eq!(read.detections.len(), frame.detections.len());
    text.scan = text.scan.replacen('{', "{\"number\":5,", 1);
    let message = decoded(&text).unwrap_err().to_string();
    assert!(message.contains("epoch, number and time_ns must be there all three"), "{message}");
    text.scan = text.scan.replacen("\"number\":5,", "", 1);
    replaced(&mut text.payload, "\"timestamp\":\"1970", "\"timestamp\":\"1969");
    let message = decoded(&text).unwrap_err().to_string();
    assert!(
        message.contains("timestamp is 1969") && message.contains("1970 or later"),
        "{message}"
    );
}

#[test]
fn identity_in_the_long_range_is_refused_both_ways() {
    let mut frame = sample();
    frame.detections[0] = Detection::absent(frame.header.time_ns);
    frame.detections[0].range_band = range_band::SHORT;
    frame.detections[0].present = present::TRANSPONDER_REPLY;
    let mut text = encoded(&frame);
    replaced(&mut text.payload, "\"range_band\":2", "\"range_band\":1");
    let message = decoded(&text).unwrap_err().to_string();
    assert!(message.contains("detections[0].present") && message.contains("LR band"), "{message}");
    frame.detections[0].range_band = range_band::LONG;
    let mut out = vec![1];
    assert!(frame::encode(&frame.header, &frame.detections, 0, &mut out).is_err());
    assert_eq!(out, [1], "an error appends nothing");
}

#[test]
fn a_track_that_breaks_the_contract_is_refused() {
    let mut track = Random::new(2).track(0, 0);
    track.range_m = f64::NAN;
    let mut out = vec![1];
    let message = track::encode(&track, 0, &mut out).unwrap_err().to_string();
    assert!(message.contains("range_m is NaN"), "{message}");
    assert_eq!(out, [1], "an error appends nothing");
}
