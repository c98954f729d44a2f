"""Frames and tracks to bytes and back; the messages are those of ``protos/``.

Columns travel on the bus (``encode_frame``, ``decode_frame``, ``decode_tracks``), rows on gRPC
(``encode_frame_rows``, ``encode_track_rows`` and their opposites). The same messages as Python
protobuf classes are in ``qiki.wire.generated``.
"""

from qiki._core import (
    FrameRows,
    TracksMessage,
    crc32c,
    decode_frame,
    decode_frame_rows,
    decode_track_rows,
    decode_tracks,
    encode_frame,
    encode_frame_rows,
    encode_track_rows,
)

__all__ = [
    "FrameRows",
    "TracksMessage",
    "crc32c",
    "decode_frame",
    "decode_frame_rows",
    "decode_track_rows",
    "decode_tracks",
    "encode_frame",
    "encode_frame_rows",
    "encode_track_rows",
]
