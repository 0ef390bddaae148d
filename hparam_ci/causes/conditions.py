"""What a cause can say about one hyperparameter: a threshold, an interval, some categories, blank or set."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hparam_ci.inspection import Condition
from hparam_ci.sources.table import Cell, Column, Floats, Mask

BINS = 64
GRID = 12
INTERVAL_BINS = 10
MANY_LEVELS = 20

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Conditions of one kind on one hyperparameter, searched together.

    Attributes:
        kind: cut, interval, levels or blank.
        members: (conditions, bins) 0/1: which bins lie inside each condition.
        among: (bins,) bins that take part; a cut is judged among the trials that set the hyperparameter.
    """

    kind: str
    members: NDArray[np.float32]
    among: Mask


class Feature:
    """One hyperparameter over n trials as small codes: bins in order of value, or levels; the last bin is blank.

    Attributes:
        codes: (n,) bin of each trial.
        bins: number of bins, the blank one included if there is any.
        counts: (bins,) trials in each.
    """

    def __init__(self, column: Column, *, conditional: bool = False) -> None:
        """Read a column; of a `conditional` one another hyperparameter says where it is set, and blank says nothing."""
        self.name = column.name
        self.conditional = conditional
        self.blank = column.is_(Cell.MISSING)
        self.numeric = not column.levels
        self.values: Floats = np.where(self.blank, np.nan, column.values)
        if self.numeric:
            self._bin_numbers()
        else:
            self._bin_levels(column)
        self.has_blank = bool(self.blank.any())
        self.bins = len(self.labels) + self.has_blank
        self.codes[self.blank] = self.bins - 1
        self.counts = np.bincount(self.codes, minlength=self.bins)

    def _bin_numbers(self) -> None:
        present = self.values[~self.blank]
        distinct = np.unique(present)
        if len(distinct) > BINS:
            tops = np.unique(np.quantile(present, np.linspace(0, 1, BINS + 1)[1:], method="lower"))
        else:
            tops = distinct
        self.tops: Floats = tops
        self.grid = len(distinct) <= GRID
        self.labels = [f"{top:.6g}" for top in tops]
        self.codes: Codes = np.searchsorted(tops, np.where(self.blank, -np.inf, self.values)).astype(np.int64)

    def _bin_levels(self, column: Column) -> None:
        """Texts as they are; numbers among them as the text that they would print; rare levels are pooled."""
        shown = list(column.levels)
        codes = column.codes.astype(np.int64)
        numbers = column.is_(Cell.NUMBER, Cell.NAN, Cell.POS_INF, Cell.NEG_INF)
        for value in np.unique(column.values[numbers]):
            codes[numbers & (column.values == value)] = len(shown)
            shown.append(f"{value:.6g}")
        used, codes_used = np.unique(codes[~self.blank], return_inverse=True)
        order = np.argsort([shown[i] for i in used], kind="stable")
        rank = np.empty(len(order), np.int64)
        rank[order] = np.arange(len(order))
        self.labels = [shown[used[i]] for i in order]
        self.codes = np.zeros(len(column), np.int64)
        self.codes[~self.blank] = rank[codes_used]
        self.grid = True

    def families(self, smallest: int) -> list[Family]:
        """The families that can be searched when both sides must hold at least `smallest` trials."""
        found = [self._cuts(), self._intervals()] if self.numeric else [self._levels()]
        if self.has_blank and not self.conditional:
            found.append(self._blank())
        kept = []
        for family in found:
            inside = family.members @ self.counts.astype(np.float32)
            total = self.counts[family.among].sum()
            enough = (inside >= smallest) & (total - inside >= smallest)
            if enough.any():
                kept.append(Family(family.kind, family.members[enough], family.among))
        return kept

    def _set(self) -> Mask:
        among = np.ones(self.bins, bool)
        if self.has_blank:
            among[-1] = False
        return among

    def _cuts(self) -> Family:
        members = np.tril(np.ones((max(len(self.labels) - 1, 0), self.bins), np.float32))
        return Family("cut", members, self._set())

    def _intervals(self) -> Family:
        n = len(self.labels)
        edges = np.unique(np.linspace(0, n, min(INTERVAL_BINS, n) + 1).astype(int)) if n > 2 else np.array([], int)
        spans = [(low, high) for i, low in enumerate(edges[1:-1], 1) for high in edges[i + 1 : -1]]
        members = np.zeros((len(spans), self.bins), np.float32)
        for row, (low, high) in enumerate(spans):
            members[row, low:high] = 1
        return Family("interval", members, self._set())

    def _levels(self) -> Family:
        n = len(self.labels)
        sets = [[i] for i in range(n)] if n <= MANY_LEVELS else []
        if 4 <= n <= 8:
            sets += [[i, j] for i in range(n) for j in range(i + 1, n)]
        members = np.zeros((len(sets), self.bins), np.float32)
        for row, chosen in enumerate(sets):
            members[row, chosen] = 1
        return Family("levels", members, self._set())

    def _blank(self) -> Family:
        members = np.zeros((1, self.bins), np.float32)
        members[0, -1] = 1
        return Family("blank", members, np.ones(self.bins, bool))

    def condition(self, family: Family, member: int, *, inside: bool) -> Condition:
        """The condition in words' form; `inside` says which side of it is the sick one."""
        chosen = np.flatnonzero(family.members[member])
        if family.kind == "blank":
            return Condition(param=self.name, op="missing" if inside else "set")
        if family.kind == "levels":
            return self._of_levels(chosen, inside=inside)
        present = self.values[~self.blank]
        within = present[np.isin(self.codes[~self.blank], chosen)]
        if family.kind == "cut":
            return self.cut(float(np.max(within)), low_side=inside)
        ends = (float(np.min(within)), float(np.max(within)))
        if ends[0] == ends[1]:
            return Condition(param=self.name, op="==" if inside else "!=", value=ends[0])
        return Condition(param=self.name, op="between" if inside else "outside", value=ends)

    def _of_levels(self, chosen: NDArray[np.intp], *, inside: bool) -> Condition:
        names = tuple(self.labels[i] for i in chosen)
        others = tuple(label for label in self.labels if label not in names)
        if not inside and len(others) <= len(names):
            names, inside = others, True
        if len(names) == 1:
            return Condition(param=self.name, op="==" if inside else "!=", value=names[0])
        return Condition(param=self.name, op="in", value=names if inside else others)

    def cut(self, top: float, *, low_side: bool) -> Condition:
        """The threshold just above the value `top`, on a number that people would write."""
        present = self.values[~self.blank]
        above = present[present > top]
        following = float(np.min(above))
        if self.grid and low_side and top == np.min(present):
            return Condition(param=self.name, op="==", value=top)
        if self.grid and not low_side and following == np.max(present):
            return Condition(param=self.name, op="==", value=following)
        if low_side and top == np.min(present):
            return Condition(param=self.name, op="==", value=top)
        value = top if self.grid else round_between(top, following)
        return Condition(param=self.name, op="<=" if low_side else ">", value=value, low=top, high=following)

    def mask(self, condition: Condition) -> Mask:
        """(n,) trials for which the condition holds; a blank hyperparameter meets none but `missing`."""
        return _holds(condition, self)


