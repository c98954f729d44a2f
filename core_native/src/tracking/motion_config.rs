//! Settings of the motion models that a tracker's bank of filters has.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::numeric::RAD_PER_DEG;
use crate::tracking::config::{require, setting};
use crate::tracking::constant_acceleration::ConstantAcceleration;
use crate::tracking::constant_velocity::ConstantVelocity;
use crate::tracking::coordinated_turn::CoordinatedTurn;
use crate::tracking::filter_bank::{BankModels, FilterBank};
use crate::tracking::lanes::StateLanes;
use crate::tracking::mode_chain::{MAX_MODELS, ModeChain};
use crate::tracking::model_filter::ModelFilter;
use crate::tracking::user_motion::UserMotion;
use crate::tracking::user_motion_config::{
    UserMotionConfig, check_names, give_models, kind_of, movers_of,
};

/// One motion model. `qiki.tracking` has a class for each kind with the same fields and defaults.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MotionModelConfig {
    /// See [`ConstantVelocity`].
    ConstantVelocity(ConstantVelocityConfig),
    /// See [`ConstantAcceleration`].
    ConstantAcceleration(ConstantAccelerationConfig),
    /// See [`CoordinatedTurn`].
    CoordinatedTurn(CoordinatedTurnConfig),
    /// See [`UserMotion`].
    User(UserMotionConfig),
}

/// Settings of constant velocity.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConstantVelocityConfig {
    /// Spectral density of the white noise acceleration, east and north \[m²/s³\].
    pub process_noise_m2_s3: f64,
    /// The same, up \[m²/s³\].
    pub vertical_process_noise_m2_s3: f64,
    /// Mean time for which a target moves by it \[s\].
    pub mean_sojourn_s: f64,
    /// Probability that a new target moves by it.
    pub initial_probability: f64,
}

/// Settings of constant acceleration.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConstantAccelerationConfig {
    /// Spectral density of the white noise jerk, east and north \[m²/s⁵\].
    pub jerk_noise_m2_s5: f64,
    /// The same, up \[m²/s⁵\].
    pub vertical_jerk_noise_m2_s5: f64,
    /// Standard deviation of the acceleration with which a target begins, east and north \[m/s²\].
    pub acceleration_std_m_s2: f64,
    /// The same, up \[m/s²\].
    pub vertical_acceleration_std_m_s2: f64,
    /// Mean time for which a target moves by it \[s\].
    pub mean_sojourn_s: f64,
    /// Probability that a new target moves by it.
    pub initial_probability: f64,
}

/// Settings of the coordinated turn.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct CoordinatedTurnConfig {
    /// Spectral density of the white noise acceleration, east and north \[m²/s³\].
    pub process_noise_m2_s3: f64,
    /// The same, up \[m²/s³\].
    pub vertical_process_noise_m2_s3: f64,
    /// Spectral density of the turn rate's change \[deg²/s³\].
    pub turn_rate_noise_deg2_s3: f64,
    /// Standard deviation of the turn rate with which a turn begins \[deg/s\].
    pub turn_rate_std_deg_s: f64,
    /// Mean time for which a target moves by it \[s\].
    pub mean_sojourn_s: f64,
    /// Probability that a new target moves by it.
    pub initial_probability: f64,
}

impl Default for ConstantVelocityConfig {
    fn default() -> Self {
        Self {
            process_noise_m2_s3: 1.0,
            vertical_process_noise_m2_s3: 1.0,
            mean_sojourn_s: 60.0,
            initial_probability: 1.0,
        }
    }
}

impl Default for ConstantAccelerationConfig {
    fn default() -> Self {
        Self {
            jerk_noise_m2_s5: 10.0,
            vertical_jerk_noise_m2_s5: 1.0,
            acceleration_std_m_s2: 20.0,
            vertical_acceleration_std_m_s2: 5.0,
            mean_sojourn_s: 10.0,
            initial_probability: 1.0,
        }
    }
}

impl Default for CoordinatedTurnConfig {
    fn default() -> Self {
        Self {
            process_noise_m2_s3: 1.0,
            vertical_process_noise_m2_s3: 1.0,
            turn_rate_noise_deg2_s3: 1.0,
            turn_rate_std_deg_s: 10.0,
            mean_sojourn_s: 20.0,
            initial_probability: 1.0,
        }
    }
}

const NOISE: [f64; 2] = [0.0, 1e9];
pub(super) const STD: [f64; 2] = [1e-9, 1e9];
const TURN_STD: [f64; 2] = [1e-9, 1e3];
const SOJOURN: [f64; 2] = [0.01, 1e6];
const PROBABILITY: [f64; 2] = [1e-9, 1.0];

impl MotionModelConfig {
    const fn mean_sojourn_s(&self) -> f64 {
        match self {
            Self::ConstantVelocity(model) => model.mean_sojourn_s,
            Self::ConstantAcceleration(model) => model.mean_sojourn_s,
            Self::CoordinatedTurn(model) => model.mean_sojourn_s,
            Self::User(model) => model.mean_sojourn_s,
        }
    }

    const fn initial_probability(&self) -> f64 {
        match self {
            Self::ConstantVelocity(model) => model.initial_probability,
            Self::ConstantAcceleration(model) => model.initial_probability,
            Self::CoordinatedTurn(model) => model.initial_probability,
            Self::User(model) => model.initial_probability,
        }
    }

