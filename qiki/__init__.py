"""QIKI: a digital twin of a vehicle and its radars.

``qiki.radar`` makes radar frames, ``qiki.tracking`` turns them into tracks; both are numpy in,
numpy out. The services that carry them are started by the ``qiki`` command.
"""

from qiki._core import build_info as _build_info
from qiki.errors import QikiError
from qiki.include_path import get_include

__version__: str = _build_info()["version"]

__all__ = ["QikiError", "__version__", "get_include"]
