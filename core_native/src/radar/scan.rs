//! How a radar looks round: when each frame ends and what it looks at.
//!
//! Frames come at most 100 times per second. A faster radar's looks go out together: a staring one
//! repeats its look within a frame, a turning one makes wider sectors, a steered one puts
//! neighbouring beams or whole passes into one frame.

use crate::frame::Coverage;
use crate::numeric::{wrap_180, wrap_360};
use crate::radar::beam_list::BeamList;
use crate::scene::place::Place;
use crate::scene::scan_document::{RotatingDocument, ScanDocument};
use crate::scene::sensor_document::SensorDocument;

/// Shortest and longest time between looks \[s\].
pub const PERIOD_LIMITS_S: [f64; 2] = [1e-3, 3600.0];
/// Shortest and longest turn of an antenna \[s\]; the shortest is a frame by itself.
pub const ROTATION_LIMITS_S: [f64; 2] = [1e-2, 3600.0];
/// Most sectors of a turn.
pub const MAX_SECTORS: u32 = 3600;
/// Shortest time between frames \[ns\]: what is faster goes out together.
pub const MIN_FRAME_NS: i64 = 10_000_000;

/// How a radar looks round.
#[derive(Clone, Debug, PartialEq)]
pub enum Scan {
    /// The whole coverage at once.
    Staring(Staring),
    /// A turning antenna, sector by sector.
    Rotating(Rotation),
    /// An electronically steered antenna, beam by beam.
    Steered(BeamList),
}

impl Scan {
    /// Check the scan of `document`, whose coverage is `coverage`.
    pub fn from_document(
        place: &Place<'_>,
        document: &SensorDocument,
        coverage: &Coverage,
    ) -> Self {
        let scan = place.key("scan");
        match &document.scan {
            ScanDocument::Staring { period_s } => {
                let [shortest, longest] = PERIOD_LIMITS_S;
                let place = scan.key("staring");
                let is_right = place.key("period_s").number(*period_s, shortest, longest);
                let period_s = if is_right { *period_s } else { longest };
                Self::Staring(Staring::new(libm::round(period_s * 1e9) as i64))
            }
            ScanDocument::Rotating(entry) => {
                check_whole_turn(&place.key("coverage"), coverage);
                Self::Rotating(Rotation::from_document(&scan.key("rotating"), entry))
            }
            ScanDocument::Steered { beams } => {
                let place = scan.key("steered");
                let place = place.key("beams");
                Self::Steered(BeamList::from_document(&place, beams, document, coverage))
            }
        }
    }

    /// Time from frame to frame \[ns\]; the mean one where beams dwell for different times.
    pub fn period_ns(&self) -> i64 {
        match self {
            Self::Staring(staring) => staring.look_ns * i64::from(staring.looks),
            Self::Rotating(rotation) => rotation.frame_ns,
            Self::Steered(list) => list.cycle_ns / list.frames.len() as i64,
        }
    }

    /// How long before its time a frame begins to look, at the most \[ns\].
    pub fn longest_frame_ns(&self) -> i64 {
        let Self::Steered(list) = self else { return self.period_ns() };
        let passes = i64::from(list.passes);
        list.frames.iter().map(|frame| frame.dwell_ns * passes).fold(0, i64::max)
    }

    /// Time of frame `number` after that of frame 0 \[ns\].
    pub fn elapsed_ns(&self, number: u64) -> i128 {
        match self {
            Self::Staring(_) | Self::Rotating(_) => {
                i128::from(number) * i128::from(self.period_ns())
            }
            Self::Steered(list) => list.elapsed_ns(number),
        }
    }

    /// Bearings that the widest frame of a radar with `coverage` looks at \[deg\].
    pub fn widest_frame_deg(&self, coverage: &Coverage) -> f64 {
        match self {
            Self::Staring(_) => coverage.bearing_extent_deg,
            Self::Rotating(rotation) => rotation.width_deg(),
            Self::Steered(list) => {
                list.frames.iter().map(|it| it.coverage.bearing_extent_deg).fold(0.0, f64::max)
            }
        }
    }
}

fn check_whole_turn(place: &Place<'_>, coverage: &Coverage) {
    if coverage.bearing_extent_deg >= 360.0 {
        return;
    }
    let extent_deg = coverage.bearing_extent_deg;
    let reason = format!("is {extent_deg}, must be 360 with a rotating scan: leave it out");
    place.key("bearing_extent_deg").problem(reason);
}

