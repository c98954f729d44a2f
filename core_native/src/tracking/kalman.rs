//! The Kalman update of one track by one measurement.

use crate::numeric::max;
use crate::simd::each_number;
use crate::tracking::gaussian::{Gaussian, STATE, at_in};
use crate::tracking::measurement::Linearised;

/// A measurement may not be finer than this share of the variance it meets: beyond, the difference
/// P - K S Kᵀ would be rounding, and the covariance no longer positive definite. As a standard
/// deviation it is 10 µm in 10 m.
pub const ROUNDING: f64 = 1e-12;

/// The innovation in the coordinates in which its covariance S = L D Lᵀ is diagonal.
pub struct Innovation<const C: usize, const D: usize = STATE> {
    /// Innovation, decorrelated: L⁻¹ν.
    pub residual: [f64; C],
    /// Variance of each decorrelated channel: the diagonal of D.
    pub variance: [f64; C],
    /// 1 / variance.
    pub per_variance: [f64; C],
    /// P Hᵀ L⁻ᵀ, one column per channel.
    pub gain_column: [[f64; D]; C],
}

/// Decorrelate the innovation of a measurement linearised at `state`. It depends on position and
/// velocity alone; what else a state has learns of it by its covariance with them.
///
/// Factorising S = L D Lᵀ and working channel by channel is the joint update in exact arithmetic
/// (Bierman 1977, ch. V), needs no inverse, and costs nothing for an absent channel.
#[inline(always)]
pub fn innovate<const C: usize, const D: usize, const T: usize>(
    state: &Gaussian<D, T>,
    measured: &Linearised<C>,
    has_rate: bool,
) -> Innovation<C, D> {
    let mut cross = [[0.0; D]; C];
    let mut variance = measured.variance;
    each_number!(k below C => {
        let h = &measured.by_position[k];
        let with_velocity = has_rate && k == C - 1;
        let mut size = 0.0;
        each_number!(axis below 3 => {
            size += h[axis] * h[axis] * state.covariance[at_in::<D>(axis, axis)];
            if with_velocity {
                let g = measured.by_velocity[axis];
                size += g * g * state.covariance[at_in::<D>(axis + 3, axis + 3)];
            }
        });
        variance[k] = max(variance[k], ROUNDING * size);
        each_number!(i below D => {
            let p = &state.covariance;
            let mut sum = p[at_in::<D>(i, 0)] * h[0]
                + p[at_in::<D>(i, 1)] * h[1]
                + p[at_in::<D>(i, 2)] * h[2];
            if with_velocity {
                let g = &measured.by_velocity;
                sum += p[at_in::<D>(i, 3)] * g[0]
                    + p[at_in::<D>(i, 4)] * g[1]
                    + p[at_in::<D>(i, 5)] * g[2];
            }
            cross[k][i] = sum;
        });
    });
    let project = |k: usize, column: &[f64; D]| {
        let h = &measured.by_position[k];
        let sum = h[0] * column[0] + h[1] * column[1] + h[2] * column[2];
        if has_rate && k == C - 1 {
            let g = &measured.by_velocity;
            sum + (g[0] * column[3] + g[1] * column[4] + g[2] * column[5])
        } else {
            sum
        }
    };
    decorrelate(cross, variance, measured.innovation, project)
}

/// The same of a measurement of which every channel may depend on position and velocity.
#[inline(always)]
pub fn innovate_rows<const C: usize, const D: usize, const T: usize>(
    state: &Gaussian<D, T>,
    innovation: [f64; C],
    jacobian: &[[f64; STATE]; C],
    mut variance: [f64; C],
) -> Innovation<C, D> {
    let project = |k: usize, column: &[f64; D]| {
        let mut sum = 0.0;
        let mut i = 0;
        while i < STATE {
            sum += jacobian[k][i] * column[i];
            i += 1;
        }
        sum
    };
    let mut cross = [[0.0; D]; C];
    for (k, row) in jacobian.iter().enumerate() {
        let mut size = 0.0;
        for i in 0..STATE {
            size += row[i] * row[i] * state.covariance[at_in::<D>(i, i)];
        }
        variance[k] = max(variance[k], ROUNDING * size);
        for i in 0..D {
            let mut column = [0.0; D];
            (0..STATE).for_each(|j| column[j] = state.covariance[at_in::<D>(i, j)]);
            cross[k][i] = project(k, &column);
        }
    }
    decorrelate(cross, variance, innovation, project)
}

