"""The two state machines of an agent, as the original has them: the system's and the ship's.

The system's says whether the agent works, the ship's what the vehicle is doing. Both are tables;
``docs/agent.md`` shows them as diagrams, which are made from here.
"""

from enum import StrEnum

from qiki.agent.state_table import StateTable


class SystemState(StrEnum):
    """Whether the agent works; names and numbers are those of ``fsm_state.proto``."""

    BOOTING = "BOOTING"
    IDLE = "IDLE"
    ACTIVE = "ACTIVE"
    ERROR_STATE = "ERROR_STATE"
    SHUTDOWN = "SHUTDOWN"


class SystemEvent(StrEnum):
    """What moves the system's machine.

    Attributes
    ----------
    BOOT_COMPLETE
        The BIOS says that all devices are well, and what is seen can be trusted.
    BIOS_ERROR
        It says that one is not, or it is silent.
    ERROR_CLEARED
        Neither that nor a critical alert stands any more.
    PROPOSALS_RECEIVED, NO_PROPOSALS
        Somebody proposes something, nobody does.
    GUARD_CRITICAL, GUARD_WARNING
        An alert of that severity has been raised.
    SHUTDOWN_REQUESTED
        The agent is told to end.
    """

    BOOT_COMPLETE = "BOOT_COMPLETE"
    BIOS_ERROR = "BIOS_ERROR"
    ERROR_CLEARED = "ERROR_CLEARED"
    PROPOSALS_RECEIVED = "PROPOSALS_RECEIVED"
    NO_PROPOSALS = "NO_PROPOSALS"
    GUARD_CRITICAL = "GUARD_CRITICAL"
    GUARD_WARNING = "GUARD_WARNING"
    SHUTDOWN_REQUESTED = "SHUTDOWN_REQUESTED"


SYSTEM = StateTable(
    SystemState,
    SystemEvent,
    SystemState.BOOTING,
    """
    BOOT_COMPLETE BIOS_ERROR ERROR_CLEARED PROPOSALS_RECEIVED NO_PROPOSALS GUARD_CRITICAL GUARD_WARNING SHUTDOWN_REQUESTED
    BOOTING     IDLE  ERROR_STATE  .     .       .     ERROR_STATE  .       SHUTDOWN
    IDLE        .     ERROR_STATE  .     ACTIVE  .     ERROR_STATE  ACTIVE  SHUTDOWN
    ACTIVE      .     ERROR_STATE  .     .       IDLE  ERROR_STATE  .       SHUTDOWN
    ERROR_STATE .     .            IDLE  .       .     .            .       SHUTDOWN
    SHUTDOWN    .     .            .     .       .     .            .       .
    """,  # noqa: E501 - a matrix
)


class ShipState(StrEnum):
    """What the vehicle is doing."""

    SHIP_STARTUP = "SHIP_STARTUP"
    SHIP_IDLE = "SHIP_IDLE"
    FLIGHT_CRUISE = "FLIGHT_CRUISE"
    FLIGHT_MANEUVERING = "FLIGHT_MANEUVERING"
    DOCKING_APPROACH = "DOCKING_APPROACH"
    DOCKING_ENGAGED = "DOCKING_ENGAGED"
    SAFE_MODE = "SAFE_MODE"
    EMERGENCY_STOP = "EMERGENCY_STOP"
    SYSTEMS_ERROR = "SYSTEMS_ERROR"


class ShipEvent(StrEnum):
    """What moves the ship's machine.

    Attributes
    ----------
    READY
        All devices are well.
    FAULT
        One is not.
    REST, CRUISE, MANOEUVRE
        The vehicle rests, coasts, or its thrusters work for a decision that was carried out.
    APPROACH
        It is near a station and on its way to dock.
    CAPTURED
        A station's port holds it.
    SAFE_MODE_REQUEST, SAFE_MODE_EXIT
        What is needed to decide is missing; it has been there again for long enough.
    STOP, STOP_CLEARED
        An operator stops the vehicle, and lets it go on.
    """

    READY = "READY"
    FAULT = "FAULT"
    REST = "REST"
    CRUISE = "CRUISE"
    MANOEUVRE = "MANOEUVRE"
    APPROACH = "APPROACH"
    CAPTURED = "CAPTURED"
    SAFE_MODE_REQUEST = "SAFE_MODE_REQUEST"
    SAFE_MODE_EXIT = "SAFE_MODE_EXIT"
    STOP = "STOP"
    STOP_CLEARED = "STOP_CLEARED"


SHIP = StateTable(
    ShipState,
    ShipEvent,
    ShipState.SHIP_STARTUP,
    """
    READY FAULT REST CRUISE MANOEUVRE APPROACH CAPTURED SAFE_MODE_REQUEST SAFE_MODE_EXIT STOP STOP_CLEARED
    SHIP_STARTUP       SHIP_IDLE SYSTEMS_ERROR .         .             .                  .                .               SAFE_MODE . EMERGENCY_STOP .
    SHIP_IDLE          .         SYSTEMS_ERROR .         FLIGHT_CRUISE FLIGHT_MANEUVERING DOCKING_APPROACH DOCKING_ENGAGED SAFE_MODE . EMERGENCY_STOP .
    FLIGHT_CRUISE      .         SYSTEMS_ERROR SHIP_IDLE .             FLIGHT_MANEUVERING DOCKING_APPROACH DOCKING_ENGAGED SAFE_MODE . EMERGENCY_STOP .
    FLIGHT_MANEUVERING .         SYSTEMS_ERROR SHIP_IDLE FLIGHT_CRUISE .                  DOCKING_APPROACH DOCKING_ENGAGED SAFE_MODE . EMERGENCY_STOP .
    DOCKING_APPROACH   .         SYSTEMS_ERROR SHIP_IDLE FLIGHT_CRUISE FLIGHT_MANEUVERING .                DOCKING_ENGAGED SAFE_MODE . EMERGENCY_STOP .
    DOCKING_ENGAGED    .         SYSTEMS_ERROR SHIP_IDLE FLIGHT_CRUISE FLIGHT_MANEUVERING DOCKING_APPROACH .               SAFE_MODE . EMERGENCY_STOP .
    SAFE_MODE          .         .             .         .             .                  .                .               .         SHIP_IDLE EMERGENCY_STOP .
    EMERGENCY_STOP     .         .             .         .             .                  .                .               .         .         . SHIP_IDLE
    SYSTEMS_ERROR      SHIP_IDLE .             .         .             .                  .                .               SAFE_MODE . EMERGENCY_STOP .
    """,  # noqa: E501 - a matrix
)
