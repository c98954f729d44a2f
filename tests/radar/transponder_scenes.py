"""Scenes of transponders, and an oracle of their pulses that shares nothing with the core."""

import numpy as np

from qiki.radar import Radar
from tests.radar.scenes import scenario, sensor, target

FOOT_M = 0.3048
LIGHT_M_US = 299.792458
PULSES = ["F1", "C1", "A1", "C2", "A2", "C4", "A4", "X", "B1", "D1", "B2", "D2", "B4", "D4", "F2"]
PLACE_US, PULSE_US = 1.45, 0.45
STRONG = 60.0


def replying(name, position_m, *, rcs_dbsm=STRONG, velocity_m_s=(0.0, 0.0, 0.0), **transponder):
    """A target whose transponder replies; strong, so that every look sees it."""
    fields = {"mode": "on", **transponder}
    return target(name, position_m, velocity_m_s, rcs_dbsm, transponder=fields)


def radar(targets, *, sensor_fields=None, **interrogator):
    """A radar with an interrogator."""
    fields = {"coverage": {"elevation_deg": [-90.0, 90.0]}, **(sensor_fields or {})}
    scan = fields.pop("scan", {"staring": {"period_s": 0.1}})
    one = sensor(interrogator=interrogator, **fields) | {"scan": scan}
    return Radar(scenario(targets, [one]))


def at(range_m, bearing_deg, height_m=0.0):
    """The place at a slant range and bearing."""
    ground_m = np.sqrt(range_m**2 - height_m**2)
    angle = np.radians(bearing_deg)
    return (ground_m * np.sin(angle), ground_m * np.cos(angle), height_m)


def pulses_of(code):
    """Names of the pulses of a code, four octal digits as text."""
    digits = zip("ABCD", code, strict=True)
    weights = [(letter, int(digit), weight) for letter, digit in digits for weight in (1, 2, 4)]
    return {"F1", "F2"} | {f"{letter}{weight}" for letter, sum_, weight in weights if sum_ & weight}


def arrivals_us(pulses, range_m):
    """When the pulses of a reply reach the receiver [us]."""
    delay_us = 2.0 * range_m / LIGHT_M_US
    return [delay_us + PLACE_US * PULSES.index(pulse) for pulse in pulses]


def read(range_m, received_us):
    """The code that a decoder reads at the places of a reply from this range."""
    delay_us = 2.0 * range_m / LIGHT_M_US
    received_us = np.asarray(received_us)

    def there(pulse):
        place_us = delay_us + PLACE_US * PULSES.index(pulse)
        return bool((np.abs(received_us - place_us) <= PULSE_US).any())

    def digit(letter):
        return sum(weight for weight in (1, 2, 4) if there(f"{letter}{weight}"))

    return "".join(str(digit(letter)) for letter in "ABCD")


def altitude_codes():
    """Codes by altitude [ft], as the table is made: each step changes one pulse.

    The C pulses run through 1, 3, 2, 6, 4 (as C4 lowest) and back; at each turn the others take the
    next number of the reflected binary code.
    """
    codes = {}
    coarse = [0]
    for bit in range(8):
        coarse += [number | 1 << bit for number in reversed(coarse)]
    for step, number in enumerate(coarse):
        names = ["D2", "D4", "A1", "A2", "A4", "B1", "B2", "B4"]
        pulses = {name for place, name in enumerate(names) if number >> (7 - place) & 1}
        fine = [{"C4"}, {"C2", "C4"}, {"C2"}, {"C1", "C2"}, {"C1"}]
        for part, extra in enumerate(fine if step % 2 == 0 else fine[::-1]):
            codes[-1200 + 500 * step + 100 * part] = "".join(
                str(sum(w for w in (1, 2, 4) if f"{letter}{w}" in pulses | extra))
                for letter in "ABCD"
            )
    # The numbers begin two steps below the lowest altitude that is used.
    return {altitude_ft: code for altitude_ft, code in codes.items() if altitude_ft >= -1000}
