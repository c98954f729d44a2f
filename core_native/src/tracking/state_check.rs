//! What cannot be the state of a target: numbers that are not finite, a covariance that is none.

use std::fmt;

use crate::error::{Error, Result};
use crate::tracking::gaussian::{Gaussian, at_in, triangle_place};
use crate::tracking::motion_model::MAX_STATE;
use crate::tracking::triangular_factors::indefinite;

/// How far rounding may take the covariance of a state from one, as a share of its variances. An update
/// by a measurement 10⁶ times finer than the state leaves 10⁻¹² of a variance
/// ([`crate::tracking::kalman::ROUNDING`]) as a difference of numbers rounded to 10⁻¹⁶.
const ROUNDING: f64 = 0.01;

/// A number of a state that cannot be.
#[derive(Clone, Debug, PartialEq)]
pub struct StateFlaw {
    /// Which, as `covariance[3][3]`.
    pub number: String,
    /// What it is.
    pub value: f64,
    /// What is accepted.
    pub limit: &'static str,
}

impl fmt::Display for StateFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}, must be {}", self.number, self.value, self.limit)
    }
}

impl StateFlaw {
    /// That of a mean with a covariance, if there is one.
    pub fn of(mean: &[f64], covariance: impl Fn(usize, usize) -> f64) -> Option<Self> {
        let n = mean.len();
        if let Some(at) = mean.iter().position(|number| !number.is_finite()) {
            return Some(Self { number: format!("[{at}]"), value: mean[at], limit: "finite" });
        }
        for (i, j) in (0..n).flat_map(|i| (i..n).map(move |j| (i, j))) {
            let (value, is_variance) = (covariance(i, j), i == j);
            if !value.is_finite() || (is_variance && value < 0.0) {
                let limit = if is_variance { "at least 0 and finite" } else { "finite" };
                return Some(Self { number: format!(" covariance[{i}][{j}]"), value, limit });
            }
        }
        let bad = indefinite::<MAX_STATE>(n, |i, j| covariance(j, i), ROUNDING)?;
        let row = bad.row;
        Some(Self {
            number: format!(" covariance of which the first {row} rows leave [{row}][{row}]"),
            value: bad.pivot,
            limit: "at least 0, as the pivots of a positive semidefinite matrix",
        })
    }
}

impl<const D: usize, const T: usize> Gaussian<D, T> {
    /// What cannot be in a state, if anything.
    pub fn flaw(&self) -> Option<StateFlaw> {
        StateFlaw::of(&self.mean, |i, j| self.covariance[at_in::<D>(i, j)])
    }
}

/// What cannot be in the numbers of a state, if anything: its mean, then the upper triangle of its
/// covariance row by row.
pub fn flaw_of_numbers(numbers: &[f64]) -> Option<StateFlaw> {
    let n = (0..numbers.len()).find(|n| n * (n + 3) / 2 >= numbers.len()).unwrap_or(0);
    let (mean, triangle) = numbers.split_at(n);
    StateFlaw::of(mean, |i, j| triangle[triangle_place(n, i, j)])
}

/// Refuse the first state with a flaw.
///
/// # Errors
/// [`Error::Setting`], which names state and number.
pub fn check_states<'a, S: 'a>(
    states: impl IntoIterator<Item = &'a S>,
    flaw: impl Fn(&S) -> Option<StateFlaw>,
) -> Result<()> {
    for (index, state) in states.into_iter().enumerate() {
        if let Some(StateFlaw { number, value, limit }) = flaw(state) {
            return Err(Error::Setting {
                setting: format!("state[{index}]{number}"),
                value: value.to_string(),
                limit: limit.into(),
                remedy: "give a mean of numbers and a covariance with it".into(),
            });
        }
    }
    Ok(())
}

