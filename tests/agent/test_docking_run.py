"""The reference agent flies from the default scenario's start into the station's latches."""

import pytest

from qiki.radar import Scenario
from tests.agent.docking_run import run


@pytest.mark.parametrize("seed", [0, 31])
def test_it_docks_without_coming_near_to_anybody_else(seed):
    flown = run(Scenario.load("default"), seed)
    assert flown.is_latched
    assert flown.time_s < 600.0
    assert min(flown.nearest_m, flown.station_m) > 20.0
    assert flown.propellant_kg > 0.0
    assert flown.late_alerts == 0
