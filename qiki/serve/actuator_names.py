"""What the actuators of every vehicle are called by gRPC; each load of its file is one, too."""

from qiki.vehicle.config import WHEELS

# Unit vectors in the body frame: X to starboard, Y to the bow, Z up.
AXES = {
    "forward": (0.0, 1.0, 0.0),
    "aft": (0.0, -1.0, 0.0),
    "port": (-1.0, 0.0, 0.0),
    "starboard": (1.0, 0.0, 0.0),
    "up": (0.0, 0.0, 1.0),
    "down": (0.0, 0.0, -1.0),
}
DOCK = "dock"
RCS = "rcs"
THRUSTERS = (RCS, *(f"rcs_{axis}" for axis in AXES))
MOTORS = {f"motor_{wheel}": f"{wheel}_pct" for wheel in WHEELS}  # as the original's roles
RESERVED = (*THRUSTERS, *MOTORS)  # no load may be called so: nobody could switch it
