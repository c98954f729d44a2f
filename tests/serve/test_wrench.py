"""A force and a torque over gRPC, and the telemetry of now, which closes a loop around them."""

import json
import math

import grpc
import numpy as np
import pytest

from qiki.vehicle import Vehicle, VehicleConfig
from qiki.wire.generated import q_sim_api_pb2 as messages
from qiki.wire.generated.actuator_raw_out_pb2 import ActuatorCommand, Wrench
from tests.serve.test_simulated_vehicle import until
from tests.serve.test_simulator_api import refusal_of, running, send

SET, DISABLE = ActuatorCommand.SET_WRENCH, ActuatorCommand.DISABLE


def wrench(force_n=(0, 0, 0), torque_n_m=(0, 0, 0)):
    (fx, fy, fz), (tx, ty, tz) = force_n, torque_n_m
    return Wrench(
        force_x_n=fx, force_y_n=fy, force_z_n=fz, torque_x_n_m=tx, torque_y_n_m=ty, torque_z_n_m=tz
    )


async def told(stub):
    answer = await stub.GetTelemetry(messages.GetTelemetryRequest())
    return json.loads(answer.telemetry_json)


async def test_a_wrench_moves_the_vehicle_as_the_core_does(client, settings):
    force_n, torque_n_m = (40.0, 300.0, -20.0), (3.0, -2.0, 15.0)
    async with running(client, settings) as (simulator, stub):
        start = simulator.bots[0].own_ship.vehicle
        alone = Vehicle(
            VehicleConfig.load("default"),
            position_m=start.position_m,
            velocity_m_s=start.velocity_m_s,
            heading_deg=start.heading_deg,
        )
        wanted = wrench(force_n, torque_n_m)
        answer = await send(stub, "rcs", SET, wrench_value=wanted, timeout_ms=700)
        assert (answer.accepted, answer.message) == (True, "ok")
        simulator.step(1_000_000_001)
        await until(lambda: simulator.bots[0].own_ship.vehicle.time_ns == 1_000_000_000)
        alone.command(force_n, torque_n_m, duration_ns=700_000_000)
        alone.advance(1_000_000_000)
        now = await told(stub)
        assert now["sim_time_ns"] == simulator.start_time_ns + 1_000_000_000
        assert list(now["position"].values()) == alone.position_m.tolist()
        assert now["angular_velocity_rad_s"] == alone.angular_velocity_rad_s.tolist()
        assert np.linalg.norm(alone.angular_velocity_rad_s) > 0.01


async def test_disable_ends_a_wrench(client, settings):
    async with running(client, settings) as (simulator, stub):
        await send(stub, "rcs", SET, wrench_value=wrench((0, 300, 0)), timeout_ms=5000)
        assert (await send(stub, "rcs", DISABLE)).accepted
        before = (await told(stub))["velocity_xyz_m_s"]
        simulator.step(500_000_001)
        await until(lambda: simulator.bots[0].own_ship.vehicle.time_ns == 500_000_000)
        assert (await told(stub))["velocity_xyz_m_s"] == before


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "rcs has None, takes wrench_value"),
        ({"float_value": 5}, "rcs has float_value, takes wrench_value"),
        ({"wrench_value": wrench((math.nan, 0, 0))}, "NaN"),
        ({"wrench_value": wrench((0, 0, 0), (0, 2e9, 0))}, "2000000000"),
        ({"wrench_value": wrench((0, 5, 0)), "timeout_ms": 4_000_000}, "at most 3600 s"),
    ],
)
async def test_a_wrench_that_makes_no_sense_is_not_accepted(client, settings, values, text):
    async with running(client, settings) as (simulator, stub):
        before = simulator.bots[0].own_ship.vehicle.snapshot()
        answer = await send(stub, "rcs", SET, **values)
        assert not answer.accepted
        assert text in answer.message
        assert simulator.bots[0].own_ship.vehicle.snapshot() == before


async def test_without_a_vehicle_there_is_no_telemetry(client, settings):
    async with running(client, settings, config="none") as (_, stub):
        code, text = await refusal_of(stub.GetTelemetry(messages.GetTelemetryRequest()))
    assert code == grpc.StatusCode.FAILED_PRECONDITION
    assert "vehicle.config is none" in text
