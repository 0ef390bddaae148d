"""HP301 overfitting: the training metric is good, the held-out metric is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from hparam_ci.detectors._curves import curves, shown
from hparam_ci.detectors._losses import Loss, as_loss
from hparam_ci.detectors._metrics import finite, is_percent, pairs
from hparam_ci.detectors.detector import CouldNotLook, Detection, Detector, DetectorOption, Evidence, Options
from hparam_ci.sources.dialects import State
from hparam_ci.sources.sweep import Metric, Pair, Sweep
from hparam_ci.sources.table import Floats, Mask, any_of

SICK = ("HP101", "HP102", "HP201", "HP202")  # a trial that learnt nothing, too, cannot show it
TINY = 1e-12
FEW = 4
PAST = 6  # steps of a curve, before it is said where it turned
FENCE = 1.5  # quartile distances, on the log scale
SPREADS = 2.5  # quartile distances between gaps
WIDE = 2.0  # times the gap of scores that is looked at: enough above the usual one, however widely those are spread
WIDE_LOSS = 1.5  # times the good held-out loss: the same of losses
SURE = 2.5  # times the gap of scores that is looked at: beyond the usual one, of trials trained less than the best
ENOUGH = 8  # trials, before their spread tells what is unusual
LEAST_WORSE = 1.2  # times the good held-out loss
MOST = 0.5  # of what a held-out metric falls short of the good ones': more than that is the gap's, not the training's
FIT = 0.75  # of the best trials have a better training metric than the worst that counts as good


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> Detection | CouldNotLook:
    found = pairs(sweep)
    if not found:
        return CouldNotLook("no training metric beside a held-out one")
    sick = [earlier[code].flagged for code in SICK if code in earlier]
    rows = sweep.ended & ~sweep.in_state(State.STOPPED) & ~any_of(sick, len(sweep))
    losses = [(pair, both) for pair in found if (both := _as_losses(pair))]
    scores = [pair for pair in found if pair.direction == "maximize" and not _as_losses(pair)]
    by_loss = _by_loss(*min(losses, key=lambda x: x[0].kind != "loss"), rows, options) if losses else []
    by_score = [_by_score(min(scores, key=lambda x: x.kind != "accuracy"), rows, options)] if scores else []
    seen = [*by_loss, *by_score]
    if not seen:
        return CouldNotLook("the losses on both splits are negative, and their ratio says nothing")
    flagged = np.zeros(len(sweep), bool)
    for views, others in ((by_loss, by_score), (by_score, by_loss)):
        denied = any_of([~view.agrees for view in others], len(sweep))
        flagged |= any_of([view.flagged for view in views], len(sweep)) & ~denied

    def evidence(row: int) -> Evidence:
        one = next(view for view in seen if view.flagged[row]).evidence(row)
        return replace(one, message=one.message + _turned(sweep, one.column, row))

    with np.errstate(all="ignore"):
        badness = np.max([np.where(view.flagged, view.distance / view.most, -np.inf) for view in seen], axis=0)
    return Detection(flagged, any_of([view.at_risk for view in seen], len(sweep)), evidence, badness)


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """What one pair of columns says.

    Attributes:
        flagged: (n,) trials that overfit by this pair.
        agrees: (n,) trials of which this pair does not say the contrary.
        distance: (n,) how far the splits are apart: a ratio of losses, or a gap of scores.
        most: the distance that a trial had to keep.
        words: what that distance is, with `{far}` for it.
        limit: `most` for people.
    """

    pair: Pair
    at_risk: Mask
    flagged: Mask
    agrees: Mask
    distance: Floats
    most: float
    words: str
    limit: str

    def evidence(self, row: int) -> Evidence:
        train, held_out, far = self.pair.train, self.pair.held_out, float(self.distance[row])
        shown = self.words.format(far=f"{far:.3g}" if far < 1e6 else "over a million")
        message = f"{held_out.name} {held_out.show(row)} against {train.name} {train.show(row)}: {shown}"
        return Evidence(held_out.name, held_out.show(row), self.limit, message)


def _turned(sweep: Sweep, name: str, row: int) -> str:
    """Where the held-out curve was best, if that is long past."""
    for curve in curves(sweep):
        if curve.column.name == name:
            best, last = int(curve.best_row()[row]), int(curve.starts[row + 1]) - 1
            if curve.lengths[row] >= PAST and last - best >= PAST // 2:
                return f"; it was best at step {curve.step_at(best)} ({shown(curve, best)})"
    return ""


def _as_losses(pair: Pair) -> tuple[Loss, Loss] | None:
    """The training and the held-out loss; None for scores (an R² has a scale of its own, and what it leaves unexplained
    of training data is often next to nothing), and for losses below 0, whose ratio says nothing."""
    if pair.kind == "r2":
        return None
    train, held_out = (
        as_loss(column, Metric(pair.kind, None, pair.direction)) for column in (pair.train, pair.held_out)
    )
    if not train or not held_out or (train.values < 0).any() or (held_out.values < 0).any():
        return None
    return train, held_out


def _by_loss(pair: Pair, losses: tuple[Loss, Loss], rows: Mask, options: Options) -> list[_View]:
    """Held-out against training loss, compared with the sweep's best quarter: by their ratio, which must be above
    Tukey's fence, for it spans decades in healthy trials whose training losses are learnt to near 0; and by their
    difference, where the training loss is as good as that of the best, and the held-out loss is `far` worse."""
    train, held_out = (loss.values for loss in losses)
    at_risk = rows & np.isfinite(train) & (held_out > 0)
    best = _best_quarter(held_out, at_risk)
    called = "error" if losses[0].reading == "loss" and pair.kind != "loss" else losses[0].reading
    words = f"the {called} is {{far}} times as high"
    with np.errstate(invalid="ignore", over="ignore"):
        ratio, gap = held_out / np.maximum(train, TINY), held_out - train
        agrees = ~at_risk | (ratio > 1 + (options["ratio"] - 1) / 2)
        if not len(best):
            return [_View(pair, at_risk, np.zeros_like(at_risk), agrees, ratio, np.inf, words, "")]
        low, usual = np.quantile(ratio[best], [0.25, 0.75])
        most = max(options["ratio"], float(usual * max(options["times"], (usual / low) ** FENCE)))
        good, gaps = float(np.median(held_out[best])), _Usual.of(gap[best])
        fit = train <= np.quantile(train[best], FIT)
        widest = gaps.limit((options["worse"] - 1) * good, WIDE_LOSS * good)
        worse = min(options["worse"] * good, _highest(held_out.compress(at_risk & (gap <= widest)), good))
        by_ratio = at_risk & (ratio > most) & (held_out > worse)
        by_gap = at_risk & (ratio > options["ratio"]) & (gap > widest) & fit
        by_gap &= held_out > options["far"] * good
    return [
        _View(pair, at_risk, by_ratio, agrees, ratio, most, words, f"{most:.3g} times"),
        _View(pair, at_risk, by_gap, agrees, gap, widest, gaps.words, f"a gap of {widest:.3g}"),
    ]


def _highest(ordinary: Floats, good: float) -> float:
    """Tukey's fence of the held-out losses of trials whose gap is usual, on the log scale: what is above it, is worse
    than learning rates and sizes alone make it; and some way above the good ones, where nearly all are alike."""
    if len(ordinary) < ENOUGH:
        return np.inf
    low, high = np.quantile(ordinary, [0.25, 0.75])
    return max(LEAST_WORSE * good, float(high * (high / low) ** FENCE))


@dataclass(frozen=True, slots=True)
class _Usual:
    """The quartiles of the gaps of a sweep's best quarter."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, gaps: Floats) -> _Usual:
        return cls(*(float(x) for x in np.quantile(gaps, [0.25, 0.5, 0.75])))

    def limit(self, beyond: float, wide: float) -> float:
        """Above the upper quartile by at least `beyond`, and by more where the gaps are spread; `wide` above the median
        is enough, for some of the best trials may have learnt by heart too."""
        return min(self.median + wide, self.high + max(beyond, SPREADS * (self.high - self.low)))

    @property
    def words(self) -> str:
        """For people, with `{far}` for the gap of one trial."""
        return f"a gap of {{far}}, where the sweep's best trials have {self.median:.3g}"


