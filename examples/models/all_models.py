"""What --models is told: every UserModel among the attributes of this module is a model."""

import cython_plate
from numba_bodies import cylinder, moving_target_filter

from qiki.models import from_capsule

__all__ = ["cylinder", "moving_target_filter", "tumbling_plate"]

tumbling_plate = from_capsule(
    "rcs", cython_plate.__pyx_capi__["tumbling_plate"], name="tumbling_plate"
)
