//! How the velocities of the targets spread, and what each target's is expected to be from that.
//!
//! A bias of time shows only where velocities differ. The estimated ones differ by their errors, too: on
//! one heading they would seem to tell time from place (errors in variables). So each is replaced by its
//! expectation, given the estimate and the spread of the true ones (regression calibration: Carroll,
//! Ruppert, Stefanski and Crainiceanu 2006, "Measurement Error in Nonlinear Models", ch. 4). Where the
//! estimates spread no more than their errors, all targets then have the mean velocity.

/// A symmetric matrix of east and north: xx, xy, yy.
pub type Flat = [f64; 3];

/// How often the errors' covariance is taken off the spread: a filter may be surer than it ought.
const ERRORS_TAKEN_OFF: f64 = 2.0;

/// No velocity is known better: its weight would be without limit.
const LEAST_VARIANCE_M2_S2: f64 = 1e-9;

/// Sums over estimated velocities, each weighted by how surely it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct VelocitySpread {
    /// Of the weights.
    pub weight: f64,
    /// Of the velocities \[m/s\].
    pub velocity: [f64; 2],
    /// Of their squares \[m²/s²\].
    pub square: Flat,
    /// Of the covariances of their errors \[m²/s²\].
    pub error: Flat,
}

impl VelocitySpread {
    /// Count a velocity with its covariance.
    pub fn add(&mut self, [x, y]: [f64; 2], covariance_m2_s2: Flat) {
        let weight = 1.0 / (covariance_m2_s2[0] + covariance_m2_s2[2]).max(LEAST_VARIANCE_M2_S2);
        self.weight += weight;
        self.velocity[0] += weight * x;
        self.velocity[1] += weight * y;
        for (sum, product) in self.square.iter_mut().zip([x * x, x * y, y * y]) {
            *sum += weight * product;
        }
        for (sum, error) in self.error.iter_mut().zip(covariance_m2_s2) {
            *sum += weight * error;
        }
    }

    /// What a velocity is expected to be, and the covariance that then remains; at least one must have
    /// been counted.
    pub fn expected(&self, velocity_m_s: [f64; 2], covariance_m2_s2: Flat) -> ([f64; 2], Flat) {
        let mean = self.velocity.map(|sum| sum / self.weight);
        let [x, y] = [velocity_m_s[0] - mean[0], velocity_m_s[1] - mean[1]];
        let spread = self.spread(mean);
        let total: Flat = std::array::from_fn(|k| spread[k] + covariance_m2_s2[k]);
        // G = Ω (Ω + Σ)⁻¹.
        let [a, b, c] = total;
        let determinant = a * c - b * b;
        let [p, q, r] = spread;
        let gain = [[p * c - q * b, q * a - p * b], [q * c - r * b, r * a - q * b]]
            .map(|row| row.map(|number| number / determinant));
        let expected =
            [mean[0] + gain[0][0] * x + gain[0][1] * y, mean[1] + gain[1][0] * x + gain[1][1] * y];
        let remaining = [
            p - gain[0][0] * p - gain[0][1] * q,
            q - gain[0][0] * q - gain[0][1] * r,
            r - gain[1][0] * q - gain[1][1] * r,
        ];
        (expected, remaining)
    }

    /// Covariance of the true velocities: of the estimated ones, less that of their errors.
    fn spread(&self, [x, y]: [f64; 2]) -> Flat {
        let squares = [x * x, x * y, y * y];
        without_negative(std::array::from_fn(|k| {
            (self.square[k] - ERRORS_TAKEN_OFF * self.error[k]) / self.weight - squares[k]
        }))
    }
}

/// The nearest matrix without a negative eigenvalue.
fn without_negative([a, b, c]: Flat) -> Flat {
    let (middle, half) = (0.5 * (a + c), 0.5 * (a - c));
    let radius = (half * half + b * b).sqrt();
    if middle >= radius {
        return [a, b, c];
    }
    let largest = middle + radius;
    if largest <= 0.0 {
        return [0.0; 3];
    }
    let (cosine, sine) = (half / radius, b / radius);
    [0.5 * largest * (1.0 + cosine), 0.5 * largest * sine, 0.5 * largest * (1.0 - cosine)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERROR: Flat = [4.0, 0.0, 4.0];

    #[test]
    fn without_a_spread_all_have_the_mean() {
        let mut spread = VelocitySpread::default();
        for error in [-2.0, 2.0, -1.0, 1.0] {
            spread.add([200.0 + error, 50.0 - error], ERROR);
        }
        let (expected, remaining) = spread.expected([203.0, 47.0], ERROR);
        assert!((expected[0] - 200.0).abs() < 1e-9 && (expected[1] - 50.0).abs() < 1e-9);
        assert_eq!(remaining, [0.0; 3]);
    }

    #[test]
    fn where_headings_differ_each_has_its_own() {
        let mut spread = VelocitySpread::default();
        for velocity in [[200.0, 0.0], [-200.0, 0.0], [0.0, 200.0], [0.0, -200.0]] {
            spread.add(velocity, ERROR);
        }
        let (expected, remaining) = spread.expected([150.0, -120.0], ERROR);
        assert!((expected[0] - 150.0).abs() < 0.1 && (expected[1] + 120.0).abs() < 0.1);
        assert!(remaining[0] < 4.0 && remaining[0] > 3.9, "{remaining:?}");
    }

    #[test]
    fn speeds_on_one_heading_spread_along_it_alone() {
        let mut spread = VelocitySpread::default();
        for speed in [100.0, 150.0, 200.0, 250.0, 300.0] {
            spread.add([0.6 * speed, 0.8 * speed], ERROR);
        }
        let (expected, _) = spread.expected([0.6 * 260.0 + 8.0, 0.8 * 260.0 - 6.0], ERROR);
        let across = 0.8 * expected[0] - 0.6 * expected[1];
        let along = 0.6 * expected[0] + 0.8 * expected[1];
        assert!(across.abs() < 0.1 && (along - 260.0).abs() < 0.5, "{across} {along}");
    }

    #[test]
    fn only_what_is_negative_is_taken_away() {
        assert_eq!(without_negative([4.0, 1.0, 3.0]), [4.0, 1.0, 3.0]);
        assert_eq!(without_negative([-4.0, 1.0, -3.0]), [0.0; 3]);
        assert_eq!(without_negative([5.0, 0.0, -3.0]), [5.0, 0.0, 0.0]);
        assert_eq!(without_negative([0.0; 3]), [0.0; 3]);
    }
}