def _by_score(pair: Pair, rows: Mask, options: Options) -> _View:
    """Training minus held-out score, against the same gap in the sweep's best quarter. The trial must fit its training
    set as those do, or the gap, and not the training, must be most of what its held-out score falls short of them."""
    train, held_out = finite(pair.train), finite(pair.held_out)
    at_risk = rows & np.isfinite(train) & np.isfinite(held_out)
    best = _best_quarter(-held_out, at_risk)
    gap = train - held_out
    good = float(np.median(held_out[best])) if len(best) else 0.0
    unit = _unit(train[at_risk], held_out[at_risk], good)
    least, beyond = options["gap"] * unit, options["beyond"] * unit
    with np.errstate(invalid="ignore"):
        if not len(best):
            agrees = ~at_risk | (gap > beyond / 2)
            return _View(pair, at_risk, at_risk & (gap > least), agrees, gap, least, "a gap of {far}", f"{least:.3g}")
        usual = _Usual.of(gap[best])
        most = max(least, usual.limit(beyond, WIDE * least))
        more = gap - usual.median
        by_heart = (more > SURE * least) & (more > MOST * (good - held_out))
        fits = (train >= np.quantile(train[best], 1 - FIT)) | by_heart
        fits &= held_out <= good - beyond
        agrees = ~at_risk | (gap > usual.high + beyond / 2)
    return _View(pair, at_risk, at_risk & fits & (gap > most), agrees, gap, most, usual.words, f"a gap of {most:.3g}")


