"""One hyperparameter as the search takes it: its trials in bins, and every region that a cause could be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from hparam_ci.causes.conditions import holds, round_between
from hparam_ci.causes.evidence import plausible
from hparam_ci.inspection import Condition, Operator
from hparam_ci.sources.table import Cell, Column, Floats, Mask

BINS = 60  # a multiple of every coarser number of parts, so that coarse edges are fine ones too
GRID = 12
FEW = 200
"""Up to so many trials it matters where exactly edges lie, and looking at more of them costs little."""
INTERVAL_BINS = (30, 15)
"""Parts of equal counts between which intervals end, of few and of many trials."""
OFTEN = 2
"""Trials at zero from which on it was meant, among values that hardly repeat."""
MANY_LEVELS = 20
LEVELS_IN_PAIRS = range(4, 9)
OPPOSITE: dict[str, Operator] = {
    "<=": ">", ">": "<=", "==": "!=", "!=": "==",
    "between": "outside", "outside": "between", "missing": "set", "set": "missing",
}  # fmt: skip
Codes = NDArray[np.int64]
Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Regions of one kind on one hyperparameter, searched together.

    Attributes:
        kind: cut, interval, levels or blank.
        members: (regions, bins) 0/1: which bins lie inside each.
        inside: (regions,) prior weight of each as the sick region.
        outside: (regions,) prior weight of the rest of the trials as the sick region.
        among: (bins,) bins that the rest is made of; where a hyperparameter is not set, no cut of it is passed.
    """

    kind: str
    members: NDArray[np.float32]
    inside: Weights
    outside: Weights
    among: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """All regions of one hyperparameter.

    Attributes:
        members: (regions, bins) 0/1: which bins lie inside each.
        inside: (regions,) prior weight of each as the sick region.
        outside: (regions,) prior weight of all other trials as the sick region.
    """

    members: NDArray[np.float32]
    inside: Weights
    outside: Weights


