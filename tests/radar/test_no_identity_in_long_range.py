"""The long range carries no identity: random scenes with every fault at once, in every encoding."""

import numpy as np
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st

from qiki import wire
from qiki.radar import Present, Radar, RangeBand
from qiki.wire.generated.radar.v1 import radar_pb2
from qiki.wire.generated.radar.v1.radar_columns_pb2 import RadarFrameColumns
from tests.radar.scenes import scenario, sensor
from tests.radar.test_band_split import names_nobody
from tests.radar.transponder_scenes import at, replying

ANSWERED = Present.IDENTITY | Present.HEIGHT
TRANSPONDERS = st.fixed_dictionaries(
    {
        "mode": st.sampled_from(["off", "on", "silent", "spoof"]),
        "id": st.integers(0, 99).map("SECRET-{:02}".format),
        "mode_3a": st.integers(0, 0o7777).map("{:04o}".format),
        "address": st.integers(0, 2**24 - 1).map("{:06x}".format),
        "reports_height": st.sampled_from(["never", "in_100_ft", "in_25_ft"]),
    }
)
BODIES = st.lists(
    st.tuples(TRANSPONDERS, st.floats(3000.0, 8000.0), st.floats(0.0, 359.0), st.booleans()),
    min_size=1,
    max_size=12,
)
INTERROGATORS = st.fixed_dictionaries(
    {
        "reply_probability": st.floats(0.3, 1.0),
        "secondary_plots": st.booleans(),
        "range_std_m": st.floats(1.0, 900.0),
        "beamwidth_deg": st.floats(1.0, 30.0),
        "garble": st.booleans(),
        "pulse_error_probability": st.floats(0.0, 0.5),
        "fruit_per_frame": st.floats(0.0, 20.0),
        "identity_swap_probability": st.floats(0.0, 1.0),
    }
)
FAULTS = [
    {"fault": {"bias": {"range_m": 700.0, "bearing_deg": 3.0}}},
    {"fault": {"noisy": {"factor": 20.0}}},
    {"from_s": 0.3, "until_s": 0.5, "fault": "stuck"},
    {"fault": {"clock_jump": {"jump_s": -1.0}}},
]


def random_radar(bodies, interrogator, with_faults, bias_m):
    targets = [
        replying(
            f"t{k}", at(range_m, bearing_deg, 500.0), rcs_dbsm=(-90.0, 10.0)[is_strong], **fields
        )
        for k, (fields, range_m, bearing_deg, is_strong) in enumerate(bodies)
    ]
    one = sensor(
        interrogator=interrogator,
        detection={"false_alarms_per_frame": 10.0},
        faults=FAULTS if with_faults else [],
        registration_bias={"range_m": bias_m},
        spoof_recognition_probability=0.5,
    )
    return Radar(scenario(targets, [one]))


def assert_nobody_is_named(detections):
    assert names_nobody(detections)
    assert not (detections["present"] & ANSWERED).any()
    assert np.isnan(detections["height_m"]).all()
    # A plot that nothing but a reply tells of would say that there was one.
    assert (detections["present"] & Present.SNR).all()


@settings(max_examples=60, deadline=None)
@given(BODIES, INTERROGATORS, st.booleans(), st.floats(-800.0, 800.0), st.integers(0, 9))
def test_no_encoding_of_the_long_range_names_anybody(
    bodies, interrogator, with_faults, bias_m, number
):
    radar = random_radar(bodies, interrogator, with_faults, bias_m)
    frame = radar.frame(number)
    bands = frame.split(radar.sr_threshold_m)
    whole = frame.detections
    assert_nobody_is_named(whole[whole["range_band"] == RangeBand.LONG])
    assert bands.all.detections.tobytes() == whole.tobytes()
    assert_nobody_is_named(bands.long.detections)
    columns, rows = wire.encode_frame(bands.long), wire.encode_frame_rows(bands.long)
    assert_nobody_is_named(wire.decode_frame(columns).detections)
    assert names_nobody(wire.decode_frame_rows(rows).detections)
    everywhere = wire.decode_frame(wire.encode_frame(bands.all)).detections
    assert_nobody_is_named(everywhere[everywhere["range_band"] == RangeBand.LONG])
    assert b"SECRET" not in columns + rows
    parsed = RadarFrameColumns.FromString(columns)
    for name in ("address", "mode_3a", "height_m", "height_std_m"):
        assert not getattr(parsed, name)
    assert not any(parsed.transponder_id + parsed.transponder_mode)
    json = json_format.MessageToJson(radar_pb2.RadarFrame.FromString(rows))
    assert "SECRET" not in json
    assert "transponderOn" not in json


@settings(max_examples=30, deadline=None)
@given(BODIES, st.floats(0.0, 6000.0))
def test_a_narrower_short_range_takes_replies_and_their_heights_away(bodies, threshold_m):
    radar = random_radar(bodies, {"secondary_plots": False}, False, 0.0)
    bands = radar.frame(0).split(threshold_m)
    assert_nobody_is_named(bands.long.detections)
