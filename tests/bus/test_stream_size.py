import pytest

from qiki.bus.stream_size import (
    BYTES_PER_DETECTION,
    BYTES_PER_MESSAGE,
    BYTES_PER_TRACK,
    JSON_BYTES_PER_DETECTION,
    JSON_BYTES_PER_MESSAGE,
    JSON_BYTES_PER_TRACK,
    TRACKS_PER_DETECTION,
    Traffic,
    max_age_s,
    max_bytes,
)
from qiki.errors import SettingError
from qiki.radar import Radar, Scenario
from qiki.serve.traffic import expected_traffic
from qiki.settings import Settings, StreamSettings
from qiki.tracking import FrameTracker
from qiki.wire import decode_tracks, encode_frame, encode_frame_json, encode_tracks_json
from tests.radar.scenes import scenario, sensor, target

LIGHT = Traffic(frames_per_s=10, detections_per_frame=5)
JSON_TRACK_HEADERS = 900  # with the store's own record
DENSE = Traffic(frames_per_s=10, detections_per_frame=1000)


def test_light_traffic_is_kept_the_whole_hour():
    assert max_age_s(StreamSettings(), LIGHT) == 3600


@pytest.mark.parametrize("budget_bytes", [900_000_000, 2_000_000_000])
def test_age_empties_the_streams_before_they_are_full(budget_bytes):
    settings = StreamSettings(max_bytes=budget_bytes)
    age_s = max_age_s(settings, DENSE)
    assert 60 <= age_s < 3600
    assert age_s * DENSE.radar_bytes_per_s <= max_bytes(settings)["radar"]
    assert age_s * DENSE.tracks_bytes_per_s <= max_bytes(settings)["tracks"]


def test_age_empties_the_streams_of_json_before_they_are_full():
    settings, traffic = StreamSettings(), LIGHT._replace(encoding="json")
    age_s, limits = max_age_s(settings, traffic), max_bytes(settings, "json")
    assert 60 <= age_s < 3600
    assert sum(limits.values()) <= settings.max_bytes
    for key, rate in (
        ("radar", traffic.radar_bytes_per_s),
        ("tracks", traffic.tracks_bytes_per_s),
        ("tracks_log", traffic.tracks_log_bytes_per_s),
    ):
        assert age_s * rate <= limits[key]


def test_shares_stay_within_the_budget():
    settings = StreamSettings(max_bytes=2_000_000_000)
    assert sum(max_bytes(settings).values()) <= settings.max_bytes


def test_budget_too_small_says_how_much_is_needed():
    with pytest.raises(
        SettingError, match=r"streams.max_bytes is 20000000.*raise it to"
    ) as refusal:
        max_age_s(StreamSettings(max_bytes=20_000_000), DENSE)
    needed = int(str(refusal.value).rsplit(" ", 1)[1])
    assert max_age_s(StreamSettings(max_bytes=needed + 1), DENSE) >= 59


def test_clutter_and_false_alarms_count_as_detections():
    scenario = Scenario.load("clutter")
    sources = sum(source.mean_count for source in scenario.clutter)
    expected = 13 + scenario.sensors[0].false_alarms_per_frame + sources
    assert expected_traffic(Settings(), scenario).detections_per_frame == pytest.approx(expected)


@pytest.mark.parametrize(
    ("interrogator", "sr_threshold_m", "fruit"),
    [
        ({"secondary_plots": True}, 5000.0, 7.0),
        ({"secondary_plots": False}, 5000.0, 0.0),
        ({"secondary_plots": True, "defruiter": True}, 5000.0, 0.0),
        ({"secondary_plots": True}, 0.0, 0.0),
    ],
)
def test_replies_to_others_count_where_they_make_plots(interrogator, sr_threshold_m, fruit):
    asks = {"fruit_per_frame": 7.0, **interrogator}
    quiet = sensor(
        interrogator=asks,
        sr_threshold_m=sr_threshold_m,
        detection={"false_alarms_per_frame": 0.0},
    )
    scene = scenario([target("one", (3000.0, 0.0, 0.0))], [quiet])
    assert scene.sensors[0].fruit_plots_per_frame == fruit
    assert expected_traffic(Settings(), scene).detections_per_frame == 1 + fruit


@pytest.mark.parametrize("name", ["clutter", "default", "dense"])
def test_sizes_are_upper_bounds_of_what_the_codec_makes(name):
    radar = Radar(Scenario.load(name))
    tracker = FrameTracker()
    for number in range(30):
        frame = radar.frame(number)
        answer = tracker.answer(encode_frame(frame))
        bands = frame.split(radar.sr_threshold_m)
        for part in (bands.all, bands.long, bands.short):
            assert len(encode_frame(part)) <= BYTES_PER_MESSAGE + BYTES_PER_DETECTION * len(part)
            text = encode_frame_json(part, 2**60)
            size = len(text.payload) + len(text.scan) + len(text.absent)
            assert size <= JSON_BYTES_PER_MESSAGE + JSON_BYTES_PER_DETECTION * len(part)
        told = encode_tracks_json(decode_tracks(answer.payload).tracks, 2**60)
        sizes = [len(text.payload) + JSON_TRACK_HEADERS for text in told]
        assert all(size <= JSON_BYTES_PER_TRACK for size in sizes), max(sizes)
        assert len(answer.payload) <= BYTES_PER_MESSAGE + BYTES_PER_TRACK * answer.tracks
    assert answer.tracks <= 5 + TRACKS_PER_DETECTION * len(frame)
