"""Targets that a radar cannot resolve, against a grouping by hand and the closed form of a sum.

Statistical limits are the 99.9 % binomial interval; seeds are fixed. Noise is made small by echoes
of 70 to 90 dB, so that places are compared to six of the standard deviations that are reported.
"""

import json
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from qiki.radar import Radar, detection_probability
from tests.radar.scenes import SENSOR, scenario, sensor, target

BEAMWIDTH_DEG = 7.0
CELLS = {
    "merges_unresolved": True,
    "range": {"resolution_m": 300.0, "floor_m": 0.0},
    "bearing": {"beamwidth_deg": BEAMWIDTH_DEG, "floor_deg": 0.0},
    "elevation": {"beamwidth_deg": 9.0, "floor_deg": 0.0},
    "range_rate": {"resolution_m_s": 40.0, "floor_m_s": 0.0, "limit_m_s": 600.0},
}
BEARING_CELLS = 51  # of 360 / 7 = 51.4
SATURATION = 1e12  # of the receiver
FLAT = {**CELLS, "elevation": None, "range_rate": None}
AXES = ("range_m", "bearing_deg", "elevation_deg", "range_rate_m_s")
seeds = st.integers(0, 2**32 - 1)


def swarms(seed, count=30, rcs_dbsm=(50.0, 70.0), fluctuations=("swerling_0",)):
    """Targets in swarms of about the size of a cell, some of them alone."""
    random = np.random.default_rng(seed)
    centres_m = random.uniform([-8000, -8000, 0], [8000, 8000, 2000], (count // 3, 3))
    places_m = centres_m[random.integers(len(centres_m), size=count)]
    places_m += random.normal(0.0, 200.0, (count, 3))
    speeds_m_s = random.normal(0.0, 40.0, (count, 3))
    rows = zip(places_m, speeds_m_s, random.uniform(*rcs_dbsm, count), strict=True)
    return [
        target(
            f"t{number}",
            place_m,
            velocity_m_s,
            rcs_dbsm,
            fluctuation=fluctuations[number % len(fluctuations)],
        )
        for number, (place_m, velocity_m_s, rcs_dbsm) in enumerate(rows)
    ]


def cell_of(truth, index, cells):
    """Number of the cell in each measured quantity."""
    bearing = int(truth.bearing_deg[index] * BEARING_CELLS / 360.0)
    cell = [int(truth.range_m[index] // cells["range"]["resolution_m"]), bearing]
    if cells["elevation"]:
        cell.append(round(truth.elevation_deg[index] / cells["elevation"]["beamwidth_deg"]))
    if cells["range_rate"]:
        cell.append(round(truth.range_rate_m_s[index] / cells["range_rate"]["resolution_m_s"]))
    return tuple(cell)


def groups_of(radar, time_ns, cells=CELLS):
    """Indices of the targets of each cell that is not empty."""
    truth = radar.truth(time_ns)
    groups = defaultdict(list)
    for index in np.flatnonzero(truth.detection_probability > 0.0):
        groups[cell_of(truth, index, cells)].append(int(index))
    return list(groups.values())


def merged(bodies, cells=CELLS, **changes):
    return Radar(scenario(bodies, [sensor(**{**cells, **changes})]))


def plots_of(radar, frame):
    """The bytes of each target's plot, by its name."""
    names = radar.target_names
    pairs = zip(frame.truth, frame.detections, strict=True)
    return {names[index]: plot.tobytes() for index, plot in pairs if index >= 0}


@settings(max_examples=60, deadline=None)
@given(seeds, st.sampled_from([CELLS, FLAT]), st.integers(0, 100))
def test_each_cell_gives_one_plot_at_its_centroid(seed, cells, number):
    bodies = swarms(seed)
    radar = merged(bodies, cells)
    frame = radar.frame(number)
    truth = radar.truth(frame.time_ns)
    rcs_dbsm = np.array([body["rcs_dbsm"] for body in bodies])
    snr = mean_snr(radar, truth.range_m, rcs_dbsm)
    # Where echoes saturate the receiver, 120 dB, none of them is the strongest.
    assume((snr < 1e12).all())
    groups = groups_of(radar, frame.time_ns, cells)
    strongest = [max(group, key=lambda index: snr[index]) for group in groups]
    assert sorted(frame.truth) == sorted(strongest)
    plots = dict(zip(frame.truth, frame.detections, strict=True))
    for best, group in zip(strongest, groups, strict=True):
        plot, weights = plots[best], snr[group]
        # The noise adds 2 √(E / SNR) to the power, E seldom over 12.
        total_snr = min(weights.sum(), SATURATION)
        assert abs(plot["snr_db"] - 10.0 * np.log10(total_snr)) < 0.02
        for axis in AXES[: 4 if cells["elevation"] else 2]:
            centroid = np.average(getattr(truth, axis)[group], weights=weights)
            std = plot[axis.replace("_m", "_std_m", 1).replace("_deg", "_std_deg")]
            assert abs(plot[axis] - centroid) < 6.0 * std + 1e-9


def mean_snr(radar, range_m, rcs_dbsm):
    """Mean SNR of each target alone, by the radar equation."""
    at_0_dbsm = np.array([radar.sensor.mean_snr_db(float(distance_m)) for distance_m in range_m])
    return np.minimum(10.0 ** (0.1 * (at_0_dbsm + rcs_dbsm)), SATURATION)


PFA = SENSOR["detection"]["false_alarm_probability"]
WEAK_DBSM = -2.0
FRAMES = 20_000


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize(("swerling", "pulses"), [(1, 1), (1, 10), (3, 4), (0, 1)])
def test_weak_targets_together_are_detected_as_the_sum_of_their_snr(count, swerling, pulses):
    bodies = [
        target(
            f"t{number}",
            (300.0, 11_750.0 + 20.0 * number, 100.0),
            rcs_dbsm=WEAK_DBSM,
            fluctuation=f"swerling_{swerling}",
        )
        for number in range(count)
    ]
    radar = merged(bodies, detection={"pulses": pulses})
    truth = radar.truth(0)
    snr = mean_snr(radar, truth.range_m, WEAK_DBSM)
    assert len(groups_of(radar, 0)) == 1
    law = {"false_alarm_probability": PFA, "pulses": pulses, "swerling": swerling}
    expected = detection_probability(10.0 * np.log10(snr.sum()), **law)
    if count > 1:
        assert expected > truth.detection_probability.max() + 0.1
    detected = sum(len(radar.frame(number)) for number in range(FRAMES))
    low, high = stats.binom.interval(0.999, FRAMES, expected)
    assert low <= detected <= high


def test_two_that_fly_apart_are_seen_as_one_and_then_as_two():
    bodies = [
        target("stays", (0.1, 6010.0, 0.0), rcs_dbsm=60.0, fluctuation="swerling_0"),
        target("leaves", (0.1, 6020.0, 0.0), (0.0, 20.0, 0.0), 57.0, fluctuation="swerling_0"),
    ]
    radar = merged(bodies, FLAT)
    # Behind 6300 m begins the next cell: after 14 s.
    seen = [sorted(radar.frame(number).truth) for number in range(200)]
    assert seen[:140] == [[0]] * 140
    assert seen[141:] == [[0, 1]] * 59


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(1, 12), st.integers(0, 50), st.randoms(use_true_random=False))
def test_the_order_of_the_targets_does_not_matter(seed, pulses, number, random):
    kinds = [f"swerling_{case}" for case in range(5)]
    bodies = swarms(seed, rcs_dbsm=(-5.0, 15.0), fluctuations=kinds)
    # Some in one place, equally strong: a tie.
    bodies += [target(f"tie{k}", (900.0, 900.0, 50.0), rcs_dbsm=9.0) for k in range(4)]
    shuffled = random.sample(bodies, len(bodies))
    radars = [merged(order, detection={"pulses": pulses}) for order in (bodies, shuffled)]
    frames = [radar.frame(number) for radar in radars]
    assert frames[0].detections.tobytes() == frames[1].detections.tobytes()
    names = [
        [radar.target_names[index] for index in frame.truth]
        for radar, frame in zip(radars, frames, strict=True)
    ]
    assert names[0] == names[1]


SCANS = [
    {"staring": {"period_s": 0.1}},
    {"rotating": {"rotation_period_s": 0.4, "sectors": 3}},
    {"steered": {"beams": [{"bearing_deg": b, "bearing_width_deg": 30.0, "elevation_deg": 10.0,
                            "elevation_width_deg": 60.0, "dwell_s": 0.1} for b in (40, 70, 200)]}},
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(seeds, st.sampled_from(SCANS), st.integers(1, 12), st.integers(0, 50))
def test_who_is_alone_in_a_cell_is_seen_as_without_merging(seed, scan, pulses, number):
    kinds = [f"swerling_{case}" for case in range(5)]
    bodies = swarms(seed, 24, rcs_dbsm=(0.0, 25.0), fluctuations=kinds)
    changes = {"scan": None, "detection": {"pulses": pulses}}
    entries = [sensor(**{**CELLS, **changes}) | {"scan": scan, "merges_unresolved": merges}
               for merges in (True, False)]  # fmt: skip
    one, all_apart = (Radar(scenario(bodies, [entry])) for entry in entries)
    merged_frame, frame = one.frame(number), all_apart.frame(number)
    merged_plots, plots = plots_of(one, merged_frame), plots_of(all_apart, frame)
    for name in plots:
        alone = Radar(scenario([body for body in bodies if body["id"] == name], entries[:1]))
        # What it gives with nobody else is what it gives apart from all.
        assert plots_of(alone, alone.frame(number)) == {name: plots[name]}
    if "staring" in scan:
        lonely = {one.target_names[g[0]] for g in groups_of(one, frame.time_ns) if len(g) == 1}
        for name in lonely:
            assert merged_plots.get(name) == plots.get(name)


def test_folded_range_rates_share_cells_and_change_nothing_of_a_lone_target():
    """Rates a blind speed of 60 m/s apart are one cell; a model's rate and a lone plot stay."""
    waveform = {"prf_hz": 4000.0, "wavelength_m": 0.03, "range_ambiguity": "resolved"}
    entry = sensor(**CELLS, waveform=waveform)
    entry["range_rate"] = {"resolution_m_s": 5.0, "floor_m_s": 0.1}
    lone = target("lone", (6000.0, 0.0, 0.0), (-131.7, 3.0, 0.0), rcs_dbsm=40.0)
    one = target("one", (0.0, 6001.0, 0.0), (0.0, -10.0, 0.0), rcs_dbsm=40.0)
    other = target("other", (0.0, 6002.0, 0.0), (0.0, -70.0, 0.0), rcs_dbsm=40.0)
    radars = [
        Radar(scenario([lone, one, other], [entry | {"merges_unresolved": merges}]))
        for merges in (True, False)
    ]
    merged_plots, plots = (plots_of(radar, radar.frame(0)) for radar in radars)
    assert (len(plots), len(merged_plots)) == (3, 2)
    assert merged_plots["lone"] == plots["lone"]
    detections = radars[0].frame(0).detections
    rates_m_s = np.sort(detections["range_rate_m_s"])
    errors_m_s = rates_m_s - [-11.7, -10.0]
    assert (np.abs(errors_m_s) < 6.0 * detections["range_rate_std_m_s"].max()).all()


@settings(max_examples=40, deadline=None)
@given(seeds, st.integers(0, 50))
def test_a_target_in_another_cell_changes_nothing(seed, number):
    bodies = swarms(seed, rcs_dbsm=(-5.0, 15.0), fluctuations=["swerling_1", "swerling_4"])
    # Over all others: in an elevation that none of them has.
    more = [*bodies, target("new", (100.0, 100.0, 15_000.0), rcs_dbsm=50.0)]
    coverage = {"coverage": {"elevation_deg": [-90.0, 90.0]}}
    few, many = merged(bodies, **coverage), merged(more, **coverage)
    plots = plots_of(many, many.frame(number))
    assert plots.pop("new")
    assert plots == plots_of(few, few.frame(number))


def test_merged_echoes_have_the_time_of_the_strongest():
    bodies = [
        target("weak", (1900.0, 1000.0, 0.0), rcs_dbsm=60.0, fluctuation="swerling_0"),
        target("strong", (1880.0, 1080.0, 0.0), rcs_dbsm=65.0, fluctuation="swerling_0"),
    ]
    turning = {"rotating": {"rotation_period_s": 2.0, "sectors": 1}}
    entries = [sensor(**FLAT, scan=None) | {"scan": turning, "merges_unresolved": merges}
               for merges in (True, False)]  # fmt: skip
    one, two = (Radar(scenario(bodies, [entry])).frame(3) for entry in entries)
    assert one.truth.tolist() == [1]
    assert sorted(two.truth) == [0, 1]
    times_ns = dict(zip(two.truth, two.detections["time_ns"], strict=True))
    assert one.detections["time_ns"][0] == times_ns[1] != times_ns[0]


def test_it_is_off_unless_asked_for():
    bodies = [target(f"t{k}", (0.0, 5000.0, 0.0), rcs_dbsm=60.0) for k in range(3)]
    assert len(Radar(scenario(bodies)).frame(0)) == 3
    assert len(merged(bodies).frame(0)) == 1
    assert json.dumps(SENSOR).find("merges_unresolved") < 0
