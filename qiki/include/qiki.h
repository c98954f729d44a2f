/* QIKI's C API: how a radar driver in C or Cython hands detections to the core.
 *
 * All functions stand in one table that the capsule `qiki._core._C_API` holds. Include Python.h
 * before this header and call qiki_c_api_import() once with the GIL held; after that no function
 * here needs Python or the GIL, and any thread may call them.
 *
 * What            | Owner                     | Ends
 * ----------------|---------------------------|---------------------------------------------------
 * qiki_c_api      | the qiki library          | never; keep the pointer
 * sink of         | the caller                | detection_sink_free, once, when no thread uses it;
 *  ..._sink_new   |                           |  forgetting it leaks, calling it twice is undefined
 * sink of a       | the Python object         | with its last reference; hold one while any thread
 *  DetectionSink  |                           |  uses the pointer
 * records given   | the caller                | free to be reused when the call returns (copied)
 * buffers filled  | the caller                | as the caller likes; the library keeps no pointer
 *
 * Functions that return a code return QIKI_OK or one of its families: 100 to 199 a bad argument,
 * 200 to 299 refused content, 300 to 399 a state in which the call cannot be done. A call that
 * fails changes nothing. last_error() gives the sentence: value, limit, remedy. */
#ifndef QIKI_H
#define QIKI_H

#include <stddef.h>
#include <stdint.h>

#include "qiki_detection.h"

/* Grows only when compiled drivers break; a new function only makes the table longer. */
#define QIKI_ABI_VERSION 1u

typedef int32_t qiki_exit_code;
enum {
    QIKI_OK = 0,
    QIKI_NULL_POINTER = 100,
    QIKI_MISALIGNED_POINTER = 101,
    QIKI_COUNT_TOO_LARGE = 102,
    QIKI_SETTING_REFUSED = 200,
    QIKI_FRAME_REFUSED = 201,
    QIKI_BYTES_REFUSED = 202,
    QIKI_SCENARIO_REFUSED = 203,
    QIKI_SNAPSHOT_REFUSED = 204,
    QIKI_MODEL_REFUSED = 205,
    QIKI_FULL = 300,
    QIKI_LATE = 301
};

/* A bounded list of checked detections that wait for the next frame. */
typedef struct qiki_detection_sink qiki_detection_sink;

typedef struct qiki_c_api {
    uint32_t abi_version;    /* QIKI_ABI_VERSION of the library */
    uint32_t struct_size;    /* bytes of this table in the library */
    uint32_t detection_size; /* bytes of one qiki_detection in the library */
    uint32_t reserved;       /* zero */

    /* Copy the calling thread's last refusal into buffer, cut to capacity - 1 bytes and closed by
     * a zero byte. Returns its whole length without the zero. buffer may be NULL. */
    size_t (*last_error)(char *buffer, size_t capacity);

    /* A sink for at most capacity detections; NULL when refused. Takes all its memory here. */
    qiki_detection_sink *(*detection_sink_new)(size_t capacity);
    /* End a sink; NULL is allowed. */
    void (*detection_sink_free)(qiki_detection_sink *sink);
    /* Append a copy of count records, all or none. Refused when one breaks the contract of
     * qiki_detection.h or when they do not all fit. Allocates nothing. */
    qiki_exit_code (*detection_sink_push)(const qiki_detection_sink *sink,
                                          const qiki_detection *records, size_t count);
    /* Forget what waits. */
    qiki_exit_code (*detection_sink_clear)(const qiki_detection_sink *sink);
    /* Detections that wait; 0 for NULL. */
    size_t (*detection_sink_length)(const qiki_detection_sink *sink);
    /* Move everything that waits to records, its number to taken. Where capacity is too small:
     * QIKI_FULL, nothing moves, taken says how many wait. */
    qiki_exit_code (*detection_sink_take)(const qiki_detection_sink *sink,
                                          qiki_detection *records, size_t capacity, size_t *taken);
} qiki_c_api;

#ifdef Py_PYTHON_H
/* The table of the installed qiki, or NULL with an ImportError that says which side is old. */
static inline const qiki_c_api *qiki_c_api_import(void)
{
    const qiki_c_api *api = (const qiki_c_api *)PyCapsule_Import("qiki._core._C_API", 0);
    if (api == NULL)
        return NULL;
    if (api->abi_version != QIKI_ABI_VERSION) {
        PyErr_Format(PyExc_ImportError,
                     "the installed qiki has C API version %u, this module was compiled for "
                     "version %u: compile it again with the headers of the installed qiki",
                     (unsigned)api->abi_version, (unsigned)QIKI_ABI_VERSION);
        return NULL;
    }
    if (api->struct_size < sizeof(qiki_c_api)) {
        PyErr_Format(PyExc_ImportError,
                     "the installed qiki has a C API table of %u bytes, this module was compiled "
                     "for %u: upgrade qiki to the version whose headers the module was compiled with",
                     (unsigned)api->struct_size, (unsigned)sizeof(qiki_c_api));
        return NULL;
    }
    if (api->detection_size != sizeof(qiki_detection)) {
        PyErr_Format(PyExc_ImportError,
                     "the installed qiki has detection records of %u bytes, this module's C compiler "
                     "lays them out in %u: compile it again with the headers of the installed qiki",
                     (unsigned)api->detection_size, (unsigned)sizeof(qiki_detection));
        return NULL;
    }
    return api;
}
#endif

#endif
