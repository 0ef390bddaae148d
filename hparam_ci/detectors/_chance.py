"""What a model scores that has learnt nothing, where a sweep lets that be known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np

from hparam_ci.detectors._curves import SICK, Curve, comparable, curves, exploded, losses_first, scaled
from hparam_ci.detectors._lengths import short_runs
from hparam_ci.detectors._losses import Loss, is_cross_entropy, losses
from hparam_ci.detectors._metrics import accuracies_of, finite, is_fold, is_percent, without_folds
from hparam_ci.detectors._spread import most_within
from hparam_ci.detectors.detector import Detection
from hparam_ci.sources.dialects import tokens
from hparam_ci.sources.rows import both
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Column, Floats, Mask

Scores = list[tuple[Column, str | None, Floats]]

HALFWAY = 0.5  # of what good trials learn
MOST_CLASSES = 1000
SURE = 3  # trials that guess alike, before others that stray a little more are taken for such, too
PILE = 5  # trials that are alike by chance hardly ever
SOME, MORE, MANY = 0.5, 0.8, 10  # trials beside those that guess alike, as a share of them, and of how many
COMMON_CLASSES = (2, 3, 4, 5, 10, 100, 1000)
FEW = 4
LEAST, TIGHT, MOST, FAR = 0.02, 0.03, 0.1, 0.35  # of ln K: how far below and above it losses of blind guesses are
MOST_ABOVE = 0.15  # how far the commonest of a known number of classes may be above its equal share
UNKNOWN = "what a blind guess scores cannot be told from the metrics"
SPIKE, BELOW = 0.005, 0.9  # of ln K: how near constant guesses are to it, and what good trials have at most
SPIKES = ((SPIKE, 10, 0.02), (0.02, 5, 0.05))  # how near, the range around it, and the least share of the trials
WELL_BELOW = 0.75  # of a loss that is shared, whatever it is
DIGITS = 1e6  # accuracies that differ by less than one in so many are the same
SAME = 0.02  # how near the losses of trials are that guess alike
ABSOLUTE: dict[str, float] = {
    **dict.fromkeys(("auc", "auroc", "rocauc", "concordance", "cindex"), 0.5),
    **dict.fromkeys(("mcc", "kappa", "r2", "pearson", "spearman", "explained_variance"), 0.0),
}
"""Kinds of scores whose value for a constant or blind guess is known, whatever the task."""


@dataclass(frozen=True, slots=True, eq=False)
class Chance:
    """One column, held against a blind guess.

    Attributes:
        column: as it stands in the file.
        split: of the metric.
        learnt: (n,) 0 for a blind guess, 1 for the median of the sweep's best quarter; NaN without a number.
        near: the share of `learnt` that is still noise.
        level: a blind guess in the file's unit, with the sign of a loss.
        is_loss: whether it is a loss, of which a model that was never trained can have more than a blind guess.
        guess: what a blind guess scores, for a person.
        why: how that is known: `10 classes`, `a constant guess`.
    """

    column: Column
    split: str | None
    learnt: Floats
    near: float
    level: float
    is_loss: bool
    guess: str
    why: str


def chances(sweep: Sweep, rows: Mask, short: Mask) -> list[Chance]:
    """Every column for which it is known what a blind guess scores.

    Classes are told from an accuracy and a cross-entropy that say the same number of them; from accuracies alone where
    the worst trials of the sweep lie at one in a whole number of classes on every split; an imbalanced task from a
    pile of trials with exactly the same accuracies; a loss alone from trials that share the highest loss. Some scores
    have a fixed one (0.5 of an AUC, 0 of an R²).

    Args:
        rows: (n,) trials whose numbers mean something: ended, and not exploded.
        short: (n,) trials that ended early: they may be anywhere near a blind guess.
    """
    found = _absolute(sweep, rows)
    scores = without_folds([score for score in accuracies_of(sweep) if not _is_top_k(score[0])])
    scores.sort(key=lambda score: score[1] != "train")
    entropies = [loss for loss in losses(sweep) if is_cross_entropy(loss)]
    if scores and (accuracy := _blind_accuracy(scores, entropies, rows, short)):
        shares, loss, why = accuracy
        found += [_of_accuracy(*score, share, why, rows) for score, share in zip(scores, shares, strict=True)]
        if loss:
            found += [_of_loss(entropy, loss, why, rows) for entropy in entropies]
    elif not scores and (costs := _blind_loss([x for x in losses(sweep) if x.metric.kind != "r2"], rows, short)):
        found += [_of_loss(loss, cost, why, rows) for loss, cost, why in costs]
    return found


def known_chances(sweep: Sweep, earlier: Mapping[str, Detection]) -> list[Chance]:
    """`chances`, once it is known which trials exploded."""
    return chances(sweep, sweep.ended & ~exploded(earlier, len(sweep)), short_runs(sweep, earlier))


def once_learnt(sweep: Sweep, earlier: Mapping[str, Detection]) -> Mask:
    """(n,) trials of which a curve, of a loss where there is any, was once halfway to what good trials reach."""
    learnt = np.zeros(len(sweep), bool)
    for _, scale in scaled_curves(sweep, earlier, losses_first(curves(sweep))):
        with np.errstate(invalid="ignore"):
            learnt |= scale.best() <= HALFWAY
    return learnt


def scaled_curves(
    sweep: Sweep, earlier: Mapping[str, Detection], found: list[Curve], *, at_best: bool = False
) -> list[tuple[Curve, Curve]]:
    """Curves as they are and on the sweep's scale (see `scaled`), where that can be told."""
    levels = {m.column.name: m.level for m in known_chances(sweep, earlier)} if found else {}
    rows = comparable(sweep, earlier, SICK)
    pairs = [(curve, scaled(curve, rows, levels.get(curve.column.name), at_best=at_best)) for curve in found]
    return [(curve, scale) for curve, scale in pairs if scale is not None]


