//! Thrusters that are fixed to the body and either fire at full thrust or not at all.

use crate::geometry::cross;

/// Most thrusters of a vehicle.
pub const MAX_THRUSTERS: usize = 32;
/// Standard gravity, by which a specific impulse is an exhaust velocity \[m/s²\].
pub const STANDARD_GRAVITY_M_S2: f64 = 9.80665;

/// Force \[N\] and torque about the centre of mass \[N m\], both in the body frame.
pub type Wrench = [f64; 6];

/// One thruster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thruster {
    /// Where its force acts, in the body frame \[m\].
    pub position_m: [f64; 3],
    /// Direction of the force on the body, opposite to the exhaust; of length 1.
    pub force_direction: [f64; 3],
    /// Thrust while it fires \[N\].
    pub thrust_n: f64,
}

/// Whether a thruster does as it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThrusterCondition {
    /// It does.
    #[default]
    Working = 0,
    /// Its valve is stuck closed: it never fires.
    StuckClosed = 1,
    /// Its valve is stuck open: it fires while there is propellant.
    StuckOpen = 2,
}

impl Thruster {
    /// What it does to the body while it fires: f and r × f.
    pub fn wrench(&self) -> Wrench {
        let force = self.force_direction.map(|part| part * self.thrust_n);
        let torque = cross(self.position_m, force);
        [force[0], force[1], force[2], torque[0], torque[1], torque[2]]
    }
}

/// The wrench of thrusters that fire a part of the time each, in the mean.
pub fn sum(wrenches: &[Wrench], fractions: &[f64]) -> Wrench {
    let mut sum = [0.0; 6];
    for (wrench, fraction) in wrenches.iter().zip(fractions) {
        for axis in 0..6 {
            sum[axis] += fraction * wrench[axis];
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thruster_off_the_centre_turns_the_body() {
        // To starboard of the centre, pushing ahead: the bow turns to port.
        let thruster = Thruster {
            position_m: [2.0, 0.0, 0.0],
            force_direction: [0.0, 1.0, 0.0],
            thrust_n: 10.0,
        };
        assert_eq!(thruster.wrench(), [0.0, 10.0, 0.0, 0.0, 0.0, 20.0]);
        assert_eq!(sum(&[thruster.wrench(); 2], &[0.5, 0.25])[5], 15.0);
    }
}
