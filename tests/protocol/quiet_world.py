"""A world without faults, for tests that say themselves what goes wrong."""

from random import Random

from qiki.bus.recoverable_worker import RecoverableWorker
from qiki.bus.worker_effects import Report, Stop
from qiki.bus.worker_epoch import EpochChoice
from tests.protocol.chain_core import ChainCore
from tests.protocol.model_world import ModelWorld
from tests.protocol.simulation import LIMITS


class QuietWorld(ModelWorld):
    """The simulated world, in which a test runs one worker at a time.

    Attributes
    ----------
    reports : of the workers so far.
    stop : the last worker's end, None while it rests.
    """

    def __init__(self, *, clustered=False):
        super().__init__(Random(0), clustered=clustered)
        self.reports = []
        self.stop = None

    def frames(self, count):
        for _ in range(count):
            self.source(plain=True)

    def run(self, core=None, choice=None, *, change=None, limits=LIMITS):
        """Start a worker and run it until it rests or stops; return it.

        ``change(effect, perform)`` gives the outcome where a test wants its own.
        """
        worker = RecoverableWorker(core or ChainCore(), choice or EpochChoice(1), limits)
        steps = worker.steps()
        self.idle, self.stop, self.published = 0, None, None
        effect = next(steps)
        while self.idle < 2:
            if isinstance(effect, Stop):
                self.stop = effect
                return worker
            if isinstance(effect, Report):
                self.reports.append(effect)
                effect = steps.send(None)
                continue

            def perform(effect=effect):
                return self.perform(self, effect)

            effect = steps.send(change(effect, perform) if change else perform())
        return worker

    def reported(self, event):
        return [report.facts for report in self.reports if report.event == event]

    def payloads(self):
        return [message.payload for message in self.outputs.messages.values()]
