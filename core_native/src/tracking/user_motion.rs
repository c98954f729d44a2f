//! Motion models that a user writes: a compiled function that moves several states at once.
//!
//! The core only knows the trait; `bindings/src/user_motion.rs` makes it of a compiled function. What
//! a function answers is checked before it is used: a number outside its limits becomes a
//! [`MotionFlaw`], and the state stays where it is.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::simd::LANES;
use crate::tracking::gaussian::STATE;
use crate::tracking::motion_model::MAX_STATE;
use crate::tracking::triangular_factors::indefinite;
use crate::user_model::{checked_name, remedy};

/// Most parameters of a model.
pub const MAX_PARAMETERS: usize = 16;

/// States that a function is asked to move, and room for its answers, which holds zeros. All is row by
/// row, state after state; there are as many as time steps, at most [`LANES`].
pub struct MotionBatch<'a> {
    /// The states: position \[m\], velocity \[m/s\], what the model adds.
    pub state: &'a mut [f64],
    /// How far to move each, above 0 \[s\].
    pub time_step_s: &'a mut [f64],
    /// What the settings give.
    pub parameters: &'a mut [f64],
    /// The states then.
    pub mean: &'a mut [f64],
    /// Derivatives of each number then (row) by each now (column).
    pub transition: &'a mut [f64],
    /// Covariances of the process noise over each step.
    pub noise: &'a mut [f64],
}

/// A compiled function. It must answer the same for the same numbers, on every thread: the core may
/// ask at any time, in any order, and more than once.
pub trait MotionFunction: fmt::Debug + Send + Sync {
    /// Move the states of a batch.
    fn predict(&self, batch: MotionBatch<'_>);
}

/// A motion model with its name.
#[derive(Clone, Debug)]
pub struct UserMotion {
    name: Arc<str>,
    state_size: usize,
    parameter_count: usize,
    function: Arc<dyn MotionFunction>,
}

/// Settings tell models apart by what they say of them.
impl PartialEq for UserMotion {
    fn eq(&self, other: &Self) -> bool {
        let said = |model: &Self| (model.state_size, model.parameter_count);
        self.name == other.name && said(self) == said(other)
    }
}

/// What a model answered of up to eight states.
pub struct MotionAnswers {
    /// The states, row by row.
    pub mean: [f64; LANES * MAX_STATE],
    /// The transition matrices, row by row.
    pub transition: [f64; LANES * MAX_STATE * MAX_STATE],
    /// The noise covariances, row by row.
    pub noise: [f64; LANES * MAX_STATE * MAX_STATE],
}

impl UserMotion {
    /// A model that errors call `name`.
    ///
    /// # Errors
    /// [`Error::Setting`] for a name or a size outside its limits.
    pub fn new(
        name: &str,
        state_size: usize,
        parameter_count: usize,
        function: Arc<dyn MotionFunction>,
    ) -> Result<Self> {
        let within = |setting: &str, value: usize, limits: RangeInclusive<usize>, remedy: &str| {
            if limits.contains(&value) {
                return Ok(());
            }
            Err(Error::Setting {
                setting: setting.into(),
                value: value.to_string(),
                limit: format!("{} to {}", limits.start(), limits.end()),
                remedy: remedy.into(),
            })
        };
        within(
            "state_size",
            state_size,
            STATE..=MAX_STATE,
            "a state begins with position, velocity",
        )?;
        within("parameter_count", parameter_count, 0..=MAX_PARAMETERS, "take fewer parameters")?;
        Ok(Self { name: checked_name(name)?, state_size, parameter_count, function })
    }

    /// Whether both are one function.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.function, &other.function)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Numbers of a state.
    pub const fn state_size(&self) -> usize {
        self.state_size
    }

    /// Numbers that the settings must give.
    pub const fn parameter_count(&self) -> usize {
        self.parameter_count
    }

    /// Ask of up to eight states, row by row, each `time_step_s` later.
    pub fn ask(
        &self,
        state: &mut [f64],
        time_step_s: &mut [f64],
        parameters: &[f64],
        answers: &mut MotionAnswers,
    ) {
        let (n, count) = (self.state_size, time_step_s.len());
        // A copy: the function must not change what it is asked the next time.
        let mut own = [0.0; MAX_PARAMETERS];
        own.iter_mut().zip(parameters).for_each(|(own, &given)| *own = given);
        let MotionAnswers { mean, transition, noise } = answers;
        self.function.predict(MotionBatch {
            state,
            time_step_s,
            parameters: &mut own[..self.parameter_count],
            mean: &mut mean[..count * n],
            transition: &mut transition[..count * n * n],
            noise: &mut noise[..count * n * n],
        });
    }

