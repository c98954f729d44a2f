"""A nats-server that somebody else has started: its ports, and when it is ready."""

import socket
import time
from urllib.error import URLError
from urllib.request import urlopen


def free_ports(count):
    """Return ports that nobody listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def wait_until_healthy(server, monitoring_url):
    """Return when the server of a process answers that it is healthy."""
    deadline = time.monotonic() + 20
    while not is_healthy(monitoring_url):
        assert server.poll() is None, server.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_healthy(monitoring_url):
    """Tell whether a server's monitoring says so."""
    try:
        with urlopen(f"{monitoring_url}/healthz"):
            return True
    except URLError:
        return False
