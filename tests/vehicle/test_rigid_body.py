"""Free tumbling against scipy's elliptic functions, and the claims about drift and rate."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from scipy.special import ellipj

from qiki.errors import SettingError, SnapshotError
from qiki.vehicle import Vehicle, VehicleConfig

BOT = VehicleConfig.load("default")
SECOND_NS = 1_000_000_000


def tumbling(rate_rad_s, **start):
    return Vehicle(BOT, angular_velocity_rad_s=rate_rad_s, **start)


def test_an_asymmetric_top_turns_by_elliptic_functions():
    """Landau and Lifshitz, "Mechanics", 3rd ed. (1976), equations (37.8) to (37.10)."""
    vehicle = tumbling([0.0, 0.3, -1.9])
    i2, i1, i3 = np.diag(vehicle.inertia_kg_m2)
    doubled_energy = 2 * vehicle.rotational_energy_j
    momentum = vehicle.angular_momentum_n_m_s @ vehicle.angular_momentum_n_m_s
    assert momentum > doubled_energy * i2
    pace = np.sqrt((i3 - i2) * (momentum - doubled_energy * i1) / (i1 * i2 * i3))
    parameter = (i2 - i1) * (doubled_energy * i3 - momentum)
    parameter /= (i3 - i2) * (momentum - doubled_energy * i1)
    largest = np.sqrt((doubled_energy * i3 - momentum) / (i2 * (i3 - i2)))
    for second in range(1, 601):
        vehicle.advance(SECOND_NS)
        sn, cn, dn, _ = ellipj(pace * second, parameter)
        # Axes 1, 2 and 3 are Y, X and Z reversed.
        expected = [largest * sn, 0.3 * cn, -1.9 * dn]
        np.testing.assert_allclose(vehicle.angular_velocity_rad_s, expected, atol=1e-9)


@pytest.mark.parametrize("rate_hz", [1, 60, 1000])
def test_energy_and_momentum_do_not_drift_at_any_rate(rate_hz):
    start = {"velocity_m_s": [7.0, -3.0, 0.1], "heading_deg": 40.0, "pitch_deg": -20.0}
    vehicle = tumbling([1.0, -0.02, 0.03], **start)
    energy_j = vehicle.rotational_energy_j, vehicle.translational_energy_j
    momentum = vehicle.angular_momentum_n_m_s
    for tick in range(600 * rate_hz):
        vehicle.advance((tick + 1) * SECOND_NS // rate_hz - tick * SECOND_NS // rate_hz)
    assert vehicle.time_ns == 600 * SECOND_NS
    assert vehicle.rotational_energy_j == pytest.approx(energy_j[0], rel=1e-9, abs=0)
    assert vehicle.translational_energy_j == energy_j[1]
    np.testing.assert_array_equal(vehicle.angular_momentum_n_m_s, momentum)
    np.testing.assert_array_equal(vehicle.velocity_m_s, start["velocity_m_s"])


def test_the_rate_of_the_caller_changes_no_bit():
    def run(pieces):
        vehicle = tumbling([0.1, 0.2, -0.3], position_m=[1.0, 2.0, 3.0])
        vehicle.command([10.0, 300.0, -5.0], [3.0, 0.0, -8.0], duration_ns=700_000_000)
        for piece in pieces:
            vehicle.advance(piece)
        return vehicle.snapshot()

    once = run([SECOND_NS])
    assert run([1_000_000] * 1000) == once
    rng = np.random.default_rng(1)
    cuts = np.sort(rng.integers(0, SECOND_NS, 300))
    assert run([int(piece) for piece in np.diff(cuts, prepend=0, append=SECOND_NS)]) == once


@pytest.mark.parametrize("angles", [(0, 0, 0), (90, 0, 0), (30, 20, -50), (300, -80, 170)])
def test_the_attitude_is_that_of_a_ship(angles):
    heading, pitch, roll = angles
    vehicle = Vehicle(BOT, heading_deg=heading, pitch_deg=pitch, roll_deg=roll)
    # Turns about the body's own axes, Z (down for a heading), X and Y, as scipy has them.
    expected = Rotation.from_euler("ZXY", [-heading, pitch, roll], degrees=True)
    found = Rotation.from_quat(np.roll(vehicle.attitude, -1))
    assert (expected.inv() * found).magnitude() < 1e-12
    read = vehicle.heading_deg, vehicle.pitch_deg, vehicle.roll_deg
    np.testing.assert_allclose(read, angles, atol=1e-9)


def test_a_rotation_vector_of_the_body_turns_it_to_the_right_side():
    # Turning about Z is a turn to port: the heading falls.
    vehicle = tumbling([0.0, 0.0, 0.1], heading_deg=90.0)
    vehicle.advance(SECOND_NS)
    assert vehicle.heading_deg == pytest.approx(90.0 - np.degrees(0.1), abs=1e-9)


def test_a_restored_vehicle_goes_on_to_the_same_bits():
    vehicle = tumbling([0.3, -0.1, 0.2])
    vehicle.set_condition(7, "stuck_open")
    vehicle.command([0.0, 100.0, 0.0])
    vehicle.advance(1_234_567_891)
    other = Vehicle.restore(BOT, vehicle.snapshot())
    assert other.conditions == vehicle.conditions
    for one in (vehicle, other):
        one.advance(SECOND_NS)
    assert other.snapshot() == vehicle.snapshot()


def test_a_snapshot_of_another_configuration_is_refused():
    with pytest.raises(SnapshotError, match="does not begin as one"):
        Vehicle.restore(BOT, b"no snapshot of a vehicle")
    text = BOT.name
    other = VehicleConfig.from_yaml(changed_text("dry_mass_kg: 300", "dry_mass_kg: 301"))
    assert other.name == text
    with pytest.raises(SnapshotError, match="another configuration"):
        Vehicle.restore(other, Vehicle(BOT).snapshot())


def changed_text(old, new):
    text = VehicleConfig.built_in_text("default")
    assert text.count(old) == 1
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ({"position_m": [0.0, np.nan, 0.0]}, r"position_m\[1\] is NaN, must be -100000000 to"),
        ({"velocity_m_s": [0.0, 0.0, 2e5]}, r"velocity_m_s\[2\] is 200000, must be -100000 to"),
        ({"angular_velocity_rad_s": [21.0, 0.0, 0.0]}, "is 21, must be -20 to 20"),
        ({"propellant_kg": 12.5}, "propellant_kg is 12.5, must be 0 to 12"),
        ({"pitch_deg": 91.0}, "pitch_deg is 91, must be -90 to 90"),
        ({"heading_deg": np.inf}, "heading_deg is inf"),
    ],
)
def test_a_start_beyond_the_limits_is_refused(start, message):
    with pytest.raises(SettingError, match=message):
        Vehicle(BOT, **start)


def test_a_refused_call_changes_nothing():
    vehicle = tumbling([0.1, 0.0, 0.0])
    vehicle.advance(SECOND_NS)
    before = vehicle.snapshot()
    for call in (
        lambda: vehicle.advance(-1),
        lambda: vehicle.command([np.nan, 0.0, 0.0]),
        lambda: vehicle.command([0.0, 0.0, 0.0], [0.0, np.inf, 0.0]),
        lambda: vehicle.command(duration_ns=-1),
        lambda: vehicle.set_condition(16, "stuck_open"),
        lambda: vehicle.set_condition(1, "broken"),
    ):
        with pytest.raises(SettingError, match="must be"):
            call()
    assert vehicle.snapshot() == before
