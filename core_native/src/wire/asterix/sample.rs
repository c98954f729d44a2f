//! ASTERIX and captures made for the tests.

use super::uap::CAT048;
use crate::detection::Detection;

/// Position of a plot on its antenna.
#[derive(Clone, Copy)]
pub struct SamplePlot {
    pub time_s: f64,
    pub bearing_deg: f64,
    pub sic: u8,
}

/// FSPEC with the bits of the items at these indices, in order.
fn fspec(indices: &[usize]) -> Vec<u8> {
    let octets = indices.last().map_or(1, |last| last / 7 + 1);
    let mut bits = vec![1_u8; octets];
    bits[octets - 1] = 0;
    for index in indices {
        bits[index / 7] |= 0x80 >> (index % 7);
    }
    bits
}

pub fn time_of_day(time_s: f64) -> [u8; 3] {
    let ticks = (time_s * 128.0).round() as u32 % (86_400 * 128);
    let [_, high, middle, low] = ticks.to_be_bytes();
    [high, middle, low]
}

pub fn block(category: u8, records: &[u8]) -> Vec<u8> {
    let length = (records.len() + 3) as u16;
    [&[category], &length.to_be_bytes()[..], records].concat()
}

/// A roll-call report at 10 NM and flight level 100 with address 4CA73D.
pub fn plot_record(plot: SamplePlot) -> Vec<u8> {
    let bearing = (plot.bearing_deg / 360.0 * 65536.0).round() as u32 as u16;
    [
        &fspec(&[0, 1, 2, 3, 5, 7])[..],
        &[20, plot.sic],
        &time_of_day(plot.time_s),
        &[0xA0],
        &[0x0A, 0x00],
        &bearing.to_be_bytes(),
        &[0x01, 0x90],
        &[0x4C, 0xA7, 0x3D],
    ]
    .concat()
}

pub fn plot_block(plot: SamplePlot) -> Vec<u8> {
    block(48, &plot_record(plot))
}

/// A record with every item of CAT048; each of the extended, repetitive and compound ones is
/// longer than its least.
pub fn whole_record() -> Vec<u8> {
    let all: Vec<usize> = (0..CAT048.items.len()).collect();
    let items: [&[u8]; 28] = [
        &[20, 129],
        &time_of_day(28_800.5),
        // Roll-call, SIM, SPI; TST.
        &[0xB5, 0x80],
        &[0x01, 0x00, 0x40, 0x00],
        &[0x0E, 0x80],
        &[0x3F, 0xFE],
        // Two octets of flags: SRL, SAM, APD and an empty second one.
        &[0xA3, 0x00, 1, 2, 3],
        &[0x3C, 0x65, 0x86],
        // "AB1 Z9": A B 1 space Z 9 and two spaces.
        &[0x04, 0x2C, 0x60, 0x6B, 0x98, 0x20],
        &[2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2],
        &[0xF1, 0x23],
        &[0; 4],
        &[0x08, 0x00, 0xC0, 0x00],
        &[0x47, 0x80],
        &[0x40, 0x80, 0, 0],
        &[0x03, 0x05, 0x06],
        &[0; 2],
        &[0; 4],
        &[0; 2],
        // CAL valid, -100 m/s, and two raw readings.
        &[0xC0, 0x03, 0x9C, 2, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6],
        &[0; 2],
        &[0; 7],
        &[0],
        &[0; 2],
        &[0],
        &[0; 2],
        &[3, 0xAA, 0xBB],
        &[1],
    ];
    [fspec(&all), items.concat()].concat()
}

/// A north marker that announces the rotation period, with configuration and counts.
pub fn north_record(time_s: f64, sic: u8) -> Vec<u8> {
    [
        &fspec(&[0, 1, 2, 4, 5, 6, 7])[..],
        &[20, sic, 1],
        &time_of_day(time_s),
        &[0x02, 0x00],
        // COM, PSR, SSR, MDS of I034/050, then of I034/060.
        &[0x9C, 1, 2, 3, 4, 5],
        &[0x9C, 1, 2, 3, 4],
        &[2, 1, 1, 2, 2],
    ]
    .concat()
}

