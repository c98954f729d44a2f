"""Real nats-servers, each of the configuration that a test needs."""

import json
import signal
import socket
import subprocess
import time
from contextlib import contextmanager

from qiki.bus.connection import connected
from qiki.bus.server_lookup import find_server
from qiki.settings import NatsSettings

WITH_JETSTREAM = "jetstream { store_dir: %s }"
ALONE_IN_A_CLUSTER = """\
cluster { name: "alone", listen: "127.0.0.1:-1", routes: ["nats://127.0.0.1:1"] }"""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def server(folder, port, *parts):
    """Run a nats-server of `parts` of a configuration on the store in `folder`."""
    text = "\n".join(parts).replace("%s", json.dumps(str(folder / "store")))
    file = folder / "nats-server.conf"
    file.write_text(f'host: "127.0.0.1"\nport: {port}\nserver_name: "refusing"\n{text}\n')
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen([find_server(), "-c", file], stderr=log)

    def reload(old, new):
        file.write_text(file.read_text().replace(old, new))
        process.send_signal(signal.SIGHUP)

    try:
        wait_for_port(port, process)
        yield reload
    finally:
        process.terminate()
        process.wait()


def wait_for_port(port, process):
    deadline = time.monotonic() + 20
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)


def client_of(port):
    settings = NatsSettings(url=f"nats://127.0.0.1:{port}", user="u", password="p")
    return connected(settings, "test")


def account(jetstream="", permissions=""):
    return (
        "accounts {\n A {\n"
        f"  {jetstream}\n"
        f"  users: [{{user: u, password: p, permissions: {{{permissions}}}}}]\n }}\n}}"
    )


ENABLED = "jetstream: enabled"
USABLE = WITH_JETSTREAM, account(ENABLED)
