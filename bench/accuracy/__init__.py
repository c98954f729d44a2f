"""How accurate the trackers are: the scenes, figures and bars of `docs/accuracy.md`."""
