"""A recording made by hand: a radar turns in four seconds and sees the same plots each time."""

import struct

TURN_S = 4.0
PLOTS = 16


def made_recording(turns, first=0, *, addressed=False, sic=2, plots=PLOTS):
    """Return ASTERIX blocks: a CAT034 north message, then CAT048 plots round the circle.

    With `addressed` each plot has a 24-bit address, the same in each turn.
    """
    return b"".join(
        _north(turn, sic) + b"".join(_plot(turn, plot, addressed, sic) for plot in range(plots))
        for turn in range(first, first + turns)
    )


def _north(turn, sic):
    source_and_type = bytes([1, sic, 1])
    return _block(34, b"\xe0" + source_and_type + _time_of_day(turn))


def _plot(turn, plot, addressed, sic):
    single_ssr = b"\x20"
    polar = struct.pack(">HH", 50 * 256, plot * 65536 // PLOTS)  # 1/256 NM, 1/65536 turn
    items, address = (b"\xf1\x80", (plot + 1).to_bytes(3, "big")) if addressed else (b"\xf0", b"")
    time_of_day = _time_of_day(turn + plot / PLOTS)
    return _block(48, items + bytes([1, sic]) + time_of_day + single_ssr + polar + address)


def _time_of_day(turns):
    return round((1000 + TURN_S * turns) * 128).to_bytes(3, "big")


def _block(category, record):
    return struct.pack(">BH", category, 3 + len(record)) + record
