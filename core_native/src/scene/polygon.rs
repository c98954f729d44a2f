//! Polygons on the ground.

use crate::scene::clutter_density::{Bounds, MAX_CORNERS, point};
use crate::scene::place::Place;
use crate::simd::LANES;

/// Most edges that are all asked, eight places side by side: more are asked by bands.
const MAX_UNBANDED: usize = 32;
/// Most bands that edges are sorted into.
const MAX_BANDS: usize = 256;

/// A polygon whose edges do not cross.
#[derive(Clone, Debug)]
pub struct Polygon {
    /// East and north \[m\].
    corners_m: Vec<[f64; 2]>,
    edges: BandedEdges,
}

/// Those edges that a line to the east can cross, and which of them it can cross in each band of
/// the ground: a place asks only those of its own band.
#[derive(Clone, Debug)]
struct BandedEdges {
    edges: Vec<Edge>,
    /// Where the first band begins \[m\].
    south_m: f64,
    bands_per_m: f64,
    /// Indices of edges, band by band from south to north.
    in_bands: Vec<u16>,
    /// Where each band's indices begin; one more entry than there are bands.
    starts: Vec<u32>,
}

/// An edge from its southern end.
#[derive(Clone, Copy, Debug)]
struct Edge {
    south_m: f64,
    north_m: f64,
    /// Where the southern end lies \[m\].
    east_m: f64,
    /// Metres to the east per metre to the north.
    slope: f64,
}

impl Polygon {
    /// The polygon with these corners.
    fn new(corners_m: &[[f64; 2]]) -> Self {
        let mut edges = Vec::new();
        for (a, b) in sides(corners_m) {
            let (low, high) = if a[1] <= b[1] { (a, b) } else { (b, a) };
            if low[1] < high[1] {
                let slope = (high[0] - low[0]) / (high[1] - low[1]);
                edges.push(Edge { south_m: low[1], north_m: high[1], east_m: low[0], slope });
            }
        }
        Self { corners_m: corners_m.to_vec(), edges: BandedEdges::new(edges) }
    }

    /// The least rectangle that holds it.
    pub fn bounds(&self) -> Bounds {
        let ends = |axis: usize| {
            let start = [f64::INFINITY, f64::NEG_INFINITY];
            let values = self.corners_m.iter().map(|corner| corner[axis]);
            values.fold(start, |[low, high], value| [low.min(value), high.max(value)])
        };
        Bounds { east_m: ends(0), north_m: ends(1) }
    }

    /// Area \[m²\] by the shoelace formula: half the sum of the cross products of its corners,
    /// counted from the first, which keeps the digits of a polygon far from the origin.
    pub fn area_m2(&self) -> f64 {
        let [x, y] = self.corners_m[0];
        let cross =
            |(a, b): ([f64; 2], [f64; 2])| (a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y);
        0.5 * sides(&self.corners_m).map(cross).sum::<f64>().abs()
    }

    /// Whether it holds each of eight places: a line from there to the east crosses its edges an
    /// odd number of times. M. Shimrat, "Algorithm 112: Position of point relative to polygon",
    /// Comm. ACM 5 (1962), 434. An edge holds its southern end only, so that each corner on the
    /// line counts once.
    #[inline(always)]
    pub fn holds(&self, east_m: &[f64; LANES], north_m: &[f64; LANES]) -> [bool; LANES] {
        let edges = &self.edges.edges;
        if edges.len() <= MAX_UNBANDED {
            let mut is_inside = [false; LANES];
            for edge in edges {
                for lane in 0..LANES {
                    is_inside[lane] ^= edge.is_crossed_from(east_m[lane], north_m[lane]);
                }
            }
            return is_inside;
        }
        std::array::from_fn(|lane| {
            let crosses = |edge: &&Edge| edge.is_crossed_from(east_m[lane], north_m[lane]);
            self.edges.near(north_m[lane]).filter(crosses).count() % 2 == 1
        })
    }
}

impl Edge {
    /// Whether a line from this place to the east crosses it.
    #[inline(always)]
    fn is_crossed_from(&self, east_m: f64, north_m: f64) -> bool {
        let meets = (self.south_m <= north_m) & (north_m < self.north_m);
        meets & (east_m < self.east_m + self.slope * (north_m - self.south_m))
    }
}

