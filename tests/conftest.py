"""Fixtures for every test: a real nats-server on a free port."""

import pytest

from qiki.bus.broker import private_broker
from qiki.settings import BrokerSettings


@pytest.fixture(scope="session")
def broker():
    """One broker for the whole run, its store deleted at the end."""
    with private_broker(BrokerSettings()) as running:
        yield running
