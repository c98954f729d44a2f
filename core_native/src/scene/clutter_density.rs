//! How dense clutter is at a place: in a disc, in a polygon, by a map, by a user's model.
//!
//! Whatever the kind, the answers are those of [`Density`]: a bounding area, the largest density in
//! it, and the density at eight places, which must not exceed it: thinning cannot make more.

use crate::scene::clutter_document::ClutterShapeDocument;
use crate::scene::modelled_density::ModelledDensity;
use crate::scene::place::Place;
use crate::scene::polygon::{Polygon, checked_polygon};
use crate::scene::scenario::MAX_POSITION_M;
use crate::simd::LANES;
use crate::user_model::ModelFault;

/// Largest density \[1/km²\].
pub const MAX_DENSITY_PER_KM2: f64 = 1e6;
/// Smallest and largest radius of a disc \[m\].
pub const RADIUS_LIMITS_M: [f64; 2] = [1.0, MAX_POSITION_M];
/// Smallest and largest side of a map's cell \[m\].
pub const CELL_LIMITS_M: [f64; 2] = [1.0, 1e6];
/// Most corners of a polygon.
pub const MAX_CORNERS: usize = 1000;
/// Most cells of a map, each way.
pub const MAX_MAP_CELLS: usize = 1000;
/// Square metres of a square kilometre.
pub const M2_PER_KM2: f64 = 1e6;

/// A rectangle of the ground in the world frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Western and eastern edge \[m\].
    pub east_m: [f64; 2],
    /// Southern and northern edge \[m\].
    pub north_m: [f64; 2],
}

impl Bounds {
    /// Area \[km²\].
    pub fn area_km2(&self) -> f64 {
        let [width_m, height_m] = [self.east_m, self.north_m].map(|[low, high]| high - low);
        width_m * height_m / M2_PER_KM2
    }
}

/// A density of clutter plots \[1/km²\] over the ground.
#[derive(Clone, Debug)]
pub enum Density {
    /// The same everywhere in a circle.
    Disc {
        /// Centre \[m\]: east, north.
        centre_m: [f64; 2],
        /// Radius \[m\].
        radius_m: f64,
        /// Density \[1/km²\].
        per_km2: f64,
    },
    /// The same everywhere in a polygon.
    Polygon {
        /// Where.
        polygon: Polygon,
        /// Density \[1/km²\].
        per_km2: f64,
    },
    /// By the cells of a grid.
    Map(DensityMap),
    /// By a user's model.
    Model(ModelledDensity),
}

/// A grid of square cells.
#[derive(Clone, Debug)]
pub struct DensityMap {
    south_west_m: [f64; 2],
    cell_m: f64,
    columns: usize,
    rows: usize,
    /// Row after row from south to north, each from west to east \[1/km²\].
    per_km2: Vec<f64>,
}

impl Density {
    /// Check the document of a shape; none when it is refused.
    pub fn from_document(place: &Place<'_>, document: &ClutterShapeDocument) -> Option<Self> {
        match document {
            ClutterShapeDocument::Disc { centre_m, radius_m, density_per_km2 } => {
                let place = place.key("disc");
                let is_right = place.holds(|| {
                    point(&place.key("centre_m"), *centre_m);
                    let [least, most] = RADIUS_LIMITS_M;
                    place.key("radius_m").number(*radius_m, least, most);
                    density(&place.key("density_per_km2"), *density_per_km2);
                });
                let (centre_m, radius_m, per_km2) = (*centre_m, *radius_m, *density_per_km2);
                is_right.then_some(Self::Disc { centre_m, radius_m, per_km2 })
            }
            ClutterShapeDocument::Polygon { corners_m, density_per_km2 } => {
                let place = place.key("polygon");
                let is_right = density(&place.key("density_per_km2"), *density_per_km2);
                let polygon = checked_polygon(&place.key("corners_m"), corners_m)?;
                is_right.then_some(Self::Polygon { polygon, per_km2: *density_per_km2 })
            }
            ClutterShapeDocument::Map { south_west_m, cell_m, density_per_km2 } => {
                let place = place.key("map");
                let is_right = place.holds(|| {
                    point(&place.key("south_west_m"), *south_west_m);
                    place.key("cell_m").number(*cell_m, CELL_LIMITS_M[0], CELL_LIMITS_M[1]);
                    rows(&place.key("density_per_km2"), density_per_km2);
                });
                let map = || DensityMap::new(*south_west_m, *cell_m, density_per_km2);
                is_right.then(|| Self::Map(map()))
            }
            ClutterShapeDocument::Model {
                south_west_m,
                north_east_m,
                density_model,
                largest_density_per_km2,
            } => {
                let place = place.key("model");
                let corners_m = [*south_west_m, *north_east_m];
                let largest = *largest_density_per_km2;
                ModelledDensity::new(&place, corners_m, density_model, largest).map(Self::Model)
            }
        }
    }

