"""How far tracks are from the truth, and whether a filter's covariances are honest."""

from qiki._core import (
    Consistency,
    Gospa,
    Ospa,
    Siap,
    SiapPicture,
    SiapScore,
    chi_squared_band,
    chi_squared_quantile,
    consistency,
    gospa,
    nees,
    nis,
    ospa,
    student_t_quantile,
)

__all__ = [
    "Consistency",
    "Gospa",
    "Ospa",
    "Siap",
    "SiapPicture",
    "SiapScore",
    "chi_squared_band",
    "chi_squared_quantile",
    "consistency",
    "gospa",
    "nees",
    "nis",
    "ospa",
    "student_t_quantile",
]
