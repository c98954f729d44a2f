//! A rigid body in six degrees of freedom, with propellant that leaves it.
//!
//! The state holds the angular momentum in the world frame, not the angular velocity: where no torque
//! acts it stays the same to the last bit, however long the body tumbles. What remains is
//! q' = q (0, ω) / 2 with I ω = Rᵀ(q) L, in which the method of `runge_kutta.rs` makes an energy error
//! of order (|ω| h)⁶; `free_tumbling_test.rs` measures it. After each step the attitude is brought
//! back to length 1, which keeps the order: E. Hairer, C. Lubich and G. Wanner, "Geometric Numerical
//! Integration", 2nd ed. (2006), section IV.4.
//!
//! Thrust is the force of what leaves the nozzles relative to the body. The propellant takes the
//! velocity and the spin that it had in its tank with it, so that neither changes by its leaving:
//! v' = F / m and L' = R (τ + I'ω). The further momentum that it gains on its way to a nozzle off the
//! centre ("jet damping") is not modelled.

use crate::geometry::dot;
use crate::vehicle::mass_properties::{MassProperties, solve, times};
use crate::vehicle::quaternion::Quaternion;
use crate::vehicle::runge_kutta::advanced;

/// Where a body is and how it moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BodyState {
    /// Position of the centre of mass in the world frame \[m\].
    pub position_m: [f64; 3],
    /// Its velocity in the world frame \[m/s\].
    pub velocity_m_s: [f64; 3],
    /// From the body frame to the world frame.
    pub attitude: Quaternion,
    /// About the centre of mass, in the world frame \[N m s\].
    pub angular_momentum_n_m_s: [f64; 3],
    /// Propellant that is left \[kg\].
    pub propellant_kg: f64,
}

/// What acts on a body during a step; it turns with the body.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Load {
    /// Force in the body frame \[N\].
    pub force_n: [f64; 3],
    /// Torque about the centre of mass in the body frame \[N m\].
    pub torque_n_m: [f64; 3],
    /// Propellant that leaves \[kg/s\].
    pub mass_flow_kg_s: f64,
}

const SIZE: usize = 14;

impl BodyState {
    /// At rest at the origin, level, heading north.
    pub const fn at_rest(propellant_kg: f64) -> Self {
        Self {
            position_m: [0.0; 3],
            velocity_m_s: [0.0; 3],
            attitude: Quaternion::IDENTITY,
            angular_momentum_n_m_s: [0.0; 3],
            propellant_kg,
        }
    }

    /// The same state, turning with `rate_rad_s` in the body frame.
    pub fn turning(self, mass: &MassProperties, rate_rad_s: [f64; 3]) -> Self {
        let momentum = times(&mass.inertia_kg_m2(self.propellant_kg), rate_rad_s);
        Self { angular_momentum_n_m_s: self.attitude.to_world(momentum), ..self }
    }

    /// Angular velocity in the body frame \[rad/s\].
    #[inline(always)]
    pub fn angular_velocity_rad_s(&self, mass: &MassProperties) -> [f64; 3] {
        let momentum = self.attitude.to_body(self.angular_momentum_n_m_s);
        solve(&mass.inertia_kg_m2(self.propellant_kg), momentum)
    }

    /// Kinetic energy of the rotation, ω · L / 2 \[J\].
    pub fn rotational_energy_j(&self, mass: &MassProperties) -> f64 {
        let momentum = self.attitude.to_body(self.angular_momentum_n_m_s);
        0.5 * dot(self.angular_velocity_rad_s(mass), momentum)
    }

    /// Kinetic energy of the motion of the centre of mass, m v² / 2 \[J\].
    pub fn translational_energy_j(&self, mass: &MassProperties) -> f64 {
        let velocity = self.velocity_m_s;
        0.5 * mass.mass_kg(self.propellant_kg) * dot(velocity, velocity)
    }

    /// The state after `step_s` under a load that stays the same in the body frame.
    pub fn advanced(&self, mass: &MassProperties, load: &Load, step_s: f64) -> Self {
        self.advanced_under(mass, step_s, |_| *load)
    }

    /// The state after `step_s` under a load that follows from the state.
    #[inline(always)]
    pub fn advanced_under(
        &self,
        mass: &MassProperties,
        step_s: f64,
        load_of: impl Fn(&Self) -> Load,
    ) -> Self {
        let next = advanced(&self.to_array(), step_s, |state| {
            let state = Self::from_array(state);
            state.rate(mass, &load_of(&state)).to_array()
        });
        let next = Self::from_array(&next);
        Self { attitude: next.attitude.normalised(), ..next }
    }

    /// The rate of change of each part of the state.
    #[inline(always)]
    fn rate(&self, mass: &MassProperties, load: &Load) -> Self {
        let rate_rad_s = self.angular_velocity_rad_s(mass);
        let inverse_mass = 1.0 / mass.mass_kg(self.propellant_kg);
        let inertia_rate = -load.mass_flow_kg_s * mass.propellant_inertia_m2();
        let torque_n_m =
            std::array::from_fn(|axis| load.torque_n_m[axis] + inertia_rate * rate_rad_s[axis]);
        Self {
            position_m: self.velocity_m_s,
            velocity_m_s: self.attitude.to_world(load.force_n).map(|force| force * inverse_mass),
            attitude: Quaternion(self.attitude.rate(rate_rad_s)),
            angular_momentum_n_m_s: self.attitude.to_world(torque_n_m),
            propellant_kg: -load.mass_flow_kg_s,
        }
    }

    fn to_array(self) -> [f64; SIZE] {
        let ([px, py, pz], [vx, vy, vz]) = (self.position_m, self.velocity_m_s);
        let ([qw, qx, qy, qz], [lx, ly, lz]) = (self.attitude.0, self.angular_momentum_n_m_s);
        [px, py, pz, vx, vy, vz, qw, qx, qy, qz, lx, ly, lz, self.propellant_kg]
    }

    const fn from_array(state: &[f64; SIZE]) -> Self {
        let [px, py, pz, vx, vy, vz, qw, qx, qy, qz, lx, ly, lz, propellant_kg] = *state;
        Self {
            position_m: [px, py, pz],
            velocity_m_s: [vx, vy, vz],
            attitude: Quaternion([qw, qx, qy, qz]),
            angular_momentum_n_m_s: [lx, ly, lz],
            propellant_kg,
        }
    }
}
