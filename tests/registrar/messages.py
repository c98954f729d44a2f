"""Messages as they come from the bus, and what a database then holds."""

import json
import sqlite3
import uuid
from contextlib import closing
from datetime import UTC, datetime

from qiki.bus import subjects
from qiki.bus.command_message import CommandRefused, Outcome, encode_answer
from qiki.registrar.interpret import Interpreter
from qiki.registrar.record import Arrival, Batch, Record
from qiki.wire import encode_frame

TIME_US = 1_800_000_000_000_000
STREAM = 1


def event(number, name="radar.guard", **more):
    return f"qiki.events.v1.{name}", json.dumps({"number": number} | more).encode()


def command(name="sim.pause", request_id=None):
    message_id = request_id or str(uuid.uuid4())
    return json.dumps({"command_name": name, "metadata": {"message_id": message_id}}).encode()


def answer(request_id, refusal=None):
    reason = None if refusal is None else CommandRefused("bad_state", refusal)
    outcome = Outcome(7, "sim.pause", request_id, 0, reason)
    return encode_answer(outcome, uuid.uuid4(), datetime.now(UTC))


def frame_arrival(frame, sequence, *, minute=0, stream_id=STREAM):
    time_us = TIME_US + minute * 60_000_000
    return Arrival(subjects.FRAMES, encode_frame(frame), {}, time_us, stream_id, sequence)


def arrival(subject, payload, sequence=1, headers=None, stream_id=STREAM):
    return Arrival(subject, payload, headers or {}, TIME_US, stream_id, sequence)


def interpreted(*arrivals, interpreter=None, stands=0):
    """Return the batch that an interpreter makes of messages."""
    interpreter = interpreter or Interpreter({}, [])
    interpreter.stand(STREAM, stands)
    batch = Batch()
    for each in arrivals:
        interpreter.add(each, batch)
    interpreter.remember(batch)
    return batch


def begin(database, name):
    """Begin a stream in a database, with the record that goes with it."""
    record = Record(TIME_US, "stream.began", name, None, None, None, 0, "{}")
    return database.begin_stream(name, "today", 0, record)


def rows(path, statement="SELECT * FROM records WHERE type != 'stream.began' ORDER BY id", *values):
    """Read a database as anybody else would: without our code."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement, values).fetchall()
