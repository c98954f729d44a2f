"""What makes a run of frames a failure, though it came to its end."""

from qiki.errors import BrokerError


def require_all_used(frames: int, *, lost: int, not_accepted: int) -> None:
    """Refuse to call a run a success in which the tracker did not use every frame.

    Parameters
    ----------
    frames : that were published.
    lost : of them without an answer.
    not_accepted : answers with the verdict refused or late.

    Raises
    ------
    BrokerError : there are such frames.
    """
    if lost:
        raise BrokerError(
            f"{lost} of {frames} frames were lost, must be 0: see the log lines above"
        )
    if not_accepted:
        raise BrokerError(
            f"{not_accepted} of {frames} frames were not accepted by the tracker, must be 0: see "
            "the log lines of the bridge for the reason"
        )
