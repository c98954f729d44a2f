"""Two models in Python, compiled by numba: a cross section and a probability of detection.

qiki scenario check scene.yaml --models all_models.py
"""

import math

from qiki.models import detection_probability_model, rcs_model

WAVELENGTH_M = 0.1
RADIUS_M = 0.5
LENGTH_M = 4.0
REST_M2 = 0.05  # ends, edges: what is left where the side does not shine


@rcs_model
def cylinder(azimuth_deg: float, elevation_deg: float, _time_s: float) -> float:
    """Mean cross section [m^2] of a cylinder whose axis is the direction of flight.

    Physical optics around broadside: k r L^2 cos(psi) (sin x / x)^2, x = k L sin(psi), with psi the
    angle off broadside and k the wave number; E. F. Knott et al., "Radar Cross Section", 2nd ed.
    (2004), chapter 5.
    """
    along = math.cos(math.radians(azimuth_deg)) * math.cos(math.radians(elevation_deg))
    wave_number = 2.0 * math.pi / WAVELENGTH_M
    x = wave_number * LENGTH_M * along
    lobe = 1.0 if abs(x) < 1e-9 else math.sin(x) / x
    across = math.sqrt(max(0.0, 1.0 - along * along))
    return wave_number * RADIUS_M * LENGTH_M**2 * across * lobe * lobe + REST_M2


@detection_probability_model
def moving_target_filter(snr_db: float, _range_m: float, range_rate_m_s: float) -> float:
    """Probability of detection behind a filter that suppresses what does not move.

    A measured curve, half at 12 dB and 2 dB wide, times the response of the filter: half at 5 m/s.
    """
    curve = 1.0 / (1.0 + math.exp((12.0 - snr_db) / 2.0))
    speed2 = range_rate_m_s * range_rate_m_s
    return curve * speed2 / (speed2 + 25.0)
