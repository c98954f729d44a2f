//! Which item stands at which field reference number: the standard user application profiles.

use super::item_format::ItemFormat::{self, Compound, Explicit, Extended, Fixed, Repetitive};

/// An item of a profile.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// Name as in the standard.
    pub name: &'static str,
    /// Layout.
    pub format: ItemFormat,
}

/// The items of one category in order of their field reference number.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// Category number.
    pub category: u8,
    /// Name for messages.
    pub name: &'static str,
    /// Item of field reference number `k + 1` at `k`.
    pub items: &'static [Item],
}

/// Items of the largest profile.
pub const MAX_ITEMS: usize = 28;

const fn item(name: &'static str, format: ItemFormat) -> Item {
    Item { name, format }
}

/// Indices into the items of [`CAT048`] that are decoded; all others are only skipped.
pub mod cat048 {
    /// I048/010, data source.
    pub const SOURCE: usize = 0;
    /// I048/140, time of day.
    pub const TIME: usize = 1;
    /// I048/020, target report descriptor.
    pub const DESCRIPTOR: usize = 2;
    /// I048/040, measured position.
    pub const POSITION: usize = 3;
    /// I048/070, Mode 3/A code.
    pub const MODE_3A: usize = 4;
    /// I048/090, flight level.
    pub const FLIGHT_LEVEL: usize = 5;
    /// I048/220, aircraft address.
    pub const ADDRESS: usize = 7;
    /// I048/240, aircraft identification.
    pub const IDENTIFICATION: usize = 8;
    /// I048/161, track number.
    pub const TRACK_NUMBER: usize = 10;
    /// I048/200, calculated track velocity.
    pub const VELOCITY: usize = 12;
    /// I048/170, track status.
    pub const TRACK_STATUS: usize = 13;
    /// I048/210, track quality.
    pub const TRACK_QUALITY: usize = 14;
    /// I048/120, radial Doppler speed.
    pub const DOPPLER: usize = 19;
}

/// Monoradar target reports: EUROCONTROL-SPEC-0149-4, editions 1.27 to 1.32, table 2.
pub const CAT048: Profile = Profile {
    category: 48,
    name: "CAT048",
    items: &[
        item("I048/010", Fixed(2)),
        item("I048/140", Fixed(3)),
        item("I048/020", Extended),
        item("I048/040", Fixed(4)),
        item("I048/070", Fixed(2)),
        item("I048/090", Fixed(2)),
        item("I048/130", Compound(&[Some(Fixed(1)); 7])),
        item("I048/220", Fixed(3)),
        item("I048/240", Fixed(6)),
        item("I048/250", Repetitive(8)),
        item("I048/161", Fixed(2)),
        item("I048/042", Fixed(4)),
        item("I048/200", Fixed(4)),
        item("I048/170", Extended),
        item("I048/210", Fixed(4)),
        item("I048/030", Extended),
        item("I048/080", Fixed(2)),
        item("I048/100", Fixed(4)),
        item("I048/110", Fixed(2)),
        item("I048/120", Compound(&[Some(Fixed(2)), Some(Repetitive(6))])),
        item("I048/230", Fixed(2)),
        item("I048/260", Fixed(7)),
        item("I048/055", Fixed(1)),
        item("I048/050", Fixed(2)),
        item("I048/065", Fixed(1)),
        item("I048/060", Fixed(2)),
        item("I048/SP", Explicit),
        item("I048/RE", Explicit),
    ],
};

/// Indices into the items of [`CAT034`] that are decoded; all others are only skipped.
pub mod cat034 {
    /// I034/010, data source.
    pub const SOURCE: usize = 0;
    /// I034/000, message type.
    pub const MESSAGE_TYPE: usize = 1;
    /// I034/030, time of day.
    pub const TIME: usize = 2;
    /// I034/020, sector number.
    pub const SECTOR: usize = 3;
    /// I034/041, antenna rotation period.
    pub const ROTATION_PERIOD: usize = 4;
}

/// Monoradar service messages: EUROCONTROL-SPEC-0149-2b, editions 1.27 to 1.29, table 2.
pub const CAT034: Profile = Profile {
    category: 34,
    name: "CAT034",
    items: &[
        item("I034/010", Fixed(2)),
        item("I034/000", Fixed(1)),
        item("I034/030", Fixed(3)),
        item("I034/020", Fixed(1)),
        item("I034/041", Fixed(2)),
        item("I034/050", Compound(&configuration(2))),
        item("I034/060", Compound(&configuration(1))),
        item("I034/070", Repetitive(2)),
        item("I034/100", Fixed(8)),
        item("I034/110", Fixed(1)),
        item("I034/120", Fixed(8)),
        item("I034/090", Fixed(2)),
        item("I034/RE", Explicit),
        item("I034/SP", Explicit),
    ],
};

/// Subfields COM, PSR, SSR, MDS of I034/050 and 060; they differ only in the size of MDS.
const fn configuration(mds_size: usize) -> [Option<ItemFormat>; 6] {
    let octet = Some(Fixed(1));
    [octet, None, None, octet, octet, Some(Fixed(mds_size))]
}

const _: () = assert!(CAT048.items.len() <= MAX_ITEMS && CAT034.items.len() <= MAX_ITEMS);
