"""The numpy tracker with what its profile suggests and no library offers: twice as fast.

It says how far whole-array numpy can be driven by hand; results are the same to rounding.
"""

import numpy as np
import numpy.typing as npt

from bench.peers.numpy_tracker import NumpyTracker

Array = npt.NDArray[np.float64]


class TunedNumpyTracker(NumpyTracker):
    """As `NumpyTracker`, with two of its steps written for this very problem."""

    def _moved(self, covariance: Array, transition: Array) -> Array:
        """F P Fᵀ as one large matrix product: vec(F P Fᵀ) = (F ⊗ F) vec P."""
        both_sides = np.kron(transition, transition)
        return (covariance.reshape(-1, 36) @ both_sides.T).reshape(-1, 6, 6)

    def _inverse(self, covariance: Array) -> tuple[Array, Array]:
        return inverse_3x3(covariance)


def inverse_3x3(matrix: Array) -> tuple[Array, Array]:
    """Inverses and determinants of symmetric 3 x 3 matrices by the adjugate.

    Parameters
    ----------
    matrix : (n, 3, 3) float64

    Returns
    -------
    inverse : (n, 3, 3) float64
    determinant : (n,) float64
    """
    columns = np.ascontiguousarray(matrix.reshape(-1, 9).T)
    xx, xy, xz, _, yy, yz, _, _, zz = columns
    adjugate = np.empty_like(columns)
    adjugate[0] = yy * zz - yz * yz
    adjugate[1] = adjugate[3] = xz * yz - xy * zz
    adjugate[2] = adjugate[6] = xy * yz - xz * yy
    adjugate[4] = xx * zz - xz * xz
    adjugate[5] = adjugate[7] = xy * xz - xx * yz
    adjugate[8] = xx * yy - xy * xy
    determinant = xx * adjugate[0] + xy * adjugate[1] + xz * adjugate[2]
    adjugate /= determinant
    return np.ascontiguousarray(adjugate.T).reshape(-1, 3, 3), determinant
