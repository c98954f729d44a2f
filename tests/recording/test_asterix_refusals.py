"""What the reader refuses, and what a tolerant reading of a damaged recording saves."""

import random

import numpy as np
import pytest

from qiki.errors import DecodeError, SettingError
from qiki.recording import SensorAccuracy, read_asterix, read_asterix_columns

# One report: data source 20/129, 100 s, roll-call, 10 NM, 45 deg.
RECORD = bytes.fromhex("f0 1481 003200 a0 0a002000")
BLOCK = bytes([48, 0, len(RECORD) + 3]) + RECORD


def test_a_refusal_names_format_offset_and_reason():
    with pytest.raises(DecodeError, match=r"^CAT048: at byte 24: I048/040 takes 4 bytes, 3 are"):
        read_asterix_columns(BLOCK + bytes([48, 0, len(RECORD) + 2]) + RECORD[:-1])


def test_a_tolerant_reading_lists_what_it_refused():
    columns = read_asterix_columns(BLOCK + b"\xff" * 7 + BLOCK, tolerant=True)
    assert len(columns.plots) == 2
    assert columns.tally["faults"] == 1
    assert columns.tally["unread_bytes"] == 7
    assert columns.faults == [("ASTERIX", 14, "length of data block is 65535, must be 4 to 21")]


def test_an_absurd_number_of_faults_is_counted_and_listed_in_part():
    broken = bytes([48, 0, 4, 0])
    columns = read_asterix_columns(broken * 5000 + BLOCK, tolerant=True)
    assert columns.tally["faults"] == 5000
    assert len(columns.faults) == 1000


@pytest.mark.parametrize("name", ["cat062cat065.raw", "cat_062_065.pcap"])
@pytest.mark.parametrize("tolerant", [False, True])
def test_a_recording_of_other_categories_is_refused(recording_file, name, tolerant):
    data = recording_file(name).read_bytes()
    with pytest.raises(DecodeError, match=r"no CAT048 or CAT034 data block .*\(2 of other"):
        read_asterix_columns(data, tolerant=tolerant)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"format": "ast"}, "format is ast, must be one of blocks, pcap, pcapng"),
        ({"doppler_sign": "up"}, "doppler_sign is up, must be one of unknown, receding"),
        ({"accuracy": SensorAccuracy(range_std_m=0.0)}, "range_std_m is 0, must be finite and"),
        ({"rotation_period_s": -4.0}, "rotation_period_s is -4, must be 0.5 to 60 s"),
        ({"rotation_period_s": 4.0, "source": (1, 2)}, r"one SAC/SIC of the recording: 20/129"),
        ({}, "rotation period is not told by 1 plot"),
    ],
)
def test_arguments_are_checked(arguments, message):
    with pytest.raises(SettingError, match=message):
        read_asterix(BLOCK, **arguments)


def test_a_format_that_the_bytes_are_not_is_refused():
    with pytest.raises(DecodeError, match="pcap: at byte 0: file header takes 24 bytes, 14 are"):
        read_asterix_columns(BLOCK, format="pcap")


def test_several_radars_need_a_choice(recording_file):
    """The capture holds seven radars."""
    path = recording_file("cat_034_048.pcap")
    with pytest.raises(
        SettingError, match=r"source is not given, must be one .* 25/201 \(28 plots"
    ):
        read_asterix(path)
    recording = read_asterix(path, source=(25, 201), rotation_period_s=4.0)
    assert len(recording.plots) == 28
    assert recording.scans.other_plots == 98
    with pytest.raises(DecodeError, match="no CAT048 or CAT034 data block"):
        read_asterix(path, udp_port=1)


def test_a_damaged_recording_keeps_most_of_its_plots(barcelona):
    """One octet in 10 000 changed: each costs the plots around it, not the rest of the file."""
    data = barcelona.read_bytes()
    whole = read_asterix_columns(data).plots
    source = random.Random(9)
    damaged = bytearray(data)
    for at in source.sample(range(len(data)), len(data) // 10_000):
        damaged[at] = source.getrandbits(8)
    with pytest.raises(DecodeError):
        read_asterix_columns(bytes(damaged))
    columns = read_asterix_columns(bytes(damaged), tolerant=True)
    assert columns.tally["faults"] > 0
    kept = np.isin(
        whole["time_ns"] + whole["address"], columns.plots["time_ns"] + columns.plots["address"]
    )
    assert kept.mean() > 0.99
    assert len(columns.plots) <= len(whole) + 5
