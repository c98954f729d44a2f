"""The types of plain YAML scalars, as in YAML 1.2: ``1e-6`` is a number, ``on`` is a word.

PyYAML follows YAML 1.1, where ``1e-6`` is a text and ``on`` a boolean.
"""

import re

# The core schema of YAML 1.2, section 10.3.2.
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_NUMBER = re.compile(
    r"""[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?
        |[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)""",
    re.VERBOSE,
)
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_FIRST_OF_NUMBER = frozenset("-+.0123456789")
# Past the largest double, about 1.8e308; Python refuses to read integers of thousands of digits.
_MAX_DIGITS = 400

Scalar = str | int | float | bool | None


def plain_scalar(text: str) -> Scalar:
    """Give the value of an unquoted scalar; a number may be infinite or NaN."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _FIRST_OF_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _NUMBER.fullmatch(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def _integer(text: str) -> int | float:
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    digits = text[2:] if base != 10 else text
    return int(digits, base) if len(digits) <= _MAX_DIGITS else float("inf")
