//! Models that a user writes: three numbers in, one number out.
//!
//! The core only knows the trait; `bindings/src/user_model.rs` makes it of a compiled function.
//! What a model returns is checked before it is used: a value outside its limits becomes a
//! [`ModelFault`] that names the model.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result};

/// A compiled function of three numbers. It must return the same for the same numbers, on every
/// thread: the core may ask at any time, in any order.
pub trait Function: fmt::Debug + Send + Sync {
    /// The value at `arguments`.
    fn value(&self, arguments: [f64; 3]) -> f64;
}

/// What a model stands for, which says what it is asked and what it may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModelKind {
    /// Mean radar cross section \[m²\] by the direction of the radar as the target sees it.
    Rcs,
    /// Probability of detection by the mean SNR.
    DetectionProbability,
    /// Mean number of clutter plots per square kilometre and frame, by place.
    ClutterDensity,
}

impl ModelKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Rcs, Self::DetectionProbability, Self::ClutterDensity];

    /// Its name in Python.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rcs => "rcs",
            Self::DetectionProbability => "detection_probability",
            Self::ClutterDensity => "clutter_density",
        }
    }

    /// The kind called `name`.
    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| Error::Setting {
            setting: "kind".into(),
            value: format!("{name:?}"),
            limit: Self::ALL.map(Self::name).join(", "),
            remedy: "say what the model stands for".into(),
        })
    }

    /// What it is asked, in order.
    pub const fn arguments(self) -> [&'static str; 3] {
        match self {
            Self::Rcs => ["azimuth_deg", "elevation_deg", "time_s"],
            Self::DetectionProbability => ["snr_db", "range_m", "range_rate_m_s"],
            Self::ClutterDensity => ["east_m", "north_m", "time_s"],
        }
    }

    /// Smallest and largest value that it may answer.
    pub const fn limits(self) -> [f64; 2] {
        match self {
            Self::Rcs => [0.0, 1e10], // 100 dBsm
            Self::DetectionProbability => [0.0, 1.0],
            Self::ClutterDensity => [0.0, 1e6],
        }
    }
}

/// A model with its name.
#[derive(Clone, Debug)]
pub struct UserModel {
    kind: ModelKind,
    name: Arc<str>,
    function: Arc<dyn Function>,
}

/// What to do about a model's answer that is refused. A compiled function that raises answers NaN, and
/// the error is gone by then.
pub const fn remedy(is_nan: bool) -> &'static str {
    if is_nan {
        "correct the model, which may have raised an error: it then answers NaN"
    } else {
        "correct the model"
    }
}

/// Longest name of a model \[bytes\].
const MAX_NAME_BYTES: usize = 64;

/// A name by which errors can call a model.
pub(crate) fn checked_name(name: &str) -> Result<Arc<str>> {
    if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
        return Err(Error::Setting {
            setting: "name".into(),
            value: format!("{name:?} ({} bytes)", name.len()),
            limit: format!("1 to {MAX_NAME_BYTES} bytes without control characters"),
            remedy: "give the model the name by which errors call it".into(),
        });
    }
    Ok(name.into())
}

impl UserModel {
    /// A model of `kind` that errors call `name`.
    pub fn new(kind: ModelKind, name: &str, function: Arc<dyn Function>) -> Result<Self> {
        Ok(Self { kind, name: checked_name(name)?, function })
    }

    /// What it stands for.
    pub const fn kind(&self) -> ModelKind {
        self.kind
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value at `arguments`, when that lies within the limits of its kind.
    #[inline]
    pub fn value(&self, arguments: [f64; 3]) -> std::result::Result<f64, ModelFault> {
        self.value_within(arguments, self.kind.limits())
    }

    /// Its value at `arguments`, when that lies within `limits`.
    #[inline]
    pub fn value_within(
        &self,
        arguments: [f64; 3],
        limits: [f64; 2],
    ) -> std::result::Result<f64, ModelFault> {
        let value = self.function.value(arguments);
        let [low, high] = limits;
        if low <= value && value <= high {
            return Ok(value);
        }
        Err(ModelFault { kind: self.kind, name: Arc::clone(&self.name), arguments, value, limits })
    }
}

/// A value that a model must not answer, and where it did.
#[derive(Clone, Debug)]
pub struct ModelFault {
    kind: ModelKind,
    name: Arc<str>,
    arguments: [f64; 3],
    value: f64,
    limits: [f64; 2],
}

impl ModelFault {
    /// Name of the model.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for ModelFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [low, high] = self.limits;
        write!(f, "{} model {:?} is {} at ", self.kind.name(), self.name, self.value)?;
        for (index, (name, value)) in self.kind.arguments().iter().zip(self.arguments).enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{name} {value}")?;
        }
        write!(f, ", must be {low} to {high}: correct the model")
    }
}

impl From<ModelFault> for Error {
    fn from(fault: ModelFault) -> Self {
        Self::Model { fault: fault.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Sum;

    impl Function for Sum {
        fn value(&self, [a, b, c]: [f64; 3]) -> f64 {
            a + b + c
        }
    }

    fn model(kind: ModelKind) -> UserModel {
        UserModel::new(kind, "sum", Arc::new(Sum)).unwrap()
    }

    #[test]
    fn values_within_the_limits_come_back_and_others_name_the_model() {
        let chance = model(ModelKind::DetectionProbability);
        assert_eq!(chance.value([0.25, 0.25, 0.5]).unwrap(), 1.0);
        for bad in [f64::NAN, f64::INFINITY, -0.75, 0.51] {
            let fault = chance.value([0.25, 0.25, bad]).unwrap_err();
            assert_eq!(fault.name(), "sum");
            let text = fault.to_string();
            assert!(text.starts_with("detection_probability model \"sum\" is "), "{text}");
            assert!(text.contains("at snr_db 0.25, range_m 0.25, range_rate_m_s "), "{text}");
            assert!(text.ends_with("must be 0 to 1: correct the model"), "{text}");
        }
    }

    #[test]
    fn each_kind_is_found_by_its_name() {
        for kind in ModelKind::ALL {
            assert_eq!(ModelKind::from_name(kind.name()).unwrap(), kind);
            assert_eq!(model(kind).kind(), kind);
        }
        let error = ModelKind::from_name("weather").unwrap_err().to_string();
        assert!(error.contains("\"weather\"") && error.contains("clutter_density"), "{error}");
    }

    #[test]
    fn a_model_has_a_name() {
        let long = "n".repeat(MAX_NAME_BYTES + 1);
        for name in ["", "a\nb", &long] {
            assert!(UserModel::new(ModelKind::Rcs, name, Arc::new(Sum)).is_err());
        }
    }
}
