"""Motion models of a tracker's targets; several make an interacting multiple model filter."""

from __future__ import annotations

import msgspec

from qiki._core import CompiledMotion
from qiki.errors import SettingError


class _Model(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"
):
    """What all models share."""

    def to_json(self) -> str:
        """Return the settings as JSON, the form that the compiled core reads."""
        return msgspec.json.encode(self, enc_hook=name_of_model).decode()


def name_of_model(model: object) -> str:
    """Return what stands in JSON for a model of yours, which text cannot hold: its name."""
    if isinstance(model, CompiledMotion):
        return model.name
    raise SettingError(
        f"a motion model is {model!r}, must be a compiled one: make it by qiki.models.motion_model "
        "or motion_from_capsule"
    )


class ConstantVelocity(_Model, frozen=True, kw_only=True, tag="constant_velocity"):
    """Constant velocity with white noise acceleration.

    Attributes
    ----------
    process_noise_m2_s3, vertical_process_noise_m2_s3 : float
        Spectral density of the acceleration, horizontal and vertical [m²/s³], 0 to 1e9.
    mean_sojourn_s : float
        Mean time for which a target moves by it before it takes another model [s], 0.01 to 1e6.
    initial_probability : float
        Probability that a new target moves by it, 1e-9 to 1; those of all models sum to 1.
    """

    process_noise_m2_s3: float = 1.0
    vertical_process_noise_m2_s3: float = 1.0
    mean_sojourn_s: float = 60.0
    initial_probability: float = 1.0


class ConstantAcceleration(_Model, frozen=True, kw_only=True, tag="constant_acceleration"):
    """Constant acceleration with white noise jerk.

    Attributes
    ----------
    jerk_noise_m2_s5, vertical_jerk_noise_m2_s5 : float
        Spectral density of the jerk, horizontal and vertical [m²/s⁵], 0 to 1e9.
    acceleration_std_m_s2, vertical_acceleration_std_m_s2 : float
        Standard deviation of each component of the acceleration with which a target begins to
        accelerate [m/s²], 1e-9 to 1e9.
    mean_sojourn_s : float
        Mean time for which a target moves by it before it takes another model [s], 0.01 to 1e6.
    initial_probability : float
        Probability that a new target moves by it, 1e-9 to 1; those of all models sum to 1.
    """

    jerk_noise_m2_s5: float = 10.0
    vertical_jerk_noise_m2_s5: float = 1.0
    acceleration_std_m_s2: float = 20.0
    vertical_acceleration_std_m_s2: float = 5.0
    mean_sojourn_s: float = 10.0
    initial_probability: float = 1.0


class CoordinatedTurn(_Model, frozen=True, kw_only=True, tag="coordinated_turn"):
    """Turn in the horizontal plane at an unknown, nearly constant rate and speed.

    Attributes
    ----------
    process_noise_m2_s3, vertical_process_noise_m2_s3 : float
        Spectral density of the acceleration, horizontal and vertical [m²/s³], 0 to 1e9.
    turn_rate_noise_deg2_s3 : float
        Spectral density of the turn rate's change [deg²/s³], 0 to 1e9.
    turn_rate_std_deg_s : float
        Standard deviation of the turn rate with which a turn begins [deg/s], 1e-9 to 1000.
    mean_sojourn_s : float
        Mean time for which a target moves by it before it takes another model [s], 0.01 to 1e6.
    initial_probability : float
        Probability that a new target moves by it, 1e-9 to 1; those of all models sum to 1.
    """

    process_noise_m2_s3: float = 1.0
    vertical_process_noise_m2_s3: float = 1.0
    turn_rate_noise_deg2_s3: float = 1.0
    turn_rate_std_deg_s: float = 10.0
    mean_sojourn_s: float = 20.0
    initial_probability: float = 1.0


class UserMotion(_Model, frozen=True, kw_only=True, tag="user"):
    """A model that you write: `qiki.models.motion_model` and ``docs/tracking-models.md``.

    Attributes
    ----------
    model : CompiledMotion
        The compiled function with the size of its states.
    parameters : tuple of float
        What it is given with each question, `model.parameter_count` finite numbers.
    initial_std : tuple of float
        Standard deviation of each number beyond position and velocity of a target that begins to
        move by it, `model.state_size` - 6 of them, 1e-9 to 1e9.
    mean_sojourn_s : float
        Mean time for which a target moves by it before it takes another model [s], 0.01 to 1e6.
    initial_probability : float
        Probability that a new target moves by it, 1e-9 to 1; those of all models sum to 1.
    """

    model: CompiledMotion
    parameters: tuple[float, ...] = ()
    initial_std: tuple[float, ...] = ()
    mean_sojourn_s: float = 60.0
    initial_probability: float = 1.0


MotionModel = ConstantVelocity | ConstantAcceleration | CoordinatedTurn | UserMotion
"""What `TrackerConfig.motion_models` takes."""
