"""Was every frame answered? Counts what the streams hold, not what somebody says was sent."""

from collections.abc import Mapping

from qiki.bus import headers
from qiki.latency_histogram import LatencyHistogram


class FlowAudit:
    """Pairs the stored frames of an epoch and those behind it with their tracks messages.

    Frames and tracks come from two streams, each in its order; a tracks message may be seen before
    its frame. Memory grows with what is unanswered, not with what has passed.

    Parameters
    ----------
    epoch : only frames of this epoch and later ones count, and their answers: a simulator that is
        told to reset its world begins a new one.

    Attributes
    ----------
    frames, detections, tracks_messages : counted so far.
    frames_spoiled : of the frames, clock frames for those that a user's model spoiled.
    not_accepted : tracks messages with another verdict; their frames changed no track.
    tracks_confirmed : confirmed tracks after the newest answered frame.
    latency : frame published to tracks received.
    agent : what the agent of the system said last (`AgentWatch.told`); None where there is none.
    """

    def __init__(self, epoch: int) -> None:
        self.frames = 0
        self.frames_spoiled = 0
        self.detections = 0
        self.tracks_messages = 0
        self.not_accepted = 0
        self.tracks_confirmed = 0
        self.latency = LatencyHistogram()
        self.agent: dict[str, object] | None = None
        self._epoch = epoch
        self._unanswered: set[int] = set()
        self._answered_early: set[int] = set()
        self._newest_number: dict[tuple[str, int], int] = {}

    def frame_stored(self, sequence: int, header: Mapping[str, str]) -> None:
        """Count a frame at its sequence in the stream of frames."""
        epoch = headers.integer(header, headers.EPOCH)
        if epoch is None or epoch < self._epoch:
            return
        self.frames += 1
        self.frames_spoiled += headers.MODEL_FAULT in header
        source = (header.get(headers.SENSOR_ID, ""), epoch)
        number = headers.integer(header, headers.NUMBER) or 0
        self._newest_number[source] = max(number, self._newest_number.get(source, 0))
        if sequence in self._answered_early:
            self._answered_early.discard(sequence)
        else:
            self._unanswered.add(sequence)

    def tracks_stored(self, header: Mapping[str, str], received_ns: int) -> bool:
        """Count a tracks message, received at `received_ns` of the wall clock.

        Returns
        -------
        bool : it answers a frame that counts.
        """
        sequence = headers.integer(header, headers.INPUT_SEQUENCE)
        epoch = headers.integer(header, headers.EPOCH)
        if sequence is None or epoch is None or epoch < self._epoch:
            return False
        self.tracks_messages += 1
        self.not_accepted += header.get(headers.VERDICT) != "accepted"
        self.detections += headers.integer(header, headers.DETECTIONS) or 0
        self.tracks_confirmed = headers.integer(header, headers.CONFIRMED) or 0
        sent_ns = headers.integer(header, headers.INPUT_PUBLISH_TIME_NS)
        if sent_ns is not None:
            self.latency.add((received_ns - sent_ns) / 1e6)
        if sequence in self._unanswered:
            self._unanswered.discard(sequence)
        else:
            self._answered_early.add(sequence)
        return True

    @property
    def unanswered(self) -> int:
        """Stored frames that no tracks message answers yet."""
        return len(self._unanswered)

    @property
    def frames_lost(self) -> int:
        """Frames without an answer: never stored though a later one was, or stored for nothing."""
        expected = sum(newest + 1 for newest in self._newest_number.values())
        return expected - self.frames + self.unanswered
