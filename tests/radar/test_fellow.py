"""Bodies of the own ship's kind that a scenario is given afterwards."""

import pytest

from qiki.errors import SettingError
from qiki.radar import Radar
from qiki.tracking import ObjectType
from tests.radar.scenes import scenario, sensor, target

SEEN = {
    "object_type": "drone",
    "rcs_dbsm": 25.0,
    "fluctuation": "swerling_0",
    "transponder": {"mode": "on", "id": "OWN", "mode_3a": "1234", "address": "4CA123"},
}
WAY = {"constant_velocity": {"position_m": [700.0, 0.0, 0.0], "velocity_m_s": [0.0, 5.0, 0.0]}}


def test_it_is_the_last_target_and_a_friend():
    whole = scenario([target("a", (900.0, 0.0, 0.0))], identities={"friendly": ["ALLY"]})
    more = whole.with_fellow("bot-2", "BOT-2").with_fellow("bot-3", "BOT-3")
    assert [it.id for it in more.targets] == ["a", "bot-2", "bot-3"]
    assert more.friendly_ids == ("ALLY", "BOT-2", "BOT-3")
    assert more.with_fellow("bot-4", "ALLY").friendly_ids == ("ALLY", "BOT-2", "BOT-3")
    assert [it.id for it in whole.targets] == ["a"]
    assert more.targets[1].object_type == ObjectType.SHIP
    assert more.targets[1].rcs_dbsm == 10.0


def test_it_is_seen_and_goes_as_the_own_ship():
    whole = scenario([], [sensor()], own_ship={"visible_as": SEEN, "motion": WAY})
    more = whole.with_fellow("bot-2", "BOT-2")
    own, fellow = more.targets
    assert (own.id, fellow.id) == ("own_ship", "bot-2")
    assert (fellow.object_type, fellow.rcs_dbsm) == (ObjectType.DRONE, 25.0)
    truth = Radar(more).truth(2_000_000_000)
    assert truth.position_m[1].tolist() == truth.position_m[0].tolist() == [700.0, 10.0, 0.0]


def test_what_was_there_is_seen_with_the_same_draws():
    """Draws are keyed by the target, so a body more changes none of the others' detections."""
    whole = scenario([target("a", (900.0, 0.0, 0.0)), target("b", (0.0, 800.0, 50.0))])
    away = whole.with_fellow("bot-2", "BOT-2")
    for number in range(20):
        one, other = Radar(whole).frame(number), Radar(away).frame(number)
        kept = other.detections[other.truth != 2]
        assert one.detections.tobytes() == kept.tobytes()


@pytest.mark.parametrize(
    ("name", "identity", "text"),
    [
        ("a", "BOT-2", 'name is "a", must be no target\'s of the scenario'),
        ("bot-2", "FOE", "and none of identities.hostile"),
        ("bot-2", "", 'transponder_id is "", must be 1 to 32 bytes'),
        ("bot-2", "x" * 33, "must be 1 to 32 bytes"),
    ],
)
def test_one_that_cannot_be_is_refused(name, identity, text):
    whole = scenario([target("a", (900.0, 0.0, 0.0))], identities={"hostile": ["FOE"]})
    with pytest.raises(SettingError) as refused:
        whole.with_fellow(name, identity)
    assert text in str(refused.value)
