"""HP501 best-at-edge: the best trials pile up at the border of what was searched."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hparam_ci.detectors._objective import NO_OBJECTIVE, Objective, directed_objective
from hparam_ci.detectors._tails import drawn_at_least
from hparam_ci.detectors._trials import NO_HYPERPARAMETER, finished, settings
from hparam_ci.detectors.detector import (
    CouldNotLook,
    Detection,
    Detector,
    DetectorOption,
    Evidence,
    Finding,
    Options,
    SweepDetection,
)
from hparam_ci.sources.dialects import BUDGET_TOKENS, canonical, tokens
from hparam_ci.sources.rows import Rows, firsts
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Column, Floats, Mask
from hparam_ci.wording import show_number

GRID = 12  # values, up to which they are taken for a grid
STEP = 1 / 3  # of the range, by which a continuous one is extended
MOST_TIED = 2.0  # times as many as were asked for may share the place of the last of the best
MORE_IS_BETTER = frozenset(  # the more the better, by nature; the budget says where to stop
    "n_train train_size train_frac train_fraction data_fraction subset_size n_samples max_iter n_estimators "
    "num_boost_round max_time time_limit".split()
)

Side = Literal["low", "high"]


@dataclass(frozen=True, slots=True, eq=False)
class _Range:
    """What was searched of one hyperparameter.

    Attributes:
        column: as it stands in the file.
        values: (n,) NaN where it is not set.
        low, high: the border, as the store says, else the least and greatest value of any trial.
        log: whether the scale is logarithmic.
        whole: whether there are whole numbers only.
        levels: the values of a grid, in order; empty for a continuous range.
    """

    column: Column
    values: Floats
    low: float
    high: float
    log: bool
    whole: bool
    levels: Floats

    def zone(self, side: Side, share: float, rows: Rows | slice = slice(None)) -> Mask:
        """(n,) trials, or those of some rows, in the outer share of the range; of a grid, with the outermost value."""
        values = self.values[rows]
        with np.errstate(invalid="ignore"):
            if len(self.levels):
                outermost: Mask = values == (self.levels[0] if side == "low" else self.levels[-1])
                return outermost
            a, b = self._scaled(self.low), self._scaled(self.high)
            if side == "low":
                return values <= self._back(a + share * (b - a))
            return values >= self._back(b - share * (b - a))

    def extended(self, side: Side) -> float | None:
        """How far to search on: a grid by one step, else by a third of the range; None at a natural border."""
        at = self.low if side == "low" else self.high
        if len(self.levels):
            a, b = (self.levels[1], self.levels[0]) if side == "low" else (self.levels[-2], self.levels[-1])
            to = b * b / a if self.log else 2 * b - a
        else:
            a, b = self._scaled(self.low), self._scaled(self.high)
            to = self._back(self._scaled(at) + (STEP if side == "high" else -STEP) * (b - a))
        to = _round(to, whole=self.whole)
        if side == "low" and self.low >= 0 and to <= 0:
            to = 0.0 if not self.whole else min(1.0, self.low)
        if self._is_share() and side == "high" and to >= 1:
            to = 1 - _round((1 - self.high) / 2, whole=False)
        return None if to == at or (to > at) == (side == "low") else to

    def is_natural(self, side: Side) -> bool:
        """Whether nothing lies beyond the border: 0, the 1 of a count or a share."""
        if side == "low":
            return self.low == 0 or (self.low == 1 and self.whole)
        return self.high == 1 and self._is_share()

    def _is_share(self) -> bool:
        return not self.log and self.low >= 0 and 0.5 <= self.high <= 1

    def _scaled(self, value: float) -> float:
        return math.log(value) if self.log else value

    def _back(self, value: float) -> float:
        return math.exp(value) if self.log else value


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> SweepDetection | CouldNotLook:
    goal, config = directed_objective(sweep), sweep.configurations
    if goal is None:
        return CouldNotLook(NO_OBJECTIVE)
    if config is None:
        return CouldNotLook(NO_HYPERPARAMETER)
    judged, costs = _by_configuration(config, finished(sweep) & np.isfinite(goal.costs), goal.costs)
    best = _best(costs, judged, options)
    if not len(best):
        return SweepDetection()
    ranges = [one for column in settings(sweep) if (one := _searched(sweep, column)) is not None]
    tests = [(one, side) for one in ranges for side in _borders(one)]
    found = []
    for one, side in tests:
        hits = best[one.zone(side, options["zone"], best)]
        known = int(np.count_nonzero(np.isfinite(one.values[best])))
        if known < options["fewest"] or 2 * len(hits) < known:
            continue
        inside = int(np.count_nonzero(judged & one.zone(side, options["zone"])))
        counts = _Counts(len(hits), known, inside, int(np.count_nonzero(judged & np.isfinite(one.values))))
        p = drawn_at_least(counts.hits, counts.best, counts.inside, counts.of) * len(tests)
        if p <= options["error"]:
            found.append((p, Finding(_evidence(goal, one, side, counts, options["zone"]), hits.tolist())))
    return SweepDetection(tuple(finding for _, finding in sorted(found, key=lambda pair: pair[0])))


def _by_configuration(config: Rows, judged: Mask, costs: Floats) -> tuple[Mask, Floats]:
    """The first judged trial of each configuration, with the mean of its replicates: (n,) which, and their costs."""
    if config.max(initial=0) + 1 == len(config):  # none was run again
        return judged, np.where(judged, costs, np.nan)
    rows = np.flatnonzero(judged)
    sums, counts = np.bincount(config[rows], costs[rows]), np.bincount(config[rows])
    first = rows[firsts(config[rows])]
    which, means = np.zeros(len(config), bool), np.full(len(config), np.nan)
    which[first] = True
    means[first] = (sums / np.maximum(counts, 1))[config[first]]
    return which, means


@dataclass(frozen=True, slots=True)
class _Counts:
    hits: int
    best: int
    inside: int
    of: int


def _best(costs: Floats, judged: Mask, options: Options) -> Rows:
    """The best trials in order; none where too few were judged, or too many share the place of the last of them."""
    n = int(judged.sum())
    wanted = max(int(options["fewest"]), math.ceil(options["share"] * n))
    if n < 4 * options["fewest"]:
        return np.empty(0, np.intp)
    last = np.partition(costs.compress(judged), wanted - 1)[wanted - 1]
    best = np.flatnonzero(judged & (costs <= last))
    return best if len(best) <= MOST_TIED * wanted else best[:0]


def _searched(sweep: Sweep, column: Column) -> _Range | None:
    """The range of a hyperparameter; None of a category, of two values, and of what is better the more there is."""
    words = tokens(column.name)
    bare = canonical(column.name.replace("/", ".").rsplit(".", 1)[-1])
    if column.levels or set(words) & BUDGET_TOKENS or {bare, "_".join(words[1:])} & MORE_IS_BETTER:
        return None
    few, sample = column.few(GRID), column.distinct_sample
    if not len(sample) or (few is not None and len(few) < 3):
        return None
    known, hint = column.known, sweep.table.hints.get(column.name)
    least, greatest = float(known.min()), float(known.max())
    low = least if hint is None or hint.low is None else min(hint.low, least)
    high = greatest if hint is None or hint.high is None else max(hint.high, greatest)
    is_grid = few is not None and 3 * len(few) <= len(known)
    log = hint.log if hint and hint.log is not None else _looks_logarithmic(sample)
    log = log and low > 0
    if low < least or high > greatest:  # the border itself was never tried
        is_grid = False
    whole = not np.any(sample % 1) and not np.any(known % 1)
    return _Range(column, column.numbers, low, high, log, whole, few if few is not None and is_grid else np.zeros(0))


def _looks_logarithmic(numbers: Floats) -> bool:
    """Whether distinct numbers in order, from one to eight times as large at least, lie more evenly as logarithms."""
    if numbers[0] <= 0 or numbers[-1] < 8 * numbers[0]:
        return False
    even = np.linspace(0, 1, len(numbers))

    def unevenness(x: Floats) -> float:
        return float(np.max(np.abs((x - x[0]) / (x[-1] - x[0]) - even)))

    return unevenness(np.log(numbers)) < unevenness(numbers)


def _borders(one: _Range) -> Iterator[Side]:
    for side in ("low", "high"):
        if not one.is_natural(side) and one.extended(side) is not None:
            yield side


def _evidence(goal: Objective, one: _Range, side: Side, counts: _Counts, share: float) -> Evidence:
    name, end = one.column.name, "smallest" if side == "low" else "largest"
    at = one.low if side == "low" else one.high
    if len(one.levels):
        where = f"have {name} = {show_number(at)}, the {end} value tried, as {counts.inside} of all {counts.of} have"
    else:
        scale = " on the log scale" if one.log else ""
        lie = f"{counts.inside} of all {counts.of} lie"
        tried = f"{show_number(one.low)} to {show_number(one.high)}{scale}"
        where = f"lie in the {end} {share:.0%} of the range of {name} ({tried}), where {lie}"
    further = one.extended(side)
    assert further is not None
    on = f"search on {'down' if side == 'low' else 'up'} to {show_number(further)}"
    message = f"{counts.hits} of the {counts.best} best trials ({goal.best}) {where}; {on}"
    expected = counts.best * counts.inside / counts.of
    return Evidence(name, f"{counts.hits} of {counts.best}", f"about {expected:.2g} by chance", message)


def _round(value: float, *, whole: bool) -> float:
    """To one significant digit, or to a whole number of two."""
    if not np.isfinite(value) or value == 0:
        return value
    digits = 2 if whole and abs(value) >= 10 else 1
    rounded = float(f"{value:.{digits - 1}e}")
    return float(round(value)) if whole and abs(value) < 100 else rounded


DETECTOR = Detector(
    code="HP501",
    name="best-at-edge",
    title="Best trials at the edge",
    trials="",
    severity="notice",
    rate="",
    summary="The best trials pile up at the border of what was searched of a hyperparameter, more than chance puts "
    "there: the optimum may lie beyond it.",
    why="The search stopped where it was still getting better.",
    advice="Extend the range on that side and search on; trials that ran already stay of use.",
    source="The boundaries of a search space, as in the Deep Learning Tuning Playbook (Godbole et al., 2023). At least "
    "half of the best tenth must lie in the outer tenth of the range, and Fisher's exact test, corrected for all "
    "borders (Bonferroni), must exclude chance. Natural borders, such as 0 or all of the data, do not count.",
    look=_look,
    options=(
        DetectorOption("share", 0.1, "of the finished trials", "This share of the finished trials are the best."),
        DetectorOption("fewest", 5, "trials", "The best are at least so many; four times as many must have finished."),
        DetectorOption("zone", 0.1, "of the range", "The outer share of a range, on its own scale, that is its edge."),
        DetectorOption("error", 0.05, "probability", "Chance of a false alarm that is accepted, for all borders."),
    ),
    confidence="medium",
    scope="sweep",
)
