"""What a service says of its own work, as audit records on the bus.

Names are the original's: ``event_id``, ``event_type``, ``source``, ``timestamp``, ``severity``,
``payload``. A record that cannot be published is told in the log and never ends a service.
"""

import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
import structlog
from nats.aio.client import Client

from qiki.bus import headers, subjects
from qiki.bus.cloudevents import EventTemplate
from qiki.bus.publish import Message, Publisher
from qiki.errors import BrokerError

SCHEMA_VERSION = 1
EVENT_TYPE = "qiki.events.v1.audit"

log = structlog.get_logger()


class AuditRecords:
    """Publishes audit records of one source.

    Parameters
    ----------
    client : an open connection.
    source : who speaks.
    """

    def __init__(self, client: Client, source: str) -> None:
        self._client = client
        self._publisher = Publisher(client, timeout_s=0.0)
        self._source = source
        self._template = EventTemplate(f"urn:qiki:{source}", EVENT_TYPE, schema=None)

    async def publish(
        self, event_type: str, payload: Mapping[str, object], severity: str = "INFO"
    ) -> None:
        """Store one record, or say in the log why not."""
        event_id = str(uuid.uuid4())
        record = {
            "schema_version": SCHEMA_VERSION,
            "event_id": event_id,
            "event_type": event_type,
            "source": self._source,
            "timestamp": datetime.now(UTC),
            "severity": severity,
            "payload": payload,
        }
        header = self._template.headers(event_id, time.time_ns())
        header[headers.MESSAGE_ID] = event_id
        try:
            if not self._client.is_connected:
                raise BrokerError("the broker is away")  # noqa: TRY301 - told as the others
            message = Message(subjects.AUDIT, msgspec.json.encode(record), header)
            await self._publisher.publish(message)
        except BrokerError as error:
            log.warning("audit_not_published", event_type=event_type, reason=str(error))
