"""Audit records on a real broker, and one that takes none."""

import json
from datetime import UTC, datetime, timedelta

from structlog.testing import capture_logs

from qiki.bus import subjects
from qiki.bus.cloudevents import attributes
from qiki.serve.audit_records import AuditRecords

STREAM = "QIKI_EVENTS_V1"


async def test_a_record_has_the_names_of_the_original(client):
    await AuditRecords(client, "registrar").publish("REGISTRAR_GAPS", {"count": 3}, "WARNING")
    message = await client.jetstream().get_last_msg(STREAM, subjects.AUDIT)
    record = json.loads(message.data)
    attributes_told = attributes(message.headers)
    assert attributes_told["id"] == record["event_id"]
    assert attributes_told["source"] == "urn:qiki:registrar"
    assert attributes_told["type"] == "qiki.events.v1.audit"
    assert attributes_told["datacontenttype"] == "application/json"
    assert "dataschema" not in attributes_told
    assert record.pop("event_id") == message.headers["Nats-Msg-Id"]
    age = datetime.now(UTC) - datetime.fromisoformat(record.pop("timestamp"))
    assert timedelta(0) <= age < timedelta(minutes=1)
    assert record == {
        "schema_version": 1,
        "event_type": "REGISTRAR_GAPS",
        "source": "registrar",
        "severity": "WARNING",
        "payload": {"count": 3},
    }


async def test_a_record_that_the_broker_refuses_is_told_and_ends_nothing(client):
    jetstream = client.jetstream()
    config = (await jetstream.stream_info(STREAM)).config
    config.max_msgs = 1
    await jetstream.update_stream(config)
    audit = AuditRecords(client, "registrar")
    with capture_logs() as logs:
        await audit.publish("FIRST", {})
        await audit.publish("SECOND", {})
    (line,) = logs
    assert (line["event"], line["event_type"]) == ("audit_not_published", "SECOND")
    assert "maximum messages exceeded" in line["reason"]
