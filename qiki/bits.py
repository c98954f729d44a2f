"""Bits that numpy arrays hold, as flags."""

from enum import IntFlag

import numpy as np


class BitsOfArrays(IntFlag):
    """Flags that also take numpy's integers, as an element of an array is one."""

    @classmethod
    def _missing_(cls, value: object) -> object:
        return super()._missing_(int(value) if isinstance(value, np.integer) else value)
