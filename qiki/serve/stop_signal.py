"""How a service is asked to stop."""

import asyncio
import signal

REST_S = 1.0  # for what is told at the end: half of what a service may take to stop


def stop_signal() -> asyncio.Event:
    """Return an event that SIGTERM or SIGINT sets; call inside the running loop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
