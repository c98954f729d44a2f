"""The BIOS: tests the devices against the simulator, tells what it finds on the bus and HTTP."""

import asyncio
import time
import uuid
from typing import NoReturn

import msgspec
import structlog
from nats.aio.client import Client

from qiki.bios.devices import all_devices, profile_hash
from qiki.bios.report import Report
from qiki.bios.self_test import Evidence, State, self_test
from qiki.bus import headers, subjects
from qiki.bus.cloudevents import EventTemplate
from qiki.bus.connection import connected
from qiki.bus.durability import require_durable
from qiki.bus.publish import Message, Publisher
from qiki.bus.stream_apply import require
from qiki.errors import BrokerError
from qiki.figures import FIGURES
from qiki.radar import Scenario
from qiki.serve.bios_http import serve_bios_http
from qiki.serve.device_watch import DeviceWatch
from qiki.serve.observed import observed
from qiki.serve.own_ship import vehicle_config
from qiki.serve.settle import settle
from qiki.serve.simulator_probe import Probed, SimulatorProbe
from qiki.serve.stop_signal import stop_signal
from qiki.serve.watched import end_task
from qiki.settings import Settings

NAMED_MAX = 4  # devices in a line of the log
PATIENCE_CHECKS = 5  # that may be missed before the newest report is too old
PROBE_S = 3.0  # the longest that a test waits for the simulator

TEMPLATE = EventTemplate(
    "urn:qiki:q-bios-service", "qiki.events.v1.BiosStatus", schema=None, original=True
)

log = structlog.get_logger()


