"""Frames through a real JetStream: a broker and the bridge as processes, the clock in this one."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, DeliverPolicy

from qiki.bus.broker import private_broker
from qiki.bus.child_process import child_options
from qiki.bus.connection import connected
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.bus.subjects import TRACKS
from qiki.radar import Present, RadarFrame, empty_detections
from qiki.setting_layers import to_environment
from qiki.settings import BrokerSettings, NatsSettings, Settings
from qiki.wire import decode_tracks

SENSOR_ID = "0b0f6a52-6a0e-4b53-9a0c-3f1f7f7b2c01"
SR_THRESHOLD_M = 5000.0
START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 10.0
DRAIN_S = 20.0
QIKI = (sys.executable, "-m", "qiki")
QIKI_BRIDGE = (*QIKI, "bridge")
ROOT = Path(__file__).parents[1]


@contextmanager
def bridge_on_private_broker(
    log_file: Path, *, durable: bool = False, bridge: Sequence[str] = QIKI_BRIDGE
) -> Iterator[str]:
    """Run a broker and a bridge, each its own process; gives the broker's URL.

    Parameters
    ----------
    log_file : Path
    durable : bool
        The broker syncs each message before it acknowledges it, and the bridge makes sure of it.
    bridge : sequence of str
        The command that runs it.
    """
    settings = BrokerSettings(durable=durable)
    with private_broker(settings) as broker, log_file.open("wb") as log:
        environment = to_environment(
            Settings(broker=settings, nats=broker.addressed(NatsSettings())), os.environ
        )
        subprocess.run([*QIKI, "js", "apply"], env=environment, stdout=log, check=True)
        running = subprocess.Popen(
            bridge, cwd=ROOT, env=environment, stdout=log, stderr=log, **child_options()
        )
        try:
            yield broker.url
        finally:
            running.terminate()
            running.wait(STOP_TIMEOUT_S)


def make_frames(target_count: int, frame_count: int, period_ns: int) -> list[RadarFrame]:
    """Frames of targets that move in straight lines, every one detected in every frame.

    Parameters
    ----------
    target_count, frame_count : int
    period_ns : int

    Returns
    -------
    list of RadarFrame
        Range, bearing, elevation and range rate; half the targets inside the SR threshold.
    """
    random = np.random.default_rng(11)
    # Two ranges and five elevations in turn keep neighbours hundreds of metres apart.
    target = np.arange(target_count)
    bearing_deg = target * 360.0 / target_count
    elevation_deg = 5.0 + 10.0 * (target % 5)
    start_m = np.where(target % 2, 4000.0, 30_000.0)
    speed_m_s = random.uniform(-30.0, 30.0, target_count)
    frames = []
    for number in range(frame_count):
        time_ns = number * period_ns
        detections = empty_detections(target_count)
        range_m = start_m + speed_m_s * time_ns * 1e-9
        _measure(detections, "range", "_m", range_m, 10.0, random)
        _measure(detections, "bearing", "_deg", bearing_deg, 0.02, random)
        _measure(detections, "elevation", "_deg", elevation_deg, 0.02, random)
        _measure(detections, "range_rate", "_m_s", speed_m_s, 0.5, random)
        detections["bearing_deg"] %= 360.0
        detections["time_ns"] = time_ns
        frames.append(
            RadarFrame(detections, time_ns=time_ns, sensor_id=SENSOR_ID, epoch=1, number=number)
        )
    return frames


def _measure(
    detections: npt.NDArray[np.void],
    name: str,
    unit: str,
    truth: npt.NDArray[np.float64],
    std: float,
    random: np.random.Generator,
) -> None:
    detections[name + unit] = truth + random.normal(size=len(truth)) * std
    detections[f"{name}_std{unit}"] = std
    detections["present"] |= np.uint32(Present[name.upper()])


@dataclass
class Run:
    """What became of a series of frames.

    Attributes
    ----------
    latencies_s : list of float
        From the begin of a frame's publication to its tracks' arrival, in the order of arrival.
    lost, repeated, refused : int
        Frames without tracks, with more than one message, with another verdict than accepted.
    confirmed : int
        Confirmed tracks in the last message.
    lag_frames : int
        Frames without tracks when the last was published.
    slip_s : float
        The most that a frame was published behind schedule.
    """

    latencies_s: list[float] = field(default_factory=list)
    lost: int = 0
    repeated: int = 0
    refused: int = 0
    confirmed: int = 0
    lag_frames: int = 0
    slip_s: float = 0.0


async def publish_and_receive(
    url: str, frames: Sequence[RadarFrame], period_s: float, settling: int
) -> Run:
    """Publish frames on schedule and wait for their tracks.

    Parameters
    ----------
    url : str
    frames : sequence of RadarFrame
    period_s : float
    settling : int
        First frames, whose latencies are left out; at least the first of all.

    Returns
    -------
    Run
    """
    async with connected(NatsSettings(url=url), "bench") as client:
        stream = FrameStream(client, frames, settling)
        await stream.begin()
        await stream.publish(len(frames) - 1, period_s)
        return await stream.finish()


class FrameStream:
    """Frames to one broker, and when their tracks come back.

    The first frame is published alone, so that the start of the bridge is not measured. From then
    on a schedule waits for no answer: a slow bridge shows as latency, not as a lower rate.

    Parameters
    ----------
    client : Client
        Of a broker with the streams, where a bridge runs or starts.
    frames : sequence of RadarFrame
    settling : int
        First frames, whose latencies are left out; at least the first of all.
    """

    def __init__(self, client: Client, frames: Sequence[RadarFrame], settling: int) -> None:
        self._client = client
        self._frames = frames
        self._settling = settling
        self._receiver = _Receiver()
        self._sender = FrameSender(Publisher(client, timeout_s=10.0), SENSOR_ID)
        self._sent_s: list[float] = []
        self._sending: list[asyncio.Task[None]] = []
        self._run = Run()

    async def begin(self) -> None:
        """Publish the first frame and wait for its tracks."""
        await self._receiver.subscribe(self._client)
        self._publish_next()
        await self.all_answered(START_TIMEOUT_S)

    async def publish(self, count: int, period_s: float) -> None:
        """Publish the next `count` frames, one each period."""
        begin_s = time.perf_counter()
        for number in range(count):
            due_s = begin_s + number * period_s
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            self._publish_next()
            if len(self._sent_s) > self._settling:
                self._run.slip_s = max(self._run.slip_s, self._sent_s[-1] - due_s)
        await asyncio.sleep(max(0.0, begin_s + count * period_s - time.perf_counter()))

    async def all_answered(self, timeout_s: float) -> None:
        """Wait for the tracks of all that was published; raises TimeoutError."""
        await asyncio.wait_for(self._receiver.arrived(len(self._sent_s)), timeout_s)

    async def finish(self) -> Run:
        """Wait for what is still to come, and say what became of all frames."""
        self._run.lag_frames = len(self._sent_s) - len(self._receiver.arrived_s)
        await asyncio.gather(*self._sending)
        with contextlib.suppress(TimeoutError):  # what is lost is counted
            await self.all_answered(DRAIN_S)
        self._receiver.judge(self._run, len(self._sent_s))
        self._run.latencies_s = [
            at_s - self._sent_s[number]
            for number, at_s in self._receiver.arrived_s.items()
            if number >= self._settling
        ]
        return self._run

    def _publish_next(self) -> None:
        frame = self._frames[len(self._sent_s)]
        self._sent_s.append(time.perf_counter())
        work = self._sender.send(frame.split(SR_THRESHOLD_M))
        self._sending.append(asyncio.create_task(work))


class _Receiver:
    """Notes when each frame's tracks arrive; opens the messages only afterwards."""

    def __init__(self) -> None:
        self._messages: list[tuple[float, Msg]] = []
        self._awaited = 0
        self._enough = asyncio.Event()
        self.arrived_s: dict[int, float] = {}

    async def subscribe(self, client: Client) -> None:
        """Read the tracks from the stream, that is after they were stored."""
        await client.jetstream().subscribe(
            TRACKS,
            cb=self._take,
            ordered_consumer=True,
            config=ConsumerConfig(deliver_policy=DeliverPolicy.ALL),
        )

    async def _take(self, message: Msg) -> None:
        at_s = time.perf_counter()
        number = int((message.headers or {})["x-qiki-number"])
        self._messages.append((at_s, message))
        self.arrived_s.setdefault(number, at_s)
        if len(self.arrived_s) >= self._awaited:
            self._enough.set()

    async def arrived(self, count: int) -> None:
        """Wait for the tracks of so many frames."""
        self._awaited = count
        self._enough.clear()
        if len(self.arrived_s) < count:
            await self._enough.wait()

    def judge(self, run: Run, expected: int) -> None:
        """Open every message and count what is wrong."""
        tracks = [decode_tracks(message.data) for _, message in self._messages]
        run.lost = expected - len({answer.number for answer in tracks})
        run.repeated = len(tracks) - len({answer.number for answer in tracks})
        run.refused = sum(answer.verdict != "accepted" for answer in tracks)
        if tracks:
            run.confirmed = int(np.count_nonzero(np.isin(tracks[-1].tracks["status"], [2, 4])))
