import json

import pytest

from qiki.cli import main
from qiki.commands import replay as replay_command
from qiki.commands.outcome import require_all_used
from qiki.errors import BrokerError
from qiki.serve.flow_audit import FlowAudit
from qiki.serve.flow_lines import status_line
from qiki.serve.replay import ReplaySummary


def test_all_used_is_a_success():
    require_all_used(3, lost=0, not_accepted=0)


@pytest.mark.parametrize(
    ("lost", "not_accepted", "message"),
    [(2, 1, "2 of 3 frames were lost"), (0, 1, "1 of 3 frames were not accepted")],
)
def test_frame_without_use_is_a_failure(lost, not_accepted, message):
    with pytest.raises(BrokerError, match=message):
        require_all_used(3, lost=lost, not_accepted=not_accepted)


@pytest.mark.parametrize(
    ("lost", "not_accepted", "code", "reason"),
    [(0, 0, 0, ""), (1, 0, 1, "1 of 3 frames were lost"), (0, 2, 1, "2 of 3 frames were not acc")],
)
def test_replay_prints_its_keys_and_fails_with_its_frames(
    monkeypatch, capsys, lost, not_accepted, code, reason
):
    async def replayed(*_, **__):
        return ReplaySummary(3, 3 - lost, not_accepted, lost, "00")

    monkeypatch.setattr(replay_command, "replay", replayed)
    monkeypatch.setattr("qiki.logs.configure", lambda _: None)  # it would stay
    monkeypatch.setattr(replay_command, "read_recording", lambda *_, **__: None)
    monkeypatch.setattr(replay_command, "_replayable", lambda *_: None)
    assert main(["replay", "file", "--nats", "nats://127.0.0.1:1", "--json"]) == code
    printed = capsys.readouterr()
    summary = json.loads(printed.out.splitlines()[-1])
    assert list(summary) == ["frames", "tracks_messages", "frames_lost", "tracks_sha256"]
    assert printed.err.count("\n") == code
    assert reason in printed.err


def test_live_line_tells_of_frames_that_were_not_accepted():
    audit = FlowAudit(0)
    assert "not accepted" not in status_line(audit)
    audit.not_accepted = 3
    assert "not accepted 3" in status_line(audit)
