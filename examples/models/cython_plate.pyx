"""A model in Cython. `__pyx_capi__` of the module has a capsule for each function declared api."""

from libc.math cimport M_PI, cos, fabs, sin

cdef double WAVELENGTH_M = 0.1
cdef double SIDE_M = 0.3
cdef double PERIOD_S = 8.0
cdef double REST_M2 = 0.01


# `noexcept nogil` and plain numbers only: it is called by any thread, without the GIL.
cdef api double tumbling_plate(double azimuth_deg, double elevation_deg, double time_s) noexcept nogil:
    """Mean cross section [m^2] of a square plate that turns once in 8 s, upright.

    Physical optics: 4 pi A^2 / wavelength^2 (cos(psi) sin x / x)^2, x = k a sin(psi), with psi the
    angle off the plate's normal; E. F. Knott et al., "Radar Cross Section", 2nd ed. (2004),
    chapter 5.
    """
    cdef double psi = M_PI / 180.0 * azimuth_deg - 2.0 * M_PI * time_s / PERIOD_S
    cdef double x = 2.0 * M_PI / WAVELENGTH_M * SIDE_M * sin(psi)
    cdef double lobe = 1.0 if fabs(x) < 1e-9 else sin(x) / x
    cdef double area_m2 = SIDE_M * SIDE_M * cos(M_PI / 180.0 * elevation_deg)
    return 4.0 * M_PI * (area_m2 / WAVELENGTH_M * cos(psi) * lobe) ** 2 + REST_M2
