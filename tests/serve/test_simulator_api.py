"""The gRPC interface of a running world with a vehicle, over a real channel."""

import asyncio
import contextlib
import json
import math
import re

import grpc
import msgspec
import pytest

from qiki.bus import subjects
from qiki.radar import Scenario
from qiki.serve.actuators import actuator_id
from qiki.serve.grpc_server import serve_grpc
from qiki.serve.simulator import Simulator
from qiki.serve.simulator_api import Feeds
from qiki.serve.tracks_reading import reading_tracks
from qiki.serve.vehicle_reports import VehicleReports
from qiki.serve.watched import end_task
from qiki.settings import SimSettings, TelemetrySettings, VehicleSettings
from qiki.vehicle import VehicleConfig
from qiki.wire import decode_tracks, encode_track_rows
from qiki.wire.generated import q_sim_api_pb2 as messages
from qiki.wire.generated.actuator_raw_out_pb2 import ActuatorCommand
from qiki.wire.generated.common_types_pb2 import SensorType, Unit
from qiki.wire.generated.q_sim_api_pb2_grpc import QSimAPIServiceStub
from tests.serve.running_bridge import bridge_running
from tests.serve.test_simulated_vehicle import until

SET, ENABLE = ActuatorCommand.SET_VELOCITY, ActuatorCommand.ENABLE
ROTATE = ActuatorCommand.ROTATE
Precondition = grpc.StatusCode.FAILED_PRECONDITION


