//! Where a turning antenna points: which turn a bearing belongs to, and how long a turn takes.

use crate::error::{Error, Result};

/// Periods that are believed \[s\]: from a surface movement radar to an early warning radar.
pub const PERIOD_LIMITS_S: [f64; 2] = [0.5, 60.0];
/// Pairs of plots from which a period is estimated, at least.
const LEAST_PAIRS: usize = 8;
/// Time between the plots of such a pair \[s\]: long enough for the bearing to move by more than
/// its noise, short enough that it moves by less than half a turn.
const PAIR_LIMITS_S: [f64; 2] = [0.03, 0.2];

/// A time and the bearing the antenna had at it.
#[derive(Clone, Copy, Debug)]
pub struct Pointing {
    /// Time \[ns\].
    pub time_ns: i64,
    /// Bearing \[deg\].
    pub bearing_deg: f64,
}

/// A first-order phase lock on an antenna that turns clockwise at a nearly constant rate.
///
/// Each plot's bearing is compared with where the antenna should be at the plot's time, so turns
/// are counted right through sparse traffic, pauses and plots out of order, where a bare fall of
/// the bearing would be missed or seen twice.
#[derive(Clone, Copy, Debug)]
pub struct Antenna {
    rate_deg_per_ns: f64,
    time_ns: i64,
    turned_deg: f64,
}

impl Antenna {
    /// Share of the difference between bearing and expectation that corrects the phase. A plot
    /// with a wrong time or bearing moves the phase by at most a quarter of half a turn.
    const GAIN: f64 = 0.25;

    /// An antenna with this rotation period, seen at `start`.
    pub fn new(period_s: f64, start: Pointing) -> Self {
        Self {
            rate_deg_per_ns: 360.0 / (period_s * 1e9),
            time_ns: start.time_ns,
            turned_deg: start.bearing_deg,
        }
    }

    /// Angle turned since north of the first turn \[deg\] when the antenna pointed at `pointing`.
    pub fn observe(&mut self, pointing: Pointing) -> f64 {
        let expected_deg = self.turned_at(pointing.time_ns);
        let difference_deg = self.difference_deg(pointing);
        self.time_ns = pointing.time_ns;
        self.turned_deg = expected_deg + Self::GAIN * difference_deg;
        expected_deg + difference_deg
    }

    /// How far ahead of the expected bearing `pointing` is \[deg\], -180 to 180.
    pub fn difference_deg(&self, pointing: Pointing) -> f64 {
        wrap_180(pointing.bearing_deg - self.turned_at(pointing.time_ns))
    }

    fn turned_at(&self, time_ns: i64) -> f64 {
        self.turned_deg + self.rate_deg_per_ns * (time_ns - self.time_ns) as f64
    }

    /// When the antenna will have turned by `turned_deg` \[ns\].
    pub fn time_at_ns(&self, turned_deg: f64) -> i64 {
        self.time_ns + ((turned_deg - self.turned_deg) / self.rate_deg_per_ns) as i64
    }
}

/// `angle_deg` as -180 to 180.
fn wrap_180(angle_deg: f64) -> f64 {
    angle_deg - 360.0 * (angle_deg / 360.0).round()
}

/// `period_s` if it can be one.
pub fn plausible_period(period_s: f64) -> Option<f64> {
    let [least, most] = PERIOD_LIMITS_S;
    (least..=most).contains(&period_s).then_some(period_s)
}

/// Rotation period \[s\] from plots in order of time: the median rate of close pairs, then the
/// mean rate over all turns.
///
/// # Errors
/// [`Error::Setting`] when there are too few plots close in time, or they do not turn.
pub fn estimate_period_s(pointings: &[Pointing]) -> Result<f64> {
    let refused = |value: String| Error::Setting {
        setting: "rotation period".into(),
        value,
        limit: format!("{} to {} s", PERIOD_LIMITS_S[0], PERIOD_LIMITS_S[1]),
        remedy: "give rotation_period_s".into(),
    };
    let rates = pair_rates(pointings);
    if rates.len() < LEAST_PAIRS {
        let plots = if pointings.len() == 1 { "plot" } else { "plots" };
        return Err(refused(format!("not told by {} {plots}", pointings.len())));
    }
    let median_deg_per_s = rates[rates.len() / 2];
    let coarse_s = 360.0 / median_deg_per_s;
    let coarse_s = plausible_period(coarse_s).ok_or_else(|| refused(format!("{coarse_s:.3} s")))?;
    let (Some(first), Some(last)) = (pointings.first(), pointings.last()) else {
        return Ok(coarse_s);
    };
    let mut antenna = Antenna::new(coarse_s, *first);
    let turned_deg = pointings.iter().fold(0.0, |_, &pointing| antenna.observe(pointing));
    let elapsed_s = (last.time_ns - first.time_ns) as f64 * 1e-9;
    let mean_s = 360.0 * elapsed_s / (turned_deg - first.bearing_deg);
    // Over less than a turn the mean is no better than the median.
    let better = turned_deg - first.bearing_deg > 360.0;
    Ok(plausible_period(mean_s).filter(|_| better).unwrap_or(coarse_s))
}

