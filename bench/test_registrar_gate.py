"""Records into the registrar's database: the steps of tracks' lives, 2000 in a transaction.

The hot path is `RegistrarDatabase.store`: rows, three indexes, and where the registrar stands, in
one transaction. Beside it the same rows go into a table without any index, in turn. `events` is the
whole way of a message: `Interpreter.add` reads its JSON, then the batch is stored.
"""

import json
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench.gate import CLOCK, Gate, percentiles
from bench.peers.plain_rows import PlainRows
from qiki.registrar.database import RegistrarDatabase
from qiki.registrar.interpret import Interpreter
from qiki.registrar.record import Arrival, Batch, Move, Record

BATCH_ROWS = 2000
ROUNDS = 60
BEGIN_US = 1_800_000_000_000_000
PAYLOAD = json.dumps(
    {
        "track_id": "6f9a6dcd-fbfd-8934-8000-0000000000da",
        "number": 218,
        "status": "LOST",
        "time_ns": 1795903183947005147,
        "sensor_id": "f088299e-584a-5e5e-8330-db39481e7735",
        "epoch": 1795903173446,
        "position_m": [1293.339, -14332.979, 7211.815],
        "velocity_m_s": [39.364, -438.31, 19.92],
        "quality": 0.9991,
    }
)


def track_batch(first: int) -> Batch:
    """Steps of tracks' lives; an id is one of a tracker's, which count upwards."""
    records = [
        Record(
            BEGIN_US + 100 * number,
            "track.born",
            f"6f9a6dcd-fbfd-8934-8000-{number:012x}",
            "qiki.radar.v1.tracks",
            1,
            number,
            1,
            PAYLOAD,
        )
        for number in range(first, first + BATCH_ROWS)
    ]
    last = first + BATCH_ROWS - 1
    return Batch(records=records, moves={1: Move(first - 1, last, BEGIN_US)}, arrivals=BATCH_ROWS)


def opened(path: Path) -> RegistrarDatabase:
    """Return a database that stands before the first message of its only stream."""
    database = RegistrarDatabase(path, 1 << 30)
    began = Record(BEGIN_US, "stream.began", None, None, None, None, 0, "{}")
    assert database.begin_stream("stream", "today", 0, began).stream_id == 1
    return database


@pytest.mark.benchmark(group="registrar")
def test_records(benchmark: Any, gate: Gate, tmp_path: Path) -> None:
    rounds = 2 if benchmark.disabled else ROUNDS
    with (
        closing(opened(tmp_path / "ours")) as database,
        closing(PlainRows(tmp_path / "plain")) as plain,
    ):
        cpu_s: dict[str, list[float]] = {"ours": [], "plain": []}
        wall_s = 0.0
        for number in range(rounds):
            batch = track_batch(1 + number * BATCH_ROWS)
            start_s, start_cpu_s = time.perf_counter(), CLOCK()
            database.store(batch)
            cpu_s["ours"].append(CLOCK() - start_cpu_s)
            wall_s += time.perf_counter() - start_s
            start_cpu_s = CLOCK()
            plain.store(batch.records)
            cpu_s["plain"].append(CLOCK() - start_cpu_s)
        stored = database.messages_of(1)
        assert [sequence for sequence, _ in stored] == list(range(1, rounds * BATCH_ROWS + 1))
        assert plain.count() == len(stored)
        if benchmark.disabled:
            return
        benchmark.pedantic(database.store, (track_batch(1 + rounds * BATCH_ROWS),), rounds=1)
    p50_s = {name: percentiles(times)[0] for name, times in cpu_s.items()}
    gate.check(
        "registrar",
        ratio=p50_s["ours"] / p50_s["plain"],
        rows_per_cpu_s=rounds * BATCH_ROWS / sum(cpu_s["ours"]),
        rows_per_s=rounds * BATCH_ROWS / wall_s,
    )


@pytest.mark.benchmark(group="registrar")
def test_events(benchmark: Any, gate: Gate, tmp_path: Path) -> None:
    rounds = 2 if benchmark.disabled else ROUNDS
    payload = PAYLOAD.encode()
    with closing(opened(tmp_path / "ours")) as database:
        interpreter = Interpreter({}, [])
        interpreter.stand(1, 0)

        def store_events(first: int) -> None:
            batch = Batch()
            for number in range(first, first + BATCH_ROWS):
                place = (BEGIN_US + 100 * number, 1, number)
                interpreter.add(Arrival("qiki.events.v1.radar.guard", payload, {}, *place), batch)
            interpreter.remember(batch)
            database.store(batch)

        cpu_s = []
        for number in range(rounds):
            start_cpu_s = CLOCK()
            store_events(1 + number * BATCH_ROWS)
            cpu_s.append(CLOCK() - start_cpu_s)
        assert len(database.messages_of(1)) == rounds * BATCH_ROWS
        if benchmark.disabled:
            return
        benchmark.pedantic(store_events, (1 + rounds * BATCH_ROWS,), rounds=1)
    gate.check("registrar-events", events_per_cpu_s=rounds * BATCH_ROWS / sum(cpu_s))
