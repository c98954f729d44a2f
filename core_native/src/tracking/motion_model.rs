//! What a motion model is: how a state moves on its own.

use crate::tracking::gaussian::Gaussian;

/// Most numbers of any model's state.
pub const MAX_STATE: usize = 9;
/// Numbers in the upper triangle of its covariance.
pub const MAX_TRIANGLE: usize = MAX_STATE * (MAX_STATE + 1) / 2;

/// How a state of `D` numbers moves: position, velocity, and what the model adds to them.
pub trait MotionModel<const D: usize, const T: usize>: Copy {
    /// The state `dt_s` later; one that no time passes for is unchanged. A negative `dt_s` looks
    /// back: the noise between enters all the same.
    fn predict(&self, state: &Gaussian<D, T>, dt_s: f64) -> Gaussian<D, T>;

    /// The same motion of which a prediction takes the noise out of the covariance instead of adding it.
    fn noise_undone(&self) -> Self;

    /// Variance about zero of each number beyond position and velocity, of a target that begins to
    /// move by this model.
    fn first_variance(&self) -> [f64; 3];
}
