//! Which radar of a scenario an argument means.

use pyo3::prelude::*;
use pyo3::types::PyString;
use qiki_core::error::Error;
use qiki_core::scene::scenario::Scenario;

use crate::errors::Result;
use crate::whole_number::Whole;

/// Which radar of a scenario.
pub enum SensorChoice {
    /// By its place in the file.
    Index(usize),
    /// By its name.
    Name(String),
}

impl SensorChoice {
    /// The choice that an argument makes.
    pub fn from_argument(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        match value.cast::<PyString>() {
            Ok(name) => Ok(Self::Name(name.to_string())),
            Err(_) => Whole::of("sensor", value).map(Self::Index),
        }
    }

    /// The place of the radar in a scenario.
    pub fn index_in(self, scenario: &Scenario) -> Result<usize> {
        let name = match self {
            Self::Index(index) => return Ok(index),
            Self::Name(name) => name,
        };
        let names: Vec<&str> = scenario.sensors.iter().map(|sensor| &*sensor.name).collect();
        let index = names.iter().position(|other| *other == name);
        Ok(index.ok_or_else(|| Error::Setting {
            setting: "sensor".into(),
            value: format!("{name:?}"),
            limit: format!("one of {}", names.join(", ")),
            remedy: format!("choose one of the sensors of scenario {:?}", scenario.name),
        })?)
    }
}