impl BandedEdges {
    fn new(edges: Vec<Edge>) -> Self {
        let south_m = edges.iter().map(|edge| edge.south_m).fold(f64::INFINITY, f64::min);
        let north_m = edges.iter().map(|edge| edge.north_m).fold(f64::NEG_INFINITY, f64::max);
        let count = edges.len().clamp(1, MAX_BANDS);
        let bands_per_m = count as f64 / (north_m - south_m);
        let mut banded =
            Self { edges, south_m, bands_per_m, in_bands: Vec::new(), starts: vec![0; count + 1] };
        let mut bands = vec![Vec::new(); count];
        for (index, edge) in (0..).zip(&banded.edges) {
            for band in &mut bands[banded.band(edge.south_m)..=banded.band(edge.north_m)] {
                band.push(index);
            }
        }
        for (band, own) in bands.iter().enumerate() {
            banded.in_bands.extend(own);
            banded.starts[band + 1] = banded.in_bands.len() as u32;
        }
        banded
    }

    /// The band of a place, of one outside all the nearest.
    #[inline(always)]
    fn band(&self, north_m: f64) -> usize {
        let band = ((north_m - self.south_m) * self.bands_per_m) as usize;
        band.min(self.starts.len() - 2)
    }

    /// The edges that a line from this northing may cross.
    #[inline(always)]
    fn near(&self, north_m: f64) -> impl Iterator<Item = &Edge> {
        let band = self.band(north_m);
        let own = self.starts[band] as usize..self.starts[band + 1] as usize;
        self.in_bands[own].iter().map(|&index| &self.edges[usize::from(index)])
    }
}

/// Check the corners of a polygon; none when they are refused.
pub fn checked_polygon(place: &Place<'_>, corners_m: &[[f64; 2]]) -> Option<Polygon> {
    let are_right = place.holds(|| {
        place.length(corners_m.len(), 3, MAX_CORNERS);
        for (index, corner_m) in corners_m.iter().enumerate().take(MAX_CORNERS) {
            point(&place.index(index), *corner_m);
        }
    });
    if !are_right {
        return None;
    }
    if let Some([first, second]) = crossing(corners_m) {
        place.problem(format!(
            "has edges that meet, those from corners {first} and {second}, must be a line that \
             comes back without meeting itself: put the corners in order"
        ));
        return None;
    }
    Some(Polygon::new(corners_m))
}

/// The edges, as pairs of corners; the last one comes back.
fn sides(corners_m: &[[f64; 2]]) -> impl Iterator<Item = ([f64; 2], [f64; 2])> {
    let ends = corners_m.iter().cycle().skip(1);
    corners_m.iter().copied().zip(ends.copied())
}

/// Numbers of two edges that meet elsewhere than in the corner that they share.
fn crossing(corners_m: &[[f64; 2]]) -> Option<[usize; 2]> {
    let count = corners_m.len();
    let edges: Vec<_> = sides(corners_m).collect();
    for first in 0..count {
        for second in first + 1..count {
            let (a, b) = (edges[first], edges[second]);
            let meet = if second == first + 1 {
                folds_back(a.0, a.1, b.1)
            } else if first == 0 && second == count - 1 {
                folds_back(b.0, b.1, a.1)
            } else {
                touch(a, b)
            };
            if meet {
                return Some([first, second]);
            }
        }
    }
    None
}

/// Twice the area of the triangle, above zero when it goes anticlockwise.
fn turn(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// Whether the way from `a` by `b` to `c` goes back on itself, or stays where it is.
fn folds_back(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> bool {
    let along = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]);
    turn(a, b, c) == 0.0 && along <= 0.0
}

