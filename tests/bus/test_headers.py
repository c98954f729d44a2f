"""What may be repeated of headers that anybody may have written."""

import pytest

from qiki.bus.headers import echo_u64, echo_uuid

UUID = "7c8a1f0e-5f0b-5a53-9d0e-2f6b6a1d9c41"


def test_a_uuid_is_repeated():
    assert echo_uuid({"a": UUID}, "a", "other") == UUID


@pytest.mark.parametrize(
    "text",
    ["", "s" * 64_500, UUID.upper(), UUID.replace("-", ""), f"{{{UUID}}}", f"urn:uuid:{UUID}"],
)
def test_any_other_text_is_no_uuid(text):
    assert echo_uuid({"a": text}, "a", "other") == "other"
    assert echo_uuid({}, "a", "other") == "other"


@pytest.mark.parametrize("text", ["0", "7", "18446744073709551615"])
def test_a_number_of_64_bits_is_repeated(text):
    assert echo_u64({"a": text}, "a", "other") == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "+1",
        "01",
        " 1",
        "1_0",
        "1.0",
        "18446744073709551616",
        "9" * 4301,
        "\u0661",
        "\u00b2",
    ],
)
def test_any_other_text_is_no_number(text):
    assert echo_u64({"a": text}, "a", "other") == "other"
    assert echo_u64({}, "a", "other") == "other"
