"""The power-on self test: which devices there are, and what is known of each."""
