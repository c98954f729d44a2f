"""What each bot of `qiki up` runs with."""

import pytest

from qiki.bus.bots_file import new_users
from qiki.errors import SettingError
from qiki.serve.bot_settings import settings_of_bots
from qiki.serve.flow_audit import FlowAudit
from qiki.serve.flow_lines import bots_line, status_line
from qiki.serve.flow_summary import summary_of, text_of_bots
from qiki.settings import (
    BiosSettings,
    GrpcSettings,
    RegistrarSettings,
    Settings,
    SimSettings,
    StreamSettings,
    TrackerSettings,
)

USERS = new_users(3)


def test_a_single_bot_has_the_settings_of_the_run():
    settings = Settings()
    assert settings_of_bots(settings, ()) == [settings]


def test_each_has_its_user_ports_database_share_and_friends():
    settings = Settings(
        sim=SimSettings(bots=3),
        registrar=RegistrarSettings(path="/data/kept.sqlite3"),
        streams=StreamSettings(max_bytes=900_000_000),
        tracker=TrackerSettings(
            parameters={
                "friendly_ids": ["ALLY", "BOT-3"],
                "hostile_ids": ["BOT-1"],
                "max_coast_s": 9,
            }
        ),
        bios=BiosSettings(port=0),
    )
    own = settings_of_bots(settings, USERS)
    assert [(it.nats.user, it.nats.password) for it in own] == [tuple_of(user) for user in USERS]
    assert [it.grpc.port for it in own] == [50051, 50052, 50053]
    assert [it.bios.port for it in own] == [0, 0, 0]
    assert [it.registrar.path for it in own] == [f"/data/kept-{k}.sqlite3" for k in (1, 2, 3)]
    assert {it.streams.max_bytes for it in own} == {300_000_000}
    assert [it.log.bot for it in own] == [1, 2, 3]
    assert [it.tracker.parameters["friendly_ids"] for it in own] == [
        ["ALLY", "BOT-3", "BOT-2"],
        ["ALLY", "BOT-3"],
        ["ALLY", "BOT-3", "BOT-2"],
    ]
    assert own[0].tracker.parameters["max_coast_s"] == 9


def tuple_of(user):
    return (user.user, user.password)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (Settings(grpc=GrpcSettings(port=65534)), "grpc.port is 65534, must be at most 65533"),
        (Settings(bios=BiosSettings(port=65535)), "bios.port is 65535, must be at most 65534"),
    ],
)
def test_ports_that_are_too_high_for_all_are_refused(settings, text):
    with pytest.raises(SettingError, match=text):
        settings_of_bots(settings, USERS)


def audit(frames, latency_ms):
    counted = FlowAudit(1)
    counted.frames, counted.tracks_confirmed = frames, frames // 10
    counted.latency.add(latency_ms)
    return counted


def test_the_run_is_told_in_all_and_by_bot():
    audits = [audit(30, 1.0), audit(50, 9.0)]
    whole = summary_of(audits, "default", "nats://here")
    assert (whole["frames"], whole["tracks_confirmed"]) == (80, 8)
    assert [(bot["bot"], bot["frames"]) for bot in whole["bots"]] == [(1, 30), (2, 50)]
    assert whole["latency_ms"]["p99"] == pytest.approx(9.0, rel=0.02)
    assert whole["latency_ms"]["p50"] == pytest.approx(1.0, rel=0.02)
    text = text_of_bots(whole, audits)
    assert "bots" not in text
    assert text["bot 2"] == status_line(audits[1])
    assert bots_line(audits).startswith(
        "bots 2  frames 80  detections 0  tracks 3 5  latency p50 1."
    )


def test_a_single_bot_is_told_as_before():
    (only,) = audits = [audit(30, 1.0)]
    assert "bots" not in summary_of(audits, "default", "nats://here")
    assert bots_line(audits) == status_line(only)
    assert "bot 1" not in text_of_bots(summary_of(audits, "default", "nats://here"), audits)