    /// Name of its kind in scenarios.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Disc { .. } => "disc",
            Self::Polygon { .. } => "polygon",
            Self::Map(_) => "map",
            Self::Model(_) => "model",
        }
    }

    /// The least rectangle outside of which the density is zero.
    pub fn bounds(&self) -> Bounds {
        match self {
            Self::Disc { centre_m, radius_m, .. } => {
                let [east_m, north_m] =
                    centre_m.map(|middle| [middle - radius_m, middle + radius_m]);
                Bounds { east_m, north_m }
            }
            Self::Polygon { polygon, .. } => polygon.bounds(),
            Self::Map(map) => map.bounds(),
            Self::Model(modelled) => modelled.bounds,
        }
    }

    /// Largest density, which none within the bounds exceeds \[1/km²\].
    pub fn largest_per_km2(&self) -> f64 {
        match self {
            Self::Disc { per_km2, .. } | Self::Polygon { per_km2, .. } => *per_km2,
            Self::Map(map) => map.per_km2.iter().copied().fold(0.0, f64::max),
            Self::Model(modelled) => modelled.largest_per_km2,
        }
    }

    /// Mean number of plots in all of it: the integral of the density. Of a model the most that it
    /// may be.
    pub fn mean_count(&self) -> f64 {
        match self {
            Self::Disc { radius_m, per_km2, .. } => {
                std::f64::consts::PI * radius_m * radius_m / M2_PER_KM2 * per_km2
            }
            Self::Polygon { polygon, per_km2 } => polygon.area_m2() / M2_PER_KM2 * per_km2,
            Self::Map(map) => {
                let cell_km2 = map.cell_m * map.cell_m / M2_PER_KM2;
                map.per_km2.iter().sum::<f64>() * cell_km2
            }
            Self::Model(modelled) => modelled.largest_per_km2 * modelled.bounds.area_km2(),
        }
    }

    /// Densities at eight places within the bounds \[1/km²\] at `time_s` of the scenario. The error
    /// is that of a user's model; the other kinds are constant and have none.
    #[inline(always)]
    pub fn at(
        &self,
        east_m: &[f64; LANES],
        north_m: &[f64; LANES],
        time_s: f64,
    ) -> Result<[f64; LANES], ModelFault> {
        let mut densities = [0.0; LANES];
        match self {
            Self::Disc { centre_m: [x, y], radius_m, per_km2 } => {
                for lane in 0..LANES {
                    let [dx, dy] = [east_m[lane] - x, north_m[lane] - y];
                    let is_inside = dx * dx + dy * dy <= radius_m * radius_m;
                    densities[lane] = if is_inside { *per_km2 } else { 0.0 };
                }
            }
            Self::Polygon { polygon, per_km2 } => {
                let is_inside = polygon.holds(east_m, north_m);
                for lane in 0..LANES {
                    densities[lane] = if is_inside[lane] { *per_km2 } else { 0.0 };
                }
            }
            Self::Map(map) => {
                for lane in 0..LANES {
                    densities[lane] = map.at(east_m[lane], north_m[lane]);
                }
            }
            Self::Model(modelled) => {
                for lane in 0..LANES {
                    densities[lane] = modelled.at([east_m[lane], north_m[lane], time_s])?;
                }
            }
        }
        Ok(densities)
    }
}

