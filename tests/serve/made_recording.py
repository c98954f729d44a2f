"""A recording made by hand: a radar turns in four seconds and sees the same plots each time."""

import struct

TURN_S = 4.0
PLOTS = 16


def made_recording(turns, first=0):
    """Return ASTERIX blocks: a CAT034 north message, then CAT048 plots round the circle."""
    return b"".join(
        _north(turn) + b"".join(_plot(turn, plot) for plot in range(PLOTS))
        for turn in range(first, first + turns)
    )


def _north(turn):
    source_and_type = bytes([1, 2, 1])
    return _block(34, b"\xe0" + source_and_type + _time_of_day(turn))


def _plot(turn, plot):
    single_ssr = b"\x20"
    polar = struct.pack(">HH", 50 * 256, plot * 65536 // PLOTS)  # 1/256 NM, 1/65536 turn
    return _block(
        48, b"\xf0" + bytes([1, 2]) + _time_of_day(turn + plot / PLOTS) + single_ssr + polar
    )


def _time_of_day(turns):
    return round((1000 + TURN_S * turns) * 128).to_bytes(3, "big")


def _block(category, record):
    return struct.pack(">BH", category, 3 + len(record)) + record
