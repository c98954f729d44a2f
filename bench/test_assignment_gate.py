"""Sparse optimal assignment, called from Python: `qiki.tracking.assign` against scipy and lapx.

The hot path is the solver; what is timed is the whole call, which checks and sorts the edges, while
the peers get theirs ready-made.
"""

from collections.abc import Callable
from typing import Any

import pytest

from bench.assignment_graphs import KINDS, Graph
from bench.gate import CLOCK, Gate, percentiles
from qiki.tracking import assign

pytest.importorskip("lap", reason="the peer lapx is not installed")

from bench.peers.sparse_assignment import Lapmod, Scipy

ROUNDS = {100: 300, 1000: 60, 3000: 15, 10_000: 7}
"""Problems by their number of rows, and how often each is solved."""


def solver(graph: Graph) -> Callable[[], Any]:
    """Ours, as a call without arguments."""
    return lambda: assign(
        graph.rows,
        graph.columns,
        graph.costs,
        row_count=graph.row_count,
        column_count=graph.column_count,
        miss_cost=graph.miss_cost,
    )


@pytest.mark.benchmark(group="assignment", timer=CLOCK)
@pytest.mark.parametrize("rows", ROUNDS)
@pytest.mark.parametrize("kind", KINDS)
def test_assignment(kind: str, rows: int, benchmark: Any, gate: Gate) -> None:
    """Time all on the same problem in turn, once their costs are the same."""
    graph = KINDS[kind](rows)
    ours, scipy, lapmod = solver(graph), Scipy(graph), Lapmod(graph)
    cost = graph.cost_of(ours())
    assert [graph.cost_of(peer.solve()) for peer in (scipy, lapmod)] == pytest.approx(
        [cost] * 2, rel=1e-12
    )
    if benchmark.disabled:
        return
    peers_s: dict[str, list[float]] = {"scipy": [], "lapmod": []}

    def peers_first() -> None:
        for peer_s, peer in zip(peers_s.values(), (scipy, lapmod), strict=True):
            start_s = CLOCK()
            peer.match()
            peer_s.append(CLOCK() - start_s)

    benchmark.pedantic(ours, setup=peers_first, rounds=ROUNDS[rows])
    p50_us = gate.p50_p99_us()[0]
    scipy_us, lapmod_us = (percentiles(peer_s)[0] * 1e6 for peer_s in peers_s.values())
    gate.check(
        f"assignment-{kind}-{rows}",
        ratio=min(scipy_us, lapmod_us) / p50_us,
        p50_us=p50_us,
        scipy_p50_us=scipy_us,
        lapmod_p50_us=lapmod_us,
    )
