import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiki.bus.cloudevents import EventTemplate, attributes, decode_value, encode_value, rfc3339


@given(st.text())
def test_values_survive(text):
    value = encode_value(text)
    assert decode_value(value) == text
    assert all(0x21 <= ord(character) <= 0x7E and character != '"' for character in value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("a b", "a%20b"),
        ('say "50%"', "say%20%2250%25%22"),
        ("Привет", "%D0%9F%D1%80%D0%B8%D0%B2%D0%B5%D1%82"),
        ("€", "%E2%82%AC"),
        ("!#$&'()*+,/:;=?@[]\\^`{|}~", "!#$&'()*+,/:;=?@[]\\^`{|}~"),
    ],
)
def test_encoding_as_the_spec_has_it(text, value):
    assert encode_value(text) == value


@pytest.mark.parametrize(
    ("value", "text"), [("%e2%82%ac", "€"), ('"a b"', "a b"), ('"say \\"x\\""', 'say "x"')]
)
def test_foreign_spellings_are_read(value, text):
    assert decode_value(value) == text


def test_bad_utf8_is_refused():
    with pytest.raises(UnicodeDecodeError):
        decode_value("%ff%fe")


def test_time_to_the_nanosecond():
    assert rfc3339(0) == "1970-01-01T00:00:00.000000000Z"
    assert rfc3339(1_795_521_245_000_000_001) == "2026-11-24T11:54:05.000000001Z"


def test_template_is_patched_per_event():
    template = EventTemplate("urn:a b", "t", schema="p.M", extensions={"rangeband": "RR_LR"})
    first = template.headers("1", 0)
    second = template.headers("2", 1)
    assert first["ce-id"] == "1"
    assert second["ce-id"] == "2"
    assert attributes(second) == {
        "specversion": "1.0",
        "source": "urn:a b",
        "type": "t",
        "datacontenttype": "application/protobuf",
        "dataschema": "urn:protobuf:p.M",
        "rangeband": "RR_LR",
        "id": "2",
        "time": "1970-01-01T00:00:00.000000001Z",
    }


def test_headers_of_the_original_are_read():
    assert attributes({"ce_id": "5", "x-range-band": "RR_LR"}) == {"id": "5"}


def test_the_originals_headers_have_underscores_and_milliseconds():
    template = EventTemplate("urn:a", "b", schema=None, original=True)
    assert template.headers("c", 1_001_999_999) == {
        "ce_specversion": "1.0",
        "ce_id": "c",
        "ce_type": "b",
        "ce_source": "urn:a",
        "ce_time": "1970-01-01T00:00:01.001Z",
        "ce_datacontenttype": "application/json",
    }
