"""What is wrong with a document, as the commands that check files print it."""

from qiki.errors import DocumentError


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