/// The whole coverage at once, again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Staring {
    /// Time from look to look \[ns\].
    pub look_ns: i64,
    /// Looks of one frame, of which the last is at the frame's time.
    pub looks: u32,
}

impl Staring {
    fn new(look_ns: i64) -> Self {
        Self { look_ns, looks: looks_of(look_ns) }
    }
}

/// How many looks of `look_ns` make a frame long enough.
pub const fn looks_of(look_ns: i64) -> u32 {
    ((MIN_FRAME_NS + look_ns - 1) / look_ns) as u32
}

/// An antenna that turns all the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rotation {
    /// Duration of a frame \[ns\].
    pub frame_ns: i64,
    sectors: u32,
    sectors_per_frame: u32,
    /// Where the first sector begins, from the boresight \[deg\].
    start_deg: f64,
    clockwise: bool,
}

/// What a turning antenna sweeps over in one frame, in world bearings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sweep {
    /// Where the beam points at the begin of the frame \[deg\].
    pub begin_deg: f64,
    /// Where it points at the end \[deg\]; that belongs to the next frame.
    pub end_deg: f64,
    /// How far it turns \[deg\], above 0 whichever way it turns.
    pub width_deg: f64,
    /// 1 for clockwise, -1 for anticlockwise.
    pub sense: f64,
    /// Duration of the frame \[ns\].
    pub frame_ns: i64,
}

impl Rotation {
    fn from_document(place: &Place<'_>, document: &RotatingDocument) -> Self {
        let RotatingDocument { rotation_period_s, sectors, start_bearing_deg, clockwise } =
            *document;
        let [shortest, longest] = ROTATION_LIMITS_S;
        let is_turn_right =
            place.key("rotation_period_s").number(rotation_period_s, shortest, longest);
        let most = f64::from(MAX_SECTORS);
        let are_sectors_right = place.key("sectors").number(f64::from(sectors), 1.0, most);
        place.key("start_bearing_deg").number(start_bearing_deg, 0.0, 360.0_f64.next_down());
        // What stands for a turn that has been refused.
        let (rotation_period_s, sectors) = if is_turn_right && are_sectors_right {
            (rotation_period_s, sectors)
        } else {
            (longest, 1)
        };
        let sector_ns = libm::round(rotation_period_s * 1e9 / f64::from(sectors)) as i64;
        // A turn is as long as the shortest frame at least, but for the rounding to nanoseconds.
        let sectors_per_frame = looks_of(sector_ns).min(sectors);
        let frame_ns = sector_ns * i64::from(sectors_per_frame);
        let start_deg = start_bearing_deg;
        Self { frame_ns, sectors, sectors_per_frame, start_deg, clockwise }
    }

    /// Fastest turn of the vehicle at which the beam still goes forward well, either way \[deg/s\].
    pub fn turn_rate_limit_deg_s(&self) -> f64 {
        0.5 * self.width_deg() / (self.frame_ns as f64 * 1e-9)
    }

    /// What the beam sweeps over in frame `number`, while the bearing of its zero goes from one of
    /// `zero_deg` to the other.
    ///
    /// Each edge is worked out alike by the two frames that share it. In between the beam turns
    /// evenly. A zero that jumps, as the heading does at a waypoint, moves the next frame.
    pub fn sweep(&self, number: u64, zero_deg: [f64; 2]) -> Sweep {
        let sense = if self.clockwise { 1.0 } else { -1.0 };
        let nominal_deg = self.width_deg();
        let turned_deg = sense * wrap_180(zero_deg[1] - zero_deg[0]);
        let follows = turned_deg.abs() <= 0.5 * nominal_deg;
        let (end_zero_deg, turned_deg) =
            if follows { (zero_deg[1], turned_deg) } else { (zero_deg[0], 0.0) };
        Sweep {
            begin_deg: wrap_360(self.edge_deg(u128::from(number)) + zero_deg[0]),
            end_deg: wrap_360(self.edge_deg(u128::from(number) + 1) + end_zero_deg),
            width_deg: nominal_deg + turned_deg,
            sense,
            frame_ns: self.frame_ns,
        }
    }

    /// What a frame sweeps over on a platform that does not turn \[deg\].
    pub fn width_deg(&self) -> f64 {
        360.0 * f64::from(self.sectors_per_frame) / f64::from(self.sectors)
    }

