//! A density of clutter by a user's model, in a rectangle.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::scene::clutter_density::{Bounds, density, point};
use crate::scene::place::Place;
use crate::scene::scenario::MAX_NAME_BYTES;
use crate::user_model::{ModelFault, UserModel};

/// A density that the scenario names and whoever runs it gives.
#[derive(Clone, Debug)]
pub struct ModelledDensity {
    /// Name of the model.
    pub name: Arc<str>,
    /// Outside of it the density is zero.
    pub bounds: Bounds,
    /// Largest density, by which candidates are drawn \[1/km²\].
    pub largest_per_km2: f64,
    model: Option<UserModel>,
}

impl ModelledDensity {
    /// Check the document of a rectangle by its corners in the south-west and in the north-east, east
    /// and north \[m\]; none when it is refused.
    pub fn new(
        place: &Place<'_>,
        [south_west_m, north_east_m]: [[f64; 2]; 2],
        name: &str,
        largest_per_km2: f64,
    ) -> Option<Self> {
        let is_right = place.holds(|| {
            let are_places = point(&place.key("south_west_m"), south_west_m)
                & point(&place.key("north_east_m"), north_east_m);
            if are_places && (0..2).any(|axis| south_west_m[axis] >= north_east_m[axis]) {
                place.key("north_east_m").problem(format!(
                    "is {north_east_m:?}, must be north and east of south_west_m {south_west_m:?}"
                ));
            }
            place.key("density_model").text(name, MAX_NAME_BYTES);
            density(&place.key("largest_density_per_km2"), largest_per_km2);
        });
        let ends_m = |axis: usize| [south_west_m[axis], north_east_m[axis]];
        let bounds = Bounds { east_m: ends_m(0), north_m: ends_m(1) };
        is_right.then(|| Self { name: name.into(), bounds, largest_per_km2, model: None })
    }

    /// The same with its model.
    #[must_use]
    pub fn with_model(&self, model: UserModel) -> Self {
        Self { model: Some(model), ..self.clone() }
    }

    /// Refuse to be asked without the model.
    pub fn check_model(&self) -> Result<()> {
        if self.model.is_some() {
            return Ok(());
        }
        Err(Error::Setting {
            setting: format!("density of the clutter model {:?}", self.name),
            value: "asked without the model".into(),
            limit: "asked with it: the scenario only names it".into(),
            remedy: "give it by `model`".into(),
        })
    }

    /// Density at `[east_m, north_m, time_s]` \[1/km²\]; zero while there is no model, which
    /// [`Self::check_model`] tells.
    #[inline(always)]
    pub fn at(&self, arguments: [f64; 3]) -> std::result::Result<f64, ModelFault> {
        self.model
            .as_ref()
            .map_or(Ok(0.0), |model| model.value_within(arguments, [0.0, self.largest_per_km2]))
    }
}
