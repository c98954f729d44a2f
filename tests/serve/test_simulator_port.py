"""Who needs the simulator asks it for its port, unless one was given."""

import pytest

from qiki.commands.options import asking_the_simulator
from qiki.serve.simulator_channel import SimulatorChannel
from qiki.setting_layers import load
from qiki.settings import GrpcSettings


@pytest.mark.parametrize(
    ("flags", "environment", "port"),
    [
        ({}, {}, 0),
        ({"grpc.port": 50051}, {}, 50051),
        ({}, {"QIKI_GRPC__PORT": "50051"}, 50051),
        ({"grpc.port": 0}, {"QIKI_GRPC__PORT": "50051"}, 0),
    ],
)
def test_a_port_that_was_given_holds_and_else_the_simulator_is_asked(flags, environment, port):
    assert asking_the_simulator(load(flags, environment=environment)).grpc.port == port


async def test_where_nobody_answers_the_other_way_is_named(client):
    assert "0 asks the simulator" in SimulatorChannel(client, GrpcSettings(port=50051)).remedy
    assert SimulatorChannel(client, GrpcSettings(port=0)).remedy == ""
