"""Whether this machine can run QIKI: what `qiki doctor` looks at."""
