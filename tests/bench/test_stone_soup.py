"""The Stone Soup peer is Stone Soup, put together soundly."""

import numpy as np
import pytest
from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel
from stonesoup.predictor.kalman import KalmanPredictor

from bench.peers import stone_soup
from bench.scenes import SPARSE, make_scene, measurement_covariance_m2
from qiki.metrics import gospa

# It was installed without what this case does not use.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="module")
def scene():
    return make_scene(SPARSE, 20, 25, seed=3)


def pictures(scene, association, neighbours_m=150.0):
    settings = stone_soup.Settings(
        stone_soup.positions_in(3, measurement_covariance_m2()),
        clutter_density=scene.clutter_per_scan / scene.volume_m3,
        association=association,
        neighbours_m=neighbours_m,
    )
    scans = [(scan.time_ns, scan.positions_m) for scan in scene.scans]
    return list(stone_soup.follow(scans, settings))


def places_m(picture):
    places = np.array(list(picture.values())).reshape(-1, 3)
    return places[np.lexsort(places.T)]


@pytest.mark.parametrize("association", ["gnn", "jpda"])
def test_it_finds_every_target_and_nothing_else(scene, association):
    followed = pictures(scene, association)
    found = gospa(scene.scans[-1].truth_m, places_m(followed[-1]))
    assert (found.missed, found.false) == (0, 0)
    # Two thirds of the measurements' own error: the filter filters.
    assert found.localisation_m / np.sqrt(3.0 * 20) < 14.0
    # Its names stay.
    assert len(followed[-1].keys() & followed[-6].keys()) >= 19


@pytest.mark.parametrize("association", ["gnn", "jpda"])
def test_what_is_kept_for_speed_changes_nothing(scene, association, monkeypatch):
    quick = pictures(scene, association)
    monkeypatch.setattr(stone_soup, "_Predictor", KalmanPredictor)
    monkeypatch.setattr(stone_soup, "_ConstantVelocity", CombinedLinearGaussianTransitionModel)
    for ours, plain in zip(quick, pictures(scene, association, None), strict=True):
        np.testing.assert_allclose(places_m(ours), places_m(plain), rtol=1e-9)