    /// Each field that only some kinds have, with its limits.
    fn own_fields(&self) -> Vec<(&'static str, f64, [f64; 2])> {
        match self {
            Self::ConstantVelocity(model) => vec![
                ("process_noise_m2_s3", model.process_noise_m2_s3, NOISE),
                ("vertical_process_noise_m2_s3", model.vertical_process_noise_m2_s3, NOISE),
            ],
            Self::ConstantAcceleration(model) => vec![
                ("jerk_noise_m2_s5", model.jerk_noise_m2_s5, NOISE),
                ("vertical_jerk_noise_m2_s5", model.vertical_jerk_noise_m2_s5, NOISE),
                ("acceleration_std_m_s2", model.acceleration_std_m_s2, STD),
                ("vertical_acceleration_std_m_s2", model.vertical_acceleration_std_m_s2, STD),
            ],
            Self::CoordinatedTurn(model) => vec![
                ("process_noise_m2_s3", model.process_noise_m2_s3, NOISE),
                ("vertical_process_noise_m2_s3", model.vertical_process_noise_m2_s3, NOISE),
                ("turn_rate_noise_deg2_s3", model.turn_rate_noise_deg2_s3, NOISE),
                ("turn_rate_std_deg_s", model.turn_rate_std_deg_s, TURN_STD),
            ],
            Self::User(_) => vec![],
        }
    }

    /// One model from JSON text; `models` holds the user's one, where the text names one.
    ///
    /// # Errors
    /// [`crate::error::Error::Setting`] for an unknown kind or a field outside its limits.
    pub fn from_json(text: &str, models: &[UserMotion]) -> Result<Self> {
        let mut model: Self = serde_json::from_str(text)
            .map_err(|error| setting("motion_models", error, "a motion model"))?;
        give_models(std::slice::from_mut(&mut model), models);
        model.check(0)?;
        Ok(model)
    }

    /// How many numbers a state has: mean and triangle.
    pub fn numbers_per_state(&self) -> usize {
        self.filter(0).size()
    }

    fn check(&self, index: usize) -> Result<()> {
        let mut fields = self.own_fields();
        fields.push(("mean_sojourn_s", self.mean_sojourn_s(), SOJOURN));
        fields.push(("initial_probability", self.initial_probability(), PROBABILITY));
        for (name, value, [low, high]) in fields {
            let (name, limit) =
                (format!("motion_models[{index}].{name}"), format!("{low} to {high}"));
            require(&name, value, (low..=high).contains(&value), &limit)?;
        }
        match self {
            Self::User(model) => model.check(&format!("motion_models[{index}]")),
            _ => Ok(()),
        }
    }

    /// A filter of the model, without tracks; `kind` tells users' models apart.
    pub(super) fn filter(&self, kind: usize) -> ModelFilter {
        let square = |x: f64| x * x;
        match self {
            Self::ConstantVelocity(model) => {
                let (flat, up) = (model.process_noise_m2_s3, model.vertical_process_noise_m2_s3);
                let model = ConstantVelocity { noise_m2_s3: [flat, flat, up] };
                ModelFilter::Velocity(model, StateLanes::empty())
            }
            Self::ConstantAcceleration(model) => {
                let (flat, up) = (model.jerk_noise_m2_s5, model.vertical_jerk_noise_m2_s5);
                let first = square(model.acceleration_std_m_s2);
                let first_up = square(model.vertical_acceleration_std_m_s2);
                let model = ConstantAcceleration {
                    jerk_noise_m2_s5: [flat, flat, up],
                    first_variance_m2_s4: [first, first, first_up],
                };
                ModelFilter::Acceleration(model, StateLanes::empty())
            }
            Self::CoordinatedTurn(model) => {
                let (flat, up) = (model.process_noise_m2_s3, model.vertical_process_noise_m2_s3);
                let model = CoordinatedTurn {
                    noise_m2_s3: [flat, flat, up],
                    turn_noise_rad2_s3: model.turn_rate_noise_deg2_s3 * square(RAD_PER_DEG),
                    first_variance_rad2_s2: square(model.turn_rate_std_deg_s * RAD_PER_DEG),
                };
                ModelFilter::Turn(model, StateLanes::empty())
            }
            Self::User(model) => model.filter(kind),
        }
    }
}

/// Refuse models outside their limits, too many, or not one of which a new target moves by.
///
/// # Errors
/// [`crate::error::Error::Setting`].
pub fn check_models(models: &[MotionModelConfig]) -> Result<()> {
    let limit = format!("at most {MAX_MODELS} models");
    require("motion_models", models.len(), models.len() <= MAX_MODELS, &limit)?;
    models.iter().enumerate().try_for_each(|(index, model)| model.check(index))?;
    check_names(models)?;
    let sum: f64 = models.iter().map(MotionModelConfig::initial_probability).sum();
    let whole = models.is_empty() || (sum - 1.0).abs() < 1e-9;
    require(
        "motion_models",
        format!("initial probabilities that sum to {sum}"),
        whole,
        "a sum of 1",
    )
}

/// An empty bank of filters of the models.
pub fn bank_of(models: &[MotionModelConfig]) -> FilterBank {
    let sojourns_s: Vec<f64> = models.iter().map(MotionModelConfig::mean_sojourn_s).collect();
    FilterBank::new(BankModels {
        filters: (0..).zip(models).map(|(at, model)| model.filter(kind_of(models, at))).collect(),
        chain: ModeChain::new(&sojourns_s),
        first_probability: models.iter().map(MotionModelConfig::initial_probability).collect(),
        users: movers_of(models),
    })
}