class Bios:
    """Tests the devices again and again.

    Parameters
    ----------
    client : an open connection to a broker with the declared streams.
    settings : what is tested, how often.
    scenario : the simulated world.

    Raises
    ------
    VehicleError : the vehicle's file cannot be used.
    """

    def __init__(self, client: Client, settings: Settings, scenario: Scenario) -> None:
        self._client = client
        self._settings = settings
        self._scenario = scenario
        self._devices = all_devices(scenario, vehicle_config(settings.vehicle.config))
        self._watch = DeviceWatch(client, [sensor.sensor_id for sensor in scenario.sensors])
        self._probe = SimulatorProbe(client, settings.grpc)
        self._publisher = Publisher(client, timeout_s=0.0)
        self._id = str(uuid.uuid4())
        self._started_s = time.monotonic()
        self._newest: Report | None = None
        self._told: Report | None = None  # the last that a stream has
        self._told_s = 0.0
        self._logged: tuple[tuple[object, ...], ...] = ()
        self._storing = True
        self._lock = asyncio.Lock()

    @property
    def newest(self) -> Report:
        """The newest report; there is one once `start` is done."""
        if self._newest is None:
            raise RuntimeError("start() makes the first report")
        return self._newest

    @property
    def stale_after_s(self) -> float:
        """Age at which the newest report is too old [s]."""
        return PATIENCE_CHECKS * self._settings.bios.check_interval_s + PROBE_S

    @property
    def age_s(self) -> float:
        """Age of the newest report [s]."""
        return time.monotonic() - self._started_s - self.newest.uptime_s

    def facts(self) -> dict[str, object]:
        """Return how many devices are in each state, and what is known of those not OK."""
        states = [result.finding.state for result in self.newest.results]
        return {
            "all_systems_go": self.newest.all_systems_go,
            "devices": {state.name: states.count(state) for state in State},
            "not_ok": {
                it.device.name: it.finding.message
                for it in self.newest.results
                if it.finding.state != State.OK
            },
        }

    async def start(self) -> None:
        """Listen, make the first report and publish it."""
        await self._watch.start()
        await self.check()

    async def run(self, stop: asyncio.Event) -> None:
        """Test until `stop` is set, also in the middle of a test that waits for an answer."""
        testing = asyncio.create_task(self._test_on())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({testing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if testing.done():
                testing.result()
        finally:
            await end_task(testing)
            await end_task(stopping)
            await self._watch.end()
            await self._probe.close()
        log.info("bios_ended")

    async def _test_on(self) -> NoReturn:
        while True:
            await asyncio.sleep(self._settings.bios.check_interval_s)
            await self.check()

    async def reload(self) -> Report:
        """Read the vehicle's file anew and test its devices; return the report.

        Raises
        ------
        VehicleError : it cannot be used; the devices are then those that were.
        """
        self._devices = all_devices(self._scenario, vehicle_config(self._settings.vehicle.config))
        log.info("bios_reloaded", devices=len(self._devices))
        return await self.check()

    async def check(self) -> Report:
        """Test all devices once, publish what is due, return the report."""
        async with self._lock:
            report = self._report(await self._probe.ask())
            self._newest = report
            FIGURES.worked()
            self._log(report)
            if self._is_due(report):
                await self._publish(report)
            return report

    def _report(self, probed: Probed) -> Report:
        stale_after_s = self._settings.bios.stale_after_s
        telemetry, problem = self._watch.telemetry(stale_after_s)
        world = None if telemetry is None else telemetry.sim_state
        if probed.problem is not None or (world is not None and world.stands):
            self._watch.begin_radars()
        evidence = Evidence(
            simulator_problem=probed.problem,
            frame_radar_id=self._scenario.sensors[0].sensor_id,
            frame_problem=probed.frame_problem,
            sensors=probed.sensors,
            telemetry=telemetry,
            telemetry_problem=problem,
            radars=self._watch.radars(None if telemetry is None else telemetry.sim_time_ns),
            stale_after_s=stale_after_s,
        )
        return Report(
            self._id,
            time.time_ns(),
            time.monotonic() - self._started_s,
            profile_hash(self._devices),
            self_test(self._devices, evidence),
        )

    def _is_due(self, report: Report) -> bool:
        """Return whether the stream lacks what the report says, or has had nothing for a while."""
        if self._told is None or self._told.findings != report.findings:
            return True
        # Half an interval early is nearer than half a one late.
        margin_s = 0.5 * self._settings.bios.check_interval_s
        silent_s = time.monotonic() - self._told_s
        return silent_s + margin_s >= self._settings.bios.publish_interval_s

    async def _publish(self, report: Report) -> None:
        """Store a report; one that is not stored is due with the next test again."""
        event_id = f"bios-{report.time_ns // 1_000_000}-{uuid.uuid4().hex}"
        header = TEMPLATE.headers(event_id, report.time_ns) | {headers.MESSAGE_ID: event_id}
        message = Message(subjects.BIOS_STATUS, msgspec.json.encode(report.document()), header)
        try:
            if not self._client.is_connected:
                raise BrokerError("the broker is away")  # noqa: TRY301 - told as the others
            await self._publisher.publish(message)
        except BrokerError as error:
            if self._storing:
                log.warning("bios_not_published", reason=str(error))
            self._storing = False
        else:
            self._storing = True
            self._told, self._told_s = report, time.monotonic()

    def _log(self, report: Report) -> None:
        if report.findings == self._logged:
            return
        self._logged = report.findings
        bad = [it for it in report.results if it.finding.state != State.OK]
        shown = {it.device.name: it.finding.message for it in bad[:NAMED_MAX]}
        log.info("bios_status", go=report.all_systems_go, not_ok=len(bad), first=shown)


async def serve_bios(settings: Settings) -> None:
    """Run the BIOS until SIGTERM or SIGINT.

    Raises
    ------
    ScenarioError, VehicleError : the scenario or the vehicle's file cannot be used.
    SettingError : an address is not loopback, or the broker is not as durable as asked.
    ListenError : the port of the BIOS or of the metrics is taken.
    BrokerError : the broker is missing, or lacks the stream of events.
    """
    stop = stop_signal()
    scenario = Scenario.load(settings.radar.scenario)
    async with connected(settings.nats, "qiki-bios") as client:
        needed = [settings.streams.events]
        await require(client.jetstream(), needed, settings.nats.publish_timeout_s)
        await require_durable(client, settings, needed)
        bios = Bios(client, settings, scenario)
        await bios.start()
        async with (
            serve_bios_http(settings.bios, bios) as url,
            observed(client, settings, "bios", [], lambda: {"http_url": url, **bios.facts()}),
        ):
            log.info("bios_listens", url=url)
            settle()
            await bios.run(stop)
