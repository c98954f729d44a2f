"""Models that you write, compiled, and called by the core without the GIL.

A model is a function of three numbers that returns one. Write it with numba, by a decorator of this
module, or in Cython or C, as a capsule for `from_capsule`:

>>> import math
>>> from qiki.models import rcs_model
>>> @rcs_model
... def flat_plate(azimuth_deg, elevation_deg, time_s):
...     return 10.0 * math.cos(math.radians(azimuth_deg)) ** 2
>>> flat_plate(60.0, 0.0, 0.0)
2.5

===================== =================================== ========================================
kind                  asked                               returns
===================== =================================== ========================================
rcs                   azimuth_deg, elevation_deg, time_s  mean radar cross section [m^2], 0 to 1e10
detection_probability snr_db, range_m, range_rate_m_s     probability of detection, 0 to 1
clutter_density       east_m, north_m, time_s             clutter plots per km^2 and look, 0 to 1e6
===================== =================================== ========================================

The core calls a model from any thread and in any order. It must return the same for the same
numbers, or runs do not repeat, and must neither allocate nor touch a Python object. What it returns
is checked: for a value that is not finite or outside the limits the error names model, arguments
and value. A function compiled by a decorator that raises gives NaN, so this is found, too.

A scenario names models (`rcs_model` of targets and groups, `detection_probability_model` of a
sensor's `detection`, `density_model` of clutter); a radar is given them:
``Radar(scenario, models=[flat_plate])``. A frame for which a model answers what it must not is not
made: `ModelError` names the model, its arguments and the value, and the next frame can be asked
for. ``docs/models.md`` has more.

A tracker's models are asked of states and answer with matrices: `motion_model` and
`motion_from_capsule` make motion models for `qiki.tracking.UserMotion`, `measurement_model` and
`measurement_from_capsules` what `Tracker.step_measurements` takes. `check_derivatives` compares the
derivatives that they answer with differences of their answers.
"""

from qiki._core import CompiledMeasurement, CompiledMotion
from qiki.models.capsule import SIGNATURE, SIGNATURE_WITH_DATA, from_capsule
from qiki.models.compiled import clutter_density_model, detection_probability_model, rcs_model
from qiki.models.derivatives import Deviation, check_derivatives
from qiki.models.measurement import (
    MEASUREMENT_SIGNATURE,
    START_SIGNATURE,
    measurement_from_capsules,
    measurement_model,
)
from qiki.models.module import models_for, models_of
from qiki.models.motion import (
    MOTION_SIGNATURE,
    MOTION_SIGNATURE_WITH_DATA,
    motion_from_capsule,
    motion_model,
)
from qiki.models.user_model import UserModel

__all__ = [
    "MEASUREMENT_SIGNATURE",
    "MOTION_SIGNATURE",
    "MOTION_SIGNATURE_WITH_DATA",
    "SIGNATURE",
    "SIGNATURE_WITH_DATA",
    "START_SIGNATURE",
    "CompiledMeasurement",
    "CompiledMotion",
    "Deviation",
    "UserModel",
    "check_derivatives",
    "clutter_density_model",
    "detection_probability_model",
    "from_capsule",
    "measurement_from_capsules",
    "measurement_model",
    "models_for",
    "models_of",
    "motion_from_capsule",
    "motion_model",
    "rcs_model",
]
