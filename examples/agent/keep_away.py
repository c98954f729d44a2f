"""An agent that keeps 500 m away from contacts that nobody knows."""

import numpy as np

from qiki.agent import Agent, Proposal, ProposalType, View, Wrench
from qiki.tracking import FriendFoe

KEEP_M = 500.0
PUSH_N = 200.0
LEAVE_M_S = 5.0
RESERVE_KG = 4.0


class KeepAway(Agent):
    """Pushes away from the nearest unknown contact that is too near and does not fall behind."""

    def decide(self, view: View) -> list[Proposal]:
        """Propose the push, with its reason."""
        if view.vehicle is None or view.vehicle.propellant_kg < RESERVE_KG:
            return []
        unknown = view.tracks[view.tracks["friend_foe"] == FriendFoe.UNKNOWN]
        away_m = view.vehicle.position_m - unknown["position_m"]
        range_m = np.linalg.norm(away_m, axis=1)
        past_m_s = view.vehicle.velocity_m_s - unknown["velocity_m_s"]
        leaving_m_s = (past_m_s * away_m).sum(axis=1) / np.maximum(range_m, 1.0)
        # Who leaves fast enough needs no push: propellant is for 23 m/s in all.
        near = (range_m < KEEP_M) & (leaving_m_s < LEAVE_M_S)
        if not near.any():
            return []
        nearest = np.where(near, range_m, np.inf).argmin()
        push_n = PUSH_N * away_m[nearest] / max(range_m[nearest], 1.0)
        return [
            Proposal(
                name="keep-away",
                type=ProposalType.SAFETY,
                justification=f"unknown contact {unknown['number'][nearest]} is at "
                f"{range_m[nearest]:.0f} m, must be at least {KEEP_M:g} m away",
                priority=0.8,
                # Forces are in the body frame.
                actions=(Wrench(tuple(view.vehicle.attitude.T @ push_n), duration_s=1.0),),
            )
        ]
