"""What a change of a stream's limits or subjects would take from what it holds."""

from nats.js.api import StreamConfig, StreamInfo

# Of each limit what the server stores where there is none.
_NO_LIMIT: dict[str, int] = {"max_age": 0, "max_bytes": -1, "max_msgs": -1}
_UNIT = {"max_age": " s", "max_bytes": " bytes", "max_msgs": " messages"}


def shrinks(info: StreamInfo, declared: StreamConfig) -> list[str]:
    """Say how `declared` is smaller than the stream as it is: present, wanted, what would be lost.

    A stream without messages has nothing to lose: it may become as small as it likes.
    """
    if info.state.messages == 0:
        return []
    limits = [
        _shrunk(info, name, wanted)
        for name in _NO_LIMIT
        if (wanted := getattr(declared, name)) is not None and _is_less(info, name, wanted)
    ]
    gone = sorted(set(info.config.subjects or []) - set(declared.subjects or []))
    subjects = [
        f"{info.config.name}.subjects lack {subject}, must not while it holds "
        f"{_held(info)}: messages to it would no longer be stored"
        for subject in gone
    ]
    return limits + subjects


def _is_less(info: StreamInfo, name: str, wanted: float) -> bool:
    present = getattr(info.config, name)
    if wanted in (0, -1):  # without a limit
        return False
    return present in (None, 0, -1) or wanted < present


def _shrunk(info: StreamInfo, name: str, wanted: float) -> str:
    present = getattr(info.config, name)
    shown = "without limit" if present in (None, 0, -1) else f"{present:.0f}{_UNIT[name]}"
    return (
        f"{info.config.name}.{name} is {shown}, wanted {wanted:.0f}{_UNIT[name]}, which must not "
        f"be less while it holds {_held(info)}: {_loss(info, name, wanted)}"
    )


def _held(info: StreamInfo) -> str:
    return f"{info.state.messages} messages ({info.state.bytes} bytes)"


def _loss(info: StreamInfo, name: str, wanted: float) -> str:
    """Say what the server would do: of the size it refuses what is new, as the streams discard."""
    if name == "max_age":
        return f"those older than {wanted:.0f} s would be deleted"
    held = info.state.bytes if name == "max_bytes" else info.state.messages
    if held < wanted:
        return "there would be room for less than it was made for"
    return "new messages would be refused until enough of these have aged"
