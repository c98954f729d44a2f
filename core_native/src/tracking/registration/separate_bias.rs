//! The filter of one target beside the biases of a sensor: separate-bias estimation (B. Friedland 1969,
//! "Treatment of bias in recursive filtering", *IEEE Transactions on Automatic Control* 14(4)).
//!
//! The filter runs as if the biases were what they are linearised at. What they are more, δ, makes the
//! state wrong by U δ beside its own error, and the innovations by S δ. Given δ the innovations are
//! white with the filter's own covariance: together they tell of δ what the filter of target and biases
//! in one would, and no error of the state is counted twice.

use crate::numeric::max;
use crate::tracking::gaussian::{Gaussian, STATE, at, predict};
use crate::tracking::kalman::ROUNDING;
use crate::tracking::measurement::{Linearised, POLAR};
use crate::tracking::registration::bias_information::{BIASES, BiasInformation, PerBias};

/// A target that a reference sensor follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Number of its track.
    pub number: u64,
    /// Time that the state holds for \[ns\].
    pub time_ns: i64,
    /// Time of the newest detection by a reference sensor \[ns\].
    pub seen_ns: i64,
    /// How often the sensor looked where it was predicted before the biases were found.
    pub looks: u32,
    /// Estimate, as if the biases were those linearised at.
    pub state: Gaussian,
    /// U: what the true state is more than the estimate, in the mean, by each bias's unit.
    pub by_bias: [PerBias; STATE],
}

impl Target {
    /// One that a detection begins, which is free of bias.
    pub const fn new(number: u64, time_ns: i64, state: Gaussian) -> Self {
        let by_bias = [[0.0; BIASES]; STATE];
        Self { number, time_ns, seen_ns: time_ns, looks: 0, state, by_bias }
    }

    /// The target at another time, which may be before its own: a detection corrected by a bias of time
    /// is older than it came. Process noise is then added for the way back as for the way ahead.
    pub fn at_time(&self, time_ns: i64, noise_m2_s3: [f64; 3]) -> Self {
        let dt_s = (time_ns - self.time_ns) as f64 * 1e-9;
        let mut moved = *self;
        moved.time_ns = time_ns;
        moved.state = predict(&self.state, dt_s, noise_m2_s3);
        for axis in 0..3 {
            for bias in 0..BIASES {
                moved.by_bias[axis][bias] += dt_s * self.by_bias[axis + 3][bias];
            }
        }
        moved
    }

    /// Update by a detection linearised at the state; `detection_by_bias` is what the biases add to it
    /// themselves. Its innovations, one channel after the other (Bierman 1977, ch. V), go to
    /// `information`.
    pub fn update(
        &mut self,
        measured: &Linearised<POLAR>,
        detection_by_bias: &[PerBias; POLAR],
        information: &mut BiasInformation,
    ) {
        let linearised_at = self.state.mean;
        for (channel, by_bias) in detection_by_bias.iter().enumerate() {
            let by_state = row(measured, channel);
            let cross: [f64; STATE] = std::array::from_fn(|i| {
                (0..STATE).map(|j| self.state.covariance[at(i, j)] * by_state[j]).sum()
            });
            let prior: f64 = (0..STATE).map(|i| by_state[i] * cross[i]).sum();
            let variance = prior + max(measured.variance[channel], ROUNDING * prior);
            let moved = |i: usize| by_state[i] * (self.state.mean[i] - linearised_at[i]);
            let residual = measured.innovation[channel] - (0..STATE).map(moved).sum::<f64>();
            let innovation_by_bias = self.innovation_by_bias(&by_state, by_bias);
            information.add(&innovation_by_bias, residual, variance);
            self.correct(&cross, residual, variance, &innovation_by_bias);
        }
    }

    /// S = H U + D of one channel.
    fn innovation_by_bias(&self, by_state: &[f64; STATE], by_bias: &PerBias) -> PerBias {
        let mut sum = *by_bias;
        for i in 0..STATE {
            for bias in 0..BIASES {
                sum[bias] += by_state[i] * self.by_bias[i][bias];
            }
        }
        sum
    }

    fn correct(&mut self, cross: &[f64; STATE], residual: f64, variance: f64, by_bias: &PerBias) {
        for i in 0..STATE {
            let gain = cross[i] / variance;
            self.state.mean[i] += gain * residual;
            for j in i..STATE {
                self.state.covariance[at(i, j)] -= gain * cross[j];
            }
            for bias in 0..BIASES {
                self.by_bias[i][bias] -= gain * by_bias[bias];
            }
        }
    }

