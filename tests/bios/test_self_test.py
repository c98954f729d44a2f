import json

import pytest

from qiki.bios.devices import VEHICLE_SENSORS, Kind, all_devices
from qiki.bios.self_test import Evidence, RadarSeen, SensorSaid, State, self_test
from qiki.bios.telemetry import decode_telemetry
from qiki.errors import DecodeError
from qiki.radar import Scenario
from qiki.vehicle import VehicleConfig
from tests.bios.telemetry_messages import message, with_node

SCENARIO = Scenario.load("default")
DEVICES = all_devices(SCENARIO, VehicleConfig.load("default"))
RADAR_ID = SCENARIO.sensors[0].sensor_id
LOOKS = RadarSeen(0.05, looked=True)
VALID = dict.fromkeys(VEHICLE_SENSORS, SensorSaid(is_there=True, problem=None))
TIMEOUT, NOT_FOUND = 3, 1


def examined(document=None, **changes):
    """Return what is found of each device by its name."""
    document = message() if document is None else document
    evidence = Evidence(
        simulator_problem=None,
        frame_radar_id=RADAR_ID,
        frame_problem=None,
        sensors=VALID,
        telemetry=decode_telemetry(json.dumps(document).encode()),
        telemetry_problem="",
        radars={RADAR_ID: LOOKS},
        stale_after_s=3.0,
    )
    results = self_test(DEVICES, evidence._replace(**changes))
    assert [result.device for result in results] == list(DEVICES)
    return {result.device.name: result.finding for result in results}


def not_ok(found):
    return {name: finding.state for name, finding in found.items() if finding.state != State.OK}


def test_all_is_well():
    found = examined()
    assert not_ok(found) == {}
    assert found["rcs"].message == "12.00 kg of propellant"


@pytest.mark.parametrize(
    "telemetry",
    [message(comms__link=None), message(comms__xpdr__mode="SILENT", comms__xpdr__allowed=None)],
)
def test_what_is_switched_so_and_what_is_not_there_is_no_fault(telemetry):
    assert not_ok(examined(telemetry)) == {}


def test_without_a_simulator_it_is_an_error_and_all_else_is_degraded():
    found = examined(simulator_problem="gRPC HealthCheck: UNAVAILABLE")
    assert found.pop("simulator")[:2] == (State.ERROR, "gRPC HealthCheck: UNAVAILABLE")
    assert {finding.state for finding in found.values()} == {State.DEGRADED}


def test_without_telemetry_the_vehicle_is_unknown():
    found = examined(telemetry=None, telemetry_problem="no telemetry for 9.0 s")
    assert not_ok(found).keys() == {
        device.name
        for device in DEVICES
        if device.kind not in (Kind.SIMULATOR, Kind.RADAR, Kind.SENSOR)
    }
    assert set(not_ok(found).values()) == {State.UNKNOWN}
    assert found["battery"] == (State.UNKNOWN, "no telemetry for 9.0 s", TIMEOUT)


@pytest.mark.parametrize(
    "missing",
    [
        {"power": None},
        {"thermal": None},
        {"propulsion": {}},
        {"propulsion__rcs__propellant_kg": None},
        {"propulsion__drive": None},
        {"propulsion__drive__motors": {}},
        {"power__faults": None},
        {"power__soc_pct": None},
        {"power__supercap_soc_pct": None},
        {"power__dock_connected": None},
        {"power__loads_w": {"radar": 18.0}},
        {"power__shed_loads": None},
        {"thermal__nodes": []},
        {"comms": None},
        {"comms__xpdr": None},
        {"docking": None},
        {"radiation_usvh": None},
    ],
    ids="+".join,
)
def test_what_telemetry_does_not_tell_is_unknown_and_never_ok(missing):
    found = examined(message(**missing))
    unknown = not_ok(found)
    assert unknown
    assert set(unknown.values()) == {State.UNKNOWN}
    assert {found[name].code for name in unknown} == {NOT_FOUND}


@pytest.mark.parametrize(
    ("telemetry", "name", "state", "words"),
    [
        (with_node("pdu", tripped=True, temp_c=96.0), "thermal.pdu", State.ERROR, "tripped at 96"),
        (with_node("hull", warned=True, temp_c=131.5), "thermal.hull", State.DEGRADED, "131.5"),
        (
            message(power__shed_loads=["radar"], power__shed_reasons=["heat"]),
            "load.radar",
            State.DEGRADED,
            "shed: heat",
        ),
        (message(power__throttled_loads=["drive"]), "load.drive", State.DEGRADED, "throttled"),
        (message(power__faults=["PDU_OVERCURRENT"]), "pdu", State.ERROR, "PDU_OVERCURRENT"),
        (message(power__faults=["BATTERY_EMPTY"]), "battery", State.ERROR, "BATTERY_EMPTY"),
        (message(comms__enabled=False), "comms", State.DEGRADED, "off"),
        (message(comms__link__status="offline"), "comms", State.DEGRADED, "offline"),
        (
            message(comms__xpdr__allowed=False),
            "comms.transponder",
            State.DEGRADED,
            "mode ON, without power",
        ),
        (
            message(propulsion__drive__motors__left__condition="free"),
            "motor.left",
            State.ERROR,
            "the wheel is free",
        ),
        (message(propulsion__rcs__propellant_kg=0), "rcs", State.ERROR, "no propellant"),
    ],
)
def test_a_fault_is_that_of_its_device_alone(telemetry, name, state, words):
    found = examined(telemetry)
    assert not_ok(found) == {name: state}
    assert words in found[name].message


