"""Files of guard rules that come with QIKI."""
