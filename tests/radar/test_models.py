"""Users' models in the radar: the same as what the radar computes itself, in their place."""

import gc
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from qiki.errors import ModelError, ScenarioError, SettingError
from qiki.models import clutter_density_model, detection_probability_model, rcs_model
from qiki.radar import Radar, Scenario
from tests.radar.scenes import scenario, sensor, target

SIDE_DBSM = 12.0


def constant(rcs_m2, name="body"):
    def body(azimuth_deg, elevation_deg, time_s):
        return rcs_m2 + 0.0 * time_s

    body.__name__ = name
    return rcs_model(body)


@rcs_model
def side(azimuth_deg, elevation_deg, time_s):
    """As the table {0: -8, 90: 12, 180: -8} dBsm, on both sides the same."""
    off_side_deg = abs(90.0 - abs(azimuth_deg - 180.0))
    return 10.0 ** (0.1 * (12.0 - 20.0 * off_side_deg / 90.0))


@detection_probability_model
def falling(snr_db, range_m, range_rate_m_s):
    return 1.0 / (1.0 + np.exp(0.0005 * (range_m - 8000.0) - 0.002 * range_rate_m_s))


@rcs_model
def bad_at_half_past(azimuth_deg, elevation_deg, time_s):
    return np.nan if 0.45 < time_s < 0.55 else 1.0


def modelled(name, position_m, velocity_m_s=(0.0, 0.0, 0.0), model="body", **fields):
    """A target with a model in place of its cross section."""
    entry = target(name, position_m, velocity_m_s, rcs_model=model, **fields)
    del entry["rcs_dbsm"]
    return entry


def with_chance(**changes):
    """A sensor whose detections `falling` decides."""
    detection = sensor()["detection"] | {"detection_probability_model": "falling"}
    return sensor(detection=detection | changes)


def bytes_of(radar, numbers=range(30)):
    frames = [radar.frame(number) for number in numbers]
    return [(frame.detections.tobytes(), frame.truth.tobytes()) for frame in frames]


SCANS = {
    "staring": {"staring": {"period_s": 0.1}},
    "fast": {"staring": {"period_s": 0.003}},
    "rotating": {"rotating": {"rotation_period_s": 1.6, "sectors": 4}},
    "steered": {
        "steered": {
            "beams": [
                {"bearing_deg": 20.0, "bearing_width_deg": 90.0, "elevation_width_deg": 30.0}
                | {"elevation_deg": 5.0, "dwell_s": 0.05}
            ]
        }
    },
}


@pytest.mark.parametrize("scan", SCANS)
@pytest.mark.parametrize("fluctuation", ["swerling_0", "swerling_1", "swerling_4"])
def test_a_constant_model_is_the_constant_bit_for_bit(scan, fluctuation):
    places = [(500.0 * k, 4000.0 + 700.0 * k, 50.0 * k) for k in range(11)]
    velocity_m_s = (40.0, -25.0, 1.0)
    given_, by_model = (
        [
            make(f"t{k}", place, velocity_m_s, fluctuation=fluctuation, **fields)
            for k, place in enumerate(places)
        ]
        for make, fields in ((target, {"rcs_dbsm": 10.0}), (modelled, {}))
    )
    sensors = [sensor() | {"scan": SCANS[scan]}]
    expected = bytes_of(Radar(scenario(given_, sensors)))
    found = bytes_of(Radar(scenario(by_model, sensors), models=[constant(10.0)]))
    assert sum(len(detections) for detections, _ in expected) > 1000
    assert found == expected


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(*[st.floats(-9000.0, 9000.0)] * 2, st.floats(-3000.0, 6000.0)),
    st.tuples(*[st.floats(-300.0, 300.0)] * 2, st.just(0.0)),
)
def test_a_model_of_a_table_is_the_table(position_m, velocity_m_s):
    table = {"azimuth_deg": [0, 90, 180], "rcs_dbsm": [[-8, SIDE_DBSM, -8]], "symmetric": True}
    by_table = target("one", position_m, velocity_m_s, rcs_by_aspect=table)
    del by_table["rcs_dbsm"]
    sensors = [sensor(range_rate=None)]
    expected = Radar(scenario([by_table], sensors))
    found = Radar(
        scenario([modelled("one", position_m, velocity_m_s, "side")], sensors), models=[side]
    )
    chances = [radar.truth(0).detection_probability[0] for radar in (found, expected)]
    assert chances[0] == pytest.approx(chances[1], rel=1e-9)
    for number in range(3):
        # The echo is drawn from the same numbers: it differs by the rounding of the RCS alone.
        ours, theirs = (radar.frame(number).detections for radar in (found, expected))
        np.testing.assert_allclose(ours["snr_db"], theirs["snr_db"], rtol=1e-5)


