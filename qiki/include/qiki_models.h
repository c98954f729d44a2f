/* Models that you write and the core calls, without the GIL, from any thread, at any time and in any
 * order. A function must answer the same for the same numbers, and must neither allocate nor touch a
 * Python object. Hand it over in a capsule that is named by its signature:
 *
 *     PyCapsule_New((void *)function, QIKI_MOTION_MODEL, NULL)
 *
 * and, where the name ends with "void *)", with that argument as the capsule's context. `qiki.models`
 * takes the capsules; docs/models.md says what each model is asked. */
#ifndef QIKI_MODELS_H
#define QIKI_MODELS_H

#define QIKI_RADAR_MODEL "double (double, double, double)"
#define QIKI_RADAR_MODEL_WITH_DATA "double (double, double, double, void *)"
#define QIKI_MOTION_MODEL \
    "void (int, double *, double *, double *, double *, double *, double *)"
#define QIKI_MOTION_MODEL_WITH_DATA \
    "void (int, double *, double *, double *, double *, double *, double *, void *)"
#define QIKI_MEASUREMENT_MODEL "void (double *, double *, double *, double *)"
#define QIKI_MEASUREMENT_MODEL_WITH_DATA "void (double *, double *, double *, double *, void *)"
#define QIKI_MEASUREMENT_START "void (double *, double *, double *, double *, double *)"
#define QIKI_MEASUREMENT_START_WITH_DATA \
    "void (double *, double *, double *, double *, double *, void *)"

/* Cross section, probability of detection or density of clutter at three numbers. */
typedef double (*qiki_radar_model)(double, double, double);
typedef double (*qiki_radar_model_with_data)(double, double, double, void *data);

/* Move `count` states of d numbers each, row by row, state[k] by time_step_s[k]. The last three arrays
 * hold zeros and take the answers: the states then (d each), the derivative of each number then (row)
 * by each now (column), and the covariance of the process noise (d x d each, row by row). */
typedef void (*qiki_motion_model)(int count, double *state, double *time_step_s,
                                  double *parameters, double *mean, double *transition,
                                  double *noise);
typedef void (*qiki_motion_model_with_data)(int count, double *state, double *time_step_s,
                                            double *parameters, double *mean,
                                            double *transition, double *noise, void *data);

/* What is measured (m numbers) of a position and velocity (6 numbers), and its derivatives by them
 * (m x 6, row by row). The answers hold zeros before. */
typedef void (*qiki_measurement_model)(double *state, double *parameters, double *predicted,
                                       double *jacobian);
typedef void (*qiki_measurement_model_with_data)(double *state, double *parameters,
                                                 double *predicted, double *jacobian,
                                                 void *data);

/* The position (3 numbers) of a target that was measured with a covariance of the noise (m x m), and
 * the covariance of the position (3 x 3), row by row. The answers hold zeros before. */
typedef void (*qiki_measurement_start)(double *measured, double *noise, double *parameters,
                                       double *position, double *covariance);
typedef void (*qiki_measurement_start_with_data)(double *measured, double *noise,
                                                 double *parameters, double *position,
                                                 double *covariance, void *data);

#endif
