//! Settings of the types of bodies that a tracker tells apart.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::object_type::ObjectType;
use crate::tracking::config::setting;

/// Types at most: each number of [`ObjectType`] but that of none once.
pub const MOST_TYPES: usize = ObjectType::HIGHEST as usize;
const LEAST_PRIOR: f64 = 1e-6;
/// Highest speed \[m/s\].
const MOST_SPEED_M_S: f64 = 1e6;
/// Least width of an interval of speeds \[m/s\].
const LEAST_WIDTH_M_S: f64 = 1e-3;
/// Longest identity \[bytes\].
const MAX_ID_BYTES: usize = 32;
/// Most of the priors in sum: what is left to one is that of bodies of no type of the table.
const MOST_PRIORS: f64 = 1.0 - 1e-6;

/// What is known of the bodies of one type. `qiki.tracking.ObjectTypeConfig` has the same fields.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectTypeConfig {
    /// The type; each once.
    pub object_type: ObjectType,
    /// Probability that a body which nothing is known of is of the type. What the sum leaves to 1 is
    /// that of bodies of no type.
    #[schemars(range(min = LEAST_PRIOR, max = 1.0))]
    pub prior_probability: f64,
    /// Mean over such bodies of the mean that a radar reports of one \[dBsm\].
    #[schemars(range(min = -200.0, max = 200.0))]
    pub rcs_dbsm: f64,
    /// Standard deviation of that from body to body \[dB\].
    #[schemars(range(min = 0.1, max = 100.0))]
    pub rcs_std_db: f64,
    /// Lowest and highest horizontal speed \[m/s\], all between as probable.
    #[schemars(inner(range(min = 0.0, max = MOST_SPEED_M_S)))]
    pub speed_m_s: [f64; 2],
    /// Probability that such a body carries a transponder which answers.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub transponder_probability: f64,
    /// Identities of bodies that are known to be of the type.
    #[serde(default)]
    #[schemars(inner(length(min = 1, max = MAX_ID_BYTES)))]
    pub ids: Vec<String>,
}

/// What is wrong in a table.
#[derive(Debug)]
pub struct TableFlaw {
    /// Its row.
    pub index: usize,
    /// Its field.
    pub field: &'static str,
    /// The value.
    pub value: String,
    /// What it must be.
    pub limit: String,
}

/// Collects what is wrong in one row.
struct RowFlaws<'a> {
    index: usize,
    found: &'a mut Vec<TableFlaw>,
}

impl RowFlaws<'_> {
    fn require(&mut self, field: &'static str, value: impl ToString, holds: bool, limit: &str) {
        if !holds {
            let (value, limit) = (value.to_string(), limit.to_string());
            self.found.push(TableFlaw { index: self.index, field, value, limit });
        }
    }

    /// What is outside its own limits.
    fn check(&mut self, row: &ObjectTypeConfig) {
        let is_named = row.object_type != ObjectType::Unspecified;
        let limit = "drone, ship, station, asteroid or debris";
        self.require("object_type", "unspecified", is_named, limit);
        for (field, value, low, high) in [
            ("prior_probability", row.prior_probability, LEAST_PRIOR, 1.0),
            ("rcs_dbsm", row.rcs_dbsm, -200.0, 200.0),
            ("rcs_std_db", row.rcs_std_db, 0.1, 100.0),
            ("transponder_probability", row.transponder_probability, 0.0, 1.0),
        ] {
            self.require(field, value, (low..=high).contains(&value), &format!("{low} to {high}"));
        }
        let [low, high] = row.speed_m_s;
        let is_low = (0.0..=999_999.0).contains(&low);
        self.require("speed_m_s[0]", low, is_low, "0 to 999999");
        let least = if is_low { low + LEAST_WIDTH_M_S } else { 0.0 };
        let limit = format!("{least} to 1000000");
        self.require("speed_m_s[1]", high, (least..=MOST_SPEED_M_S).contains(&high), &limit);
        for id in &row.ids {
            let fits = !id.is_empty() && id.len() <= MAX_ID_BYTES;
            self.require("ids", format!("{id:?}"), fits, "1 to 32 bytes each");
        }
    }

    /// What rows before have, too.
    fn check_beside(&mut self, row: &ObjectTypeConfig, former: &[ObjectTypeConfig]) {
        let is_new = former.iter().all(|former| former.object_type != row.object_type);
        let name = format!("{:?}", row.object_type).to_lowercase();
        self.require("object_type", name, is_new, "a type that no row before has");
        for id in &row.ids {
            let is_new = former.iter().all(|former| !former.ids.contains(id));
            self.require("ids", format!("{id:?}"), is_new, "of one type alone");
        }
    }
}

/// What is wrong in a table: values outside their limits, a type or an identity in two rows, priors
/// that leave nothing for other bodies.
pub fn flaws_of(rows: &[ObjectTypeConfig]) -> Vec<TableFlaw> {
    let (mut found, mut sum) = (Vec::new(), 0.0);
    for (index, row) in rows.iter().enumerate() {
        let mut flaws = RowFlaws { index, found: &mut found };
        flaws.check(row);
        flaws.check_beside(row, &rows[..index]);
        let prior = row.prior_probability;
        if (LEAST_PRIOR..=1.0).contains(&prior) {
            let limit = format!("at most {:.6}: the sum stays below 1", MOST_PRIORS - sum);
            flaws.require("prior_probability", prior, sum + prior <= MOST_PRIORS, &limit);
            sum += prior;
        }
    }
    found
}

/// A table as JSON text.
///
/// # Errors
/// [`crate::error::Error::Setting`] for numbers that a checked table does not hold.
pub fn to_json(rows: &[ObjectTypeConfig]) -> Result<String> {
    serde_json::to_string(rows).map_err(|error| setting("object_types", error, "finite numbers"))
}

/// Refuse a table with a flaw, by the first.
pub(super) fn check_object_types(rows: &[ObjectTypeConfig]) -> Result<()> {
    let flaws = flaws_of(rows);
    let Some(TableFlaw { index, field, value, limit }) = flaws.first() else { return Ok(()) };
    Err(setting(&format!("object_types[{index}].{field}"), value, limit))
}