@pytest.mark.parametrize("scan", ["staring", "rotating"])
def test_targets_are_detected_as_often_as_the_model_says(scan):
    places = [(0.0, 4000.0, 0.0), (9000.0, 0.0, 0.0), (0.0, -13_000.0, 500.0)]
    targets = [target(f"t{k}", place, rcs_dbsm=-20.0 * k) for k, place in enumerate(places)]
    seeds = 4000
    scene = scenario(targets, [with_chance() | {"scan": SCANS[scan]}])
    expected = Radar(scene, models=[falling]).truth(0).detection_probability
    range_m = np.linalg.norm(places, axis=1)
    np.testing.assert_allclose(expected, 1.0 / (1.0 + np.exp(0.0005 * (range_m - 8000.0))))
    seen = np.zeros(3)
    frames = range(4) if scan == "rotating" else range(1)
    for seed in range(seeds):
        radar = Radar(scene, seed=seed, models=[falling])
        for number in frames:
            seen += np.bincount(radar.frame(number).truth, minlength=3)
    low, high = stats.binom.interval(1.0 - 0.001 / 3, seeds, expected)
    assert (low <= seen).all()
    assert (seen <= high).all()


@pytest.mark.parametrize("pulses", [1, 10])
def test_the_power_of_what_a_model_detects_is_that_of_an_echo_that_passed(pulses):
    scene = scenario([target("one", (0.0, 6000.0, 0.0))], [with_chance(pulses=pulses)])
    radar = Radar(scene, models=[falling])
    snr_db = np.concatenate([radar.frame(number).detections["snr_db"] for number in range(4000)])
    power = 10.0 ** (0.1 * snr_db.astype(float)) + pulses
    # Pfa of one pulse and of ten, by the gamma distribution of the sum.
    threshold = stats.gamma.isf(1e-6, pulses)
    snr = 10.0 ** (0.1 * radar.sensor.mean_snr_db(6000.0))
    excess = (power - threshold) / (1.0 + pulses * snr)
    assert stats.kstest(excess, "expon").pvalue > 1e-3


def test_without_a_cross_section_there_is_no_infinity():
    @detection_probability_model
    def falling(snr_db, range_m, range_rate_m_s):
        return 1.0 if snr_db == -200.0 else 0.0

    scene = scenario([modelled("one", (0.0, 5000.0, 0.0))], [with_chance()])
    frame = Radar(scene, models=[constant(0.0), falling]).frame(0)
    assert frame.truth.tolist() == [0]
    assert np.isfinite(frame.detections["snr_db"]).all()


def test_a_bad_answer_is_named_and_the_next_frame_is_as_ever():
    scene = scenario([modelled("one", (0.0, 5000.0, 0.0), model="bad_at_half_past")])
    radar = Radar(scene, models=[bad_at_half_past])
    before = radar.frame(4).detections.tobytes()
    message = (
        'rcs model "bad_at_half_past" is NaN at azimuth_deg 180, elevation_deg 0, time_s 0.5, '
        "must be 0 to 10000000000: correct the model"
    )
    faulty = radar.with_fault('{"fault": {"bias": {"range_m": 50}}}')
    for one in (radar, faulty):
        with pytest.raises(ModelError, match=f"^{re.escape(message)}$"):
            one.frame(5)
        with pytest.raises(ModelError, match="bad_at_half_past"):
            one.truth(500_000_000)
        assert one.truth(600_000_000).detection_probability[0] > 0.9
        assert len(one.frame(6)) == 1
    assert radar.frame(4).detections.tobytes() == before
    assert len(radar.clock_frame(5, radar.frame_time_ns(5))) == 0


BODY = constant(1.0)


