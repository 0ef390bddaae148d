"""What to say of the trials that a detector flags: what became of them, and what cures them."""

from __future__ import annotations

from hparam_ci.detectors.registry import find_detector

VERBS = {
    "nan-metric": "went NaN",
    "inf-metric": "went to infinity",
    "missing-result": "have no result",
    "failed": "failed",
    "killed": "were killed",
    "timeout": "timed out",
    "no-learning": "learnt nothing",
    "diverged": "diverged",
    "underfitting": "underfit",
    "late-divergence": "lost what they had learnt",
    "unstable-metric": "are unstable",
    "plateau": "got stuck on a plateau",
    "slow-convergence": "were still improving",
    "overfitting": "overfit",
    "overtraining": "were trained too long",
    "suspiciously-good": "are suspiciously good",
    "calibration": "are badly calibrated",
    "class-imbalance": "ignore rare classes",
    "implausible-value": "have an impossible value",
    "far-behind": "were far behind the others",
    "short-run": "ended early",
    "unfinished": "ended short of their plan",
    "wasteful-run": "were wasteful",
}
"""What trials did that a detector flags; of any other they are its trials."""


def fell_sick(code: str) -> str:
    """What became of the trials that a detector flags: `diverged`."""
    detector = find_detector(code)
    if detector is None:
        return "are sick"
    return VERBS.get(detector.name, f"are {detector.trials}")


def remedy(code: str) -> str:
    """What the detector advises, within a sentence."""
    detector = find_detector(code)
    return detector.advice[0].lower() + detector.advice[1:].rstrip(".") if detector else "see the log"
