"""What a page says to type, typed into bash."""

import subprocess
import sys

# The words of a reader who has activated the environment.
WORDS = f"""qiki() {{ "{sys.executable}" -m qiki "$@"; }}
python() {{ "{sys.executable}" "$@"; }}
set -o pipefail
"""


def typed(block, environment, folder=None, timeout_s=100):
    """Run lines up to the first that fails; return the result, with what they print as text."""
    return subprocess.run(
        ["bash", "-e", "-c", WORDS + block],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