impl DensityMap {
    /// The map of rows that begin in the north.
    fn new(south_west_m: [f64; 2], cell_m: f64, rows: &[Vec<f64>]) -> Self {
        Self {
            south_west_m,
            cell_m,
            columns: rows[0].len(),
            rows: rows.len(),
            per_km2: rows.iter().rev().flatten().copied().collect(),
        }
    }

    fn bounds(&self) -> Bounds {
        let [west_m, south_m] = self.south_west_m;
        let size_m = |cells: usize| cells as f64 * self.cell_m;
        Bounds {
            east_m: [west_m, west_m + size_m(self.columns)],
            north_m: [south_m, south_m + size_m(self.rows)],
        }
    }

    #[inline(always)]
    fn at(&self, east_m: f64, north_m: f64) -> f64 {
        // Casts end at the limits of the type; a place on the far edge belongs to the last cell.
        let column = ((east_m - self.south_west_m[0]) / self.cell_m) as usize;
        let row = ((north_m - self.south_west_m[1]) / self.cell_m) as usize;
        self.per_km2[row.min(self.rows - 1) * self.columns + column.min(self.columns - 1)]
    }
}

/// Refuse a place beyond the world.
pub fn point(place: &Place<'_>, [east_m, north_m]: [f64; 2]) -> bool {
    let check = |axis, value| place.index(axis).number(value, -MAX_POSITION_M, MAX_POSITION_M);
    [check(0, east_m), check(1, north_m)] == [true; 2]
}

/// Refuse a density that is none.
pub fn density(place: &Place<'_>, per_km2: f64) -> bool {
    place.number(per_km2, 0.0, MAX_DENSITY_PER_KM2)
}

fn rows(place: &Place<'_>, rows: &[Vec<f64>]) {
    place.length(rows.len(), 1, MAX_MAP_CELLS);
    let columns = rows.first().map_or(0, Vec::len);
    for (index, row) in rows.iter().enumerate().take(MAX_MAP_CELLS) {
        let place = place.index(index);
        if place.length(row.len(), 1, MAX_MAP_CELLS) && row.len() != columns {
            let reason = format!("has {} entries, must have {columns} as the first", row.len());
            place.problem(reason);
        }
        for (column, per_km2) in row.iter().enumerate().take(MAX_MAP_CELLS) {
            density(&place.index(column), *per_km2);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_read_from_north_to_south() {
        let rows = [vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]];
        let map = Density::Map(DensityMap::new([-100.0, 50.0], 10.0, &rows));
        let bounds = Bounds { east_m: [-100.0, -70.0], north_m: [50.0, 70.0] };
        assert_eq!(map.bounds(), bounds);
        let east_m = [-95.0, -85.0, -75.0, -95.0, -85.0, -75.0, -70.0, -100.0];
        let north_m = [65.0, 65.0, 65.0, 55.0, 55.0, 55.0, 70.0, 50.0];
        let densities = map.at(&east_m, &north_m, 0.0).unwrap();
        assert_eq!(densities, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 3.0, 4.0]);
        assert_eq!(map.largest_per_km2(), 6.0);
        assert!((map.mean_count() - 21.0 * 1e-4).abs() < 1e-15);
    }

    #[test]
    fn a_disc_ends_at_its_radius() {
        let disc = Density::Disc { centre_m: [10.0, -20.0], radius_m: 5.0, per_km2: 7.0 };
        let (mut east_m, mut north_m) = ([10.0; LANES], [-20.0; LANES]);
        (east_m[1], north_m[2], east_m[3]) = (15.0, -25.1, 4.9);
        (east_m[4], north_m[4]) = (13.0, -16.0);
        let densities = disc.at(&east_m, &north_m, 0.0).unwrap();
        assert_eq!(densities, [7.0, 7.0, 0.0, 0.0, 7.0, 7.0, 7.0, 7.0]);
        assert_eq!(disc.bounds().area_km2(), 100.0 / M2_PER_KM2);
    }
}