@pytest.mark.parametrize("limit", ["BATTERY_CHARGE_LIMIT", "BATTERY_DISCHARGE_LIMIT"])
def test_a_battery_at_a_limit_of_its_normal_work_is_well_and_says_so(limit):
    found = examined(message(power__faults=[limit]))
    assert not_ok(found) == {}
    assert found["battery"].message == f"{limit}; 80.0 % charged"


@pytest.mark.parametrize(
    ("seen", "state", "words"),
    [
        (RadarSeen(2.9, looked=None), State.UNKNOWN, "no frame yet"),
        (RadarSeen(3.1, looked=None), State.ERROR, "no frame for 3.1 s, must come every 0.1 s"),
        (RadarSeen(2.9, looked=True), State.OK, "frames come"),
        (RadarSeen(3.1, looked=True), State.ERROR, "no frame for 3.1 s"),
        (RadarSeen(99.0, looked=True, world_silent_s=0.29), State.OK, "frames come"),
        (RadarSeen(99.0, looked=None, world_silent_s=0.0), State.UNKNOWN, "no frame yet"),
        (RadarSeen(99.0, looked=True, world_silent_s=0.31), State.ERROR, "no frame for 99.0 s"),
        (RadarSeen(0.1, looked=True, world_silent_s=99.0), State.OK, "frames come"),
        (RadarSeen(0.1, looked=False), State.DEGRADED, "clock frames only"),
        (RadarSeen(0.1, looked=None, problem="frame: bad"), State.DEGRADED, "frame: bad"),
    ],
)
def test_a_radar_is_what_its_frames_say(seen, state, words):
    found = examined(radars={RADAR_ID: seen})["radar.main"]
    assert (found.state, words in found.message) == (state, True)


def test_a_slow_radar_and_a_slow_world_have_more_time():
    sensor_devices = all_devices(Scenario.load("rotating"), None)
    slow = next(device for device in sensor_devices if device.period_ns)
    period_s = slow.period_ns * 1e-9
    limit_s = max(1.0, 3.0 * period_s)

    def state(silent_s, speed):
        document = message(sim_state__speed=speed)
        evidence = Evidence(
            None,
            "",
            None,
            {},
            decode_telemetry(json.dumps(document).encode()),
            "",
            {slow.part: RadarSeen(silent_s, looked=True)},
            1.0,
        )
        return self_test([slow], evidence)[0].finding.state

    assert [state(limit_s * factor, 1.0) for factor in (0.99, 1.01)] == [State.OK, State.ERROR]
    slower_s = max(1.0, 3.0 * period_s / 0.1)
    assert [state(slower_s * factor, 0.1) for factor in (0.99, 1.01)] == [State.OK, State.ERROR]
    # A world that runs fast owes no more frames per second of ours.
    assert state(limit_s * 0.99, 50.0) == State.OK


@pytest.mark.parametrize("state", ["PAUSED", "STOPPED"])
def test_of_a_world_that_stands_the_radars_are_unknown(state):
    found = examined(
        message(sim_state__fsm_state=state), radars={RADAR_ID: RadarSeen(99.0, looked=True)}
    )
    assert not_ok(found) == {"radar.main": State.UNKNOWN}
    assert state in found["radar.main"].message


def test_the_radar_of_which_no_frame_is_given_is_degraded():
    found = examined(frame_problem="FAILED_PRECONDITION, the radar has no power")
    assert not_ok(found) == {"radar.main": State.DEGRADED}
    assert not_ok(examined(frame_problem="UNAVAILABLE", frame_radar_id="another")) == {}


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (SensorSaid(is_there=True, problem=None), State.OK),
        (SensorSaid(is_there=True, problem="not valid"), State.DEGRADED),
        (SensorSaid(is_there=False, problem="UNIMPLEMENTED"), State.UNKNOWN),
    ],
)
def test_a_sensor_is_what_is_answered_for_it(said, state):
    found = examined(sensors=VALID | {"gps": said})
    assert not_ok(found) == ({} if state == State.OK else {"sensor.gps": state})


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"{}",
        b'{"schema_version": 2}',
        b'{"schema_version": 1, "power": {"soc_pct": "80"}}',
        b'{"schema_version": 1, "thermal": {"nodes": [{"id": "core"}]}}',
        b'{"schema_version": 1, "sim_state": {"fsm_state": "RUNNING", "speed": -1}}',
    ],
)
def test_what_is_no_telemetry_is_refused(payload):
    with pytest.raises(DecodeError, match="telemetry cannot be read"):
        decode_telemetry(payload)
