"""Detection probabilities by quadrature over the pdf of the test statistic or of the echo.

Written from the definitions, with other formulas than the core's: the chi-square distributions of
scipy for what the detector adds up, and Gauss-Legendre quadrature over the cross section.
"""

from itertools import pairwise

import numpy as np
from scipy import integrate, special, stats

NODES = 40
"""Of each piece of an integral."""


def threshold(pfa, pulses):
    """Where the upper tail of a gamma distribution of shape N is Pfa."""
    return float(special.gammainccinv(pulses, pfa))


def marcum(energy, limit, pulses):
    """Pr[|sqrt(energy) + w1|² + |w2|² + ... + |wN|² > limit] by quadrature over the density.

    The density of the sum is (y / energy)^((N-1)/2) exp(-y - energy) I_(N-1)(2 sqrt(y energy)).
    """
    order = pulses - 1

    def density(y):
        if order > 100:
            # The Bessel function itself is too small for a double, scipy's density is not.
            return 2.0 * stats.ncx2.pdf(2.0 * y, 2 * pulses, 2.0 * energy)
        scaled = special.ive(order, 2.0 * np.sqrt(y * energy))
        exponent = -((np.sqrt(y) - np.sqrt(energy)) ** 2) + 0.5 * order * np.log(y / energy)
        return np.where(scaled > 0.0, np.exp(exponent + np.log(np.maximum(scaled, 1e-307))), 0.0)

    mean, deviation = pulses + energy, np.sqrt(pulses + 2.0 * energy)
    marks = mean + deviation * np.arange(-8.0, 30.0)
    if limit >= mean:
        return _integral(density, limit, marks[-1] + 60.0, marks)
    return 1.0 - _integral(density, max(mean - 12.0 * deviation, 0.0), limit, marks)


def fluctuating(snr, limit, pulses, shape):
    """Average of the conditional probability over a gamma distributed energy of the echo."""
    energy = stats.gamma(shape, scale=pulses * snr / shape)

    def integrand(x):
        # Non-central chi-square with 2 N degrees of freedom: twice the sum.
        return stats.ncx2.sf(2.0 * limit, 2 * pulses, 2.0 * x) * energy.pdf(x)

    # Where the energy is likely, and where the conditional probability rises from 0 to 1.
    quantiles = energy.isf([1 - 1e-8, 1 - 1e-4, 0.9, 0.5, 0.1, 1e-2, 1e-4, 1e-8, 1e-12])
    rise = max(limit - pulses, 1.0) + np.arange(-8.0, 9.0) * np.sqrt(limit)
    low, high = energy.isf([1.0 - 1e-15, 1e-16])
    return _integral(integrand, low, high, np.concatenate([quantiles, rise]))


def probability(snr_db, pfa, pulses, swerling):
    """Probability of detection of the Swerling case."""
    snr, limit = 10.0 ** (0.1 * snr_db), threshold(pfa, pulses)
    if swerling == 0:
        return marcum(pulses * snr, limit, pulses)
    shape = {1: 1, 2: pulses, 3: 2, 4: 2 * pulses}[swerling]
    return fluctuating(snr, limit, pulses, shape)


def _integral(function, low, high, marks):
    """Quadrature in pieces between the marks, where the function changes its ways."""
    ends = np.unique([low, *marks[(low < marks) & (marks < high)], high])
    pieces = [integrate.fixed_quad(function, a, b, n=NODES)[0] for a, b in pairwise(ends)]
    return float(np.sum(pieces))
