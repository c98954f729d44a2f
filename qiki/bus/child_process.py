"""Child processes that end with us and that a Ctrl-C does not reach before we decide."""

import ctypes
import os
import signal
import sys
from typing import Any

PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def child_options() -> dict[str, Any]:
    """Return the `subprocess.Popen` arguments for a child of ours.

    The child leads a process group of its own, so that the terminal's Ctrl-C goes to us alone, and
    gets SIGTERM when we end in whatever way (Linux). Start it from a thread that lives as long as
    the process: the kernel watches the thread, not the process.
    """
    parent = os.getpid()
    return {"start_new_session": True, "preexec_fn": lambda: _end_with(parent)}


def end_with(parent: int, how: signal.Signals) -> None:
    """Tie the life of this process to that of its parent: when that ends, the kernel signals us.

    Call it first of all. Elsewhere than on Linux nothing happens.

    Parameters
    ----------
    parent : its process id.
    how : the signal.
    """
    if _LIBC is None:
        return
    _LIBC.prctl(PR_SET_PDEATHSIG, how, 0, 0, 0)
    if os.getppid() != parent:  # it ended before we could ask
        os._exit(1)


def _end_with(parent: int) -> None:
    """Run in the child before its program."""
    if _LIBC is None:
        return
    # Our own handler, which the child has until its program runs, would swallow what follows.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with(parent, signal.SIGTERM)
