"""Types of the compiled core; the docstrings stand at the binding, so that help() shows them."""

from collections.abc import Sequence
from typing import Protocol, TypedDict, final

import numpy as np
import numpy.typing as npt
from typing_extensions import CapsuleType

class _BuildInfo(TypedDict):
    version: str
    profile: str

# asterix
@final
class AsterixColumns:
    @property
    def plots(self) -> npt.NDArray[np.void]: ...
    @property
    def details(self) -> npt.NDArray[np.void]: ...
    @property
    def services(self) -> npt.NDArray[np.void]: ...
    @property
    def tally(self) -> dict[str, int]: ...
    @property
    def faults(self) -> list[tuple[str, int, str]]: ...
    def cut(
        self,
        *,
        source: tuple[int, int] | None = None,
        rotation_period_s: float | None = None,
        max_range_m: float | None = None,
        max_elevation_deg: float = 45.0,
    ) -> AsterixScans: ...

@final
class AsterixScans:
    @property
    def plots(self) -> npt.NDArray[np.void]: ...
    @property
    def details(self) -> npt.NDArray[np.void]: ...
    @property
    def starts(self) -> npt.NDArray[np.int64]: ...
    @property
    def end_times_ns(self) -> npt.NDArray[np.int64]: ...
    @property
    def source(self) -> tuple[int, int]: ...
    @property
    def sensor_id(self) -> str: ...
    @property
    def rotation_period_s(self) -> float: ...
    @property
    def max_range_m(self) -> float: ...
    @property
    def other_plots(self) -> int: ...
    @property
    def refused_markers(self) -> int: ...
    def __len__(self) -> int: ...
    def frame(self, number: int, *, identity: str = "withheld", epoch: int = 0) -> RadarFrame: ...

def asterix_replay_epoch(data: bytes, identity: str) -> int: ...
def read_asterix_columns(
    data: bytes,
    *,
    format: str | None = None,
    udp_port: int | None = None,
    tolerant: bool = False,
    range_std_m: float = 30.0,
    bearing_std_deg: float = 0.06,
    height_std_m: float = 15.0,
    range_rate_std_m_s: float = 2.0,
    doppler_sign: str = "unknown",
) -> AsterixColumns: ...

# build_info
def build_info() -> _BuildInfo: ...

# c_api_capsule
_C_API: CapsuleType

# coverage
@final
class Coverage:
    def __new__(
        cls,
        *,
        min_range_m: float = 0.0,
        max_range_m: float = 1e9,
        bearing_start_deg: float = 0.0,
        bearing_extent_deg: float = 360.0,
        min_elevation_deg: float = -90.0,
        max_elevation_deg: float = 90.0,
    ) -> Coverage: ...
    @property
    def min_range_m(self) -> float: ...
    @property
    def max_range_m(self) -> float: ...
    @property
    def bearing_start_deg(self) -> float: ...
    @property
    def bearing_extent_deg(self) -> float: ...
    @property
    def min_elevation_deg(self) -> float: ...
    @property
    def max_elevation_deg(self) -> float: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...

# detection_sink
def detection_sink_capacity(sink: CapsuleType) -> int: ...
def detection_sink_new(capacity: int) -> CapsuleType: ...
def detection_sink_push(sink: CapsuleType, detections: npt.NDArray[np.void]) -> None: ...
def detection_sink_take_frame(sink: CapsuleType, header: RadarFrame) -> RadarFrame: ...

# frame
@final
class RadarFrame:
    def __new__(
        cls,
        detections: npt.NDArray[np.void],
        *,
        time_ns: int,
        sensor_id: str = "00000000-0000-0000-0000-000000000000",
        epoch: int = 0,
        number: int = 0,
        range_band: int = 0,
        coverage: Coverage | dict[str, float] | None = None,
        sensor_position_m: Sequence[float] = ...,
        sensor_velocity_m_s: Sequence[float] = ...,
        truth: npt.NDArray[np.int32] | None = None,
    ) -> RadarFrame: ...
    @property
    def detections(self) -> npt.NDArray[np.void]: ...
    @property
    def truth(self) -> npt.NDArray[np.int32]: ...
    @property
    def time_ns(self) -> int: ...
    @property
    def sensor_id(self) -> str: ...
    @property
    def epoch(self) -> int: ...
    @property
    def number(self) -> int: ...
    @property
    def frame_id(self) -> str: ...
    @property
    def range_band(self) -> int: ...
    @property
    def coverage(self) -> Coverage: ...
    @property
    def sensor_position_m(self) -> tuple[float, float, float]: ...
    @property
    def sensor_velocity_m_s(self) -> tuple[float, float, float]: ...
    def __len__(self) -> int: ...
    def split(self, sr_threshold_m: float) -> BandFrames: ...

@final
class BandFrames:
    @property
    def all(self) -> RadarFrame: ...
    @property
    def long(self) -> RadarFrame: ...
    @property
    def short(self) -> RadarFrame: ...

# records
def detection_dtype() -> np.dtype[np.void]: ...
def plot_detail_dtype() -> np.dtype[np.void]: ...
def service_message_dtype() -> np.dtype[np.void]: ...
def track_dtype() -> np.dtype[np.void]: ...

# simd_level
def set_simd_level(name: str) -> None: ...
def simd_level() -> str: ...
def simd_levels() -> list[str]: ...

# assignment
def assign(
    rows: npt.NDArray[np.uint32],
    columns: npt.NDArray[np.uint32],
    costs: npt.NDArray[np.float64],
    *,
    row_count: int,
    column_count: int,
    miss_cost: float | npt.NDArray[np.float64],
) -> npt.NDArray[np.int64]: ...

# filter
_States = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]

def predict(
    state: npt.NDArray[np.float64],
    covariance: npt.NDArray[np.float64],
    dt_s: float,
    process_noise_m2_s3: float,
) -> _States: ...
def update_polar(
    state: npt.NDArray[np.float64],
    covariance: npt.NDArray[np.float64],
    detections: npt.NDArray[np.void],
    sensor_position_m: Sequence[float] = ...,
    sensor_velocity_m_s: Sequence[float] = ...,
) -> _States: ...
def update_position(
    state: npt.NDArray[np.float64],
    covariance: npt.NDArray[np.float64],
    position_m: npt.NDArray[np.float64],
    measurement_covariance_m2: Sequence[Sequence[float]] | npt.NDArray[np.float64],
) -> _States: ...

# tracker
class _TrackerSettings(Protocol):
    def to_json(self) -> str: ...

@final
class Tracker:
    def __new__(
        cls,
        config: _TrackerSettings | None = None,
        *,
        tracker_id: str = ...,
        epoch: int = 0,
    ) -> Tracker: ...
    def step(self, frame: RadarFrame) -> StepResult: ...
    def step_positions(
        self,
        positions_m: npt.NDArray[np.float64],
        covariance_m2: npt.NDArray[np.float64],
        time_ns: int,
        *,
        volume_m3: float | None = None,
    ) -> StepResult: ...
    def tracks(self, time_ns: int | None = None) -> npt.NDArray[np.void]: ...
    def snapshot(self) -> bytes: ...
    @staticmethod
    def restore(snapshot: bytes, config: _TrackerSettings | None = None) -> Tracker: ...
    @property
    def tracker_id(self) -> str: ...
    @property
    def epoch(self) -> int: ...

@final
class StepResult:
    @property
    def tracks(self) -> npt.NDArray[np.void]: ...
    @property
    def detection_track(self) -> npt.NDArray[np.uint64]: ...
    @property
    def time_ns(self) -> int: ...
