"""Garble, pulse by pulse, against an oracle that lists when each pulse arrives."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qiki.radar import Present
from tests.radar.transponder_scenes import (
    FOOT_M,
    LIGHT_M_US,
    PLACE_US,
    PULSE_US,
    altitude_codes,
    arrivals_us,
    at,
    pulses_of,
    radar,
    read,
    replying,
)

CODES = st.integers(0, 0o7777).map(lambda code: f"{code:04o}")
ALTITUDES = altitude_codes()
BY_CODE = {code: altitude_ft for altitude_ft, code in ALTITUDES.items()}
PLACE_M = PLACE_US * LIGHT_M_US / 2.0


def is_clear(ranges_m):
    """No pulse so near the edge of a place that rounding decides."""
    delays_us = 2.0 * np.subtract.outer(ranges_m, ranges_m) / LIGHT_M_US
    off_us = np.abs(delays_us - PLACE_US * np.round(delays_us / PLACE_US))
    return bool((np.abs(off_us - PULSE_US) > 1e-6).all())


def codes_read(frame):
    order = np.argsort(frame.truth)
    return [f"{code:04o}" for code in frame.detections["mode_3a"][order].tolist()]


@settings(max_examples=300, deadline=None)
@given(
    codes=st.lists(CODES, min_size=2, max_size=4),
    near_m=st.floats(300.0, 3000.0),
    # On places of the first, or anywhere.
    steps=st.lists(st.integers(0, 16).map(float) | st.floats(0.0, 16.0), min_size=4, max_size=4),
    wobble_m=st.floats(-80.0, 80.0),
)
def test_codes_are_read_as_the_pulses_say(codes, near_m, steps, wobble_m):
    ranges_m = [near_m] + [near_m + abs(s * PLACE_M + wobble_m) for s in steps[: len(codes) - 1]]
    assume(is_clear(ranges_m) and max(ranges_m) < 6900.0)
    bearings_deg = [359.6, 0.2, 359.9, 0.5][: len(codes)]
    bodies = [
        replying(f"t{k}", at(ranges_m[k], bearings_deg[k]), mode_3a=code)
        for k, code in enumerate(codes)
    ]
    # 8 km: none is near the end of the interrogation.
    scene = radar(bodies, garble=True, sensor_fields={"sr_threshold_m": 8000.0})
    received_us = [
        time_us
        for code, range_m in zip(codes, ranges_m, strict=True)
        for time_us in arrivals_us(pulses_of(code), range_m)
    ]
    expected = [read(range_m, received_us) for range_m in ranges_m]
    assert codes_read(scene.frame(0)) == expected


@settings(max_examples=200, deadline=None)
@given(
    steps_ft=st.tuples(*[st.integers(-10, 39).map(lambda step: 100 * step)] * 2),
    near_m=st.floats(4500.0, 5500.0),
    step=st.integers(-14, 14),
    wobble_m=st.floats(-60.0, 60.0),
)
def test_altitudes_are_garbled_alike_and_impossible_ones_give_no_height(
    steps_ft, near_m, step, wobble_m
):
    ranges_m = [near_m, near_m + step * PLACE_M + wobble_m]
    assume(is_clear(ranges_m))
    bodies = [
        replying(
            f"t{k}",
            at(ranges_m[k], 90.0 + k, steps_ft[k] * FOOT_M),
            mode_3a="0000",
            reports_height="in_100_ft",
        )
        for k in (0, 1)
    ]
    wide = {"sr_threshold_m": 12_000.0}
    frame = radar(bodies, garble=True, sensor_fields=wide).frame(0)
    codes = [ALTITUDES[step_ft] for step_ft in steps_ft]
    received_us = [
        time_us
        for code, range_m in zip(codes, ranges_m, strict=True)
        for time_us in arrivals_us(pulses_of(code), range_m)
    ]
    for plot, index in zip(frame.detections, frame.truth, strict=True):
        altitude_ft = BY_CODE.get(read(ranges_m[index], received_us))
        assert bool(plot["present"] & Present.HEIGHT) == (altitude_ft is not None)
        if altitude_ft is not None:
            np.testing.assert_allclose(plot["height_m"], altitude_ft * FOOT_M, atol=1e-9)


def pair():
    return [
        replying("a", at(3000.0, 10.0), mode_3a="1000", id="A", reports_height="in_100_ft"),
        replying("b", at(3000.0, 12.0), mode_3a="0200", id="B", reports_height="in_100_ft"),
    ]


def test_only_a_common_beam_garbles_and_only_on_request():
    bodies = pair()
    assert codes_read(radar(bodies).frame(0)) == ["1000", "0200"]
    assert codes_read(radar(bodies, garble=True, beamwidth_deg=1.9).frame(0)) == ["1000", "0200"]
    assert codes_read(radar(bodies, garble=True, beamwidth_deg=2.1).frame(0)) == ["1200", "1200"]


def test_text_and_addresses_are_asked_one_by_one():
    bodies = pair()
    frame = radar(bodies, garble=True).frame(0)
    assert sorted(frame.detections["transponder_id"].tolist()) == [b"A", b"B"]
    for body, address in zip(bodies, ("00000A", "00000B"), strict=True):
        body["transponder"] |= {"address": address}
    frame = radar(bodies, garble=True).frame(0)
    assert codes_read(frame) == ["1000", "0200"]
    assert sorted(frame.detections["address"].tolist()) == [10, 11]


def test_pulses_are_misread_with_their_probability():
    body = replying("a", at(3000.0, 10.0), mode_3a="5252", reports_height="in_100_ft")
    frames, chance = 20_000, 0.02
    scene = radar([body], pulse_error_probability=chance)
    read_codes = np.array([scene.frame(n).detections["mode_3a"][0] for n in range(frames)])
    wrong = np.unpackbits((read_codes ^ 0o5252).astype(">u2").view(np.uint8).reshape(-1, 2), axis=1)
    counts = wrong[:, 4:].sum(axis=0)
    assert not wrong[:, :4].any()
    # Twelve binomial counts, jointly 99.9 %: 4.1 standard deviations each.
    mean, std = frames * chance, np.sqrt(frames * chance * (1 - chance))
    assert (np.abs(counts - mean) < 4.1 * std).all()
