"""What makes a matrix a covariance, and one covariance no larger than another."""

import numpy as np

ROUNDING = 1e-9
"""Of two ways to the same, or of a matrix whose variances differ by 1e6 between its axes."""


def whitened(covariance, by):
    """Covariances in units of others' deviations, in which all axes are alike."""
    deviation = np.sqrt(np.diagonal(by, axis1=-2, axis2=-1))
    return covariance / (deviation[:, :, None] * deviation[:, None, :])


def assert_covariances(covariance):
    np.testing.assert_array_equal(covariance, np.swapaxes(covariance, -1, -2))
    least = np.linalg.eigvalsh(covariance)[..., 0]
    assert (least >= -1e-12 * np.trace(covariance, axis1=-2, axis2=-1)).all()


def assert_no_larger(smaller, larger):
    """In the Loewner order: no direction in which `smaller` doubts more. So is its determinant."""
    difference = whitened(larger - smaller, larger)
    assert np.linalg.eigvalsh(difference)[..., 0].min() >= -ROUNDING
    determinants = [np.linalg.slogdet(whitened(it, larger))[1] for it in (smaller, larger)]
    assert (determinants[0] <= determinants[1] + ROUNDING).all()
