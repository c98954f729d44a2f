"""The allocation of thrusters against scipy's bounded least squares, and what it can reach."""

import numpy as np
import pytest
from scipy.optimize import linprog, lsq_linear

from qiki.vehicle import Vehicle, VehicleConfig

BOT = VehicleConfig.load("default")
B = BOT.thruster_wrenches.T
THRUST = BOT.thrust_n
AXES = np.vstack([np.eye(6), -np.eye(6)])
# Of the default configuration, and of docs/vehicle.md.
TORQUE_WEIGHT, PROPELLANT_WEIGHT, EVEN_SHARE = 1.0, 1e-6, 0.01


def rows(wrenches, thrust):
    """Stack the rows of the least-squares problem whose unknowns are fractions of full thrust."""
    unit = thrust.max()
    weights = np.array([1.0] * 3 + [TORQUE_WEIGHT] * 3) / unit
    scaled = thrust / unit
    return np.vstack(
        [
            weights[:, None] * wrenches,
            np.sqrt(PROPELLANT_WEIGHT) * scaled,
            np.sqrt(PROPELLANT_WEIGHT * EVEN_SHARE) * np.diag(scaled),
        ]
    ), weights


def oracle(vehicle, wanted):
    conditions = np.array(vehicle.conditions)
    works = conditions == "working"
    rest = wanted - B @ (conditions == "stuck_open")
    matrix, weights = rows(B, THRUST)
    target = np.concatenate([weights * rest, np.zeros(len(matrix) - 6)])
    fractions = np.zeros(16)
    if works.any():
        answer = lsq_linear(
            matrix[:, works], target, (0, 1), method="bvls", tol=1e-15, max_iter=1000
        )
        fractions[works] = answer.x
    return np.sum((matrix @ fractions - target) ** 2), matrix, target


def random_wrench(rng):
    """Draw from what is easily reached to what is far out of reach, on axes and off them."""
    wrench = rng.normal(size=6) * 10.0 ** rng.uniform(0, 3.5)
    if rng.random() < 0.3:
        wrench *= rng.random(6) < 0.3
    return wrench


def assert_is_optimal(vehicle, wanted):
    allocation = vehicle.allocate(wanted[:3], wanted[3:])
    cost, matrix, target = oracle(vehicle, wanted)
    found = allocation.fractions
    assert ((found >= 0) & (found <= 1)).all()
    own = np.sum((matrix @ found - target) ** 2)
    scale = max(1.0, np.sum(target**2))
    # scipy stops up to 1e-8 above the least cost, where even shares and uneven ones cost the same.
    assert cost - 1e-7 * scale <= own <= cost + 1e-12 * scale
    # The problem is convex: what holds the Karush-Kuhn-Tucker conditions is the optimum.
    slope = matrix.T @ (target - matrix @ found)
    works = np.array(vehicle.conditions) == "working"
    inside = np.where(found == 0, np.maximum(slope, 0), np.where(found == 1, -slope, slope))
    inside[found == 1] = np.maximum(inside[found == 1], 0)
    assert np.abs(inside[works]).max(initial=0) <= 1e-11 * np.sqrt(scale)
    assert allocation.kkt_violation <= 1e-11 * np.sqrt(scale)
    opened = np.array(vehicle.conditions) == "stuck_open"
    reached = np.concatenate([allocation.force_n, allocation.torque_n_m])
    np.testing.assert_allclose(reached, B @ (found + opened), atol=1e-9)


def test_thousands_of_wrenches_are_shared_out_as_scipy_does():
    vehicle, rng = Vehicle(BOT), np.random.default_rng(1)
    for _ in range(2000):
        assert_is_optimal(vehicle, random_wrench(rng))


def test_failed_thrusters_are_done_without_as_scipy_does():
    rng = np.random.default_rng(2)
    words = np.array(["working", "stuck_closed", "stuck_open"])
    for _ in range(1000):
        vehicle = Vehicle(BOT)
        # From one failure to all, down to ranks below six.
        chance = rng.random()
        for thruster in range(16):
            shares = [1 - chance, chance * 0.8, chance * 0.2]
            vehicle.set_condition(thruster, str(rng.choice(words, p=shares)))
        assert_is_optimal(vehicle, random_wrench(rng))


