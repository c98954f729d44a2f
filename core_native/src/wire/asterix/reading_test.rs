//! Values by hand from the standard's own units, and what a tolerant reading saves.

use super::fault::Reason;
use super::plot_detail::{NO_TRACK_NUMBER, flags};
use super::sample::{
    SamplePlot, bits, block, blocks, ethernet, ipv4, ipv6, north_record, pcap, pcapng, plot_block,
    plot_record, turning, whole_record,
};
use super::sensor::{DopplerSign, SensorAccuracy};
use super::{ReadOptions, Recording, read};
use crate::detection::{present, transponder_mode};
use crate::error::{Error, Result};

const PLOT: SamplePlot = SamplePlot { time_s: 100.0, bearing_deg: 45.0, sic: 129 };

fn tolerantly(bytes: &[u8]) -> Result<Recording> {
    read(bytes, ReadOptions { tolerant: true, ..ReadOptions::default() })
}

fn refusal(bytes: &[u8]) -> String {
    read(bytes, ReadOptions::default()).unwrap_err().to_string()
}

#[test]
fn every_item_of_a_whole_record_is_stepped_over() {
    let bytes = block(48, &[whole_record(), plot_record(PLOT)].concat());
    let recording = read(&bytes, ReadOptions::default()).unwrap();
    let [plot, next] = recording.plots[..] else { panic!("{recording:?}") };
    assert_eq!(plot.time_ns, 28_800_500_000_000);
    assert_eq!((plot.range_m, plot.bearing_deg), (1852.0, 90.0));
    assert_eq!(plot.height_m, -2.0 * 25.0 * 0.3048);
    assert_eq!((plot.address, plot.mode_3a), (0x3C_6586, 0o7200));
    assert_eq!(&plot.transponder_id[..8], b"AB1 Z9\0\0");
    assert_eq!(plot.transponder_mode, transponder_mode::ON);
    let measured = present::RANGE | present::BEARING | present::HEIGHT;
    assert_eq!(plot.present, measured | present::IDENTITY);
    assert_eq!((next.range_m, next.bearing_deg), (18_520.0, 45.0));

    let detail = recording.details[0];
    assert_eq!((detail.sac, detail.sic, detail.report_type), (20, 129, 5));
    assert_eq!(detail.flags, flags::SIMULATED | flags::SPECIAL_POSITION | flags::TEST);
    assert_eq!((detail.track_number, detail.track_status), (0x123, 0x47));
    assert_eq!((detail.ground_speed_m_s, detail.heading_deg), (231.5, 270.0));
    assert_eq!((detail.track_std_x_m, detail.track_std_y_m), (926.0, 1852.0));
    assert_eq!(recording.details[1].track_number, NO_TRACK_NUMBER);
    assert!(recording.details[1].ground_speed_m_s.is_nan());
}

#[test]
fn doppler_speed_counts_only_with_a_known_sign() {
    let bytes = block(48, &whole_record());
    for (doppler, expected) in [
        (DopplerSign::Unknown, None),
        (DopplerSign::Receding, Some(-100.0)),
        (DopplerSign::Approaching, Some(100.0)),
    ] {
        let options = ReadOptions { doppler, ..ReadOptions::default() };
        let plot = read(&bytes, options).unwrap().plots[0];
        let range_rate_m_s = plot.has(present::RANGE_RATE).then_some(plot.range_rate_m_s);
        assert_eq!(range_rate_m_s, expected);
    }
    let mut doubtful = bytes;
    let at = doubtful.windows(3).position(|octets| octets == [0xC0, 0x03, 0x9C]).unwrap();
    doubtful[at + 1] |= 0x80;
    let options = ReadOptions { doppler: DopplerSign::Receding, ..ReadOptions::default() };
    assert!(!read(&doubtful, options).unwrap().plots[0].has(present::RANGE_RATE));
}

#[test]
fn codes_that_are_not_sure_are_absent_and_flagged() {
    let record = whole_record();
    let change = |at: usize, bits: u8| {
        let mut changed = record.clone();
        changed[at] |= bits;
        let recording = read(&block(48, &changed), ReadOptions::default()).unwrap();
        (recording.plots[0], recording.details[0].flags)
    };
    let (mode_3a_at, height_at, identification_at) = (15, 17, 27);
    for bits in [0x80, 0x40, 0x20] {
        let (plot, raised) = change(mode_3a_at, bits);
        assert!(!plot.has(present::MODE_3A) && plot.mode_3a == 0);
        assert!(raised & flags::MODE_3A_REFUSED != 0);
    }
    for bits in [0x80, 0x40] {
        let (plot, raised) = change(height_at, bits);
        assert!(!plot.has(present::HEIGHT) && plot.height_m.is_nan());
        assert!(raised & flags::HEIGHT_REFUSED != 0);
    }
    let (plot, raised) = change(identification_at, 0xF0);
    assert!(!plot.has(present::TRANSPONDER_ID) && plot.transponder_id == [0; 32]);
    assert!(raised & flags::IDENTIFICATION_REFUSED != 0);
}

