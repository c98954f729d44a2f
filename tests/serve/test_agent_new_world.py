"""A world that begins anew while the agents still think about the old one."""

import msgspec

from qiki.agent.decision import ANOTHER_WORLD
from qiki.agent.proposal import Proposal, ProposalType, Wrench
from qiki.agent.team import AgentAnswer, Team
from qiki.bus import subjects
from qiki.radar import Radar, Scenario
from qiki.serve.agent import AgentService
from qiki.settings import GrpcSettings
from tests.serve.test_agent_records import stored

PUSH = Proposal(
    name="push",
    type=ProposalType.SAFETY,
    justification="as the old world asks for it",
    actions=(Wrench(force_n=(0.0, 10.0, 0.0)),),
)


async def test_what_they_propose_is_not_done_in_the_new_one(client, settings):
    class Thinkers(Team):
        """Answer when the first frame of another epoch has come."""

        async def ask(self, view):
            service._frame = (2, 0)
            return [AgentAnswer("pilot", [PUSH], None)]

    settings = msgspec.structs.replace(settings, grpc=GrpcSettings(port=1))
    radar = Radar(Scenario.load("default"))
    service = AgentService(client, settings, radar, Thinkers([]), None)
    service._frame, service._frames = (1, 7), 1
    await service._tick()
    await service._records.rest()
    told = [said for subject, said in await stored(client) if subject == subjects.AGENT_DECISION]
    found = {it["metadata"]["name"]: it for event in told for it in event["proposals"]}
    assert (found["push"]["status"], found["push"]["reason"]) == ("EXPIRED", ANOTHER_WORLD)
