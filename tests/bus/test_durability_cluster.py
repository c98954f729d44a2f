"""A cluster: that one server syncs each message says nothing of a stream that others keep."""

import asyncio
import json
import socket
import subprocess
from contextlib import ExitStack

import pytest
from nats.js.api import Placement
from nats.js.errors import ServiceUnavailableError

from qiki.bus.connection import connected
from qiki.bus.durability import require_durable
from qiki.bus.server_lookup import find_server
from qiki.errors import SettingError
from qiki.settings import BrokerSettings, NatsSettings, Settings

NAMES = ("one", "two", "three")


@pytest.fixture
def servers(tmp_path):
    """Three servers of one cluster, each of which syncs each message; gives their addresses."""
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in NAMES]
    ports = [each.getsockname()[1] for each in listening]
    for each in listening:
        each.close()
    routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in ports)
    with ExitStack() as stack:
        for name, port in zip(NAMES, ports, strict=True):
            folder = tmp_path / name
            folder.mkdir()
            (folder / "conf").write_text(
                f'server_name: {name}\nserver_tags: ["{name}"]\n'
                f'host: "127.0.0.1"\nport: -1\nhttp: "127.0.0.1:-1"\nports_file_dir: "{folder}"\n'
                f'cluster {{ name: c, listen: "127.0.0.1:{port}", routes: [{routes}] }}\n'
                f'jetstream {{ store_dir: "{folder}", sync_interval: always }}\n'
            )
            server = subprocess.Popen(
                [find_server(), "-c", folder / "conf"], stderr=subprocess.DEVNULL
            )
            stack.enter_context(server)
            stack.callback(server.terminate)
        yield tmp_path


async def addresses(folder):
    """Wait for the file in which a server says where it listens."""
    async with asyncio.timeout(20):
        while not (files := list(folder.glob("*.ports"))) or not files[0].read_text():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    ports = json.loads(files[0].read_text())
    return NatsSettings(url=ports["nats"][0], monitoring_url=ports["monitoring"][0])


async def add_stream(jetstream, name, **config):
    """Make a stream as soon as the cluster has a leader who can."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await jetstream.add_stream(name=name, subjects=[name], **config)
            except (ServiceUnavailableError, TimeoutError):
                await asyncio.sleep(0.2)


async def test_only_a_stream_of_the_server_that_answers_is_accepted(servers):
    nats = await addresses(servers / "one")
    settings = Settings(nats=nats, broker=BrokerSettings(durable=True))
    async with connected(nats, "test") as client:
        jetstream = client.jetstream()
        for name in ("one", "two"):
            await add_stream(jetstream, f"on-{name}", placement=Placement(tags=[name]))
        await add_stream(jetstream, "on-all", num_replicas=3)
        await require_durable(client, settings, ["on-one"])
        with pytest.raises(SettingError, match=r"has num_replicas 1 and leader two, must be"):
            await require_durable(client, settings, ["on-two"])
        with pytest.raises(SettingError, match=r"has num_replicas 3 .* must be on one alone"):
            await require_durable(client, settings, ["on-all"])
