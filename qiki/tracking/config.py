"""Settings of a tracker."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from qiki.errors import SettingError
from qiki.models.named_motion import MotionNames
from qiki.tracking.motion_models import ConstantVelocity, MotionModel, name_of_model
from qiki.tracking.object_types import ObjectTypeConfig

if TYPE_CHECKING:
    from qiki._core import CheckedScenario
    from qiki.radar import ScenarioSensor


class SensorConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of one sensor; an absent one is the tracker's.

    Attributes
    ----------
    sensor_id : str
        UUID of the sensor.
    detection_probability : float, optional
        Probability that it detects a target which it covers.
    clutter_per_frame : float, optional
        False alarms that it makes per frame over its whole coverage.
    births_per_frame : float, optional
        New targets per frame over its whole coverage.
    range_rate_interval_m_s : float, optional
        Width of the interval into which its range rates are folded, λ PRF / 2 [m/s]; absent where
        they are the true ones.
    east_bias_m, north_bias_m : float
        What it reports too much (reported minus true), taken out of each of its frames before
        anything else: of its own place [m].
    range_bias_m : float
        The same of each range [m]. A detection that is nearer than it by more than five of its
        standard deviations cannot be; its frame is refused.
    bearing_bias_deg : float
        The same of each bearing [deg].
    time_bias_s : float
        The same of each time [s]: what its clock shows too much. Frames stand in the order of
        their true times, for which tracks are told.
    """

    sensor_id: str
    detection_probability: float | None = None
    clutter_per_frame: float | None = None
    births_per_frame: float | None = None
    range_rate_interval_m_s: float | None = None
    east_bias_m: float = 0.0
    north_bias_m: float = 0.0
    range_bias_m: float = 0.0
    bearing_bias_deg: float = 0.0
    time_bias_s: float = 0.0

    @classmethod
    def of_scenario(
        cls, sensor: ScenarioSensor, scenario: CheckedScenario | None = None
    ) -> SensorConfig:
        """Return what a tracker should know of a sensor of a scenario.

        Its false alarms with what other transponders' replies add, and the interval of its range
        rates where they are folded. How probably a target is detected depends on the target and
        stays the tracker's.

        Clutter counts as if it were as dense everywhere as where it is densest, the densest places
        of all sources together: false tracks begin there, and the tracker knows one density of a
        frame. ``docs/tracking.md`` has what that costs.

        Parameters
        ----------
        sensor : ScenarioSensor
        scenario : Scenario, optional
            The sensor's, for its clutter, which is not counted without.

        Returns
        -------
        SensorConfig
        """
        densities = [it.largest_density_per_km2 for it in scenario.clutter] if scenario else []
        alarms = sensor.false_alarms_per_frame + sensor.fruit_plots_per_frame
        waveform = sensor.waveform
        folded = waveform is not None and waveform.folds_range_rate
        return cls(
            sensor_id=sensor.sensor_id,
            clutter_per_frame=(alarms + sum(densities) * _frame_km2(sensor)) or None,
            range_rate_interval_m_s=waveform.blind_speed_m_s if waveform and folded else None,
        )


def _frame_km2(sensor: ScenarioSensor) -> float:
    """Ground that the widest frame of a sensor covers [km²]."""
    squares_m2 = sensor.coverage.max_range_m**2 - sensor.coverage.min_range_m**2
    return math.radians(sensor.widest_frame_deg) / 2.0 * squares_m2 * 1e-6


class TrackerConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of a tracker; checked when a tracker is made.

    The defaults suit the simulated radars at 10 Hz; `air_surveillance` suits a turning
    surveillance radar.

    Attributes
    ----------
    process_noise_m2_s3, vertical_process_noise_m2_s3 : float
        Spectral density of the white noise acceleration, horizontal and vertical [m²/s³]. A target
        that may change its velocity by v within T needs about v²/T.
    motion_models : tuple of ConstantVelocity, ConstantAcceleration, CoordinatedTurn or UserMotion
        Models by which targets move, at most four; the filter is then the interacting multiple
        model estimator (``docs/tracking-models.md``). Without any, targets move with constant
        velocity and the process noise above, which must be left at its default where there are
        models: they have their own.
    initial_speed_std_m_s, initial_vertical_speed_std_m_s : float
        Standard deviation of each unmeasured velocity component at birth [m/s].
    assumed_height_m, assumed_height_std_m : float
        Height and its standard deviation where neither elevation nor height is measured [m].
    earth_radius_m : float
        Radius of the surface that heights are measured from [m]; 0 for a plane.
    gate_probability : float
        Probability that a target's detection falls inside its gate.
    association : str
        How detections are associated with tracks: ``"gnn"``, global nearest neighbour, each track
        takes one detection or none; or ``"jpda"``, joint integrated probabilistic data association
        (Musicki and Evans 2004), each track takes each detection as far as it is probably its own.
    detection_probability : float
        Probability that a covered target is detected.
    clutter_per_frame : float
        False alarms expected per frame over the whole coverage.
    births_per_frame : float
        New targets expected per frame over the whole coverage. Of what begins a track, the share
        births / (births + clutter) is a target: the probability of existence at birth.
    mean_lifetime_s : float
        Mean time that a target stays [s]: without detections the probability of existence fades
        with this time constant even where no frame looks.
    confirm_by : str
        What confirms and ends tracks: ``"existence"``, the probability that they follow a target
        (integrated PDA, Musicki, Evans and Stankovic 1994), or ``"hits"``, counts of hits and
        misses (M of N). A track's ``quality`` is the probability of existence with both.
    confirm_existence : float
        Probability of existence from which a track is confirmed.
    delete_existence : float
        Probability of existence below which a miss ends a track.
    confirm_hits, confirm_window : int
        By hits: detections that confirm a track, out of so many last chances (M of N).
    delete_misses : int
        By hits: misses in a row that end a confirmed track.
    max_coast_s : float
        Time without a detection that ends any track [s].
    max_ahead_s : float
        How far a frame may be ahead of the newest one used, or, for each number since, of the last
        one of its sensor and epoch [s]; ``max_coast_s`` where that is more. Beyond it the frame is
        from the future and refused. The first frame of a sensor or an epoch may have any time.
    late_window_s : float
        How much older than the newest frame used a frame may be and `FrameTracker` still use it
        [s], 0 to 60; 0 takes no late frame. `Tracker` takes none.
    sensors : tuple of SensorConfig
        Sensors with settings of their own; where any is named, frames of others are refused.
    max_tracks, max_detections : int
        Limits; a frame that would pass them is refused.
    identity_garble_probability : float
        Probability that a reply says an address or a text that is not its target's, 1e-6 to 0.2.
    identity_swap_probability : float
        Probability that two targets near each other exchange what they replied, 1e-6 to 0.2.
        ``docs/tracking.md`` says how replies take part in the association.
    friendly_ids, hostile_ids : tuple of str
        Transponder identities that make a track FRIEND or FOE, 100 000 of each at most, of 1
        to 32 bytes, none on both lists.
    object_types : tuple of ObjectTypeConfig
        Types of bodies that are told apart (``docs/object-type.md``), as `STANDARD_OBJECT_TYPES`;
        without any, the type of every track is unspecified.
    confirm_object_type : float
        Probability from which the type of a track's body is told, 0.51 to 0.999999.
    rcs_fluctuation_db : float
        Standard deviation of one reported radar cross section about the mean of its body [dB], 0.1
        to 50; 5.6 is that of Swerling 1 and 2.
    rcs_correlation_s : float
        Time constant of the correlation of that fluctuation [s], 1e-3 to 1e6: looks that are closer
        count together as little more than one.
    """

    process_noise_m2_s3: float = 1.0
    vertical_process_noise_m2_s3: float = 1.0
    motion_models: tuple[MotionModel, ...] = ()
    initial_speed_std_m_s: float = 100.0
    initial_vertical_speed_std_m_s: float = 30.0
    assumed_height_m: float = 0.0
    assumed_height_std_m: float = 1000.0
    earth_radius_m: float = 0.0
    gate_probability: float = 0.9999
    association: Literal["gnn", "jpda"] = "gnn"
    detection_probability: float = 0.9
    clutter_per_frame: float = 10.0
    births_per_frame: float = 1.0
    mean_lifetime_s: float = 600.0
    confirm_by: Literal["existence", "hits"] = "existence"
    confirm_existence: float = 0.95
    delete_existence: float = 0.01
    confirm_hits: int = 3
    confirm_window: int = 4
    delete_misses: int = 5
    max_coast_s: float = 30.0
    max_ahead_s: float = 60.0
    late_window_s: float = 1.0
    sensors: tuple[SensorConfig, ...] = ()
    max_tracks: int = 20_000
    max_detections: int = 20_000
    identity_garble_probability: float = 1e-3
    identity_swap_probability: float = 1e-3
    friendly_ids: tuple[str, ...] = ()
    hostile_ids: tuple[str, ...] = ()
    object_types: tuple[ObjectTypeConfig, ...] = ()
    confirm_object_type: float = 0.8
    rcs_fluctuation_db: float = 5.6
    rcs_correlation_s: float = 1.0

    @classmethod
    def air_surveillance(cls, **changes: Any) -> TrackerConfig:
        """Return settings for a turning air surveillance radar with flight levels.

        Aircraft fly straight for two minutes in the mean and manoeuvre for half a minute, by turns
        of up to 3 degrees a second (standard rate) that a scan every few seconds sees as steps.

        Parameters
        ----------
        **changes
            Settings that differ, by name: ``air_surveillance(friendly_ids=("N1",))``.

        Returns
        -------
        TrackerConfig

        Raises
        ------
        TypeError
            A name that is no setting.
        """
        preset = cls(
            motion_models=(
                ConstantVelocity(
                    process_noise_m2_s3=1.0, mean_sojourn_s=120.0, initial_probability=0.9
                ),
                ConstantVelocity(
                    process_noise_m2_s3=300.0, mean_sojourn_s=30.0, initial_probability=0.1
                ),
            ),
            initial_speed_std_m_s=150.0,
            initial_vertical_speed_std_m_s=10.0,
            assumed_height_m=5000.0,
            assumed_height_std_m=4000.0,
            earth_radius_m=6_371_000.0,
            detection_probability=0.95,
            clutter_per_frame=2.0,
            births_per_frame=0.3,
            mean_lifetime_s=1200.0,
            delete_existence=1e-3,  # misses come in rows where an aircraft turns or is shadowed
            confirm_hits=3,
            confirm_window=5,
            delete_misses=5,
            max_coast_s=30.0,
        )
        return msgspec.structs.replace(preset, **changes)

    @classmethod
    def from_json(cls, text: str | bytes) -> TrackerConfig:
        """Return the settings that JSON says; those that it leaves out have their defaults.

        A `UserMotion` names its model as ``module:function``, the module by a name that can be
        imported or the path of a ``.py`` file. It is imported: read only text that you trust as
        code.

        Parameters
        ----------
        text : str or bytes

        Raises
        ------
        qiki.errors.SettingError
            No JSON, an unknown or mistyped setting, or a model that is not where it should be.
        """
        try:
            return msgspec.json.decode(text, type=cls, dec_hook=MotionNames().decode)
        except msgspec.DecodeError as error:
            raise SettingError(
                f"the JSON of a tracker's settings must fit qiki.tracking.TrackerConfig ({error}): "
                "correct it"
            ) from error

    def to_json(self) -> str:
        """Return the settings as JSON, the form that the compiled core reads.

        Of a `UserMotion`'s model it has the model's own name, which does not say where it is:
        `from_json` needs ``module:function`` there.
        """
        return msgspec.json.encode(self, enc_hook=name_of_model).decode()
