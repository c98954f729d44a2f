//! A place inside a scenario document, for errors that name it.

use std::fmt;

use crate::error::{Error, Result};

/// A place as a chain from the document's root; costs nothing until an error prints it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    parent: Option<&'a Self>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl Place<'_> {
    /// The whole document.
    pub const ROOT: Place<'static> = Place { parent: None, step: Step::Root };

    /// The value of `name` in the mapping here.
    pub const fn key<'a>(&'a self, name: &'a str) -> Place<'a> {
        Place { parent: Some(self), step: Step::Key(name) }
    }

    /// The entry `index` of the list here.
    pub const fn index(&self, index: usize) -> Place<'_> {
        Place { parent: Some(self), step: Step::Index(index) }
    }

    /// An error about this place.
    pub fn error(&self, reason: impl Into<String>) -> Error {
        Error::Scenario { path: self.to_string(), reason: reason.into() }
    }

    /// Refuse a number that is not finite or not within `low` to `high`.
    pub fn number(&self, value: f64, low: f64, high: f64) -> Result<()> {
        if (low..=high).contains(&value) {
            return Ok(());
        }
        let [value, low, high] = [value, low, high].map(shown);
        Err(self.error(format!("is {value}, must be {low} to {high}")))
    }

    /// Refuse a vector with a component beyond ± `limit`.
    pub fn vector(&self, value: [f64; 3], limit: f64) -> Result<()> {
        let check =
            |(axis, component): (usize, f64)| self.index(axis).number(component, -limit, limit);
        value.into_iter().enumerate().try_for_each(check)
    }

    /// Refuse a lower and upper bound outside `low` to `high` or not in order.
    pub fn interval(&self, value: [f64; 2], low: f64, high: f64) -> Result<()> {
        self.index(0).number(value[0], low, high)?;
        self.index(1).number(value[1], value[0], high)
    }

    /// Refuse a list with more or fewer entries than wanted.
    pub fn length(&self, length: usize, low: usize, high: usize) -> Result<()> {
        if (low..=high).contains(&length) {
            return Ok(());
        }
        Err(self.error(format!("has {length} entries, must have {low} to {high}")))
    }

    /// Refuse a text that is empty, longer than `limit` bytes or has control characters.
    pub fn text(&self, text: &str, limit: usize) -> Result<()> {
        if !text.is_empty() && text.len() <= limit && !text.chars().any(char::is_control) {
            return Ok(());
        }
        Err(self.error(format!(
            "is {text:?} ({} bytes), must be 1 to {limit} bytes without control characters",
            text.len()
        )))
    }
}

/// A number as a person would write it.
fn shown(number: f64) -> String {
    let size = number.abs();
    let is_plain = size == 0.0 || (1e-4..1e12).contains(&size) || !number.is_finite();
    if is_plain { number.to_string() } else { format!("{number:e}") }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at_root = self.parent.is_none_or(|parent| matches!(parent.step, Step::Root));
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Key(name) if at_root => f.write_str(name),
            Step::Key(name) => write!(f, ".{name}"),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_place_the_value_and_the_limit() {
        let targets = Place::ROOT.key("targets");
        let target = targets.index(3);
        let error = target.key("rcs_dbsm").number(900.0, -100.0, 100.0).unwrap_err();
        let message = "scenario: targets[3].rcs_dbsm: is 900, must be -100 to 100";
        assert_eq!(error.to_string(), message);
        let error = target.key("pfa").number(1e-60, 1e-15, 0.1).unwrap_err();
        assert!(error.to_string().ends_with("is 1e-60, must be 1e-15 to 0.1"));
        let position = target.key("position_m");
        let error = position.vector([0.0, f64::NAN, 0.0], 1e8).unwrap_err();
        assert!(error.to_string().contains("targets[3].position_m[1]: is NaN"));
        assert!(targets.length(0, 1, 5).unwrap_err().to_string().contains("has 0 entries"));
        assert!(target.key("id").text("a\nb", 64).is_err());
        assert!(target.key("id").text("Stanția", 64).is_ok());
        assert!(position.interval([2.0, 1.0], 0.0, 5.0).is_err());
    }
}
