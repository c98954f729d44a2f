//! A radar cross section that depends on the side from which a body is seen.
//!
//! Azimuth is off the nose, clockwise seen from above: 90 degrees is starboard. Elevation is that of
//! the radar as seen from the body, which flies level. Between the entries of the table the cross
//! section is interpolated linearly in decibels, as measured patterns are drawn (E. F. Knott et
//! al., "Radar Cross Section", 2nd ed. (2004), chapter 1).

use crate::numeric::wrap_360;
use crate::scene::document::RcsTableDocument;
use crate::scene::place::Place;
use crate::scene::scenario::MAX_RCS_DBSM;

/// Most azimuths and most elevations of a table.
pub const MAX_ANGLES: usize = 3600;

/// A checked table.
#[derive(Clone, Debug, PartialEq)]
pub struct RcsTable {
    /// Ascending; 0 to 180 where both sides are the same.
    azimuth_deg: Vec<f64>,
    /// Ascending; a single one where the elevation does not matter.
    elevation_deg: Vec<f64>,
    /// One row of azimuths for each elevation.
    rcs_dbsm: Vec<Vec<f64>>,
    is_symmetric: bool,
}

impl RcsTable {
    /// Check the document of a table.
    pub fn from_document(place: &Place<'_>, document: &RcsTableDocument) -> Self {
        let highest_deg = if document.symmetric { 180.0 } else { 360.0_f64.next_down() };
        let are_right =
            ascending(&place.key("azimuth_deg"), &document.azimuth_deg, 0.0, highest_deg);
        let ends = (document.azimuth_deg.first(), document.azimuth_deg.last());
        if are_right && document.symmetric && ends != (Some(&0.0), Some(&180.0)) {
            let reason = "must have 0 and 180 at its ends where both sides are the same: add them";
            place.key("azimuth_deg").problem(reason);
        }
        let elevation_deg = document.elevation_deg.clone().unwrap_or_else(|| vec![0.0]);
        ascending(&place.key("elevation_deg"), &elevation_deg, -90.0, 90.0);
        let rows = place.key("rcs_dbsm");
        rows.length(document.rcs_dbsm.len(), elevation_deg.len(), elevation_deg.len());
        for (index, row) in document.rcs_dbsm.iter().enumerate() {
            check_row(&rows.index(index), row, document.azimuth_deg.len());
        }
        Self {
            azimuth_deg: document.azimuth_deg.clone(),
            elevation_deg,
            rcs_dbsm: document.rcs_dbsm.clone(),
            is_symmetric: document.symmetric,
        }
    }

    /// The largest entry \[dBsm\].
    pub fn largest_dbsm(&self) -> f64 {
        self.rcs_dbsm.iter().flatten().fold(-MAX_RCS_DBSM, |a, &b| if b > a { b } else { a })
    }

    /// Mean cross section \[dBsm\] at an aspect: an azimuth, 0 ≤ azimuth < 360, and an elevation.
    pub fn at(&self, [azimuth_deg, elevation_deg]: [f64; 2]) -> f64 {
        let above = self.elevation_deg.partition_point(|&entry| entry <= elevation_deg);
        let last = self.elevation_deg.len() - 1;
        let (low, high) = (above.saturating_sub(1), above.min(last));
        let [from, to] = [low, high].map(|row| self.in_row(&self.rcs_dbsm[row], azimuth_deg));
        if low == high {
            return from;
        }
        let (start, end) = (self.elevation_deg[low], self.elevation_deg[high]);
        from + (to - from) * ((elevation_deg - start) / (end - start))
    }

    fn in_row(&self, row: &[f64], azimuth_deg: f64) -> f64 {
        let is_port = self.is_symmetric && azimuth_deg > 180.0;
        let azimuth_deg = if is_port { 360.0 - azimuth_deg } else { azimuth_deg };
        let count = row.len();
        let above = self.azimuth_deg.partition_point(|&entry| entry <= azimuth_deg);
        // Past the last entry the first one follows, a turn later. At 180 degrees of a symmetric
        // table it does so with no weight.
        let (low, high) = ((above + count - 1) % count, above % count);
        let turn = |wraps: bool| if wraps { 360.0 } else { 0.0 };
        let start = self.azimuth_deg[low] - turn(above == 0);
        let end = self.azimuth_deg[high] + turn(above == count);
        row[low] + (row[high] - row[low]) * ((azimuth_deg - start) / (end - start))
    }
}

/// Azimuth, 0 ≤ azimuth < 360, and elevation \[deg\] of the radar as the body sees it, whose nose
/// points to `heading_deg` and which the radar sees at a bearing and an elevation.
pub fn aspect(bearing_deg: f64, elevation_deg: f64, heading_deg: f64) -> [f64; 2] {
    // A difference: the negative of zero would be shown as -0.
    [wrap_360(bearing_deg + 180.0 - heading_deg), 0.0 - elevation_deg]
}