/// Whether two edges without a common corner meet: each has its ends on both sides of the other,
/// or one has an end on the other. J. O'Rourke, "Computational Geometry in C", 2nd ed. (1998),
/// section 1.5.
fn touch((a, b): ([f64; 2], [f64; 2]), (c, d): ([f64; 2], [f64; 2])) -> bool {
    let splits = |p, q, r, s| (turn(p, q, r) > 0.0) != (turn(p, q, s) > 0.0);
    let is_on = |p: [f64; 2], q: [f64; 2], r: [f64; 2]| {
        let within = |axis: usize| (p[axis].min(q[axis])..=p[axis].max(q[axis])).contains(&r[axis]);
        turn(p, q, r) == 0.0 && within(0) && within(1)
    };
    let ends_on = is_on(a, b, c) || is_on(a, b, d) || is_on(c, d, a) || is_on(c, d, b);
    let turns = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
    ends_on || (turns.iter().all(|turn| *turn != 0.0) && splits(a, b, c, d) && splits(c, d, a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An L of area 3.
    const L: [[f64; 2]; 6] = [[0., 0.], [2., 0.], [2., 1.], [1., 1.], [1., 2.], [0., 2.]];

    #[test]
    fn area_and_bounds_are_those_of_the_corners() {
        let far = L.map(|[x, y]| [x + 1e7, y - 1e7]);
        for corners in [L, far] {
            let polygon = Polygon::new(&corners);
            assert_eq!(polygon.area_m2(), 3.0);
            assert_eq!(polygon.bounds().area_km2(), 4e-6);
        }
    }

    #[test]
    fn every_place_is_in_one_of_the_parts_that_share_edges() {
        let l = Polygon::new(&L);
        let rest = Polygon::new(&[[1., 1.], [2., 1.], [2., 2.], [1., 2.]]);
        for k in 0..400 {
            let east_m = std::array::from_fn(|lane| f64::from(k % 20) * 0.1 + lane as f64 * 1e-3);
            let north_m = [f64::from(k / 20) * 0.1; LANES];
            let (a, b) = (l.holds(&east_m, &north_m), rest.holds(&east_m, &north_m));
            assert!((0..LANES).all(|lane| a[lane] != b[lane]), "{east_m:?} {north_m:?}");
        }
        assert_eq!(
            l.holds(&[2.5, -0.1, 1.5, 0.5, 1.5, 0.5, 0.5, 1.9], &[0.5; LANES])[..4],
            [false, false, true, true]
        );
        assert!(!l.holds(&[0.5; LANES], &[2.1; LANES])[0]);
    }

    #[test]
    fn bands_leave_out_no_edge_that_is_crossed() {
        // A comb, whose edges go through all bands, and a circle, whose edges are in few.
        let comb = (0..300).map(|k| [f64::from(k), if k % 2 == 0 { 0.0 } else { 1e3 }]);
        let comb: Vec<_> = comb.chain([[300.0, -1.0], [0.0, -1.0]]).collect();
        let angle = |k: i32| f64::from(k) * std::f64::consts::TAU / 1000.0;
        let on_circle = |k| [150.0 + 150.0 * libm::cos(angle(k)), 500.0 * libm::sin(angle(k))];
        // A stair, which has an edge in each band, and one that is a few ulps high.
        let stair = (0..40).flat_map(|k| [[300.0, f64::from(k)], [300.0, f64::from(k + 1)]]);
        let stair: Vec<_> = stair.chain([[0.0, 40.0], [0.0, 0.0]]).collect();
        let flat = comb.iter().map(|[x, y]| [*x, if *y > 0.0 { 1.0_f64.next_up() } else { 1.0 }]);
        let flat: Vec<_> = flat.collect();
        for corners in [comb, (0..1000).map(on_circle).collect(), stair, flat] {
            let polygon = Polygon::new(&corners);
            let BandedEdges { edges, south_m, bands_per_m, .. } = &polygon.edges;
            assert!(edges.len() > MAX_UNBANDED);
            // At corners and borders of bands, beside them, and beyond both ends.
            let borders = (0..=MAX_BANDS).map(|band| south_m + band as f64 / bands_per_m);
            let northings = corners.iter().map(|corner| corner[1]).chain(borders);
            let beside = northings.flat_map(|y| [y, y.next_up(), y.next_down()]);
            for y in beside.chain([-600.0, 1500.0]) {
                for x in [-1.0, 20.3, 150.0, 299.5] {
                    let crossed = edges.iter().filter(|edge| edge.is_crossed_from(x, y)).count();
                    assert_eq!(polygon.holds(&[x; LANES], &[y; LANES]), [crossed % 2 == 1; LANES]);
                }
            }
        }
    }

    #[test]
    fn lines_that_meet_themselves_are_found() {
        assert_eq!(crossing(&L), None);
        assert_eq!(crossing(&[[0., 0.], [1., 1.], [1., 0.], [0., 1.]]), Some([0, 2]));
        // A corner on another edge, no area, and a corner twice.
        let pinched = [[0., 0.], [4., 0.], [4., 2.], [2., 0.], [0., 2.]];
        assert_eq!(crossing(&pinched), Some([0, 2]));
        assert!(crossing(&[[0., 0.], [1., 1.], [3., 3.]]).is_some());
        assert!(crossing(&[[0., 0.], [1., 0.], [1., 0.], [0., 1.]]).is_some());
        // Straight on is no fold.
        assert_eq!(crossing(&[[0., 0.], [1., 0.], [2., 0.], [0., 2.]]), None);
    }
}
