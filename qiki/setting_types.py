"""What a setting may be: types with their limits."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

Encoding: TypeAlias = Literal["columns", "json"]  # of frames and tracks

AgentNames = Annotated[str, Meta(min_length=1, max_length=1024)]
BotCount = Annotated[int, Meta(ge=1, le=16)]
Bytes = Annotated[int, Meta(ge=1024, le=1 << 50)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
# The broker takes none that is longer than half the time for which a request stands.
Heartbeat = Annotated[float, Meta(ge=0.05, lt=15)]
DatabaseBytes = Annotated[int, Meta(ge=1 << 20, le=1 << 45)]
BatchTime = Annotated[float, Meta(gt=0, le=60)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Heading = Annotated[float, Meta(ge=-360, le=360)]
Interval = Annotated[float, Meta(ge=0.001, le=3600)]
MiB = Annotated[int, Meta(ge=0, le=1 << 20)]
Metres = Annotated[float, Meta(gt=0, le=1e9)]
Port = Annotated[int, Meta(ge=0, le=65535)]
Spacing = Annotated[float, Meta(ge=1, le=1e6)]
StepRate = Annotated[int, Meta(ge=1, le=1000)]
Rate = Annotated[float, Meta(gt=0, le=1e6)]
Seconds = Annotated[float, Meta(gt=0, le=1e8)]
# A world goes on for years behind it, and no time of it may overflow.
WorldTime = Annotated[int, Meta(ge=0, le=8_000_000_000_000_000_000)]
Unsigned63 = Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of settings."""
