use super::*;
use crate::detection::{present, range_band};
use crate::error::Error;
use crate::frame_limits::check_frame;
use crate::wire::test_random::Random;

const SIZES: [usize; 8] = [0, 1, 2, 63, 64, 65, 130, 200];

fn encoded(frame: &Frame) -> Vec<u8> {
    let mut out = Vec::new();
    encode(&frame.header, &frame.detections, &mut out).unwrap();
    out
}

/// The records' bits, so that NaN compares by its bits.
fn bits(detections: &[Detection]) -> Vec<([u64; 6], [u32; 9], [u8; 44])> {
    let row = |d: &Detection| {
        let doubles = [d.range_m, d.bearing_deg, d.elevation_deg, d.range_rate_m_s, d.height_m];
        let [a, b, c, e, f] = doubles.map(f64::to_bits);
        let floats = [
            d.range_std_m,
            d.bearing_std_deg,
            d.elevation_std_deg,
            d.range_rate_std_m_s,
            d.height_std_m,
            d.snr_db,
            d.rcs_dbsm,
        ];
        let [g, h, i, j, k, l, m] = floats.map(f32::to_bits);
        let mut bytes = [0; 44];
        bytes[..32].copy_from_slice(&d.transponder_id);
        bytes[32..40].copy_from_slice(&d.reserved);
        bytes[40..42].copy_from_slice(&d.mode_3a.to_le_bytes());
        bytes[42..].copy_from_slice(&[d.range_band, d.transponder_mode]);
        let words = [d.time_ns as u64, a, b, c, e, f];
        (words, [g, h, i, j, k, l, m, d.present, d.address], bytes)
    };
    detections.iter().map(row).collect()
}

fn levels() -> impl Iterator<Item = SimdLevel> {
    SimdLevel::ALL.into_iter().filter(|level| level.is_available())
}

/// A frame with one detection that `change` has altered.
fn altered(change: impl FnOnce(&mut Frame)) -> Frame {
    let mut frame = Random::new(7).frame(70);
    frame.header.range_band = range_band::UNSPECIFIED;
    change(&mut frame);
    frame
}

#[test]
fn every_frame_comes_back_bit_for_bit_at_every_level() {
    let mut random = Random::new(1);
    for count in SIZES.into_iter().cycle().take(400) {
        let frame = random.frame(count);
        let payload = encoded(&frame);
        for level in levels() {
            let mut again = vec![0; payload.len()];
            let encoder = Encoder::new(&frame.header, &frame.detections);
            encoder.write_at(level, &mut again).unwrap();
            assert_eq!(again, payload, "{level}");
            let mut detections = vec![Detection::absent(3)];
            let header = decode_at(level, &payload, &mut detections).unwrap();
            assert_eq!(header, frame.header);
            assert_eq!(bits(&detections), bits(&frame.detections), "{level}");
        }
    }
}

#[test]
fn every_cut_is_refused() {
    let payload = encoded(&Random::new(3).frame(66));
    for length in 0..payload.len() {
        let result = decode(&payload[..length]);
        assert!(matches!(result, Err(Error::Decode { .. })), "{length}: {result:?}");
    }
}

#[test]
fn damage_is_refused_or_gives_a_frame_that_keeps_the_contract() {
    let mut random = Random::new(5);
    let mut accepted = 0;
    for count in [0, 1, 5, 64, 70].into_iter().cycle().take(20_000) {
        let mut payload = encoded(&random.frame(count));
        random.damage(&mut payload);
        if let Ok(frame) = decode(&payload) {
            assert_eq!(check_frame(&frame), Ok(()));
            assert!(frame.detections.len() * 4 <= payload.len());
            let again = decode(&encoded(&frame)).unwrap();
            assert_eq!(bits(&again.detections), bits(&frame.detections));
            accepted += 1;
        }
    }
    assert!(accepted > 1000, "the damage was so heavy that nothing was tested: {accepted}");
}

#[test]
fn arbitrary_bytes_never_panic() {
    let mut random = Random::new(9);
    for _ in 0..20_000 {
        let length = random.below(300);
        let mut bytes: Vec<u8> = (0..length).map(|_| random.bits() as u8).collect();
        assert!(decode(&bytes).is_err());
        bytes.splice(0..0, [0x08, 0x01]);
        assert!(decode(&bytes).is_err());
    }
}

