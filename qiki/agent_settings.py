"""The settings of the agents, a section of the tree in ``qiki.settings``."""

from typing import Annotated, Literal

from msgspec import Meta

from qiki.setting_types import AgentNames, Count, Fraction, Interval, MiB, Seconds, Section


class AgentSettings(Section, frozen=True):
    """The agents of the vehicle."""

    names: Annotated[
        AgentNames,
        Meta(description="who proposes, by commas: entry point, module:Class or FILE.py:Class"),
    ] = "reference"
    intent_reader: Annotated[
        str | None,
        Meta(description="reads words of an operator that are no intents, named likewise"),
    ] = None
    mission: Annotated[
        Literal["watch", "hold", "dock"],
        Meta(description="of the ship at the start: keep clear; stay where it is; dock"),
    ] = "watch"
    min_confidence: Annotated[
        Fraction, Meta(description="proposals of less confidence are rejected")
    ] = 0.6
    min_quality: Annotated[
        Fraction, Meta(description="tracks that are less likely to be real are not shown")
    ] = 0.5
    max_age_s: Annotated[
        Seconds, Meta(description="older tracks, or an older state of the vehicle, are stale")
    ] = 2.0
    bios_max_age_s: Annotated[
        Seconds, Meta(description="an older report of the devices is stale")
    ] = 12.0
    silence_s: Annotated[
        Interval, Meta(description="a tick comes this long after the last one without any frame")
    ] = 0.5
    exit_ticks: Annotated[Count, Meta(description="good ticks in a row that end safe mode")] = 3
    answer_s: Annotated[
        Interval,
        Meta(description="an agent that answers later misses the tick; at twice that it is killed"),
    ] = 0.08
    memory_mib: Annotated[
        MiB, Meta(description="address space that an agent may have; 0: as much as there is")
    ] = 0
    lockstep_answer_s: Annotated[
        Interval, Meta(description="the same where the world waits for it, with `sim.lockstep`")
    ] = 5.0
