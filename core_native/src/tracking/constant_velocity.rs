//! Constant velocity as one motion model among others.

use crate::tracking::gaussian::{self, Gaussian, STATE, TRIANGLE};
use crate::tracking::motion_model::MotionModel;

/// The model with its process noise; the formula is that of [`gaussian::predict`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConstantVelocity {
    /// Spectral density of the acceleration per axis \[m²/s³\].
    pub noise_m2_s3: [f64; 3],
}

impl MotionModel<STATE, TRIANGLE> for ConstantVelocity {
    #[inline(always)]
    fn predict(&self, state: &Gaussian, dt_s: f64) -> Gaussian {
        gaussian::predict(state, dt_s, self.noise_m2_s3)
    }

    fn noise_undone(&self) -> Self {
        Self { noise_m2_s3: self.noise_m2_s3.map(|density| -density) }
    }

    /// There is nothing beyond position and velocity.
    fn first_variance(&self) -> [f64; 3] {
        [0.0; 3]
    }
}
