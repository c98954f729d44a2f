"""From a scenario's transponders to tracks: codes, addresses and spoofs on the way."""

import numpy as np

from qiki.radar import TransponderMode
from qiki.tracking import FrameTracker, TrackPresent, TrackStatus
from qiki.wire import decode_tracks, encode_frame
from tests.radar.transponder_scenes import at, radar, replying

WALK = (0.0, -40.0, 0.0)


def tracks_after(scene, frames):
    tracker = FrameTracker()
    for number in range(frames):
        answer = tracker.answer(encode_frame(scene.frame(number)))
    tracks = decode_tracks(answer.payload).tracks
    return tracks[tracks["status"] == TrackStatus.TRACKED]


def nearest(tracks, scene, index, time_ns):
    position_m = scene.truth(time_ns).position_m[index]
    distance_m = np.linalg.norm(tracks["position_m"] - position_m, axis=1)
    assert distance_m.min() < 100.0
    return tracks[int(distance_m.argmin())]


def test_codes_and_addresses_arrive_in_tracks_and_stay_in_the_long_range():
    bodies = [
        replying("a", at(3000.0, 10.0, 500.0), mode_3a="4512", address="4B1A2C", id="ALFA",
                 reports_height="in_25_ft", velocity_m_s=WALK),
        replying("b", at(3500.0, 100.0, 500.0), mode_3a="0017", reports_height="in_100_ft"),
        replying("c", at(4980.0, 200.0, 500.0), mode_3a="7000", velocity_m_s=WALK),
        replying("d", at(4000.0, 290.0, 500.0), mode="spoof", mode_3a="7700", address="000ABC"),
    ]  # fmt: skip
    fields = {"spoof_recognition_probability": 1.0}
    scene = radar(bodies, garble=True, secondary_plots=True, reply_probability=0.9,
                  sensor_fields=fields)  # fmt: skip
    frames = 40
    tracks = tracks_after(scene, frames)
    assert len(tracks) == 4
    found = [nearest(tracks, scene, k, scene.frame_time_ns(frames - 1)) for k in range(4)]
    assert [int(track["mode_3a"]) for track in found] == [0o4512, 0o17, 0o7000, 0o7700]
    assert [int(track["address"]) for track in found] == [0x4B1A2C, 0, 0, 0xABC]
    assert found[0]["transponder_id"] == b"ALFA"
    assert all(track["present"] & TrackPresent.MODE_3A for track in found)
    assert bool(found[0]["present"] & TrackPresent.ADDRESS)
    assert not found[1]["present"] & TrackPresent.ADDRESS
    modes = [TransponderMode.ON] * 3 + [TransponderMode.SPOOF]
    assert [int(track["transponder_mode"]) for track in found] == modes
    # It has left the short range since: 4980 m and 4 s at 40 m/s outward.
    assert scene.truth(scene.frame_time_ns(frames - 1)).range_m[2] > 5000.0
