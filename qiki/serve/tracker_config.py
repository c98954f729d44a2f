"""The tracker parameters that the settings ask for."""

import json
from collections.abc import Callable, Iterator

import msgspec

from qiki.errors import SettingError
from qiki.models.named_motion import MotionNames
from qiki.radar import Scenario
from qiki.settings import TrackerSettings
from qiki.tracking import GuardRules, RegistrationConfig, TrackerConfig, object_types_for

PRESETS: dict[str, Callable[[], TrackerConfig]] = {
    "default": TrackerConfig,
    "air_surveillance": TrackerConfig.air_surveillance,
}


def tracker_config(settings: TrackerSettings) -> TrackerConfig:
    """Return the preset with the given parameters over it.

    Motion models of a user's are imported by their names, ``module:function``.

    Raises
    ------
    SettingError : a parameter that the tracker does not have, or of a wrong type, or a motion model
        that is not where it should be.
    """
    preset = msgspec.to_builtins(PRESETS[settings.preset]())
    try:
        return msgspec.convert(
            preset | settings.parameters, TrackerConfig, dec_hook=MotionNames().decode
        )
    except msgspec.ValidationError as error:
        raise SettingError(
            f"tracker.parameters is {settings.parameters}, must fit qiki.tracking.TrackerConfig "
            f"({error}): correct it"
        ) from error


def registration_config(settings: TrackerSettings) -> RegistrationConfig | None:
    """Return whose biases are sought; None where nobody's are.

    Raises
    ------
    SettingError : a field that `RegistrationConfig` does not have, or of a wrong type.
    """
    if not settings.registration:
        return None
    try:
        return msgspec.convert(settings.registration, RegistrationConfig)
    except msgspec.ValidationError as error:
        raise SettingError(
            f"tracker.registration is {settings.registration}, must fit "
            f"qiki.tracking.RegistrationConfig ({error}): correct it"
        ) from error


def guard_rules(settings: TrackerSettings) -> GuardRules | None:
    """Return of which tracks there are to be alerts; None where of none.

    Raises
    ------
    GuardRulesError : no such rules, or a file that cannot be used.
    """
    return None if settings.guard_rules is None else GuardRules.load(settings.guard_rules)


def require_no_registration(settings: TrackerSettings) -> None:
    """Refuse a registration for a recording, in which nothing could be found.

    Raises
    ------
    SettingError : one is set.
    """
    if settings.registration:
        raise SettingError(
            f"tracker.registration is {settings.registration}, must be left out for a recording, "
            "which is of one sensor: remove it"
        )


def require_sensors_of(scenario: Scenario, settings: TrackerSettings) -> None:
    """Refuse a registration or guard rules that name sensors which a scenario does not have.

    Raises
    ------
    SettingError : also as of `registration_config`.
    GuardRulesError : as of `guard_rules`.
    """
    known = {sensor.sensor_id: sensor.name for sensor in scenario.sensors}
    for setting, sensor_id in sensors_named(settings):
        if sensor_id not in known:
            choice = ", ".join(f"{sensor_id} ({name})" for sensor_id, name in known.items())
            raise SettingError(
                f"{setting} names the sensor {sensor_id}, must be one of the scenario "
                f"{scenario.name}, {choice}: correct it"
            )


def sensors_named(settings: TrackerSettings) -> Iterator[tuple[str, str]]:
    """Give each sensor that the settings name, behind the name of the setting."""
    if (config := registration_config(settings)) is not None:
        for sensor_id in (*config.reference_ids, *(it.sensor_id for it in config.sensors)):
            yield "tracker.registration", sensor_id
    if (rules := guard_rules(settings)) is not None:
        for sensor_id in json.loads(rules.to_json())["sensor_ids"]:
            yield "tracker.guard_rules", sensor_id


def with_parameters_of(scenario: Scenario, settings: TrackerSettings) -> TrackerSettings:
    """Return settings with what a known scenario tells, where they do not say it themselves.

    Raises
    ------
    SettingError : as of `tracker_config`; it does not tell of what the scenario adds.
    """
    tracker_config(settings)
    known = {
        "friendly_ids": list(scenario.friendly_ids),
        "hostile_ids": list(scenario.hostile_ids),
        "object_types": msgspec.to_builtins(object_types_for(scenario)),
    }
    return msgspec.structs.replace(settings, parameters=known | settings.parameters)