/// Plots of `count` targets that stand evenly around the radar, turn after turn.
pub fn turning(period_s: f64, count: usize, turns: usize) -> Vec<SamplePlot> {
    let place = |k: usize| (k as f64 + 0.5) / count as f64;
    let plot = |k: usize| SamplePlot {
        time_s: place(k) * period_s,
        bearing_deg: place(k).fract() * 360.0,
        sic: 129,
    };
    (0..count * turns).map(plot).collect()
}

pub fn blocks(plots: &[SamplePlot]) -> Vec<u8> {
    plots.iter().flat_map(|plot| plot_block(*plot)).collect()
}

pub fn udp(payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() + 8) as u16;
    [&[0x52, 0x84, 0x21, 0x34], &length.to_be_bytes()[..], &[0, 0], payload].concat()
}

/// UDP in IPv4, with four bytes of options.
pub fn ipv4(payload: &[u8]) -> Vec<u8> {
    let datagram = udp(payload);
    let total = (24 + datagram.len()) as u16;
    let mut header = [0_u8; 24];
    header[0] = 0x46;
    header[2..4].copy_from_slice(&total.to_be_bytes());
    header[6] = 0x40;
    header[9] = 17;
    [&header[..], &datagram].concat()
}

/// UDP in IPv6 behind a hop-by-hop header.
pub fn ipv6(payload: &[u8]) -> Vec<u8> {
    let datagram = udp(payload);
    let mut header = [0_u8; 48];
    header[0] = 0x60;
    header[4..6].copy_from_slice(&((8 + datagram.len()) as u16).to_be_bytes());
    header[40] = 17;
    [&header[..], &datagram].concat()
}

/// Ethernet with one VLAN tag and padding behind the packet.
pub fn ethernet(protocol: u16, packet: &[u8]) -> Vec<u8> {
    let tag = [0x81, 0x00, 0x00, 0x07];
    [&[0_u8; 12][..], &tag, &protocol.to_be_bytes(), packet, &[0; 6]].concat()
}

fn word(big_endian: bool, value: u32) -> [u8; 4] {
    if big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
}

pub fn pcap(big_endian: bool, magic: u32, link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file =
        [magic, 0x0004_0002, 0, 0, 65_535, link].map(|value| word(big_endian, value)).concat();
    for packet in packets {
        let size = packet.len() as u32;
        file.extend([0, 0, size, size].map(|value| word(big_endian, value)).concat());
        file.extend(packet);
    }
    file
}

fn ng_block(big_endian: bool, kind: u32, body: &[u8]) -> Vec<u8> {
    let padding = vec![0; (4 - body.len() % 4) % 4];
    let size = word(big_endian, (12 + body.len() + padding.len()) as u32);
    [&word(big_endian, kind)[..], &size, body, &padding, &size].concat()
}

/// A section with one interface: enhanced packets, and the last a simple one.
pub fn pcapng(big_endian: bool, link: u16, packets: &[Vec<u8>]) -> Vec<u8> {
    let magic = word(big_endian, 0x1A2B_3C4D);
    let mut file = ng_block(big_endian, 0x0A0D_0D0A, &[&magic[..], &[0; 12]].concat());
    let link = if big_endian { link.to_be_bytes() } else { link.to_le_bytes() };
    file.extend(ng_block(big_endian, 1, &[&link[..], &[0; 6]].concat()));
    for (k, packet) in packets.iter().enumerate() {
        let size = packet.len() as u32;
        let words: &[u32] = if k + 1 == packets.len() { &[size] } else { &[0, 0, 0, size, size] };
        let header: Vec<u8> = words.iter().flat_map(|value| word(big_endian, *value)).collect();
        let kind = if k + 1 == packets.len() { 3 } else { 6 };
        file.extend(ng_block(big_endian, kind, &[header, packet.clone()].concat()));
    }
    file
}

/// The bits of plots, so that absent values (NaN) compare equal.
pub fn bits(plots: &[Detection]) -> Vec<[u64; 6]> {
    let of = |plot: &Detection| {
        [
            plot.time_ns.cast_unsigned(),
            plot.range_m.to_bits(),
            plot.bearing_deg.to_bits(),
            plot.height_m.to_bits(),
            u64::from(plot.present),
            u64::from(plot.address) << 32 | u64::from(plot.mode_3a),
        ]
    };
    plots.iter().map(of).collect()
}
