/* Models in C, in capsules that are named by the header. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <math.h>

#include "qiki_models.h"

/* Constant velocity; NaN for a caller who holds the GIL. The data is a density of noise. */
static void straight_with(int count, double *state, double *time_step_s, double *parameters,
                          double *mean, double *transition, double *noise, void *data) {
    const double density = *(const double *)data + parameters[0];
    for (int k = 0; k < count; k++) {
        const double dt = time_step_s[k];
        double *f = transition + 36 * k, *q = noise + 36 * k;
        for (int x = 0; x < 3; x++) {
            const int v = x + 3;
            mean[6 * k + x] = state[6 * k + x] + dt * state[6 * k + v];
            mean[6 * k + v] = PyGILState_Check() ? NAN : state[6 * k + v];
            f[6 * x + x] = f[6 * v + v] = 1.0;
            f[6 * x + v] = dt;
            q[6 * x + x] = density * dt * dt * dt / 3.0;
            q[6 * x + v] = q[6 * v + x] = density * dt * dt / 2.0;
            q[6 * v + v] = density * dt;
        }
    }
}

static double density_of_noise = 4.0;

static void straight(int count, double *state, double *time_step_s, double *parameters,
                     double *mean, double *transition, double *noise) {
    straight_with(count, state, time_step_s, parameters, mean, transition, noise,
                  &density_of_noise);
}

static double steady(double first, double second, double third) {
    return PyGILState_Check() ? NAN : first + second + third;
}

/* The types of the header are those of the functions. */
static qiki_radar_model of_radar = steady;
static qiki_motion_model of_motion = straight;
static qiki_motion_model_with_data of_motion_with_data = straight_with;

/* A height above the data, and where it is: NaN for a caller who holds the GIL. */
static void height(double *state, double *parameters, double *predicted, double *jacobian,
                   void *data) {
    predicted[0] = PyGILState_Check() ? NAN : state[2] - *(const double *)data - parameters[0];
    jacobian[2] = 1.0;
}

static void below(double *measured, double *noise, double *parameters, double *position,
                  double *covariance, void *data) {
    position[2] = measured[0] + *(const double *)data + parameters[0];
    covariance[0] = covariance[4] = 1e6;
    covariance[8] = PyGILState_Check() ? NAN : noise[0];
}

static double ground_m = 40.0;
static qiki_measurement_model_with_data of_measurement = height;
static qiki_measurement_start_with_data of_start = below;

static PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "c_models", .m_size = -1};

PyMODINIT_FUNC PyInit_c_models(void) {
    PyObject *made = PyModule_Create(&module);
    PyObject *with_data =
        PyCapsule_New((void *)of_motion_with_data, QIKI_MOTION_MODEL_WITH_DATA, NULL);
    PyCapsule_SetContext(with_data, &density_of_noise);
    PyModule_AddObject(made, "steady", PyCapsule_New((void *)of_radar, QIKI_RADAR_MODEL, NULL));
    PyModule_AddObject(made, "straight",
                       PyCapsule_New((void *)of_motion, QIKI_MOTION_MODEL, NULL));
    PyModule_AddObject(made, "straight_with_data", with_data);
    PyObject *measured =
        PyCapsule_New((void *)of_measurement, QIKI_MEASUREMENT_MODEL_WITH_DATA, NULL);
    PyObject *start = PyCapsule_New((void *)of_start, QIKI_MEASUREMENT_START_WITH_DATA, NULL);
    PyCapsule_SetContext(measured, &ground_m);
    PyCapsule_SetContext(start, &ground_m);
    PyModule_AddObject(made, "height", measured);
    PyModule_AddObject(made, "below", start);
    return made;
}
