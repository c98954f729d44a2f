"""Models in Cython; `__pyx_capi__` of the module has a capsule for each function declared api."""

from libc.math cimport cos, sin
from posix.unistd cimport usleep

cdef double RADIANS_PER_DEG = 0.017453292519943295
cdef volatile bint waiting = False
cdef volatile bint released = False


cdef api double corner_reflector(double azimuth_deg, double elevation_deg, double time_s) noexcept nogil:
    """A body that turns once in ten seconds and is bright once in each quarter turn [m^2]."""
    cdef double turned_deg = azimuth_deg - 36.0 * time_s
    return 4.0 * cos(2.0 * RADIANS_PER_DEG * turned_deg) ** 2


cdef api double waits(double azimuth_deg, double elevation_deg, double time_s) noexcept nogil:
    """1 when somebody calls `release` within ten seconds, else 0."""
    global waiting
    waiting = True
    for _ in range(10_000):
        if released:
            return 1.0
        usleep(1000)
    return 0.0


cdef api double with_a_fault(double azimuth_deg, float elevation_deg, double time_s) noexcept nogil:
    """Its second argument has another type than the core expects."""
    return 0.0


def is_waiting() -> bool:
    return waiting


def release() -> None:
    global released
    released = True


cdef api void at_rest(
    int count, double *state, double *time_step_s, double *parameters,
    double *mean, double *transition, double *noise,
) noexcept nogil:
    """Targets that stay where they are, and may get going."""
    cdef int k, i
    for k in range(count):
        for i in range(6):
            transition[36 * k + 7 * i] = 1.0
        for i in range(3):
            mean[6 * k + i] = state[6 * k + i]
            noise[36 * k + 7 * (i + 3)] = parameters[0] * time_step_s[k]


cdef api void positions(double *state, double *parameters, double *predicted, double *jacobian) noexcept nogil:
    """The position itself [m]."""
    cdef int i
    for i in range(3):
        predicted[i] = state[i]
        jacobian[7 * i] = 1.0


cdef api void begins(
    double *measured, double *noise, double *parameters, double *position, double *covariance
) noexcept nogil:
    """A track where it was measured [m]."""
    cdef int i
    for i in range(3):
        position[i] = measured[i]
    for i in range(9):
        covariance[i] = noise[i]
