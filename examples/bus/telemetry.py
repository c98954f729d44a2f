"""Follow the telemetry of a running simulator's vehicle.

    qiki up
    python examples/bus/telemetry.py [COUNT] [URL]

The broker is that of URL, else of QIKI_NATS_URL. It ends after COUNT messages, or at Ctrl-C, and
needs nothing but nats-py. docs/telemetry.md has all fields.
"""

import asyncio
import itertools
import json
import os
import sys

import nats
import nats.errors

URL = "nats://127.0.0.1:4222"
CONNECT_S = 3.0


def line_of(told: dict) -> str:
    """Return some of what a message tells; what the vehicle does not have is null there."""
    place = " ".join(f"{told['position'][axis]:.1f}" for axis in "xyz")
    words = [f"{told['sim_time_ns'] * 1e-9:.1f} s", f"at {place} m", f"{told['speed_m_s']:.2f} m/s"]
    if told["power"] is not None:
        words.append(f"charge {told['power']['soc_pct']:.1f} %")
    if told["docking"] is not None:
        words.append(f"{told['docking']['state']} ({told['docking']['phase']})")
    return ", ".join(words)


async def _quiet(_error: Exception) -> None:
    """Print nothing of an error that the connection raises, too."""


async def main(count: str | None = None, url: str | None = None) -> None:
    """Print a line for each message."""
    url = url or os.environ.get("QIKI_NATS_URL", URL)
    try:
        async with asyncio.timeout(CONNECT_S):
            client = await nats.connect(url, error_cb=_quiet)
    except (TimeoutError, nats.errors.Error, OSError):
        sys.exit(f"no broker at {url}, must be there: start `qiki up`, or name another")
    telemetry = await client.subscribe("qiki.telemetry")
    for _ in itertools.count() if count is None else range(int(count)):
        print(line_of(json.loads((await telemetry.next_msg(timeout=None)).data)), flush=True)
    await client.close()


asyncio.run(main(*sys.argv[1:]))
