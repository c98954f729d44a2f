"""Four targets in the plane that meet at one point, a scene of the literature on tracking."""

import numpy as np

STEPS = 81
MIDDLE = 40
SIDE_M = 300.0
AREA_M2 = SIDE_M**2
NOISE_M2 = np.eye(2)
DENSITY_M2_S3 = 0.02
DETECTION_PROBABILITY = 0.9
CLUTTER_PER_STEP = 10.0
CUTOFF_M = 10.0


def four_meeting(seed):
    """Four targets that meet at the centre at step 41, where the first ends; steps of positions.

    Constant velocity with noise, forward and backward from a state at step 41 near (150, 150);
    detection probability 0.9, ten false alarms a step. Yields the truth and the measurements.
    """
    random = np.random.default_rng(seed)
    along = np.array([[1.0, 1.0], [0.0, 1.0]])
    root = np.linalg.cholesky(DENSITY_M2_S3 * np.array([[1 / 3, 1 / 2], [1 / 2, 1.0]]))
    states = np.empty((STEPS, 4, 2, 2))  # step, target, position and velocity, axis
    centre = np.full((2, 2), [[0.5 * SIDE_M], [0.0]])
    states[MIDDLE] = centre + random.normal(size=(4, 2, 2)) * np.sqrt(0.05)
    for step in range(MIDDLE + 1, STEPS):
        states[step] = along @ states[step - 1] + root @ random.normal(size=(4, 2, 2))
    for step in range(MIDDLE - 1, -1, -1):
        noise = root @ random.normal(size=(4, 2, 2))
        states[step] = np.linalg.inv(along) @ (states[step + 1] - noise)
    for step in range(STEPS):
        truth_m = states[step, int(step >= MIDDLE) :, 0]
        seen_m = truth_m[random.random(len(truth_m)) < DETECTION_PROBABILITY]
        clutter_m = random.random((random.poisson(CLUTTER_PER_STEP), 2)) * SIDE_M
        measured_m = np.concatenate([seen_m + random.normal(size=seen_m.shape), clutter_m])
        yield truth_m, random.permutation(measured_m)