#[test]
fn what_the_fast_look_passes_the_full_check_passes() {
    let mut random = Random::new(11);
    for _ in 0..20_000 {
        let frame = altered(|frame| {
            let count = frame.detections.len();
            let d = &mut frame.detections[random.below(count)];
            let double = f64::from_bits(random.bits());
            let float = f32::from_bits(random.bits() as u32);
            match random.below(16) {
                0 => d.range_m = double,
                1 => d.bearing_deg = random.uniform(-1.0, 361.0),
                2 => d.elevation_deg = random.uniform(-91.0, 91.0),
                3 => d.range_rate_m_s = double,
                4 => d.height_m = double,
                5 => d.range_std_m = float,
                6 => d.bearing_std_deg = float,
                7 => d.elevation_std_deg = float,
                8 => d.range_rate_std_m_s = -0.0,
                9 => d.snr_db = float,
                10 => d.present ^= 1 << random.below(13),
                11 => d.address = 1 << random.below(32),
                12 => d.mode_3a = 1 << random.below(16),
                13 => d.range_band = random.below(4) as u8,
                14 => d.transponder_mode = random.below(5) as u8,
                _ => d.transponder_id[random.below(32)] = random.bits() as u8,
            }
        });
        let mut out = vec![1, 2, 3];
        let result = encode(&frame.header, &frame.detections, &mut out);
        assert_eq!(result, check_frame(&frame));
        assert!(result.is_ok() || out == [1, 2, 3], "an error appends nothing");
    }
}

#[test]
fn every_nan_is_written_as_the_one_quiet_nan() {
    let plain = altered(|frame| frame.detections[4] = Detection::absent(1));
    let odd = altered(|frame| {
        let d = &mut frame.detections[4];
        *d = Detection::absent(1);
        d.range_m = f64::from_bits(0xfff8_0000_0000_0001);
        d.snr_db = f32::from_bits(0x7f80_0001);
    });
    assert_eq!(encoded(&odd), encoded(&plain));
}

#[test]
fn identity_in_the_long_range_is_refused_both_ways() {
    let named = altered(|frame| {
        let d = &mut frame.detections[0];
        *d = Detection::absent(0);
        d.range_band = range_band::SHORT;
        d.present = present::TRANSPONDER_REPLY;
    });
    let mut long = named.clone();
    long.detections[0].range_band = range_band::LONG;
    let mut out = Vec::new();
    let message = encode(&long.header, &long.detections, &mut out).unwrap_err().to_string();
    assert!(message.contains("detections[0].present") && message.contains("LR band"), "{message}");

    let mut payload = encoded(&named);
    let column = [0xfa, 0x01, 70, range_band::SHORT];
    let at = payload.windows(4).position(|window| window == column).unwrap();
    payload[at + 3] = range_band::LONG;
    let message = decode(&payload).unwrap_err().to_string();
    assert!(message.contains("detections[0].present") && message.contains("LR band"), "{message}");
}

#[test]
fn a_code_past_sixteen_bits_is_not_cut_to_size() {
    let frame = altered(|frame| {
        frame.detections = vec![Detection::absent(frame.header.time_ns)];
        frame.detections[0].present = present::MODE_3A;
        frame.detections[0].mode_3a = 0o1200;
    });
    let mut payload = encoded(&frame);
    let column = [0xf2, 0x01, 4, 0x80, 0x02, 0, 0];
    let at = payload.windows(7).position(|window| window == column).unwrap();
    payload[at + 5] = 1;
    let message = decode(&payload).unwrap_err().to_string();
    assert!(message.contains("mode_3a is 65535, must be 0 to 4095"), "{message}");
}

#[test]
fn a_column_that_no_row_needs_is_left_out() {
    let mut frame = altered(|frame| frame.detections.truncate(0));
    frame.detections = vec![Detection::absent(frame.header.time_ns); 10];
    let empty = encoded(&frame).len();
    frame.detections[3].present = present::SNR;
    frame.detections[3].snr_db = 4.0;
    assert_eq!(encoded(&frame).len(), empty + 3 + 10 * 4);
    frame.detections[3].time_ns += 1;
    assert_eq!(encoded(&frame).len(), empty + (3 + 10 * 4) + (3 + 10 * 8));
}

#[test]
fn the_version_comes_first_and_names_both_sides() {
    let payload = encoded(&Random::new(2).frame(1));
    let mut newer = payload.clone();
    newer[1] = 9;
    let message = decode(&newer).unwrap_err().to_string();
    assert!(message.contains("at byte 1: schema_version is 9, must be 1"), "{message}");
    assert!(decode(&[]).unwrap_err().to_string().contains("schema_version must come first"));
    assert!(decode(&payload[2..]).unwrap_err().to_string().contains("must come first"));
}

#[test]
fn fields_of_later_versions_are_skipped() {
    let frame = Random::new(2).frame(3);
    let mut payload = encoded(&frame);
    payload.extend([0xf8, 0x07, 5]); // field 127, varint
    assert_eq!(bits(&decode(&payload).unwrap().detections), bits(&frame.detections));
}
