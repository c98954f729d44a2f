"""A cross section by aspect: the side that the radar sees decides how strong the echo is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import interpolate, stats

from qiki.errors import ScenarioError
from qiki.radar import Radar, Scenario, detection_probability
from tests.radar.scenes import scenario, sensor, target
from tests.radar.test_scenario import scenario_text, target_text

AZIMUTH_DEG = [0, 25, 90, 155, 180, 250, 330]
ELEVATION_DEG = [-40, 0, 30]
RCS_DBSM = [[-9, -3, 6, 1, -6, 4, -8], [-12, -6, 3, -2, -9, 1, -11], [-6, -6, 9, 0, -3, 7, -5]]
TABLE = {"azimuth_deg": AZIMUTH_DEG, "elevation_deg": ELEVATION_DEG, "rcs_dbsm": RCS_DBSM}


def body(position_m, velocity_m_s=(0.0, 0.0, 0.0), table=TABLE, **fields):
    """A target with a table in place of its cross section."""
    with_table = target("one", position_m, velocity_m_s, rcs_by_aspect=table, **fields)
    del with_table["rcs_dbsm"]
    return with_table


def expected_rcs_dbsm(position_m, velocity_m_s):
    """Bilinear interpolation by scipy, the azimuths continued past both ends."""
    azimuth_deg = np.array([AZIMUTH_DEG[-1] - 360, *AZIMUTH_DEG, AZIMUTH_DEG[0] + 360], float)
    rows = np.array([[row[-1], *row, row[0]] for row in RCS_DBSM], float)
    grid = interpolate.RegularGridInterpolator((ELEVATION_DEG, azimuth_deg), rows)
    to_radar_m = -np.asarray(position_m, float)
    bearing_deg, heading_deg = (
        np.degrees(np.arctan2(vector[..., 0], vector[..., 1]))
        for vector in (to_radar_m, np.asarray(velocity_m_s, float))
    )
    ground_m = np.hypot(to_radar_m[..., 0], to_radar_m[..., 1])
    elevation_deg = np.degrees(np.arctan2(to_radar_m[..., 2], ground_m))
    points = np.clip(elevation_deg, -40, 30), (bearing_deg - heading_deg) % 360.0
    return grid(np.stack(points, axis=-1))


def expected_probability(radar, position_m, velocity_m_s):
    snr_db = radar.sensor.mean_snr_db(np.linalg.norm(position_m, axis=-1)) + expected_rcs_dbsm(
        position_m, velocity_m_s
    )
    return detection_probability(snr_db, false_alarm_probability=1e-6)


def test_a_circling_body_shows_all_its_sides():
    circle = {
        "coordinated_turn": {
            "position_m": [1000.0, 7000.0, 900.0],
            "velocity_m_s": [90.0, 0.0, 0.0],
            "turn_rate_deg_s": 6.0,
        }
    }
    radar = Radar(scenario([body((0.0, 0.0, 0.0)) | {"motion": circle}]))
    truth = [radar.truth(second * 10**9) for second in range(60)]
    position_m, velocity_m_s = (
        np.concatenate([getattr(entry, name) for entry in truth])
        for name in ("position_m", "velocity_m_s")
    )
    expected = expected_probability(radar, position_m, velocity_m_s)
    assert expected.max() - expected.min() > 0.3
    found = [entry.detection_probability[0] for entry in truth]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@given(
    st.tuples(*[st.floats(-9000.0, 9000.0)] * 2, st.floats(-3000.0, 6000.0)),
    st.tuples(*[st.floats(-300.0, 300.0)] * 2, st.just(0.0)),
)
def test_anywhere_on_any_course_it_is_what_the_table_says(position_m, velocity_m_s):
    radar = Radar(scenario([body(position_m, velocity_m_s)], [sensor(range_rate=None)]))
    truth = radar.truth(0)
    if truth.detection_probability[0] > 0.0:
        # A body at rest points north, whatever the sign of its zeros.
        velocity_m_s = np.array(velocity_m_s) + 0.0
        expected = expected_probability(radar, np.array(position_m), velocity_m_s)
        assert truth.detection_probability[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("velocity_m_s", [(0.0, 0.0, 0.0), (-40.0, 0.0, 0.0), (0.0, -40.0, 0.0)])
def test_echoes_are_as_frequent_as_the_aspect_says(velocity_m_s):
    """One body with the table among seven without, so that lanes of both kinds stand together."""
    others = [
        target(f"other-{index}", (0.0, 3000.0 + index, 0.0), velocity_m_s) for index in range(7)
    ]
    scene = scenario([*others, body((6000.0, 5000.0, 0.0), velocity_m_s)])
    # The same instant with many seeds, since a body that moves shows other sides.
    seeds = 3000
    radars = (Radar(scene, seed=seed) for seed in range(seeds))
    seen = sum(np.count_nonzero(radar.frame(0).truth == 7) for radar in radars)
    expected = Radar(scene).truth(0).detection_probability[7]
    assert 0.02 < expected < 0.98
    low, high = stats.binom.interval(1.0 - 1e-5, seeds, expected)
    assert low <= seen <= high


@given(st.floats(0.0, 360.0), st.floats(-180.0, 180.0))
def test_a_symmetric_body_is_the_same_from_port_and_starboard(bearing_deg, course_deg):
    table = {"azimuth_deg": [0, 60, 180], "rcs_dbsm": [[-12, 4, -2]], "symmetric": True}

    def seen(mirror):
        angles = np.radians([bearing_deg, bearing_deg + mirror * course_deg])
        (x, y), (vx, vy) = zip(np.sin(angles), np.cos(angles), strict=True)
        one = body((9000.0 * x, 9000.0 * y, 0.0), (100.0 * vx, 100.0 * vy, 0.0), table)
        return Radar(scenario([one])).truth(0).detection_probability[0]

    assert seen(1.0) == pytest.approx(seen(-1.0), rel=1e-9)


def test_a_body_that_stops_keeps_its_course():
    stop = {"position_m": [0.0, 9000.0, 0.0], "speed_m_s": 100.0}
    points = [stop | {"position_m": [-1000.0, 9000.0, 0.0]}, stop]
    route = {"waypoints": {"points": points, "at_end": "hold"}}
    radar = Radar(scenario([body((0.0, 0.0, 0.0)) | {"motion": route}]))
    stopped = radar.truth(60 * 10**9)
    assert (stopped.velocity_m_s == 0.0).all()
    expected = expected_probability(radar, [[0.0, 9000.0, 0.0]], [[100.0, 0.0, 0.0]])
    assert stopped.detection_probability == pytest.approx(expected, abs=1e-12)
    # The frames' own way to the cross section.
    seen = sum(len(radar.frame(number)) for number in range(600, 4600))
    low, high = stats.binom(4000, expected[0]).ppf([0.0005, 0.9995])
    assert low <= seen <= high


def test_the_scenario_names_the_largest_cross_section():
    assert scenario([body((0.0, 1.0, 0.0))]).targets[0].rcs_dbsm == 9.0


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("{azimuth_deg: [0, 400], rcs_dbsm: [[1, 1]]}", r"azimuth_deg\[1\]: is 400, must be 0 to"),
        ("{azimuth_deg: [0, 90], rcs_dbsm: [[1]]}", r"rcs_dbsm\[0\]: has 1 entries, must have 2"),
        ("{azimuth_deg: [0, 90], rcs_dbsm: [[1, 999]]}", r"rcs_dbsm\[0\]\[1\]: is 999, must be"),
        ("{azimuth_deg: [0], rcs_dbsm: [[1]], symmetric: true}", "must have 0 and 180"),
        ("{azimuth: [0]}", "azimuth: is not a known name: did you mean azimuth_deg"),
    ],
)
def test_bad_tables_are_refused_by_line_and_place(table, message):
    text = target_text(rcs_by_aspect=table).replace("    rcs_dbsm: 0\n", "")
    with pytest.raises(ScenarioError, match=message) as caught:
        Scenario.from_yaml(scenario_text(text))
    assert "line 7: targets[0].rcs_by_aspect" in str(caught.value)


def test_a_table_stands_in_place_of_the_number():
    both = target_text(rcs_by_aspect="{azimuth_deg: [0], rcs_dbsm: [[1]]}")
    for text in (both, target_text().replace("    rcs_dbsm: 0\n", "")):
        with pytest.raises(ScenarioError, match="must have rcs_dbsm, rcs_by_aspect or rcs_model"):
            Scenario.from_yaml(scenario_text(text))