@pytest.mark.parametrize(
    ("models", "message"),
    [
        ([], 'models is none, must be with the rcs model "body" of scenario "test": give it by'),
        ([BODY, side], 'models is with the rcs model "side", must be those that scenario "test"'),
        ([BODY, constant(2.0)], 'models is two of the name "body", must be one of each name'),
        ([side], 'models is "side", must be with the rcs model "body"'),
    ],
)
def test_models_are_those_that_the_scenario_names(models, message):
    scene = scenario([modelled("one", (0.0, 5000.0, 0.0))])
    for use in (lambda: Radar(scene, models=models), lambda: scene.check_models(models)):
        with pytest.raises(SettingError, match=f"^{re.escape(message)}"):
            use()
    with pytest.raises(TypeError):
        Radar(scene, models=[1.0])


def test_a_model_of_another_kind_is_refused():
    @clutter_density_model
    def body(east_m, north_m, time_s):
        return 1.0

    scene = scenario([modelled("one", (0.0, 5000.0, 0.0))])
    with pytest.raises(SettingError, match=r'model "body" is for clutter_density, must be the rcs'):
        Radar(scene, models=[body])


def test_a_scenario_says_what_it_needs():
    fields = {"id_prefix": "g", "count": 3, "rcs_model": "side", "ground_range_m": [300, 6000]}
    group = fields | {"height_m": [0, 9], "speed_m_s": [0, 9]}
    scene = scenario([modelled("one", (0.0, 5000.0, 0.0))], [with_chance()], groups=[group])
    assert scene.needed_models == (
        ("rcs", "body"),
        ("detection_probability", "falling"),
        ("rcs", "side"),
    )
    assert scene.sensors[0].detection_probability_model == "falling"
    assert [entry.rcs_model for entry in scene.targets] == ["body", "side", "side", "side"]
    assert np.isnan(scene.targets[0].rcs_dbsm)
    assert len(Radar(scene, models=[falling, BODY, side]).target_names) == 4
    assert Scenario.load("default").needed_models == ()


@pytest.mark.parametrize(
    ("fields", "path", "reason"),
    [
        ({"rcs_dbsm": 3.0}, "targets[0]", "must have rcs_dbsm, rcs_by_aspect or rcs_model"),
        ({"rcs_model": ""}, "targets[0].rcs_model", 'is "" (0 bytes), must be 1 to 64 bytes'),
        ({"rcs_model": "n" * 65}, "targets[0].rcs_model", "(65 bytes), must be 1 to 64"),
        ({"rcs_model": 7}, "targets[0].rcs_model", "is 7, must be a text"),
    ],
)
def test_bad_names_are_refused_at_their_place(fields, path, reason):
    with pytest.raises(ScenarioError) as caught:
        scenario([modelled("one", (0.0, 5000.0, 0.0)) | fields])
    assert caught.value.problems[0].path == path
    assert reason in caught.value.problems[0].reason


def test_a_group_has_a_draw_or_a_model():
    group = {"id_prefix": "g", "count": 2, "ground_range_m": [1, 2], "height_m": [0, 1]}
    for fields in ({}, {"rcs_dbsm": [0, 1], "rcs_model": "side"}):
        with pytest.raises(ScenarioError, match="must have rcs_dbsm or rcs_model: give exactly"):
            scenario(groups=[group | {"speed_m_s": [0, 1]} | fields])


def test_threads_get_the_same_frames():
    targets = [
        modelled(f"t{k}", (100.0 * k, 6000.0, 0.0), (0.0, 60.0, 0.0), "side") for k in range(40)
    ]
    radar = Radar(scenario(targets, [with_chance()]), models=[side, falling])
    expected = bytes_of(radar, range(200))
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: bytes_of(radar, range(200)), range(4)):
            assert found == expected


def test_a_radar_keeps_its_models():
    def radar():
        scene = scenario([modelled("one", (0.0, 5000.0, 0.0))])
        return Radar(scene, models=[constant(1.0)])

    radars = [radar().repaired() for _ in range(3)]
    gc.collect()
    found = [bytes_of(one) for one in radars]
    assert found[0] == found[1] == found[2]
    plain = Radar(scenario([target("one", (0.0, 5000.0, 0.0))]))
    assert found[0] == bytes_of(plain)
