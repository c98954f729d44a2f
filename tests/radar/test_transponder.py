"""What transponders reply: codes, addresses and heights, from the scenario to the plots."""

import json

import numpy as np
import pytest

from qiki.errors import ScenarioError
from qiki.radar import Present, Radar, RangeBand, Scenario, TransponderMode
from tests.radar.scenes import scenario, sensor, target
from tests.radar.transponder_scenes import FOOT_M, altitude_codes, at, radar, replying

WIDE = {"coverage": {"min_range_m": 0.0, "max_range_m": 90_000.0, "elevation_deg": [-90.0, 90.0]}}


def plot_of(radar, number=0):
    (plot,) = radar.frame(number).detections
    return plot


def test_everything_that_is_replied_is_in_the_plot_of_the_short_range_alone():
    identity = {
        "id": "ALFA",
        "mode_3a": "0421",
        "address": "4B1a2C",
        "reports_height": "in_25_ft",
    }
    near = plot_of(radar([replying("near", at(4000.0, 30.0, 1000.0), **identity)]))
    assert near["range_band"] == RangeBand.SHORT
    assert near["present"] & Present.IDENTITY == Present.IDENTITY
    assert (near["mode_3a"], near["address"]) == (0o421, 0x4B1A2C)
    assert near["transponder_id"] == b"ALFA"
    assert near["transponder_mode"] == TransponderMode.ON
    assert near["height_m"] == 3275 * FOOT_M  # 1000 m is 3280.8 ft
    assert near["height_std_m"] == pytest.approx(25 * FOOT_M / np.sqrt(12))
    far = plot_of(radar([replying("far", at(6000.0, 30.0, 1000.0), **identity)]))
    assert far["range_band"] == RangeBand.LONG
    assert not far["present"] & (Present.IDENTITY | Present.HEIGHT)
    assert np.isnan(far["height_m"])


def test_one_identity_is_enough_and_the_others_are_absent():
    plot = plot_of(radar([replying("one", at(3000.0, 0.0), mode_3a="7000")]))
    assert plot["present"] & Present.IDENTITY == Present.MODE_3A | Present.TRANSPONDER_REPLY
    assert (plot["transponder_id"], plot["address"]) == (b"", 0)
    plot = plot_of(radar([replying("one", at(3000.0, 0.0), address="000001")]))
    assert plot["present"] & Present.IDENTITY == Present.ADDRESS | Present.TRANSPONDER_REPLY


def test_heights_are_counted_from_the_radar_and_rounded_as_mode_c_does():
    """Every step of the code: the height is that of the nearest 100 ft."""
    for first in range(-1000, 126_701, 12_800):
        steps_ft = np.arange(first, min(first + 12_800, 126_701), 100)
        targets = [
            replying(
                f"at{step}", (0.0, 40_000.0, (step + 42.0) * FOOT_M), mode_3a="1200",
                reports_height="in_100_ft",
            )
            for step in steps_ft.tolist()
        ]  # fmt: skip
        own = {"motion": {"constant_velocity": {"position_m": [0.0, 0.0, 50.0]}}}
        scene = scenario(targets, [sensor(sr_threshold_m=90_000.0, **WIDE)], own_ship=own)
        frame = Radar(scene).frame(0)
        assert len(frame) == len(steps_ft)
        assert (frame.detections["present"] & Present.HEIGHT).all()
        expected_m = steps_ft[frame.truth] * FOOT_M - 50.0
        np.testing.assert_allclose(frame.detections["height_m"], expected_m, atol=1e-9)
    assert sorted(altitude_codes()) == list(range(-1000, 126_701, 100))


def test_a_height_outside_the_code_is_not_reported():
    high = replying("up", (0.0, 0.0, 127_000 * FOOT_M), mode_3a="1", reports_height="in_100_ft")
    high["transponder"]["mode_3a"] = "0001"
    scene = scenario([high], [sensor(sr_threshold_m=90_000.0, **WIDE)])
    assert not plot_of(Radar(scene))["present"] & Present.HEIGHT


def test_a_spoof_claims_all_of_its_identity_until_it_is_recognised():
    spoof = replying("spoof", at(3000.0, 0.0), mode="spoof", mode_3a="7700", address="ABCDEF")
    for chance, mode in ((0.0, TransponderMode.ON), (1.0, TransponderMode.SPOOF)):
        fields = {"spoof_recognition_probability": chance}
        plot = plot_of(radar([spoof], sensor_fields=fields))
        assert plot["transponder_mode"] == mode
        assert (plot["mode_3a"], plot["address"]) == (0o7700, 0xABCDEF)


