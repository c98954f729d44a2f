//! Bytes of any kind: no panic, every refusal has an offset and a reason, the output is bounded.

use super::fault::LISTED_FAULTS;
use super::sample::{
    SamplePlot, bits, block, blocks, ethernet, ipv4, ipv6, north_record, pcap, pcapng, turning,
    whole_record,
};
use super::scans::{Identity, ScanOptions, cut};
use super::source::Source;
use super::{ReadOptions, Recording, read};
use crate::error::Error;
use crate::frame_limits::check_frame;

/// Inputs tried; a run takes a few seconds in a debug build.
const MUTATIONS: u64 = 100_000;

/// SplitMix64 (Steele, Lea, Flood 2014): what is tried must be the same on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

fn stream() -> Vec<u8> {
    let mut bytes = blocks(&turning(4.0, 5, 2));
    bytes.extend(block(34, &[north_record(8.0, 129), north_record(12.0, 129)].concat()));
    bytes.extend(block(48, &[whole_record(), whole_record()].concat()));
    bytes.extend(block(62, &[0x80, 1, 2]));
    bytes.extend(blocks(&[SamplePlot { time_s: 13.0, bearing_deg: 90.0, sic: 7 }]));
    bytes
}

fn samples() -> Vec<Vec<u8>> {
    let stream = stream();
    let (four, six) = (ipv4(&stream), ipv6(&stream));
    let tagged = vec![ethernet(0x0800, &four), ethernet(0x86DD, &six)];
    let raw = vec![four.clone(), six];
    vec![
        stream,
        pcap(false, 0xA1B2_C3D4, 1, &tagged),
        pcap(true, 0xA1B2_3C4D, 101, &raw),
        pcapng(false, 1, &tagged),
        pcapng(true, 101, &raw),
    ]
}

/// Change, cut, repeat or insert up to four times.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(4) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.next() as u8,
            2 => bytes[at] = [0x00, 0x01, 0x30, 0x7F, 0x80, 0xFF][random.below(6)],
            3 => bytes.truncate(at),
            4 => bytes.insert(at, random.next() as u8),
            _ => {
                let end = bytes.len().min(at + 1 + random.below(40));
                let piece = bytes[at..end].to_vec();
                let place = random.below(bytes.len());
                bytes.splice(place..place, piece);
            }
        }
    }
}

fn assert_refusal_is_placed(bytes: &[u8], error: &Error) {
    let Error::Decode { offset, reason, .. } = error else { panic!("{error:?}") };
    assert!(*offset <= bytes.len() && !reason.is_empty(), "{error}");
}

/// The least plot takes 10 bytes of the input and 160 of the output, the least message 6 and 40,
/// the least fault 3 and less than 100.
fn assert_output_is_bounded(bytes: &[u8], recording: &Recording) {
    assert_eq!(recording.plots.len(), recording.details.len());
    assert!(recording.plots.len() * 10 + recording.services.len() * 6 <= bytes.len());
    assert!(recording.faults.listed.len() <= LISTED_FAULTS);
    assert!(recording.faults.count <= bytes.len() as u64);
    assert!(recording.tally.unread_bytes <= bytes.len() as u64);
    assert!(recording.faults.listed.iter().all(|fault| fault.offset <= bytes.len()));
}

fn assert_frames_keep_the_contract(recording: &Recording) {
    let options = ScanOptions {
        source: Some(Source { sac: 20, sic: 129 }),
        rotation_period_s: Some(4.0),
        ..ScanOptions::default()
    };
    let Ok(scans) = cut(recording, options) else { return };
    let mut latest_ns = i64::MIN;
    for number in 0..scans.len() {
        let frame = scans.frame(number, Identity::Used, 0).unwrap();
        check_frame(&frame).unwrap();
        assert!(frame.header.time_ns >= latest_ns);
        assert!(frame.detections.iter().all(|plot| plot.time_ns <= frame.header.time_ns));
        latest_ns = frame.header.time_ns;
    }
    assert!(scans.len() <= 65 * scans.plots.len());
}

fn check(bytes: &[u8]) -> bool {
    let strict = read(bytes, ReadOptions::default());
    let tolerant = read(bytes, ReadOptions { tolerant: true, ..ReadOptions::default() });
    match &tolerant {
        Ok(recording) => {
            assert_output_is_bounded(bytes, recording);
            assert_frames_keep_the_contract(recording);
            assert_eq!(strict.is_ok(), recording.faults.count == 0);
        }
        Err(error) => assert_refusal_is_placed(bytes, error),
    }
    match (&strict, tolerant) {
        (Ok(recording), Ok(same)) => {
            assert_eq!(bits(&recording.plots), bits(&same.plots));
            assert_eq!(recording.tally, same.tally);
        }
        (Ok(_), Err(error)) => panic!("only the tolerant reading refuses: {error}"),
        (Err(error), _) => assert_refusal_is_placed(bytes, error),
    }
    strict.is_ok()
}

#[test]
fn mutated_input_is_read_or_refused() {
    let samples = samples();
    assert!(samples.iter().all(|sample| check(sample)), "the samples themselves are sound");
    let mut random = Random(2026);
    let mut read_anyway = 0;
    for _ in 0..MUTATIONS {
        let mut bytes = samples[random.below(samples.len())].clone();
        mutate(&mut bytes, &mut random);
        read_anyway += u64::from(check(&bytes));
    }
    // Both ways must have been taken often, else the mutations are too harsh or too mild.
    assert!((MUTATIONS / 10..MUTATIONS / 2).contains(&read_anyway), "{read_anyway}");
}

#[test]
fn rubbish_is_refused() {
    let mut random = Random(7);
    for length in 0..2_000 {
        let bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        assert!(!check(&bytes), "{length} random bytes were read");
    }
}

#[test]
fn every_truncation_is_refused_where_it_was_cut() {
    for sample in samples() {
        let mut whole = 0;
        for length in 0..sample.len() {
            match read(&sample[..length], ReadOptions::default()) {
                // Cut between two blocks or packets: nothing tells that more was to come.
                Ok(_) => whole += 1,
                Err(error) => assert_refusal_is_placed(&sample[..length], &error),
            }
        }
        assert!(whole <= 14, "{whole} of {} truncations were read", sample.len());
    }
}
