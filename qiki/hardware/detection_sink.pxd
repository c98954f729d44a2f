# What a Cython radar driver cimports from the installed qiki; compile with
# include_dirs=[qiki.get_include()]. Declarations are append-only, as the C table's slots are.

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t


cdef extern from "qiki.h":
    enum:
        QIKI_PRESENT_RANGE
        QIKI_PRESENT_BEARING
        QIKI_PRESENT_ELEVATION
        QIKI_PRESENT_RANGE_RATE
        QIKI_PRESENT_HEIGHT
        QIKI_PRESENT_SNR
        QIKI_PRESENT_RCS
        QIKI_PRESENT_ADDRESS
        QIKI_PRESENT_MODE_3A
        QIKI_PRESENT_TRANSPONDER_ID
        QIKI_PRESENT_TRANSPONDER_REPLY

    ctypedef struct qiki_detection:
        int64_t time_ns
        double range_m
        double bearing_deg
        double elevation_deg
        double range_rate_m_s
        double height_m
        float range_std_m
        float bearing_std_deg
        float elevation_std_deg
        float range_rate_std_m_s
        float height_std_m
        float snr_db
        float rcs_dbsm
        uint32_t present
        uint32_t address
        uint16_t mode_3a
        uint8_t range_band
        uint8_t transponder_mode
        uint8_t reserved[8]
        char transponder_id[32]

    ctypedef int32_t qiki_exit_code
    enum:
        QIKI_OK
        QIKI_NULL_POINTER
        QIKI_MISALIGNED_POINTER
        QIKI_COUNT_TOO_LARGE
        QIKI_SETTING_REFUSED
        QIKI_FRAME_REFUSED
        QIKI_BYTES_REFUSED
        QIKI_SCENARIO_REFUSED
        QIKI_SNAPSHOT_REFUSED
        QIKI_MODEL_REFUSED
        QIKI_FULL
        QIKI_LATE

    ctypedef struct qiki_detection_sink:
        pass

    ctypedef struct qiki_c_api:
        size_t (*last_error)(char *buffer, size_t capacity) noexcept nogil
        qiki_exit_code (*detection_sink_push)(
            const qiki_detection_sink *sink, const qiki_detection *records, size_t count
        ) noexcept nogil
        qiki_exit_code (*detection_sink_clear)(const qiki_detection_sink *sink) noexcept nogil
        size_t (*detection_sink_length)(const qiki_detection_sink *sink) noexcept nogil

    const qiki_c_api *qiki_c_api_import() except NULL


cdef class DetectionSink:
    cdef object _handle              # the capsule that owns the sink
    cdef qiki_detection_sink *_sink  # what it owns

    # Append a copy of `count` records, all or none; QIKI_OK or why not. Any thread may call it.
    cdef int push_records(self, const qiki_detection *records, size_t count) noexcept nogil
    # For C code that takes a sink; valid as long as this object lives.
    cdef qiki_detection_sink *pointer(self) noexcept nogil


# The sentence of the calling thread's last refusal, as `last_error` of qiki.h.
cdef size_t last_error(char *buffer, size_t capacity) noexcept nogil
