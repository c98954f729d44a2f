"""What a tracks message says of a sensor's biases, against the Python protobuf library."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiki import wire
from qiki.errors import DecodeError, TracksError
from qiki.wire.generated.radar.v1.radar_columns_pb2 import RadarTrackColumns
from tests.wire.messages import track_columns
from tests.wire.samples import tracks

BIASES = ("east_m", "north_m", "range_m", "bearing_deg", "time_s")
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def message(biases, stds, *, aligned=True, applied=True, counts=(1, 2, 3)):
    pair_count, target_count, unused_frames = counts
    said = track_columns(tracks(np.random.default_rng(0), 3))
    said.registration.CopyFrom(
        RadarTrackColumns.Registration(
            aligned=aligned,
            applied=applied,
            pair_count=pair_count,
            target_count=target_count,
            unused_frames=unused_frames,
            bias=RadarTrackColumns.SensorBias(**dict(zip(BIASES, biases, strict=True))),
            std=RadarTrackColumns.SensorBias(**dict(zip(BIASES, stds, strict=True))),
        )
    )
    return said


@given(
    biases=st.tuples(*[NUMBERS] * 5),
    stds=st.tuples(*[st.floats(0.0, 1e300)] * 5),
    states=st.sampled_from([(False, False), (True, False), (True, True)]),
    counts=st.tuples(*[st.integers(0, 2**64 - 1)] * 3),
)
def test_what_the_library_writes_is_read(biases, stds, states, counts):
    aligned, applied = states
    payload = message(biases, stds, aligned=aligned, applied=applied, counts=counts)
    read = wire.decode_tracks(payload.SerializeToString()).registration
    assert (read.aligned, read.applied) == states
    assert (read.pair_count, read.target_count, read.unused_frames) == counts
    assert tuple(getattr(read.bias, name) for name in BIASES) == biases
    assert tuple(getattr(read.std, name) for name in BIASES) == stds


def test_it_is_none_where_it_is_left_out():
    payload = track_columns(tracks(np.random.default_rng(0), 3)).SerializeToString()
    assert wire.decode_tracks(payload).registration is None


REFUSALS = {
    "bias": (lambda r: setattr(r.bias, "time_s", np.inf), TracksError, "bias.time_s is inf, must"),
    "std": (lambda r: setattr(r.std, "east_m", -1.0), TracksError, "std.east_m is -1, must be fin"),
    "unaligned": (lambda r: setattr(r, "aligned", False), TracksError, "applied is true, must be"),
    "missing": (lambda r: r.ClearField("pair_count"), DecodeError, "pair_count is missing"),
    "no std": (lambda r: r.ClearField("std"), DecodeError, "registration.std is missing"),
    "no bias": (lambda r: r.bias.ClearField("range_m"), DecodeError, "bias.range_m is missing"),
}


@pytest.mark.parametrize(("change", "error", "text"), REFUSALS.values(), ids=REFUSALS)
def test_what_breaks_the_contract_is_refused(change, error, text):
    said = message([1.0] * 5, [1.0] * 5)
    change(said.registration)
    with pytest.raises(error) as refused:
        wire.decode_tracks(said.SerializeToString())
    assert text in str(refused.value)


def test_a_truth_value_is_0_or_1_and_a_field_stands_once():
    payload = message([1.0] * 5, [1.0] * 5).SerializeToString()
    aligned = bytes([0x08, 1, 0x10, 1, 0x18, 1])  # the registration's first three fields
    assert payload.count(aligned) == 1
    with pytest.raises(DecodeError, match=r"registration\.aligned is 2, must be 0 \(false\) or 1"):
        wire.decode_tracks(payload.replace(aligned, bytes([0x08, 2]) + aligned[2:]))
    with pytest.raises(DecodeError, match=r"registration\.aligned"):
        wire.decode_tracks(payload.replace(aligned, aligned[:2] + aligned[:2] + aligned[4:]))
