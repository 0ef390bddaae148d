"""What became of the trials that a detector flags, as a verb."""

from __future__ import annotations

from hparam_ci.detectors.detector import find_detector

VERBS = {
    "nan-metric": "went NaN",
    "inf-metric": "went to infinity",
    "missing-result": "have no result",
    "failed": "failed",
    "diverged": "diverged",
    "overfitting": "overfit",
    "short-run": "ended early",
}
"""What trials did that a detector flags; of any other they are its trials."""


def fell_sick(code: str) -> str:
    """What became of the trials that a detector flags: `diverged`."""
    detector = find_detector(code)
    if detector is None:
        return "are sick"
    return VERBS.get(detector.name, f"are {detector.trials}")
