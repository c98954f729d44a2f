"""Frames and tracks to bytes and back; the messages are those of ``protos/``.

Columns travel on the bus (``encode_frame``, ``decode_frame``, ``decode_tracks``), rows on gRPC
(``encode_frame_rows``, ``encode_track_rows`` and their opposites), JSON to the original's consumers
(``encode_frame_json``, ``decode_frame_json``, ``encode_tracks_json``). The protobuf
messages as Python classes are in ``qiki.wire.generated``.
"""

from qiki._core import (
    FrameJson,
    FrameRows,
    TrackJson,
    TracksMessage,
    crc32c,
    decode_frame,
    decode_frame_json,
    decode_frame_rows,
    decode_track_rows,
    decode_tracks,
    encode_frame,
    encode_frame_json,
    encode_frame_rows,
    encode_track_rows,
    encode_tracks_json,
)

__all__ = [
    "FrameJson",
    "FrameRows",
    "TrackJson",
    "TracksMessage",
    "crc32c",
    "decode_frame",
    "decode_frame_json",
    "decode_frame_rows",
    "decode_track_rows",
    "decode_tracks",
    "encode_frame",
    "encode_frame_json",
    "encode_frame_rows",
    "encode_track_rows",
    "encode_tracks_json",
]
