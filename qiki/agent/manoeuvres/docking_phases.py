"""How far docking is, and what moves it on, as one table."""

from enum import StrEnum

from qiki.agent.state_table import StateTable


class DockPhase(StrEnum):
    """How far it is."""

    SEEK = "SEEK"
    TRANSIT = "TRANSIT"
    ALIGN = "ALIGN"
    CORRIDOR = "CORRIDOR"
    FINAL = "FINAL"
    RETREAT = "RETREAT"
    HELD = "HELD"
    GIVEN_UP = "GIVEN_UP"


class DockEvent(StrEnum):
    """What moves it on.

    Attributes
    ----------
    FOUND, LOST
        The station's place is known well enough; it is not known any more.
    AT_GATE
        The port is near the gate.
    ALIGNED
        It rests there, in the docked attitude, engaged, and the place is known well.
    IN_SIGHT
        The camera sees the station's port.
    OUTSIDE
        The port is out of the corridor, or the camera does not see what it should.
    LATE
        The phase takes too long.
    CLEAR
        The retreat is at its end.
    CAPTURED, FREE
        The station holds the port; it does not any more.
    HOPELESS
        One retreat too many, or too little propellant for the corridor.
    """

    FOUND = "FOUND"
    LOST = "LOST"
    AT_GATE = "AT_GATE"
    ALIGNED = "ALIGNED"
    IN_SIGHT = "IN_SIGHT"
    OUTSIDE = "OUTSIDE"
    LATE = "LATE"
    CLEAR = "CLEAR"
    CAPTURED = "CAPTURED"
    FREE = "FREE"
    HOPELESS = "HOPELESS"


DOCK = StateTable(
    DockPhase,
    DockEvent,
    DockPhase.SEEK,
    """
    FOUND LOST AT_GATE ALIGNED IN_SIGHT OUTSIDE LATE CLEAR CAPTURED FREE HOPELESS
    SEEK      TRANSIT .    .     .        .     .       .       .     HELD .       .
    TRANSIT   .       SEEK ALIGN .        .     .       .       .     HELD .       GIVEN_UP
    ALIGN     .       SEEK .     CORRIDOR .     TRANSIT TRANSIT .     HELD .       GIVEN_UP
    CORRIDOR  .       SEEK .     .        FINAL RETREAT RETREAT .     HELD .       .
    FINAL     .       .    .     .        .     RETREAT RETREAT .     HELD .       .
    RETREAT   .       SEEK .     .        .     .       .       ALIGN HELD .       GIVEN_UP
    HELD      .       .    .     .        .     .       .       .     .    RETREAT .
    GIVEN_UP  .       .    .     .        .     .       .       .     HELD .       .
    """,
)
