"""The bridge: one frame in, one tracks message out, in the order of the stream."""

import asyncio

from nats.aio.client import Client

from qiki.bus.connection import WrongSequenceError, connected
from qiki.bus.durability import require_durable
from qiki.bus.jetstream_effects import ATTEMPT_TIMEOUT_S, JetStreamEffects, limits_of
from qiki.bus.recoverable_worker import RecoverableWorker
from qiki.bus.stream_apply import require
from qiki.bus.worker_effects import Stop, StopKind
from qiki.bus.worker_start import EpochChoice
from qiki.errors import BrokerError, RecoveryError
from qiki.serve.epoch import drawn
from qiki.serve.settle import settle
from qiki.serve.stop_signal import stop_signal
from qiki.serve.tracker_core import TrackerCore
from qiki.settings import Settings


class Bridge:
    """Answers every frame of the stream with what it did to the tracks.

    It keeps nothing of its own: where it stands is in the stream of tracks, the tracker's state in
    snapshots beside it and in the frames since. So it may be killed at any instant, and goes on
    with the same bytes (`qiki.bus.recoverable_worker`).

    Parameters
    ----------
    client : an open connection to a broker with the declared streams.
    settings : names of streams and durable, timeouts, the tracker.

    Raises
    ------
    SettingError : the tracker cannot be made as the settings ask.
    """

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._core = TrackerCore(settings.tracker)
        epoch = settings.tracker.epoch
        choice = EpochChoice(drawn(epoch), epoch, settings.bridge.new_epoch)
        self.worker = RecoverableWorker(self._core, choice, limits_of(settings))

    async def run(self, stop: asyncio.Event) -> None:
        """Answer frames until `stop` is set; the frame at hand is answered.

        Raises
        ------
        RecoveryError : what is stored does not allow to go on.
        SettingError : the broker is not as durable as asked.
        BrokerError : a stream is missing or full, or another bridge writes the tracks.
        """
        streams = self._settings.streams
        needed = [streams.radar, streams.tracks, streams.snapshots]
        jetstream = self._client.jetstream(timeout=ATTEMPT_TIMEOUT_S)
        await require(jetstream, needed, self._settings.nats.publish_timeout_s)
        await require_durable(self._client, self._settings, needed)
        async with JetStreamEffects(self._client, self._settings, stop) as broker:
            end = await broker.run(self.worker)
        self._core.not_accepted.close()
        if end.kind is not StopKind.ASKED:
            raise _failure(end)


def _failure(end: Stop) -> BrokerError:
    """Return the error for an end that nobody asked for."""
    match end.kind:
        case StopKind.REFUSED | StopKind.GAP:
            return RecoveryError(end.text)
        case StopKind.FENCED:
            return WrongSequenceError(end.text)
        case _:
            return BrokerError(end.text)


async def serve_bridge(settings: Settings) -> None:
    """Run the bridge service until SIGTERM or SIGINT.

    Raises
    ------
    RecoveryError : what is stored does not allow to go on.
    SettingError : the tracker cannot be made, or the broker is not as durable as asked.
    BrokerError : the broker is missing, lacks a stream, or stops storing.
    """
    stop = stop_signal()
    async with connected(settings.nats, "qiki-bridge") as client:
        bridge = Bridge(client, settings)
        settle()
        await bridge.run(stop)
