"""What the disk alone needs for the syncs of a durable frame, without a broker.

A frame's way to its tracks holds two syncs one after the other, of the stream of frames and of
that of tracks, while the frame's two parts are synced too. A disk that others use, or that is slow,
shows here; what the services add is the difference.
"""

import os
import threading
import time
from pathlib import Path
from queue import Queue
from typing import BinaryIO

FRAME_BYTES = 16_384
PART_BYTES = 8_192
TRACKS_BYTES = 16_384


def sync_latencies_s(folder: Path, period_s: float, duration_s: float) -> list[float]:
    """Write and sync what JetStream would for a frame each period.

    Parameters
    ----------
    folder : Path
        On the disk of the broker; two files are left there.
    period_s, duration_s : float

    Returns
    -------
    list of float
        From the moment a frame is due until its tracks are on the disk.
    """
    latencies_s = []
    parts: Queue[bool] = Queue()
    with (
        (folder / "frames").open("wb", buffering=0) as frames,
        (folder / "tracks").open("wb", buffering=0) as tracks,
    ):
        writer = threading.Thread(target=_write_parts, args=(frames, parts))
        writer.start()
        due_s = time.perf_counter()
        for _ in range(round(duration_s / period_s)):
            time.sleep(max(0.0, due_s - time.perf_counter()))
            _write(frames, FRAME_BYTES)
            parts.put(True)
            _write(tracks, TRACKS_BYTES)
            latencies_s.append(time.perf_counter() - due_s)
            due_s += period_s
        parts.put(False)
        writer.join()
    return latencies_s


def _write_parts(frames: BinaryIO, wanted: "Queue[bool]") -> None:
    while wanted.get():
        _write(frames, PART_BYTES)
        _write(frames, PART_BYTES)


def _write(file: BinaryIO, size_bytes: int) -> None:
    file.write(bytes(size_bytes))
    os.fsync(file.fileno())
