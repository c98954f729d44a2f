"""Stored commands in, what became of them out: each acts once at most, and each is answered."""

from typing import NamedTuple

from qiki.bus.command_message import CommandRefused, Outcome, asked, decode_command
from qiki.errors import QikiError
from qiki.serve.without_power import why_without_effect
from qiki.serve.world_commands import RESET, CommandedBot, Reset, carry_out


class StoredCommand(NamedTuple):
    """One message of the stream of commands."""

    sequence: int
    stored_s: float  # when, by the broker's clock, since 1970
    age_s: float  # since then
    payload: bytes


class CommandInterpreter:
    """Carries out the commands of one bot. It does no I/O: the same class runs in every test.

    A command acts only if the world was there when it was stored, if it is not older than its asker
    waits, and if it has not acted before: what the broker delivers again is answered again. After
    a reset from another bot's stream the broker's clock says what was stored for the old world.

    Parameters
    ----------
    bot : what commands act on, with its world.
    begin_sequence : newest in the stream when the world began.
    max_age_s : oldest that still acts.
    """

    def __init__(self, bot: CommandedBot, begin_sequence: int, max_age_s: float) -> None:
        self._bot = bot
        self._begin_sequence = begin_sequence
        self._max_age_s = max_age_s
        self._newest: Outcome | None = None

    def answer(self, stored: StoredCommand) -> Outcome:
        """Carry out one command, or say why not."""
        newest = self._newest
        if newest is not None and stored.sequence == newest.sequence:
            return newest
        refusal = None
        try:
            self._carry_out(stored)
        except CommandRefused as refused:
            refusal = refused
        except QikiError as error:  # what the core refuses, in its words
            refusal = CommandRefused("rejected", str(error))
        name, request_id = asked(stored.payload)
        note = why_without_effect(name, self._bot.own_ship) if refusal is None else None
        outcome = Outcome(stored.sequence, name, request_id, self._bot.world.time_ns, refusal, note)
        if newest is None or stored.sequence > newest.sequence:
            self._newest = outcome
        return outcome

    def _carry_out(self, stored: StoredCommand) -> None:
        command = decode_command(stored.payload)
        self._require_new(stored)
        carry_out(command, self._bot)
        if command.command_name == RESET:
            self._bot.world.last_reset = Reset(self._bot, stored.stored_s)

    def _require_new(self, stored: StoredCommand) -> None:
        sequence, age_s = stored.sequence, stored.age_s
        if sequence <= self._begin_sequence:
            raise _too_old(
                f"its sequence is {sequence}, must be above {self._begin_sequence}, the newest "
                "when this world began"
            )
        if self._newest is not None and sequence < self._newest.sequence:
            raise _too_old(
                f"its sequence is {sequence}, must be above {self._newest.sequence}, the newest "
                "answered"
            )
        self._require_behind_reset(stored.stored_s)
        if age_s > self._max_age_s:
            raise _too_old(
                f"it was stored {age_s:.1f} s ago, must be at most {self._max_age_s:g} s "
                "(commands.timeout_s)"
            )

    def _require_behind_reset(self, stored_s: float) -> None:
        """Refuse what was meant for the world that another bot has reset since."""
        reset = self._bot.world.last_reset
        if reset is None or reset.bot is self._bot or stored_s > reset.stored_s:
            return
        raise _too_old(
            f"it was stored {reset.stored_s - stored_s:.3f} s before another bot's {RESET}, must "
            "be stored after it, as the old world is gone"
        )


def _too_old(text: str) -> CommandRefused:
    return CommandRefused("too_old", f"the command is too old, {text}: send it again")
