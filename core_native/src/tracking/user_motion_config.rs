//! Settings of a motion model that a user wrote.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::tracking::config::{require, setting};
use crate::tracking::gaussian::STATE;
use crate::tracking::lanes::StateLanes;
use crate::tracking::model_filter::ModelFilter;
use crate::tracking::motion_config::{MotionModelConfig, STD};
use crate::tracking::motion_fingerprint::answers_sha256;
use crate::tracking::user_filter::{UserFilter, UserMover};
use crate::tracking::user_motion::UserMotion;

/// Settings of a user's model. Text only names it; the model itself is given along.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct UserMotionConfig {
    /// Name of the model.
    pub model: String,
    /// What it is given with each question.
    pub parameters: Vec<f64>,
    /// Standard deviation of each number beyond position and velocity of a target that begins to move
    /// by it.
    pub initial_std: Vec<f64>,
    /// Mean time for which a target moves by it \[s\].
    pub mean_sojourn_s: f64,
    /// Probability that a new target moves by it.
    pub initial_probability: f64,
    /// What the model itself answers, as a hash; nobody gives it, the core writes it.
    pub answers_sha256: String,
    /// The model itself.
    #[serde(skip)]
    pub given: Option<UserMotion>,
}

impl Default for UserMotionConfig {
    fn default() -> Self {
        Self {
            model: String::new(),
            parameters: Vec::new(),
            initial_std: Vec::new(),
            mean_sojourn_s: 60.0,
            initial_probability: 1.0,
            answers_sha256: String::new(),
            given: None,
        }
    }
}

impl UserMotionConfig {
    /// The model itself.
    fn model(&self, name: &str) -> Result<&UserMotion> {
        self.given.as_ref().filter(|given| given.name() == self.model).ok_or_else(|| {
            let limit = "a compiled model, which text cannot hold: give qiki.tracking.UserMotion one, \
                         and the settings with it to what restores a snapshot";
            setting(&format!("{name}.model"), format!("{:?}", self.model), limit)
        })
    }

    /// Refuse settings that do not fit the model.
    pub(super) fn check(&self, name: &str) -> Result<()> {
        let model = self.model(name)?;
        for (field, values, wanted) in [
            ("parameters", &self.parameters, model.parameter_count()),
            ("initial_std", &self.initial_std, model.state_size() - STATE),
        ] {
            let limit = format!("{wanted}, as model {:?} has", model.name());
            let field = format!("the length of {name}.{field}");
            require(&field, values.len(), values.len() == wanted, &limit)?;
        }
        for (index, value) in self.parameters.iter().enumerate() {
            let field = format!("{name}.parameters[{index}]");
            require(&field, value, value.is_finite(), "finite")?;
        }
        let [low, high] = STD;
        for (index, std) in self.initial_std.iter().enumerate() {
            let field = format!("{name}.initial_std[{index}]");
            require(&field, std, (low..=high).contains(std), &format!("{low} to {high}"))?;
        }
        Ok(())
    }

    /// A filter of the model, without tracks.
    pub(super) fn filter(&self, kind: usize) -> ModelFilter {
        let mut first_variance = [0.0; 3];
        let variances = first_variance.iter_mut().zip(&self.initial_std);
        variances.for_each(|(variance, std)| *variance = std * std);
        let size = STATE + self.initial_std.len();
        ModelFilter::User(UserFilter { size, kind, first_variance }, StateLanes::empty())
    }
}

/// Give settings the models that they name, in their order.
pub(super) fn give_models(configs: &mut [MotionModelConfig], models: &[UserMotion]) {
    let mut models = models.iter();
    for config in configs {
        if let MotionModelConfig::User(user) = config {
            user.given = models.next().cloned();
        }
    }
}

/// Note what the models answer, by which settings tell them apart.
pub(super) fn sign_models(configs: &mut [MotionModelConfig]) {
    for config in configs {
        let MotionModelConfig::User(user) = config else { continue };
        if let Some(model) = &user.given {
            user.answers_sha256 = answers_sha256(model, &user.parameters, &user.initial_std);
        }
    }
}

/// Refuse one name of two functions: in a snapshot only the name says which of them is meant.
pub(super) fn check_names(configs: &[MotionModelConfig]) -> Result<()> {
    for (index, model) in configs.iter().enumerate().filter_map(|(i, own)| Some((i, given(own)?))) {
        let is_another = |other: &UserMotion| other.name() == model.name() && !other.is(model);
        let others = configs[..index].iter().filter_map(given);
        let limit = "of the function of that name before it: name it in the same words, or give this \
                     one a name of its own";
        let (field, name) =
            (format!("motion_models[{index}].model"), format!("{:?}", model.name()));
        require(&field, name, !others.into_iter().any(is_another), limit)?;
    }
    Ok(())
}

/// The user's model that settings hold.
fn given(config: &MotionModelConfig) -> Option<&UserMotion> {
    match config {
        MotionModelConfig::User(user) => user.given.as_ref(),
        _ => None,
    }
}

/// What moves the filters of users' models in a bank.
pub(super) fn movers_of(configs: &[MotionModelConfig]) -> Vec<UserMover> {
    let user = |(place, config): (usize, &MotionModelConfig)| match config {
        MotionModelConfig::User(user) => {
            let (model, parameters) = (user.given.clone()?, user.parameters.as_slice().into());
            Some(UserMover { place, model, parameters })
        }
        _ => None,
    };
    configs.iter().enumerate().filter_map(user).collect()
}

/// Place of the first model whose states mean the same as those of model `place`.
pub(super) fn kind_of(configs: &[MotionModelConfig], place: usize) -> usize {
    let own = given(&configs[place]);
    configs.iter().position(|config| given(config) == own).unwrap_or(place)
}
