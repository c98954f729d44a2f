"""The way to the simulator's gRPC server, found again whenever it comes back."""

import json
from typing import Any

import grpc
import nats.errors
from nats.aio.client import Client

from qiki.bus import subjects
from qiki.errors import QikiError
from qiki.settings import GrpcSettings
from qiki.wire.generated.q_sim_api_pb2_grpc import QSimAPIServiceStub

ANSWER_S = 1.0
# A simulator that comes back is found at once; gRPC's own waits grow to two minutes.
OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.max_receive_message_length", 64 << 20),
)


class NoAddressError(QikiError):
    """The simulator does not say where it listens."""


class SimulatorChannel:
    """A connection to the simulator, made when it is needed.

    Parameters
    ----------
    client : an open connection; where ``grpc.port`` is 0 the simulator is asked there which it has.
    settings : where the simulator listens.
    """

    def __init__(self, client: Client, settings: GrpcSettings) -> None:
        self._client = client
        self._settings = settings
        self._channel: Any = None

    async def stub(self) -> QSimAPIServiceStub:
        """Return what calls go by.

        Raises
        ------
        NoAddressError : ``grpc.port`` is 0, and the simulator does not answer which it has.
        """
        if self._channel is None:
            self._channel = grpc.aio.insecure_channel(await self._address(), options=OPTIONS)
        return QSimAPIServiceStub(self._channel)

    @property
    def remedy(self) -> str:
        """What to try where nobody answers, to stand behind the reason; empty: nothing."""
        port = self._settings.port
        return f" (grpc.port is {port}; 0 asks the simulator for its own)" if port else ""

    async def close(self) -> None:
        """Let go of the connection; the next `stub` makes a new one."""
        if self._channel is not None:
            channel, self._channel = self._channel, None
            await channel.close()

    async def _address(self) -> str:
        host, port = self._settings.host, self._settings.port
        if port:
            return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            answer = await self._client.request(f"{subjects.STATUS}.sim", b"", timeout=ANSWER_S)
            return str(json.loads(answer.data)["grpc_address"])
        except (TimeoutError, nats.errors.Error, KeyError, TypeError, ValueError) as error:
            raise NoAddressError(
                f"grpc.port is 0, and the simulator does not say its own ({error!r}): see whether "
                "`qiki sim` runs on this broker"
            ) from error


def words(error: grpc.aio.AioRpcError) -> str:
    """Return the status of a call that failed, with its reason."""
    return f"{error.code().name}, {error.details() or 'no reason given'}"
