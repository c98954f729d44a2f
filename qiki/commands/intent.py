"""``qiki intent``."""

import asyncio
import time
import uuid

import click
import msgspec
import nats.errors
from nats.aio.client import Client

from qiki.bus import subjects
from qiki.bus.connection import connected
from qiki.bus.intent_message import MAX_TEXT, IntentInput, IntentRequest
from qiki.commands.options import (
    bot_option,
    config_option,
    json_option,
    load_settings,
    of_bot,
    setting_option,
)
from qiki.errors import BrokerError
from qiki.settings import Settings

AGENT_S = 1.0
ANSWER_S = 35.0  # a reader of intents may think for half a minute


@click.command()
@click.argument("words", nargs=-1, required=True)
@config_option
@setting_option("nats.url", "--nats", metavar="URL", help="Broker of the agent.")
@bot_option
@json_option
def command(
    words: tuple[str, ...], config: str | None, bot: int | None, *, as_json: bool, **flags: object
) -> int:
    """Tell the running agent what you want, as `qiki intent dock` or `qiki intent status`.

    Known are dock, hold, watch, stop, go on, safe mode, ack [TRACK], accept NAME, mode factory,
    mode mission and status, in English or Russian. Exit code 1: it was not done.
    """
    text = " ".join(words)
    if len(text) > MAX_TEXT:
        raise click.UsageError(f"{len(text)} characters, must be at most {MAX_TEXT}")
    settings = of_bot(load_settings(config, flags).settings, bot)
    answer = asyncio.run(_ask(settings, text))
    said = msgspec.json.decode(answer)
    click.echo(answer.decode() if as_json else said["reply"]["text"])
    return 0 if said["ok"] else 1


async def _ask(settings: Settings, text: str) -> bytes:
    request = IntentRequest(
        version=1,
        request_id=uuid.uuid4(),
        ts_epoch_ms=time.time_ns() // 1_000_000,
        input=IntentInput(text=text),
    )
    async with connected(settings.nats, "qiki-intent") as client:
        return await _answer(client, request)


async def _require_agent(client: Client) -> None:
    """Refuse at once what nobody hears, instead of waiting for a reader that may think.

    Raises
    ------
    BrokerError : no agent answers for itself on the broker.
    """
    try:
        await client.request(f"{subjects.STATUS}.agent", b"", timeout=AGENT_S)
    except nats.errors.NoRespondersError as error:
        raise BrokerError(
            "no agent listens on that broker, must run there: `qiki agent`, or `qiki up --agent "
            "reference`"
        ) from error
    except (TimeoutError, nats.errors.Error):
        return  # it is busy, or the broker is away: the answer is waited for


async def _answer(client: Client, request: IntentRequest) -> bytes:
    await _require_agent(client)
    answers = await client.subscribe(subjects.INTENT_RESPONSES)
    await client.publish(subjects.INTENTS, msgspec.json.encode(request))
    try:
        async with asyncio.timeout(ANSWER_S):
            async for message in answers.messages:
                if msgspec.json.decode(message.data).get("request_id") == str(request.request_id):
                    return message.data
    except TimeoutError:
        pass
    raise BrokerError(
        f"no agent answered within {ANSWER_S:g} s: see whether `qiki agent` runs on that broker"
    )
