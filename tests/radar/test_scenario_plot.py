"""The picture of a scenario shows what is in it: judged by its artists, in data units."""

import builtins
import sys

import numpy as np
import pytest

from qiki.errors import SettingError
from qiki.radar import Radar, Scenario
from qiki.radar.scenario_plot import MAX_IDS, draw_scenario, write_picture
from tests.radar.test_scenario import SENSOR, scenario_text, target_text


def artist(axes, gid):
    (found,) = [child for child in axes.get_children() if child.get_gid() == gid]
    return found


def sector(**fields):
    extra = "".join(f", {name}: {value}" for name, value in fields.items())
    return SENSOR.replace("max_range_m: 20000", f"max_range_m: 20000{extra}")


def test_paths_are_where_the_targets_are():
    scenario = Scenario.load("crossing")
    figure = draw_scenario(scenario, duration_s=40.0)
    above, side = figure.axes
    assert (above.get_xlabel(), above.get_ylabel()) == ("east [km]", "north [km]")
    radar = Radar(scenario)
    types = np.array([target.object_type for target in scenario.targets])
    for name, number in (("drone", 1), ("ship", 2)):
        paths = artist(above, f"paths:{name}").get_segments()
        for target, path in zip(np.flatnonzero(types == number), paths, strict=True):
            for time_s, point in ((0.0, path[0]), (20.0, path[120]), (40.0, path[240])):
                truth = radar.truth(round(time_s * 1e9))
                assert point * 1e3 == pytest.approx(truth.position_m[target, :2], abs=1e-6)
        starts = artist(above, f"starts:{name}").get_xydata()
        assert starts * 1e3 == pytest.approx(radar.truth(0).position_m[types == number, :2])
    assert {text.get_text() for text in above.texts} == set(radar.target_names)
    assert "ground distance from main [km]" in side.get_xlabel()


def test_heights_are_over_the_distance_from_the_radar_as_it_moves():
    text = scenario_text(
        target_text(motion="{constant_velocity: {position_m: [3000, 4000, 700]}}"),
        rest="own_ship: {motion: {constant_velocity: {position_m: [0, 0, 200],"
        " velocity_m_s: [300, 400, 0]}}}",
    )
    _, side = draw_scenario(Scenario.from_yaml(text), duration_s=10.0).axes
    (path,) = artist(side, "paths:unspecified").get_segments()
    assert path[0] == pytest.approx([5.0, 0.5])
    assert path[-1] == pytest.approx([0.0, 0.5])
    low_km, high_km = side.get_ylim()
    assert low_km < 0.0 < 0.5 < high_km < 1.0


@pytest.mark.parametrize(
    ("start_deg", "extent_deg", "inside_km", "outside_km"),
    [
        (270, 180, [(-9, 1), (0, 9), (9, 1)], [(-9, -1), (0, -9), (0.0, 1.0), (0, 21)]),
        (30, 30, [(7, 7.1)], [(7, -7), (1, 9), (9, 1), (-7, 7)]),
    ],
)
def test_coverage_is_the_sector_by_bearing(start_deg, extent_deg, inside_km, outside_km):
    sensors = sector(min_range_m=2000, bearing_start_deg=start_deg, bearing_extent_deg=extent_deg)
    above, _ = draw_scenario(Scenario.from_yaml(scenario_text(sensors=sensors))).axes
    path = artist(above, "coverage:main").get_path()
    path = artist(above, "coverage:main").get_patch_transform().transform_path(path)
    assert all(path.contains_point(point) for point in inside_km)
    assert not any(path.contains_point(point) for point in outside_km)


def test_coverage_all_round_is_a_ring():
    sensors = sector(min_range_m=2000)
    above, _ = draw_scenario(Scenario.from_yaml(scenario_text(sensors=sensors))).axes
    ring = artist(above, "coverage:main")
    assert (ring.r, ring.width, ring.theta2 - ring.theta1) == (20.0, 18.0, 360.0)


def test_the_sr_threshold_is_an_arc_of_its_range():
    sensors = sector(bearing_start_deg=270, bearing_extent_deg=180)
    above, _ = draw_scenario(Scenario.from_yaml(scenario_text(sensors=sensors))).axes
    east_km, north_km = artist(above, "sr_threshold:main").get_xydata().T
    assert np.hypot(east_km, north_km) == pytest.approx(np.full(181, 5.0))
    assert north_km.min() > -1e-9
    assert (east_km[0], east_km[-1]) == pytest.approx((-5.0, 5.0))


def test_the_outline_in_the_vertical_plane():
    sensors = sector(min_range_m=1000, elevation_deg="[0, 30]")
    _, side = draw_scenario(Scenario.from_yaml(scenario_text(sensors=sensors))).axes
    outline = artist(side, "coverage:main").get_xy()
    assert outline[:, 0].max() == pytest.approx(20.0)
    assert outline[:, 1].max() == pytest.approx(10.0)  # 20 km times the sine of 30 degrees
    assert np.hypot(*outline.T).min() == pytest.approx(1.0)


