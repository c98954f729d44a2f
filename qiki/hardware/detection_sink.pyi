from collections.abc import Sequence
from typing import final

import numpy as np
import numpy.typing as npt

from qiki.radar import Coverage, RadarFrame

@final
class DetectionSink:
    def __init__(self, capacity: int = 8000) -> None: ...
    @property
    def capacity(self) -> int: ...
    def __len__(self) -> int: ...
    def clear(self) -> None: ...
    def push(self, detections: npt.NDArray[np.void]) -> None: ...
    def take_frame(
        self,
        *,
        time_ns: int,
        sensor_id: str = "00000000-0000-0000-0000-000000000000",
        epoch: int = 0,
        number: int = 0,
        range_band: int = 0,
        coverage: Coverage | dict[str, float] | None = None,
        sensor_position_m: Sequence[float] = (0.0, 0.0, 0.0),
        sensor_velocity_m_s: Sequence[float] = (0.0, 0.0, 0.0),
    ) -> RadarFrame: ...

def detection_size() -> int: ...