    /// Go over to biases that are `step` more than those linearised at.
    pub fn relinearise(&mut self, step: &PerBias) {
        for i in 0..STATE {
            for bias in 0..BIASES {
                self.state.mean[i] += self.by_bias[i][bias] * step[bias];
            }
        }
    }

    /// Range and bearing innovation's squared Mahalanobis distance, the biases being known by
    /// `bias_covariance` only.
    pub fn distance2(
        &self,
        measured: &Linearised<POLAR>,
        detection_by_bias: &[PerBias; POLAR],
        bias_covariance: &[PerBias; BIASES],
    ) -> f64 {
        let by_state = [row(measured, 0), row(measured, 1)];
        let by_bias = [0, 1].map(|c| self.innovation_by_bias(&by_state[c], &detection_by_bias[c]));
        let covariance = |a: usize, b: usize| {
            let mut sum = if a == b { measured.variance[a] } else { 0.0 };
            for i in 0..STATE {
                for j in 0..STATE {
                    sum += by_state[a][i] * self.state.covariance[at(i, j)] * by_state[b][j];
                }
            }
            for i in 0..BIASES {
                for j in 0..BIASES {
                    sum += by_bias[a][i] * bias_covariance[i][j] * by_bias[b][j];
                }
            }
            sum
        };
        let (rr, rb, bb) = (covariance(0, 0), covariance(0, 1), covariance(1, 1));
        let [r, b, ..] = measured.innovation;
        (r * r * bb - 2.0 * r * b * rb + b * b * rr) / (rr * bb - rb * rb)
    }
}