def test_a_target_is_drawn_while_it_is_there():
    moving = "{constant_velocity: {position_m: [0, 1000, 0], velocity_m_s: [100, 0, 0]}}"
    text = scenario_text(target_text(present_from_s=5, present_until_s=15, motion=moving))
    figure = draw_scenario(Scenario.from_yaml(text), duration_s=24.0)
    (path,) = artist(figure.axes[0], "paths:unspecified").get_segments()
    there = path[np.isfinite(path[:, 0]), 0]
    assert (there.min(), there.max()) == pytest.approx((0.5, 1.5), abs=0.011)
    start = artist(figure.axes[0], "starts:unspecified").get_xydata()
    assert start[0] == pytest.approx([0.5, 1.0])


def test_the_duration_is_that_of_the_script():
    points = "[{position_m: [0, 0, 9], speed_m_s: 9}, {position_m: [0, 180, 9], speed_m_s: 9}]"
    text = scenario_text(target_text(motion=f"{{waypoints: {{points: {points}}}}}"))
    assert "0 to 20 s" in draw_scenario(Scenario.from_yaml(text)).get_suptitle()
    assert "0 to 60 s" in draw_scenario(Scenario.from_yaml(scenario_text())).get_suptitle()


def test_many_targets_have_no_ids():
    scenario = Scenario.load("dense")
    above, _ = draw_scenario(scenario, duration_s=5.0).axes
    assert len(scenario.targets) > MAX_IDS
    assert not above.texts
    assert len(artist(above, "starts:drone").get_xydata()) == 700


def test_a_picture_is_written_or_the_error_says_why(tmp_path):
    figure = draw_scenario(Scenario.load("default"))
    write_picture(figure, tmp_path / "scene.png")
    assert (tmp_path / "scene.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(SettingError, match=r"scene\.doc, must end with one of .*\.png"):
        write_picture(figure, tmp_path / "scene.doc")
    with pytest.raises(SettingError, match="must be a file that can be written: No such file"):
        write_picture(figure, tmp_path / "nowhere" / "scene.png")


def test_without_matplotlib_the_error_names_the_extra(monkeypatch):
    real_import = builtins.__import__

    def without_matplotlib(name, *arguments):
        if name.partition(".")[0] == "matplotlib":
            raise ModuleNotFoundError("No module named 'matplotlib'", name="matplotlib")
        return real_import(name, *arguments)

    monkeypatch.delitem(sys.modules, "qiki.radar.scenario_plot")
    monkeypatch.setattr(builtins, "__import__", without_matplotlib)
    with pytest.raises(SettingError, match=r"matplotlib is missing.*pip install 'qiki\[plot\]'"):
        __import__("qiki.radar.scenario_plot")


def test_clutter_is_drawn_where_it_is_as_dense_as_it_is():
    scenario = Scenario.load("clutter")
    above, _ = draw_scenario(scenario).axes
    for source in scenario.clutter:
        picture = artist(above, f"clutter:{source.name}")
        west_km, east_km, south_km, north_km = picture.get_extent()
        assert (west_km, south_km, east_km, north_km) == pytest.approx(
            np.multiply(source.bounds_m, 1e-3)
        )
        density = picture.get_array()
        pixel_km2 = (east_km - west_km) * (north_km - south_km) / density.size
        assert density.sum() * pixel_km2 == pytest.approx(source.mean_count, rel=0.01)
        assert density.max() == source.largest_density_per_km2
    # The first row lies in the south.
    shore = artist(above, "clutter:shore").get_array()
    assert shore[10, 10] is np.ma.masked
    assert shore[-10, -10] == 0.5


def test_what_hides_targets_is_drawn_to_scale():
    text = scenario_text(
        target_text(
            occluding_radius_m=400, motion="{constant_velocity: {position_m: [3000, 4000, 0]}}"
        ),
        rest="horizon: {effective_radius_m: 2.0e6}\n"
        "own_ship: {motion: {constant_velocity: {position_m: [0, 0, 30]}}}",
    )
    above, _ = draw_scenario(Scenario.from_yaml(text)).axes
    body, ring = artist(above, "occluding:a"), artist(above, "horizon:main")
    assert (body.center, body.radius) == (pytest.approx((3.0, 4.0)), pytest.approx(0.4))
    assert ring.radius == pytest.approx(np.sqrt(30.0 * (2.0 * 2e6 + 30.0)) * 1e-3)
    plain, _ = draw_scenario(Scenario.load("crossing")).axes
    gids = [child.get_gid() or "" for child in plain.get_children()]
    assert not [gid for gid in gids if gid.startswith(("horizon:", "occluding:"))]
