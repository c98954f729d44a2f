//! Attitudes as unit quaternions from the body frame to the world frame.
//!
//! The body frame has X to starboard, Y to the bow and Z up, the world frame X east, Y north and Z
//! up, so that the attitude of a level vehicle that heads north is 1. Hamilton's product; heading,
//! pitch and roll are turns in this order: B. L. Stevens and F. L. Lewis, "Aircraft Control and
//! Simulation", 2nd ed. (2003), section 1.3, in these axes.

use crate::geometry::{cross, dot};
use crate::numeric::{DEG_PER_RAD, atan2, sin_cos_deg, wrap_360};

/// A quaternion w + x i + y j + z k as `[w, x, y, z]`; an attitude has length 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quaternion(pub [f64; 4]);

/// How a body stands \[deg\].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EulerAngles {
    /// Where the bow points, clockwise from north, 0 ≤ heading < 360.
    pub heading_deg: f64,
    /// How far the bow is above the horizon, -90 to 90.
    pub pitch_deg: f64,
    /// How far the starboard side is down, seen along the bow, -180 to 180.
    pub roll_deg: f64,
}

impl Quaternion {
    /// The attitude of a level body that heads north.
    pub const IDENTITY: Self = Self([1.0, 0.0, 0.0, 0.0]);

    /// The attitude of these angles: R = Rz(-heading) Rx(pitch) Ry(roll).
    pub fn from_euler(angles: EulerAngles) -> Self {
        let half = |angle_deg: f64| sin_cos_deg(0.5 * angle_deg);
        let (sin_heading, cos_heading) = half(-angles.heading_deg);
        let (sin_pitch, cos_pitch) = half(angles.pitch_deg);
        let (sin_roll, cos_roll) = half(angles.roll_deg);
        let heading = Self([cos_heading, 0.0, 0.0, sin_heading]);
        let pitch = Self([cos_pitch, sin_pitch, 0.0, 0.0]);
        let roll = Self([cos_roll, 0.0, sin_roll, 0.0]);
        heading.times(pitch).times(roll).normalised()
    }

    /// Heading, pitch and roll; with the bow straight up or down the roll is in the heading.
    pub fn euler(self) -> EulerAngles {
        let bow = self.to_world([0.0, 1.0, 0.0]);
        let [starboard, up] = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]].map(|axis| self.to_world(axis));
        let level = (bow[0] * bow[0] + bow[1] * bow[1]).sqrt();
        let pitch_deg = atan2(bow[2], level) * DEG_PER_RAD;
        if level < 1e-9 {
            let heading_deg = wrap_360(atan2(-starboard[1], starboard[0]) * DEG_PER_RAD);
            return EulerAngles { heading_deg, pitch_deg, roll_deg: 0.0 };
        }
        EulerAngles {
            heading_deg: wrap_360(atan2(bow[0], bow[1]) * DEG_PER_RAD),
            pitch_deg,
            roll_deg: atan2(-starboard[2], up[2]) * DEG_PER_RAD,
        }
    }

    /// The turn of the axes X, Y and Z to these, which are a right-handed set of unit vectors: S. W.
    /// Shepperd, "Quaternion from rotation matrix", J. Guidance and Control 1 (1978), 223.
    pub fn from_axes([x, y, z]: [[f64; 3]; 3]) -> Self {
        let squares = [
            1.0 + x[0] + y[1] + z[2],
            1.0 + x[0] - y[1] - z[2],
            1.0 - x[0] + y[1] - z[2],
            1.0 - x[0] - y[1] + z[2],
        ];
        let [wx, wy, wz] = [y[2] - z[1], z[0] - x[2], x[1] - y[0]];
        let [xy, xz, yz] = [x[1] + y[0], z[0] + x[2], y[2] + z[1]];
        let rows = [
            [squares[0], wx, wy, wz],
            [wx, squares[1], xy, xz],
            [wy, xy, squares[2], yz],
            [wz, xz, yz, squares[3]],
        ];
        // By the largest part, so that nothing is lost in a difference.
        let largest =
            (1..4).fold(0, |best, part| if squares[part] > squares[best] { part } else { best });
        Self(rows[largest]).normalised()
    }

    /// The turn back, for an attitude of length 1.
    #[inline(always)]
    pub fn inverse(self) -> Self {
        let [w, x, y, z] = self.0;
        Self([w, -x, -y, -z])
    }

    /// The product: first `other`, then this one.
    #[inline(always)]
    pub fn times(self, other: Self) -> Self {
        let ([a, b, c, d], [w, x, y, z]) = (self.0, other.0);
        Self([
            a * w - b * x - c * y - d * z,
            a * x + b * w + c * z - d * y,
            a * y - b * z + c * w + d * x,
            a * z + b * y - c * x + d * w,
        ])
    }

    /// Rate of change of an attitude that turns with `rate_rad_s` in the body frame:
    /// q' = q (0, ω) / 2 (Stevens and Lewis, section 1.3).
    #[inline(always)]
    pub fn rate(self, rate_rad_s: [f64; 3]) -> [f64; 4] {
        let [x, y, z] = rate_rad_s;
        self.times(Self([0.0, 0.5 * x, 0.5 * y, 0.5 * z])).0
    }

    /// A vector of the body frame in the world frame, for an attitude of length 1.
    #[inline(always)]
    pub fn to_world(self, vector: [f64; 3]) -> [f64; 3] {
        let [w, x, y, z] = self.0;
        turned(w, [x, y, z], vector)
    }

    /// A vector of the world frame in the body frame, for an attitude of length 1.
    #[inline(always)]
    pub fn to_body(self, vector: [f64; 3]) -> [f64; 3] {
        let [w, x, y, z] = self.0;
        turned(w, [-x, -y, -z], vector)
    }

    /// The same direction with length 1.
    #[inline(always)]
    pub fn normalised(self) -> Self {
        let [w, x, y, z] = self.0;
        let length = (w * w + dot([x, y, z], [x, y, z])).sqrt();
        Self(self.0.map(|part| part / length))
    }
}

