"""Driver API: how a C or Cython radar driver hands detections to the core."""
