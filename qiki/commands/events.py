"""``qiki events``."""

import base64
import re
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import click
import msgspec

from qiki.bus.bots_file import require_no_bots
from qiki.commands.agent_event_line import AgentEventLines
from qiki.commands.options import (
    bot_option,
    config_option,
    database_option,
    load_settings,
    registrar_path_of,
    setting_option,
)
from qiki.registrar.query import RecordQuery, StoredRecord

LOOK_EVERY_S = 0.2
PAGE_ROWS = 1000
UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
# Of what somebody else has written nothing but text reaches the terminal.
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}


class Since(click.ParamType[int]):
    """A time span before now, as 10m, or a date and time; becomes microseconds since 1970."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read either form; a date and time without a zone is UTC."""
        span = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smhd])", value)
        if span is not None:
            return int((time.time() - float(span[1]) * UNITS_S[span[2]]) * 1e6)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value} must be a time span as 90s, 10m, 2h or 1d, or a date and time as "
                "2026-05-01T12:00:00Z.",
                param,
                ctx,
            )
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return int(moment.timestamp() * 1e6)


@click.command()
@config_option
@bot_option
@database_option
@setting_option("up.data_dir", "--data-dir", metavar="FOLDER", help="That of `qiki up`.")
@click.option(
    "--since", type=Since(), metavar="10m|ISO", help="Only what was stored since then; UTC."
)
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="TYPE",
    help="Only this type and those below it, as track or track.lost; may be given again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--follow", is_flag=True, help="Go on with what is stored from then on; Ctrl-C ends.")
@click.option(
    "--limit",
    type=click.IntRange(min=0, max=1_000_000),
    default=1000,
    show_default=True,
    help="Only the newest so many; --follow goes on behind them.",
)
def command(
    config: str | None,
    bot: int | None,
    since: int | None,
    types: tuple[str, ...],
    limit: int,
    *,
    as_json: bool,
    follow: bool,
    **flags: object,
) -> None:
    """Show what the registrar has stored, the oldest first; it may run meanwhile or not.

    Events of agents are told in words, those that differ in numbers alone once; --json has all.

    \b
    event.NAME                an event, NAME as its subject qiki.events.v1.NAME has it
    command.NAME              a command
    acknowledgement.applied   and .rejected: what became of one
    track.confirmed           and .born, .lost
    tracker.began             another tracker, or another epoch of it
    frame.refused             and .late: a frame that the tracker did not use
    gap.frames, gap.stream    frame numbers, or messages of a stream, that never came
    refused.event             and .command, ...: a message that cannot be read
    """  # noqa: D301 - click's mark for lines that are not to be joined
    settings = load_settings(config, flags).settings
    if bot is None and flags["registrar__path"] is None:
        require_no_bots(settings)
    agents = AgentEventLines()

    def show(record: StoredRecord) -> None:
        for line in [_json(record)] if as_json else _lines(record, agents):
            click.echo(line)

    with RecordQuery(registrar_path_of(settings, bot), types) as query:
        last_id = query.last_id()
        # One more than asked for tells whether there are more.
        found = query.newest(limit + 1, since)
        if len(found) > limit:
            click.echo(f"the newest {limit} only: raise --limit, or narrow --since", err=True)
        for record in found[len(found) - limit :] if limit < len(found) else found:
            show(record)
            last_id = max(last_id, record.id)
        if follow:
            for record in _following(query, last_id):
                show(record)
    for line in agents.rest():
        click.echo(line)


def _following(query: RecordQuery, last_id: int) -> Iterator[StoredRecord]:
    while True:
        records = query.behind(last_id, PAGE_ROWS)
        for record in records:
            yield record
            last_id = record.id
        sys.stdout.flush()
        if len(records) < PAGE_ROWS:
            time.sleep(LOOK_EVERY_S)


def _lines(record: StoredRecord, agents: AgentEventLines) -> list[str]:
    """Return the lines of a record; of an agent's event those for people, repeats folded."""
    told = agents.of(record)
    if told is None:
        return [_text(record)]
    return [f"{_time(record)[11:23]}  {line.translate(_CONTROL)}" for line in told]


def _text(record: StoredRecord) -> str:
    if isinstance(record.payload, bytes):
        told = f"{record.reason}: {record.payload!r}"
    else:
        told = msgspec.json.format(record.payload, indent=-1)
    words = [_time(record), record.type, *([record.about] if record.about else []), told]
    return "  ".join(word.translate(_CONTROL) for word in words)


def _json(record: StoredRecord) -> str:
    told: dict[str, object] = {"id": record.id, "time": _time(record), "type": record.type}
    for name in ("about", "subject", "stream", "sequence", "reason"):
        told[name] = getattr(record, name)
    told["headers"] = None if record.headers is None else msgspec.Raw(record.headers.encode())
    if isinstance(record.payload, bytes):
        told["payload_base64"] = base64.b64encode(record.payload).decode()
    else:
        told["payload"] = msgspec.Raw(msgspec.json.format(record.payload, indent=-1).encode())
    return msgspec.json.encode(told).decode()


def _time(record: StoredRecord) -> str:
    moment = datetime.fromtimestamp(record.time_us // 1_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{record.time_us % 1_000_000:06d}Z"
