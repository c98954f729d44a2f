"""Which commands act, on what, how often, and what is answered; no broker is needed for it."""

import json
import re
import uuid
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiki.errors import SettingError
from qiki.radar import Radar, Scenario
from qiki.serve.command_interpreter import CommandInterpreter, StoredCommand
from qiki.serve.world_commands import COMMANDS, FAULTS
from tests.source_tree import ROOT

BEGIN = 10
MAX_AGE_S = 8.0
STORED_S = 1e9
RADAR = Radar(Scenario.load("crossing"))


class World(SimpleNamespace):
    """Notes what is asked of it."""

    def __init__(self, *sensors):
        super().__init__(
            sensor_names=sensors or ("mast",),
            time_ns=77,
            done=[],
            state="PAUSED",
            own_ship=None,
            why_ended=None,
            last_reset=None,
        )
        self.world = self  # that of its one bot

    def start(self, speed):
        self.done.append("start" if speed == 1.0 else ("start", speed))

    def pause(self):
        self.done.append("pause")

    def end(self):
        self.done.append("end")

    def reset(self):
        self.done.append("reset")

    def step(self, duration_ns):
        self.done.append(("step", duration_ns))

    def switch_radar(self, sensor, *, on):
        self.done.append((sensor, on))

    def add_fault(self, sensor, fault, duration_s):
        RADAR.with_fault(json.dumps({"fault": fault}))  # refuses what the core refuses
        self.done.append((sensor, fault, duration_s))

    def repair(self, sensor):
        self.done.append((sensor, "repaired"))


def payload(name, **parameters):
    metadata = {"message_id": str(uuid.uuid4())}
    document = {"command_name": name, "parameters": parameters, "metadata": metadata}
    return json.dumps(document).encode()


def answered(world, name, sequence=BEGIN + 1, age_s=0.1, **parameters):
    interpreter = CommandInterpreter(world, BEGIN, MAX_AGE_S)
    return interpreter.answer(StoredCommand(sequence, STORED_S, age_s, payload(name, **parameters)))


@pytest.mark.parametrize(
    ("name", "parameters", "done"),
    [
        ("sim.pause", {}, "pause"),
        ("sim.start", {}, "start"),
        ("sim.start", {"speed": 1}, "start"),
        ("sim.start", {"speed": 0.25}, ("start", 0.25)),
        ("sim.stop", {}, "end"),
        ("sim.reset", {}, "reset"),
        ("sim.step", {"duration_s": 0.5}, ("step", 500_000_000)),
        ("sim.radar.off", {"sensor": "mast"}, ("mast", False)),
        ("sim.radar.on", {}, ("mast", True)),
        ("sim.radar.fault", {"fault": "stuck"}, ("mast", "stuck", None)),
        (
            "sim.radar.fault",
            {"sensor": "mast", "fault": "bias", "range_m": 50, "duration_s": 2.5},
            ("mast", {"bias": {"range_m": 50}}, 2.5),
        ),
        ("sim.radar.repair", {}, ("mast", "repaired")),
    ],
)
def test_what_each_does(name, parameters, done):
    world = World()
    outcome = answered(world, name, **parameters)
    assert world.done == [done]
    assert (outcome.sequence, outcome.command_name, outcome.time_ns) == (BEGIN + 1, name, 77)
    assert outcome.refusal is None