def _unit(train: Floats, held_out: Floats, good: float) -> float:
    """What counts as 1: 100 for percent; for scores without a bound, what the best quarter reaches."""
    if is_percent(train, held_out):
        return 100.0
    top = max(np.max(np.abs(x), initial=0.0) for x in (train[train > 0], held_out[held_out > 0]))
    return 1.0 if top <= 1.5 else abs(good)


def _best_quarter(worse: Floats, rows: Mask) -> NDArray[np.intp]:
    """The quarter of the trials (at least two) that is best by the held-out metric; none of fewer than four trials."""
    where = np.flatnonzero(rows)
    if len(where) < FEW:
        return where[:0]
    last = np.sort(worse[where])[max(2, len(where) // 4) - 1]  # and whoever is as good: the order of rows is no matter
    best: NDArray[np.intp] = where[worse[where] <= last]
    return best


DETECTOR = Detector(
    code="HP301",
    name="overfitting",
    title="Overfitting",
    trials="overfitting trials",
    severity="warning",
    rate="overfitting_rate",
    summary="The training metric is as good as the sweep's best trials have it, or nearly, and the held-out metric is "
    "much worse than it, and worse than those trials show that it has to be.",
    why="The model memorised. Its training curve looks best of all, and it will disappoint on new data.",
    advice="Add weight decay or dropout, use more data or augmentation, a smaller model, or stop earlier.",
    source="The loss ratio and the accuracy gap of 0.1 are the rules of SageMaker Debugger and AutoTrainer (Zhang et "
    "al., ICSE 2021). What counts as a gap is held against the sweep's own best quarter: the generalisation gap, a "
    "difference (Goodfellow et al., Deep Learning, 2016, 5.2), for ratios of losses near 0 have no limit.",
    look=_look,
    options=(
        DetectorOption(
            "ratio", 2.0, "held-out loss / training loss", "The loss ratio above which a trial is looked at."
        ),
        DetectorOption("times", 3.0, "times the best quarter's loss ratio", "And its ratio must be this far above."),
        DetectorOption(
            "worse",
            1.5,
            "times the best quarter's held-out loss",
            "And its held-out loss must be this much worse, or outside of what trials with the usual gap have.",
        ),
        DetectorOption(
            "far",
            2.0,
            "times the best quarter's held-out loss",
            "So much worse, its ratio may be as usual if its gap is not.",
        ),
        DetectorOption("gap", 0.10, "share (0.10 = 10 points)", "The accuracy gap above which a trial overfits."),
        DetectorOption(
            "beyond", 0.05, "share (0.05 = 5 points)", "And this much above the gap of the sweep's best quarter."
        ),
    ),
)
