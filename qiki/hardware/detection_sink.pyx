# cython: language_level=3, binding=True
"""Push detections into the core from a radar driver."""

cdef extern from "qiki_detection.h":
    ctypedef struct qiki_detection:
        pass


def detection_size() -> int:
    """Bytes of one detection record as the C compiler lays it out."""
    return sizeof(qiki_detection)
