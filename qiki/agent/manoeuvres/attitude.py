"""Turning: how far the attitude is from the wanted one, and which torque brings it there.

The error e is the rotation vector of the turn RᵀW that is left, in the body frame, with R the
attitude and W the wanted one. With ω the angular velocity and I the inertia the torque is

    τ = I (ω₀² e' - 2 ζ ω₀ ω) + ω x I ω

where e' is e, shortened so that the turn settles at no more than the highest rate. Without that
limit each axis is a damped oscillation of the angular frequency ω₀; ζ = 1 makes it aperiodic.
"""

from typing import NamedTuple

import numpy as np

from qiki.agent.craft import Vector


class AttitudeGains(NamedTuple):
    """How hard it turns.

    Attributes
    ----------
    frequency_rad_s : ω₀; far below the pulse window's and the ticks' rates.
    damping : ζ.
    rate_rad_s : the highest rate of a turn [rad/s].
    """

    frequency_rad_s: float = 0.4
    damping: float = 1.0
    rate_rad_s: float = 0.07


def attitude_error(attitude: Vector, wanted: Vector) -> Vector:
    """Return the turn that is left, a rotation vector of at most π, (3,) body frame [rad].

    Parameters
    ----------
    attitude, wanted : (3, 3) rotations from the body to the world frame.
    """
    left = attitude.T @ wanted
    axis = 0.5 * np.array(
        [left[2, 1] - left[1, 2], left[0, 2] - left[2, 0], left[1, 0] - left[0, 1]]
    )
    sine, cosine = float(np.linalg.norm(axis)), 0.5 * (float(np.trace(left)) - 1.0)
    angle = np.arctan2(sine, cosine)
    if sine > 1e-6:
        error: Vector = axis * (angle / sine)
        return error
    if cosine > 0.0:
        return axis
    # Half a turn: both directions are as good, and the axis is in the symmetric part, 2 n nᵀ - 1.
    square = 0.5 * (left + np.eye(3))
    largest = int(np.argmax(np.diag(square)))
    half_turn: Vector = np.pi * square[largest] / np.linalg.norm(square[largest])
    return half_turn


def turning_torque(
    error_rad: Vector,
    rate_rad_s: Vector,
    inertia_kg_m2: Vector,
    gains: AttitudeGains | None = None,
) -> Vector:
    """Return the torque of the formula above, (3,) in the body frame [N m].

    Parameters
    ----------
    error_rad : (3,) of `attitude_error` [rad].
    rate_rad_s : (3,) angular velocity in the body frame [rad/s].
    inertia_kg_m2 : (3, 3) [kg m²].
    gains : how hard.
    """
    frequency, damping, most_rad_s = gains or AttitudeGains()
    longest_rad = 2.0 * damping * most_rad_s / frequency
    length_rad = float(np.linalg.norm(error_rad))
    shortened = error_rad * min(1.0, longest_rad / max(length_rad, 1e-12))
    wanted = frequency**2 * shortened - 2.0 * damping * frequency * rate_rad_s
    torque: Vector = inertia_kg_m2 @ wanted + np.cross(rate_rad_s, inertia_kg_m2 @ rate_rad_s)
    return torque