def _absolute(sweep: Sweep, rows: Mask) -> list[Chance]:
    found = []
    means = [(column, metric) for column, metric in sweep.metrics(kinds=tuple(ABSOLUTE)) if not is_fold(column)]
    for column, metric in means or sweep.metrics(kinds=tuple(ABSOLUTE)):
        values, guess = finite(column), ABSOLUTE[metric.kind]
        if is_above_one(values) or metric.direction == "minimize":
            continue
        good = _good(-values, rows)
        if good is not None and -good - guess >= 0.05:
            with np.errstate(over="ignore"):
                learnt = (values - guess) / (-good - guess)
            why = "whatever the task"
            found.append(Chance(column, metric.split, learnt, 0.0, -guess, False, f"{guess:g}", why))
    return found


def is_above_one(values: Floats) -> bool:
    """Whether any finite value is above 1."""
    return bool(np.max(values, where=np.isfinite(values), initial=-np.inf) > 1)


def _is_top_k(column: Column) -> bool:
    return bool({"top5", "acc5", "top3", "top2", "top10"} & set(tokens(column.name))) or "top_5" in column.name.lower()


def _good(worse: Floats, rows: Mask) -> float | None:
    """The median of the best quarter; None of fewer than four trials."""
    numbers = np.sort(worse.compress(rows & np.isfinite(worse)))
    return float(np.median(numbers[: max(1, len(numbers) // 4)])) if len(numbers) >= FEW else None


def _of_accuracy(column: Column, split: str | None, values: Floats, guess: float, why: str, rows: Mask) -> Chance:
    good = _good(-values, rows)
    reach = max(-good if good is not None else 1.0, guess + 0.02) - guess
    unit = 100 if is_percent(finite(column)) else 1
    near, shown = min(0.01, guess / 2) / reach, f"{unit * guess:.3g}"
    return Chance(column, split, (values - guess) / reach, near, -unit * guess, False, shown, why)


def _of_loss(loss: Loss, guess: float, why: str, rows: Mask) -> Chance:
    good = _good(loss.values, rows)
    reach = max(guess - (good if good is not None else 0.0), 0.02 * abs(guess))
    with np.errstate(over="ignore"):
        learnt = (guess - loss.values) / reach
    near = SAME * abs(guess) / reach
    return Chance(loss.column, loss.metric.split, learnt, near, guess, True, loss.shown(guess), why)


# --- accuracies -------------------------------------------------------------------------------------


def _blind_accuracy(
    scores: Scores, entropies: list[Loss], rows: Mask, short: Mask
) -> tuple[list[float], float, str] | None:
    """Each accuracy of a blind guess, its cross-entropy, and how that is known."""
    shares = np.array([values for _, _, values in scores])
    with np.errstate(invalid="ignore"):
        known = rows & ((shares >= 0) & (shares <= 1)).all(axis=0)
    if not known.any():
        return None
    low, high = shares.min(axis=0), shares.max(axis=0)
    entropy = _least([loss.values for loss in entropies]) if entropies else None
    classes = _at_floor(low, high, known, short) if entropy is None else _voted(low, high, entropy, known)
    pile = _piled(shares, entropy, known)
    if not classes:
        return pile
    if pile and LEAST < pile[0][-1] - 1 / classes < MOST_ABOVE:
        return pile
    return [1 / classes] * len(scores), float(np.log(classes)), f"{classes} classes"


def _least(values: list[Floats]) -> Floats:
    out: Floats = np.fmin.reduce(values)
    return out


def _margin(classes: int) -> float:
    """How far accuracies of a blind guess stray: by the noise of some 200 held-out rows, and more of nets that have not
    been trained."""
    return float(min(0.05, max(0.5 / classes, 1.5 * np.sqrt(1 / (200 * classes)))))


def _voted(low: Floats, high: Floats, entropy: Floats, known: Mask) -> int | None:
    """The number of classes that accuracies and cross-entropies agree on best."""
    with np.errstate(over="ignore", invalid="ignore"):
        votes = np.rint(np.exp(np.clip(entropy[known], 0, 20)))
    candidates = {*COMMON_CLASSES, *votes[(votes >= 2) & (votes <= MOST_CLASSES)].astype(int).tolist()}
    weights = {
        k: float(_agreement(low[known], high[known], entropy[known], k).sum())
        for k in sorted(candidates)
        if _is_floor(low, entropy, known, k) and _is_pile(low[known], high[known], entropy[known], k)
    }
    best = max(weights, key=lambda k: weights[k], default=0)
    return best if weights.get(best) else None


def _agreement(low: Floats, high: Floats, entropy: Floats, classes: int) -> Floats:
    """(n,) from 0 to 1: how well a trial fits a blind guess among so many classes, whose loss is seldom below ln K."""
    margin, cost = _margin(classes), float(np.log(classes))
    off = np.maximum(np.abs(low - 1 / classes), np.abs(high - 1 / classes)) / margin
    above = (entropy - cost) / cost
    with np.errstate(invalid="ignore", over="ignore"):
        fit = np.clip(1 - off, 0, None) * np.clip(1 - np.where(above < 0, -above / LEAST, above / MOST), 0, None)
    agreement: Floats = np.nan_to_num(fit, nan=0.0)
    return agreement


def _is_floor(low: Floats, entropy: Floats, known: Mask, classes: int) -> bool:
    """Whether hardly any trial has a worse accuracy than a blind guess among so many classes, and a better loss."""
    with np.errstate(invalid="ignore"):
        worse = (low < 1 / classes - 2 * _margin(classes)) & (entropy < 0.9 * np.log(classes))
    return float(np.mean(worse[known])) <= 0.02


def _is_pile(low: Floats, high: Floats, entropy: Floats, classes: int) -> bool:
    """Whether enough of the trials with such accuracies have just that loss, and not any above it."""
    margin, cost = _margin(classes), float(np.log(classes))
    with np.errstate(invalid="ignore"):
        alike = (low >= 1 / classes - margin) & (high <= 1 / classes + margin) & (entropy <= (1 + FAR) * cost)
        tight = alike & (entropy >= (1 - LEAST) * cost) & (entropy <= (1 + TIGHT) * cost)
        loose = alike & (entropy > (1 + TIGHT) * cost)
    return int(tight.sum()) >= max(1, int(loose.sum()) / 3)


def _at_floor(low: Floats, high: Floats, known: Mask, short: Mask) -> int | None:
    """The number of classes of which the worst trials guess one blindly: on every split, apart from all others, and far
    below good trials."""
    good, floor = _good(-low, known), float(np.min(low[known]))
    if good is None or not floor <= 0.55:
        return None
    counts: dict[int, int] = {}
    for classes in {*COMMON_CLASSES, round(1 / max(floor, 1 / MOST_CLASSES))}:
        margin, share = _margin(classes), 1 / classes
        at = known & (low >= share - margin) & (high <= share + margin / 2)
        if at.sum() >= SURE:
            at = known & (low >= share - margin) & (high <= share + 0.75 * margin)
        others = known & ~at & ~short & (low <= share + 1.5 * margin)
        if at.sum() == 1:  # one trial alone must be nearer
            at &= np.maximum(np.abs(low - share), np.abs(high - share)) <= margin / 2
        if -good - share >= max(0.15, 3 * margin) and others.sum() <= (SOME if at.sum() < MANY else MORE) * at.sum():
            counts[classes] = int(at.sum())
    best = max(sorted(counts), key=lambda k: counts[k], default=0)
    return best if counts.get(best) else None


def _piled(shares: Floats, entropy: Floats | None, known: Mask) -> tuple[list[float], float, str] | None:
    """The share of the commonest class: where three trials or more have exactly the same accuracies on all splits, as
    constant guesses do, far below good trials and with no better loss than such a guess has."""
    rows = np.flatnonzero(known)
    held_out, good = shares[-1], _good(-shares[-1], known)
    cells = np.rint(shares[:, rows] * DIGITS).astype(np.intp)
    place = reduce(both, cells, np.zeros(len(rows), np.intp))
    counts = np.bincount(place)
    large = np.flatnonzero(counts >= max(3, 0.01 * len(rows)))
    for pile in large[np.argsort(-counts[large], kind="stable")].tolist():
        within = place == pile
        alike = cells[:, int(np.argmax(within))] / DIGITS
        share = float(alike[-1])
        if good is None or -good - share < 0.1 or not 0.1 <= share < 1 or np.ptp(alike) > 0.15:
            continue
        least = -(share * np.log(share) + (1 - share) * np.log(1 - share))
        costs = np.full(1, least) if entropy is None else entropy[rows[within]]
        worse = held_out[rows] < share - 0.02
        if not np.median(costs) >= 0.9 * least:
            continue
        cost = float(np.quantile(costs[costs >= 0.9 * least], 0.25))  # the best constant guess, not an untrained net
        if entropy is not None:
            worse &= entropy[rows] < 0.9 * cost
        if np.mean(worse) <= 0.1:
            return alike.tolist(), cost, "the share of the commonest class"
    return None


# --- losses alone -----------------------------------------------------------------------------------


def _blind_loss(columns: list[Loss], rows: Mask, short: Mask) -> list[tuple[Loss, float, str]]:
    """The loss that trials share which have learnt nothing: on every split, at the upper end of the sweep."""
    if not columns:
        return []
    values = np.array([loss.values for loss in columns])
    known = rows & np.isfinite(values).all(axis=0)
    if known.sum() < FEW:
        return []
    same = SAME if len(columns) > 1 else SPIKE  # in one column alone, some trials are alike by chance
    entropies = all(is_cross_entropy(loss) for loss in columns)
    few, last = max(1 if len(columns) > 1 else 2, 0.02 * known.sum()), values[-1].compress(known)
    for k in COMMON_CLASSES:
        if np.count_nonzero(np.abs(last / np.log(k) - 1) <= 2 * SAME) < few:
            continue
        off = (values - np.log(k)) / np.log(k)
        if entropies and _is_spike(values, off, known, k):
            return [(loss, float(np.log(k)), f"{k} classes") for loss in columns]
        at = known & (np.abs(off) <= same).all(axis=0)
        if at.sum() == 1:  # one trial alone must be nearer, and rather above it: a blind guess is seldom better
            at &= ((off >= -same / 4) & (off <= 0.75 * same)).all(axis=0)
        if (
            entropies
            and at.sum() >= few
            and _is_apart(values, known & ~short, at)
            and _is_top(values, known, np.full(len(columns), np.log(k)))
        ):
            return [(loss, float(np.log(k)), f"{k} classes") for loss in columns]
    shared = _shared_top(last, same)
    if shared is None:
        return []
    at = known & (np.abs(values[-1] - shared) <= same * abs(shared))
    costs = np.median(values[:, at], axis=1)
    alike = bool(np.all(np.ptp(values[:, at], axis=1) <= 3 * same * np.abs(costs)))
    if not (alike and _is_apart(values, known & ~short, at) and _is_top(values, known, costs)):
        return []
    why = f"{int(at.sum())} trials share it, as constant guesses do"
    return [(loss, float(cost), why) for loss, cost in zip(columns, costs, strict=True)]


def _is_spike(values: Floats, off: Floats, known: Mask, classes: int) -> bool:
    """Whether losses pile up at ln K on every split, as those of constant guesses do: as many near it as in a range
    several times as wide around it (see SPIKES), far above good trials, and whatever else is worse."""
    if len(values) < 2:
        return False
    goods = [_good(row, known) for row in values]
    if not all(good is not None and good <= BELOW * np.log(classes) for good in goods):
        return False
    far, n = np.abs(off.compress(known, axis=1)).max(axis=0), known.sum()
    counts = [(int((far <= near).sum()), int((far <= wide * near).sum()), share) for near, wide, share in SPIKES]
    return any(inside >= max(PILE, share * n) and 2 * inside >= around for inside, around, share in counts)


def _shared_top(losses: Floats, same: float) -> float | None:
    """The highest loss that a tenth of the trials (at least three) share."""
    many = max(3, -(-len(losses) // 10))
    if most_within(losses, same) < many:
        return None
    ordered = np.sort(losses)
    low, high = ordered[: 1 - many], ordered[many - 1 :]
    shared = np.flatnonzero((low > 0) & (high <= (1 + same) * low))
    return float(high[shared[-1]]) if len(shared) else None


def _is_apart(values: Floats, known: Mask, at: Mask) -> bool:
    """Whether the trials at a loss stand for themselves: no more of the others are near it, on every split."""
    low, high = 0.9 * np.min(values[:, at], axis=1), 1.3 * np.max(values[:, at], axis=1)
    with np.errstate(invalid="ignore"):
        near = known & ~at & ((values > low[:, None]) & (values < high[:, None])).all(axis=0)
    return int(near.sum()) <= int(at.sum()) // 2


def _is_top(values: Floats, known: Mask, costs: Floats) -> bool:
    """Whether hardly any trial is worse, and good trials have at most three quarters of it."""
    above = np.mean((values.compress(known, axis=1) > 1.1 * costs[:, None]).all(axis=0))
    goods = [_good(row, known) for row in values]
    return bool(above <= 0.1) and all(g is not None and g <= WELL_BELOW * c for g, c in zip(goods, costs, strict=True))
