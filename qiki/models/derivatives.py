"""Whether the derivatives that a model of yours answers are those of what it answers."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qiki._core import CompiledMeasurement, CompiledMotion

Floats = NDArray[np.float64]
Ask = Callable[[Floats], tuple[Floats, Floats]]

_STEP = (
    1e-4  # of the state's size: with Richardson's extrapolation the error goes with its 4th power
)
_ROUNDINGS = 16.0  # by which an answer may be rounded, in the last place of its largest number


class Deviation(NamedTuple):
    """The derivative that is furthest from the differences."""

    share: float
    """Of the larger of the two, beyond what the differences leave open.

    0 where none is wrong, 2 for a wrong sign.
    """
    state: int
    """Which of the states."""
    row: int
    """Of which number of the answer."""
    column: int
    """By which number of the state."""
    answered: float
    """What the model says."""
    difference: float
    """What its answers at states beside this one say."""


def check_derivatives(
    model: CompiledMotion | CompiledMeasurement,
    state: ArrayLike,
    dt_s: float | None = None,
    parameters: tuple[float, ...] = (),
    step: ArrayLike | None = None,
) -> Deviation:
    """Compare a model's derivatives with central differences of its answers.

    A filter with a wrong derivative loses its targets without a word. Ask at states such as targets
    have, away from where the model has an edge.

    Parameters
    ----------
    model : qiki.models.CompiledMotion or CompiledMeasurement
        Its `transition` or its `jacobian` is checked.
    state : (n, d) floats
        Where to ask.
    dt_s : float, optional
        Time step of a motion model, above 0; 1 without [s].
    parameters : sequence of float
        What the model is given.
    step : (d,) floats, optional
        How far each number of the state is moved to either side, twice that, too; without, 1e-4 of
        its size, of 1 where it is smaller.

    Returns
    -------
    Deviation
        The largest. Differences at two steps, extrapolated to none (Richardson 1911, *Philosophical
        Transactions A* 210), are the measure; what separates the two, and rounding, is left open.

    Raises
    ------
    qiki.errors.ModelError
        An answer outside its limits, there or beside.
    TypeError
        Not a compiled motion or measurement model.
    ValueError
        Shapes that do not fit, no state, a step that is not above 0, a `dt_s` of a measurement.
    """
    states = np.array(state, np.float64)
    if states.ndim != 2 or not states.size:
        raise ValueError(f"state has shape {states.shape}, must be (n, d), n at least 1")
    steps = _STEP * np.maximum(np.abs(states), 1.0)
    if step is not None:
        steps = np.broadcast_to(np.asarray(step, np.float64), states.shape)
    if not (steps > 0.0).all() or not np.isfinite(steps).all():
        raise ValueError(f"step is {step!r}, must be above 0 and finite")
    ask, periods = _answers_of(model, dt_s, tuple(parameters))
    values, answered = ask(states)
    found, open_to = np.empty_like(answered), np.empty_like(answered)
    rounding = np.abs(values).max(axis=1) * _ROUNDINGS * np.finfo(np.float64).eps
    for column in range(states.shape[1]):
        move = np.zeros_like(states)
        move[:, column] = steps[:, column]
        near, far = (_slope(ask, states, times * move, periods) for times in (1.0, 2.0))
        found[:, :, column] = (4.0 * near - far) / 3.0
        open_to[:, :, column] = np.abs(near - far) + (rounding / steps[:, column])[:, None]
    return _largest(answered, found, open_to)


def _answers_of(
    model: CompiledMotion | CompiledMeasurement, dt_s: float | None, parameters: tuple[float, ...]
) -> tuple[Ask, Floats]:
    """Give what asks the model for values and derivatives, and the periods of the values."""
    if isinstance(model, CompiledMotion):
        seconds = 1.0 if dt_s is None else dt_s
        return (lambda states: model.answers(states, seconds, parameters)[:2]), np.zeros(1)
    if isinstance(model, CompiledMeasurement):
        if dt_s is not None:
            raise ValueError(f"dt_s is {dt_s}, but a measurement takes no time: leave it out")
        return (lambda states: model.answers(states, parameters)), np.array(model.periods)
    raise TypeError(f"model is {model!r}, must be a CompiledMotion or CompiledMeasurement")


def _slope(ask: Ask, states: Floats, move: Floats, periods: Floats) -> Floats:
    """Central differences along `move`, (n, m); angles go the short way."""
    low, high = states - move, states + move
    change = ask(high)[0] - ask(low)[0]
    turns = np.divide(change, periods, out=np.zeros_like(change), where=periods > 0.0)
    slope: Floats = (change - periods * np.round(turns)) / (high - low).sum(axis=1)[:, None]
    return slope


def _largest(answered: Floats, found: Floats, open_to: Floats) -> Deviation:
    apart = np.maximum(np.abs(answered - found) - open_to, 0.0)
    size = np.maximum(np.abs(answered), np.abs(found))
    share = np.divide(apart, size, out=np.zeros_like(apart), where=size > 0.0)
    at = np.unravel_index(share.argmax(), share.shape)
    state, row, column = (int(index) for index in at)
    difference = float(found[at])
    return Deviation(float(share[at]), state, row, column, float(answered[at]), difference)
