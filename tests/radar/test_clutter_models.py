"""Clutter by users' models: what a region would be, in its place, and bad answers contained."""

import numpy as np
import pytest
from scipy import stats

from qiki.errors import ModelError, SettingError
from qiki.models import clutter_density_model
from qiki.radar import Radar
from qiki.radar.scenario_plot import draw_scenario
from tests.radar.clutter_scenes import DISC, NOISE_FREE, source
from tests.radar.scenes import scenario, sensor

WEST_M, SOUTH_M, EAST_M, NORTH_M = -4000.0, -3000.0, 5000.0, 6000.0
LARGEST_PER_KM2 = 2.0
CORNERS_M = [[WEST_M, SOUTH_M], [EAST_M, SOUTH_M], [EAST_M, NORTH_M], [WEST_M, NORTH_M]]


@clutter_density_model
def even(east_m, north_m, time_s):
    return 2.0


@clutter_density_model
def rising(east_m, north_m, time_s):
    """From nothing in the west to the largest density in the east, and nothing from 2 s on."""
    return 2.0 * (east_m + 4000.0) / 9000.0 if time_s < 2.0 else 0.0


@clutter_density_model
def bad_from_1_s(east_m, north_m, time_s):
    return np.nan if time_s > 0.95 else 1.0


@clutter_density_model
def too_dense(east_m, north_m, time_s):
    return 2.5


@clutter_density_model
def bad_in_the_west(east_m, north_m, time_s):
    return np.nan if east_m <= -4000.0 else 1.0


def modelled(model, largest_per_km2=LARGEST_PER_KM2):
    return {
        "model": {
            "south_west_m": [WEST_M, SOUTH_M],
            "north_east_m": [EAST_M, NORTH_M],
            "density_model": model.name,
            "largest_density_per_km2": largest_per_km2,
        }
    }


def radar_of(shape, *models):
    return Radar(scenario([], [sensor(**NOISE_FREE)], clutter=[source(shape)]), models=models)


def test_an_even_model_makes_the_plots_of_a_rectangle():
    region = {"polygon": {"corners_m": CORNERS_M, "density_per_km2": LARGEST_PER_KM2}}
    by_region, by_model = radar_of(region), radar_of(modelled(even), even)
    counts = []
    for number in range(20):
        a, b = by_region.frame(number), by_model.frame(number)
        assert a.detections.tobytes() == b.detections.tobytes()
        counts.append(len(b))
    assert min(counts) > 50


def test_places_and_counts_follow_the_model():
    radar, count, east_m = radar_of(modelled(rising), rising), 0, []
    frames = [radar.frame(number) for number in range(20)]
    for frame in frames:
        plots = frame.detections
        count += len(plots)
        ground_m = plots["range_m"] * np.cos(np.radians(plots["elevation_deg"]))
        east_m.append(ground_m * np.sin(np.radians(plots["bearing_deg"])))
    mean = 20 * 0.5 * LARGEST_PER_KM2 * 81.0
    # 99.9 % two-sided, and for the places 99.99 %: the seed is fixed.
    low, high = stats.poisson.ppf([0.0005, 0.9995], mean)
    assert low <= count <= high
    share = (np.concatenate(east_m) - WEST_M) / (EAST_M - WEST_M)
    assert stats.kstest(share, lambda x: np.clip(x, 0.0, 1.0) ** 2).pvalue > 1e-4
    assert len(radar.frame(25)) == 0  # as the model says of that time


def test_a_bad_density_spoils_its_frames_alone_and_is_named():
    radar = radar_of(modelled(bad_from_1_s), bad_from_1_s)
    for number in (3, 12, 4, 11):
        if number < 10:
            assert len(radar.frame(number)) > 10
            continue
        with pytest.raises(ModelError, match='clutter_density model "bad_from_1_s" is NaN at east'):
            radar.frame(number)


def test_a_density_above_the_largest_is_a_fault_of_the_model():
    with pytest.raises(ModelError, match=r"is 2\.5 at east_m .*, must be 0 to 2: correct"):
        radar_of(modelled(too_dense), too_dense).frame(0)
    assert len(radar_of(modelled(too_dense, 2.5), too_dense).frame(0)) > 50


def test_the_scenario_names_what_it_needs():
    scene = scenario([], clutter=[source(modelled(rising))])
    assert scene.needed_models == (("clutter_density", "rising"),)
    [clutter] = scene.clutter
    assert (clutter.kind, clutter.density_model) == ("model", "rising")
    assert clutter.mean_count == pytest.approx(LARGEST_PER_KM2 * 81.0)
    with pytest.raises(SettingError, match="asked without the model, must be asked with it"):
        clutter.density_per_km2(0.0, 0.0)
    with pytest.raises(SettingError, match='clutter_density model "rising"'):
        Radar(scene)
    with pytest.raises(SettingError, match='with the clutter_density model "even"'):
        Radar(scene, models=[rising, even])


def test_the_density_is_that_of_the_model_where_the_scenario_has_it():
    [clutter] = scenario([], clutter=[source(modelled(rising))]).clutter
    east_m = np.array([WEST_M - 1.0, WEST_M, 500.0, EAST_M, EAST_M + 1.0])
    found = clutter.density_per_km2(east_m, np.zeros(5), model=rising)
    assert found == pytest.approx([0.0, 0.0, 1.0, 2.0, 0.0])
    later = clutter.density_per_km2(east_m, np.zeros(5), time_s=2.0, model=rising)
    assert (later == 0.0).all()
    for given in (even, too_dense):
        with pytest.raises(
            SettingError, match='must be the clutter_density model "rising": give the'
        ):
            clutter.density_per_km2(east_m, np.zeros(5), model=given)
    # Nobody asks it outside its rectangle, where it is bad.
    [edge] = scenario([], clutter=[source(modelled(bad_in_the_west))]).clutter
    assert edge.density_per_km2(-1e7, 0.0, model=bad_in_the_west) == 0.0
    with pytest.raises(ModelError, match=r"at east_m -4000, north_m 0"):
        edge.density_per_km2(east_m, np.zeros(5), model=bad_in_the_west)
    [dense] = scenario([], clutter=[source(modelled(too_dense))]).clutter
    with pytest.raises(ModelError, match=r"is 2\.5 at east_m .*, must be 0 to 2: correct"):
        dense.density_per_km2(east_m, np.zeros(5), model=too_dense)
    [region] = scenario([], clutter=[source(DISC)]).clutter
    with pytest.raises(SettingError, match="must be none: leave it out"):
        region.density_per_km2(east_m, np.zeros(5), model=even)


def test_a_picture_refuses_what_a_frame_refuses():
    scene = scenario([], [sensor(**NOISE_FREE)], clutter=[source(modelled(too_dense))])
    with pytest.raises(ModelError, match=r"is 2\.5 at east_m .*, must be 0 to 2: correct"):
        draw_scenario(scene, models=[too_dense])
