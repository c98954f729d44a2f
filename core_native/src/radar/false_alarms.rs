//! Noise that passes the threshold: a Poisson number of plots, even over the searched volume.
//!
//! Noise is the same in every resolution cell, and the cells divide range, bearing, elevation and
//! range rate evenly; so a false alarm's place is uniform in those four. Its power is that of
//! noise given that it passed: for one pulse the threshold plus an exponential, which has no
//! memory.

use crate::frame::Coverage;
use crate::numeric::wrap_360;
use crate::radar::plot_lanes::{NoiseLanes, PlotLanes, PolarLanes};
use crate::radar::plot_record::{Plots, Source};
use crate::radar::sensor::Sensor;
use crate::random::{Stream, exponential, uniform, uniform_fine};
use crate::simd::{Kernel, LANES};

/// The false alarms of one look or frame; run it with [`crate::simd::dispatch`].
#[derive(Debug)]
pub struct FalseAlarmKernel<'a> {
    /// The radar.
    pub sensor: &'a Sensor,
    /// Where it searches, in world bearings.
    pub coverage: &'a Coverage,
    /// How many there are.
    pub count: usize,
    /// Number of the look or frame, which keys the draws.
    pub frame: u64,
    /// Draws of their places.
    pub place_draws: &'a Stream,
    /// Draws of their powers.
    pub power_draws: &'a Stream,
    /// Where the plots go.
    pub plots: &'a mut Plots,
}

impl Kernel for FalseAlarmKernel<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for start in (0..self.count).step_by(LANES) {
            let numbers = std::array::from_fn(|lane| (start + lane) as u64);
            let place = self.places(&numbers);
            let power = self.powers(&numbers);
            let plots = PlotLanes::measure(self.sensor, &place, &power, &NoiseLanes::NONE);
            for lane in 0..LANES.min(self.count - start) {
                self.plots.push(&plots, lane, Source::NOBODY);
            }
        }
    }
}

impl FalseAlarmKernel<'_> {
    #[inline(always)]
    fn places(&self, numbers: &[u64; LANES]) -> PolarLanes {
        let words = self.place_draws.words_of_lanes(numbers, self.frame);
        let coverage = self.coverage;
        let depth_m = coverage.max_range_m - coverage.min_range_m;
        let height_deg = coverage.max_elevation_deg - coverage.min_elevation_deg;
        let rate_limit_m_s = self.sensor.range_rate_limit_m_s;
        let mut place = PolarLanes::ZERO;
        for lane in 0..LANES {
            let bearing_deg = coverage.bearing_extent_deg * uniform(words[1][lane]);
            place.range_m[lane] = coverage.min_range_m + depth_m * uniform(words[0][lane]);
            place.bearing_deg[lane] = wrap_360(coverage.bearing_start_deg + bearing_deg);
            place.elevation_deg[lane] =
                coverage.min_elevation_deg + height_deg * uniform(words[2][lane]);
            place.range_rate_m_s[lane] = rate_limit_m_s * (2.0 * uniform(words[3][lane]) - 1.0);
        }
        place
    }

    #[inline(always)]
    fn powers(&self, numbers: &[u64; LANES]) -> [f64; LANES] {
        if self.sensor.pulses > 1 {
            let Self { sensor, power_draws, frame, .. } = self;
            let threshold = sensor.threshold;
            return sensor.pulse_sum.draw_false_alarm(threshold, power_draws, numbers, *frame);
        }
        let words = self.power_draws.words_of_lanes(numbers, self.frame);
        let mut power = [0.0; LANES];
        for lane in 0..LANES {
            let excess = exponential(uniform_fine(words[0][lane], words[1][lane]));
            power[lane] = self.sensor.threshold + excess;
        }
        power
    }
}
