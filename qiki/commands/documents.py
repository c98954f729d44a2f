"""Documents in files, as the commands that check and list them print them."""

import json
from collections.abc import Collection, Mapping

import click

from qiki.errors import DocumentError, SettingError


def problem_lines(file: str, error: DocumentError) -> list[str]:
    """Return a line FILE:LINE: PLACE: what is wrong for each problem, as editors read it."""
    lines = []
    for path, line, reason in error.problems:
        place = [file, *([] if line is None else [str(line)])]
        lines.append(": ".join(part for part in (":".join(place), path, reason) if part))
    if error.unlisted:
        lines.append(f"{file}: and {error.unlisted} more")
    return lines


def problem_dict(file: str, error: DocumentError) -> dict[str, object]:
    """Return it as a JSON object."""
    problems = [problem._asdict() for problem in error.problems]
    return {"file": file, "ok": False, "problems": problems, "unlisted": error.unlisted}


def echo_described(described: Mapping[str, str], *, as_json: bool) -> None:
    """Print the documents that come with QIKI, name and description of each."""
    if as_json:
        click.echo(json.dumps(described))
        return
    width = max(map(len, described))
    for name, description in described.items():
        click.echo(f"{name:{width}}  {description}")


def require_built_in(name: str, names: Collection[str], group: str) -> None:
    """Refuse a name that no document which comes with QIKI has; `group` has the command list.

    Raises
    ------
    SettingError : it is none of `names`.
    """
    if name not in names:
        raise SettingError(
            f"NAME is {name!r}, must be one of {', '.join(names)}: "
            f"`qiki {group} list` describes them"
        )
