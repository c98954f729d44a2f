"""What the streams must carry: from the settings, else from the scenario."""

from qiki.bus.stream_size import Traffic
from qiki.radar import Scenario
from qiki.settings import Settings


def expected_traffic(settings: Settings, scenario: Scenario | None = None) -> Traffic:
    """Return the frame rate and frame size to size the streams for.

    Parameters
    ----------
    settings : ``streams.frames_per_s`` and ``streams.detections_per_frame`` win where given.
    scenario : the simulated world; loaded from the settings unless given.

    Raises
    ------
    ScenarioError : the scenario cannot be used.
    """
    scenario = scenario or Scenario.load(settings.radar.scenario)
    frames_per_s = sum(1e9 / sensor.period_ns for sensor in scenario.sensors)
    # A target has one plot, of its echo or of its reply.
    others = max(
        sensor.false_alarms_per_frame + sensor.fruit_plots_per_frame for sensor in scenario.sensors
    )
    # Those of all of it: a radar that covers a part sees fewer.
    clutter = sum(source.mean_count for source in scenario.clutter)
    bodies = len(scenario.targets) + settings.sim.bots - 1  # one is the radar's own
    streams = settings.streams
    return Traffic(
        streams.frames_per_s or frames_per_s,
        streams.detections_per_frame or bodies + others + clutter,
        settings.radar.encoding,
    )