@pytest.mark.parametrize(
    ("name", "parameters", "code", "text"),
    [
        ("sim.nope", {}, "rejected", "command_name is sim.nope, must be one of power.dock.off, "),
        ("sim.pause", {"x": 1}, "invalid_parameters", "sim.pause has the parameter x, must have"),
        ("sim.start", {"speed": 0}, "invalid_parameters", "speed is 0, must be above 0, at most"),
        ("sim.start", {"speed": 2e6}, "invalid_parameters", "speed is 2e+06, must be above 0"),
        ("sim.start", {"speed": True}, "invalid_parameters", "speed is true, must be above 0"),
        ("sim.start", {"speed": None}, "invalid_parameters", "speed is null, must be above 0"),
        ("sim.start", {"speed": "1"}, "invalid_parameters", 'speed is "1", must be above 0'),
        (
            "sim.drive.turn",
            {"angle": 90},
            "invalid_parameters",
            "must have none but angle_deg: remove angle, or correct its name",
        ),
        (
            "sim.start",
            {"speed": 10**400},
            "invalid_parameters",
            "more than 308 digits, must be above",
        ),
        ("sim.step", {"duration_s": 10**400}, "invalid_parameters", "has more than 308 digits"),
        (
            "sim.radar.fault",
            {"sensor": "mast", "fault": "stuck", "duration_s": 10**400},
            "invalid_parameters",
            "duration_s has more than 308 digits, must be above 0; left out: no end",
        ),
        ("sim.step", {}, "invalid_parameters", "duration_s is missing, must be above 0, at most"),
        ("sim.step", {"duration_s": -1}, "invalid_parameters", "duration_s is -1, must be above 0"),
        ("sim.rcs.stop", {}, "rejected", "vehicle.config is none, must name a vehicle"),
        ("sim.radar.off", {}, "invalid_parameters", "sensor is missing, must be one of"),
        (
            "sim.radar.off",
            {"sensor": "deck"},
            "invalid_parameters",
            'sensor is "deck", must be one',
        ),
        ("sim.radar.on", {"sensor": 1}, "invalid_parameters", "sensor is 1, must be one"),
        ("sim.radar.fault", {"sensor": "mast"}, "invalid_parameters", "fault is missing, must"),
        (
            "sim.radar.fault",
            {"sensor": "mast", "fault": "zzz"},
            "invalid_parameters",
            'fault is "zzz", must be one of off, stuck, bias, noisy, clock_jump, late, duplicated,',
        ),
        (
            "sim.radar.fault",
            {"sensor": "mast", "fault": "noisy", "factor": 0.5},
            "invalid_parameters",
            "fault.noisy.factor: is 0.5, must be 1 to 1000",
        ),
        (
            "sim.radar.fault",
            {"sensor": "mast", "fault": "bias", "factor": 2},
            "invalid_parameters",
            "unknown field `factor`",
        ),
        (
            "sim.radar.fault",
            {"sensor": "mast", "fault": "off", "duration_s": 0},
            "invalid_parameters",
            "duration_s is 0, must be above 0",
        ),
    ],
)
def test_what_is_refused_says_value_limit_and_remedy_and_does_nothing(name, parameters, code, text):
    world = World("mast", "stern")
    outcome = answered(world, name, **parameters)
    assert world.done == []
    assert outcome.refusal.code == code
    assert text in str(outcome.refusal)


def test_the_kinds_of_faults_are_those_of_scenario_files():
    kinds = Scenario.schema()["$defs"]["FaultKindDocument"]["oneOf"]
    told = {it["const"] if "const" in it else next(iter(it["properties"])) for it in kinds}
    assert set(FAULTS) == told


@pytest.mark.parametrize(
    ("state", "name", "parameters"),
    [("STOPPED", "sim.pause", {}), ("RUNNING", "sim.step", {"duration_s": 1})],
)
def test_what_the_state_of_the_world_forbids_is_refused(state, name, parameters):
    world = World()
    world.state = state
    refusal = answered(world, name, **parameters).refusal
    assert (refusal.code, world.done) == ("rejected", [])
    assert f"the world is {state}, must" in str(refusal)


def test_what_cannot_be_read_is_answered_under_its_sequence():
    interpreter = CommandInterpreter(World(), BEGIN, MAX_AGE_S)
    outcome = interpreter.answer(StoredCommand(BEGIN + 1, STORED_S, 0.1, b"\xff"))
    assert (outcome.sequence, outcome.command_name, outcome.request_id) == (BEGIN + 1, "", None)
    assert outcome.refusal.code == "invalid_message"


def test_a_command_from_before_the_world_does_not_act_on_it():
    world = World()
    outcome = answered(world, "sim.pause", sequence=BEGIN)
    assert world.done == []
    assert outcome.refusal.code == "too_old"
    assert f"its sequence is {BEGIN}, must be above {BEGIN}" in str(outcome.refusal)


