"""Epochs: one number per run of a source, so that nothing of two runs is ever mixed up."""

import time


def drawn(setting: int | None) -> int:
    """Return the epoch that the settings give, else one that no earlier run had.

    Milliseconds since 1970: it grows from run to run, and two runs need more than one to start.
    """
    return time.time_ns() // 1_000_000 if setting is None else setting
