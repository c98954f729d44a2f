"""A C loop of the filter's formula, compiled with the instructions of this machine."""

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

SOURCE = Path(__file__).with_name("filter_loop.c")
LANES = 8
LOWER = np.tril_indices(6)
NUMBERS = 6 + len(LOWER[0])
# No fused multiply-add: the core has none, so that its results depend on no instruction set.
FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC")


def compile_loop(folder: Path) -> ctypes.CDLL:
    """Compile the loop into a folder.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    CDLL

    Raises
    ------
    FileNotFoundError
        There is no C compiler: name one by ``CC``, or install gcc or clang.
    """
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        raise FileNotFoundError("no C compiler: name one by CC, or install gcc or clang")
    library = folder / "filter_loop.so"
    subprocess.run([compiler, *FLAGS, str(SOURCE), "-o", str(library)], check=True)
    return ctypes.CDLL(str(library))


class FilterLoop:
    """Filters of constant velocity, of a number that blocks of eight hold.

    Parameters
    ----------
    library : CDLL
    state : (n, 6) float64
    covariance : (n, 6, 6) float64
    density_m2_s3 : (3,) float64
        Process noise of each axis.
    """

    def __init__(
        self, library: ctypes.CDLL, state: Array, covariance: Array, density_m2_s3: Array
    ) -> None:
        self._count, rest = divmod(len(state), LANES)
        assert rest == 0
        numbers = np.concatenate([state, covariance[:, *LOWER]], axis=1)
        size = numbers.size
        # Vectors of 64 bytes stand at multiples of their size.
        room = np.empty(size + LANES)
        begin = -(room.ctypes.data // 8) % LANES
        self._blocks = room[begin : begin + size].reshape(self._count, NUMBERS, LANES)
        self._blocks[:] = numbers.reshape(self._count, LANES, NUMBERS).transpose(0, 2, 1)
        self._density = np.ascontiguousarray(density_m2_s3)
        self._call = library.filter_loop
        pointer, real = ctypes.c_void_p, ctypes.c_double
        self._call.argtypes = [pointer, ctypes.c_long, pointer, pointer, real, pointer]
        self._call.restype = None

    def update(self, position_m: Array, covariance_m2: Array, dt_s: float) -> None:
        """Predict by a time step and take in a position of each."""
        self._call(
            self._blocks.ctypes.data,
            self._count,
            position_m.ctypes.data,
            covariance_m2.ctypes.data,
            dt_s,
            self._density.ctypes.data,
        )

    def states(self) -> tuple[Array, Array]:
        """Give states (n, 6) and covariances (n, 6, 6)."""
        numbers = self._blocks.transpose(0, 2, 1).reshape(-1, NUMBERS)
        covariance = np.empty((len(numbers), 6, 6))
        covariance[:, *LOWER] = numbers[:, 6:]
        covariance[:, *LOWER[::-1]] = numbers[:, 6:]
        return numbers[:, :6].copy(), covariance
