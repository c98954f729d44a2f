"""The bridge and the broker killed with -9, again and again: the same bytes, each frame once.

``--bridge-kills`` and ``--broker-kills`` set how often; the frames go on coming all the while.
"""

import asyncio
import hashlib
import random
import sys
import time
from contextlib import suppress
from itertools import pairwise

import pytest
from nats.js.errors import NotFoundError

from qiki.bus import subjects
from qiki.bus.broker import EmbeddedBroker
from qiki.bus.connection import connected
from qiki.bus.frame_messages import FrameSender
from qiki.bus.publish import Publisher
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.radar import Radar, Scenario
from qiki.serve.tracker_config import tracker_config
from qiki.settings import BrokerSettings, NatsSettings, Settings
from qiki.tracking import FrameTracker
from qiki.wire import encode_frame
from tests.serve.qiki_command import clean_environment

FRAMES_PER_S = 50
EPOCH = 5
SETTINGS = Settings()


class Killed:
    """A broker and a bridge that can be killed and started again.

    Attributes
    ----------
    recoveries_s : from each kill to the first tracks message after it.
    """

    def __init__(self, folder):
        self._folder = folder
        self._broker = EmbeddedBroker(folder, BrokerSettings(port=0)).__enter__()
        self.url = self._broker.url
        self._bridge = None
        self._killed_s = None
        self.recoveries_s = []

    async def start_bridge(self):
        self._bridge = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "qiki", "bridge"),
            env=clean_environment(
                QIKI_NATS_URL=self.url,
                QIKI_TRACKER__EPOCH=str(EPOCH),
                QIKI_BRIDGE__SNAPSHOT_EVERY="40",
            ),
            stderr=asyncio.subprocess.PIPE,
        )

    async def kill_bridge(self):
        assert self._bridge.returncode is None, (await self._bridge.stderr.read()).decode()
        self._killed_s = time.monotonic()
        self._bridge.kill()
        await self._bridge.wait()
        await self.start_bridge()

    def kill_broker(self):
        self._killed_s = time.monotonic()
        self._broker._process.kill()
        self._broker.stop()
        port = int(self.url.rsplit(":", 1)[1])
        self._broker = EmbeddedBroker(self._folder, BrokerSettings(port=port)).__enter__()

    async def heard(self, _message):
        """Take note of a tracks message; what was under way at the kill does not count."""
        now_s = time.monotonic()
        if self._killed_s is not None and now_s > self._killed_s + 0.1:
            self.recoveries_s.append(now_s - self._killed_s)
            self._killed_s = None

    async def stop(self):
        if self._bridge is not None and self._bridge.returncode is None:
            self._bridge.terminate()
            await self._bridge.communicate()
        self._broker.stop()


@pytest.fixture
async def killed(tmp_path):
    """The two victims."""
    victims = Killed(tmp_path)
    yield victims
    await victims.stop()


async def publish_until(client, radar, done):
    """Send frame after frame until `done`; return how many there were."""
    sender = FrameSender(Publisher(client, 20), radar.sensor_id)
    number = 0
    while not done.is_set():
        await sender.send(radar.frame(number).split(radar.sr_threshold_m))
        number += 1
        await asyncio.sleep(1 / FRAMES_PER_S)
    return number


async def outputs(client, count):
    """Wait for so many tracks messages and return their payloads, in order."""
    jetstream = client.jetstream()
    payloads = []
    async with asyncio.timeout(60):
        while len(payloads) < count:
            with suppress(NotFoundError):
                found = await jetstream.get_msg("QIKI_TRACKS_V1", len(payloads) + 1, direct=True)
                payloads.append(found.data)
                continue
            await asyncio.sleep(0.05)
    state = (await jetstream.stream_info("QIKI_TRACKS_V1")).state
    assert (state.first_seq, state.last_seq) == (1, count)
    return payloads


@pytest.mark.timeout(0)
async def test_tracks_are_the_same_bytes_whatever_is_killed(killed, request):
    rng = random.Random(11)
    option = request.config.getoption
    kills = ["bridge"] * option("--bridge-kills") + ["broker"] * option("--broker-kills")
    rng.shuffle(kills)
    radar = Radar(Scenario.load("default"))
    done = asyncio.Event()
    async with connected(NatsSettings(url=killed.url), "test") as client:
        plans = stream_plans(SETTINGS.streams, SETTINGS.bridge, Traffic(FRAMES_PER_S, 10))
        await apply(client.jetstream(), plans)
        await client.subscribe(subjects.TRACKS, cb=killed.heard)
        await killed.start_bridge()
        publishing = asyncio.create_task(publish_until(client, radar, done))
        for kill in kills:
            await asyncio.sleep(rng.uniform(0.0, 2.0))
            if kill == "bridge":
                await killed.kill_bridge()
            else:
                killed.kill_broker()
        await asyncio.sleep(1.0)
        done.set()
        count = await publishing
        found = await outputs(client, count)
    undisturbed = FrameTracker(
        tracker_config(SETTINGS.tracker), tracker_id=SETTINGS.tracker.id, epoch=EPOCH
    )
    expected = [undisturbed.answer(encode_frame(radar.frame(n))).payload for n in range(count)]
    different = [
        n for n, pair in enumerate(zip(found, expected, strict=True)) if len(set(pair)) > 1
    ]
    assert not different
    assert all(earlier != later for earlier, later in pairwise(found))
    recoveries_s = sorted(killed.recoveries_s)
    assert recoveries_s
    print(
        f"{len(kills)} kills, {count} frames, each answered once; SHA-256 of all tracks "
        f"{hashlib.sha256(b''.join(found)).hexdigest()}; recovery p50 "
        f"{recoveries_s[len(recoveries_s) // 2]:.2f} s, longest {recoveries_s[-1]:.2f} s"
    )
