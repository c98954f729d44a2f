"""Targets that fly straight and turn at up to 7 g, and how many of them a tracker loses."""

import numpy as np

from qiki.tracking import (
    ConstantVelocity,
    CoordinatedTurn,
    Tracker,
    TrackerConfig,
    TrackStatus,
)

G_M_S2 = 9.80665
SPEED_M_S = 300.0
STD_M = 30.0
DETECTION_PROBABILITY = 0.8
SCANS = 60
SETTLED = 6
"""Scans in which a target gets its track."""
OUTSIDE_M = 300.0
LOST_AFTER_S = 5.0
TURNING = TrackerConfig(
    detection_probability=DETECTION_PROBABILITY,
    initial_speed_std_m_s=200.0,
    motion_models=(
        ConstantVelocity(initial_probability=0.8, mean_sojourn_s=10.0),
        CoordinatedTurn(
            initial_probability=0.2,
            mean_sojourn_s=10.0,
            process_noise_m2_s3=50.0,
            turn_rate_noise_deg2_s3=4.0,
        ),
    ),
)


def ways(targets, seed):
    """Positions of the targets once a second, (scans, targets, 3), 50 km from one another."""
    random = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(targets)))
    home = 5e4 * np.array([(k % side, k // side, 0.0) for k in range(targets)])
    heading = random.uniform(0.0, 2.0 * np.pi, targets)
    turn_rate, left_s = np.zeros(targets), random.uniform(5.0, 15.0, targets)
    step_s, offset, seen = 0.05, np.zeros((targets, 3)), []
    for tick in range(int(SCANS / step_s)):
        if tick % int(1.0 / step_s) == 0:
            seen.append(home + offset)
        over = left_s <= 0.0
        turns = turn_rate != 0.0
        g = random.uniform(1.0, 7.0, targets) * random.choice([-1.0, 1.0], targets)
        turn_rate = np.where(over, np.where(turns, 0.0, g * G_M_S2 / SPEED_M_S), turn_rate)
        left_s = np.where(over, random.uniform(5.0, 15.0, targets), left_s) - step_s
        heading = heading + 0.5 * turn_rate * step_s
        offset[:, 0] += SPEED_M_S * step_s * np.cos(heading)
        offset[:, 1] += SPEED_M_S * step_s * np.sin(heading)
        heading = heading + 0.5 * turn_rate * step_s
    return np.array(seen)


def follow(config, targets=200, seed=1):
    """Share of the targets whose own track is more than 5 s outside 300 m, and the RMS error [m].

    The error is that of position and counts inside the 300 m.
    """
    random = np.random.default_rng(seed + 1000)
    tracker, outside_s, own, errors_m = Tracker(config), np.zeros(targets), None, []
    for second, truth_m in enumerate(ways(targets, seed)):
        seen = random.random(targets) < DETECTION_PROBABILITY
        positions_m = truth_m[seen] + random.normal(size=(seen.sum(), 3)) * STD_M
        tracker.step_positions(
            np.ascontiguousarray(positions_m), np.eye(3) * STD_M**2, second * 10**9, volume_m3=1e15
        )
        tracks = tracker.tracks()
        live = np.isin(tracks["status"], [TrackStatus.TRACKED, TrackStatus.COASTING])
        place_m, number = tracks["position_m"][live], tracks["number"][live]
        away_m = np.linalg.norm(truth_m[:, None] - place_m[None], axis=2)
        if second == SETTLED:
            own = number[away_m.argmin(axis=1)]
        if own is not None:
            mine = np.where(own[:, None] == number[None], away_m, np.inf)
            error_m = mine.min(axis=1, initial=np.inf)
            outside_s += error_m > OUTSIDE_M
            errors_m.append(error_m[error_m <= OUTSIDE_M])
    rms_m = np.sqrt(np.mean(np.concatenate(errors_m) ** 2))
    return float(np.mean(outside_s > LOST_AFTER_S)), float(rms_m)
