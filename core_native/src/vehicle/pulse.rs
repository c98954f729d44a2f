//! Pulse modulation: which part of a window each thruster fires, on the grid of the internal steps.
//!
//! A thruster cannot throttle, so a fraction x of its thrust over a window of n steps becomes one pulse
//! of x n steps. What the grid and the minimum on-time leave undone, or do too much, is carried to the
//! next window. So after any windows whatsoever the impulse asked for and the one given differ by no
//! more than the longer of half a step and the minimum on-time at full thrust.
//!
//! Pulses lie in the middle of the window: then they move the body in a window as far as the steady
//! thrust does, and pulses of different lengths have the same mean time.

use crate::numeric::floor;
use crate::vehicle::thruster::MAX_THRUSTERS;

/// The pulses of a window, and what is carried from it to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct PulseModulator {
    window_steps: u32,
    min_on_steps: u32,
    pulses: [Pulse; MAX_THRUSTERS],
}

/// What one thruster does in a window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pulse {
    /// Steps that it fires.
    pub on_steps: u32,
    /// Steps that were asked for and not fired; negative where it fired too many.
    pub carried_steps: f64,
}

impl PulseModulator {
    /// A modulator at rest, for windows of `window_steps` ≥ 1 and pulses of `min_on_steps` to that.
    pub const fn new(window_steps: u32, min_on_steps: u32) -> Self {
        let rest = Pulse { on_steps: 0, carried_steps: 0.0 };
        Self { window_steps, min_on_steps, pulses: [rest; MAX_THRUSTERS] }
    }

    /// Steps in a window.
    pub const fn window_steps(&self) -> u32 {
        self.window_steps
    }

    /// The pulses of this window, one for each thruster.
    pub const fn pulses(&self) -> &[Pulse; MAX_THRUSTERS] {
        &self.pulses
    }

    /// Put pulses back as they were.
    pub const fn set_pulses(&mut self, pulses: [Pulse; MAX_THRUSTERS]) {
        self.pulses = pulses;
    }

    /// Begin a window in which the thrusters are to give these fractions of their thrusts, 0 to 1.
    pub fn begin_window(&mut self, fractions: &[f64]) {
        for (pulse, fraction) in self.pulses.iter_mut().zip(fractions) {
            let wanted = fraction * f64::from(self.window_steps) + pulse.carried_steps;
            let nearest = floor(wanted + 0.5);
            let fits = nearest.clamp(0.0, f64::from(self.window_steps)) as u32;
            pulse.on_steps = if fits < self.min_on_steps { 0 } else { fits };
            pulse.carried_steps = wanted - f64::from(pulse.on_steps);
        }
    }

    /// Fire no more in this window and carry nothing to the next.
    pub const fn stop(&mut self) {
        self.pulses = Self::new(self.window_steps, self.min_on_steps).pulses;
    }

    /// Whether a thruster fires in a step, counted from the window's beginning.
    #[inline(always)]
    pub const fn is_on(&self, thruster: usize, step: u32) -> bool {
        let on_steps = self.pulses[thruster].on_steps;
        let start = (self.window_steps - on_steps) / 2;
        step >= start && step - start < on_steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fired(modulator: &PulseModulator) -> u32 {
        (0..modulator.window_steps).map(|step| u32::from(modulator.is_on(0, step))).sum()
    }

    /// Fractions that wander over and beyond all of 0 to 1.
    fn fractions() -> impl Iterator<Item = f64> {
        (0..5000).map(|k| {
            let k = f64::from(k);
            (0.5 + 0.6 * libm::sin(0.37 * k * k) * libm::sin(0.011 * k)).clamp(0.0, 1.0)
        })
    }

    #[test]
    fn the_impulse_asked_for_is_given_but_for_one_pulse() {
        for (window, least) in [(250, 10), (250, 1), (7, 3), (1, 1), (20, 20)] {
            for scale in [1.0, 0.03, 0.001] {
                let mut modulator = PulseModulator::new(window, least);
                let (mut asked, mut given) = (0.0, 0.0);
                let limit = f64::from(least).max(0.5) + 1e-6;
                for fraction in fractions() {
                    let fraction = fraction * scale;
                    modulator.begin_window(&[fraction]);
                    let steps = fired(&modulator);
                    assert!(steps == 0 || (least..=window).contains(&steps));
                    asked += fraction * f64::from(window);
                    given += f64::from(steps);
                    assert!((asked - given).abs() <= limit, "{asked} {given}");
                }
                assert!(given > 0.0);
            }
        }
    }

    #[test]
    fn full_thrust_fires_without_a_gap_and_none_not_at_all() {
        let mut modulator = PulseModulator::new(250, 10);
        for (fraction, steps) in [(1.0, 250), (0.0, 0), (1.0, 250)] {
            modulator.begin_window(&[fraction]);
            assert_eq!(fired(&modulator), steps);
        }
    }

    #[test]
    fn pulses_lie_in_the_middle() {
        let mut modulator = PulseModulator::new(10, 1);
        modulator.begin_window(&[0.4, 0.8]);
        let on = |thruster| -> Vec<u32> {
            (0..10).filter(|&step| modulator.is_on(thruster, step)).collect()
        };
        assert_eq!(on(0), [3, 4, 5, 6]);
        assert_eq!(on(1), [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn a_stop_leaves_nothing() {
        let mut modulator = PulseModulator::new(250, 10);
        modulator.begin_window(&[0.03]);
        assert_eq!(modulator.pulses()[0], Pulse { on_steps: 0, carried_steps: 7.5 });
        modulator.stop();
        modulator.begin_window(&[0.03]);
        assert_eq!(modulator.pulses()[0].on_steps, 0);
    }
}