class Feature:
    """One hyperparameter over n trials as small codes: bins in order of value, or levels; the last bin is blank.

    Attributes:
        codes: (n,) bin of each trial.
        bins: number of bins, the blank one included if there is any.
        counts: (bins,) trials in each.
    """

    def __init__(self, column: Column, *, conditional: bool = False, of: tuple[str, ...] = ()) -> None:
        """Read a column; of a `conditional` one another hyperparameter says where it is set, and blank says nothing.

        `of` names the two hyperparameters that the column was computed from, if it was.
        """
        self.name, self.column, self.of = column.name, column, of
        self.aliases: tuple[str, ...] = ()
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
        self._families: list[Family] | None = None
        self._regions: Regions | None = None

    def _bin_numbers(self) -> None:
        present = np.sort(self.values[~self.blank])  # in which NumPy finds many quantiles faster
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

    def part(self, rows: Mask) -> Feature:
        """The same hyperparameter over some of the trials, in the same bins."""
        part = Feature.__new__(Feature)
        part.__dict__.update(self.__dict__)
        part.values, part.blank, part.codes = self.values[rows], self.blank[rows], self.codes[rows]
        part.column = self.column.take(rows)
        part.counts = np.bincount(part.codes, minlength=self.bins)
        part._families = part._regions = None
        return part

    def families(self) -> list[Family]:
        """All families that have a region, their weights summing to one."""
        if self._families is None:
            self._families = self._all_families()
        return self._families

    def regions(self) -> Regions | None:
        """Those of all families; where blank trials lie on neither side, the rest of a region is one of its own."""
        if self._regions is None and (families := self.families()):
            members, inside, outside = [], [], []
            for family in families:
                members.append(family.members)
                if family.among.all():
                    # where the region has no weight itself, its rest is told as a region
                    inside.append(np.maximum(family.inside, 1e-12 * family.outside))
                    outside.append(family.outside)
                    continue
                members.append(family.among - family.members)
                inside += [family.inside, family.outside]
                outside += [np.zeros(len(family.members))] * 2
            self._regions = Regions(np.concatenate(members), np.concatenate(inside), np.concatenate(outside))
        return self._regions

    def _all_families(self) -> list[Family]:
        found = [*self._cuts(), *self._intervals(), *self._off()] if self.numeric else [*self._levels()]
        if self.has_blank and not self.conditional:
            found += self._blank()
        total = sum(float(family.inside.sum() + family.outside.sum()) for family in found)
        if not total:  # one value is left among these trials, so no region tells any apart
            return []
        return [Family(one.kind, one.members, one.inside / total, one.outside / total, one.among) for one in found]

    def _set(self) -> Mask:
        among = np.ones(self.bins, bool)
        if self.has_blank:
            among[-1] = False
        return among

    def _cuts(self) -> Iterator[Family]:
        size = len(self.labels) - 1
        if size > 0:
            yield self._family("cut", np.tril(np.ones((size, self.bins), np.float32)), 0.32, 0.32)

    def _intervals(self) -> Iterator[Family]:
        """Intervals that touch neither end, on edges of about equal counts.

        The trials outside lie at both ends, of which one may hold more: Beta(2, 2) of its share, as with next to none
        at the other it is a cut.
        """
        edges = np.array(self.edges(INTERVAL_BINS[len(self.codes) > FEW]), int)
        if len(edges) < 2:
            return
        first, last = np.triu_indices(len(edges), 1)
        bins = np.arange(self.bins)
        within = (bins >= edges[first][:, None]) & (bins < edges[last][:, None])
        below = np.cumsum(self.counts[: len(self.labels)])
        low, high = below[edges[first] - 1], below[-1] - below[edges[last] - 1]
        yield self._family(
            "interval", within.astype(np.float32), 0.18, 0.18, low * high / np.maximum(low + high, 1) ** 2
        )

    def _off(self) -> Iterator[Family]:
        """Zero as the least of many values: no decay, no dropout, no warmup. People ask for it first."""
        if len(self.labels) > 2 and self.tops[0] == 0 and self.counts[0] >= (1 if self.grid else OFTEN):
            members = np.zeros((1, self.bins), np.float32)
            members[0, 0] = 1
            yield self._family("cut", members, 0.2, 0.05)

    def edges(self, parts: int) -> list[int]:
        """Bins before which to cut so that about equal counts lie between; without the two ends."""
        below = np.cumsum(self.counts[: len(self.labels)])
        if len(below) < 2:
            return []
        wanted = below[-1] * np.arange(1, parts) / parts
        at = np.searchsorted(below, wanted)
        nearer = (at > 0) & (wanted - below[np.maximum(at - 1, 0)] < below[np.minimum(at, len(below) - 1)] - wanted)
        edges: list[int] = np.unique(np.where(nearer, at, at + 1)).tolist()
        return [edge for edge in edges if edge < len(below)]

    def _levels(self) -> Iterator[Family]:
        n = len(self.labels)
        if not 2 <= n <= MANY_LEVELS:
            return
        if n == 2:
            yield self._family("levels", self._sets([[0], [1]]), 1.0, 0.0)
            return
        yield self._family("levels", self._sets([[i] for i in range(n)]), 0.65, 0.15)
        if n in LEVELS_IN_PAIRS:
            pairs = [[i, j] for i in range(n) for j in range(i + 1, n) if n > 4 or i == 0]
            yield self._family("levels", self._sets(pairs), 0.1, 0.1)

    def _sets(self, sets: list[list[int]]) -> NDArray[np.float32]:
        members = np.zeros((len(sets), self.bins), np.float32)
        for row, chosen in enumerate(sets):
            members[row, chosen] = 1
        return members

    def _blank(self) -> Iterator[Family]:
        members = np.zeros((1, self.bins), np.float32)
        members[0, -1] = 1
        if self.labels:
            yield Family("blank", members, np.array([0.15]), np.array([0.05]), np.ones(self.bins, bool))

    def _family(
        self, kind: str, members: NDArray[np.float32], inside: float, outside: float, ends: Weights | float = 1.0
    ) -> Family:
        """Regions with prior weights of `inside` and `outside` in sum; `ends` weighs the rests against each other."""
        share = (members @ self.counts / max(int(self.counts.sum()), 1)).clip(0, 1)
        sick, rest = plausible(share), plausible(1 - share)
        total = max(float((inside * sick + outside * rest).sum()), 1e-300) / (inside + outside)
        sick, rest = inside * sick / total, outside * rest / total
        weighed = rest * ends
        return Family(kind, members, sick, weighed * rest.sum() / max(weighed.sum(), 1e-300), self._set())

    def sides(self, parts: int) -> NDArray[np.float32]:
        """(regions, bins) the regions that this hyperparameter can bring into a conjunction."""
        found = self._sides_of_numbers(parts) if self.numeric else self._sides_of_levels()
        if self.has_blank and not self.conditional and self.labels:
            blank = self._sets([[self.bins - 1]])
            found = np.concatenate([found, blank, 1 - blank])
        return found

    def _sides_of_levels(self) -> NDArray[np.float32]:
        n = len(self.labels)
        singles = self._sets([[i] for i in range(n)] if 2 <= n <= MANY_LEVELS else [])
        return np.concatenate([singles, self._set() - singles]) if n > 2 else singles

    def _sides_of_numbers(self, parts: int) -> NDArray[np.float32]:
        edges = self.edges(parts)
        low = np.zeros((len(edges), self.bins), np.float32)
        for row, edge in enumerate(edges):
            low[row, :edge] = 1
        return np.concatenate([low, self._set() - low])

    def condition(self, family: Family, member: int, *, inside: bool) -> Condition:
        """The condition in words' form; `inside` says which side of it is the sick one."""
        chosen = np.flatnonzero(family.members[member])
        if family.kind == "blank":
            return Condition(param=self.name, op="missing" if inside else "set")
        if family.kind == "levels":
            return self.of_levels(chosen, inside=inside)
        present = self.values[~self.blank]
        within = present[np.isin(self.codes[~self.blank], chosen)]
        if family.kind == "cut":
            return self.cut(float(np.max(within)), low_side=inside)
        return self.interval(float(np.min(within)), float(np.max(within)), inside=inside)

    def interval(self, low: float, high: float, *, inside: bool) -> Condition:
        """From the least to the greatest value of the trials within it, or what is outside of that."""
        if low == high:
            return Condition(param=self.name, op="==" if inside else "!=", value=low, of=self.of)
        return Condition(param=self.name, op="between" if inside else "outside", value=(low, high), of=self.of)

    def condition_of(self, members: NDArray[np.float32]) -> Condition:
        """The condition of a region that `sides` gave."""
        chosen = np.flatnonzero(members)
        if self.has_blank and (members[-1] or len(chosen) == len(self.labels)):
            return Condition(param=self.name, op="missing" if members[-1] else "set")
        if not self.numeric:
            return self.of_levels(chosen, inside=True)
        low_side = bool(members[0])
        edge = chosen[-1] if low_side else chosen[0] - 1
        within = self.values[~self.blank & (self.codes <= edge)]
        return self.cut(float(np.max(within)), low_side=low_side)

    def of_levels(self, chosen: NDArray[np.intp], *, inside: bool = True) -> Condition:
        """Those levels, or all but those."""
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
            return Condition(param=self.name, op="==", value=top, of=self.of)
        if self.grid and not low_side and following == np.max(present):
            return Condition(param=self.name, op="==", value=following, of=self.of)
        if low_side and top == np.min(present):
            return Condition(param=self.name, op="==", value=top, of=self.of)
        value = top if self.grid else round_between(top, following)
        return Condition(
            param=self.name, op="<=" if low_side else ">", value=value, low=top, high=following, of=self.of
        )

    def opposite(self, condition: Condition) -> Condition:
        """What holds where the condition does not, of the trials that have a value."""
        if self.numeric or condition.op in ("missing", "set"):
            return replace(condition, op=OPPOSITE[condition.op], interval=None)
        named = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        within = np.array([(label in named) == (condition.op == "!=") for label in self.labels])
        return self.of_levels(np.flatnonzero(within), inside=True)

    def mask(self, condition: Condition) -> Mask:
        """(n,) trials for which the condition holds; a blank hyperparameter meets none but `missing`."""
        return holds(condition, self.column)
