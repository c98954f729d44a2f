"""Alerts of a tracker: the shipped scenario, beside a slow guard, late frames, snapshots."""

import pytest

from qiki.errors import SnapshotError
from qiki.radar import Radar, Scenario
from qiki.tracking import FrameTracker, GuardRules, TrackerConfig
from qiki.wire import decode_tracks, encode_frame
from tests.tracking.guard_reference import GuardReference

FRAMES = 420
DEFAULT = GuardRules.load("default")
# Rules that raise, clear, wait and cool down often, in every combination.
BUSY = GuardRules.from_yaml("""
schema_version: 1
rules:
  - {id: RING, title: r, severity: info, min_range_m: 100, max_range_m: 300, hysteresis_m: 15}
  - {id: LASTS, title: l, severity: info, max_range_m: 400, min_duration_s: 2.5}
  - {id: COOLS, title: c, severity: info, min_quality: 0.999, cooldown_s: 1.5}
  - id: SLOW
    title: s
    severity: info
    max_radial_velocity_mps: 8
    min_duration_s: 0.3
    cooldown_s: 4
  - {id: SILENT, title: n, severity: info, require_transponder_on: false}
  - {id: REPLIES, title: y, severity: info, require_transponder_on: true, iff: foe}
  - id: COLLIDES
    title: k
    severity: critical
    cpa: {within_s: 20, distance_m: 130}
    hysteresis_m: 9
""")


@pytest.fixture(scope="module")
def payloads():
    radar = Radar(Scenario.load("guard"))
    return [encode_frame(radar.frame(number)) for number in range(FRAMES)]


def tracker(rules, late_window_s=0.0):
    scenario = Scenario.load("guard")
    config = TrackerConfig(
        friendly_ids=scenario.friendly_ids,
        hostile_ids=scenario.hostile_ids,
        late_window_s=late_window_s,
    )
    return FrameTracker(config, guard_rules=rules)


def answers(tracker, payloads):
    return [decode_tracks(tracker.answer(payload).payload) for payload in payloads]


def told(messages):
    return [
        [(it.kind, it.rule_id, it.track_number, it.time_ns, it.since_ns) for it in message.alerts]
        for message in messages
    ]


def test_the_three_rules_of_the_original_fire_and_clear(payloads):
    alerts = [alert for message in answers(tracker(DEFAULT), payloads) for alert in message.alerts]
    seen = {(alert.rule_id, alert.kind): alert for alert in alerts}
    assert len(alerts) == len(seen) == 6, "each is told once"
    for rule_id, begins_s, ends_s, range_m, severity, fsm_event in [
        ("SPOOFING_DETECTED", 15.0, 35.3, 500.0, "warning", "RADAR_ALERT_SPOOF"),
        ("UNKNOWN_CONTACT_CLOSE", 17.1, 23.2, 70.0, "critical", "RADAR_ALERT_UNKNOWN_CLOSE"),
        ("FOE_TRANSPONDER_OFF_APPROACH", 27.1, 33.2, 150.0, "critical", "RADAR_ALERT_FOE_APPROACH"),
    ]:
        raised, cleared = seen[rule_id, "raised"], seen[rule_id, "cleared"]
        assert raised.track_id == cleared.track_id
        assert raised.time_ns * 1e-9 == pytest.approx(begins_s, abs=0.35)
        assert cleared.time_ns * 1e-9 == pytest.approx(ends_s, abs=0.35)
        assert cleared.since_ns == raised.time_ns
        assert range_m - 5 < raised.range_m <= range_m < cleared.range_m
        assert (raised.severity, raised.fsm_event) == (severity, fsm_event)
        assert raised.description
        assert raised.approach_time_s is None
    assert seen["UNKNOWN_CONTACT_CLOSE", "raised"].friend_foe == 3
    foe = seen["FOE_TRANSPONDER_OFF_APPROACH", "raised"]
    assert (foe.friend_foe, foe.transponder_on) == (2, False)
    assert seen["SPOOFING_DETECTED", "raised"].transponder_mode == 3