    /// Where frame `number` begins, from the zero \[deg\]: the same after each turn.
    fn edge_deg(&self, number: u128) -> f64 {
        let sector = number * u128::from(self.sectors_per_frame) % u128::from(self.sectors);
        let turned_deg = 360.0 * sector as f64 / f64::from(self.sectors);
        if self.clockwise { self.start_deg + turned_deg } else { self.start_deg - turned_deg }
    }
}

impl Sweep {
    /// How far a bearing lies ahead of the begin, in the sense of the turn \[deg\], 0 to 360.
    #[inline(always)]
    pub fn ahead_of_begin(&self, bearing_deg: f64) -> f64 {
        wrap_360(self.sense * (bearing_deg - self.begin_deg))
    }

    /// As [`Sweep::ahead_of_begin`], of the end.
    #[inline(always)]
    pub fn ahead_of_end(&self, bearing_deg: f64) -> f64 {
        wrap_360(self.sense * (bearing_deg - self.end_deg))
    }

    /// `coverage` with the bearings of the sweep.
    pub fn coverage(&self, coverage: &Coverage) -> Coverage {
        let clockwise = self.sense > 0.0;
        Coverage {
            bearing_start_deg: if clockwise { self.begin_deg } else { self.end_deg },
            bearing_extent_deg: self.width_deg.min(360.0),
            ..*coverage
        }
    }

    /// When the beam passes a bearing that stands still, from the begin of the frame \[ns\].
    pub fn passes_after_ns(&self, bearing_deg: f64) -> i64 {
        let share = self.ahead_of_begin(bearing_deg) / self.width_deg;
        let after_ns = libm::floor(share * self.frame_ns as f64) as i64;
        after_ns.min(self.frame_ns - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::problems::Problems;

    fn rotation(rotation_period_s: f64, sectors: u32, clockwise: bool) -> Rotation {
        let document =
            RotatingDocument { rotation_period_s, sectors, start_bearing_deg: 33.3, clockwise };
        let problems = Problems::default();
        let rotation = Rotation::from_document(&problems.root(), &document);
        problems.accept(rotation).unwrap()
    }

    #[test]
    fn sectors_follow_each_other_without_gap_and_close_the_turn() {
        for (sectors, clockwise) in [(1, true), (7, true), (32, false), (360, false)] {
            let rotation = rotation(4.0, sectors, clockwise);
            let sweep = |number| rotation.sweep(number, [0.0; 2]);
            for number in 0..2 * u64::from(sectors) {
                assert_eq!(sweep(number).end_deg, sweep(number + 1).begin_deg);
                assert_eq!(sweep(number).begin_deg, sweep(number + u64::from(sectors)).begin_deg);
            }
        }
    }

    #[test]
    fn the_widest_frame_is_a_sector_or_the_coverage() {
        let half = Coverage { bearing_extent_deg: 180.0, ..Coverage::sphere(1000.0) };
        let turning = Scan::Rotating(rotation(4.0, 32, false));
        assert_eq!(turning.widest_frame_deg(&Coverage::sphere(1000.0)), 11.25);
        assert_eq!(Scan::Staring(Staring::new(1)).widest_frame_deg(&half), 180.0);
    }

    #[test]
    fn frames_are_never_shorter_than_ten_milliseconds() {
        for (period_s, sectors, per_frame, frame_ns) in [
            (4.0, 32, 1, 125_000_000),
            (1.0, 100, 1, 10_000_000),
            (0.1, 64, 7, 10_937_500),
            (0.01, 3, 3, 9_999_999), // as near as whole nanoseconds come
        ] {
            let rotation = rotation(period_s, sectors, true);
            assert_eq!((rotation.sectors_per_frame, rotation.frame_ns), (per_frame, frame_ns));
        }
        assert_eq!(Staring::new(1_000_000).looks, 10);
        assert_eq!(Staring::new(3_000_000).looks, 4);
        assert_eq!(Staring::new(10_000_000).looks, 1);
    }

    #[test]
    fn a_turning_vehicle_widens_or_narrows_the_sweep_and_a_jump_does_not() {
        let (with, against) = (rotation(4.0, 32, true), rotation(4.0, 32, false));
        assert_eq!(with.sweep(3, [359.5, 1.0]).width_deg, 12.75);
        assert_eq!(against.sweep(3, [359.5, 1.0]).width_deg, 9.75);
        assert_eq!(with.sweep(3, [10.0, 100.0]).width_deg, 11.25);
    }
}
