"""What an agent's service has heard, and when it is not to be trusted any more."""

import json

import msgspec
import pytest

from qiki.agent.trust import Verdict
from qiki.agent_settings import AgentSettings
from qiki.radar import Radar, Scenario
from qiki.serve.agent_inputs import AgentInputs
from qiki.serve.own_ship import OwnShip
from qiki.serve.telemetry_snapshot import sim_state, telemetry_snapshot
from qiki.tracking import FrameTracker, GuardRules, TrackerConfig, is_confirmed
from qiki.vehicle import VehicleConfig
from qiki.wire import decode_tracks, encode_frame


def tracks_messages(scenario="guard", frames=400, tracker_epoch=1):
    """Return the tracks messages of a scenario, with the alerts of its guards."""
    world = Scenario.load(scenario)
    config = TrackerConfig(friendly_ids=world.friendly_ids, hostile_ids=world.hostile_ids)
    tracker = FrameTracker(config, epoch=tracker_epoch, guard_rules=GuardRules.load("default"))
    radar = Radar(world)
    payloads = (tracker.answer(encode_frame(radar.frame(n))).payload for n in range(frames))
    return [decode_tracks(payload) for payload in payloads]


def telemetry(state="RUNNING"):
    ship = OwnShip(VehicleConfig.load("default"), 100)
    return msgspec.json.encode(telemetry_snapshot(ship, sim_state(state, 1.0), 5, 6))


def report(*devices):
    rows = [
        {"device_name": name, "status": state, "status_message": why}
        for name, state, why in devices
    ]
    return json.dumps({"all_systems_go": False, "post_results": rows}).encode()


def inputs_of(radar_period_s=0.1, **settings):
    return AgentInputs(AgentSettings(**settings), radar_period_s=radar_period_s)


def verdicts(inputs, now_s):
    trust = inputs.known(0.1, "watch", now_s).trust
    return {source: it.verdict for source, it in trust.items()}


def test_the_tracks_are_the_confirmed_ones_of_all_that_was_told():
    messages = tracks_messages("default", frames=100)
    inputs, told = inputs_of(min_quality=0.0), {}
    for message in messages:
        inputs.take_tracks(message, 0.0)
        told |= {int(track["number"]): track for track in message.tracks}
        live = sorted(number for number, it in told.items() if is_confirmed(it[None])[0])
        known = inputs.known(0.1, "watch", 0.0)
        assert known.tracks["number"].tolist() == live
        assert known.time_ns == message.time_ns
    assert len(live) >= 5
    assert [bytes(track) for track in known.tracks] == [bytes(told[number]) for number in live]


def test_a_track_that_is_hardly_real_is_not_shown():
    messages = tracks_messages("default", frames=100)
    inputs = inputs_of(min_quality=1.0)
    for message in messages:
        inputs.take_tracks(message, 0.0)
    tracks = inputs.known(0.1, "watch", 0.0).tracks
    assert (tracks["quality"] == 1.0).all()


def test_an_alert_is_raised_once_and_stands_until_it_is_cleared():
    messages = tracks_messages()
    inputs, raised, standing = inputs_of(), [], set()
    for message in messages:
        inputs.take_tracks(message, 0.0)
        known = inputs.known(0.1, "watch", 0.0)
        raised += known.raised
        for alert in message.alerts:
            key = (alert.rule_id, alert.track_number)
            (standing.add if alert.kind == "raised" else standing.discard)(key)
        assert {(it.rule_id, it.track_number) for it in known.standing} == standing
    told = [alert for message in messages for alert in message.alerts if alert.kind == "raised"]
    assert [(it.rule_id, it.time_ns) for it in raised] == [(it.rule_id, it.time_ns) for it in told]
    assert {it.rule_id for it in raised} == set(GuardRules.load("default").rule_ids)


def test_a_tracker_that_begins_anew_takes_its_tracks_and_alerts_with_it():
    messages = tracks_messages()
    others = tracks_messages("default", frames=1, tracker_epoch=2)
    inputs = inputs_of()
    for message in messages:
        inputs.take_tracks(message, 0.0)
        if message.alerts:
            break
    assert inputs.known(0.1, "watch", 0.0).standing
    inputs.take_tracks(others[0], 0.0)
    known = inputs.known(0.1, "watch", 0.0)
    assert (len(known.tracks), known.raised, known.standing) == (0, [], ())


def test_who_comes_late_is_told_of_the_alerts_that_stand():
    messages = tracks_messages()
    inputs, standing = inputs_of(), set()
    for message in messages:
        inputs.take_tracks(message, 0.0)
        for alert in message.alerts:
            key = (alert.rule_id, alert.track_number)
            (standing.add if alert.kind == "raised" else standing.discard)(key)
        if standing and len(standing) < sum(len(it.alerts) for it in messages):
            inputs.caught_up()
            known = inputs.known(0.1, "watch", 0.0)
            assert {(it.rule_id, it.track_number) for it in known.raised} == standing
            assert inputs.known(0.1, "watch", 0.0).raised == []
    assert known.standing is not None