/// Refuse a time step or a density of noise that is below 0 or not finite.
///
/// # Errors
/// [`Error::Setting`].
pub fn check_not_negative(name: &str, value: f64, remedy: &str) -> Result<()> {
    if (0.0..f64::INFINITY).contains(&value) {
        return Ok(());
    }
    Err(Error::Setting {
        setting: name.into(),
        value: value.to_string(),
        limit: "at least 0 and finite".into(),
        remedy: remedy.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::filter::update_positions;
    use crate::tracking::gaussian::{STATE, at, predict};

    fn state() -> Gaussian {
        let mut state = Gaussian::ZERO;
        for i in 0..STATE {
            state.covariance[at(i, i)] = 4.0;
        }
        state.covariance[at(0, 3)] = -3.9;
        state
    }

    fn told(spoil: impl Fn(&mut Gaussian)) -> String {
        let mut states = [state(), state()];
        spoil(&mut states[1]);
        check_states(&states, Gaussian::flaw).err().map_or_else(String::new, |e| e.to_string())
    }

    #[test]
    fn what_cannot_be_is_named() {
        assert_eq!(told(|_| ()), "");
        let expected = "state[1][2] is NaN, must be finite: give a mean";
        assert!(told(|state| state.mean[2] = f64::NAN).starts_with(expected));
        let negative = told(|state| state.covariance[at(4, 4)] = -4.0);
        assert!(negative.starts_with("state[1] covariance[4][4] is -4, must be at least 0 and"));
        let not = told(|state| state.covariance[at(1, 4)] = f64::INFINITY);
        assert!(not.starts_with("state[1] covariance[1][4] is inf, must be finite"), "{not}");
        let more = told(|state| state.covariance[at(0, 3)] = 5.0);
        assert!(
            more.starts_with("state[1] covariance of which the first 3 rows leave [3][3] is -")
        );
        // Known without error.
        assert_eq!(told(|state| *state = Gaussian::ZERO), "");
    }

    #[test]
    fn numbers_in_a_row_are_the_same_state() {
        let state = state();
        let mut numbers: Vec<f64> = state.mean.iter().chain(&state.covariance).copied().collect();
        assert_eq!(flaw_of_numbers(&numbers), None);
        numbers[STATE + at(0, 3)] = 5.0;
        assert!(flaw_of_numbers(&numbers).is_some_and(|flaw| flaw.number.contains("[3][3]")));
    }

    /// The states of the filter itself are states, also where rounding is largest: the measurement is
    /// as fine against what it meets as the filter lets it be.
    #[test]
    fn the_finest_measurements_leave_a_state() {
        for (variance_m2, noise_m2) in [(1e24, 1e-12), (1e6, 1e-7), (1e12, 1.0), (1e-12, 1e24)] {
            let mut state = Gaussian::ZERO;
            for i in 0..STATE {
                state.covariance[at(i, i)] = variance_m2;
            }
            for scan in 0..200_u32 {
                let dt_s = [0.01, 1.0, 100.0][scan as usize % 3];
                state = predict(&state, dt_s, [1e-6; 3]);
                let (a, b) = (noise_m2, 0.9 * noise_m2);
                let covariance_m2 = [[a, b, 0.0], [b, a, 0.0], [0.0, 0.0, a]];
                let (states, seen_m) = (std::slice::from_mut(&mut state), [f64::from(scan); 3]);
                update_positions(states, &[seen_m], covariance_m2).expect("a measurement");
                assert_eq!(state.flaw(), None, "{variance_m2} {noise_m2} {scan}");
            }
        }
    }

    #[test]
    fn steps_and_noise_are_not_negative() {
        assert!(check_not_negative("dt_s", 0.0, "").is_ok());
        for value in [-1e-300, f64::NAN, f64::INFINITY] {
            let told = check_not_negative("dt_s", value, "wait").expect_err("no step").to_string();
            assert!(told.starts_with("dt_s is ") && told.ends_with("0 and finite: wait"), "{told}");
        }
    }
}
