//! A place inside a scenario document, for errors that name it.

use std::fmt;

use crate::quote::quoted;
use crate::scene::problems::Problems;

/// A place as a chain from the document's root; costs nothing until an error prints it.
///
/// Its checks report to the document's [`Problems`] and go on; each says whether it held.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    parent: Option<&'a Self>,
    step: Step<'a>,
    problems: &'a Problems,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'d> Place<'d> {
    /// The whole document; its problems go to `problems`.
    pub const fn root(problems: &'d Problems) -> Self {
        Self { parent: None, step: Step::Root, problems }
    }
}

impl Place<'_> {
    /// The value of `name` in the mapping here.
    pub const fn key<'a>(&'a self, name: &'a str) -> Place<'a> {
        Place { parent: Some(self), step: Step::Key(name), problems: self.problems }
    }

    /// The entry `index` of the list here.
    pub const fn index(&self, index: usize) -> Place<'_> {
        Place { parent: Some(self), step: Step::Index(index), problems: self.problems }
    }

    /// Report a problem of this place; always false, as the outcome of the check that found it.
    pub fn problem(&self, reason: impl Into<String>) -> bool {
        self.problems.add(self.to_string(), reason.into());
        false
    }

    /// How many problems the whole document has so far.
    pub fn problem_count(&self) -> usize {
        self.problems.count()
    }

    /// Run checks and say whether they found nothing, here or elsewhere.
    pub fn holds(&self, checks: impl FnOnce()) -> bool {
        let before = self.problems.count();
        checks();
        self.problems.count() == before
    }

    /// Refuse a number that is not finite or not within `low` to `high`.
    pub fn number(&self, value: f64, low: f64, high: f64) -> bool {
        if (low..=high).contains(&value) {
            return true;
        }
        let [value, low, high] = [value, low, high].map(shown);
        self.problem(format!("is {value}, must be {low} to {high}"))
    }

    /// Refuse a vector with a component beyond ± `limit`.
    pub fn vector(&self, value: [f64; 3], limit: f64) -> bool {
        let check = |axis: usize| self.index(axis).number(value[axis], -limit, limit);
        [0, 1, 2].map(check) == [true; 3]
    }

    /// Refuse a lower and upper bound outside `low` to `high` or not in order.
    pub fn interval(&self, value: [f64; 2], low: f64, high: f64) -> bool {
        let is_low_right = self.index(0).number(value[0], low, high);
        let least = if is_low_right { value[0] } else { low };
        self.index(1).number(value[1], least, high) && is_low_right
    }

    /// Refuse a list with more or fewer entries than wanted.
    pub fn length(&self, length: usize, low: usize, high: usize) -> bool {
        if (low..=high).contains(&length) {
            return true;
        }
        let wanted = if low == high { low.to_string() } else { format!("{low} to {high}") };
        self.problem(format!("has {length} entries, must have {wanted}"))
    }

    /// Refuse a text that is empty, longer than `limit` bytes or has control characters.
    pub fn text(&self, text: &str, limit: usize) -> bool {
        if !text.is_empty() && text.len() <= limit && !text.chars().any(char::is_control) {
            return true;
        }
        self.problem(format!(
            "is {} ({} bytes), must be 1 to {limit} bytes without control characters",
            quoted(text),
            text.len()
        ))
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

    /// What one check reports.
    fn reported(check: impl FnOnce(Place<'_>) -> bool) -> String {
        let problems = Problems::default();
        assert!(!check(problems.root()));
        problems.accept(()).unwrap_err().to_string()
    }

    #[test]
    fn errors_name_the_place_the_value_and_the_limit() {
        let error = reported(|root| {
            root.key("targets").index(3).key("rcs_dbsm").number(900.0, -100.0, 100.0)
        });
        assert_eq!(error, "scenario: targets[3].rcs_dbsm: is 900, must be -100 to 100");
        let error = reported(|root| root.key("pfa").number(1e-60, 1e-15, 0.1));
        assert_eq!(error, "scenario: pfa: is 1e-60, must be 1e-15 to 0.1");
        let error = reported(|root| root.key("at").vector([0.0, f64::NAN, 0.0], 1e8));
        assert!(error.contains("at[1]: is NaN"));
        assert!(reported(|root| root.length(0, 1, 5)).contains("has 0 entries"));
        assert!(reported(|root| root.text("a\nb", 64)).contains(r#"is "a\nb" (3 bytes)"#));
        assert!(Problems::default().root().text("Stanția", 64));
        assert!(reported(|root| root.text(&"x".repeat(1_000_000), 64)).len() < 250);
    }

    #[test]
    fn checks_go_on_after_a_problem() {
        let error = reported(|root| root.vector([f64::INFINITY, 0.0, -9.0], 5.0));
        assert_eq!(error.lines().count(), 2);
        let error = reported(|root| root.interval([2.0, 1.0], 0.0, 5.0));
        assert_eq!(error, "scenario: [1]: is 1, must be 2 to 5");
        // A lower bound that is refused is no limit of the upper one.
        let error = reported(|root| root.interval([9.0, 7.0], 0.0, 5.0));
        assert!(error.ends_with("[1]: is 7, must be 0 to 5"));
    }

    #[test]
    fn what_a_group_of_checks_found_can_be_asked_for() {
        let problems = Problems::default();
        let root = problems.root();
        assert!(root.holds(|| _ = root.number(1.0, 0.0, 2.0)));
        assert!(!root.holds(|| _ = root.number(3.0, 0.0, 2.0)));
        assert!(root.holds(|| ()));
    }
}
