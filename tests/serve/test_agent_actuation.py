"""What an agent has decided, carried out in order; what depends on a failure is left out."""

from qiki.agent.decision import Key, Status, Verdict
from qiki.agent.proposal import Command, Proposal, ProposalType, Switch, Wrench
from qiki.serve.agent_actuation import Actuation
from qiki.serve.simulator_channel import SimulatorChannel
from qiki.settings import GrpcSettings
from tests.serve.test_simulator_api import running


def accepted(name, *actions, agent="pilot", depends_on=()):
    proposal = Proposal(
        name=name,
        type=ProposalType.PLANNING,
        justification="a test",
        actions=actions,
        depends_on=depends_on,
    )
    return Verdict(Key(agent, name), proposal, 0, Status.ACCEPTED)


class Channel(SimulatorChannel):
    """The way to a server whose stub the test has."""

    def __init__(self, client, stub):
        super().__init__(client, GrpcSettings(port=0))
        self._stub = stub

    async def stub(self):
        return self._stub


async def test_actions_act_in_order_and_a_failure_ends_what_depends_on_it(client, settings):
    async with running(client, settings) as (simulator, stub):
        actuation = Actuation(client, settings, Channel(client, stub))
        failures = await actuation.carry_out(
            [
                accepted("push", Wrench(force_n=(0.0, 30.0, 0.0)), Switch("nbl", is_on=False)),
                accepted("odd", Switch("flux", is_on=True), Switch("radar", is_on=False)),
                accepted("after", Switch("transponder", is_on=False), depends_on=("odd",)),
                accepted("last", Switch("computer", is_on=True), depends_on=("after",)),
                accepted("after", Switch("nbl", is_on=True), agent="other", depends_on=("odd",)),
            ]
        )
        loads = simulator.bots[0].own_ship.vehicle.power.loads
        assert set(failures) == {Key("pilot", name) for name in ("odd", "after", "last")}
        assert "actuator_id is 'flux', must be one of" in failures[Key("pilot", "odd")].reason
        assert failures[Key("pilot", "odd")].is_refused
        assert failures[Key("pilot", "after")].reason == "depends on pilot/odd, which failed"
        assert failures[Key("pilot", "last")].reason == "depends on pilot/after, which failed"
        assert loads["radar"].is_on
        assert loads["transponder"].is_on
        assert loads["nbl"].is_on  # the other's proposal of that name has nothing to do with ours


async def test_where_nobody_answers_nothing_more_is_tried(client, settings):
    actuation = Actuation(client, settings, SimulatorChannel(client, settings.grpc))
    failures = await actuation.carry_out(
        [accepted("push", Wrench()), accepted("says"), accepted("off", Switch("nbl", is_on=False))]
    )
    assert set(failures) == {Key("pilot", "push"), Key("pilot", "off")}
    assert "the simulator does not say its own" in failures[Key("pilot", "push")].reason
    assert failures[Key("pilot", "off")].reason.startswith("not tried: grpc.port is 0")
    assert not any(it.is_refused for it in failures.values())


async def test_a_command_that_nobody_answers_is_waited_for_a_second(client, settings):
    actuation = Actuation(client, settings, SimulatorChannel(client, settings.grpc))
    quiet = accepted("quiet", Command("sim.xpdr.mode", {"mode": "OFF"}))
    failures = await actuation.carry_out([quiet])
    assert failures[quiet.key].reason == "sim.xpdr.mode: not answered within 1 s"
