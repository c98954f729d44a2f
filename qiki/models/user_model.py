"""A user's model as Python sees it."""

import numpy as np
import numpy.typing as npt

from qiki._core import CompiledModel


class UserModel(CompiledModel):
    """A model that a user wrote, called by the core without the GIL.

    Make it with a decorator of `qiki.models`, or with `qiki.models.from_capsule`.

    Attributes
    ----------
    kind : str
        "rcs", "detection_probability" or "clutter_density".
    name : str
        By which errors call it.
    arguments : tuple of str
        Names of its three arguments, with their units.
    limits : tuple of float
        Smallest and largest value that it may return.
    """

    def __call__(
        self, first: npt.ArrayLike, second: npt.ArrayLike, third: npt.ArrayLike
    ) -> float | npt.NDArray[np.float64]:
        """Give its values, checked as the core checks them.

        Parameters
        ----------
        first, second, third : array_like
            Its `arguments`, broadcast against each other.

        Returns
        -------
        float or ndarray
            Of the common shape; a float when all three are numbers.

        Raises
        ------
        qiki.errors.ModelError
            A value that is not finite, or outside the limits.
        """
        arguments = (np.asarray(argument, np.float64) for argument in (first, second, third))
        columns = np.broadcast_arrays(*arguments)
        values = self.values(*(np.ascontiguousarray(column).ravel() for column in columns))
        shape = columns[0].shape
        return values.reshape(shape) if shape else float(values[0])
