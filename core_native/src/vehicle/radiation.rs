//! Radiation where the vehicle is: a background and sources of which the file says where they are.
//!
//! The dose rate of a source falls with the square of the distance from its middle; inside its radius it is
//! that of the surface. Nothing shields.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scene::place::Place;
use crate::scene::scenario::{MAX_NAME_BYTES, MAX_POSITION_M};

/// Most sources.
pub const MAX_SOURCES: usize = 16;
/// Largest dose rate, of the background or at a metre from a source \[µSv/h\].
pub const MAX_DOSE_RATE_USV_H: f64 = 1e15;
/// Least and largest radius of a source \[m\].
pub const RADIUS_LIMITS_M: [f64; 2] = [0.001, 1e7];

/// Radiation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RadiationDocument {
    /// Dose rate everywhere \[µSv/h\].
    #[schemars(range(min = 0.0, max = MAX_DOSE_RATE_USV_H))]
    pub background_usv_h: f64,
    /// What radiates besides.
    #[serde(default)]
    #[schemars(length(min = 0, max = MAX_SOURCES))]
    pub sources: Vec<RadiationSourceDocument>,
}

/// A source of radiation, the same in each direction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RadiationSourceDocument {
    /// Its name.
    #[schemars(length(min = 1, max = MAX_NAME_BYTES))]
    pub name: String,
    /// Where its middle is in the world frame \[m\].
    #[schemars(inner(range(min = -MAX_POSITION_M, max = MAX_POSITION_M)))]
    pub position_m: [f64; 3],
    /// Dose rate that it adds a metre from its middle, were it a point \[µSv/h\].
    #[schemars(range(min = 0.0, max = MAX_DOSE_RATE_USV_H))]
    pub at_one_metre_usv_h: f64,
    /// Its radius \[m\].
    #[schemars(range(min = RADIUS_LIMITS_M[0], max = RADIUS_LIMITS_M[1]))]
    pub radius_m: f64,
}

/// Check a radiation section.
pub fn checked(place: &Place<'_>, document: &RadiationDocument) -> RadiationDocument {
    place.key("background_usv_h").number(document.background_usv_h, 0.0, MAX_DOSE_RATE_USV_H);
    let list = place.key("sources");
    list.length(document.sources.len(), 0, MAX_SOURCES);
    for (index, source) in document.sources.iter().enumerate() {
        let place = list.index(index);
        place.key("name").text(&source.name, MAX_NAME_BYTES);
        place.key("position_m").vector(source.position_m, MAX_POSITION_M);
        let dose_usv_h = source.at_one_metre_usv_h;
        place.key("at_one_metre_usv_h").number(dose_usv_h, 0.0, MAX_DOSE_RATE_USV_H);
        let [least_m, most_m] = RADIUS_LIMITS_M;
        place.key("radius_m").number(source.radius_m, least_m, most_m);
    }
    document.clone()
}

impl RadiationDocument {
    /// Dose rate at a place in the world frame \[µSv/h\].
    pub fn dose_rate_usv_h(&self, position_m: [f64; 3]) -> f64 {
        self.sources.iter().fold(self.background_usv_h, |sum, source| {
            let squares = (0..3).map(|axis| {
                let way_m = position_m[axis] - source.position_m[axis];
                way_m * way_m
            });
            let square: f64 = squares.sum();
            sum + source.at_one_metre_usv_h / square.max(source.radius_m * source.radius_m)
        })
    }
}