def test_what_was_never_heard_what_is_fresh_and_what_is_old():
    (message,) = tracks_messages("default", frames=1)
    inputs = inputs_of(max_age_s=2.0, bios_max_age_s=12.0)
    assert set(verdicts(inputs, 100.0).values()) == {Verdict.NO_DATA}
    inputs.take_tracks(message, 100.0)
    inputs.take_vehicle(telemetry(), 100.5)
    inputs.take_bios(report(("radar", 1, "")), 101.0)
    assert set(verdicts(inputs, 102.0).values()) == {Verdict.OK}
    assert verdicts(inputs, 102.6)["tracks"] is Verdict.STALE
    assert verdicts(inputs, 102.6)["vehicle"] is Verdict.STALE
    assert verdicts(inputs, 113.5)["bios"] is Verdict.STALE
    reason = inputs.known(0.1, "watch", 105.0).trust["tracks"].reason
    assert reason == "tracks is 5.0 s old, must be at most 2 s"


def test_nothing_gets_older_while_the_world_stands():
    (message,) = tracks_messages("default", frames=1)
    inputs = inputs_of()
    inputs.take_tracks(message, 0.0)
    inputs.take_vehicle(telemetry("PAUSED"), 0.0)
    inputs.stand(0.5)
    inputs.stand(500.0)
    found = verdicts(inputs, 501.0)
    assert (found["tracks"], found["vehicle"], found["bios"]) == ("OK", "OK", "NO_DATA")
    inputs.go_on()
    assert verdicts(inputs, 503.0)["tracks"] == "STALE"


def test_a_stand_makes_nothing_fresh_that_was_old():
    (message,) = tracks_messages("default", frames=1)
    inputs = inputs_of(max_age_s=2.0)
    inputs.take_tracks(message, 0.0)
    inputs.take_vehicle(telemetry("PAUSED"), 0.0)
    inputs.stand(10.0)
    inputs.stand(20.0)
    assert verdicts(inputs, 20.0)["tracks"] is Verdict.STALE


class Told:
    """A tracks message with other values of some of its fields."""

    def __init__(self, message, **changes):
        self._message, self._changes = message, changes

    def __getattr__(self, name):
        return self._changes.get(name, getattr(self._message, name))


def test_frames_that_changed_no_track_make_none_fresh():
    message, *_ = tracks_messages("default", frames=1)
    inputs = inputs_of(max_age_s=2.0)
    inputs.take_tracks(message, 0.0)
    inputs.take_tracks(Told(message, verdict="late", reason="2 s old", number=1), 3.0)
    trust = inputs.known(0.1, "watch", 3.0).trust["tracks"]
    assert trust.verdict is Verdict.STALE
    assert "frame 1 is late: 2 s old" in trust.reason


def test_tracks_that_are_behind_the_vehicle_are_old_however_soon_they_were_heard():
    message, *_ = tracks_messages("default", frames=1)
    inputs = inputs_of(max_age_s=2.0)
    vehicle_ns = json.loads(telemetry())["sim_time_ns"]
    inputs.take_vehicle(telemetry(), 0.0)
    for behind_ns, verdict in ((1_900_000_000, Verdict.OK), (2_100_000_000, Verdict.STALE)):
        inputs.take_tracks(Told(message, time_ns=vehicle_ns - behind_ns), 0.0)
        inputs.begin_anew()
        inputs.take_tracks(Told(message, time_ns=vehicle_ns - behind_ns), 0.0)
        assert verdicts(inputs, 0.0)["tracks"] is verdict


def aged_tracks(inputs, message, behind_ns, heard_s, now_s):
    """Return the trust in tracks heard then, so far behind a vehicle that answers now."""
    vehicle_ns = json.loads(telemetry())["sim_time_ns"]
    inputs.take_tracks(Told(message, time_ns=vehicle_ns - behind_ns), heard_s)
    inputs.take_vehicle(telemetry(), now_s)
    return inputs.known(0.1, "watch", now_s).trust["tracks"]


def test_tracks_of_a_slow_world_are_as_old_as_they_are_there():
    message, *_ = tracks_messages("default", frames=1)
    slow = aged_tracks(inputs_of(max_age_s=2.0), message, 500_000_000, heard_s=0.0, now_s=50.0)
    assert (slow.verdict, slow.age_s) == (Verdict.OK, 0.5)
    fast = aged_tracks(inputs_of(max_age_s=2.0), message, 50_000_000_000, heard_s=49.9, now_s=50.0)
    assert (fast.verdict, fast.age_s) == (Verdict.STALE, 50.0)


def test_tracks_of_another_world_and_those_without_a_vehicle_age_in_real_time():
    message, *_ = tracks_messages("default", frames=1)
    inputs = inputs_of(max_age_s=2.0)
    other = aged_tracks(inputs, message, -3_000_000_000, heard_s=0.0, now_s=50.0)
    assert (other.verdict, other.age_s) == (Verdict.STALE, 50.0)
    inputs.take_tracks(Told(message, time_ns=0), 50.0)
    assert inputs.known(0.1, "watch", 53.0).trust["tracks"].age_s == 3.0


