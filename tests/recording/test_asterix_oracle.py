"""Every record against libasterix, an outside decoder that shares no code with ours."""

import random
import struct

import numpy as np
import pytest

from qiki.radar import Present
from qiki.recording import NO_TRACK_NUMBER, PlotFlags, read_asterix_columns
from tests.recording.asterix_oracle import random_plot_records, records

TICK_NS = 7_812_500
DAY_NS = 86_400_000_000_000


def udp_payloads(capture):
    """Yield the payloads of a little-endian Ethernet capture of plain IPv4, read naively."""
    at = 24
    while at < len(capture):
        captured = struct.unpack_from("<I", capture, at + 8)[0]
        packet = capture[at + 16 : at + 16 + captured]
        # The UDP length leaves out the padding of a short Ethernet frame.
        yield packet[42 : 34 + struct.unpack_from(">H", packet, 38)[0]]
        at += 16 + captured


@pytest.fixture(scope="module", params=["bcn_cat048_first20min.ast", "cat048.raw", "cat034.raw"])
def decoded(request, recording_file):
    data = recording_file(request.param).read_bytes()
    return read_asterix_columns(data), *records(data)


@pytest.fixture(scope="module")
def captured(recording_file):
    data = recording_file("cat_034_048.pcap").read_bytes()
    return read_asterix_columns(data), *records(b"".join(udp_payloads(data)))


def test_recordings_agree_in_every_record(decoded):
    check(*decoded)


def test_a_capture_agrees_in_every_record(captured):
    columns, plots, services = captured
    assert (len(plots), len(services)) == (128, 34)
    check(columns, plots, services)


def test_records_of_any_items_agree():
    """What is not decoded must still be stepped over: a slip would spoil all that follows."""
    source = random.Random(48)
    data = b"".join(random_plot_records(source, 20) for _ in range(50))
    columns = read_asterix_columns(data)
    plots, services = records(data)
    assert len(plots) == 1000
    check(columns, plots, services)


def check(columns, plots, services):
    assert columns.tally["records"] == len(plots) + len(services)
    measured = [plot for plot in plots if plot.descriptor[0] >> 5 and plot.position is not None]
    without = [plot for plot in plots if not plot.descriptor[0] >> 5]
    assert columns.tally["records_without_detection"] == len(without)
    assert len(columns.plots) == len(columns.details) == len(measured)
    for plot, detail, expected in zip(columns.plots, columns.details, measured, strict=True):
        assert_measurements_agree(plot, detail, expected)
        assert_identity_agrees(plot, detail, expected)
        assert_details_agree(detail, expected)
    for message, expected in zip(columns.services, services, strict=True):
        assert_service_agrees(message, expected)


def assert_measurements_agree(plot, detail, expected):
    assert plot["time_ns"] % DAY_NS == expected.time_of_day * TICK_NS
    assert plot["range_m"] == (expected.position >> 16) * 1852.0 / 256.0
    assert plot["bearing_deg"] == (expected.position & 0xFFFF) * 360.0 / 65536.0
    sure = expected.flight_level is not None and expected.flight_level >> 14 == 0
    assert bool(plot["present"] & Present.HEIGHT) == sure
    refused = expected.flight_level is not None and not sure
    assert bool(detail["flags"] & PlotFlags.HEIGHT_REFUSED) == refused
    if sure:
        quarters = (expected.flight_level ^ 0x2000) - 0x2000
        assert plot["height_m"] == pytest.approx(quarters * 25.0 * 0.3048, abs=1e-9)


def assert_identity_agrees(plot, detail, expected):
    assert bool(plot["present"] & Present.ADDRESS) == (expected.address is not None)
    assert plot["address"] == (expected.address or 0)
    sure = expected.mode_3a is not None and expected.mode_3a >> 13 == 0
    assert bool(plot["present"] & Present.MODE_3A) == sure
    assert plot["mode_3a"] == (expected.mode_3a & 0xFFF if sure else 0)
    assert plot["transponder_id"].decode() == (expected.identification or "")
    assert bool(plot["present"] & Present.TRANSPONDER_ID) == bool(expected.identification)
    replied = expected.descriptor[0] >> 5 >= 2
    assert bool(plot["present"] & Present.TRANSPONDER_REPLY) == replied


def assert_details_agree(detail, expected):
    assert int(detail["sac"]) << 8 | int(detail["sic"]) == expected.source
    assert detail["report_type"] == expected.descriptor[0] >> 5
    assert detail["track_number"] == (
        NO_TRACK_NUMBER if expected.track_number is None else expected.track_number & 0xFFF
    )
    assert detail["track_status"] == (expected.track_status or b"\0")[0]
    if expected.velocity is None:
        assert np.isnan(detail["ground_speed_m_s"])
        return
    speed_m_s = (expected.velocity >> 16) * 1852.0 / 16384.0
    assert detail["ground_speed_m_s"] == pytest.approx(speed_m_s, rel=1e-6)
    heading_deg = (expected.velocity & 0xFFFF) * 360.0 / 65536.0
    assert detail["heading_deg"] == pytest.approx(heading_deg, rel=1e-6)


def assert_service_agrees(message, expected):
    assert int(message["sac"]) << 8 | int(message["sic"]) == expected.source
    assert message["message_type"] == expected.message_type
    assert message["time_ns"] % DAY_NS == expected.time_of_day * TICK_NS
    if expected.sector is None:
        assert np.isnan(message["sector_azimuth_deg"])
    else:
        assert message["sector_azimuth_deg"] == expected.sector * 360.0 / 256.0
    if expected.rotation_period is None:
        assert np.isnan(message["rotation_period_s"])
    else:
        assert message["rotation_period_s"] == expected.rotation_period / 128.0
