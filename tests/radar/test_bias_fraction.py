"""The part of an error that stays the same for a target over the whole run.

Seeds are fixed; limits are 4.5 standard errors, or a Kolmogorov-Smirnov probability of 1e-4.
"""

import numpy as np
import pytest
from scipy import stats

import qiki._core
from qiki.errors import ScenarioError
from qiki.radar import Radar
from tests.radar.scenes import SENSOR, scenario, sensor, target

SIGMAS = 4.5
P_VALUE = 1e-4
COUNT = 40_000
FRACTION = 0.1
MEASUREMENTS = (
    ("range_m", "range_std_m", "range", "resolution_m"),
    ("bearing_deg", "bearing_std_deg", "bearing", "beamwidth_deg"),
    ("elevation_deg", "elevation_std_deg", "elevation", "beamwidth_deg"),
    ("range_rate_m_s", "range_rate_std_m_s", "range_rate", "resolution_m_s"),
)
BIASED = sensor(**{key: {"bias_fraction": FRACTION} for _, _, key, _ in MEASUREMENTS})
STILL = {
    "id_prefix": "one",
    "count": COUNT,
    "rcs_dbsm": [0.0, 15.0],
    "ground_range_m": [3000.0, 9000.0],
    "height_m": [-500.0, 3000.0],
    "speed_m_s": [0.0, 0.0],
}


def bias_std(key, resolution):
    return FRACTION * SENSOR[key][resolution]


@pytest.fixture(scope="module")
def radar():
    return Radar(scenario(sensors=[BIASED], groups=[STILL]))


@pytest.fixture(scope="module")
def errors(radar):
    """Errors and standard deviations, (frames, 4, targets); NaN where a target is not seen."""
    truth = radar.truth(0)
    found = np.full((3, 2, 4, COUNT), np.nan)
    for number, (error, std) in enumerate(found):
        frame = radar.frame(number)
        for row, (name, std_name, _, _) in enumerate(MEASUREMENTS):
            difference = frame.detections[name] - getattr(truth, name)[frame.truth]
            if name == "bearing_deg":
                difference = (difference + 180.0) % 360.0 - 180.0
            error[row, frame.truth] = difference
            std[row, frame.truth] = frame.detections[std_name]
    return found[:, 0], found[:, 1]


@pytest.mark.parametrize("row", range(4))
def test_over_many_targets_errors_have_the_variance_reported(errors, row):
    error, std = errors
    normalised = (error / std)[:, row]
    for frame in normalised:
        seen = frame[np.isfinite(frame)]
        assert len(seen) > 0.8 * COUNT
        assert abs(seen.mean()) < SIGMAS / np.sqrt(len(seen))
        assert abs(seen.var() - 1.0) < SIGMAS * np.sqrt(2.0 / len(seen))
        assert stats.kstest(seen, "norm").pvalue > P_VALUE


@pytest.mark.parametrize("row", range(4))
def test_the_correlation_between_frames_is_the_share_of_the_bias(errors, row):
    error, std = errors
    name, _, key, resolution = MEASUREMENTS[row]
    share = bias_std(key, resolution) ** 2 / std[:, row] ** 2
    for one, other in [(0, 1), (0, 2), (1, 2)]:
        product = (error[one, row] / std[one, row]) * (error[other, row] / std[other, row])
        expected = np.sqrt(share[one] * share[other])
        is_seen = np.isfinite(product)
        correlation, expected = product[is_seen].mean(), expected[is_seen].mean()
        # The variance of the product of two correlated normal numbers is 1 + correlation^2.
        limit = SIGMAS * np.sqrt((1.0 + expected**2) / np.count_nonzero(is_seen))
        assert 0.1 < expected < 0.95, name
        assert abs(correlation - expected) < limit, name


def test_the_mean_over_the_frames_of_one_target_is_its_bias():
    """Of each of 200 targets: they differ as the law says, and none comes to zero in time."""
    bodies = [target(f"t{index}", (0.0, 4000.0 + 10.0 * index, 0.0)) for index in range(200)]
    radar = Radar(scenario(bodies, [BIASED]))
    range_m = radar.truth(0).range_m
    total_m, weight = np.zeros((2, 200)), np.zeros((2, 200))
    for number in range(800):
        frame = radar.frame(number)
        variance_m2 = frame.detections["range_std_m"].astype(float) ** 2
        inverse = 1.0 / (variance_m2 - bias_std("range", "resolution_m") ** 2)
        half = number // 400
        total_m[half, frame.truth] += inverse * (frame.detections["range_m"] - range_m[frame.truth])
        weight[half, frame.truth] += inverse
    bias_m = total_m / weight
    assert np.abs(bias_m[0] - bias_m[1]).max() < 6.0 * np.sqrt(2.0 / weight.min())
    law = stats.norm(scale=bias_std("range", "resolution_m"))
    assert stats.kstest(bias_m.mean(axis=0), law.cdf).pvalue > P_VALUE