#[test]
fn service_messages_tell_the_antenna() {
    let bytes = block(34, &north_record(86_399.0, 129));
    let message = read(&bytes, ReadOptions::default()).unwrap().services[0];
    assert_eq!((message.message_type, message.sac, message.sic), (1, 20, 129));
    assert_eq!((message.time_ns, message.rotation_period_s), (86_399_000_000_000, 4.0));
    assert!(message.sector_azimuth_deg.is_nan());
}

#[test]
fn what_is_no_measurement_is_counted() {
    let mut no_detection = plot_record(PLOT);
    no_detection[7] = 0x00;
    // FSPEC without I048/040, and its four octets left out.
    let mut no_position = plot_record(PLOT);
    no_position[0] &= !0x10;
    no_position.drain(8..12);
    let bytes = [block(48, &[no_detection, no_position].concat()), block(62, &[0x80, 1])].concat();
    let recording = read(&bytes, ReadOptions::default()).unwrap();
    assert!(recording.plots.is_empty());
    let tally = recording.tally;
    assert_eq!((tally.records, tally.blocks, tally.other_blocks), (2, 1, 1));
    assert_eq!((tally.records_without_detection, tally.records_without_position), (1, 1));
}

#[test]
fn refusals_say_where_and_why() {
    let good = plot_block(PLOT);
    let at = good.len();
    let after_good = |bytes: &[u8]| refusal(&[&good, bytes].concat());
    let record = |fspec: &[u8]| block(48, &[fspec, &[0; 40]].concat());
    for (refused, expected) in [
        (
            after_good(&[48, 0]),
            format!("ASTERIX: at byte {at}: data block header takes 3 bytes, 2 are left"),
        ),
        (
            after_good(&[48, 0, 3]),
            format!("ASTERIX: at byte {at}: length of data block is 3, must be 4 to 3"),
        ),
        (
            after_good(&[48, 0x10, 0, 0]),
            format!("ASTERIX: at byte {at}: length of data block is 4096, must be 4 to 4"),
        ),
        (after_good(&record(&[0])), format!("CAT048: at byte {}: record is empty", at + 3)),
        (
            after_good(&record(&[1, 1, 1, 1, 0x80])),
            format!("CAT048: at byte {}: FSPEC announces number 29, 28 are defined", at + 7),
        ),
        (
            after_good(&block(48, &[0x40, 0, 0])),
            format!("CAT048: at byte {}: I048/140 takes 3 bytes, 2 are left", at + 4),
        ),
        (
            after_good(&block(48, &[0xC0, 1, 2, 0xFF, 0xFF, 0xFF])),
            format!(
                "CAT048: at byte {}: time of day is 16777215/128 s, must be below 86400 s",
                at + 3
            ),
        ),
        (
            after_good(&block(48, &[0x40, 0, 0, 0])),
            format!("CAT048: at byte {}: record lacks I048/010, which is mandatory", at + 3),
        ),
    ] {
        assert_eq!(refused, expected);
    }
}

#[test]
fn a_tolerant_reading_goes_on_behind_what_is_bad() {
    let good = plot_block(PLOT);
    let cut_record = block(48, &plot_record(PLOT)[..12]);
    let nameless = block(48, &[&[0x40, 0, 0, 0][..], &plot_record(PLOT)].concat());
    let wrong_length = [&[48, 0x00, 0x09][..], &good[3..]].concat();
    let noise = [0xFF; 50];
    for (bad, saved, unread) in [
        (&cut_record[..], 2, 1),
        (&nameless, 3, 0),
        (&wrong_length, 2, 1),
        (&noise, 2, 50),
        (&[48, 0xFF, 0xFF], 2, 3),
    ] {
        let recording = tolerantly(&[&good, bad, &good].concat()).unwrap();
        assert_eq!(recording.plots.len(), saved, "{bad:?}");
        assert_eq!(recording.faults.count, 1, "{bad:?}: {:?}", recording.faults);
        assert!(recording.faults.listed[0].offset >= good.len());
        assert!(recording.tally.unread_bytes >= unread, "{bad:?}: {:?}", recording.tally);
    }
}

