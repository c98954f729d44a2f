"""Vehicle files: YAML that says what a vehicle is made of."""

from importlib.resources import files

from qiki._core import CheckedVehicle
from qiki.document_file import DocumentFile
from qiki.errors import VehicleError

WHEELS = ("left", "right")  # of a drive, in the order in which the core tells of them


class VehicleConfig(DocumentFile, CheckedVehicle):
    """What a vehicle is made of: body, propellant, thrusters. Immutable.

    `docs/vehicle.md` has the format, `qiki/bots/default.yaml` shows it with comments. Use
    `VehicleConfig.load` or `VehicleConfig.from_yaml`; the constructor takes the document as JSON
    text.

    Attributes
    ----------
    name, description : str
        Short name, and what the vehicle is.
    step_ns, pulse_window_ns, minimum_on_time_ns : int
        Internal step, pulse window and shortest pulse [ns].
    dry_mass_kg, propellant_kg : float
        Mass without propellant and propellant of a full tank [kg].
    specific_impulse_s : float
        Specific impulse [s].
    thruster_clusters : tuple of str
        Name of the cluster of each thruster.
    thrust_n : (n,) float64
        Thrust of each thruster [N].
    thruster_wrenches : (n, 6) float64
        Force [N] and torque [N m] of each thruster, in the body frame.
    """

    _folder = files("qiki.bots")
    _refusal = VehicleError