def test_measurements_without_a_bias_keep_their_bytes():
    crowd = STILL | {"count": 500}
    plain = Radar(scenario(groups=[crowd]))
    biased = Radar(scenario(groups=[crowd], sensors=[sensor(range={"bias_fraction": 0.1})]))
    for number in range(5):
        one, other = plain.frame(number), biased.frame(number)
        assert one.truth.tolist() == other.truth.tolist()
        for name in one.detections.dtype.names:
            is_same = one.detections[name].tobytes() == other.detections[name].tobytes()
            # The estimate of the cross section and the band follow the range measured.
            if name != "range_band":
                assert is_same == (name not in {"range_m", "range_std_m", "rcs_dbsm"}), name


def test_each_sensor_and_seed_has_its_own_bias_and_no_other_target_a_say():
    body = target("one", (0.0, 6000.0, 0.0), rcs_dbsm=60.0)
    other = target("other", (100.0, 6000.0, 0.0), rcs_dbsm=60.0)
    twin = BIASED | {"name": "twin"}

    def range_m(bodies, index=0, seed=1):
        radar = Radar(scenario(bodies, [BIASED, twin]), sensor=index, seed=seed)
        frame = radar.frame(3)
        name = radar.target_names.index("one")
        return frame.detections["range_m"][frame.truth == name][0]

    assert range_m([body]) == range_m([other, body])
    assert len({range_m([body]), range_m([body], index=1), range_m([body], seed=2)}) == 3


def test_false_alarms_report_the_standard_deviation_of_echoes():
    """Else they could be told apart by it."""
    alarms = {"false_alarms_per_frame": 50.0}
    frame = Radar(scenario([], [BIASED | {"detection": SENSOR["detection"] | alarms}])).frame(0)
    floor_m = np.hypot(bias_std("range", "resolution_m"), SENSOR["range"]["floor_m"])
    assert len(frame) > 20
    assert frame.detections["range_std_m"].min() > floor_m


@pytest.mark.parametrize("fraction", [-0.01, 0.26, 1.0])
def test_a_bias_is_a_part_of_the_resolution(fraction):
    with pytest.raises(ScenarioError, match=r"bearing.bias_fraction: is .*, must be 0 to 0.25"):
        scenario([], [sensor(bearing={"bias_fraction": fraction})])


def test_every_instruction_set_gives_the_same_bytes():
    """With bias, canceller, folded range rates, a horizon and bodies that hide others."""
    waveform = {"prf_hz": 5000.0, "wavelength_m": 0.1, "canceller_delays": 3}
    rates = {"range_rate": BIASED["range_rate"] | {"limit_m_s": None}}
    crowd = STILL | {"count": 500, "speed_m_s": [0.0, 300.0], "turn_rate_deg_s": [-5.0, 5.0]}
    spheres = [
        target(f"s{index}", (600.0 * index - 3000.0, 2500.0, 100.0), (9.0, 0.0, 1.0),
               occluding_radius_m=250.0)
        for index in range(10)
    ]  # fmt: skip
    biased = BIASED | rates | {"waveform": waveform}
    turning = biased | {
        "name": "turning",
        "scan": {"rotating": {"rotation_period_s": 2.0, "sectors": 8}},
    }
    scene = scenario(spheres, [biased, turning], groups=[crowd], horizon={})
    before, found = qiki._core.simd_level(), {}
    try:
        for level in qiki._core.simd_levels():
            qiki._core.set_simd_level(level)
            radars = [Radar(scene, sensor=index) for index in (0, 1)]
            frames = [radar.frame(number) for radar in radars for number in range(8)]
            found[level] = b"".join(frame.detections.tobytes() for frame in frames)
    finally:
        qiki._core.set_simd_level(before)
    assert len(set(found.values())) == 1
    assert len(found[before]) > 1000 * frames[0].detections.itemsize
