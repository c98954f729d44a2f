"""What docs/evaluation.md says of the covariances in the default scenario."""

import re

from qiki.evaluation import evaluate_scenario
from qiki.radar import Scenario
from qiki.serve.tracker_config import tracker_config
from qiki.setting_layers import load
from qiki.tracking import TrackerConfig
from tests.source_tree import ROOT

PAGE = (ROOT / "docs/evaluation.md").read_text()


def evaluated(config):
    scenario = Scenario.load("default")
    return evaluate_scenario(scenario, runs=4, duration_s=30.0, settle_s=5.0, config=config).metrics


def test_settings_that_fit_the_targets_are_more_honest_and_nearer(tmp_path):
    file = tmp_path / "turning.yaml"
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    file.write_text(text)
    turning = tracker_config(load({}, environment={}, file=str(file)).settings.tracker)
    assert len(turning.motion_models) == 2
    plain, lively, fitting = map(
        evaluated, (TrackerConfig(), TrackerConfig(process_noise_m2_s3=10.0), turning)
    )
    assert plain["position_nees"].low > 3.5
    assert lively["position_nees"].high < 3.0
    assert fitting["position_nees"].high < 3.0
    gospa_m = [metrics["gospa_m"].mean for metrics in (fitting, lively, plain)]
    assert gospa_m == sorted(gospa_m)
    speed_m_s = [metrics["velocity_accuracy_m_s"].mean for metrics in (fitting, plain)]
    assert speed_m_s[0] < 0.7 * speed_m_s[1]
