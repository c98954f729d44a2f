"""``python -m qiki``."""

import sys

from qiki.cli import main

if __name__ == "__main__":
    sys.exit(main())
