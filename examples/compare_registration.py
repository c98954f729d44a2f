"""Compare what a running bridge knows of radars' biases with what a scenario gave them.

    qiki status --json | python compare_registration.py SCENARIO

SCENARIO is a built-in name or a file. docs/registration.md says how to run the whole.
"""

import json
import sys

from qiki.radar import RegistrationBias, Scenario


def truth(bias: RegistrationBias) -> dict[str, float]:
    """Return a scenario's bias under the names of an estimate's."""
    return {
        "east_m": bias.position_m[0],
        "north_m": bias.position_m[1],
        "range_m": bias.range_m,
        "bearing_deg": bias.bearing_deg,
        "time_s": bias.clock_offset_ns * 1e-9,
    }


def main() -> None:
    """Print a line for each bias that is sought."""
    sensors = {sensor.sensor_id: sensor for sensor in Scenario.load(sys.argv[1]).sensors}
    services = {service["name"]: service for service in json.load(sys.stdin)["services"]}
    for sensor_id, estimate in services["bridge"]["registration"].items():
        sensor = sensors[sensor_id]
        state = "applied" if estimate["applied"] else "not applied"
        for name, true in truth(sensor.registration_bias).items():
            found, std = estimate["bias"][name], estimate["std"][name]
            if std > 0:
                off = (found - true) / std
                print(f"{sensor.name} {state}: {name} {found:.5g}, true {true:g}, {off:+.1f} sigma")


main()
