"""ASTERIX recordings: plots of CAT048 as numpy records, cut into turns, one frame each."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from os import PathLike
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from qiki._core import (
    AsterixColumns,
    AsterixScans,
    RadarFrame,
    asterix_replay_epoch,
    plot_detail_dtype,
    read_asterix_columns,
    service_message_dtype,
)
from qiki.bits import BitsOfArrays
from qiki.radar.silence import with_clock_frames

__all__ = [
    "NO_TRACK_NUMBER",
    "PLOT_DETAIL_DTYPE",
    "SERVICE_MESSAGE_DTYPE",
    "AsterixRecording",
    "PlotFlags",
    "SensorAccuracy",
    "read_asterix",
    "read_asterix_columns",
]

PLOT_DETAIL_DTYPE: np.dtype[np.void] = plot_detail_dtype()
"""What a record says besides the measurement: place, source, view of the radar's own tracker."""

SERVICE_MESSAGE_DTYPE: np.dtype[np.void] = service_message_dtype()
"""One CAT034 message: type, time, sector azimuth, rotation period (NaN where absent)."""

NO_TRACK_NUMBER = 0xFFFF
"""`track_number` of a plot that the radar gave none."""

Identity = Literal["withheld", "used"]
Source = tuple[int, int]
Recorded = str | PathLike[str] | bytes


class PlotFlags(BitsOfArrays):
    """Bits of a plot detail's `flags`, as the record states them.

    Attributes
    ----------
    SIMULATED, TEST, FIELD_MONITOR
        A simulated target, a test target, a transponder on the ground that monitors the radar.
    SPECIAL_POSITION
        The pilot pressed "ident" (SPI).
    HEIGHT_REFUSED, MODE_3A_REFUSED
        Not validated or garbled, or a code not of this turn: the plot is without it.
    IDENTIFICATION_REFUSED
        It holds a character that ICAO leaves undefined: the plot is without it.
    """

    SIMULATED = 1 << 0
    TEST = 1 << 1
    FIELD_MONITOR = 1 << 2
    SPECIAL_POSITION = 1 << 3
    HEIGHT_REFUSED = 1 << 4
    MODE_3A_REFUSED = 1 << 5
    IDENTIFICATION_REFUSED = 1 << 6


@dataclass(frozen=True, kw_only=True)
class SensorAccuracy:
    """Standard deviations of a radar's measurements, for CAT048 carries none.

    Parameters
    ----------
    range_std_m : float
        Of the slant range [m].
    bearing_std_deg : float
        Of the bearing [deg].
    height_std_m : float
        Of the height from the flight level [m].
    range_rate_std_m_s : float
        Of the range rate [m/s], where there is one.
    """

    range_std_m: float = 30.0
    bearing_std_deg: float = 0.06
    height_std_m: float = 15.0
    range_rate_std_m_s: float = 2.0


