//! The grid of cells within which a radar cannot tell targets apart.
//!
//! Two echoes are resolved when they lie at least a resolution apart in range, bearing, elevation or
//! range rate (M. A. Richards, "Fundamentals of Radar Signal Processing", 2nd ed. (2014), section
//! 1.4). A grid that stands still says so of any number of targets at once, whatever their order.

use crate::numeric::{floor, low_bits, min, round};
use crate::radar::plot_lanes::PolarLanes;
use crate::scene::sensor_document::SensorDocument;
use crate::simd::LANES;

/// Bits of a bearing's or an elevation's number: the finest beam of the limits is 360 000 cells round
/// the circle.
const ANGLE_BITS: u32 = 20;
const ANGLE_MASK: u64 = (1 << ANGLE_BITS) - 1;

/// A radar's resolution cells. What is not measured does not divide them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResolutionCells {
    per_range_m: f64,
    per_bearing_deg: f64,
    /// Cells round the circle.
    bearing_count: f64,
    per_elevation_deg: f64,
    per_range_rate_m_s: f64,
}

/// The cells of eight targets, each in two words: range and bearing, range rate and elevation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellLanes([[u64; LANES]; 2]);

impl ResolutionCells {
    /// Those of a radar whose resolutions have been checked.
    pub fn of(document: &SensorDocument) -> Self {
        let elevation = document.elevation.as_ref();
        let range_rate = document.range_rate.as_ref();
        // Whole cells round the circle: each is wider by what a narrower last one would lack.
        let bearing_count = (360.0 / document.bearing.beamwidth_deg).floor();
        Self {
            per_range_m: 1.0 / document.range.resolution_m,
            per_bearing_deg: bearing_count / 360.0,
            bearing_count,
            per_elevation_deg: elevation.map_or(0.0, |entry| 1.0 / entry.beamwidth_deg),
            per_range_rate_m_s: range_rate.map_or(0.0, |entry| 1.0 / entry.resolution_m_s),
        }
    }

    /// The cells of eight places. Range counts from the radar and bearing from north; elevation and
    /// range rate from the middle of a cell: that of the horizon, and that of a body which does not
    /// come nearer.
    #[inline(always)]
    pub fn cells_of(&self, place: &PolarLanes) -> CellLanes {
        let mut words = [[0; LANES]; 2];
        for lane in 0..LANES {
            let range = floor(place.range_m[lane] * self.per_range_m);
            let bearing = floor(place.bearing_deg[lane] * self.per_bearing_deg);
            // A bearing just below 360 degrees may round to them.
            let bearing = min(bearing, self.bearing_count - 1.0);
            let elevation = round(place.elevation_deg[lane] * self.per_elevation_deg);
            let rate = round(place.range_rate_m_s[lane] * self.per_range_rate_m_s);
            words[0][lane] = low_bits(range) << ANGLE_BITS | low_bits(bearing) & ANGLE_MASK;
            words[1][lane] = low_bits(rate) << ANGLE_BITS | low_bits(elevation) & ANGLE_MASK;
        }
        CellLanes(words)
    }
}

impl CellLanes {
    /// Cells of these words, by word and lane.
    #[cfg(test)]
    pub const fn from_words(words: [[u64; LANES]; 2]) -> Self {
        Self(words)
    }

    /// The words of the cell in `lane`.
    #[inline(always)]
    pub const fn cell(&self, lane: usize) -> [u64; 2] {
        [self.0[0][lane], self.0[1][lane]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELLS: ResolutionCells = ResolutionCells {
        per_range_m: 0.1,
        per_bearing_deg: 51.0 / 360.0,
        bearing_count: 51.0,
        per_elevation_deg: 0.5,
        per_range_rate_m_s: 1.0,
    };

    fn cell(cells: &ResolutionCells, place: [f64; 4]) -> [u64; 2] {
        let [range_m, bearing_deg, elevation_deg, range_rate_m_s] = place.map(|x| [x; LANES]);
        let place = PolarLanes { range_m, bearing_deg, elevation_deg, range_rate_m_s };
        cells.cells_of(&place).cell(0)
    }

    #[test]
    fn a_cell_ends_where_the_next_begins() {
        let at = |place| cell(&CELLS, place);
        let inside = at([55.0, 9.0, 0.0, 0.0]);
        let width_deg = 360.0 / 51.0;
        for place in
            [[50.0, 9.0, 0.0, 0.0], [59.999, 7.06, 0.999, 0.499], [55.0, 14.1, -0.999, -0.499]]
        {
            assert!(place[1] > width_deg && place[1] < 2.0 * width_deg);
            assert_eq!(at(place), inside, "{place:?}");
        }
        for place in [
            [60.0, 9.0, 0.0, 0.0],
            [49.999, 9.0, 0.0, 0.0],
            [55.0, 7.05, 0.0, 0.0],
            [55.0, 14.12, 0.0, 0.0],
            [55.0, 9.0, 1.001, 0.0],
            [55.0, 9.0, -1.001, 0.0],
            [55.0, 9.0, 0.0, 0.501],
            [55.0, 9.0, 0.0, -0.501],
        ] {
            assert_ne!(at(place), inside, "{place:?}");
        }
    }

    #[test]
    fn the_circle_is_whole_and_what_is_not_measured_divides_nothing() {
        let last = cell(&CELLS, [5.0, 359.0, 0.0, 0.0]);
        assert_eq!(cell(&CELLS, [5.0, 360.0_f64.next_down(), 0.0, 0.0]), last);
        assert_ne!(cell(&CELLS, [5.0, 0.0, 0.0, 0.0]), last);
        let flat = ResolutionCells { per_elevation_deg: 0.0, per_range_rate_m_s: 0.0, ..CELLS };
        assert_eq!(cell(&flat, [5.0, 3.0, 80.0, 500.0]), cell(&flat, [5.0, 3.0, -80.0, -500.0]));
    }

    /// The finest cells within the limits of a scenario, at its farthest places.
    #[test]
    fn no_two_cells_share_their_words() {
        let finest = ResolutionCells {
            per_range_m: 1e3,
            per_bearing_deg: 1e3,
            bearing_count: 360_000.0,
            per_elevation_deg: 1e3,
            per_range_rate_m_s: 1e3,
        };
        let far = [1e8, 359.999_5, 90.0, 1e6];
        let mut all = vec![cell(&finest, far), cell(&finest, far.map(|x| -x))];
        for axis in 0..4 {
            let mut place = far;
            place[axis] -= 1.1e-3;
            all.push(cell(&finest, place));
        }
        all.sort_unstable();
        assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "{all:x?}");
    }
}
