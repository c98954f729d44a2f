"""Types of bodies that a tracker tells apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from qiki.radar import Scenario


class ObjectTypeConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of the bodies of one type, one row of `TrackerConfig.object_types`.

    Attributes
    ----------
    object_type : str
        ``"drone"``, ``"ship"``, ``"station"``, ``"asteroid"`` or ``"debris"``; each
        once in a table.
    prior_probability : float
        Probability that a body which nothing is known of is of the type, 1e-6 to 1. What the sum
        over the table leaves to one, 1e-6 at least, is that of bodies of no type.
    rcs_dbsm : float
        Mean over the bodies of the type of the radar cross section that a radar reports of one in
        the mean of the decibels [dBsm], -200 to 200. With Swerling 1 or 2 that is 2.5 dB below the
        decibels of the mean.
    rcs_std_db : float
        Standard deviation of that from body to body [dB], 0.1 to 100.
    speed_m_s : tuple of 2 floats
        Lowest and highest horizontal speed [m/s], all between as probable.
    transponder_probability : float
        Probability that such a body carries a transponder which answers, 0 to 1.
    ids : tuple of str
        Transponder identities of bodies that are known to be of the type, 1 to 32 bytes each.
    """

    object_type: Literal["drone", "ship", "station", "asteroid", "debris"]
    prior_probability: float
    rcs_dbsm: float
    rcs_std_db: float
    speed_m_s: tuple[float, float]
    transponder_probability: float
    ids: tuple[str, ...] = ()


STANDARD_OBJECT_TYPES = (
    ObjectTypeConfig(
        object_type="drone",
        prior_probability=0.3,
        rcs_dbsm=2.0,
        rcs_std_db=4.0,
        speed_m_s=(5.0, 250.0),
        transponder_probability=0.7,
    ),
    ObjectTypeConfig(
        object_type="ship",
        prior_probability=0.3,
        rcs_dbsm=14.0,
        rcs_std_db=7.0,
        speed_m_s=(0.0, 100.0),
        transponder_probability=0.5,
    ),
    ObjectTypeConfig(
        object_type="station",
        prior_probability=0.1,
        rcs_dbsm=23.0,
        rcs_std_db=5.0,
        speed_m_s=(0.0, 1.0),
        transponder_probability=0.95,
    ),
    ObjectTypeConfig(
        object_type="asteroid",
        prior_probability=0.05,
        rcs_dbsm=35.0,
        rcs_std_db=8.0,
        speed_m_s=(0.0, 50.0),
        transponder_probability=0.0,
    ),
    ObjectTypeConfig(
        object_type="debris",
        prior_probability=0.2,
        rcs_dbsm=0.0,
        rcs_std_db=5.0,
        speed_m_s=(0.0, 40.0),
        transponder_probability=0.0,
    ),
)
"""Types that suit the scenarios that come with QIKI and name none of their own."""


def object_types_for(scenario: Scenario) -> tuple[ObjectTypeConfig, ...]:
    """Return the types that a scenario names, or else the standard ones.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    tuple of ObjectTypeConfig
    """
    named = scenario.object_types_json
    if named is None:
        return STANDARD_OBJECT_TYPES
    return msgspec.json.decode(named, type=tuple[ObjectTypeConfig, ...])