def test_a_command_whose_asker_has_gone_does_not_act():
    world = World()
    assert answered(world, "sim.pause", age_s=MAX_AGE_S).refusal is None
    refusal = answered(world, "sim.pause", age_s=MAX_AGE_S + 0.1).refusal
    assert "stored 8.1 s ago, must be at most 8 s (commands.timeout_s): send it" in str(refusal)
    assert world.done == ["pause"]


def test_behind_a_reset_by_another_bot_what_was_stored_before_does_not_act():
    """A bot's own commands are in the order of their stream; only of others the clock decides."""
    world, bots = World(), (World(), World())
    for bot in bots:
        bot.world = world
    one, two = (CommandInterpreter(bot, BEGIN, MAX_AGE_S) for bot in bots)

    def refusal(interpreter, sequence, stored_s, name):
        stored = StoredCommand(BEGIN + sequence, STORED_S + stored_s, 0.1, payload(name))
        return interpreter.answer(stored).refusal

    assert refusal(two, 1, 0.0, "sim.pause") is None
    assert refusal(one, 1, 1.0, "sim.reset") is None
    for sequence, stored_s, before in ((2, 0.75, "0.250 s"), (3, 1.0, "0.000 s")):
        refused = refusal(two, sequence, stored_s, "sim.reset")
        assert refused.code == "too_old"
        assert f"it was stored {before} before another bot's sim.reset, must be" in str(refused)
    assert refusal(one, 2, 0.5, "sim.pause") is None
    assert refusal(two, 4, 1.25, "sim.pause") is None
    assert world.done == ["pause", "reset", "pause", "pause"]


def test_delivered_again_it_is_answered_again_and_does_not_act():
    world = World()
    interpreter = CommandInterpreter(world, BEGIN, MAX_AGE_S)
    first = StoredCommand(BEGIN + 1, STORED_S, 0.1, payload("sim.pause"))
    outcome = interpreter.answer(first)
    assert interpreter.answer(first._replace(age_s=99.0)) is outcome
    interpreter.answer(StoredCommand(BEGIN + 2, STORED_S, 0.1, payload("sim.start")))
    assert interpreter.answer(first).refusal.code == "too_old"
    assert world.done == ["pause", "start"]


names = st.sampled_from([*COMMANDS, "sim.nope"])


@given(st.lists(st.tuples(st.integers(1, 30), names, st.floats(0, 16)), max_size=40))
def test_in_any_order_of_deliveries_each_acts_once_at_most_and_each_is_answered(deliveries):
    world = World()
    interpreter = CommandInterpreter(world, BEGIN, MAX_AGE_S)
    stored = {sequence: payload(name) for sequence, name, _ in deliveries}
    acted = []
    for sequence, _, age_s in deliveries:
        before = len(world.done)
        outcome = interpreter.answer(StoredCommand(sequence, STORED_S, age_s, stored[sequence]))
        assert outcome.sequence == sequence
        acted += [sequence] * (len(world.done) - before)
    assert acted == sorted(set(acted))
    assert all(sequence > BEGIN for sequence in acted)


def test_the_page_names_every_command_and_no_other():
    page = (ROOT / "docs" / "control.md").read_text()
    rows = [line for line in page.splitlines() if re.match(r"\| `(sim|power)\.", line)]
    shown = {name: row for row in rows for name in re.findall(r"`([.\w]+)`", row.split("|")[1])}
    assert set(shown) == set(COMMANDS)
    for name, row in shown.items():
        missing = set(COMMANDS[name].parameters) - set(re.findall(r"\w+", row))
        assert name == "sim.radar.fault" or not missing


def test_what_the_core_refuses_is_answered_in_its_words():
    class Refusing(World):
        def pause(self):
            raise SettingError("angle is 7, must be at most 5")

    outcome = answered(Refusing(), "sim.pause")
    assert (outcome.refusal.code, str(outcome.refusal)) == (
        "rejected",
        "angle is 7, must be at most 5",
    )