/// Derivative of one channel by the state.
fn row(measured: &Linearised<POLAR>, channel: usize) -> [f64; STATE] {
    let [x, y, z] = measured.by_position[channel];
    let has_rate = channel == POLAR - 1;
    let [vx, vy, vz] = if has_rate { measured.by_velocity } else { [0.0; 3] };
    [x, y, z, vx, vy, vz]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Target and biases in one filter: the oracle.
    const BOTH: usize = STATE + BIASES;
    const NOISE: [f64; 3] = [1.0, 1.0, 0.5];
    struct Augmented {
        mean: [f64; BOTH],
        covariance: [[f64; BOTH]; BOTH],
    }

    impl Augmented {
        fn new(state: &Gaussian) -> Self {
            let (mut mean, mut covariance) = ([0.0; BOTH], [[0.0; BOTH]; BOTH]);
            for i in 0..STATE {
                mean[i] = state.mean[i];
                for j in 0..STATE {
                    covariance[i][j] = state.covariance[at(i, j)];
                }
            }
            for (bias, row) in covariance.iter_mut().enumerate().skip(STATE) {
                row[bias] = 1.0;
            }
            Self { mean, covariance }
        }

        fn predict(&mut self, dt_s: f64) {
            let moved = |v: &[f64; BOTH]| {
                let mut next = *v;
                (0..3).for_each(|axis| next[axis] += dt_s * v[axis + 3]);
                next
            };
            self.mean = moved(&self.mean);
            let columns = self.covariance.map(|row| moved(&row));
            let transposed: [[f64; BOTH]; BOTH] =
                std::array::from_fn(|i| std::array::from_fn(|j| columns[j][i]));
            self.covariance = transposed.map(|row| moved(&row));
            let noise = predict(&Gaussian::ZERO, dt_s, NOISE);
            for i in 0..STATE {
                for j in 0..STATE {
                    self.covariance[i][j] += noise.covariance[at(i, j)];
                }
            }
        }

        fn update(&mut self, h: &[f64; BOTH], measured: f64, variance: f64) {
            let cross: [f64; BOTH] =
                self.covariance.map(|row| row.iter().zip(h).map(|(p, h)| p * h).sum());
            let total = variance + h.iter().zip(cross).map(|(h, c)| h * c).sum::<f64>();
            let residual = measured - h.iter().zip(self.mean).map(|(h, m)| h * m).sum::<f64>();
            for i in 0..BOTH {
                self.mean[i] += cross[i] * residual / total;
                for j in 0..BOTH {
                    self.covariance[i][j] -= cross[i] * cross[j] / total;
                }
            }
        }
    }

    fn begin() -> Gaussian {
        let mut state = Gaussian::ZERO;
        state.mean = [1000.0, -500.0, 100.0, 20.0, -10.0, 0.0];
        for i in 0..STATE {
            state.covariance[at(i, i)] = if i < 3 { 900.0 } else { 100.0 };
        }
        state
    }

    /// Numbers that look random, the same in every run.
    fn number(seed: usize) -> f64 {
        ((seed * 7919 + 13) % 101) as f64 / 50.0 - 1.0
    }

    #[test]
    fn it_tells_what_one_filter_of_target_and_biases_tells() {
        let mut target = Target::new(1, 0, begin());
        let mut augmented = Augmented::new(&target.state);
        let mut information = BiasInformation::prior(&[0.0; BIASES]);
        for step in 1..40_usize {
            target = target.at_time(step as i64 * 500_000_000, NOISE);
            augmented.predict(0.5);
            let is_biased = step % 2 == 0;
            let at = |channel: usize, axis: usize| number(step * 31 + channel * 7 + axis);
            let by_position: [[f64; 3]; POLAR] =
                std::array::from_fn(|c| std::array::from_fn(|axis| at(c, axis)));
            let by_velocity = [0.3, at(3, 4), -0.2];
            let measured: [f64; POLAR] = std::array::from_fn(|c| 400.0 * at(c, 5));
            let by_bias: [PerBias; POLAR] = std::array::from_fn(|c| {
                std::array::from_fn(|b| if is_biased { 20.0 * at(c, b + 9) } else { 0.0 })
            });
            let mut linearised = Linearised {
                innovation: measured,
                by_position,
                by_velocity,
                variance: [25.0, 36.0, 49.0, 16.0],
            };
            let rows: [[f64; STATE]; POLAR] = std::array::from_fn(|c| row(&linearised, c));
            for c in 0..POLAR {
                let seen: f64 = rows[c].iter().zip(target.state.mean).map(|(h, m)| h * m).sum();
                linearised.innovation[c] -= seen;
                let h =
                    std::array::from_fn(
                        |i| {
                            if i < STATE { rows[c][i] } else { by_bias[c][i - STATE] }
                        },
                    );
                augmented.update(&h, measured[c], linearised.variance[c]);
            }
            target.update(&linearised, &by_bias, &mut information);
            if step % 7 == 0 {
                // Elsewhere linearised, the estimate in all stays what it is.
                let (estimate, _) = information.solve();
                let already: PerBias = std::array::from_fn(|b| augmented.mean[STATE + b]);
                assert_close(&estimate, &already);
            }
        }
        let (estimate, covariance) = information.solve();
        target.relinearise(&estimate);
        assert_close(&estimate, &std::array::from_fn(|b| augmented.mean[STATE + b]));
        assert_close(
            &target.state.mean,
            &std::array::from_fn::<_, STATE, _>(|i| augmented.mean[i]),
        );
        for i in 0..BIASES {
            let row = std::array::from_fn(|j| augmented.covariance[STATE + i][STATE + j]);
            assert_close(&covariance[i], &row);
        }
    }

    fn assert_close<const N: usize>(found: &[f64; N], expected: &[f64; N]) {
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() < 1e-7 * (1.0 + b.abs()), "{found:?} {expected:?}");
        }
    }

    #[test]
    fn the_way_back_adds_uncertainty_as_the_way_ahead() {
        let target = Target::new(1, 0, begin());
        let (back, ahead) =
            (target.at_time(-500_000_000, NOISE), target.at_time(500_000_000, NOISE));
        for i in 0..STATE {
            let [past, next] = [back, ahead].map(|moved| moved.state.covariance[at(i, i)]);
            assert!((past - next).abs() < 1e-9 && past >= target.state.covariance[at(i, i)]);
        }
        assert_eq!(back.state.mean[0], 990.0);
    }

    #[test]
    fn the_distance_allows_for_what_is_unknown_of_the_biases() {
        let target = Target::new(1, 0, begin());
        let measured = Linearised {
            innovation: [300.0, 0.0, 0.0, 0.0],
            by_position: [[1.0, 0.0, 0.0], [0.0, 1e-3, 0.0], [0.0; 3], [0.0; 3]],
            by_velocity: [0.0; 3],
            variance: [100.0, 1e-6, 1.0, 1.0],
        };
        let mut by_bias = [[0.0; BIASES]; POLAR];
        by_bias[0][0] = 300.0;
        let (known, unit) =
            ([[0.0; BIASES]; BIASES], BiasInformation::prior(&[0.0; BIASES]).matrix);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(close(target.distance2(&measured, &by_bias, &known), 90_000.0 / 1000.0));
        assert!(close(target.distance2(&measured, &by_bias, &unit), 90_000.0 / 91_000.0));
    }
}