/// Gram-Schmidt over the channels: subtract from each what the earlier ones already tell. `project` is
/// a row of H times a column.
#[inline(always)]
fn decorrelate<const C: usize, const D: usize>(
    mut cross: [[f64; D]; C],
    mut variance: [f64; C],
    mut residual: [f64; C],
    project: impl Fn(usize, &[f64; D]) -> f64,
) -> Innovation<C, D> {
    let mut per_variance = [0.0; C];
    each_number!(k below C => {
        let mut prior = project(k, &cross[k]);
        each_number!(j below k => {
            // H_k of an earlier, already decorrelated column is L_kj D_j.
            let shared = project(k, &cross[j]);
            let factor = shared * per_variance[j];
            residual[k] -= factor * residual[j];
            prior -= factor * shared;
            each_number!(i below D => cross[k][i] -= factor * cross[j][i]);
        });
        variance[k] += prior;
        per_variance[k] = 1.0 / variance[k];
    });
    Innovation { residual, variance, per_variance, gain_column: cross }
}

/// Decorrelate the innovation of a position measured with covariance R, of which the upper triangle
/// xx, xy, xz, yy, yz, zz is given: S = P + R = L D Lᵀ (Bierman 1977, ch. V).
#[inline(always)]
pub fn innovate_position<const D: usize, const T: usize>(
    state: &Gaussian<D, T>,
    position_m: [f64; 3],
    covariance_m2: [f64; 6],
) -> Innovation<3, D> {
    let (m, p, r) = (&state.mean, &state.covariance, &covariance_m2);
    let s00 = p[at_in::<D>(0, 0)] + max(r[0], ROUNDING * p[at_in::<D>(0, 0)]);
    let s11 = p[at_in::<D>(1, 1)] + max(r[3], ROUNDING * p[at_in::<D>(1, 1)]);
    let s22 = p[at_in::<D>(2, 2)] + max(r[5], ROUNDING * p[at_in::<D>(2, 2)]);
    let (s01, s02, s12) =
        (p[at_in::<D>(0, 1)] + r[1], p[at_in::<D>(0, 2)] + r[2], p[at_in::<D>(1, 2)] + r[4]);
    let per0 = 1.0 / s00;
    let (l10, l20) = (s01 * per0, s02 * per0);
    let d1 = s11 - l10 * s01;
    let per1 = 1.0 / d1;
    let rest12 = s12 - l20 * s01;
    let l21 = rest12 * per1;
    let d2 = s22 - l20 * s02 - l21 * rest12;
    let nu0 = position_m[0] - m[0];
    let nu1 = position_m[1] - m[1] - l10 * nu0;
    let nu2 = position_m[2] - m[2] - l20 * nu0 - l21 * nu1;
    let mut gain_column = [[0.0; D]; 3];
    let mut i = 0;
    while i < D {
        let g0 = p[at_in::<D>(0, i)];
        let g1 = p[at_in::<D>(1, i)] - l10 * g0;
        gain_column[0][i] = g0;
        gain_column[1][i] = g1;
        gain_column[2][i] = p[at_in::<D>(2, i)] - l20 * g0 - l21 * g1;
        i += 1;
    }
    Innovation {
        residual: [nu0, nu1, nu2],
        variance: [s00, d1, d2],
        per_variance: [per0, per1, 1.0 / d2],
        gain_column,
    }
}

impl<const C: usize, const D: usize> Innovation<C, D> {
    /// Squared Mahalanobis distance νᵀS⁻¹ν.
    #[inline(always)]
    pub fn distance2(&self) -> f64 {
        let mut sum = 0.0;
        let mut k = 0;
        while k < C {
            sum += self.residual[k] * self.residual[k] * self.per_variance[k];
            k += 1;
        }
        sum
    }

    /// Determinant of S over the channels that count, each given what the earlier ones tell.
    #[inline(always)]
    pub fn determinant(&self, counts: [bool; C]) -> f64 {
        let mut product = 1.0;
        let mut k = 0;
        while k < C {
            product *= if counts[k] { self.variance[k] } else { 1.0 };
            k += 1;
        }
        product
    }