#[test]
fn an_input_without_target_or_service_blocks_is_refused() {
    for bytes in [vec![], block(62, &[0x80, 1])] {
        for tolerant in [false, true] {
            let error = read(&bytes, ReadOptions { tolerant, ..ReadOptions::default() });
            let error = error.unwrap_err().to_string();
            assert!(error.contains("no CAT048 or CAT034 data block"), "{error}");
        }
    }
}

#[test]
fn an_accuracy_of_nothing_is_refused() {
    let accuracy = SensorAccuracy { bearing_std_deg: 0.0, ..SensorAccuracy::default() };
    let error = read(&plot_block(PLOT), ReadOptions { accuracy, ..ReadOptions::default() });
    assert!(matches!(error, Err(Error::Setting { .. })), "{error:?}");
}

#[test]
fn captures_of_every_kind_give_the_same_plots() {
    let stream = blocks(&turning(4.0, 6, 1));
    let expected = read(&stream, ReadOptions::default()).unwrap().plots;
    let datagrams: Vec<&[u8]> = stream.chunks(stream.len() / 3).collect();
    let four: Vec<Vec<u8>> = datagrams.iter().map(|payload| ipv4(payload)).collect();
    let six: Vec<Vec<u8>> = datagrams.iter().map(|payload| ipv6(payload)).collect();
    let tagged: Vec<Vec<u8>> = four.iter().map(|packet| ethernet(0x0800, packet)).collect();
    let cooked: Vec<Vec<u8>> =
        six.iter().map(|packet| [&[0; 14], &[0x86, 0xDD][..], packet].concat()).collect();
    let cooked_2: Vec<Vec<u8>> =
        four.iter().map(|packet| [&[0x08, 0x00][..], &[0; 18], packet].concat()).collect();
    for capture in [
        pcap(false, 0xA1B2_C3D4, 1, &tagged),
        pcap(true, 0xA1B2_C3D4, 101, &six),
        pcap(false, 0xA1B2_3C4D, 113, &cooked),
        pcap(true, 0xA1B2_3C4D, 276, &cooked_2),
        pcapng(false, 1, &tagged),
        pcapng(true, 101, &four),
        [pcapng(true, 101, &six[..1]), pcapng(false, 113, &cooked[1..])].concat(),
    ] {
        let recording = read(&capture, ReadOptions::default()).unwrap();
        assert_eq!(bits(&recording.plots), bits(&expected));
        assert_eq!((recording.tally.packets, recording.tally.other_packets), (3, 0));
    }
}

#[test]
fn packets_of_others_are_counted() {
    let arp = ethernet(0x0806, &[0; 28]);
    let mut tcp = ipv4(&[]);
    tcp[9] = 6;
    let wanted = ethernet(0x0800, &ipv4(&plot_block(PLOT)));
    let capture = pcap(false, 0xA1B2_C3D4, 1, &[arp, ethernet(0x0800, &tcp), wanted]);
    let recording = read(&capture, ReadOptions::default()).unwrap();
    assert_eq!((recording.tally.packets, recording.tally.other_packets), (1, 2));
    let other_port = ReadOptions { udp_port: Some(9), ..ReadOptions::default() };
    let error = read(&capture, other_port).unwrap_err().to_string();
    assert!(error.contains("no CAT048"), "{error}");
}

#[test]
fn fragments_are_refused_by_name() {
    let mut first = ipv4(&plot_block(PLOT));
    first[6] = 0x20;
    let mut six = ipv6(&plot_block(PLOT));
    six[6] = 44;
    let whole = ipv4(&plot_block(PLOT));
    for (fragment, name) in [(first, "IPv4"), (six, "IPv6")] {
        let capture = pcap(false, 0xA1B2_C3D4, 101, &[fragment, whole.clone()]);
        let error = refusal(&capture);
        assert!(error.contains(&format!("{name} fragment of a UDP datagram")), "{error}");
        let recording = tolerantly(&capture).unwrap();
        assert_eq!(recording.plots.len(), 1);
        assert!(matches!(recording.faults.listed[0].reason, Reason::Fragment(_)));
    }
}

#[test]
fn a_capture_of_an_unknown_link_is_refused() {
    let error = refusal(&pcap(false, 0xA1B2_C3D4, 105, &[]));
    assert!(error.contains("pcap: at byte 20: link type is 105: 1 (Ethernet)"), "{error}");
}