def _holds(condition: Condition, feature: Feature) -> Mask:
    op, value = condition.op, condition.value
    if op in ("missing", "set"):
        return feature.blank if op == "missing" else ~feature.blank
    if not feature.numeric:
        names = value if isinstance(value, tuple) else (value,)
        wanted = np.array([label in names for label in feature.labels] + [False])
        inside = wanted[np.minimum(feature.codes, len(feature.labels))]
        return (~inside if op == "!=" else inside) & ~feature.blank
    x = feature.values
    with np.errstate(invalid="ignore"):
        if isinstance(value, tuple):
            within = (x >= float(value[0])) & (x <= float(value[1]))
            return within if op == "between" else ~within & ~feature.blank
        at = float(value or 0)
        mask: Mask = {"<=": x <= at, ">": x > at, "==": x == at, "!=": x != at}[op] & ~feature.blank
        return mask


def round_between(low: float, high: float) -> float:
    """The roundest number t with low <= t < high, as a person would choose it between two trials."""
    if low <= 0 < high:
        return 0.0
    sign, a, b = (1, low, high) if low > 0 else (-1, -high, -low)
    middle = math.sqrt(a * b) if a > 0 and b / a > 3 else (a + b) / 2
    for digits in range(1, 17):
        step = 10.0 ** (math.floor(math.log10(b)) - digits + 1)
        for factor in (10, 5, 2, 1):
            t = sign * float(f"{round(middle / (step * factor)) * step * factor:.15g}")
            if low <= t < high:
                return t
    return low


def describe(conditions: tuple[Condition, ...]) -> str:
    """The conjunction in the field's notation: `lr > 0.01 and optimizer = sgd`."""
    return " and ".join(_describe(condition) for condition in conditions)


def _describe(condition: Condition) -> str:
    name, op, value = condition.param, condition.op, condition.value
    if op == "missing":
        return f"{name} is not set"
    if op == "set":
        return f"{name} is set"
    if isinstance(value, tuple):
        shown = [_number(item) for item in value]
        if op == "in":
            return f"{name} is {', '.join(shown[:-1])} or {shown[-1]}"
        return f"{name} {'between' if op == 'between' else 'outside'} {shown[0]} and {shown[1]}"
    sign = {"==": "=", "!=": "≠", "<=": "≤", ">": ">"}[op]
    return f"{name} {sign} {_number(value)}"


def _number(value: float | str | None) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"
