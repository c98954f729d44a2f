"""Seeded schedules around the production worker: processes, a network, faults, and their judge."""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from qiki.bus.recoverable_worker import RecoverableWorker
from qiki.bus.worker_asking import WorkerLimits
from qiki.bus.worker_effects import (
    NextInput,
    Publish,
    ReadNextInput,
    Report,
    Stop,
    StopAsked,
    StopKind,
    Unanswered,
    Value,
    WriteValue,
)
from qiki.bus.worker_epoch import EpochChoice
from tests.protocol.chain_core import ChainCore
from tests.protocol.faults import AT_TURN, Dice, drawn
from tests.protocol.model_world import ID_WINDOW_S, MAX_AGE_S, ModelWorld, Process
from tests.protocol.oracle import OUTPUTS, SLOTS, ViolationError, places_in

LIMITS = WorkerLimits(attempts=4, snapshot_every=5, snapshot_slots=SLOTS, chunk_bytes=20)
LOST = Unanswered("time-out")
FRAMES_MAX = 20
CALM_TURNS_MAX = 3000

Build = Callable[[EpochChoice], RecoverableWorker]


def production(choice: EpochChoice) -> RecoverableWorker:
    """Return the worker as it is."""
    return RecoverableWorker(ChainCore(), choice, LIMITS)


