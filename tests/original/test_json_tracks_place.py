"""Where a bridge goes on to tell tracks in JSON, when others publish tracks, too."""

from structlog.testing import capture_logs

from qiki.bus import headers, subjects
from qiki.bus.publish import Message, Publisher
from qiki.serve import json_tracks
from tests.original import test_json_tracks
from tests.original.test_json_tracks import send, told
from tests.serve.running_bridge import bridge_running

FRAMES, FOREIGN = 12, 3

settings, client = test_json_tracks.settings, test_json_tracks.client


async def told_among_others(client, settings):
    """Let a bridge tell frames, others publish tracks, and a second bridge tell one frame more.

    Return of which answers the second one tells, in its order, and its log.
    """
    await send(client, range(FRAMES))
    async with bridge_running(client, settings):
        _, messages = await told(client, settings, FRAMES)
    for number in range(FOREIGN):
        foreign = Message(subjects.TRACKS, messages[-1].data, {headers.MESSAGE_ID: f"own-{number}"})
        await Publisher(client, 5).publish(foreign)
    again = await client.subscribe(subjects.TRACKS)
    await send(client, [FRAMES])
    sequences = []
    with capture_logs() as lines:
        async with bridge_running(client, settings):
            while FRAMES + 1 not in sequences:
                message = await again.next_msg(10)
                sequences.append(int(message.headers[headers.TRACKS_SEQUENCE]))
    return sequences, lines


async def test_tracks_of_others_hide_no_place(client, settings):
    sequences, _ = await told_among_others(client, settings)
    assert set(sequences) == {FRAMES + 1}


async def test_where_there_are_too_many_all_is_told_again_and_that_is_said(
    client, settings, monkeypatch
):
    monkeypatch.setattr(json_tracks, "LOOKED_AT_MAX", FOREIGN)
    sequences, lines = await told_among_others(client, settings)
    assert sequences[0] <= FRAMES
    (line,) = [line for line in lines if line["event"] == "json_tracks_of_others"]
    assert line["looked_at"] == FOREIGN
