"""The agent's service: a tick for each frame of one radar, whatever becomes of the rest.

    tracks, alerts  from the bridge's messages
    the vehicle     asked by gRPC at each tick   ->  look, agents, decide  ->  gRPC, commands,
    the devices     from the events of the BIOS                                events

A tick belongs to the newest frame. Where none comes there are ticks all the same, which find that
what is known is too old. While the world stands there are none, and nothing gets older.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack

import grpc
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from qiki.agent.conduct import ConductLimits
from qiki.agent.contained import AgentLimits
from qiki.agent.contained_reader import ContainedReader
from qiki.agent.craft import Craft, craft_of
from qiki.agent.loading import agent_names
from qiki.agent.loop import AgentLoop, Known
from qiki.agent.machines import ShipState
from qiki.agent.proposal import Command
from qiki.agent.team import Team
from qiki.bus import headers, subjects
from qiki.bus.connection import connected
from qiki.bus.durability import require_durable
from qiki.bus.publish import Publisher
from qiki.bus.stored_messages import DatedMessage
from qiki.bus.stream_apply import require
from qiki.bus.stream_reader import StreamNow, StreamReader
from qiki.bus.tracks_log import tracks_log
from qiki.errors import QikiError
from qiki.figures import FIGURES
from qiki.models import models_for
from qiki.radar import Radar, Scenario
from qiki.serve.agent_actuation import Actuation
from qiki.serve.agent_inputs import AgentInputs
from qiki.serve.agent_intents import Operator
from qiki.serve.agent_records import AgentRecords
from qiki.serve.consumer_lag import ConsumerName
from qiki.serve.observed import observed
from qiki.serve.only_one import require_only_one
from qiki.serve.own_ship import vehicle_config
from qiki.serve.settle import settle
from qiki.serve.simulator_channel import ANSWER_S, SimulatorChannel, words
from qiki.serve.stop_signal import stop_signal
from qiki.serve.watched import end_task, first_of
from qiki.settings import Settings
from qiki.wire import decode_tracks
from qiki.wire.generated import q_sim_api_pb2 as messages

RUNNING = "RUNNING"
READ_S = 30.0  # a reader of intents may think
ONE_PROCESS = "stop it first; more agents run in one process, by commas: --agent one,another"
LONGEST_PERIOD_S = 60.0  # of a radar that turns once a minute; a longer silence is no period

log = structlog.get_logger()


class AgentService:
    """Runs the loop around agents.

    Parameters
    ----------
    client : an open connection to a broker with the declared streams.
    settings : agents, mission, limits.
    radar : its frames make the ticks.
    team : the agents.
    reader : of intents, None where there is none.

    Raises
    ------
    VehicleError : the vehicle's file cannot be used.
    """

    def __init__(
        self,
        client: Client,
        settings: Settings,
        radar: Radar,
        team: Team,
        reader: ContainedReader | None,
    ) -> None:
        agent = settings.agent
        self._client = client
        self._settings = settings
        self._sensor_id = radar.sensor_id
        self._team = team
        self._inputs = AgentInputs(agent, _craft(settings), radar.period_ns * 1e-9)
        self._loop = AgentLoop(agent.min_confidence, ConductLimits(exit_ticks=agent.exit_ticks))
        self._simulator = SimulatorChannel(client, settings.grpc)
        self._actuation = Actuation(client, settings, self._simulator)
        self._records = AgentRecords(client, Publisher(client, settings.nats.publish_timeout_s))
        self._operator = Operator(client, self._loop, agent.mission, reader, self._records.mode)
        self._lockstep = settings.sim.lockstep
        self._frames = 0  # that came since the last tick
        # Of an epoch before that none is ours, where we are told which it is.
        self._frame = (settings.radar.epoch or 0, -1)  # epoch and number of the newest
        self._frame_came, self._bios_came = asyncio.Event(), asyncio.Event()
        self._ticked_ns = 0
        self._ticks = self._skipped = self._executed = self._failed = 0
        self._is_standing = False
        self._unreleased: int | None = None  # the tick at which the world is held for us
        self._created, self._sequence, self._stored = "", 0, 0  # where the stream is read
        self._begun = 0  # the sequence behind which the reading began
        self._is_behind = True  # what is stored is being read

    def facts(self) -> dict[str, object]:
        """Return the states, and how many ticks and actions there were."""
        conduct = self._loop.conduct
        return {
            "system_state": conduct.system,
            "ship_state": conduct.ship,
            "safe_mode_reason": conduct.safe_mode_reason,
            "catching_up": self._how_far,
            "mission": self._operator.mission,
            "ticks": self._ticks,
            "skipped_frames": self._skipped,
            "executed": self._executed,
            "failed": self._failed,
            "agents": self._team.facts(),
        }

    async def run(self, stop: asyncio.Event) -> None:
        """Tick until `stop` is set.

        Raises
        ------
        BrokerError : the stream of tracks or its consumer is gone.
        """
        source, durable = tracks_log(self._settings), self._settings.streams.agent_durable
        reader = StreamReader(self._client, source.stream, durable, self._stand, self._take)
        self._records.mode(self._operator.mode)
        recording = asyncio.create_task(self._records.run())
        reading = asyncio.create_task(reader.run(stop))
        try:
            async with AsyncExitStack() as stack:
                stack.push_async_callback(self._simulator.close)
                stack.push_async_callback(self._operator.close)
                heard = {subjects.BIOS_STATUS: self._bios, subjects.INTENTS: self._operator.answer}
                for name, take in heard.items():
                    subscription = await self._client.subscribe(name, cb=take)
                    stack.push_async_callback(subscription.drain)
                log.info("agent_started", agents=self._team.names, mission=self._operator.mission)
                if self._lockstep:
                    await self._first_report(stop)
                while not stop.is_set():
                    if reading.done():
                        reading.result()
                    if await self._wait(stop) and not self._is_starting:
                        await self._tick()
            ended = self._loop.shut_down()
            self._records.changes(ended, self._ticks, self._inputs.time_ns)
        finally:
            await end_task(reading)
            await end_task(recording)
            await self._records.rest()
        log.info("agent_ended", ticks=self._ticks)

    async def _stand(self, now: StreamNow) -> int:
        """Return the sequence behind which to read: of another stream, all that is stored.

        What is known is made of what each message changes, so none may be missing. Until all that
        is stored now is read there are no ticks of frames, and none at all at the start.
        """
        is_known = now.created == self._created and self._sequence <= now.last_sequence
        if not is_known or self._sequence + 1 < now.first_sequence:
            self._inputs.begin_anew()
            self._created = now.created
            self._begun = self._sequence = max(0, now.first_sequence - 1)
            self._stored, self._is_behind = now.last_sequence, True
            if self._sequence < now.last_sequence:
                log.info("agent_catching_up", messages=now.last_sequence - self._sequence)
        self._stored = now.last_sequence
        self._look_how_far()
        return self._sequence

    async def _take(self, dated: DatedMessage) -> None:
        """Take a tracks message; a frame of the radar that is newer than any makes a tick."""
        self._sequence, payload, header = dated.message
        now_s = time.monotonic() - max(0.0, time.time() - dated.time_s)
        self._take_tracks(payload, header, now_s)
        self._look_how_far()
        if self._sequence < self._stored:
            self._frames = 0
        if self._frames:
            self._frame_came.set()

    def _look_how_far(self) -> None:
        """Take down how far the past is read, and when it is."""
        if self._is_behind and self._sequence >= self._stored:
            self._is_behind = False
            self._inputs.caught_up()
            log.info("agent_caught_up", messages=self._sequence - self._begun)
        self._operator.how_far = self._how_far
        if self._is_behind:
            self._inputs.catch_up(self._how_far)

    @property
    def _how_far(self) -> str:
        if not self._is_behind:
            return ""
        read, stored = self._sequence - self._begun, self._stored - self._begun
        return f"catching up, {read} of {stored} messages read"

    @property
    def _is_starting(self) -> bool:
        """Whether the ship waits for the past: nothing is judged, and nobody has stopped it."""
        return self._is_behind and self._loop.conduct.ship is ShipState.SHIP_STARTUP

    def _take_tracks(self, payload: bytes, header: Mapping[str, str], now_s: float) -> None:
        try:
            found = decode_tracks(payload, headers.expected_checksum(header, payload))
        except QikiError as error:
            self._inputs.miss("tracks", f"tracks: {error}")
            return
        self._inputs.take_tracks(found, now_s, looked=headers.CLOCK_FRAME not in header)
        frame = (found.epoch, found.number)
        if found.sensor_id == self._sensor_id and frame > self._frame:
            if self._ticks and found.epoch != self._frame[0]:  # as after `sim.reset`
                self._ticked_ns = 0
                self._loop.forget(self._operator.begin_anew())
            self._frame = frame
            self._frames += 1

    async def _bios(self, message: Msg) -> None:
        self._inputs.take_bios(message.data, time.monotonic())
        self._bios_came.set()

    async def _first_report(self, stop: asyncio.Event) -> None:
        """Wait for the devices' first report, as long as one counts: the world waits for us.

        When it comes is of real time, and what is decided without it is not what is with it.
        """
        await first_of(self._bios_came, stop, timeout_s=self._settings.agent.bios_max_age_s)

    async def _wait(self, stop: asyncio.Event) -> bool:
        """Wait for a frame, or for too long; return whether a tick is due."""
        self._frame_came.clear()
        if not self._frames:
            await first_of(self._frame_came, stop, timeout_s=self._settings.agent.silence_s)
        return not stop.is_set()

    async def _tick(self) -> None:
        frames, self._frames = self._frames, 0
        self._skipped += max(frames - 1, 0)
        if not frames and self._lockstep:
            await self._release()
            return
        if not await self._ask_vehicle() and not frames:
            return
        frame = self._frame
        known = self._known()
        view = self._operator.view = self._loop.look(known)
        proposals = self._operator.take_accepted()
        for answer in await self._team.ask(view):
            proposals += [(answer.agent, proposal) for proposal in answer.proposals]
            if answer.fault is not None:
                self._records.fault(answer.agent, "fault", answer.fault, known.time_ns)
        if self._frame[0] != frame[0]:  # another world began meanwhile, for which they are not
            self._loop.forget(proposals)
            proposals = []
        decision = self._loop.decide(proposals)
        failures = await self._actuation.carry_out(decision.accepted)
        changes = self._loop.finish(decision, failures)
        self._records.tick(decision, failures, changes)
        self._team.note(
            nonsense=(name for name, _ in decision.nonsense),
            refused=(key.agent for key, it in failures.items() if it.is_refused),
        )
        for verdict in decision.accepted:
            if verdict.key not in failures:
                self._operator.done = f"{verdict.key}: {verdict.proposal.justification}"
        self._ticks += 1
        self._failed += len(failures)
        self._executed += len(decision.accepted) - len(failures)
        FIGURES.worked()
        self._unreleased = frame[1]
        await self._release()

    async def _release(self) -> None:
        """Let a world in lock-step go on to the next tick, if that is not done yet."""
        tick = self._unreleased
        if tick is None or not self._lockstep:
            return
        failure = await self._actuation.command(Command("sim.tick", {"tick": tick}))
        if failure is None or failure.is_refused:
            # One that is refused was released before, perhaps by an agent that is no more.
            self._unreleased = None
        else:
            log.warning("tick_not_released", tick=tick, reason=failure.reason)

    def _known(self) -> Known:
        time_ns = self._inputs.time_ns
        period_s = (time_ns - self._ticked_ns) * 1e-9 if self._ticked_ns else 0.0
        self._ticked_ns = time_ns
        period_s = min(max(period_s, 0.0), LONGEST_PERIOD_S)
        epoch = self._frame[0]
        return self._inputs.known(period_s, self._operator.mission, time.monotonic(), epoch)

    async def _ask_vehicle(self) -> bool:
        """Ask how the vehicle is; return False where the world stands: then nothing gets older."""
        try:
            stub = await self._simulator.stub()
            answer = await stub.GetTelemetry(messages.GetTelemetryRequest(), timeout=ANSWER_S)
        except grpc.aio.AioRpcError as error:
            self._inputs.miss("vehicle", f"GetTelemetry: {words(error)}{self._simulator.remedy}")
            await self._simulator.close()  # one that comes back may listen elsewhere
            return True
        except QikiError as error:
            self._inputs.miss("vehicle", error)
            return True
        vehicle = self._inputs.take_vehicle(answer.telemetry_json, time.monotonic())
        is_standing = vehicle is not None and vehicle.world_state != RUNNING
        if is_standing != self._is_standing:
            log.info("world_stands" if is_standing else "world_goes_on")
        self._is_standing = is_standing
        if is_standing:
            self._inputs.stand(time.monotonic())
        else:
            self._inputs.go_on()
        return not is_standing


def _craft(settings: Settings) -> Craft | None:
    config, vehicle = vehicle_config(settings.vehicle.config), settings.vehicle
    return None if config is None else craft_of(config, vehicle.station_heading_deg)


async def serve_agent(settings: Settings) -> None:
    """Run the agents until SIGTERM or SIGINT.

    Raises
    ------
    SettingError : an agent or a reader of intents cannot be loaded, another agent service runs on
        the broker, that is not as durable as asked, or the metrics cannot be served.
    ScenarioError : the scenario cannot be used.
    VehicleError : the vehicle's file cannot be used.
    ListenError : the port of the metrics is taken.
    BrokerError : the broker is missing, or lacks a stream.
    """
    stop = stop_signal()
    scenario = Scenario.load(settings.radar.scenario)
    radar = Radar(scenario, models=models_for(scenario, settings.radar.models))
    agent = settings.agent
    specs = agent_names(agent.names.split(","))
    answer_s = agent.lockstep_answer_s if settings.sim.lockstep else agent.answer_s
    async with connected(settings.nats, "qiki-agent") as client:
        tracks = tracks_log(settings).stream
        needed = [tracks, settings.streams.events, settings.streams.commands]
        await require(client.jetstream(), needed, settings.nats.publish_timeout_s)
        await require_durable(client, settings, needed)
        await require_only_one(client, "agent", ONE_PROCESS)
        limits = AgentLimits(answer_s=answer_s, memory_mib=agent.memory_mib)
        async with AsyncExitStack() as plugged:
            team = await plugged.enter_async_context(Team.started(specs, limits))
            reader = None
            if agent.intent_reader is not None:
                reading = limits._replace(answer_s=READ_S)
                started = ContainedReader.started(agent.intent_reader, reading)
                reader = await plugged.enter_async_context(started)
            service = AgentService(client, settings, radar, team, reader)
            reads = [ConsumerName(tracks, settings.streams.agent_durable)]
            async with observed(client, settings, "agent", reads, service.facts):
                settle()
                await service.run(stop)
