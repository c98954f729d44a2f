"""Carries out what an agent's loop has decided: by gRPC, or as stored commands on the bus."""

import asyncio
from collections.abc import Iterable

import grpc
from nats.aio.client import Client

from qiki.agent.decision import Key, Verdict
from qiki.agent.loop import Failure
from qiki.agent.messages import actuator_command
from qiki.agent.proposal import Action, Command, Switch, Wrench
from qiki.bus.command_message import CommandRefused
from qiki.bus.command_request import new_command, request
from qiki.errors import QikiError
from qiki.serve.simulator_channel import ANSWER_S, SimulatorChannel, words
from qiki.settings import Settings
from qiki.wire.generated import q_sim_api_pb2 as messages

SOURCE = "agent"


class Actuation:
    """Carries out actions.

    Parameters
    ----------
    client : an open connection.
    settings : how long a command waits for its answer.
    simulator : the way to the simulator.
    """

    def __init__(self, client: Client, settings: Settings, simulator: SimulatorChannel) -> None:
        self._client = client
        self._settings = settings
        self._simulator = simulator

    async def carry_out(self, verdicts: Iterable[Verdict]) -> dict[Key, Failure]:
        """Carry out what is accepted, in order; return why, of what could not be.

        Of a proposal whose action fails the rest is left out, and so is what depends on it. Once
        nobody has answered, nothing more is tried: it would come too late, and the next tick with
        it.
        """
        failures: dict[Key, Failure] = {}
        silent: Failure | None = None
        for verdict in verdicts:
            needs = [Key(verdict.key.agent, name) for name in verdict.proposal.depends_on]
            if failed := [key for key in needs if key in failures]:
                reason = f"depends on {failed[0]}, which failed"
                failures[verdict.key] = Failure(reason, failures[failed[0]].is_refused)
            elif silent is not None and verdict.proposal.claims:
                failures[verdict.key] = Failure(f"not tried: {silent.reason}", is_refused=False)
            elif (failure := await self._all(verdict.proposal.actions)) is not None:
                failures[verdict.key] = failure
                silent = None if failure.is_refused else failure
        return failures

    async def _all(self, actions: Iterable[Action]) -> Failure | None:
        for action in actions:
            if (failure := await self._act(action)) is not None:
                return failure
        return None

    async def _act(self, action: Action) -> Failure | None:
        if isinstance(action, Wrench | Switch):
            return await self._actuate(action)
        if isinstance(action, Command):
            return await self.command(action)
        return None  # what the loop does itself

    async def _actuate(self, action: Wrench | Switch) -> Failure | None:
        asked = messages.SendActuatorCommandRequest(command=actuator_command(action))
        try:
            stub = await self._simulator.stub()
            answer = await stub.SendActuatorCommand(asked, timeout=ANSWER_S)
        except grpc.aio.AioRpcError as error:
            return Failure(f"SendActuatorCommand: {words(error)}", is_refused=False)
        except QikiError as error:
            return Failure(str(error), is_refused=False)
        return None if answer.accepted else Failure(str(answer.message), is_refused=True)

    async def command(self, action: Command) -> Failure | None:
        """Send a command and wait for its answer; return why it was not carried out."""
        try:
            command = new_command(action.name, action.parameters, SOURCE)
            async with asyncio.timeout(ANSWER_S):
                answer = await request(self._client, self._settings, command)
        except CommandRefused as refused:
            return Failure(f"{action.name}: {refused}", is_refused=True)
        except TimeoutError:
            reason = f"{action.name}: not answered within {ANSWER_S:g} s"
            return Failure(reason, is_refused=False)
        except QikiError as error:
            return Failure(f"{action.name}: {error}", is_refused=False)
        if answer.refusal is None:
            return None
        return Failure(f"{action.name}: {answer.refusal}", is_refused=True)
