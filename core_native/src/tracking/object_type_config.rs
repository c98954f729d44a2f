//! Settings of the types of bodies that a tracker tells apart.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::tracking::config::require;

/// Least share of bodies that are of no type of the table: what is left of the priors to one.
const LEAST_OTHERS: f64 = 1e-6;

/// Kinds of bodies; numbers as in `qiki.radar.v1.ObjectType`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectType {
    /// A drone.
    Drone = 1,
    /// A ship.
    Ship = 2,
    /// A station.
    Station = 3,
    /// An asteroid.
    Asteroid = 4,
    /// Debris.
    Debris = 5,
}

/// What is known of the bodies of one type. `qiki.tracking.ObjectTypeConfig` has the same fields.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectTypeConfig {
    /// The type.
    pub object_type: ObjectType,
    /// Probability that a body which nothing is known of is of the type.
    pub prior_probability: f64,
    /// Mean over such bodies of the mean that a radar reports of one \[dBsm\].
    pub rcs_dbsm: f64,
    /// Standard deviation of that from body to body \[dB\].
    pub rcs_std_db: f64,
    /// Lowest and highest horizontal speed \[m/s\], all between as probable.
    pub speed_m_s: [f64; 2],
    /// Probability that such a body carries a transponder which answers.
    pub transponder_probability: f64,
    /// Identities of bodies that are known to be of the type.
    #[serde(default)]
    pub ids: Vec<String>,
}

impl ObjectTypeConfig {
    /// Refuse a value outside its limits; `index` is that of the row in `tracker.object_types`.
    fn check(&self, index: usize) -> Result<()> {
        for (field, value, low, high) in [
            ("prior_probability", self.prior_probability, 1e-6, 1.0),
            ("rcs_dbsm", self.rcs_dbsm, -200.0, 200.0),
            ("rcs_std_db", self.rcs_std_db, 0.1, 100.0),
            ("transponder_probability", self.transponder_probability, 0.0, 1.0),
        ] {
            let limit = format!("{low} to {high}");
            require(&named(index, field), value, (low..=high).contains(&value), &limit)?;
        }
        let [low, high] = self.speed_m_s;
        let is_interval = low >= 0.0 && high - low >= 1e-3 && high <= 1e6;
        let limit = "from 0 or more to at least 0.001 above that, at most 1e6";
        require(&named(index, "speed_m_s"), format!("{low} to {high}"), is_interval, limit)?;
        self.ids.iter().try_for_each(|id| {
            let fits = !id.is_empty() && id.len() <= 32;
            require(&named(index, "ids"), id, fits, "1 to 32 bytes each")
        })
    }
}

fn named(index: usize, field: &str) -> String {
    format!("object_types[{index}].{field}")
}

/// Refuse rows outside their limits, a type or an identity in two of them, and priors that leave
/// nothing for other bodies.
pub(super) fn check_object_types(rows: &[ObjectTypeConfig]) -> Result<()> {
    let mut sum = 0.0;
    for (index, row) in rows.iter().enumerate() {
        row.check(index)?;
        sum += row.prior_probability;
        for former in &rows[..index] {
            let is_new = former.object_type != row.object_type;
            let name = format!("{:?}", row.object_type).to_lowercase();
            require(&named(index, "object_type"), name, is_new, "a type that no row before has")?;
            let twice = row.ids.iter().find(|id| former.ids.contains(id));
            let limit = "of one type alone";
            twice.map_or(Ok(()), |id| require(&named(index, "ids"), id, false, limit))?;
        }
    }
    let limit = "at most 0.999999 in sum: the rest is that of bodies of no type";
    require("object_types.prior_probability", sum, sum <= 1.0 - LEAST_OTHERS, limit)
}
