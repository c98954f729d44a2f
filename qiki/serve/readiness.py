"""Whether all services of a run answer, and where."""

from collections.abc import Sequence
from typing import Any

import structlog

from qiki.serve.bot_run import BotRun
from qiki.serve.live_line import LiveLine

log = structlog.get_logger()


async def tell_ready(bots: Sequence[BotRun], broker: str, screen: LiveLine) -> None:
    """Wait until each service answers, then say that all are ready and at which addresses.

    A command that is sent from then on acts on this run's world, not on one before it.

    Parameters
    ----------
    bots : whose services must answer.
    broker : its address, to be told with the others.
    screen : gives way to the line.
    """
    told = [_addresses(await bot.answering()) for bot in bots]
    screen.close()
    log.info("ready", broker=broker, **(told[0] if len(told) == 1 else {"bots": told}))


def _addresses(found: dict[str, dict[str, Any]]) -> dict[str, object]:
    """Return where gRPC, the self test and the metrics listen, as far as there are any."""
    metrics = {name: it["metrics_url"] for name, it in found.items() if it.get("metrics_url")}
    told = {
        "grpc": found.get("sim", {}).get("grpc_address"),
        "bios": found.get("bios", {}).get("http_url"),
        "metrics": metrics,
    }
    return {name: address for name, address in told.items() if address}
