"""The end of a service's start."""

import gc


def settle() -> None:
    """Take what lives as long as the process out of garbage collection.

    A full collection over the objects of the imported modules stops the service for milliseconds;
    without them it takes microseconds (tests/serve/test_settle.py).
    """
    gc.collect()
    gc.freeze()
