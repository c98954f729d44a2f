/* A radar driver in C that knows qiki only by its header and its capsule. */
#include <Python.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "qiki.h"

static const qiki_c_api *api;

static qiki_detection plot(int64_t time_ns)
{
    qiki_detection record = {0};
    record.time_ns = time_ns;
    record.present = QIKI_PRESENT_RANGE | QIKI_PRESENT_SNR;
    record.range_m = 5000.0;
    record.range_std_m = 10.0f;
    record.snr_db = 12.5f;
    record.bearing_deg = record.elevation_deg = record.range_rate_m_s = record.height_m = NAN;
    record.bearing_std_deg = record.elevation_std_deg = record.range_rate_std_m_s = NAN;
    record.height_std_m = record.rcs_dbsm = NAN;
    return record;
}

/* Every slot once: (times taken, codes of the calls in order, last sentence). */
static PyObject *use_every_slot(PyObject *self, PyObject *unused)
{
    qiki_detection records[2] = {plot(3), plot(4)}, taken[2];
    size_t count = 0;
    char sentence[200];
    qiki_detection_sink *sink = api->detection_sink_new(2);
    if (sink == NULL)
        return PyErr_Format(PyExc_RuntimeError, "no sink");
    int filled = api->detection_sink_push(sink, records, 2);
    int overfilled = api->detection_sink_push(sink, records, 1);
    api->last_error(sentence, sizeof sentence);
    size_t length = api->detection_sink_length(sink);
    int small = api->detection_sink_take(sink, taken, 1, &count);
    int whole = api->detection_sink_take(sink, taken, 2, &count);
    int null = api->detection_sink_push(NULL, records, 1);
    api->detection_sink_push(sink, records, 1);
    int cleared = api->detection_sink_clear(sink);
    size_t left = api->detection_sink_length(sink);
    api->detection_sink_free(sink);
    return Py_BuildValue("(LL)(nnn)(iiiiii)s", taken[0].time_ns, taken[1].time_ns,
                         (Py_ssize_t)length, (Py_ssize_t)count, (Py_ssize_t)left,
                         filled, overfilled, small, whole, null, cleared, sentence);
}

#define FIELD(name) \
    {#name, offsetof(qiki_detection, name), sizeof(((qiki_detection *)0)->name)}
static const struct {
    const char *name;
    size_t offset, size;
} FIELDS[] = {
    FIELD(time_ns), FIELD(range_m), FIELD(bearing_deg), FIELD(elevation_deg),
    FIELD(range_rate_m_s), FIELD(height_m), FIELD(range_std_m), FIELD(bearing_std_deg),
    FIELD(elevation_std_deg), FIELD(range_rate_std_m_s), FIELD(height_std_m), FIELD(snr_db),
    FIELD(rcs_dbsm), FIELD(present), FIELD(address), FIELD(mode_3a), FIELD(range_band),
    FIELD(transponder_mode), FIELD(reserved), FIELD(transponder_id),
};

/* {field: (offset, size)} of the record as this compiler lays it out. */
static PyObject *detection_layout(PyObject *self, PyObject *unused)
{
    PyObject *layout = PyDict_New();
    for (size_t k = 0; layout != NULL && k < sizeof FIELDS / sizeof FIELDS[0]; k++) {
        PyObject *place = Py_BuildValue("nn", (Py_ssize_t)FIELDS[k].offset, (Py_ssize_t)FIELDS[k].size);
        if (place == NULL || PyDict_SetItemString(layout, FIELDS[k].name, place) < 0)
            Py_CLEAR(layout);
        Py_XDECREF(place);
    }
    return layout;
}

/* (bytes of the table here, bytes of the table in the library). */
static PyObject *table_sizes(PyObject *self, PyObject *unused)
{
    return Py_BuildValue("nn", (Py_ssize_t)sizeof(qiki_c_api), (Py_ssize_t)api->struct_size);
}

static PyMethodDef methods[] = {
    {"use_every_slot", use_every_slot, METH_NOARGS, "Use every slot once."},
    {"detection_layout", detection_layout, METH_NOARGS, "Offsets and sizes of the fields."},
    {"table_sizes", table_sizes, METH_NOARGS, "Size of the table on both sides."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "c_driver", NULL, -1, methods};

PyMODINIT_FUNC PyInit_c_driver(void)
{
    api = qiki_c_api_import();
    return api == NULL ? NULL : PyModule_Create(&module);
}
