"""What the agent's service has heard, and whether that may still be acted on."""

import msgspec
from msgspec import Struct

from qiki.agent.alert import Alert, StandingAlerts
from qiki.agent.craft import Craft
from qiki.agent.loop import Known
from qiki.agent.picture import Picture
from qiki.agent.trust import Trust, Verdict, freshness
from qiki.agent.vehicle_view import VehicleView, VehicleViewError, vehicle_view
from qiki.agent_settings import AgentSettings
from qiki.bios.self_test import State
from qiki.errors import QikiError
from qiki.wire import TracksMessage

NAMED_MAX = 4  # devices in a reason
ACCEPTED = "accepted"
PERIODS = 1.5
BLIND = "the radar is off, has no power or is silent; sim.radar.on switches it on"


class _Device(Struct):
    device_name: str
    status: int
    status_message: str = ""


class _Bios(Struct):
    post_results: list[_Device]


class AgentInputs:
    """The newest of tracks, alerts, vehicle and BIOS, each with the time at which it was heard.

    Times are of the monotonic clock [s]; whoever calls tells it, so that nothing here has a clock.

    Parameters
    ----------
    settings : how old and how bad what is heard may be.
    craft : what the vehicle is made of, None where there is none.
    radar_period_s : of the radar whose frames make the ticks [s].

    Attributes
    ----------
    vehicle : the newest state of the vehicle, None before it.
    """

    def __init__(
        self, settings: AgentSettings, craft: Craft | None = None, radar_period_s: float = 0.0
    ) -> None:
        self.vehicle: VehicleView | None = None
        self._settings = settings
        self._craft = craft
        # A slow radar has nothing to tell between two of its frames.
        self._tracks_age_s = max(settings.max_age_s, PERIODS * radar_period_s)
        self._picture = Picture()
        self._tracks_ns: int | None = None  # of the newest frame that looked and changed tracks
        self._alerts = StandingAlerts()
        self._raised: list[Alert] = []
        self._heard_s: dict[str, float] = {}
        self._problem: dict[str, str] = {}
        self._stands_s: float | None = None
        self._catching_up = ""  # how far; empty: all that was stored is read

    @property
    def time_ns(self) -> int:
        """World time of the newest tracks or vehicle [ns]; 0 before both."""
        vehicle_ns = 0 if self.vehicle is None else self.vehicle.time_ns
        return max(vehicle_ns, self._picture.time_ns or 0)

    def take_tracks(self, message: TracksMessage, now_s: float, *, looked: bool = True) -> None:
        """Take what a frame did to the tracks, and its alerts.

        Parameters
        ----------
        message : the answer to the frame.
        now_s : when it was heard [s].
        looked : whether the radar searched anything for it; else no track is any fresher by it.
        """
        if self._picture.take(message):
            self._tracks_ns = None
            self._alerts.clear()
            self._raised.clear()
        self._raised += self._alerts.take(message.alerts)
        if message.verdict != ACCEPTED:  # it changed no track: what is known only got older
            self.miss("tracks", f"frame {message.number} is {message.verdict}: {message.reason}")
            return
        if not looked:
            self.miss("tracks", f"frame {message.number} searched nothing: {BLIND}")
            return
        self._tracks_ns = max(message.time_ns, self._tracks_ns or message.time_ns)
        self._hear("tracks", now_s)

    def take_vehicle(self, telemetry: bytes, now_s: float) -> VehicleView | None:
        """Take the vehicle's state and return it; one that breaks its contract is a problem."""
        try:
            self.vehicle = vehicle_view(telemetry)
        except VehicleViewError as error:
            self._problem["vehicle"] = str(error)
            return None
        self._hear("vehicle", now_s)
        return self.vehicle

    def take_bios(self, payload: bytes, now_s: float) -> None:
        """Take a report of the devices."""
        self._hear("bios", now_s)
        try:
            report = msgspec.json.decode(payload, type=_Bios)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._problem["bios"] = f"bios breaks its contract: {error}"
            return
        if (unwell := _unwell(report)) is not None:
            self._problem["bios"] = f"bios: {unwell}"

    def miss(self, source: str, error: QikiError | str) -> None:
        """Take down why a source could not be read; what was read of it before gets older."""
        self._problem[source] = str(error)

    def begin_anew(self) -> None:
        """Forget tracks and alerts: what told of them, or the world, is another one."""
        self._picture, self._alerts, self._raised = Picture(), StandingAlerts(), []
        self._tracks_ns = None
        self._heard_s.pop("tracks", None)

    def catch_up(self, how_far: str) -> None:
        """Trust no tracks while those of the past are read; `how_far` says it in words."""
        self._catching_up = how_far

    def caught_up(self) -> None:
        """Take the alerts that stand as those that were raised: nobody has seen them yet."""
        self._raised = list(self._alerts.all)
        self._catching_up = ""

    def stand(self, now_s: float) -> None:
        """Let nothing get older while the world stands: nobody has anything to tell."""
        stood_s = 0.0 if self._stands_s is None else now_s - self._stands_s
        for source in ("tracks", "vehicle"):
            if source in self._heard_s:
                self._heard_s[source] += stood_s
        self._stands_s = now_s

    def go_on(self) -> None:
        """Let it get older again."""
        self._stands_s = None

    def known(self, period_s: float, mission: str, now_s: float, epoch: int = 0) -> Known:
        """Return what is known now; alerts that were raised are told once."""
        raised, self._raised = self._raised, []
        return Known(
            time_ns=self.time_ns,
            period_s=period_s,
            tracks=self._picture.confirmed(self._settings.min_quality),
            vehicle=self.vehicle,
            raised=raised,
            standing=self._alerts.all,
            trust=self._trust(now_s),
            mission=mission,
            craft=self._craft,
            epoch=epoch,
        )

    def _trust(self, now_s: float) -> dict[str, Trust]:
        settings = self._settings
        limits_s = {
            "tracks": self._tracks_age_s,
            "vehicle": settings.max_age_s,
            "bios": settings.bios_max_age_s,
        }
        return {source: self._trust_of(source, limit, now_s) for source, limit in limits_s.items()}

    def _trust_of(self, source: str, limit_s: float, now_s: float) -> Trust:
        if source == "tracks" and self._catching_up:
            return Trust(Verdict.NO_DATA, None, self._catching_up)
        age_s, problem = self._age_s(source, now_s), self._problem.get(source)
        if source == "tracks" and age_s is not None:
            age_s = self._tracks_world_age_s(age_s, limit_s, now_s)
        fresh = freshness(source, age_s, limit_s)
        if problem is None:
            return fresh
        if source == "bios" or not fresh.is_ok:  # a report says what is; a read is tried again
            verdict = Verdict.INVALID if fresh.is_ok else fresh.verdict
            return Trust(verdict, age_s, "; ".join(filter(None, (fresh.reason, problem))))
        return fresh

    def _age_s(self, source: str, now_s: float) -> float | None:
        """Return how long ago a source was heard, in real time [s]; None: never."""
        heard_s = self._heard_s.get(source)
        return None if heard_s is None else max(0.0, now_s - heard_s)

    def _tracks_world_age_s(self, age_s: float, limit_s: float, now_s: float) -> float:
        """Return how old the tracks are by the vehicle, which tells what time it is in the world.

        Where the vehicle is too old for that, or its time is another world's, their age in real
        time stands. A world may be slower or faster than that, or wait for somebody.
        """
        tracks_ns, vehicle, told_s = self._tracks_ns, self.vehicle, self._age_s("vehicle", now_s)
        if tracks_ns is None or vehicle is None or told_s is None:
            return age_s
        behind_s = (vehicle.time_ns - tracks_ns) * 1e-9
        if told_s > self._settings.max_age_s or behind_s < -limit_s:
            return age_s
        return max(0.0, behind_s) + told_s

    def _hear(self, source: str, now_s: float) -> None:
        self._heard_s[source] = now_s
        self._problem.pop(source, None)


def _unwell(report: _Bios) -> str | None:
    """Name the devices that do not work; None where all do, though some may be degraded."""
    if not report.post_results:
        return "no device is there"
    found = [it for it in report.post_results if it.status == State.ERROR]
    if not found:
        return None
    named = [f"{it.device_name} ({it.status_message})" for it in found[:NAMED_MAX]]
    more = f" and {len(found) - NAMED_MAX} more" if len(found) > NAMED_MAX else ""
    return f"devices do not work: {', '.join(named)}{more}"