/// Whether the angles are in their limits; each is compared with the one before it if both are.
fn ascending(place: &Place<'_>, angles_deg: &[f64], low: f64, high: f64) -> bool {
    let mut are_right = place.length(angles_deg.len(), 1, MAX_ANGLES);
    let mut before: Option<f64> = None;
    for (index, &angle_deg) in angles_deg.iter().enumerate() {
        let place = place.index(index);
        let is_right = place.number(angle_deg, low, high);
        if let Some(before) = before.filter(|&before| is_right && angle_deg <= before) {
            place.problem(format!("is {angle_deg}, must be above {before} before it"));
        }
        before = is_right.then_some(angle_deg);
        are_right &= is_right;
    }
    are_right
}

fn check_row(place: &Place<'_>, row: &[f64], length: usize) {
    place.length(row.len(), length, length);
    for (index, &rcs_dbsm) in row.iter().enumerate() {
        place.index(index).number(rcs_dbsm, -MAX_RCS_DBSM, MAX_RCS_DBSM);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Result;
    use crate::scene::problems::Problems;

    fn table(json: &str) -> Result<RcsTable> {
        let problems = Problems::default();
        let document = serde_json::from_str(json).unwrap();
        let table = RcsTable::from_document(&problems.root().key("t"), &document);
        problems.accept(table)
    }

    #[test]
    fn it_goes_through_its_entries_and_round_the_tail() {
        let table = table(r#"{"azimuth_deg": [10, 90, 350], "rcs_dbsm": [[0, 8, -4]]}"#).unwrap();
        let at = |azimuth_deg| table.at([azimuth_deg, 33.0]);
        assert_eq!([at(10.0), at(90.0), at(350.0)], [0.0, 8.0, -4.0]);
        assert_eq!([at(50.0), at(0.0), at(355.0), at(5.0)], [4.0, -2.0, -3.0, -1.0]);
        assert_eq!(table.largest_dbsm(), 8.0);
    }

    #[test]
    fn both_sides_of_a_symmetric_table_are_the_same() {
        let table =
            table(r#"{"azimuth_deg": [0, 90, 180], "rcs_dbsm": [[-5, 10, 1]], "symmetric": true}"#);
        let table = table.unwrap();
        for azimuth_deg in [0.0, 20.0, 90.0, 135.0, 180.0] {
            let other = wrap_360(360.0 - azimuth_deg);
            assert_eq!(table.at([azimuth_deg, 0.0]), table.at([other, 0.0]));
        }
        assert_eq!([180.0, 225.0].map(|azimuth_deg| table.at([azimuth_deg, 0.0])), [1.0, 5.5]);
    }

    #[test]
    fn elevations_are_interpolated_and_held_beyond_the_ends() {
        let table =
            table(r#"{"azimuth_deg": [0], "elevation_deg": [-10, 30], "rcs_dbsm": [[2], [10]]}"#);
        let table = table.unwrap();
        let found = [-90.0, -10.0, 0.0, 30.0, 80.0].map(|elevation| table.at([123.0, elevation]));
        assert_eq!(found, [2.0, 2.0, 4.0, 10.0, 10.0]);
    }

    #[test]
    fn the_nose_points_where_the_body_is_headed() {
        let table = table(
            r#"{"azimuth_deg": [0, 90, 180, 270], "elevation_deg": [-90, 90],
                "rcs_dbsm": [[0, 1, 2, 3], [10, 11, 12, 13]]}"#,
        );
        let table = table.unwrap();
        // East of the radar: flying west is nose on, north shows the port side.
        let level = |heading_deg| table.at(aspect(90.0, 0.0, heading_deg));
        assert!((level(270.0) - 5.0).abs() < 1e-12);
        assert!((level(-90.0) - 5.0).abs() < 1e-12);
        assert!((level(0.0) - 8.0).abs() < 1e-12);
        // From above it is seen at a positive elevation, which the radar calls a negative one.
        assert!((table.at(aspect(90.0, -90.0, 270.0)) - 10.0).abs() < 1e-12);
    }

    #[test]
    fn errors_name_the_place() {
        let refused = |json| table(json).unwrap_err().to_string();
        let message = refused(r#"{"azimuth_deg": [0, 0], "rcs_dbsm": [[1, 1]]}"#);
        assert!(message.contains("t.azimuth_deg[1]: is 0, must be above 0 before it"), "{message}");
        let message = refused(r#"{"azimuth_deg": [0, 9], "rcs_dbsm": [[1, 1], [1, 1]]}"#);
        assert!(message.contains("t.rcs_dbsm: has 2 entries, must have 1"), "{message}");
        let message = refused(r#"{"azimuth_deg": [0, 9], "rcs_dbsm": [[1]]}"#);
        assert!(message.contains("t.rcs_dbsm[0]: has 1 entries, must have 2"), "{message}");
        let message =
            refused(r#"{"azimuth_deg": [0, 9], "rcs_dbsm": [[1, 1]], "symmetric": true}"#);
        assert!(message.contains("must have 0 and 180"), "{message}");
        assert!(refused(r#"{"azimuth_deg": [360], "rcs_dbsm": [[1]]}"#).contains("azimuth_deg[0]"));
    }
}