@contextlib.asynccontextmanager
async def running(client, settings, *, state="PAUSED", config="default"):
    """Run the default scenario; gives the simulator and a stub."""
    chosen = msgspec.structs.replace(
        settings,
        sim=SimSettings(state=state),
        vehicle=VehicleSettings(config=config),
        telemetry=TelemetrySettings(interval_s=0.01),
    )
    simulator = Simulator([client], chosen, Scenario.load("default"))
    reports = VehicleReports(client, chosen, simulator.bots[0])
    feeds = Feeds(reports.feed, reports.snapshot, lambda: reading_tracks(client))
    stop = asyncio.Event()
    tasks = [asyncio.create_task(work) for work in (reports.telemetry(), simulator.run(stop))]
    async with (
        serve_grpc(chosen.grpc, simulator.bots[0], feeds) as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        yield simulator, QSimAPIServiceStub(channel)
    stop.set()
    await tasks[1]
    await end_task(tasks[0])


async def refusal_of(call):
    """Return the status with which a call is refused."""
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await call
    return refusal.value.code(), refusal.value.details()


async def reading_of(stub, kind):
    answer = await stub.GetSensorData(messages.GetSensorDataRequest(sensor_type=kind))
    return answer.reading


async def test_each_sensor_that_is_asked_for_is_the_one_that_answers(client, settings):
    async with running(client, settings) as (simulator, stub):
        simulator.bots[0].own_ship.vehicle.command([0, 300, 0], [5, 0, 20], duration_ns=10**9)
        simulator.step(1_000_000_001)
        await until(lambda: simulator.bots[0].own_ship.vehicle.time_ns == 1_000_000_000)
        await until(
            lambda: (
                simulator.bots[0].newest is not None and simulator.bots[0].newest.all.number == 10
            )
        )
        vehicle = simulator.bots[0].own_ship.vehicle
        for _ in range(2):
            imu = await reading_of(stub, SensorType.IMU)
            gps = await reading_of(stub, SensorType.GPS)
            thermal = await reading_of(stub, SensorType.THERMAL)
            radar = await reading_of(stub, SensorType.RADAR)
        kinds = [reading.sensor_type for reading in (imu, gps, thermal, radar)]
        assert kinds == [SensorType.IMU, SensorType.GPS, SensorType.THERMAL, SensorType.RADAR]
        assert imu.vector_data.z == pytest.approx(vehicle.heading_deg, rel=1e-6)
        assert imu.unit == Unit.DEGREES
        assert gps.vector_data.y == pytest.approx(vehicle.position_m[1], rel=1e-6)
        assert gps.vector_data.y > 0.1
        core_c = vehicle.thermal.temperature_c[vehicle.thermal.names.index("core")]
        assert thermal.scalar_data == pytest.approx(core_c + 273.15, rel=1e-6)
        assert radar.radar_data.frame_id.value == simulator.bots[0].newest.all.frame_id
        assert radar.encoding == "qiki.radar.v1"
        assert imu.timestamp.ToNanoseconds() == simulator.start_time_ns + 1_000_000_000
        newest = await stub.GetSensorData(messages.GetSensorDataRequest())
        assert newest.reading.sensor_type == SensorType.RADAR


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (SensorType.LIDAR, grpc.StatusCode.UNIMPLEMENTED),
        (SensorType.CAMERA, grpc.StatusCode.UNIMPLEMENTED),
        (0, grpc.StatusCode.INVALID_ARGUMENT),
        (77, grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_a_sensor_that_nobody_simulates_is_refused(client, settings, kind, code):
    async with running(client, settings) as (_, stub):
        found, text = await refusal_of(reading_of(stub, kind))
        stream = stub.StreamSensorData(messages.StreamSensorDataRequest(sensor_type=kind))
        streamed, _ = await refusal_of(stream.read())
    assert found == streamed == code
    assert "must be one of IMU, GPS, THERMAL, RADAR" in text


async def test_no_frame_without_a_running_world_a_radar_and_its_power(client, settings):
    async with running(client, settings, state="STOPPED") as (simulator, stub):

        async def refused():
            return await refusal_of(stub.GetRadarFrame(messages.GetRadarFrameRequest()))

        assert await refused() == (Precondition, simulator.bots[0].why_no_frames)
        assert "the world is STOPPED" in simulator.bots[0].why_no_frames
        simulator.start()
        await until(lambda: simulator.bots[0].newest is not None)
        simulator.pause()
        answer = await stub.GetRadarFrame(messages.GetRadarFrameRequest())
        assert answer.frame.frame_id.value == simulator.bots[0].newest.all.frame_id
        simulator.bots[0].switch_radar("main", on=False)
        assert (await refused())[0] == Precondition
        assert "main is off" in (await refused())[1]
        simulator.bots[0].switch_radar("main", on=True)
        simulator.bots[0].own_ship.vehicle.set_load("radar", is_on=False)
        simulator.step(50_000_000)
        await until(lambda: "no power (off)" in (simulator.bots[0].why_no_frames or ""))
        assert (await refused())[0] == Precondition


async def test_without_a_vehicle_its_sensors_and_actuators_are_refused(client, settings):
    async with running(client, settings, config="none") as (_, stub):
        code, text = await refusal_of(reading_of(stub, SensorType.IMU))
        assert (code, "vehicle.config is none" in text) == (Precondition, True)
        answer = await send(stub, "rcs_up", ActuatorCommand.DISABLE)
    assert not answer.accepted
    assert "vehicle.config is none" in answer.message


async def send(stub, actuator, kind, unit=Unit.UNIT_UNSPECIFIED, **values):
    command = ActuatorCommand(command_type=kind, unit=unit, **values)
    command.actuator_id.value = actuator
    return await stub.SendActuatorCommand(messages.SendActuatorCommandRequest(command=command))


async def test_actuators_act_by_name_and_by_id(client, settings):
    async with running(client, settings) as (simulator, stub):
        burn = {"unit": Unit.PERCENT, "float_value": 50, "timeout_ms": 500}
        answer = await send(stub, "rcs_forward", ActuatorCommand.SET_VELOCITY, **burn)
        assert (answer.accepted, answer.message) == (True, "ok")
        answer = await send(stub, actuator_id("nbl"), ActuatorCommand.DISABLE)
        assert answer.accepted
        answer = await send(stub, "dock", ActuatorCommand.ENABLE)
        assert (answer.accepted, "no port is latched" in answer.message) == (False, True)
        assert (await send(stub, "dock", ActuatorCommand.DISABLE)).accepted
        simulator.step(1_500_000_000)
        await until(lambda: simulator.bots[0].own_ship.vehicle.time_ns >= 1_400_000_000)
        vehicle = simulator.bots[0].own_ship.vehicle
        assert vehicle.velocity_m_s[1] > 0.5
        assert not vehicle.power.loads["nbl"].is_on


async def test_motors_drive_turn_and_brake_the_vehicle(client, settings):
    async with running(client, settings) as (simulator, stub):
        vehicle = simulator.bots[0].own_ship.vehicle
        heading_deg = vehicle.heading_deg
        half = {"unit": Unit.PERCENT, "int_value": -50}
        assert (await send(stub, "motor_left", SET, **half)).message == "ok"
        answer = await send(stub, actuator_id("motor_right"), SET, **half, timeout_ms=5000)
        assert answer.accepted
        assert (vehicle.drive.task, vehicle.drive.told_m_s.tolist()) == ("speeds", [-0.5, -0.5])
        simulator.step(4_000_000_001)
        await until(lambda: vehicle.time_ns == 4_000_000_000)
        assert vehicle.drive.wheels_m_s == pytest.approx([-0.5, -0.5], abs=1e-3)
        bow = [trig(math.radians(heading_deg)) for trig in (math.sin, math.cos)]
        astern_m_s = [-0.5 * part for part in bow]
        assert vehicle.velocity_m_s == pytest.approx([*astern_m_s, 0.0], abs=1e-3)
        quarter = {"unit": Unit.DEGREES, "float_value": -90.0}
        assert (await send(stub, "motor_right", ROTATE, **quarter)).accepted
        simulator.step(40_000_000_000)
        await until(lambda: vehicle.time_ns >= 43_900_000_000)
        assert vehicle.drive.ended == "turned"
        assert vehicle.heading_deg == pytest.approx((heading_deg - 90.0) % 360.0, abs=0.5)
        assert (await send(stub, "motor_left", SET, **half)).accepted
        assert vehicle.drive.told_m_s.tolist() == [-0.5, 0.0]
        assert (await send(stub, "motor_right", ActuatorCommand.DISABLE)).accepted
        assert (vehicle.drive.task, vehicle.drive.ended) == ("brake", "told")
        assert (await send(stub, "drive", ActuatorCommand.DISABLE)).accepted
        answer = await send(stub, "motor_left", SET, **half)
        assert (answer.accepted, "the drive's load is off" in answer.message) == (False, True)


async def test_a_vehicle_without_a_drive_says_so(client, settings, tmp_path):
    text = VehicleConfig.built_in_text("default")
    path = tmp_path / "bot.yaml"
    path.write_text(re.sub(r"^drive:\n(?: .*\n|\n)*", "", text, flags=re.MULTILINE))
    async with running(client, settings, config=str(path)) as (_, stub):
        for kind in (SET, ROTATE, ActuatorCommand.DISABLE):
            answer = await send(stub, "motor_left", kind)
            assert not answer.accepted
            assert answer.message == "default has no drive in its file: add one"
        answer = await send(stub, "nobody", SET)
        assert "motor_left" not in answer.message


@pytest.mark.parametrize(
    ("actuator", "kind", "values", "text"),
    [
        ("", SET, {}, "actuator_id is '', must be one of rcs, rcs_forward, rcs_aft"),
        ("servo_1", SET, {}, "actuator_id is 'servo_1', must be one of rcs, rcs_forward"),
        ("motor_left", ENABLE, {}, "is ENABLE, must be SET_VELOCITY or ROTATE or DISABLE for"),
        ("motor_left", SET, {}, "motor_left has None, takes float_value or int_value: -100 to 100"),
        ("motor_left", SET, {"float_value": 5, "unit": 2}, "unit is DEGREES, must be PERCENT for"),
        ("motor_right", SET, {"float_value": 5, "unit": 88}, "unit is 88, must be PERCENT for"),
        ("motor_right", SET, {"int_value": -101, "unit": 3}, "int_value is -101, must be -100 to"),
        ("motor_right", SET, {"float_value": math.inf, "unit": 3}, "float_value is inf, must be"),
        ("motor_left", SET, {"int_value": 5, "unit": 3, "timeout_ms": 4_000_000}, "at most 3600 s"),
        ("motor_left", ROTATE, {"float_value": 5, "unit": 3}, "unit is PERCENT, must be DEGREES"),
        ("motor_left", ROTATE, {"int_value": 361, "unit": 2}, "int_value is 361, must be -360 to"),
        ("motor_left", ROTATE, {"int_value": 5, "unit": 2, "timeout_ms": 5}, "is 5, must be 0 for"),
        ("rcs_up", ENABLE, {}, "command_type is ENABLE, must be SET_VELOCITY or DISABLE"),
        ("rcs_up", 99, {}, "command_type is 99, must be"),
        ("rcs_up", SET, {}, "rcs_up has None, takes float_value or int_value"),
        ("rcs_up", SET, {"bool_value": True}, "rcs_up has bool_value, takes"),
        ("rcs_up", SET, {"float_value": 5}, "unit is UNIT_UNSPECIFIED, must be PERCENT"),
        ("rcs_up", SET, {"float_value": 5, "unit": 88}, "unit is 88, must be PERCENT"),
        ("rcs_up", SET, {"float_value": math.nan, "unit": 3}, "float_value is nan, must be finite"),
        ("rcs_up", SET, {"float_value": 5, "unit": 3, "confidence": math.inf}, "confidence is inf"),
        ("rcs_up", SET, {"float_value": 5, "unit": 3, "confidence": 2}, "must be 0 to 1"),
        ("rcs_up", SET, {"int_value": 101, "unit": 3}, "int_value is 101, must be 0 to 100"),
        ("rcs_up", SET, {"int_value": 5, "unit": 3, "timeout_ms": -1}, "timeout_ms is -1"),
        ("rcs_up", SET, {"int_value": 5, "unit": 3, "timeout_ms": 4_000_000}, "at most 3600 s"),
        ("nbl", SET, {}, "command_type is SET_VELOCITY, must be ENABLE or DISABLE for nbl"),
        ("nbl", ENABLE, {"bool_value": True}, "nbl has bool_value, takes none"),
    ],
)
async def test_what_an_actuator_does_not_take_is_not_accepted(
    client, settings, actuator, kind, values, text
):
    async with running(client, settings) as (simulator, stub):
        before = simulator.bots[0].own_ship.vehicle.snapshot()
        answer = await send(stub, actuator, kind, **values)
        assert not answer.accepted
        assert text in answer.message
        assert simulator.bots[0].own_ship.vehicle.snapshot() == before


async def test_the_streams_give_what_comes(client, settings):
    async with running(client, settings) as (simulator, stub):
        frames = stub.StreamRadarFrames(messages.StreamRadarFramesRequest())
        readings = stub.StreamSensorData(
            messages.StreamSensorDataRequest(sensor_type=SensorType.GPS)
        )
        radar = stub.StreamSensorData(
            messages.StreamSensorDataRequest(sensor_type=SensorType.RADAR)
        )
        for feed, count in ((simulator.bots[0].frames, 2), (simulator.bots[0].steps, 1)):
            await until(lambda feed=feed, count=count: len(feed._readers) == count)
        telemetry = stub.StreamTelemetry(messages.StreamTelemetryRequest())
        assert json.loads((await telemetry.read()).telemetry_json)["sim_state"]["paused"]
        simulator.step(350_000_000)
        first = [await frames.read() for _ in range(3)]
        assert [answer.skipped for answer in first] == [0, 0, 0]
        times_ns = [answer.frame.timestamp.ToNanoseconds() for answer in first]
        assert times_ns == [simulator.start_time_ns + n * 100_000_000 for n in range(3)]
        assert (await radar.read()).reading.radar_data == first[0].frame
        assert (await readings.read()).reading.sensor_type == SensorType.GPS
        for call in (frames, readings, radar, telemetry):
            call.cancel()
        await until(
            lambda: not simulator.bots[0].frames._readers and not simulator.bots[0].steps._readers
        )


async def test_a_slow_reader_gets_the_newest_and_is_told_what_it_missed(client, settings):
    async with running(client, settings) as (simulator, stub):
        frames = stub.StreamRadarFrames(messages.StreamRadarFramesRequest())
        await until(lambda: simulator.bots[0].frames._readers)
        (reader,) = simulator.bots[0].frames._readers
        simulator.step(100)
        await frames.read()
        for _ in range(20):  # all at once: the stream has no turn in between
            simulator.bots[0].frames.publish(simulator.bots[0].newest)
        assert len(reader._items) == 8
        assert (await frames.read()).skipped == 12


async def test_tracks_are_those_of_the_bridge(client, settings):
    async with (
        bridge_running(client, settings),
        running(client, settings) as (simulator, stub),
    ):
        told = await client.subscribe(subjects.TRACKS)
        stream = stub.StreamRadarTracks(messages.StreamRadarTracksRequest())
        reading = asyncio.create_task(stream.read())
        async with asyncio.timeout(20):
            while not reading.done() or not reading.result().tracks:
                if reading.done():
                    reading = asyncio.create_task(stream.read())
                simulator.step(100_000_000)
                await asyncio.sleep(0.05)
        rows = [row.SerializeToString() for row in reading.result().tracks]
        stored = []
        while rows not in stored:
            message = await told.next_msg(timeout=5)
            stored.append(encode_track_rows(decode_tracks(message.data).tracks))
        stream.cancel()
        await told.unsubscribe()


async def test_a_tracks_message_that_is_damaged_ends_the_stream_and_says_so(client, settings):
    async with running(client, settings) as (_, stub):
        stream = stub.StreamRadarTracks(messages.StreamRadarTracksRequest())
        reading = asyncio.create_task(stream.read())
        while not reading.done():
            await client.publish(subjects.TRACKS, b"\xff")
            await asyncio.sleep(0.02)
        code, text = await refusal_of(reading)
    assert code == grpc.StatusCode.DATA_LOSS
    assert text.startswith("qiki.radar.v1.tracks: ")
