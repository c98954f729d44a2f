//! Measurement models that a user writes: what a sensor would measure of a target, and where a
//! measurement begins a track.
//!
//! The core only knows the trait; `bindings/src/user_measurement.rs` makes it of compiled functions.
//! What they answer is checked before it is used.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::tracking::gaussian::STATE;
use crate::tracking::step_input::{INSIDE, is_covariance, is_inside};
use crate::tracking::user_motion::MAX_PARAMETERS;
use crate::user_model::{checked_name, remedy};

/// Most numbers of a measurement.
pub const MAX_MEASURED: usize = 4;

/// Compiled functions. They must answer the same for the same numbers, on every thread: the core may
/// ask at any time, in any order, and more than once. Answers hold zeros before.
pub trait MeasurementFunctions: fmt::Debug + Send + Sync {
    /// What is measured of a position \[m\] and velocity \[m/s\], and its derivatives by them, row by
    /// row.
    fn predict(
        &self,
        state: &mut [f64; STATE],
        parameters: &mut [f64],
        predicted: &mut [f64],
        jacobian: &mut [f64],
    );

    /// The position \[m\] of a target that was measured, with its covariance \[m²\].
    fn start(
        &self,
        measured: &mut [f64],
        noise: &mut [f64],
        parameters: &mut [f64],
        position_m: &mut [f64; 3],
        covariance_m2: &mut [f64; 9],
    );
}

/// A measurement model with its name.
#[derive(Clone, Debug)]
pub struct UserMeasurement {
    name: Arc<str>,
    /// Period of each number, 0 for one that has none.
    periods: Vec<f64>,
    parameter_count: usize,
    functions: Arc<dyn MeasurementFunctions>,
}

/// What is measured of a state, and its derivatives; zeros beyond the model's own numbers.
#[derive(Clone, Copy)]
pub struct Predicted {
    /// The measurement.
    pub values: [f64; MAX_MEASURED],
    /// Its derivatives by position and velocity.
    pub jacobian: [[f64; STATE]; MAX_MEASURED],
}

/// Largest number of an answer; beyond, sums of products would leave the range of numbers.
const LARGEST: f64 = 1e12;

