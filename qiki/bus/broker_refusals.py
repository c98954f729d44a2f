"""Who refused what: tells what asking again will not change from what only takes its time."""

import time
from collections.abc import Iterable

from nats.aio.client import Client
from nats.errors import NoRespondersError
from nats.js.errors import APIError, NoStreamResponseError, ServiceUnavailableError

from qiki.bus.connection import STARTING, api_failure
from qiki.errors import BrokerError

REFUSED_S = 5.0  # a refusal that is repeated this long will not be mended by asking again

# As the client gives the broker's words: in lower case.
_FORBIDDEN = "permissions violation"
_INBOX = "_inbox."


class Refusals:
    """What the broker objects to on a connection; it says so there, not in answers.

    Parameters
    ----------
    client : an open connection. What it was told before this object was made does not count.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._older_error = client.last_error

    def forget(self) -> None:
        """Let what the broker has said so far count no more."""
        self._older_error = self._client.last_error

    def standing(self, action: str, names: Iterable[str] = ()) -> BrokerError | None:
        """Return the error for what will not get better, None where nothing was refused.

        Parameters
        ----------
        action : what is refused then.
        names : parts of the subjects that `action` needs, one of which the broker's words must
            have; none: all of the connection's are.
        """
        error = self._client.last_error
        if self._client.is_closed:
            return BrokerError(
                f"{action}: the connection to the broker is closed for good "
                f"({error or 'by this service'}), must be open: mend what the broker says, then "
                "start again"
            )
        if error is None or error is self._older_error or _FORBIDDEN not in str(error):
            return None
        needed = [name.lower() for name in names]
        if needed and not any(name in str(error) for name in (*needed, _INBOX)):
            return None
        return BrokerError(
            f"{action}: refused, {error}: permit it to that user in the broker's configuration"
        )


class Patience:
    """Bears a refusal for some time: a broker that starts or changes may refuse for a moment."""

    def __init__(self) -> None:
        self._refused_since_s: float | None = None

    def bear(self, refusal: BrokerError | None, cause: Exception | None = None) -> None:
        """Raise a refusal that is repeated for too long; None: the broker does not refuse now."""
        now_s = time.monotonic()
        if refusal is None:
            self._refused_since_s = None
        elif self._refused_since_s is None:
            self._refused_since_s = now_s
        elif now_s - self._refused_since_s > REFUSED_S:
            raise refusal from cause


def refused_answer(action: str, error: Exception) -> BrokerError | None:
    """Return the error for what JetStream refuses, None for what only takes its time."""
    if not isinstance(error, APIError) or error.err_code == STARTING:
        return None
    return api_failure(action, error)


def refused_request(action: str, status: str, text: str) -> BrokerError | None:
    """Return the error for a request for messages that was not taken, None for one that ended."""
    if not status.startswith("4"):
        return None
    return BrokerError(
        f"{action}: refused, {text} ({status}): see bridge.pull_batch, bridge.idle_heartbeat_s and "
        "the limits of that consumer"
    )


def is_final(error: Exception) -> bool:
    """Return whether JetStream refused, in its own words, what it will refuse again.

    Without words nobody took the request, as while the broker starts. The status alone says
    little: a full stream is 503 as well.
    """
    if not isinstance(error, APIError) or error.err_code == STARTING:
        return False
    return error.err_code is not None or not isinstance(error, ServiceUnavailableError)


def words_of(error: Exception) -> str:
    """Return what is said of an effect that nobody answered."""
    if isinstance(error, NoStreamResponseError):
        return "stored by no stream: run `qiki js apply`"
    if isinstance(error, NoRespondersError):
        return "nobody has that stream: run `qiki js apply`"
    if isinstance(error, APIError):
        return error.description or "no JetStream answers"
    return str(error) or type(error).__name__
