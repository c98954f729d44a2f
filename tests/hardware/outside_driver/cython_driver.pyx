"""A radar driver in Cython that knows qiki only as an installed package."""

from libc.math cimport NAN
from libc.stdint cimport int64_t
from libc.string cimport memset
from posix.unistd cimport usleep

from qiki.hardware.detection_sink cimport (
    QIKI_OK,
    QIKI_PRESENT_BEARING,
    QIKI_PRESENT_RANGE,
    DetectionSink,
    last_error,
    qiki_detection,
)

cdef volatile bint waiting = False
cdef volatile bint released = False


cdef qiki_detection plot(int64_t time_ns) noexcept nogil:
    """A plot with range and bearing; everything else is absent."""
    cdef qiki_detection record
    memset(&record, 0, sizeof(record))
    record.time_ns = time_ns
    record.present = QIKI_PRESENT_RANGE | QIKI_PRESENT_BEARING
    record.range_m, record.range_std_m = 1000.0 + time_ns, 5.0
    record.bearing_deg, record.bearing_std_deg = 45.0, 0.1
    record.elevation_deg = record.range_rate_m_s = record.height_m = NAN
    record.elevation_std_deg = record.range_rate_std_m_s = record.height_std_m = NAN
    record.snr_db = record.rcs_dbsm = NAN
    return record


def push_plots(DetectionSink sink, int64_t first_time_ns, int64_t count):
    """Push plots one by one without the GIL; returns the first code that is not QIKI_OK."""
    cdef int code = QIKI_OK
    cdef int64_t k
    cdef qiki_detection record
    with nogil:
        for k in range(count):
            record = plot(first_time_ns + k)
            code = sink.push_records(&record, 1)
            if code != QIKI_OK:
                break
    return code


def push_batch_with_negative_range(DetectionSink sink):
    """Push two records of which the second is refused; returns the code and the sentence."""
    cdef qiki_detection[2] records
    cdef char[200] sentence
    records[0], records[1] = plot(1), plot(2)
    records[1].range_m = -7.0
    cdef int code = sink.push_records(records, 2)
    last_error(sentence, sizeof(sentence))
    return code, sentence.decode()


def wait_then_push(DetectionSink sink, int64_t count):
    """Wait without the GIL until `release`, then push without it."""
    global waiting
    cdef int64_t k
    cdef qiki_detection record
    with nogil:
        waiting = True
        while not released:
            usleep(100)
        for k in range(count):
            record = plot(k)
            sink.push_records(&record, 1)


def is_waiting():
    """Whether a thread stands in `wait_then_push`."""
    return waiting


def release():
    """Let `wait_then_push` go on."""
    global released
    released = True
