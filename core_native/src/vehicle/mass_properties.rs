//! Mass and inertia of a body whose propellant is used up.
//!
//! The origin of the body frame is the centre of mass of the dry body. The propellant keeps filling
//! a sphere round it evenly, as one held by a membrane or a sponge does: so the centre of mass stays
//! where it is, and m kg of it in a tank of radius r add (2/5) m r² to each moment of inertia.
//! Sloshing and tanks off the centre are not modelled.

use crate::geometry::{cross, dot};

/// A symmetric tensor by its rows, as the inertia about the centre of mass \[kg m²\].
pub type Tensor = [[f64; 3]; 3];

/// How a body resists forces and torques.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MassProperties {
    /// Mass without propellant \[kg\].
    pub dry_mass_kg: f64,
    /// Inertia without propellant about the centre of mass, in the body frame \[kg m²\].
    pub dry_inertia_kg_m2: Tensor,
    /// Radius of the tank \[m\].
    pub tank_radius_m: f64,
}

impl MassProperties {
    /// Mass with `propellant_kg` \[kg\].
    pub fn mass_kg(&self, propellant_kg: f64) -> f64 {
        self.dry_mass_kg + propellant_kg
    }

    /// Moment of inertia of one kilogram of propellant \[m²\].
    pub fn propellant_inertia_m2(&self) -> f64 {
        0.4 * self.tank_radius_m * self.tank_radius_m
    }

    /// Inertia with `propellant_kg` \[kg m²\].
    #[inline(always)]
    pub fn inertia_kg_m2(&self, propellant_kg: f64) -> Tensor {
        let mut inertia = self.dry_inertia_kg_m2;
        for axis in 0..3 {
            inertia[axis][axis] += propellant_kg * self.propellant_inertia_m2();
        }
        inertia
    }

    /// Trace of the inverse of the inertia without propellant \[1/(kg m²)\]: a force at r from the centre of
    /// mass meets at least the mass 1 / (1/m + |r|² tr I⁻¹).
    pub fn inverse_inertia_trace(&self) -> f64 {
        let along = |axis: usize| {
            let mut unit = [0.0; 3];
            unit[axis] = 1.0;
            solve(&self.dry_inertia_kg_m2, unit)[axis]
        };
        [0, 1, 2].map(along).iter().sum()
    }
}

/// The product of a tensor and a vector.
#[inline(always)]
pub fn times(tensor: &Tensor, vector: [f64; 3]) -> [f64; 3] {
    tensor.map(|row| dot(row, vector))
}

/// The vector whose product with a symmetric tensor is `product`, by the adjugate.
#[inline(always)]
pub fn solve(tensor: &Tensor, product: [f64; 3]) -> [f64; 3] {
    let [[xx, xy, xz], [_, yy, yz], [_, _, zz]] = *tensor;
    let [axx, axy, axz] = [yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy];
    let [ayy, ayz, azz] = [xx * zz - xz * xz, xy * xz - xx * yz, xx * yy - xy * xy];
    let adjugate = [[axx, axy, axz], [axy, ayy, ayz], [axz, ayz, azz]];
    let determinant = xx * axx + xy * axy + xz * axz;
    times(&adjugate, product).map(|component| component / determinant)
}

/// Whether a symmetric tensor is positive definite, by its leading minors.
pub fn is_positive_definite(tensor: &Tensor) -> bool {
    let [[xx, xy, _], [_, yy, _], _] = *tensor;
    xx > 0.0 && xx * yy - xy * xy > 0.0 && determinant(tensor) > 0.0
}

/// Whether a mass can be distributed so that it has this inertia: no principal moment is above the
/// sum of the other two.
///
/// That is so where the second moments of the mass, (tr I / 2) 1 - I, are positive semidefinite
/// (S. Traversaro et al., IROS 2016, 5446, section III). A flat plate is at the limit, so one part in
/// 10⁹ is left for rounding.
pub fn is_of_a_mass(inertia: &Tensor) -> bool {
    let half_trace = 0.5 * (inertia[0][0] + inertia[1][1] + inertia[2][2]);
    let slack = 1e-9 * half_trace;
    let mut moments = inertia.map(|row| row.map(|entry| -entry));
    for axis in 0..3 {
        moments[axis][axis] += half_trace + slack;
    }
    is_positive_definite(&moments)
}

fn determinant(tensor: &Tensor) -> f64 {
    let [first, second, third] = *tensor;
    dot(first, cross(second, third))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENSOR: Tensor = [[12.0, -1.5, 0.4], [-1.5, 9.0, 2.0], [0.4, 2.0, 14.0]];

    #[test]
    fn solving_is_the_inverse_of_the_product() {
        let vector = [0.3, -7.0, 2.5];
        let back = solve(&TENSOR, times(&TENSOR, vector));
        assert!(back.iter().zip(vector).all(|(a, b)| (a - b).abs() < 1e-14), "{back:?}");
    }

    #[test]
    fn propellant_adds_mass_and_the_inertia_of_a_sphere() {
        let body =
            MassProperties { dry_mass_kg: 100.0, dry_inertia_kg_m2: TENSOR, tank_radius_m: 0.5 };
        assert_eq!(body.mass_kg(12.0), 112.0);
        let inertia = body.inertia_kg_m2(10.0);
        assert_eq!(inertia[1], [-1.5, 10.0, 2.0]);
        assert_eq!(inertia[0][0], 13.0);
    }

    #[test]
    fn only_the_inertia_of_a_mass_is_one() {
        let diagonal = |x: f64, y: f64, z: f64| [[x, 0.0, 0.0], [0.0, y, 0.0], [0.0, 0.0, z]];
        assert!(is_of_a_mass(&TENSOR) && is_positive_definite(&TENSOR));
        // A flat plate is the limit of the triangle inequality.
        assert!(is_of_a_mass(&diagonal(1.0, 2.0, 3.0)));
        assert!(!is_of_a_mass(&diagonal(1.0, 2.0, 3.001)));
        assert!(!is_of_a_mass(&diagonal(7.0, 2.0, 3.0)));
        // The same beyond the limit, turned out of the principal axes: moments 1, 2 and 3.5.
        let turned = [[2.25, 1.25, 0.0], [1.25, 2.25, 0.0], [0.0, 0.0, 2.0]];
        assert!(is_positive_definite(&turned) && !is_of_a_mass(&turned));
        assert!(!is_positive_definite(&diagonal(1.0, -1.0, 1.0)));
        assert!(!is_positive_definite(&[[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]]));
        assert!(!is_positive_definite(&[[f64::NAN; 3]; 3]));
    }
}
