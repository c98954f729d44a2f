//! From a captured packet to the payload of its UDP datagram.
//!
//! Headers by RFC 791 (IPv4), RFC 8200 (IPv6), RFC 768 (UDP), IEEE 802.1Q (VLAN) and the link
//! types of <https://www.tcpdump.org/linktypes.html>.

use std::ops::Range;

use super::fault::{Fault, Reason};

/// What precedes the network header of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkType {
    /// Ethernet, with any number of VLAN tags up to [`MAX_TAGS`].
    Ethernet,
    /// Nothing: the packet begins with the IP header.
    Raw,
    /// Linux "cooked" capture, version 1.
    LinuxCooked,
    /// Linux "cooked" capture, version 2.
    LinuxCooked2,
}

impl LinkType {
    /// The link type by its number; none if this reader does not know it.
    pub const fn of(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::Ethernet),
            101 => Some(Self::Raw),
            113 => Some(Self::LinuxCooked),
            276 => Some(Self::LinuxCooked2),
            _ => None,
        }
    }
}

/// A UDP payload and where it went.
pub struct Datagram {
    /// Destination port.
    pub port: u16,
    /// Bytes of the input.
    pub payload: Range<usize>,
}

const MAX_TAGS: usize = 4;
const MAX_EXTENSION_HEADERS: usize = 8;
const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86DD;
const UDP: u8 = 17;

type Found<T> = Result<Option<T>, Fault>;

/// The UDP datagram in `packet`; none if the packet is of another protocol.
pub fn find(bytes: &[u8], link: LinkType, packet: Range<usize>) -> Found<Datagram> {
    let Some((protocol, network)) = network_header(bytes, link, packet)? else { return Ok(None) };
    let transport = match protocol {
        IPV4 => ipv4(bytes, network)?,
        IPV6 => ipv6(bytes, network)?,
        _ => None,
    };
    transport.map(|transport| udp(bytes, transport)).transpose()
}

/// `N` octets at the start of `range`.
fn take<const N: usize>(
    bytes: &[u8],
    range: &Range<usize>,
    what: &'static str,
) -> Result<[u8; N], Fault> {
    let octets = bytes.get(range.clone()).and_then(|rest| rest.first_chunk::<N>());
    octets.copied().ok_or_else(|| {
        let reason = Reason::CutShort { what, needed: N, left: range.len() };
        Fault { format: "packet", offset: range.start, reason }
    })
}

fn network_header(
    bytes: &[u8],
    link: LinkType,
    packet: Range<usize>,
) -> Found<(u16, Range<usize>)> {
    let Range { start, end } = packet;
    let (protocol, header_size) = match link {
        LinkType::Ethernet => {
            let header: [u8; 14] = take(bytes, &packet, "Ethernet header")?;
            return untagged(bytes, be16(header[12], header[13]), start + 14..end);
        }
        LinkType::LinuxCooked => {
            let header: [u8; 16] = take(bytes, &packet, "Linux cooked header")?;
            (be16(header[14], header[15]), 16)
        }
        LinkType::LinuxCooked2 => {
            let header: [u8; 20] = take(bytes, &packet, "Linux cooked header")?;
            (be16(header[0], header[1]), 20)
        }
        LinkType::Raw => {
            let [first] = take(bytes, &packet, "IP header")?;
            (if first >> 4 == 6 { IPV6 } else { IPV4 }, 0)
        }
    };
    Ok(Some((protocol, start + header_size..end)))
}

/// Step over VLAN tags (0x8100, 0x88A8 and the older 0x9100).
fn untagged(bytes: &[u8], protocol: u16, range: Range<usize>) -> Found<(u16, Range<usize>)> {
    let (mut protocol, mut range) = (protocol, range);
    for _ in 0..MAX_TAGS {
        if !matches!(protocol, 0x8100 | 0x88A8 | 0x9100) {
            return Ok(Some((protocol, range)));
        }
        let [_, _, high, low] = take(bytes, &range, "VLAN tag")?;
        (protocol, range) = (be16(high, low), range.start + 4..range.end);
    }
    Ok(None)
}

fn ipv4(bytes: &[u8], range: Range<usize>) -> Found<Range<usize>> {
    let header: [u8; 20] = take(bytes, &range, "IPv4 header")?;
    if header[9] != UDP {
        return Ok(None);
    }
    let fault = |reason| Err(Fault { format: "packet", offset: range.start, reason });
    // All of flags and offset but "don't fragment": more fragments, or not the first.
    if be16(header[6], header[7]) & 0x3FFF != 0 {
        return fault(Reason::Fragment("IPv4"));
    }
    let header_size = usize::from(header[0] & 0x0F) * 4;
    if header[0] >> 4 != 4 || header_size < 20 {
        let value = u64::from(header[0]);
        let (what, expected) = ("IPv4 version and header length", "0x45 to 0x4f");
        return fault(Reason::Unknown { what, value, expected });
    }
    let total = usize::from(be16(header[2], header[3]));
    if total < header_size || total > range.len() {
        let (least, most) = (header_size, range.len());
        return fault(Reason::Length { what: "IPv4 packet", value: total, least, most });
    }
    Ok(Some(range.start + header_size..range.start + total))
}

fn ipv6(bytes: &[u8], range: Range<usize>) -> Found<Range<usize>> {
    let header: [u8; 40] = take(bytes, &range, "IPv6 header")?;
    let fault = |offset, reason| Err(Fault { format: "packet", offset, reason });
    let (size, most) = (usize::from(be16(header[4], header[5])), range.len() - 40);
    if size > most {
        let reason = Reason::Length { what: "IPv6 packet", value: size, least: 0, most };
        return fault(range.start, reason);
    }
    let mut next = header[6];
    let mut rest = range.start + 40..range.start + 40 + size;
    for _ in 0..MAX_EXTENSION_HEADERS {
        match next {
            UDP => return Ok(Some(rest)),
            44 => return fault(rest.start, Reason::Fragment("IPv6")),
            // Hop-by-hop options, routing, destination options.
            0 | 43 | 60 => {}
            _ => return Ok(None),
        }
        let [following, units] = take(bytes, &rest, "IPv6 extension header")?;
        let size = 8 * (usize::from(units) + 1);
        if size > rest.len() {
            let (what, most) = ("IPv6 extension header", rest.len());
            return fault(rest.start, Reason::Length { what, value: size, least: 8, most });
        }
        next = following;
        rest.start += size;
    }
    Ok(None)
}

fn udp(bytes: &[u8], range: Range<usize>) -> Result<Datagram, Fault> {
    let header: [u8; 8] = take(bytes, &range, "UDP header")?;
    let length = usize::from(be16(header[4], header[5]));
    if length < 8 || length > range.len() {
        let (what, most) = ("UDP datagram", range.len());
        let reason = Reason::Length { what, value: length, least: 8, most };
        return Err(Fault { format: "packet", offset: range.start, reason });
    }
    let payload = range.start + 8..range.start + length;
    Ok(Datagram { port: be16(header[2], header[3]), payload })
}

const fn be16(high: u8, low: u8) -> u16 {
    u16::from_be_bytes([high, low])
}