@pytest.mark.parametrize("knows_world_time", [False, True])
def test_frames_for_which_no_radar_looked_make_no_track_fresh(knows_world_time):
    message, *_ = tracks_messages("default", frames=1)
    inputs, vehicle_ns = inputs_of(max_age_s=2.0), json.loads(telemetry())["sim_time_ns"]
    inputs.take_tracks(Told(message, time_ns=vehicle_ns - 3_000_000_000), 0.0)
    assert verdicts(inputs, 0.0)["tracks"] is Verdict.OK
    inputs.take_tracks(Told(message, time_ns=vehicle_ns, number=1), 3.0, looked=False)
    if knows_world_time:
        inputs.take_vehicle(telemetry(), 3.0)
    trust = inputs.known(0.1, "watch", 3.0).trust["tracks"]
    assert (trust.verdict, trust.age_s) == (Verdict.STALE, 3.0)
    assert "frame 1 searched nothing: the radar is off" in trust.reason
    inputs.take_tracks(Told(message, time_ns=vehicle_ns, number=2), 3.0)
    assert verdicts(inputs, 3.0)["tracks"] is Verdict.OK


def test_frames_that_changed_no_track_make_none_fresh_in_world_time():
    message, *_ = tracks_messages("default", frames=1)
    vehicle_ns = json.loads(telemetry())["sim_time_ns"]
    inputs = inputs_of(max_age_s=2.0)
    inputs.take_tracks(Told(message, time_ns=vehicle_ns - 3_000_000_000), 0.0)
    late = Told(message, time_ns=vehicle_ns, verdict="late", reason="3 s old", number=1)
    inputs.take_tracks(late, 0.0)
    inputs.take_vehicle(telemetry(), 0.0)
    trust = inputs.known(0.1, "watch", 0.0).trust["tracks"]
    assert (trust.verdict, trust.age_s) == (Verdict.STALE, 3.0)


def test_a_slow_radar_is_not_stale_between_two_of_its_frames():
    message, *_ = tracks_messages("default", frames=1)
    inputs = inputs_of(radar_period_s=4.0, max_age_s=2.0)
    inputs.take_tracks(message, 0.0)
    assert verdicts(inputs, 5.9)["tracks"] is Verdict.OK
    assert verdicts(inputs, 6.1)["tracks"] is Verdict.STALE


def test_what_was_forgotten_is_not_fresh_and_a_world_may_begin_at_an_earlier_time():
    message, *_ = tracks_messages("default", frames=1)
    inputs = inputs_of()
    inputs.take_tracks(Told(message, time_ns=9_000_000_000), 0.0)
    assert (verdicts(inputs, 0.0)["tracks"], inputs.time_ns) == (Verdict.OK, 9_000_000_000)
    inputs.begin_anew()
    assert verdicts(inputs, 0.0)["tracks"] is Verdict.NO_DATA
    inputs.take_tracks(Told(message, time_ns=1_000_000_000, tracker_epoch=2), 0.0)
    assert inputs.time_ns == 1_000_000_000


@pytest.mark.parametrize(
    ("devices", "verdict", "reason"),
    [
        ([("radar", 1, ""), ("nbl", 2, "shed")], Verdict.OK, ""),
        ([("radar", 3, "silent"), ("nbl", 1, "")], Verdict.INVALID, "do not work: radar (silent)"),
        ([], Verdict.INVALID, "no device is there"),
        ([(f"d{n}", 3, "x") for n in range(6)], Verdict.INVALID, "d3 (x) and 2 more"),
    ],
)
def test_a_device_that_does_not_work_is_named_one_that_is_degraded_is_no_fault(
    devices, verdict, reason
):
    inputs = inputs_of()
    inputs.take_bios(report(*devices), 0.0)
    trust = inputs.known(0.1, "watch", 0.0).trust["bios"]
    assert trust.verdict is verdict
    assert reason in trust.reason
    inputs.take_bios(report(("radar", 1, "")), 1.0)
    assert inputs.known(0.1, "watch", 1.0).trust["bios"].is_ok


@pytest.mark.parametrize("payload", [b"", b"\xff", b"[]", b'{"position": 1}'])
def test_what_breaks_its_contract_is_a_reason_and_leaves_what_was_known(payload):
    inputs = inputs_of()
    inputs.take_vehicle(telemetry(), 0.0)
    before = inputs.vehicle
    inputs.take_vehicle(payload, 3.0)
    inputs.take_bios(payload, 3.0)
    trust = inputs.known(0.1, "watch", 3.0).trust
    assert inputs.vehicle is before
    assert trust["vehicle"].verdict is Verdict.STALE
    assert "telemetry breaks its contract" in trust["vehicle"].reason
    assert trust["bios"].verdict is Verdict.INVALID
    assert "bios breaks its contract" in trust["bios"].reason
