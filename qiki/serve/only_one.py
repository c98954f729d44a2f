"""Of some services only one may run on a broker: who would be the second ends at the start."""

import msgspec
import nats.errors
import structlog
from nats.aio.client import Client

from qiki.bus import subjects
from qiki.errors import SettingError

ANSWER_S = 1.0

log = structlog.get_logger()


async def require_only_one(client: Client, name: str, remedy: str) -> None:
    """Refuse to be the second service of a name on a broker.

    One that hangs, or whose connection the broker has not missed yet, does not answer: beside it
    another may start.

    Parameters
    ----------
    client : an open connection.
    name : of the service, as that of its command.
    remedy : what to do instead.

    Raises
    ------
    SettingError : one answers already.
    """
    try:
        answer = await client.request(f"{subjects.STATUS}.{name}", b"", timeout=ANSWER_S)
    except nats.errors.NoRespondersError:
        return
    except (TimeoutError, nats.errors.Error) as error:
        log.warning("other_does_not_answer", service=name, reason=repr(error))
        return
    raise SettingError(
        f"a service {name} runs on this broker already{_since(answer.data)}, must be the only "
        f"one: {remedy}"
    )


def _since(payload: bytes) -> str:
    """Return how long the other one runs, as far as it tells."""
    try:
        told = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    uptime_s = told.get("uptime_s") if isinstance(told, dict) else None
    return f", for {uptime_s:.0f} s" if isinstance(uptime_s, int | float) else ""
