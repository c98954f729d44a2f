//! The bridge to the power of a station.

/// What a bridge can do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DockBridge {
    /// The most that the station gives \[W\].
    pub station_w: f64,
    /// The most that the bridge carries to the bus \[W\], its voltage times its current.
    pub bridge_w: f64,
    /// Time in which what it may give rises from nothing after it was switched on \[s\].
    pub soft_start_s: f64,
    /// Part of what the station gives that reaches the bus.
    pub efficiency: f64,
}

impl DockBridge {
    /// The most that it gives to the bus in the step that begins `on_s` after it was switched on \[W\]: the
    /// mean over the step of a ramp.
    pub fn available_w(&self, on_s: f64, step_s: f64) -> f64 {
        let full_w = self.bridge_w.min(self.station_w * self.efficiency);
        if on_s >= self.soft_start_s {
            return full_w;
        }
        let rising_s = step_s.min(self.soft_start_s - on_s);
        let mean = (on_s + 0.5 * rising_s) / self.soft_start_s;
        full_w * (mean * rising_s + (step_s - rising_s)) / step_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_the_area_under_its_ramp() {
        let bridge =
            DockBridge { station_w: 250.0, bridge_w: 280.0, soft_start_s: 2.0, efficiency: 0.9 };
        // Steps that do not divide the ramp.
        let energy_j: f64 =
            (0..10).map(|k| bridge.available_w(0.3 * f64::from(k), 0.3) * 0.3).sum();
        assert!((energy_j - 225.0 * (1.0 + 1.0)).abs() < 1e-10, "{energy_j}");
        assert_eq!(bridge.available_w(2.0, 0.3), 225.0);
        let at_once = DockBridge { soft_start_s: 0.0, bridge_w: 100.0, ..bridge };
        assert_eq!(at_once.available_w(0.0, 0.3), 100.0);
    }
}