    /// What the model answers of states, row by row, each `dt_s` later: means, transition matrices and
    /// noise covariances, row by row.
    ///
    /// # Errors
    /// [`Error::Model`] for an answer outside its limits.
    pub fn answers_of(
        &self,
        states: &[f64],
        dt_s: f64,
        parameters: &[f64],
    ) -> Result<[Vec<f64>; 3]> {
        let n = self.state_size;
        let [mut mean, mut transition, mut noise] = [const { Vec::new() }; 3];
        for chunk in states.chunks(LANES * n) {
            let (mut asked, mut steps) = (chunk.to_vec(), vec![dt_s; chunk.len() / n]);
            let mut answers = MotionAnswers::EMPTY;
            self.ask(&mut asked, &mut steps, parameters, &mut answers);
            for (k, state) in chunk.chunks(n).enumerate() {
                if let Some(flaw) = answers.flaw(k, n) {
                    return Err(flaw.at(state, dt_s).error(self));
                }
            }
            mean.extend_from_slice(&answers.mean[..chunk.len()]);
            transition.extend_from_slice(&answers.transition[..chunk.len() * n]);
            noise.extend_from_slice(&answers.noise[..chunk.len() * n]);
        }
        Ok([mean, transition, noise])
    }
}

/// Largest number of a mean or a transition matrix, and largest variance of the noise: beyond, sums of
/// products would leave the range of numbers.
const LARGEST: f64 = 1e12;
const LARGEST_VARIANCE: f64 = 1e24;
/// How far rounding may take noise from a covariance, as a share.
const ROUNDING: f64 = 1e-9;

impl MotionAnswers {
    /// Zeros.
    pub const EMPTY: Self = Self {
        mean: [0.0; LANES * MAX_STATE],
        transition: [0.0; LANES * MAX_STATE * MAX_STATE],
        noise: [0.0; LANES * MAX_STATE * MAX_STATE],
    };

    /// The mean, transition matrix and noise of state `k`, of `n` numbers.
    pub fn of(&self, k: usize, n: usize) -> [&[f64]; 3] {
        let square = k * n * n..(k + 1) * n * n;
        [&self.mean[k * n..(k + 1) * n], &self.transition[square.clone()], &self.noise[square]]
    }

    /// What is wrong with the answer of state `k`, of `n` numbers.
    pub fn flaw(&self, k: usize, n: usize) -> Option<MotionFlaw> {
        let [mean, transition, noise] = self.of(k, n);
        let beyond = |value: &f64| value.is_nan() || value.abs() > LARGEST;
        if let Some(row) = mean.iter().position(beyond) {
            return Some(MotionFlaw::of(Number::Mean, row, 0, mean[row]));
        }
        if let Some(at) = transition.iter().position(beyond) {
            return Some(MotionFlaw::of(Number::Transition, at / n, at % n, transition[at]));
        }
        noise_flaw(noise, n)
    }
}

/// Why a matrix of `n` rows is no covariance.
fn noise_flaw(noise: &[f64], n: usize) -> Option<MotionFlaw> {
    for i in 0..n {
        if !(0.0..=LARGEST_VARIANCE).contains(&noise[i * n + i]) {
            return Some(MotionFlaw::of(Number::Variance, i, i, noise[i * n + i]));
        }
    }
    for (i, j) in (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))) {
        let (above, below) = (noise[i * n + j], noise[j * n + i]);
        let product = noise[i * n + i] * noise[j * n + j];
        // Cauchy and Schwarz; with NaN neither holds.
        let correlates = above * above <= product * (1.0 + ROUNDING);
        if !correlates {
            return Some(MotionFlaw::of(Number::Correlation, i, j, above));
        }
        let size = if above.abs() > below.abs() { above.abs() } else { below.abs() };
        let symmetric = (above - below).abs() <= ROUNDING * size;
        if !symmetric {
            return Some(MotionFlaw::of(Number::Asymmetry, j, i, below));
        }
    }
    // Three may contradict each other where no two do.
    indefinite::<MAX_STATE>(n, |i, j| noise[j * n + i], ROUNDING)
        .map(|bad| MotionFlaw::of(Number::Pivot, bad.row, bad.row, bad.pivot))
}

/// Which number of an answer breaks which limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    Mean,
    Transition,
    Variance,
    Correlation,
    Asymmetry,
    /// What the rows before leave of a variance.
    Pivot,
    /// Of what the answer makes of the covariance.
    Covariance,
}

/// A number that a motion model must not answer, and where it did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MotionFlaw {
    place: usize,
    number: Number,
    row: u8,
    column: u8,
    value: f64,
    state: [f64; MAX_STATE],
    dt_s: f64,
}

impl MotionFlaw {
    pub(super) const fn of(number: Number, row: usize, column: usize, value: f64) -> Self {
        let (row, column) = (row as u8, column as u8);
        Self { place: 0, number, row, column, value, state: [0.0; MAX_STATE], dt_s: 0.0 }
    }

    /// The same of a state and a time step.
    pub(super) fn at(mut self, state: &[f64], dt_s: f64) -> Self {
        self.state[..state.len()].copy_from_slice(state);
        Self { dt_s, ..self }
    }

    /// The same of the model at a place in its bank.
    pub(super) const fn by(self, place: usize) -> Self {
        Self { place, ..self }
    }

    /// Place of the model in its bank.
    pub(super) const fn place(&self) -> usize {
        self.place
    }