@pytest.mark.parametrize("rules", [DEFAULT, BUSY], ids=["default", "busy"])
def test_the_alerts_are_those_of_the_slow_guard(payloads, rules):
    reference = GuardReference(rules)
    messages = answers(tracker(rules), payloads)
    expected = [reference.alerts_of(message) for message in messages]
    assert told(messages) == expected
    if rules is BUSY:
        kinds = {(kind, rule) for frame in expected for kind, rule, *_ in frame}
        assert {rule for kind, rule in kinds if kind == "raised"} == set(rules.rule_ids)
        assert {kind for kind, _ in kinds} == {"raised", "cleared", "lost"}


def shuffled(payloads):
    """Every seventh frame comes three later."""
    order = list(range(len(payloads)))
    for at in range(0, len(order) - 3, 7):
        order.insert(at + 3, order.pop(at))
    return [payloads[at] for at in order]


def test_late_frames_tell_what_they_changed_once_and_by_the_newest_time(payloads):
    reference = GuardReference(BUSY)
    messages = answers(tracker(BUSY, late_window_s=2.0), shuffled(payloads))
    assert {message.verdict for message in messages} == {"accepted"}
    expected = [reference.alerts_of(message) for message in messages]
    assert told(messages) == expected
    standing = set()
    for kind, *key, _, _ in (alert for frame in expected for alert in frame):
        assert (tuple(key) in standing) == (kind != "raised"), "raised and ended in turn"
        (standing.add if kind == "raised" else standing.discard)(tuple(key))


@pytest.mark.parametrize("late_window_s", [0.0, 2.0])
def test_from_a_snapshot_the_same_bytes_follow(payloads, late_window_s):
    payloads = shuffled(payloads) if late_window_s else payloads
    first = tracker(BUSY, late_window_s)
    for number, payload in enumerate(payloads):
        if number % 60 == 30:
            other = tracker(BUSY, late_window_s)
            other.restore(first.snapshot())
            assert other.snapshot() == first.snapshot()
            first, kept = other, first
            assert kept.answer(payload).payload == other.answer(payload).payload
            continue
        first.answer(payload)


def test_without_alerts_the_bytes_are_those_without_rules(payloads):
    never = GuardRules.from_yaml(
        "{schema_version: 1, rules: [{id: A, title: a, severity: info, min_range_m: 90000}]}"
    )
    with_rules, without = tracker(never), tracker(None)
    for payload in payloads[:50]:
        assert with_rules.answer(payload).payload == without.answer(payload).payload
    assert with_rules.settings_sha256 != without.settings_sha256
    with pytest.raises(SnapshotError, match="it does not begin as one"):
        with_rules.restore(without.snapshot())
    other = tracker(DEFAULT)
    with pytest.raises(SnapshotError, match="other guard rules"):
        other.restore(with_rules.snapshot())


def test_frames_of_other_sensors_are_not_judged(payloads):
    text = DEFAULT.to_json()
    sensor_id = Radar(Scenario.load("guard")).sensor_id
    strange = "5d12a12d-0000-4000-8000-000000000001"
    for named, count in [(sensor_id, 6), (strange, 0)]:
        rules = GuardRules(text.replace('"sensor_ids":[]', f'"sensor_ids":["{named}"]'))
        found = [answer.alerts for answer in map(tracker(rules).answer, payloads)]
        assert sum(found) == count


def test_a_new_epoch_knows_of_no_alert(payloads):
    again = tracker(DEFAULT)
    before = told(answers(again, payloads[:250]))
    again.begin(7)
    assert told(answers(again, payloads[:250])) == before


def test_an_approach_is_told_with_its_probability(payloads):
    rules = GuardRules.from_yaml("""
schema_version: 1
rules:
  - id: SURE
    title: s
    severity: critical
    cpa: {within_s: 30, distance_m: 130, probability: 0.9}
    hysteresis_m: 20
""")
    alerts = [alert for message in answers(tracker(rules), payloads) for alert in message.alerts]
    raised = [alert for alert in alerts if alert.kind == "raised"]
    # The contact passes at 40 m and the raider at 122 m; the spoofer, at 301 m, does not.
    assert len({alert.track_number for alert in raised}) == 2
    for alert in raised:
        assert alert.approach_probability >= 0.9
        assert 0 <= alert.approach_time_s <= 30
        assert alert.approach_distance_m < 130