class World(ModelWorld):
    """One schedule.

    Parameters
    ----------
    seed : of everything.
    build : makes the worker.
    """

    def __init__(self, seed: int, build: Build = production) -> None:
        rng = Random(seed)
        super().__init__(rng, clustered=rng.random() < 0.5)
        self.outputs.on_stored = self.oracle.output_stored
        self.build = build
        self.chances = drawn(rng)
        self.processes: list[Process] = []
        self.in_flight: list[Publish | WriteValue] = []
        self.next_epoch = 1
        self.new_epoch_wanted = False
        self.calm = False
        self.events: Counter[str] = Counter()
        self.full_turns = self.full_bucket_turns = 0
        self.input_tail_doomed = self.inputs_doomed = False
        turns = {name: chance for name, chance in self.chances.items() if name in AT_TURN}
        self._at_turn = Dice(rng, turns)
        self._at_effect = Dice(rng, {n: c for n, c in self.chances.items() if n not in turns})

    # Running.

    def run(self) -> None:
        """Go through the schedule: faults, then calm, then an hour of silence, then work again.

        Raises
        ------
        ViolationError : a promise was broken.
        """
        rng = self.rng
        for _ in range(rng.randrange(60, 320)):
            self._turn(rng)
        self._calm_down()
        self._settle(more_frames=3)
        self._check_idle_snapshot()
        epochs = self.events["new_epoch"]
        self.advance(MAX_AGE_S * 2)
        if rng.random() < 0.7:
            self.processes.clear()
        self._settle(more_frames=3)
        if self.events["new_epoch"] != epochs:
            raise ViolationError("an idle time in which everything aged out ended the epoch")

    def _turn(self, rng: Random) -> None:
        chance = rng.random()
        if chance < 0.12:
            if self.sent < FRAMES_MAX:
                self.source()
        elif chance < 0.2:
            self.advance(rng.random() * 3.0)
        elif chance < 0.24 and self.in_flight:
            self.arrive(self.in_flight.pop(rng.randrange(len(self.in_flight))))
        name = self._at_turn.throw()
        if name is not None:
            self.events[name] += 1
            getattr(self, name)()
        if self.full_turns:
            self.full_turns -= 1
            self.outputs.max_messages = 0 if self.full_turns else None
        if self.full_bucket_turns:
            self.full_bucket_turns -= 1
            self.bucket_is_full = self.full_bucket_turns > 0
        if self.inputs_doomed:
            self._make_doomed_inputs_anew()
        running = [process for process in self.processes if not process.frozen]
        if not running:
            self._start_worker()
        elif rng.random() < 0.02:
            rng.choice(self.processes).frozen = False  # goes on where it stood
        else:
            self._step(running[rng.randrange(len(running))])

    def _calm_down(self) -> None:
        for process in list(self.processes):
            if isinstance(process.effect, Stop):
                self._step(process)
        self.calm = True
        self.input_tail_doomed = False
        self.outputs.max_messages = None
        self.bucket_is_full = False
        self.full_turns = self.full_bucket_turns = 0
        while self.in_flight:
            self.arrive(self.in_flight.pop(0))
        self.advance(ID_WINDOW_S + 1.0)  # no id is remembered
        for process in self.processes:
            process.frozen = False

    def _settle(self, more_frames: int) -> None:
        """Without faults everything must be answered within a bound."""
        oracle = self.oracle
        for turn in range(CALM_TURNS_MAX):
            if more_frames and turn % 20 == 10:
                more_frames -= 1
                self.source(plain=True)
                for process in self.processes:
                    process.idle = 0
            if not self.processes:
                self._start_worker()
            done = not more_frames and oracle.answered >= len(oracle.frames)
            if done and all(process.rests for process in self.processes):
                return
            self._step(self.processes[turn % len(self.processes)])
        raise ViolationError(
            f"{len(oracle.frames) - oracle.answered} inputs are still unanswered "
            f"{CALM_TURNS_MAX} turns after the last fault"
        )

    def _check_idle_snapshot(self) -> None:
        """An idle worker has saved where it stands, and an older snapshot is kept."""
        places = [whole.manifest.position for whole in self.oracle.whole_snapshots()]
        last = (self.oracle.epoch, self.outputs.last)
        if last not in [(place.epoch.number, place.output_sequence) for place in places]:
            raise ViolationError(f"idle at output {self.outputs.last}, but no snapshot says so")

    # Processes.

    def _start_worker(self) -> None:
        oracle = self.oracle
        places = [whole.manifest.position.place for whole in oracle.whole_snapshots()]
        kept = any(place.epoch.number >= (oracle.epoch or 0) for place in places)
        if not kept and oracle.answers and not oracle.snapshots_damaged:
            raise ViolationError("no whole snapshot is left, though none was damaged")
        fresh, self.next_epoch = self.next_epoch, self.next_epoch + 1
        choice = EpochChoice(fresh, begin_new=self.new_epoch_wanted)
        if self.new_epoch_wanted:
            oracle.epochs_allowed.add(fresh)
            self.events["new_epoch"] += 1
        self.new_epoch_wanted = False
        process = Process(self.build(choice), self.bucket.revision, calm=self.calm)
        self.processes.append(process)
        self.events["starts"] += 1

    def second_worker(self) -> None:
        """Start another worker beside the one that runs."""
        if len(self.processes) < 3:
            self._start_worker()

    def _step(self, process: Process) -> None:
        effect = process.effect
        if isinstance(effect, Stop):
            self.processes.remove(process)
            self._judge(process, effect)
            return
        if isinstance(effect, Report):
            process.effect = process.steps.send(None)
            return
        fault = None if self.calm else self._at_effect.throw()
        if fault is not None:
            self.events[fault] += 1
        if fault in ("kill_before", "kill_after"):
            if fault == "kill_after":
                self.perform(process, effect)
            self.processes.remove(process)
            return
        outcome = self._outcome(process, effect, fault)
        process.unanswered = isinstance(outcome, Unanswered)
        if isinstance(outcome, Value):
            process.found.setdefault(effect.key, outcome.value)
        process.effect = process.steps.send(outcome)

    def _outcome(self, process: Process, effect: Any, fault: str | None) -> Any:
        writes = isinstance(effect, Publish | WriteValue)
        if fault == "freeze":
            process.frozen = True
        elif fault == "stop_asked" and isinstance(effect, ReadNextInput):
            return StopAsked()
        elif fault == "remember_only" and isinstance(effect, Publish):
            self.outputs.remember(effect.message_id)
            return LOST
        elif fault == "lose_request":
            return LOST
        elif fault == "delay_request" and writes:
            self.in_flight.append(effect)
            return LOST
        if fault == "shorten_retention" and isinstance(effect, ReadNextInput):
            outcome: Any = self.shorten_retention(process, effect)
        else:
            outcome = self.perform(process, effect)
        if fault == "lose_reply" or process.cut_off:
            process.cut_off = False
            return LOST
        if self.input_tail_doomed and isinstance(outcome, NextInput):
            if not process.unanswered:
                return LOST
            self._lose_input_tail()
        return outcome

    def _judge(self, process: Process, stop: Stop) -> None:
        self.events[f"stop {stop.kind.value}"] += 1
        position = process.worker.position
        others = bool(self.processes) or self.bucket.revision != process.revision
        match stop.kind:
            case StopKind.REFUSED | StopKind.GAP:
                if position is not None or not others:
                    self.oracle.judge_end(stop.kind, position and position.clear_through)
                    self.new_epoch_wanted = not self.processes
            case StopKind.FENCED:
                self._judge_fenced(process)
            case StopKind.LOST_TAIL if not self.oracle.outputs_damaged:
                raise ViolationError(f"no output was lost: {stop.text}")
            case StopKind.UNANSWERED if process.calm:
                raise ViolationError(f"without faults: {stop.text}")
            case StopKind.REJECTED if process.calm:
                raise ViolationError(f"with room for outputs: {stop.text}")

    def _judge_fenced(self, process: Process) -> None:
        position, published = process.worker.position, process.published
        if self.oracle.outputs_damaged:
            return
        newest = self.outputs.newest(OUTPUTS)
        own_output = 0 if position is None else position.output_sequence
        if newest is not None and published is not None:
            follows = newest.sequence == own_output + 1
            same = (newest.headers, newest.payload) == (published.headers, published.payload)
            if follows and same:
                raise ViolationError("fenced by its own output")
        found = places_in(process.found)  # not what stood there when it was started
        written = [place for place in self.oracle.places_read() if place not in found]
        if any(position is None or place.epoch != position.epoch for place in written):
            return
        if position is None and self.oracle.snapshots_damaged:
            return  # as may be what it saw
        if max([self.outputs.last, *(place.order[0] for place in written)]) <= own_output:
            raise ViolationError("fenced, but nobody else wrote")

    # Faults that concern processes, or what they believe.

    def broker_restart(self, *, forget_ids: bool = False) -> None:
        """Restart the broker; every connection is lost."""
        self.outputs.restart(forget_ids=forget_ids)
        for process in self.processes:
            process.cut_off = True

    def forget_ids(self) -> None:
        """Restart the broker, which then knows no message id."""
        self.broker_restart(forget_ids=True)

    def fill_outputs(self) -> None:
        """Refuse outputs for some turns."""
        self.outputs.max_messages = 0
        self.full_turns = 15

    def fill_bucket(self) -> None:
        """Refuse values for some turns."""
        self.bucket_is_full = True
        self.full_bucket_turns = 15

    def make_outputs_anew(self) -> None:
        """Delete the stream of outputs with no worker running, and create it again."""
        self.processes.clear()
        self.in_flight.clear()
        super().make_outputs_anew()

    def make_inputs_anew(self) -> None:
        """Delete the stream of inputs with no worker running, and create it again; once.

        At once, or when a snapshot has no hash to tell the streams by; then the new one is as long
        as the old one when a worker starts.
        """
        if self.rng.random() < 0.5:
            self._make_inputs_anew(0)
        else:
            self.inputs_doomed = True

    def _make_inputs_anew(self, length: int) -> None:
        self.inputs_doomed = False
        if not self.oracle.inputs_damaged:
            self.processes.clear()
            self.in_flight.clear()
            super().make_inputs_anew()
            while self.inputs.last < length:
                self.source(plain=True)

    def _make_doomed_inputs_anew(self) -> None:
        places = [whole.manifest.position for whole in self.oracle.whole_snapshots()]
        lengths = [place.clear_through for place in places if not place.clear_sha256]
        if length := max(lengths, default=0):
            self._make_inputs_anew(length)

    def lose_output_tail(self) -> None:
        """Let the broker come back without the newest outputs."""
        lost = self.outputs.lose_tail(self.rng.randrange(1, 4))
        self.oracle.outputs_lost(len(lost))
        self.broker_restart()

    def lose_input_tail(self) -> None:
        """Let the broker come back without the newest inputs, once; now, or when it hurts most.

        That is behind a worker that asks again, between its reading of an input and its look
        whether the stream is what it was.
        """
        if self.rng.random() < 0.5:
            self.input_tail_doomed = True
        else:
            self._lose_input_tail()

    def _lose_input_tail(self) -> None:
        self.input_tail_doomed = False
        if not self.oracle.inputs_damaged:
            last = self.inputs.last
            self.inputs.lose_tail(self.rng.randrange(1, 5))
            self.sent += self.sent % 2  # no frame has the bytes of a lost one
            self.oracle.inputs_lost(last)
            self.broker_restart()