    /// As an error of the model that answered.
    pub fn error(&self, model: &UserMotion) -> Error {
        let Self { number, row, column, value, dt_s, .. } = self;
        let (name, limit) = match number {
            Number::Mean => (format!("mean[{row}]"), format!("within {LARGEST}")),
            Number::Transition => {
                (format!("transition[{row}][{column}]"), format!("within {LARGEST}"))
            }
            Number::Variance => {
                (format!("noise[{row}][{column}]"), format!("0 to {LARGEST_VARIANCE}"))
            }
            Number::Correlation => (
                format!("noise[{row}][{column}]"),
                format!("at most the root of noise[{row}][{row}] noise[{column}][{column}]"),
            ),
            Number::Asymmetry => {
                (format!("noise[{row}][{column}]"), format!("noise[{column}][{row}]"))
            }
            Number::Pivot => (
                format!("noise of which the first {row} rows leave noise[{row}][{column}]"),
                "at least 0, as the pivots of a positive semidefinite matrix".into(),
            ),
            Number::Covariance => {
                (format!("predicted covariance[{row}][{column}]"), "finite".into())
            }
        };
        let (model, state) = (model.name(), &self.state[..model.state_size()]);
        Error::Model {
            fault: format!(
                "motion model {model:?} gives {name} {value} at state {state:?}, dt_s {dt_s}, must be \
                 {limit}: {}",
                remedy(value.is_nan())
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers what it was made with, whatever the state.
    #[derive(Debug)]
    struct Answers(Vec<f64>, Vec<f64>, Vec<f64>);

    impl MotionFunction for Answers {
        fn predict(&self, batch: MotionBatch<'_>) {
            let n = self.0.len();
            for k in 0..batch.time_step_s.len() {
                batch.mean[k * n..(k + 1) * n].copy_from_slice(&self.0);
                batch.transition[k * n * n..(k + 1) * n * n].copy_from_slice(&self.1);
                batch.noise[k * n * n..(k + 1) * n * n].copy_from_slice(&self.2);
            }
            batch.parameters.fill(f64::NAN); // no other ask may see this
        }
    }

    fn reason(spoil: impl Fn(&mut Answers)) -> String {
        let mut answers = Answers(vec![1.0; 7], vec![0.5; 49], vec![2.0; 49]);
        spoil(&mut answers);
        let model = UserMotion::new("odd", 7, 2, Arc::new(answers)).expect("within the limits");
        let states: Vec<f64> = (0..70).map(f64::from).collect();
        let parameters = [3.0, 4.0];
        match model.answers_of(&states, 0.5, &parameters) {
            Ok([mean, transition, noise]) => {
                assert_eq!((mean.len(), transition.len(), noise.len()), (70, 490, 490));
                assert_eq!(parameters, [3.0, 4.0]);
                String::new()
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_answer_outside_its_limits_names_model_number_value_and_limit() {
        assert_eq!(reason(|_| ()), "");
        let told = reason(|answers| answers.0[3] = f64::NAN);
        let expected = "motion model \"odd\" gives mean[3] NaN at state [0.0, 1.0, 2.0, 3.0, 4.0, \
                        5.0, 6.0], dt_s 0.5, must be within 1000000000000: correct the model, which \
                        may have raised an error: it then answers NaN";
        assert_eq!(told, expected);
        let told = reason(|answers| answers.1[9] = f64::INFINITY);
        assert!(told.contains("transition[1][2] inf at"), "{told}");
        let told = reason(|answers| answers.2[8] = -1e-3);
        assert!(told.contains("noise[1][1] -0.001 at") && told.contains("0 to 1"), "{told}");
        let told = reason(|answers| answers.2[7] = 1.9);
        assert!(told.contains("noise[1][0] 1.9 at") && told.contains("noise[0][1]:"), "{told}");
        let told = reason(|answers| (answers.2[2], answers.2[14]) = (2.1, 2.1));
        assert!(told.contains("noise[0][2] 2.1 at") && told.contains("root of noise[0]"), "{told}");
        let told = reason(|answers| answers.2[13] = f64::NAN);
        assert!(told.contains("noise[1][6] NaN at"), "{told}");
        // Correlations of -0.6 between three numbers, of which each pair alone could be.
        let told = reason(|answers| {
            for (i, j) in [(0, 1), (0, 2), (1, 2)] {
                (answers.2[7 * i + j], answers.2[7 * j + i]) = (-1.2, -1.2);
            }
        });
        let expected = "noise of which the first 2 rows leave noise[2][2] -1.59999";
        assert!(told.contains(expected) && told.contains("at least 0, as the pivots"), "{told}");
        // Rounding is no fault.
        assert_eq!(reason(|answers| answers.2[7] = 2.0 + 1e-10), "");
    }

    #[test]
    fn sizes_outside_their_limits_are_refused() {
        let function = || Arc::new(Answers(vec![], vec![], vec![]));
        for (size, parameters) in [(5, 0), (10, 0), (6, 17)] {
            assert!(UserMotion::new("odd", size, parameters, function()).is_err());
        }
        assert!(UserMotion::new("", 6, 0, function()).is_err());
    }
}