impl UserMeasurement {
    /// A model that errors call `name`; there is a period for each number of a measurement.
    ///
    /// # Errors
    /// [`Error::Setting`] for a name, a period or a number of them outside its limits.
    pub fn new(
        name: &str,
        periods: Vec<f64>,
        parameter_count: usize,
        functions: Arc<dyn MeasurementFunctions>,
    ) -> Result<Self> {
        let refuse = |setting: &str, value: String, limit: String| {
            let remedy = "give the model what it measures".into();
            Err(Error::Setting { setting: setting.into(), value, limit, remedy })
        };
        if periods.is_empty() || periods.len() > MAX_MEASURED {
            let limit = format!("1 to {MAX_MEASURED} numbers");
            return refuse("size", periods.len().to_string(), limit);
        }
        if let Some(bad) = periods.iter().find(|&&period| !(0.0..=LARGEST).contains(&period)) {
            return refuse("periods", bad.to_string(), format!("0 for none, to {LARGEST}"));
        }
        if parameter_count > MAX_PARAMETERS {
            let limit = format!("0 to {MAX_PARAMETERS}");
            return refuse("parameter_count", parameter_count.to_string(), limit);
        }
        Ok(Self { name: checked_name(name)?, periods, parameter_count, functions })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Period of each number of a measurement, 0 for one that has none.
    pub fn periods(&self) -> &[f64] {
        &self.periods
    }

    /// Numbers of a measurement.
    pub const fn size(&self) -> usize {
        self.periods.len()
    }

    /// Numbers that each scan must give.
    pub const fn parameter_count(&self) -> usize {
        self.parameter_count
    }

    /// What is measured of a state that begins with position and velocity.
    ///
    /// # Errors
    /// [`Error::Model`] for an answer outside its limits.
    pub fn predict(&self, state: &[f64], parameters: &[f64]) -> Result<Predicted> {
        let answer = self.ask(state, parameters);
        let m = self.size();
        let beyond = |value: &f64| value.is_nan() || value.abs() > LARGEST;
        let (name, value) = if let Some(k) = answer.values[..m].iter().position(beyond) {
            (format!("predicted[{k}]"), answer.values[k])
        } else if let Some(at) = answer.jacobian.as_flattened().iter().position(beyond) {
            (
                format!("jacobian[{}][{}]", at / STATE, at % STATE),
                answer.jacobian.as_flattened()[at],
            )
        } else {
            return Ok(answer);
        };
        Err(Error::Model {
            fault: format!(
                "measurement model {:?} gives {name} {value} at state {:?}, must be within {LARGEST}: {}",
                self.name(),
                &state[..STATE],
                remedy(value.is_nan())
            ),
        })
    }

    /// The same, or nothing where [`UserMeasurement::predict`] makes an error.
    pub(super) fn usable(&self, state: &[f64], parameters: &[f64]) -> Option<Predicted> {
        let answer = self.ask(state, parameters);
        let mut numbers = answer.values.iter().chain(answer.jacobian.as_flattened());
        numbers.all(|value| value.abs() <= LARGEST).then_some(answer) // NaN is not
    }

    fn ask(&self, state: &[f64], parameters: &[f64]) -> Predicted {
        let (m, mut own) = (self.size(), [0.0; STATE]);
        own.copy_from_slice(&state[..STATE]);
        let mut answer =
            Predicted { values: [0.0; MAX_MEASURED], jacobian: [[0.0; STATE]; MAX_MEASURED] };
        self.functions.predict(
            &mut own,
            &mut copied(parameters)[..self.parameter_count],
            &mut answer.values[..m],
            &mut answer.jacobian.as_flattened_mut()[..m * STATE],
        );
        answer
    }

    /// Where a measurement with a noise covariance, row by row, begins a track.
    ///
    /// # Errors
    /// [`Error::Model`] for an answer that is no position or no covariance.
    pub fn start(
        &self,
        measured: &[f64],
        noise: &[f64],
        parameters: &[f64],
    ) -> Result<([f64; 3], [[f64; 3]; 3])> {
        let m = self.size();
        let (mut own, mut own_noise) = ([0.0; MAX_MEASURED], [0.0; MAX_MEASURED * MAX_MEASURED]);
        own[..m].copy_from_slice(measured);
        own_noise[..m * m].copy_from_slice(noise);
        let (mut position_m, mut flat_m2) = ([0.0; 3], [0.0; 9]);
        self.functions.start(
            &mut own[..m],
            &mut own_noise[..m * m],
            &mut copied(parameters)[..self.parameter_count],
            &mut position_m,
            &mut flat_m2,
        );
        let may_have_raised = position_m.iter().chain(&flat_m2).any(|number| number.is_nan());
        let refuse = |name: &str, value: String, limit: &str| {
            let name_of = self.name();
            Err(Error::Model {
                fault: format!(
                    "measurement model {name_of:?} starts with {name} {value} for {measured:?}, must \
                     be {limit}: {}",
                    remedy(may_have_raised)
                ),
            })
        };
        if !is_inside(&position_m) {
            return refuse("position", format!("{position_m:?}"), INSIDE);
        }
        let covariance_m2 = symmetric(&flat_m2);
        match covariance_m2.filter(is_covariance) {
            Some(covariance_m2) => Ok((position_m, covariance_m2)),
            None => refuse(
                "covariance",
                format!("{flat_m2:?}"),
                "a symmetric positive definite 3 x 3 matrix, variances 1e-12 to 1e24 m²",
            ),
        }
    }
}

/// Parameters that the function may change: it must not find them changed the next time.
fn copied(parameters: &[f64]) -> [f64; MAX_PARAMETERS] {
    let mut own = [0.0; MAX_PARAMETERS];
    own.iter_mut().zip(parameters).for_each(|(own, &given)| *own = given);
    own
}

/// A 3 x 3 matrix that is symmetric but for rounding, without that.
fn symmetric(flat: &[f64; 9]) -> Option<[[f64; 3]; 3]> {
    let mut matrix = [[0.0; 3]; 3];
    for i in 0..3 {
        for j in i..3 {
            let (above, below) = (flat[3 * i + j], flat[3 * j + i]);
            let size = flat[4 * i].abs().sqrt() * flat[4 * j].abs().sqrt();
            if (above - below).abs() > 1e-9 * size {
                return None;
            }
            (matrix[i][j], matrix[j][i]) = (above, above);
        }
    }
    Some(matrix)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers what it was made with, whatever it is asked.
    #[derive(Debug)]
    struct Answers {
        jacobian: f64,
        position_m: f64,
        covariance_m2: [f64; 9],
    }

    impl MeasurementFunctions for Answers {
        fn predict(
            &self,
            state: &mut [f64; STATE],
            parameters: &mut [f64],
            predicted: &mut [f64],
            jacobian: &mut [f64],
        ) {
            (predicted[0], predicted[1]) = (state[0] + parameters[0], state[1]);
            jacobian[9] = self.jacobian;
            parameters.fill(f64::NAN); // no other ask may see this
        }

        fn start(
            &self,
            measured: &mut [f64],
            _: &mut [f64],
            _: &mut [f64],
            position_m: &mut [f64; 3],
            covariance_m2: &mut [f64; 9],
        ) {
            *position_m = [measured[0], measured[1], self.position_m];
            *covariance_m2 = self.covariance_m2;
        }
    }

    const GOOD: [f64; 9] = [4.0, 1.0, 0.0, 1.0, 9.0, 0.0, 0.0, 0.0, 1.0];

    fn model(jacobian: f64, position_m: f64, covariance_m2: [f64; 9]) -> UserMeasurement {
        let functions = Arc::new(Answers { jacobian, position_m, covariance_m2 });
        UserMeasurement::new("odd", vec![0.0, 6.0], 1, functions).expect("within the limits")
    }

    #[test]
    fn a_good_answer_comes_back_and_a_bad_one_names_model_number_and_state() {
        let state = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
        let predicted = model(0.5, 0.0, GOOD).predict(&state, &[3.0]).expect("a good answer");
        assert_eq!((predicted.values, predicted.jacobian[1][3]), ([4.0, 2.0, 0.0, 0.0], 0.5));
        let told = model(f64::NAN, 0.0, GOOD).predict(&state, &[3.0]).err().map(|e| e.to_string());
        let expected = "measurement model \"odd\" gives jacobian[1][3] NaN at state [1.0, 2.0, 3.0, \
                        4.0, 5.0, 6.0], must be within 1000000000000: correct the model, which \
                        may have raised an error: it then answers NaN";
        assert_eq!(told.as_deref(), Some(expected));
        assert!(model(f64::NAN, 0.0, GOOD).usable(&state, &[3.0]).is_none());
        let told = model(0.0, 0.0, GOOD).predict(&state, &[2e12]).err().map(|e| e.to_string());
        assert!(told.is_some_and(|told| told.contains("predicted[0] 2000000000001 at state")));
    }

    #[test]
    fn a_start_is_a_position_with_a_covariance() {
        let reason = |model: UserMeasurement| {
            model
                .start(&[1.0, 2.0], &[1.0; 4], &[0.0])
                .err()
                .map_or(String::new(), |e| e.to_string())
        };
        assert_eq!(reason(model(0.0, 3.0, GOOD)), "");
        let told = reason(model(0.0, f64::INFINITY, GOOD));
        assert!(told.contains("starts with position [1.0, 2.0, inf] for [1.0, 2.0]"), "{told}");
        for (at, value) in [(1, 2.0), (8, 0.0), (0, f64::NAN), (0, 0.1), (4, -9.0)] {
            let mut covariance_m2 = GOOD;
            covariance_m2[at] = value;
            let told = reason(model(0.0, 3.0, covariance_m2));
            assert!(told.contains("starts with covariance ["), "{at} {value}: {told}");
        }
    }

    #[test]
    fn sizes_outside_their_limits_are_refused() {
        let made = |periods: &[f64], parameters: usize| {
            let functions =
                Arc::new(Answers { jacobian: 0.0, position_m: 0.0, covariance_m2: GOOD });
            UserMeasurement::new("odd", periods.to_vec(), parameters, functions)
        };
        assert!(made(&[0.0; 4], 16).is_ok());
        for (periods, parameters) in [
            (&[][..], 0),
            (&[0.0; 5][..], 0),
            (&[-1.0][..], 0),
            (&[f64::NAN][..], 0),
            (&[0.0][..], 17),
        ] {
            assert!(made(periods, parameters).is_err(), "{periods:?} {parameters}");
        }
    }
}
