//! The part of the scenario document that describes clutter: echoes of sea, land or weather.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scene::clutter::{MAX_MEAN_SNR_DB, MAX_RANGE_RATE_STD_M_S};
use crate::scene::clutter_density::{
    CELL_LIMITS_M, MAX_CORNERS, MAX_DENSITY_PER_KM2, MAX_MAP_CELLS, RADIUS_LIMITS_M,
};
use crate::scene::scenario::{MAX_NAME_BYTES, MAX_POSITION_M, MAX_SPEED_M_S};

/// Where clutter is, how much of it, and how its plots look.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClutterDocument {
    /// Its name in this scenario; random draws are keyed by it.
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub name: String,
    /// Where it is, and how dense.
    pub shape: ClutterShapeDocument,
    /// Lowest and highest position on Z \[m\]; plots lie evenly between them.
    #[serde(default)]
    #[schemars(inner(range(min = -MAX_POSITION_M, max = MAX_POSITION_M)))]
    pub height_m: [f64; 2],
    /// Mean SNR of its plots, over all pulses \[dB\]; above that at the radars' thresholds.
    #[schemars(range(min = 0.0, max = MAX_MEAN_SNR_DB))]
    pub mean_snr_db: f64,
    /// Mean velocity of the scatterers \[m/s\]: east, north, up. The clutter stays where it is.
    #[serde(default)]
    #[schemars(inner(range(min = -MAX_SPEED_M_S, max = MAX_SPEED_M_S)))]
    pub drift_velocity_m_s: [f64; 3],
    /// Standard deviation of the range rate around that of the drift \[m/s\].
    #[serde(default)]
    #[schemars(range(min = 0.0, max = MAX_RANGE_RATE_STD_M_S))]
    pub range_rate_std_m_s: f64,
}

/// Where clutter is, in the world frame; exactly one kind. Densities are mean numbers of plots per
/// square kilometre each time that a radar looks there.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ClutterShapeDocument {
    /// A circle.
    Disc {
        /// Its centre \[m\]: east, north.
        #[schemars(inner(range(min = -MAX_POSITION_M, max = MAX_POSITION_M)))]
        centre_m: [f64; 2],
        /// Its radius \[m\].
        #[schemars(range(min = RADIUS_LIMITS_M[0], max = RADIUS_LIMITS_M[1]))]
        radius_m: f64,
        /// Density \[1/km²\].
        #[schemars(range(min = 0.0, max = MAX_DENSITY_PER_KM2))]
        density_per_km2: f64,
    },
    /// Straight edges from corner to corner and back to the first, which do not cross.
    Polygon {
        /// The corners \[m\]: east, north.
        #[schemars(length(min = 3, max = MAX_CORNERS))]
        #[schemars(inner(inner(range(min = -MAX_POSITION_M, max = MAX_POSITION_M))))]
        corners_m: Vec<[f64; 2]>,
        /// Density \[1/km²\].
        #[schemars(range(min = 0.0, max = MAX_DENSITY_PER_KM2))]
        density_per_km2: f64,
    },
    /// A clutter map: a grid of square cells, each with a density of its own.
    Map {
        /// South-west corner of the grid \[m\]: east, north.
        #[schemars(inner(range(min = -MAX_POSITION_M, max = MAX_POSITION_M)))]
        south_west_m: [f64; 2],
        /// Side of a cell \[m\].
        #[schemars(range(min = CELL_LIMITS_M[0], max = CELL_LIMITS_M[1]))]
        cell_m: f64,
        /// Densities \[1/km²\]: rows from north to south, as a map is read, each from west to east.
        #[schemars(length(min = 1, max = MAX_MAP_CELLS))]
        #[schemars(inner(length(min = 1, max = MAX_MAP_CELLS)))]
        #[schemars(inner(inner(range(min = 0.0, max = MAX_DENSITY_PER_KM2))))]
        density_per_km2: Vec<Vec<f64>>,
    },
    /// By a user's model, in a rectangle.
    Model {
        /// South-west corner of the rectangle \[m\]: east, north.
        #[schemars(inner(range(min = -MAX_POSITION_M, max = MAX_POSITION_M)))]
        south_west_m: [f64; 2],
        /// North-east corner \[m\]: east, north.
        #[schemars(inner(range(min = -MAX_POSITION_M, max = MAX_POSITION_M)))]
        north_east_m: [f64; 2],
        /// Name of the user's model that gives the density.
        #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
        density_model: String,
        /// Largest density that the model gives in the rectangle \[1/km²\]; more is a fault of it.
        #[schemars(range(min = 0.0, max = MAX_DENSITY_PER_KM2))]
        largest_density_per_km2: f64,
    },
}
