"""Drivers compiled outside the project push into frames, from threads, without the GIL."""

import sys
import threading
import time

import numpy as np
import pytest

from qiki.hardware.detection_sink import DetectionSink

QIKI_OK, QIKI_FRAME_REFUSED, QIKI_FULL, QIKI_NULL_POINTER = 0, 201, 300, 100


def test_plots_of_a_cython_driver_arrive_in_a_frame(cython_driver):
    sink = DetectionSink(capacity=10)
    assert cython_driver.push_plots(sink, 500, 3) == QIKI_OK
    frame = sink.take_frame(time_ns=600, number=7)
    assert frame.number == 7
    assert frame.detections["time_ns"].tolist() == [500, 501, 502]
    assert frame.detections["range_m"].tolist() == [1500.0, 1501.0, 1502.0]
    assert np.isnan(frame.detections["elevation_deg"]).all()
    assert len(sink) == 0


def test_threads_lose_nothing_and_keep_their_own_order(cython_driver):
    sink = DetectionSink(capacity=40_000)
    arguments = [(sink, first, 10_000) for first in range(0, 40_000, 10_000)]
    threads = [threading.Thread(target=cython_driver.push_plots, args=a) for a in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times_ns = sink.take_frame(time_ns=0).detections["time_ns"]
    assert sorted(times_ns) == list(range(40_000))
    for first in range(0, 40_000, 10_000):
        own = times_ns[(times_ns >= first) & (times_ns < first + 10_000)]
        assert (np.diff(own) == 1).all()


def test_pushing_needs_no_gil(cython_driver):
    """The main thread keeps the GIL in a loop; the driver's thread fills the sink meanwhile."""
    sink = DetectionSink(capacity=100)
    thread = threading.Thread(target=cython_driver.wait_then_push, args=(sink, 100))
    thread.start()
    while not cython_driver.is_waiting():
        time.sleep(0.001)
    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(1000.0)
    try:
        cython_driver.release()
        deadline_s = time.monotonic() + 10.0
        while len(sink) < 100 and time.monotonic() < deadline_s:
            pass
        pushed = len(sink)
    finally:
        sys.setswitchinterval(interval_s)
    thread.join()
    assert pushed == 100


def test_a_refused_batch_changes_nothing_and_says_why(cython_driver):
    sink = DetectionSink(capacity=10)
    code, sentence = cython_driver.push_batch_with_negative_range(sink)
    assert code == QIKI_FRAME_REFUSED
    assert sentence == "frame: detections[1].range_m is -7, must be 0 to 1000000000"
    assert len(sink) == 0


def test_a_full_sink_refuses_the_rest(cython_driver):
    sink = DetectionSink(capacity=4)
    assert cython_driver.push_plots(sink, 0, 9) == QIKI_FULL
    assert sink.take_frame(time_ns=0).detections["time_ns"].tolist() == [0, 1, 2, 3]


def test_a_driver_takes_only_a_sink(cython_driver):
    with pytest.raises(TypeError, match="DetectionSink"):
        cython_driver.push_plots(object(), 0, 1)


def test_a_c_driver_uses_every_slot(c_driver):
    times_ns, lengths, codes, sentence = c_driver.use_every_slot()
    assert times_ns == (3, 4)
    assert lengths == (2, 2, 0)
    assert codes == (QIKI_OK, QIKI_FULL, QIKI_FULL, QIKI_OK, QIKI_NULL_POINTER, QIKI_OK)
    assert sentence.startswith("detection sink holds 2 entries, 3 wanted: take a frame first")