/// Rates of the bearing between neighbours in time \[deg/s\], sorted.
fn pair_rates(pointings: &[Pointing]) -> Vec<f64> {
    let [least, most] = PAIR_LIMITS_S;
    let rate = |pair: &[Pointing]| {
        let elapsed_s = (pair[1].time_ns - pair[0].time_ns) as f64 * 1e-9;
        let moved_deg = wrap_180(pair[1].bearing_deg - pair[0].bearing_deg);
        (least..=most).contains(&elapsed_s).then_some(moved_deg / elapsed_s)
    };
    let mut rates: Vec<f64> = pointings.windows(2).filter_map(rate).collect();
    rates.sort_by(f64::total_cmp);
    rates
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plots of `count` targets per turn, seen at their place and time to within `jitter_ns`.
    fn turning(period_s: f64, count: usize, turns: usize, jitter_ns: i64) -> Vec<Pointing> {
        let mut pointings = Vec::new();
        for k in 0..count * turns {
            let place = 0.37 + k as f64 / count as f64 + ((k * 7919) % 13) as f64 * 0.003;
            let time_ns = (place * period_s * 1e9) as i64 + jitter_ns * ((k % 3) as i64 - 1);
            pointings.push(Pointing { time_ns, bearing_deg: place.fract() * 360.0 });
        }
        pointings.sort_by_key(|pointing| pointing.time_ns);
        pointings
    }

    #[test]
    fn period_is_found_over_the_range_of_radars() {
        for (period_s, count) in [(1.0, 15), (4.0, 50), (5.5, 90), (12.0, 200)] {
            let found_s = estimate_period_s(&turning(period_s, count, 10, 4_000_000)).unwrap();
            assert!((found_s / period_s - 1.0).abs() < 0.002, "{period_s}: {found_s}");
        }
    }

    #[test]
    fn a_period_that_cannot_be_told_is_asked_for() {
        let error = estimate_period_s(&turning(4.0, 3, 2, 0)).unwrap_err().to_string();
        assert!(error.contains("6 plots") && error.contains("rotation_period_s"), "{error}");
    }

    #[test]
    fn turns_are_counted_through_sparse_traffic_and_a_wrong_period() {
        // One aircraft in a slow drift, seen once a turn, and a period that is 3 % off.
        let mut antenna = Antenna::new(4.12, Pointing { time_ns: 0, bearing_deg: 350.0 });
        for turn in 1..200_i64 {
            let bearing_deg = (350.0 + 0.2 * turn as f64) % 360.0;
            let turned_deg =
                antenna.observe(Pointing { time_ns: turn * 4_000_000_000, bearing_deg });
            assert!((turned_deg - (350.0 + 360.2 * turn as f64)).abs() < 1e-6, "turn {turn}");
        }
    }

    #[test]
    fn a_wild_plot_moves_no_turn() {
        let mut antenna = Antenna::new(4.0, Pointing { time_ns: 0, bearing_deg: 0.0 });
        let at =
            |time_s: f64, bearing_deg| Pointing { time_ns: (time_s * 1e9) as i64, bearing_deg };
        assert!((antenna.observe(at(1.0, 90.0)) - 90.0).abs() < 1e-6);
        antenna.observe(at(1.1, 270.0));
        assert!((antenna.observe(at(2.0, 180.0)) - 180.0).abs() < 1e-6);
        assert!((antenna.observe(at(6.0, 180.0)) - 540.0).abs() < 1e-6);
        assert_eq!(antenna.time_at_ns(antenna.turned_deg), 6_000_000_000);
    }
}