@dataclass(frozen=True)
class AsterixRecording:
    """The plots of one radar, turn by turn and within a turn by time.

    The arrays are views of the core's memory and read-only. Times count from the midnight (UTC)
    before the first plot and run on through the next one; the format carries no date.

    Attributes
    ----------
    columns : AsterixColumns
        Every record of the file in its order, of all radars, with what was passed over.
    scans : AsterixScans
        The turns of the chosen radar.
    """

    columns: AsterixColumns
    scans: AsterixScans
    _data: bytes = field(repr=False)

    @property
    def plots(self) -> npt.NDArray[np.void]:
        """The plots with their identity, (n,) DETECTION_DTYPE."""
        return self.scans.plots

    @property
    def details(self) -> npt.NDArray[np.void]:
        """What else each plot's record says, (n,) PLOT_DETAIL_DTYPE."""
        return self.scans.details

    @property
    def services(self) -> npt.NDArray[np.void]:
        """The CAT034 messages of all radars, (m,) SERVICE_MESSAGE_DTYPE."""
        return self.columns.services

    @property
    def scan_starts(self) -> npt.NDArray[np.int64]:
        """Turn ``k`` is ``plots[scan_starts[k]:scan_starts[k + 1]]``; (turns + 1,) int64."""
        return self.scans.starts

    @property
    def sac(self) -> int:
        """System area code of the radar."""
        return self.scans.source[0]

    @property
    def sic(self) -> int:
        """System identification code of the radar."""
        return self.scans.source[1]

    @property
    def sensor_id(self) -> str:
        """UUID v5 of SAC and SIC, the same for every recording of the radar."""
        return self.scans.sensor_id

    @property
    def rotation_period_s(self) -> float:
        """Time of one turn [s]."""
        return self.scans.rotation_period_s

    def epoch(self, identity: Identity = "withheld") -> int:
        """Epoch of a replay: a hash of the file's contents and of `identity`."""
        return asterix_replay_epoch(self._data, identity)

    def frames(
        self, identity: Identity = "withheld", epoch: int | None = None
    ) -> Iterator[RadarFrame]:
        """Make the frames, one per turn of the antenna.

        A frame's time is the end of its turn. Its coverage is the whole turn, but of the first
        and the last only the part that was recorded, and without the cone of silence.

        Parameters
        ----------
        identity : str
            ``"withheld"`` removes address, Mode 3/A code, identification and the reply itself
            before the frame is made; the radar's track number and velocity are never in a frame.
        epoch : int, optional
            Epoch of the frames; None derives it from the file's contents.

        Yields
        ------
        RadarFrame
            In order of time, numbered from 0.
        """
        epoch = self.epoch(identity) if epoch is None else epoch
        for number in range(len(self.scans)):
            yield self.scans.frame(number, identity=identity, epoch=epoch)

    def frames_with_clock(self, identity: Identity = "withheld") -> Iterator[RadarFrame]:
        """Make the frames as a tracker gets them: clock frames fill the radar's silences.

        Those are more than 64 turns without a plot; fewer are turns that saw nothing.

        Parameters
        ----------
        identity : str
            As for `frames`.

        Yields
        ------
        RadarFrame
            In order of time, numbered from 0; behind a silence the numbers are not those of turns.
        """
        period_ns = round(self.rotation_period_s * 1e9)
        return with_clock_frames(self.frames(identity), period_ns)


def read_asterix(
    recorded: Recorded,
    *,
    format: Literal["blocks", "pcap", "pcapng"] | None = None,
    source: Source | None = None,
    udp_port: int | None = None,
    tolerant: bool = False,
    accuracy: SensorAccuracy | None = None,
    doppler_sign: Literal["unknown", "receding", "approaching"] = "unknown",
    rotation_period_s: float | None = None,
    max_range_m: float | None = None,
    max_elevation_deg: float = 45.0,
) -> AsterixRecording:
    """Read the plots of one radar from ASTERIX and cut them into turns.

    Parameters
    ----------
    recorded : path or bytes
        Concatenated data blocks (``.ast``, ``.raw``), or a pcap or pcapng capture.
    format : str, optional
        ``"blocks"``, ``"pcap"`` or ``"pcapng"``; None tells it from the first four bytes.
    source : (int, int), optional
        SAC and SIC of the radar; needed where the recording holds plots of several.
    udp_port : int, optional
        Of a capture, only the datagrams to this port.
    tolerant : bool
        List what cannot be read in ``columns.faults`` and go on, instead of raising.
    accuracy : SensorAccuracy, optional
        Accuracy of the radar, written into every plot; None takes the defaults.
    doppler_sign : str
        What a positive calculated Doppler speed (I048/120) means. The standard does not say, so
        with ``"unknown"`` the range rate stays absent.
    rotation_period_s : float, optional
        Time of one turn [s]; None takes it from the service messages, else from the plots.
    max_range_m : float, optional
        Instrumented range [m]; None takes that of the furthest plot, up to the next nautical mile.
    max_elevation_deg : float
        Edge of the cone of silence [deg]: an aircraft above it is not missed but unseen. About
        45 deg is usual for an air surveillance radar.

    Returns
    -------
    AsterixRecording

    Raises
    ------
    qiki.errors.DecodeError
        Bytes that cannot be read, with offset and reason.
    qiki.errors.SettingError
        An argument outside its limits, or one that the recording makes necessary.
    OSError
        A file that cannot be opened.
    """
    data = recorded if isinstance(recorded, bytes) else Path(recorded).read_bytes()
    columns = read_asterix_columns(
        data,
        format=format,
        udp_port=udp_port,
        tolerant=tolerant,
        doppler_sign=doppler_sign,
        **asdict(accuracy or SensorAccuracy()),
    )
    scans = columns.cut(
        source=source,
        rotation_period_s=rotation_period_s,
        max_range_m=max_range_m,
        max_elevation_deg=max_elevation_deg,
    )
    return AsterixRecording(columns, scans, data)
