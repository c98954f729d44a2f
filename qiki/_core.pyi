"""Types of the compiled core; the docstrings stand at the binding, so that help() shows them."""

from typing import TypedDict

import numpy as np

class _BuildInfo(TypedDict):
    version: str
    profile: str

# build_info
def build_info() -> _BuildInfo: ...

# records
def detection_dtype() -> np.dtype[np.void]: ...
def track_dtype() -> np.dtype[np.void]: ...

# simd_level
def set_simd_level(name: str) -> None: ...
def simd_level() -> str: ...
def simd_levels() -> list[str]: ...
