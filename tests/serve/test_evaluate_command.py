import json

from qiki.cli import main
from qiki.commands import evaluate


class Result:
    def to_dict(self):
        return {"plots": 2, "coverage": float("nan"), "purity": 0.5}


def test_share_of_nothing_is_null(monkeypatch, capsys):
    monkeypatch.setattr(evaluate, "recorded_bytes", lambda _: b"")
    monkeypatch.setattr(evaluate, "evaluate_recording", lambda *_, **__: Result())
    assert main(["evaluate", "file", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"plots": 2, "coverage": None, "purity": 0.5}
