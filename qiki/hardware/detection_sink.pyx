# cython: language_level=3, binding=True
"""Push detections into the core from a radar driver, from any thread and without the GIL.

A driver in Cython cimports :class:`DetectionSink` and calls ``push_records`` inside
``with nogil``; one in C takes the table of ``qiki.h``; Python calls :meth:`DetectionSink.push`.
``qiki.get_include`` shows how to compile the first two.
"""

from cpython.pycapsule cimport PyCapsule_GetPointer

from qiki import _core
from qiki.radar import RadarFrame, empty_detections

# Fails the import where the C compiler's record or table is not the core's.
cdef const qiki_c_api *_api = qiki_c_api_import()


cdef class DetectionSink:
    """A bounded list of checked detections that wait for the next frame.

    Parameters
    ----------
    capacity : int
        Most detections that wait at a time, 1 to 1048576; their memory is taken here.

    Raises
    ------
    qiki.errors.SettingError
        A capacity outside its limits.

    Notes
    -----
    Any number of threads may push. Detections stand in the frame in the order in which they
    were pushed; where that must be the same again, push from one thread.
    """

    def __cinit__(self, capacity: int = 8000):
        self._handle = _core.detection_sink_new(capacity)
        self._sink = <qiki_detection_sink *>PyCapsule_GetPointer(
            self._handle, "qiki._core.detection_sink"
        )

    cdef int push_records(self, const qiki_detection *records, size_t count) noexcept nogil:
        return _api.detection_sink_push(self._sink, records, count)

    cdef qiki_detection_sink *pointer(self) noexcept nogil:
        return self._sink

    @property
    def capacity(self) -> int:
        """Most detections that wait at a time."""
        return _core.detection_sink_capacity(self._handle)

    def __len__(self) -> int:
        return _api.detection_sink_length(self._sink)

    def clear(self) -> None:
        """Forget what waits."""
        _api.detection_sink_clear(self._sink)

    def push(self, detections) -> None:
        """Append a copy of the detections, all or none.

        Parameters
        ----------
        detections : (n,) DETECTION_DTYPE
            A measured field has its bit in `present` set and is finite; an absent one is NaN
            (floats) or zero.

        Raises
        ------
        qiki.errors.FrameError
            A field outside its limits; the message names index, field, value and limit.
        qiki.errors.CapacityError
            They do not all fit.
        TypeError
            `detections` is not an array of DETECTION_DTYPE.
        """
        _core.detection_sink_push(self._handle, detections)

    def take_frame(
        self,
        *,
        time_ns,
        sensor_id="00000000-0000-0000-0000-000000000000",
        epoch=0,
        number=0,
        range_band=0,
        coverage=None,
        sensor_position_m=(0.0, 0.0, 0.0),
        sensor_velocity_m_s=(0.0, 0.0, 0.0),
    ):
        """Make a frame of everything that waits; the sink is empty afterwards.

        Parameters
        ----------
        time_ns, sensor_id, epoch, number, range_band, coverage, sensor_position_m, \
sensor_velocity_m_s
            As for `qiki.radar.RadarFrame`.

        Returns
        -------
        qiki.radar.RadarFrame
            The frame, without truth.

        Raises
        ------
        qiki.errors.FrameError, qiki.errors.SettingError
            An argument outside its limits, or a detection of another band; everything still waits.
        """
        # An empty frame checks the header before anything is taken.
        header = RadarFrame(
            empty_detections(0),
            time_ns=time_ns,
            sensor_id=sensor_id,
            epoch=epoch,
            number=number,
            range_band=range_band,
            coverage=coverage,
            sensor_position_m=sensor_position_m,
            sensor_velocity_m_s=sensor_velocity_m_s,
        )
        return _core.detection_sink_take_frame(self._handle, header)


cdef size_t last_error(char *buffer, size_t capacity) noexcept nogil:
    return _api.last_error(buffer, capacity)


def detection_size() -> int:
    """Bytes of one detection record as the C compiler lays it out."""
    return sizeof(qiki_detection)
