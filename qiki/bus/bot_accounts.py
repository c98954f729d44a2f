"""Accounts of a nats-server: one for each bot of a fleet, and one for whoever watches them.

In its account a bot has every subject and stream under the same names as a bot that is alone, so
services run there as they are; no bot sees or reaches another's. The observer's account has what
each of them publishes behind ``bot1.``, ``bot2.``, ..., and sends commands, intents and requests
for status there.
"""

import json
from collections.abc import Sequence

from qiki.bus import subjects
from qiki.bus.bots_file import BotUser

OBSERVER = "observer"
PUBLISHED = "qiki.>"
ASKED = (subjects.COMMANDS, subjects.INTENTS, f"{subjects.STATUS}.*")


def account_lines(users: Sequence[BotUser]) -> list[str]:
    """Return the lines of the configuration; none without bots."""
    if not users:
        return []
    return [
        "accounts {",
        *(f"  {line}" for user in users for line in _bot(user)),
        *(f"  {line}" for line in _observer(users)),
        "}",
        f"no_auth_user: {quoted(OBSERVER)}",
    ]


def observed_subject(number: int, subject: str) -> str:
    """Return where the observer finds a subject of a bot."""
    return f"bot{number}.{subject}"


def quoted(value: object) -> str:
    """Return a string of the file; nats-server reads UTF-8, and refuses JSON's escapes of it."""
    return json.dumps(str(value), ensure_ascii=False)


def _bot(user: BotUser) -> list[str]:
    exports = [f"{{stream: {quoted(PUBLISHED)}}}", *(f"{{service: {quoted(s)}}}" for s in ASKED)]
    return [
        f"{quoted(user.user)} {{",
        "  jetstream: enabled",
        f"  users: [{{user: {quoted(user.user)}, password: {quoted(user.password)}}}]",
        "  exports: [",
        *(f"    {export}" for export in exports),
        "  ]",
        "}",
    ]


def _observer(users: Sequence[BotUser]) -> list[str]:
    """Whoever names no user is this one; it can tell bots nothing but what they are asked."""
    allowed = [*(f"*.{subject}" for subject in ASKED), "_INBOX.>"]
    publish = ", ".join(quoted(subject) for subject in allowed)
    return [
        f"{OBSERVER} {{",
        # Its password opens nothing that is closed to those without one.
        f"  users: [{{user: {quoted(OBSERVER)}, password: {quoted(OBSERVER)},",
        f"    permissions: {{publish: [{publish}]}}}}]",
        "  imports: [",
        *(f"    {line}" for number, user in enumerate(users, 1) for line in _imports(number, user)),
        "  ]",
        "}",
    ]


def _imports(number: int, user: BotUser) -> list[str]:
    account = f"account: {quoted(user.user)}"
    prefix = quoted(f"bot{number}")
    return [
        f"{{stream: {{{account}, subject: {quoted(PUBLISHED)}}}, prefix: {prefix}}}",
        *(
            f"{{service: {{{account}, subject: {quoted(subject)}}}, "
            f"to: {quoted(observed_subject(number, subject))}}}"
            for subject in ASKED
        ),
    ]
