"""HP301 overfitting: the training metric is good, the held-out metric is not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hparam_ci.detectors._metrics import finite
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.sweep import Pair, Sweep
from hparam_ci.sources.table import Floats, Mask, any_of

TINY = 1e-12


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    pairs = {pair.kind: pair for pair in sweep.pairs}
    loss = next((pair for pair in pairs.values() if pair.direction == "minimize"), None)
    score = pairs.get("accuracy") or next((pair for pair in pairs.values() if pair.direction == "maximize"), None)
    if loss is None and score is None:
        return CouldNotLook("no metric was recognised on both a training and a held-out split")
    sick = [earlier[code].flagged for code in ("HP101", "HP102", "HP201") if code in earlier]
    healthy = ~any_of(sick, len(sweep))
    by_loss = _Loss(loss, healthy, options) if loss else None
    by_score = _Score(score, healthy, options) if score else None
    flagged = np.zeros(len(sweep), bool)
    at_risk = np.zeros(len(sweep), bool)
    if by_score:
        flagged |= by_score.flagged
        at_risk |= by_score.at_risk
    if by_loss:
        confirmed = by_loss.flagged & (by_score.confirms if by_score else True)
        flagged |= confirmed
        at_risk |= by_loss.at_risk

    def evidence(row: int) -> Evidence:
        if by_loss and by_loss.flagged[row]:
            return by_loss.evidence(row)
        assert by_score is not None
        return by_score.evidence(row)

    return Detection(flagged, at_risk, evidence)


def _usual(gap: Floats, held_out: Floats, at_risk: Mask, minimize: bool) -> float:
    """The gap of the sweep's best quarter by the held-out metric: what good trials of this task show."""
    rows = np.flatnonzero(at_risk)
    if len(rows) < 4:
        return float("nan")
    order = np.argsort(held_out[rows] if minimize else -held_out[rows], kind="stable")
    return float(np.median(gap[rows[order[: max(1, len(rows) // 4)]]]))


class _Loss:
    """Held-out loss over training loss, on trials whose two losses are positive."""

    def __init__(self, pair: Pair, healthy: Mask, options: Options) -> None:
        self.pair = pair
        train, held_out = finite(pair.train), finite(pair.held_out)
        self.at_risk = healthy & (train >= 0) & (held_out > 0)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            self.ratio = held_out / np.maximum(train, TINY)
            best = _usual(held_out, held_out, self.at_risk, minimize=True)
            worse = held_out > options["worse"] * best if np.isfinite(best) else True
            self.flagged = self.at_risk & (self.ratio > options["ratio"]) & worse
        self.limit = options["ratio"]

    def evidence(self, row: int) -> Evidence:
        train, held_out = self.pair.train, self.pair.held_out
        ratio = f"{self.ratio[row]:.3g}" if self.ratio[row] < 1e6 else "over a million"
        message = f"{held_out.name} {held_out.show(row)} is {ratio} times {train.name} {train.show(row)}"
        return Evidence(held_out.name, held_out.show(row), f"{self.limit:g} times {train.name}", message)


class _Score:
    """Training minus held-out score (accuracy and the like), in points of its own scale."""

    def __init__(self, pair: Pair, healthy: Mask, options: Options) -> None:
        self.pair = pair
        train, held_out = finite(pair.train), finite(pair.held_out)
        self.at_risk = healthy & np.isfinite(train) & np.isfinite(held_out)
        top = np.nanmax(np.abs(np.concatenate([train, held_out, [0.0]])))
        scale = 100.0 if 1.5 < top <= 100.0 else 1.0
        self.gap = train - held_out
        usual = _usual(self.gap, held_out, self.at_risk, minimize=False)
        usual = usual if np.isfinite(usual) else 0.0
        with np.errstate(invalid="ignore"):
            self.limit = max(options["gap"] * scale, usual + options["beyond"] * scale)
            self.flagged = self.at_risk & (self.gap > self.limit)
            self.confirms = ~self.at_risk | (self.gap > usual + 0.6 * options["beyond"] * scale)

    def evidence(self, row: int) -> Evidence:
        train, held_out = self.pair.train, self.pair.held_out
        message = (
            f"{train.name} {train.show(row)} against {held_out.name} {held_out.show(row)}: a gap of {self.gap[row]:.3g}"
        )
        return Evidence(held_out.name, held_out.show(row), f"a gap of {self.limit:.3g}", message)


DETECTOR = Detector(
    code="HP301",
    name="overfitting",
    title="Overfitting",
    trials="overfitting trials",
    severity="warning",
    rate="overfitting_rate",
    summary="The held-out metric is much worse than the training metric, and worse than the sweep's best trials show "
    "that it has to be.",
    why="The model memorised. Its training curve looks best of all, and it will disappoint on new data.",
    advice="Add weight decay or dropout, use more data or augmentation, a smaller model, or stop earlier.",
    source="The loss ratio and the accuracy gap of 0.1 are the rules of SageMaker Debugger and AutoTrainer (Zhang et "
    "al., ICSE 2021), held against the sweep's own best quarter.",
    look=_look,
    options=(
        DetectorOption(
            "ratio", 2.0, "held-out loss / training loss", "The loss ratio above which a trial is looked at."
        ),
        DetectorOption(
            "worse", 1.5, "times the best quarter's held-out loss", "And its held-out loss must be this much worse."
        ),
        DetectorOption("gap", 0.10, "share (0.10 = 10 points)", "The accuracy gap above which a trial overfits."),
        DetectorOption(
            "beyond", 0.05, "share (0.05 = 5 points)", "And this much above the gap of the sweep's best quarter."
        ),
    ),
)
