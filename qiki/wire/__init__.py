"""Frames and tracks to bytes and back; the messages are those of ``protos/``.

Columns (``encode_frame``, ``decode_frame``, ``decode_tracks``) travel on the bus, rows
(``encode_frame_rows``, ``encode_track_rows``) on gRPC. ``qiki.wire.generated`` holds the same
messages as Python protobuf classes.
"""

from qiki._core import TracksMessage, crc32c, decode_frame, decode_tracks, encode_frame

__all__ = ["TracksMessage", "crc32c", "decode_frame", "decode_tracks", "encode_frame"]