@pytest.mark.parametrize("mode", ["off", "silent"])
def test_who_does_not_reply_gives_nothing(mode):
    body = replying("quiet", at(3000.0, 0.0), mode=mode, mode_3a="7700", address="ABCDEF")
    plot = plot_of(radar([body], secondary_plots=True))
    assert not plot["present"] & Present.IDENTITY


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("mode_3a", "7800", "must be 4 octal digits"),
        ("mode_3a", 7700, "must be a text"),
        ("address", "12345", "must be 6 hexadecimal digits"),
        ("address", "GGGGGG", "must be 6 hexadecimal digits"),
        ("reports_height", "in_1_ft", "must be"),
    ],
)
def test_wrong_identities_are_told_with_their_place(field, value, words):
    with pytest.raises(ScenarioError, match=words) as caught:
        scenario([replying("one", at(3000.0, 0.0), id="A", **{field: value})])
    (problem,) = caught.value.problems
    assert problem.path == f"targets[0].transponder.{field}"


def test_a_code_in_yaml_without_quotes_is_refused_not_misread():
    text = """
scenario_version: 1
name: codes
sensors: [%s]
targets:
  - {id: a, rcs_dbsm: 0, transponder: {mode: "on", mode_3a: %s},
     motion: {constant_velocity: {position_m: [0, 3000, 0]}}}
"""
    one = json.dumps(sensor())
    assert Scenario.from_yaml(text % (one, '"0021"')).targets[0].mode_3a == 0o21
    for wrong in ("0021", "7700", "0o21"):
        with pytest.raises(ScenarioError, match="must be a text"):
            Scenario.from_yaml(text % (one, wrong))


def group(count, **fields):
    return {
        "id_prefix": "g",
        "count": count,
        "rcs_dbsm": [60.0, 60.0],
        "ground_range_m": [500.0, 4000.0],
        "height_m": [100.0, 500.0],
        "speed_m_s": [0.0, 50.0],
        "transponder_mode": "on",
        **fields,
    }


def test_members_of_a_group_have_codes_and_addresses_of_their_own():
    def identities(count, seed=5):
        scene = scenario([], seed=seed, groups=[group(count, transponder_codes=True)])
        return [(target.mode_3a, target.address) for target in scene.targets]

    many = identities(2000)
    codes, addresses = zip(*many, strict=True)
    assert len(set(addresses)) == 2000
    assert max(addresses) < 2**24
    assert not {0, 0o7500, 0o7600, 0o7700} & set(codes)
    # 2000 draws of 4092 codes hit 1581 different ones in the mean, standard deviation 16.
    assert abs(len(set(codes)) - 1581) < 4 * 16
    assert identities(20) == many[:20]
    assert identities(20, seed=6) != many[:20]
    assert scenario([], groups=[group(3)]).targets[0].mode_3a is None


def test_heights_of_a_group_in_25_ft_need_addresses():
    with pytest.raises(ScenarioError, match="transponder_codes: is missing"):
        scenario([], groups=[group(3, reports_height="in_25_ft")])
    fine = group(3, reports_height="in_25_ft", transponder_codes=True)
    frame = Radar(scenario([], groups=[fine])).frame(0)
    near = frame.detections[frame.detections["range_band"] == RangeBand.SHORT]
    assert (near["present"] & Present.HEIGHT).tolist() == [Present.HEIGHT] * 3


def test_a_reply_needs_no_interrogator_and_changes_nothing_else():
    """With an interrogator that does nothing, or a code beside the text, the plots stay."""
    bodies = [target(f"t{k}", at(1000.0 + 300.0 * k, 20.0 * k), rcs_dbsm=5.0) for k in range(12)]
    for body in bodies[::2]:
        body["transponder"] = {"mode": "on", "id": body["id"]}
    noisy = sensor(detection={"false_alarms_per_frame": 20.0})
    plain = Radar(scenario(bodies, [noisy]))
    asked = Radar(scenario(bodies, [noisy | {"interrogator": {}}]))
    coded = [dict(body) for body in bodies]
    coded[0]["transponder"] = {**coded[0]["transponder"], "mode_3a": "1234"}
    coded = Radar(scenario(coded, [noisy]))
    for number in range(20):
        expected = plain.frame(number)
        assert asked.frame(number).detections.tobytes() == expected.detections.tobytes()
        others = coded.frame(number).detections.copy()
        others["present"] &= ~np.uint32(Present.MODE_3A)
        others["mode_3a"] = 0
        assert others.tobytes() == expected.detections.tobytes()
