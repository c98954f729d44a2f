"""Fixtures for every test: a real nats-server on a free port, with the declared streams."""

import os
import signal

import pytest

from qiki.bus.broker import private_broker
from qiki.bus.connection import connected
from qiki.bus.stream_apply import apply
from qiki.bus.stream_size import Traffic
from qiki.bus.streams import stream_plans
from qiki.settings import BrokerSettings, GrpcSettings, NatsSettings, Settings
from tests.fault_table import BAR, lines_of, rows_of

# The tests start brokers beside gRPC servers. What gRPC does in a forked child, to be usable there,
# can end it before its program runs.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

# A shell that starts the tests in the background makes them ignore Ctrl-C, and so would every
# program that they start: those that wait for it would never end.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    """Add how much of tests/protocol, tests/faults and tests/endurance runs."""
    parser.addoption("--schedules", type=int, default=5000, help="simulated schedules (5000)")
    parser.addoption("--first-seed", type=int, default=0, help="seed of the first schedule (0)")
    parser.addoption("--bridge-kills", type=int, default=10, help="kills of the bridge (10)")
    parser.addoption("--broker-kills", type=int, default=3, help="kills of the broker (3)")
    parser.addoption("--fault-frames", type=int, default=700, help="frames during the kills (700)")
    parser.addoption("--stopped-s", type=float, default=3.0, help="a bridge stands still (3 s)")
    parser.addoption("--rivals", type=int, default=2, help="bridges started beside another (2)")
    parser.addoption("--simulated-s", type=float, default=60.0, help="tests/endurance (60 s)")


def pytest_terminal_summary(terminalreporter):
    """Write the table of bars where a test has taken down any."""
    reports = [r for key in ("passed", "failed", "error") for r in terminalreporter.getreports(key)]
    reports = [report for report in reports if isinstance(report, pytest.TestReport)]
    if any(name == BAR for report in reports for name, _ in report.user_properties):
        terminalreporter.section("bars")
        for line in lines_of(rows_of(reports)):
            terminalreporter.write_line(line)


@pytest.fixture
def bar(record_property):
    """Take down a bar of the table at the end: its name, whether it holds, what was measured."""

    def take_down(name, holds, figures):
        record_property(BAR, (name, holds, figures))

    return take_down


TRAFFIC = Traffic(frames_per_s=10, detections_per_frame=10)


@pytest.fixture(scope="session")
def broker():
    """One broker for the whole run, its store deleted at the end."""
    with private_broker(BrokerSettings()) as running:
        yield running


@pytest.fixture
def settings(broker):
    """Settings of a service that uses the session's broker and any free port."""
    return Settings(nats=NatsSettings(url=broker.url), grpc=GrpcSettings(port=0))


@pytest.fixture
async def client(settings):
    """A connection to the session's broker, on which the declared streams are new and empty."""
    async with connected(settings.nats, "test") as connection:
        jetstream = connection.jetstream()
        plans = stream_plans(settings.streams, settings.bridge, TRAFFIC)
        await apply(jetstream, plans)
        yield connection
        for plan in plans:
            await jetstream.delete_stream(plan.config.name)
