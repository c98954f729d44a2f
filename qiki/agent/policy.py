"""A policy that was trained in process, as an agent behind the services."""

from abc import abstractmethod

import numpy as np
import numpy.typing as npt

from qiki._core import OwnState, observe
from qiki.agent.agent import Agent
from qiki.agent.craft import Craft
from qiki.agent.proposal import Action, Command, Proposal, ProposalType, Wrench
from qiki.agent.vehicle_view import VehicleView
from qiki.agent.view import View

PORT_LEVEL = 0.5  # of the last number: beyond it a port is engaged, below its negative released
LEAST_DURATION_S = 1.0  # of a push, which each tick replaces

Numbers = npt.NDArray[np.float32]


class PolicyAgent(Agent):
    """An agent that does at each tick what a policy answers: derive from it, and give `act`.

    The policy sees the numbers, and its answer does what it does, in `qiki.agent.env.QikiEnv`. What
    is not to be trusted has no numbers: then it is not asked, and nothing is proposed. With an
    empty tank it proposes no push, which services would refuse.

    Attributes
    ----------
    station_id : what the station's transponder replies, as ``QikiEnv.batch.station_id`` has it;
        None: its track is known by its object type.
    """

    station_id: str | None = None

    @abstractmethod
    def act(self, observation: Numbers) -> Numbers:
        """Return the action.

        Parameters
        ----------
        observation : as `qiki.agent.env.observation_layout` tells.

        Returns
        -------
        (7,) float32
            Each from -1 to 1, beyond it as at the limit: force and torque in the body frame by
            axis, and the port, engaged above 0.5 and released below -0.5.
        """

    def decide(self, view: View) -> list[Proposal]:
        """Propose what the policy answers.

        Raises
        ------
        ValueError : it answers NaN, or not seven numbers.
        """
        vehicle, craft = view.vehicle, view.craft
        if vehicle is None or craft is None or not view.trust["tracks"].is_ok:
            return []
        numbers = _checked(
            self.act(observe(own_state(vehicle, craft), view.tracks, self.station_id))
        )
        return [
            Proposal(
                name="policy",
                type=ProposalType.PLANNING,
                justification=f"the policy answers {[round(it, 3) for it in numbers.tolist()]}",
                actions=_actions(numbers, vehicle, craft, view.period_s),
            )
        ]


def own_state(vehicle: VehicleView, craft: Craft) -> OwnState:
    """Return what `observe` needs of a vehicle.

    Parameters
    ----------
    vehicle : as telemetry tells it.
    craft : what it is made of.
    """
    docking = vehicle.docking
    seen = () if docking is None else (docking.offset_m, docking.velocity_m_s, docking.turn_deg)
    sight = [vector for vector in seen if vector is not None]
    full_kg = craft.full_propellant_kg
    return OwnState(
        vehicle.time_ns,
        vehicle.position_m,
        vehicle.velocity_m_s,
        vehicle.quaternion,
        vehicle.angular_velocity_rad_s,
        propellant=vehicle.propellant_kg / full_kg if full_kg > 0.0 else 0.0,
        charge_pct=vehicle.charge_pct or 0.0,
        phase="free" if docking is None else docking.phase,
        is_engaged=docking is not None and docking.port is not None,
        sight=sight or None,
    )


def _checked(answer: Numbers) -> Numbers:
    numbers = np.asarray(answer, np.float32)
    if numbers.shape != (7,) or np.isnan(numbers).any():
        raise ValueError(
            f"action is {numbers}, must be 7 numbers from -1 to 1: look why the policy answers that"
        )
    return np.clip(numbers, -1.0, 1.0)


def _actions(
    numbers: Numbers, vehicle: VehicleView, craft: Craft, period_s: float
) -> tuple[Action, ...]:
    """Return what the world in process does at such an answer: the push, and what the port does."""
    x_n, y_n, z_n, *torque_n_m = (numbers[:6].astype(float) * craft.largest_wrench).tolist()
    roll_n_m, pitch_n_m, yaw_n_m = torque_n_m
    duration_s = max(LEAST_DURATION_S, 2.0 * period_s)
    wrench = Wrench((x_n, y_n, z_n), (roll_n_m, pitch_n_m, yaw_n_m), duration_s)
    port = _port_command(float(numbers[6]), vehicle, craft)
    # Refused without propellant, it would take the port with it; in process it does nothing then.
    push = (wrench,) if vehicle.propellant_kg > 0.0 else ()
    return push if port is None else (*push, port)


def _port_command(level: float, vehicle: VehicleView, craft: Craft) -> Command | None:
    docking = vehicle.docking
    if docking is None:
        return None
    if level > PORT_LEVEL and docking.port is None:
        return Command("sim.dock.engage", {"port": next(iter(craft.ports))})
    if level < -PORT_LEVEL and docking.port is not None:
        return Command("sim.dock.release")
    return None
