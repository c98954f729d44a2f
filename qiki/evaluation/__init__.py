"""How well a tracker follows a scenario's targets: many runs, scored against the truth."""

from qiki.evaluation.interval import CONFIDENCE, Interval, confidence_interval
from qiki.evaluation.picture import Picture, PictureScore, score_picture
from qiki.evaluation.scenario import ScenarioEvaluation, evaluate_scenario
from qiki.evaluation.scenario_run import RunScore, Scoring, score_run

__all__ = [
    "CONFIDENCE",
    "Interval",
    "Picture",
    "PictureScore",
    "RunScore",
    "ScenarioEvaluation",
    "Scoring",
    "confidence_interval",
    "evaluate_scenario",
    "score_picture",
    "score_run",
]
