//! A checked set of points.

use crate::error::{Error, Result};

/// Largest coordinate, either way: the grid over the points is in single precision.
pub const MAX_COORDINATE: f64 = 1e12;

/// Points with any number of coordinates, row by row, each finite.
#[derive(Clone, Copy, Debug)]
pub struct PointSet<'a> {
    name: &'a str,
    coordinates: &'a [f64],
    dimensions: usize,
}

impl<'a> PointSet<'a> {
    /// The points whose rows of `dimensions` coordinates stand one behind the other; `name` is what
    /// errors call them.
    ///
    /// # Errors
    /// [`Error::Setting`] for no dimensions, a row that is cut, or a coordinate that is not finite
    /// or beyond [`MAX_COORDINATE`].
    pub fn new(name: &'a str, coordinates: &'a [f64], dimensions: usize) -> Result<Self> {
        if dimensions == 0 || !coordinates.len().is_multiple_of(dimensions) {
            return Err(Error::Setting {
                setting: name.into(),
                value: format!("{} numbers for {dimensions} columns", coordinates.len()),
                limit: "whole rows of at least one column".into(),
                remedy: "give one row per point".into(),
            });
        }
        let is_bad = |value: &f64| value.is_nan() || value.abs() > MAX_COORDINATE;
        let bad = coordinates.iter().position(is_bad);
        if let Some(at) = bad {
            return Err(Error::Setting {
                setting: format!("{name}[{}, {}]", at / dimensions, at % dimensions),
                value: coordinates[at].to_string(),
                limit: format!("finite and within ±{MAX_COORDINATE:e}"),
                remedy: "leave points out whose place is not known".into(),
            });
        }
        Ok(Self { name, coordinates, dimensions })
    }

    /// How many points.
    pub const fn len(&self) -> usize {
        self.coordinates.len() / self.dimensions
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.coordinates.is_empty()
    }

    /// Coordinates of each point.
    pub const fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// What errors call the set.
    pub const fn name(&self) -> &str {
        self.name
    }

    /// The coordinates of one point.
    pub fn point(&self, index: usize) -> &'a [f64] {
        &self.coordinates[index * self.dimensions..(index + 1) * self.dimensions]
    }

    /// Refuse to compare points of different dimensions.
    ///
    /// # Errors
    /// [`Error::Setting`].
    pub fn require_same_dimensions(&self, other: &Self) -> Result<()> {
        if self.dimensions == other.dimensions {
            return Ok(());
        }
        Err(Error::Setting {
            setting: other.name.into(),
            value: format!("points of {} columns", other.dimensions),
            limit: format!("{} columns, as {} has", self.dimensions, self.name),
            remedy: "give the same coordinates of both".into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_points_and_a_bad_number_is_named() {
        let numbers = [1.0, 2.0, 3.0, 4.0];
        let points = PointSet::new("truth_m", &numbers, 2).expect("whole rows");
        assert_eq!((points.len(), points.point(1)), (2, &numbers[2..]));
        for bad in [f64::NAN, f64::NEG_INFINITY, 1.1e12] {
            let error = PointSet::new("truth_m", &[0.0, 1.0, 2.0, bad], 2).expect_err("bad");
            let text = error.to_string();
            assert!(text.starts_with(&format!("truth_m[1, 1] is {bad}")), "{text}");
        }
        assert!(PointSet::new("truth_m", &numbers, 3).is_err());
        assert!(PointSet::new("truth_m", &[], 0).is_err());
        assert!(PointSet::new("truth_m", &[], 3).expect("nothing is a set").is_empty());
    }
}
