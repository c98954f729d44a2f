"""The page's speed is that of the reports, and a bar that does not hold shows."""

import json

import pytest

from bench.accuracy import page, speed
from bench.accuracy.__main__ import main
from bench.gate import load_budgets


def report(path, load, **figures):
    """A report of the gates as pytest-benchmark writes it."""
    machine = {
        "cpu": {"brand_raw": "a processor"}, "machine": "x", "cpu_count": 2, "load_average": [load],
        "qiki": {"version": "1", "profile": "release", "simd_level": "avx2"},
        "python_version": "3", "numpy": "2", "scipy": "1",
    }  # fmt: skip
    recorded = [
        {"gate": gate.replace("_", "-"), "name": name, "value": value}
        for gate, each in figures.items()
        for name, value in each.items()
    ]
    document = {
        "machine_info": machine,
        "datetime": "2026-01-02T03",
        "benchmarks": [{"extra_info": {"figures": recorded}}],
    }
    path.write_text(json.dumps(document))
    return path


def test_a_report_takes_the_place_of_what_was_there_gate_by_gate(tmp_path):
    file = tmp_path / "speed.json"
    both = {"scan_norfair": {"ratio": 999.0}, "filter": {"ratio": 1.23456}}
    speed.take(report(tmp_path / "one.json", 1.0, **both, asterix={"ratio": 5.0}), file)
    speed.take(report(tmp_path / "two.json", 2.0, scan_norfair={"ratio": 1000.0}), file)
    gates = speed.read(file)
    assert gates.keys() == {"scan-norfair", "filter"}
    assert gates["scan-norfair"].figures == {"ratio": 1000.0}
    assert gates["filter"].figures == {"ratio": 1.235}
    shown = speed.speed_table(gates)
    assert "| 1000 | ≥ 1000 | holds | 2 |" in shown
    assert "1. a processor, 2 CPUs, load 1.0; qiki 1 (release, avx2)" in shown
    assert speed.read(tmp_path / "none.json") == {}


@pytest.mark.parametrize(
    ("figures", "row"),
    [
        ({"scan_norfair": {"ratio": 999.0}}, "| 999 | ≥ 1000 | **broken** | 1 |"),
        ({"scan_cost": {"polar_ratio": 2.01}}, "| 2.01 | ≤ 2 | **broken** | 1 |"),
        ({"scan_sparse_1000": {"step_p50_us": 101.0}}, "| 101 | goal ≤ 100 | not met | 1 |"),
        ({"scan_sparse_1000": {"step_p50_us": 99.0}}, "| 99 | goal ≤ 100 | met | 1 |"),
        ({}, "norfair / QIKI | not measured | ≥ 1000 |  |  |"),
    ],
)
def test_what_does_not_hold_shows(tmp_path, figures, row):
    file = tmp_path / "speed.json"
    speed.take(report(tmp_path / "report.json", 1.0, **figures), file)
    assert row in speed.speed_table(speed.read(file))


def test_every_row_is_a_figure_that_has_a_limit():
    budgets = load_budgets()
    for gate, name, _ in speed.rows(budgets):
        assert any(f"{name}_{end}" in budgets[gate] for end in ("min", "max", "goal")), gate


def test_the_command_takes_a_report_over_and_writes_the_page(tmp_path, monkeypatch):
    taken, written = [], []
    monkeypatch.setattr(speed, "take", taken.append)
    monkeypatch.setattr(page, "write", written.append)
    main(["--gates", str(tmp_path / "gates.json")], cases=())
    assert taken == [tmp_path / "gates.json"]
    assert len(written) == 1