    /// The state after the measurement.
    #[inline(always)]
    pub fn update<const T: usize>(&self, state: &Gaussian<D, T>) -> Gaussian<D, T> {
        let (mut weight, mut gain) = ([0.0; C], [[0.0; D]; C]);
        let mut k = 0;
        while k < C {
            weight[k] = self.residual[k] * self.per_variance[k];
            let mut i = 0;
            while i < D {
                gain[k][i] = self.gain_column[k][i] * self.per_variance[k];
                i += 1;
            }
            k += 1;
        }
        // Element by element, so that each is loaded and stored once for all channels.
        let mut next = *state;
        each_number!(i below D => {
            each_number!(k below C => next.mean[i] += self.gain_column[k][i] * weight[k]);
            each_number!(j below D => if i <= j {
                each_number!(k below C => {
                    next.covariance[at_in::<D>(i, j)] -= gain[k][i] * self.gain_column[k][j];
                });
            });
        });
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::gaussian::{at, predict};

    /// Upper triangle of L D Lᵀ with unit lower L.
    fn triangle([d0, d1, d2]: [f64; 3], [a, b, c]: [f64; 3]) -> [f64; 6] {
        let (xx, xy, xz) = (d0, a * d0, b * d0);
        [xx, xy, xz, a * xy + d1, a * xz + c * d1, b * xz + c * c * d1 + d2]
    }

    /// A state of which position and velocity are correlated.
    fn prior() -> Gaussian {
        let mut state = Gaussian::ZERO;
        state.mean = [10.0, -20.0, 30.0, 1.0, 2.0, -3.0];
        for (axis, variance) in [400.0, 900.0, 2500.0, 25.0, 16.0, 9.0].into_iter().enumerate() {
            state.covariance[at(axis, axis)] = variance;
        }
        state.covariance[at(0, 1)] = 150.0;
        state.covariance[at(1, 2)] = -300.0;
        predict(&state, 2.0, [0.5, 0.5, 0.1])
    }

    /// The same measurement by its uncorrelated combinations y = L⁻¹z, one scalar update each.
    fn one_by_one(state: &Gaussian, z: [f64; 3], d: [f64; 3], [a, b, c]: [f64; 3]) -> Gaussian {
        let rows = [[1.0, 0.0, 0.0], [-a, 1.0, 0.0], [a * c - b, -c, 1.0]];
        let mut state = *state;
        for (h, variance) in rows.into_iter().zip(d) {
            let map = |m: &[f64]| h[0] * m[0] + h[1] * m[1] + h[2] * m[2];
            let scalar = Linearised {
                innovation: [map(&z) - map(&state.mean)],
                by_position: [h],
                by_velocity: [0.0; 3],
                variance: [variance],
            };
            state = innovate(&state, &scalar, false).update(&state);
        }
        state
    }

    #[test]
    fn a_position_tells_what_its_uncorrelated_combinations_tell() {
        let (z, state) = ([15.0, -28.0, 41.0], prior());
        // From round to a needle: 10 km along and 10 cm across.
        for d in [[9.0, 9.0, 9.0], [1e4, 4.0, 900.0], [1e-2, 1e8, 1.0], [1e8, 1e-2, 1e-2]] {
            for l in [[0.0; 3], [0.4, -0.3, 0.2], [3.0, 0.5, -2.0]] {
                let found = innovate_position(&state, z, triangle(d, l)).update(&state);
                let expected = one_by_one(&state, z, d, l);
                for i in 0..STATE {
                    let std = expected.covariance[at(i, i)].sqrt();
                    assert!((found.mean[i] - expected.mean[i]).abs() < 1e-6 * std, "{d:?} {l:?}");
                    for j in i..STATE {
                        let size = std * expected.covariance[at(j, j)].sqrt();
                        let (x, y) = (found.covariance[at(i, j)], expected.covariance[at(i, j)]);
                        assert!((x - y).abs() < 1e-6 * size, "{d:?} {l:?} {i} {j}: {x} {y}");
                    }
                }
            }
        }
    }

    #[test]
    fn variances_stay_positive_however_uneven_the_measurements() {
        let mut state = prior();
        for k in 0..600_i32 {
            let d = [1, 2, 3].map(|axis| libm::pow(10.0, f64::from(k * axis * 5 % 19 - 9)));
            let l = [2, 5, 7].map(|step| f64::from(k * step % 9 - 4) * 0.5);
            state = predict(&state, 0.1, [1.0, 1.0, 0.1]);
            let innovation = innovate_position(&state, [0.0; 3], triangle(d, l));
            assert!(innovation.variance.iter().all(|&variance| variance > 0.0), "{d:?} {l:?}");
            assert!(innovation.distance2() >= 0.0);
            state = innovation.update(&state);
            assert!((0..STATE).all(|i| state.covariance[at(i, i)] > 0.0), "{d:?} {l:?}");
        }
    }

    #[test]
    fn a_measurement_finer_than_rounding_leaves_variances_positive() {
        for size in [1.0, 1e4, 1e8] {
            let mut state = prior();
            state.covariance.iter_mut().for_each(|element| *element *= size);
            for _ in 0..5 {
                let fine = [1e-30, 0.0, 0.0, 1e-30, 0.0, 1e-30];
                state = innovate_position(&state, [0.0; 3], fine).update(&state);
                assert!((0..STATE).all(|i| state.covariance[at(i, i)] > 0.0), "{state:?}");
            }
        }
    }
}
