"""What the horizon and bodies hide is neither asked, nor heard, nor seen as clutter."""

import numpy as np

from qiki.radar import Present, Radar
from tests.radar.clutter_scenes import NOISE_FREE, source
from tests.radar.scenes import scenario, sensor, target

# A sphere in the north hides what is behind it.
SPHERE = target("sphere", (0.0, 3000.0, 0.0), rcs_dbsm=-90.0, occluding_radius_m=500.0)
BEHIND = target(
    "behind", (0.0, 4000.0, 10.0), rcs_dbsm=-90.0, transponder={"mode": "on", "id": "BEHIND"}
)
BESIDE = target(
    "beside", (4000.0, 0.0, 10.0), rcs_dbsm=-90.0, transponder={"mode": "on", "id": "BESIDE"}
)


def names(frame):
    identified = (frame.detections["present"] & Present.TRANSPONDER_ID) != 0
    return {text.decode() for text in frame.detections["transponder_id"][identified].tolist()}


def test_a_hidden_transponder_is_not_heard():
    asking = sensor(interrogator={"secondary_plots": True})
    free, hiding = (Radar(scenario([*more, BEHIND, BESIDE], [asking])) for more in ([], [SPHERE]))
    for number in range(5):
        assert names(free.frame(number)) == {"BEHIND", "BESIDE"}
        assert names(hiding.frame(number)) == {"BESIDE"}
    truth = hiding.truth(0)
    assert truth.reply_probability.tolist() == [0.0, 0.0, 1.0]
    assert truth.is_hidden.tolist() == [False, True, False]


def test_a_transponder_below_the_horizon_is_not_heard():
    low = target(
        "low", (0.0, 19_000.0, -80.0), rcs_dbsm=-90.0, transponder={"mode": "on", "id": "LOW"}
    )
    asking = sensor(sr_threshold_m=20_000.0, interrogator={"secondary_plots": True})
    rings = {"disc": {"centre_m": [0.0, 0.0], "radius_m": 19_000.0, "density_per_km2": 0.5}}
    fields = {"clutter": [source(rings, height_m=[-80.0, -80.0])]}
    above, below = (Radar(scenario([low, BESIDE], [asking], **fields, **more)) for more in (
        {}, {"horizon": {}},
    ))  # fmt: skip
    assert names(above.frame(0)) == {"LOW", "BESIDE"}
    assert names(below.frame(0)) == {"BESIDE"}
    # What lies below the ground is hidden, and with it all of this clutter.
    assert (above.frame(0).truth == -1).sum() > 300
    assert not (below.frame(0).truth == -1).any()


def test_clutter_behind_a_body_is_not_seen():
    ring = {"disc": {"centre_m": [0.0, 0.0], "radius_m": 9000.0, "density_per_km2": 3.0}}
    entry = sensor(**NOISE_FREE)
    free, hiding = (
        Radar(scenario(more, [entry], clutter=[source(ring)])) for more in ([], [SPHERE])
    )
    hidden_count = 0
    for number in range(10):
        plots, left = free.frame(number).detections, hiding.frame(number).detections
        # In the shadow: nearer to the axis than the tangent cone, and beyond the tangent points.
        off_deg = np.abs((plots["bearing_deg"] + 180.0) % 360.0 - 180.0)
        in_cone = off_deg < np.degrees(np.arcsin(500.0 / 3000.0))
        is_hidden = in_cone & (plots["range_m"] > np.sqrt(3000.0**2 - 500.0**2))
        # Inside the sphere, before its middle, neither rule is the other's: leave those out.
        ground_m = plots["range_m"] * np.cos(np.radians(plots["elevation_deg"]))
        x_m, y_m = (ground_m * f(np.radians(plots["bearing_deg"])) for f in (np.sin, np.cos))
        is_inside = np.hypot(x_m, y_m - 3000.0) < 501.0
        expected = plots[~is_hidden & ~is_inside]
        assert np.isin(expected["range_m"], left["range_m"]).all()
        assert not np.isin(plots[is_hidden & ~is_inside]["range_m"], left["range_m"]).any()
        hidden_count += np.count_nonzero(is_hidden)
    assert hidden_count > 50


def test_range_rates_of_clutter_are_folded():
    waveform = {
        "prf_hz": 2000.0,
        "wavelength_m": 0.03,
        "range_ambiguity": "resolved",
    }  # folds at 30
    rates = {"resolution_m_s": 1e-3, "floor_m_s": 0.0}
    ring = {"disc": {"centre_m": [0.0, 0.0], "radius_m": 9000.0, "density_per_km2": 1.0}}
    wind = source(ring, drift_velocity_m_s=[0.0, 50.0, 0.0])
    folded = sensor(**(NOISE_FREE | {"range_rate": rates}), waveform=waveform)
    del folded["range_rate"]["limit_m_s"]
    plain, folding = (
        Radar(scenario([], [entry], clutter=[wind])) for entry in (sensor(**NOISE_FREE), folded)
    )
    count = 0
    for number in range(10):
        true, seen = (
            np.sort(radar.frame(number).detections, order="range_m") for radar in (plain, folding)
        )
        assert len(true) == len(seen)
        turns_m_s = true["range_rate_m_s"] - seen["range_rate_m_s"]
        np.testing.assert_allclose(turns_m_s, 30.0 * np.round(turns_m_s / 30.0), atol=0.02)
        assert (np.abs(seen["range_rate_m_s"]) <= 15.0).all()
        count += np.count_nonzero(np.abs(turns_m_s) > 1.0)
    assert count > 300