/// v + 2 u × (u × v + w v), the turn of v by w + u.
#[inline(always)]
fn turned(w: f64, u: [f64; 3], v: [f64; 3]) -> [f64; 3] {
    let inner = cross(u, v);
    let outer = cross(u, std::array::from_fn(|axis| inner[axis] + w * v[axis]));
    std::array::from_fn(|axis| v[axis] + 2.0 * outer[axis])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::wrap_180;

    fn attitude(heading_deg: f64, pitch_deg: f64, roll_deg: f64) -> Quaternion {
        Quaternion::from_euler(EulerAngles { heading_deg, pitch_deg, roll_deg })
    }

    fn assert_near(a: [f64; 3], b: [f64; 3]) {
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12), "{a:?} {b:?}");
    }

    #[test]
    fn the_angles_turn_as_a_ship_does() {
        let [starboard, bow, up] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        assert_near(attitude(90.0, 0.0, 0.0).to_world(bow), [1.0, 0.0, 0.0]);
        assert_near(attitude(90.0, 0.0, 0.0).to_world(starboard), [0.0, -1.0, 0.0]);
        assert_near(attitude(0.0, 90.0, 0.0).to_world(bow), up);
        assert_near(attitude(0.0, 0.0, 90.0).to_world(starboard), [0.0, 0.0, -1.0]);
        assert_near(attitude(0.0, 0.0, 90.0).to_world(up), [1.0, 0.0, 0.0]);
        // Heading first, as the matrix of `docs/radar-scan.md` for level vehicles.
        assert_near(attitude(90.0, 30.0, 0.0).to_world(bow), [0.75_f64.sqrt(), 0.0, 0.5]);
    }

    #[test]
    fn angles_come_back() {
        for heading in (0..360).step_by(15) {
            for pitch in (-89..90).step_by(7) {
                for roll in (-175..180).step_by(25) {
                    let told = [heading, pitch, roll].map(f64::from);
                    let angles = attitude(told[0], told[1], told[2]).euler();
                    let read = [angles.heading_deg, angles.pitch_deg, angles.roll_deg];
                    let is_near = |(a, b): (&f64, f64)| wrap_180(a - b).abs() < 1e-9;
                    assert!(read.iter().zip(told).all(is_near), "{told:?} {read:?}");
                }
            }
        }
    }

    #[test]
    fn a_bow_straight_up_has_the_roll_in_the_heading() {
        for (pitch_deg, roll_deg) in [(90.0, 20.0), (-90.0, 20.0), (90.0, -170.0)] {
            let told = attitude(50.0, pitch_deg, roll_deg);
            let EulerAngles { heading_deg, pitch_deg, roll_deg } = told.euler();
            assert_eq!(roll_deg, 0.0);
            let same = attitude(heading_deg, pitch_deg, 0.0);
            assert_near(same.to_world([1.0, 2.0, 3.0]), told.to_world([1.0, 2.0, 3.0]));
        }
    }

    #[test]
    fn axes_give_back_the_attitude_that_turned_them() {
        let units = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        for heading in (0..360).step_by(15) {
            for pitch in (-90..=90).step_by(15) {
                for roll in (-180..180).step_by(30) {
                    let told = attitude(f64::from(heading), f64::from(pitch), f64::from(roll));
                    let read = Quaternion::from_axes(units.map(|unit| told.to_world(unit)));
                    for unit in units {
                        assert_near(read.to_world(unit), told.to_world(unit));
                        assert_near(read.inverse().to_world(told.to_world(unit)), unit);
                    }
                }
            }
        }
    }

    #[test]
    fn world_and_body_are_each_other_s_inverse() {
        let (turn, vector) = (attitude(33.0, -41.0, 119.0), [3.0, -1.0, 2.0]);
        assert_near(turn.to_body(turn.to_world(vector)), vector);
        let then = attitude(200.0, 10.0, -5.0);
        assert_near(then.times(turn).to_world(vector), then.to_world(turn.to_world(vector)));
    }
}
