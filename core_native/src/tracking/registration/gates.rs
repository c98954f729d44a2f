//! Which detections a target's gate lets in, and what one of them tells of the biases.

use crate::numeric::RAD_PER_DEG;
use crate::tracking::registration::bias_design::{add_velocity_noise, by_bias};
use crate::tracking::registration::bias_information::{BIASES, BiasInformation, PerBias};
use crate::tracking::registration::plots::Plots;
use crate::tracking::registration::separate_bias::Target;
use crate::tracking::registration::velocity_spread::VelocitySpread;

/// What is known of the biases, and how targets move.
#[derive(Clone, Copy, Debug)]
pub struct Gates {
    /// Largest squared distance in range and bearing.
    pub gate: f64,
    /// Prior standard deviation of each bias.
    pub units: PerBias,
    /// Covariance of the biases in these units.
    pub bias_covariance: [PerBias; BIASES],
    /// Process noise of the targets \[m²/s³\].
    pub noise_m2_s3: [f64; 3],
    /// Longest time that a target may have gone unseen \[ns\].
    pub coast_ns: i64,
}

/// What a target's unknown velocity makes of the unknown time may be this share of its detection's
/// standard deviation: until then its course has not settled.
const UNSETTLED_SHARE: f64 = 0.2;

impl Gates {
    /// Standard deviation of a bias.
    pub fn bias_std(&self, bias: usize) -> f64 {
        self.bias_covariance[bias][bias].sqrt() * self.units[bias]
    }

    /// Variance of the bias of time \[s²\].
    pub fn time_variance_s2(&self) -> f64 {
        self.bias_std(BIASES - 1) * self.bias_std(BIASES - 1)
    }

    /// Whether a target's velocity is known well enough for a detection of `std_m` to tell of the biases.
    pub fn is_settled(&self, target: &Target, std_m: f64) -> bool {
        let unknown_m2 = target.velocity_variance_m2_s2() * self.time_variance_s2();
        unknown_m2 <= (UNSETTLED_SHARE * std_m) * (UNSETTLED_SHARE * std_m)
    }

    /// Whether a reference sensor has seen a target lately.
    pub const fn is_fresh(&self, target: &Target, time_ns: i64) -> bool {
        (time_ns - target.seen_ns).abs() <= self.coast_ns
    }

    /// Where a target is at another time \[m\].
    pub fn place_at(&self, target: &Target, time_ns: i64) -> [f64; 3] {
        let [x, y, z, ..] = target.at_time(time_ns, self.noise_m2_s3).state.mean;
        [x, y, z]
    }

    /// No detection of a target that is predicted into the middle of a frame lies further to either side
    /// than this \[m\]: a bias moves a detection, and may have moved the target as far.
    pub fn reach_m(&self, target: &Target, plots: &Plots) -> f64 {
        let [vx, vy] = target.velocity_m_s();
        let speed_m_s = (vx * vx + vy * vy).sqrt();
        let across_m = plots.largest_range_m * self.bias_std(3) * RAD_PER_DEG;
        let places_m = self.bias_std(0) + self.bias_std(1) + self.bias_std(2);
        let bias_m = places_m + across_m + speed_m_s * self.bias_std(4);
        let [xx, yy, _] = target.state.position_variance();
        let std_m = (xx + yy).sqrt() + plots.largest_std_m + 2.0 * bias_m;
        let [first_ns, last_ns] = plots.between_ns;
        self.gate.sqrt() * std_m + speed_m_s * (last_ns - first_ns) as f64 * 1e-9
    }

    /// Squared distance of a detection that may be of a target.
    pub fn lets_in(&self, target: &Target, plots: &Plots, detection: usize) -> Option<f64> {
        let there = target.at_time(plots.time_ns(detection), self.noise_m2_s3);
        let measured = plots.linearise(detection, &there);
        let design = by_bias(&measured, there.velocity_m_s(), &self.units);
        let distance2 = there.distance2(&measured, &design, &self.bias_covariance);
        (distance2 <= self.gate).then_some(distance2)
    }

    /// The target after its detection, which tells `information` of the biases.
    pub fn update(
        &self,
        target: &Target,
        plots: &Plots,
        detection: usize,
        spread: &VelocitySpread,
        information: &mut BiasInformation,
    ) -> Target {
        let mut there = target.at_time(plots.time_ns(detection), self.noise_m2_s3);
        let mut measured = plots.linearise(detection, &there);
        let (velocity_m_s, remaining_m2_s2) =
            spread.expected(there.velocity_m_s(), there.velocity_covariance_m2_s2());
        let design = by_bias(&measured, velocity_m_s, &self.units);
        add_velocity_noise(&mut measured, remaining_m2_s2, self.time_variance_s2());
        there.update(&measured, &design, information);
        there
    }
}
