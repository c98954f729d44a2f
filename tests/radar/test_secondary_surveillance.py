"""Replies that are missed, that come alone, that nobody asked for, that go to another plot."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import stats

import qiki._core
from qiki.radar import Present, RangeBand, TransponderMode
from tests.radar.scenes import scenario, sensor, target
from tests.radar.transponder_scenes import at, radar, replying

CONFIDENCE = 0.999
REPLIED = Present.IDENTITY | Present.HEIGHT
UNSEEN = -100.0
"""dBsm of a body that gives no echo."""


def interval(distribution):
    return distribution.ppf([(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])


def frame_bytes(frame):
    return frame.detections.tobytes() + frame.truth.tobytes()


def ring(count, range_m=3000.0, **fields):
    return [
        replying(f"t{k}", at(range_m, 360.0 * k / count), mode_3a=f"{k + 1:04o}", **fields)
        for k in range(count)
    ]


@pytest.mark.parametrize(
    ("scan", "looks"),
    [
        ({"staring": {"period_s": 0.1}}, 400),
        ({"rotating": {"rotation_period_s": 0.4, "sectors": 4}}, 100),
    ],
    ids=["staring", "rotating"],
)
def test_replies_are_heard_with_their_probability(scan, looks):
    scene = radar(ring(50), reply_probability=0.9, sensor_fields={"scan": scan})
    heard = sum(
        np.count_nonzero(scene.frame(number).detections["present"] & Present.TRANSPONDER_REPLY)
        for number in range(400)
    )
    low, high = interval(stats.binom(50 * looks, 0.9))
    assert low <= heard <= high
    truth = scene.truth(0)
    assert (truth.reply_probability == 0.9).all()


def test_the_probability_of_a_reply_ends_where_nobody_is_asked():
    bodies = [
        replying("near", at(4999.0, 0.0), mode_3a="1000"),
        replying("far", at(5001.0, 0.0), mode_3a="1000"),
        target("mute", at(3000.0, 0.0)),
        replying("later", at(3000.0, 0.0), mode_3a="1000") | {"present_from_s": 5.0},
    ]
    truth = radar(bodies, reply_probability=0.7).truth(0)
    assert truth.reply_probability.tolist() == [0.7, 0.0, 0.0, 0.0]
    assert radar(bodies[:1]).truth(0).reply_probability.tolist() == [1.0]


def test_a_reply_alone_makes_a_plot_of_its_own_accuracy():
    bodies = ring(40, rcs_dbsm=UNSEEN, reports_height="in_100_ft")
    asked = {"secondary_plots": True, "range_std_m": 50.0, "bearing_std_deg": 0.2}
    scene = radar(bodies, **asked)
    truth = scene.truth(0)
    errors = []
    for number in range(200):
        frame = scene.frame(number)
        plots, index = frame.detections, frame.truth
        assert sorted(index.tolist()) == list(range(40))
        measured = Present.RANGE | Present.BEARING
        assert (plots["present"] & ~np.uint32(REPLIED) == measured).all()
        assert (plots["mode_3a"] == index + 1).all()
        assert (plots["range_band"] == RangeBand.SHORT).all()
        assert (np.diff(plots["bearing_deg"]) >= 0).all()
        across = (plots["bearing_deg"] - truth.bearing_deg[index] + 180.0) % 360.0 - 180.0
        errors.append(((plots["range_m"] - truth.range_m[index]) / 50.0, across / 0.2))
        assert plots["range_std_m"].tolist() == [50.0] * 40
    for normal in np.concatenate(errors, axis=1):
        assert stats.kstest(normal, "norm").pvalue > 1e-4
    assert len(radar(bodies).frame(0)) == 0


def test_a_reply_and_an_echo_make_one_plot():
    scene = radar(ring(10), secondary_plots=True)
    for number in range(20):
        frame = scene.frame(number)
        assert sorted(frame.truth.tolist()) == list(range(10))
        assert (frame.detections["present"] & Present.SNR).all()


def test_no_reply_makes_a_plot_past_the_threshold():
    bodies = ring(200, range_m=5000.0, rcs_dbsm=UNSEEN)
    scene = radar(bodies, secondary_plots=True, range_std_m=40.0)
    frames = [scene.frame(number).detections for number in range(50)]
    assert all((plots["range_m"] <= 5000.0).all() for plots in frames)
    low, high = interval(stats.binom(200 * 50, 0.5))
    assert low <= sum(map(len, frames)) <= high


def test_fruit_is_poisson_and_even_over_what_is_asked():
    scene = radar([], fruit_per_frame=6.0, secondary_plots=True)
    frames = [scene.frame(number) for number in range(4000)]
    low, high = interval(stats.poisson(6.0 * 4000))
    plots = np.concatenate([frame.detections for frame in frames])
    assert low <= len(plots) <= high
    counts = np.array([len(frame) for frame in frames])
    assert abs(counts.var() / 6.0 - 1.0) < 4 * np.sqrt(2 / 4000 + 1 / 6.0 / 4000)
    assert all((frame.truth == -1).all() for frame in frames)
    identity = Present.MODE_3A | Present.TRANSPONDER_REPLY
    assert (plots["present"] == Present.RANGE | Present.BEARING | identity).all()
    for value in ((plots["range_m"] - 100.0) / 4900.0, plots["bearing_deg"] / 360.0):
        assert stats.kstest(value, "uniform").pvalue > 1e-4
    bits = (plots["mode_3a"][:, None] >> np.arange(12)) & 1
    assert (np.abs(bits.mean(axis=0) - 0.5) < 4.5 * 0.5 / np.sqrt(len(plots))).all()
    assert len(radar([], fruit_per_frame=6.0).frame(0)) == 0
    clean = radar([], fruit_per_frame=6.0, secondary_plots=True, defruiter=True)
    assert sum(len(clean.frame(number)) for number in range(50)) == 0


def test_fruit_of_beams_that_look_up_has_the_time_of_one_of_them():
    beam = {"elevation_deg": 40.0, "bearing_width_deg": 20.0, "elevation_width_deg": 10.0}
    beams = [beam | {"bearing_deg": deg, "dwell_s": 0.004} for deg in (10.0, 30.0, 50.0)]
    fields = {"scan": {"steered": {"beams": beams}}}
    scene = radar([], fruit_per_frame=6.0, secondary_plots=True, sensor_fields=fields)
    seen = 0
    for frame in map(scene.frame, range(100)):
        # Each beam looks in the middle of its dwell.
        middle_ns = frame.time_ns - 12_000_000 + np.array([2_000_000, 6_000_000, 10_000_000])
        bearings_deg, times_ns = frame.detections["bearing_deg"], frame.detections["time_ns"]
        for bearing_deg, time_ns in zip(bearings_deg, times_ns, strict=True):
            beam_number = np.flatnonzero(np.abs(bearing_deg - [10.0, 30.0, 50.0]) <= 10.0)
            assert time_ns in middle_ns[beam_number]
            seen += 1
    assert seen > 300


def test_whether_a_spoof_is_recognised_does_not_depend_on_others():
    spoof = replying("spoof", at(3000.0, 0.0), rcs_dbsm=10.0, mode="spoof", id="LIAR")
    coded = replying("coded", at(4000.0, 90.0), mode_3a="1234")
    fields = {"spoof_recognition_probability": 0.5, "scan": {"staring": {"period_s": 0.001}}}
    # Ten looks go out together: the plot is of the strongest.
    alone, beside = (radar(bodies, sensor_fields=fields) for bodies in ([spoof], [spoof, coded]))
    modes = [
        [frame.detections["transponder_mode"][frame.truth == 0][0] for frame in frames]
        for frames in (map(scene.frame, range(200)) for scene in (alone, beside))
    ]
    assert modes[0] == modes[1]
    assert 60 < modes[0].count(TransponderMode.SPOOF) < 140


def test_a_secondary_radar_asks_as_far_as_it_is_built_for():
    plain = sensor(sr_threshold_m=None)
    assert scenario([], [plain]).sensors[0].sr_threshold_m == 5000.0
    told = sensor(sr_threshold_m=700.0, interrogator={})
    assert scenario([], [told]).sensors[0].sr_threshold_m == 700.0
    # At the very edge, with echoes and without, and with a bias: noise must not lose replies.
    edge = [
        replying(f"{name}{k}", at(19_999.0, 3.0 * k, 500.0), rcs_dbsm=rcs, mode_3a="1234")
        for k in range(20)
        for name, rcs in (("seen", 1.0), ("unseen", UNSEEN))
    ]
    for bias in ({}, {"registration_bias": {"range_m": 800.0}}):
        fields = {"sr_threshold_m": None, **bias}
        scene = radar(edge, secondary_plots=True, range_std_m=40.0, sensor_fields=fields)
        for number in range(20):
            plots = scene.frame(number).detections
            assert len(plots) == 40
            assert (plots["range_band"] == RangeBand.SHORT).all()
            assert (plots["present"] & Present.MODE_3A).all()


def test_false_alarms_change_no_fruit():
    beam = {"elevation_deg": 40.0, "bearing_width_deg": 90.0, "elevation_width_deg": 10.0}
    beams = [beam | {"bearing_deg": 0.0, "dwell_s": 0.002}] * 4
    for scan in ({"steered": {"beams": beams}}, {"staring": {"period_s": 0.002}}):
        quiet, noisy = (
            radar([], fruit_per_frame=6.0, secondary_plots=True,
                  sensor_fields={"scan": scan, "detection": {"false_alarms_per_frame": mean}})
            for mean in (0.0, 5.0)
        )  # fmt: skip
        times = set()
        for number in range(60):
            both = [scene.frame(number).detections for scene in (quiet, noisy)]
            fruit = [plots[(plots["present"] & Present.MODE_3A) != 0] for plots in both]
            assert fruit[0].tobytes() == fruit[1].tobytes()
            times |= set((fruit[0]["time_ns"] % 10_000_000).tolist())
        assert len(times) >= 4


def test_fruit_garbles_and_a_defruiter_mends_it():
    def wrong(**fields):
        scene = radar(ring(30), fruit_per_frame=300.0, **fields)
        plots = [scene.frame(number) for number in range(100)]
        return sum(np.count_nonzero(f.detections["mode_3a"] != f.truth + 1) for f in plots)

    # In the beam of each are 4 of 300, nearly all overlap, 0.62 of them with pulses on its places.
    assert wrong(garble=True) > 1500
    assert wrong(garble=True, defruiter=True) == 0
    assert wrong() == 0


def test_a_swap_exchanges_the_identities_of_the_nearest_pair_and_nothing_else():
    bodies = [
        replying("a", at(3000.0, 20.0), mode_3a="1000", address="00000A", id="A"),
        replying("b", at(3400.0, 20.5), mode_3a="2000", reports_height="in_100_ft"),
        replying("c", at(3000.0, 90.0), mode_3a="3000"),
        replying("d", at(4900.0, 90.0), mode_3a="4000"),
    ]
    plain = radar(bodies)
    for chance in (0.0, 0.3, 1.0):
        scene = radar(bodies, identity_swap_probability=chance)
        swaps = sum(swapped(plain.frame(n), scene.frame(n)) for n in range(1000))
        low, high = interval(stats.binom(1000, chance)) if 0 < chance < 1 else [1000 * chance] * 2
        assert low <= swaps <= high


def swapped(plain, frame):
    """Whether the first two have exchanged all their identity; nothing else may differ."""
    one, other = (np.flatnonzero(plain.truth == index)[0] for index in (0, 1))
    expected = plain.detections.copy()
    if frame.detections.tobytes() == expected.tobytes():
        return False
    names = ("address", "mode_3a", "height_m", "height_std_m", "transponder_mode", "transponder_id")
    for name in names:
        expected[name][[one, other]] = expected[name][[other, one]]
    bits = expected["present"][[one, other]]
    expected["present"][[one, other]] = (bits & ~np.uint32(REPLIED)) | (bits[::-1] & REPLIED)
    assert frame.detections.tobytes() == expected.tobytes()
    assert frame.truth.tolist() == plain.truth.tolist()
    return True


FAULTS = {
    "reply_probability": 0.8,
    "secondary_plots": True,
    "garble": True,
    "pulse_error_probability": 0.05,
    "fruit_per_frame": 5.0,
    "identity_swap_probability": 0.5,
}


def crowd():
    bodies = [
        replying(
            f"t{k}",
            at(1500.0 + 70.0 * k, 5.0 * k % 40.0, 300.0),
            rcs_dbsm=(-30.0, 20.0)[k % 2],
            mode_3a=f"{k * 37:04o}",
            reports_height="in_100_ft",
        )
        for k in range(45)
    ]
    return [*bodies, replying("s", at(3000.0, 3.0), address="0000FF")]


def test_frames_do_not_depend_on_order_threads_or_instruction_set():
    scene = radar(crowd(), **FAULTS)
    expected = [frame_bytes(scene.frame(number)) for number in range(30)]
    backward = radar(crowd()[::-1], **FAULTS)
    for number in range(30):
        one, other = scene.frame(number), backward.frame(number)
        assert one.detections.tobytes() == other.detections.tobytes()
        names = [[r.target_names[k] if k >= 0 else "" for k in f.truth.tolist()]
                 for r, f in ((scene, one), (backward, other))]  # fmt: skip
        assert names[0] == names[1]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda n: frame_bytes(scene.frame(n)), range(30))) == expected
    before = qiki._core.simd_level()
    try:
        for level in qiki._core.simd_levels():
            qiki._core.set_simd_level(level)
            again = radar(crowd(), **FAULTS)
            assert [frame_bytes(again.frame(number)) for number in range(30)] == expected, level
    finally:
        qiki._core.set_simd_level(before)


def test_another_target_changes_the_draws_of_nobody():
    """Garble and swaps are physics between targets; all else of one target stays."""
    faults = FAULTS | {"garble": False, "identity_swap_probability": 0.0}
    bodies = crowd()
    few, many = radar(bodies[:5], **faults), radar(bodies, **faults)
    for number in range(40):
        one, other = few.frame(number), many.frame(number)
        kept = (other.truth >= -1) & (other.truth < 5)
        assert one.detections.tobytes() == other.detections[kept].tobytes()


@pytest.mark.parametrize(
    "scan",
    [
        {"rotating": {"rotation_period_s": 2.0, "sectors": 8}},
        {"staring": {"period_s": 0.002}},
        {"steered": {"beams": [
            {"bearing_deg": 10.0, "elevation_deg": 5.0, "bearing_width_deg": 20.0,
             "elevation_width_deg": 40.0, "dwell_s": 0.004},
            {"bearing_deg": 25.0, "elevation_deg": 5.0, "bearing_width_deg": 20.0,
             "elevation_width_deg": 40.0, "dwell_s": 0.004},
        ]}},
    ],
    ids=lambda scan: next(iter(scan)),
)  # fmt: skip
def test_every_scan_asks_where_and_when_it_looks(scan):
    bias = {"range_m": 40.0, "bearing_deg": 1.0, "clock_offset_ns": 7}
    bodies = [
        replying("seen", at(3000.0, 15.0, 300.0), mode_3a="1000"),
        replying("unseen", at(3300.0, 12.0, 300.0), mode_3a="2000", rcs_dbsm=UNSEEN),
    ]
    fields = {"scan": scan, "registration_bias": bias}
    scene = radar(bodies, secondary_plots=True, bearing_std_deg=1e-3, range_std_m=1.0,
                  fruit_per_frame=3.0, sensor_fields=fields)  # fmt: skip
    plots = [
        (frame, plot, index)
        for frame in map(scene.frame, range(1, 60))
        for plot, index in zip(frame.detections, frame.truth.tolist(), strict=True)
    ]
    by_body = [[(f, p) for f, p, i in plots if i == body] for body in (0, 1)]
    assert len(by_body[0]) == len(by_body[1]) > 5
    for _, plot in by_body[1]:
        assert abs(plot["bearing_deg"] - 13.0) < 0.01
        assert abs(plot["range_m"] - 3340.0) < 10.0
    period_ns = scene.period_ns
    for frame, plot, _ in plots:
        assert 0 <= frame.time_ns - plot["time_ns"] <= period_ns
    if "rotating" in scan:
        # The beam passes 12 deg shortly before 15 deg.
        times = [{f.number: p["time_ns"] for f, p in body} for body in by_body]
        assert all(0 < times[0][n] - times[1][n] < 20_000_000 for n in times[0])