def test_thrusters_that_are_all_alike_share_evenly():
    position = "{position_m: [0, 0, 0], force_direction: [0, 1, 0]}"
    text = f"""
vehicle_version: 1
name: alike
body: {{dry_mass_kg: 1, dry_inertia_kg_m2: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}}
propellant: {{mass_kg: 1, tank_radius_m: 0, specific_impulse_s: 100}}
rcs:
  pulse_window_s: 0.1
  minimum_on_time_s: 0
  clusters: [{{name: A, thrust_n: 10, thrusters: [{", ".join([position] * 32)}]}}]
"""
    vehicle = Vehicle(VehicleConfig.from_yaml(text))
    for force, fraction in ((160.0, 0.5), (500.0, 1.0), (-5.0, 0.0)):
        found = vehicle.allocate([0.0, force, 0.0]).fractions
        np.testing.assert_allclose(found, fraction, atol=1e-4)


def test_the_geometry_has_the_original_s_groups():
    f = np.cos(np.pi / 4)
    groups = {
        (1, -1): ([0, 1, 2, 3], 260),
        (1, 1): ([4, 5, 6, 7], 260),
        (2, -1): ([8, 9, 10, 11], 220),
        (2, 1): ([12, 13, 14, 15], 220),
        (0, -1): ([0, 2, 4, 6], 260),
        (0, 1): ([1, 3, 5, 7], 260),
    }
    for (axis, sign), (thrusters, thrust_n) in groups.items():
        wrench = B[:, thrusters].sum(axis=1)
        expected = np.zeros(6)
        expected[axis] = sign * 4 * thrust_n * f
        np.testing.assert_allclose(wrench, expected, atol=1e-9)
    assert round(4 * 260 * f, 1) == 735.4
    assert round(4 * 220 * f, 1) == 622.3  # the original writes 622.2
    assert "".join(BOT.thruster_clusters) == "AAAABBBBCCCCDDDD"


def test_every_axis_can_be_pushed_and_turned_without_another():
    assert np.linalg.matrix_rank(B) == 6
    for axis in AXES:
        # The largest s with B x = s axis, 0 ≤ x ≤ 1, by linear programming.
        answer = linprog(
            -np.eye(17)[16],
            A_eq=np.column_stack([B, -axis]),
            b_eq=np.zeros(6),
            bounds=[(0, 1)] * 16 + [(0, None)],
        )
        most = answer.x[16]
        assert most > (600 if axis[:3].any() else 200)
        allocation = Vehicle(BOT).allocate(0.999 * most * axis[:3], 0.999 * most * axis[3:])
        reached = np.concatenate([allocation.force_n, allocation.torque_n_m])
        # The propellant's weight costs a torque as much as its lever arm is short.
        np.testing.assert_allclose(reached, 0.999 * most * axis, atol=1e-4 * most)


@pytest.mark.parametrize("failed", range(16))
def test_any_one_thruster_may_fail(failed):
    vehicle = Vehicle(BOT)
    for condition in ("stuck_closed", "stuck_open"):
        vehicle.set_condition(failed, condition)
        for axis in AXES:
            wanted = axis * (100 if axis[:3].any() else 30)
            allocation = vehicle.allocate(wanted[:3], wanted[3:])
            reached = np.concatenate([allocation.force_n, allocation.torque_n_m])
            np.testing.assert_allclose(reached, wanted, atol=0.01)


def test_no_answer_that_reaches_as_much_needs_less_propellant():
    vehicle, rng = Vehicle(BOT), np.random.default_rng(3)
    for _ in range(200):
        inside = rng.random(16) * 0.3
        wanted = B @ inside
        found = vehicle.allocate(wanted[:3], wanted[3:]).fractions
        least = linprog(THRUST, A_eq=B, b_eq=wanted, bounds=[(0, 1)] * 16).fun
        assert THRUST @ found <= least * 1.02
