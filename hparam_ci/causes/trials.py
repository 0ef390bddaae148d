"""What the search sees of a sweep: for one issue, the trials that could have shown it, in an order of their own.

Rows are taken in the order of a hash of their content, and the seed of the null draws is made of the same hashes: a
file with its rows shuffled gives the same answer. From large sweeps a sample is taken by the hash, sick trials first;
it finds the same causes, and thresholds are then moved on all trials.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hparam_ci.causes.feature import Feature
from hparam_ci.detectors._replicates import Strata, one_each
from hparam_ci.sources.conditional import parents
from hparam_ci.sources.rows import Hashes
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Cell, Column, Floats, Mask

SAMPLE = 4_000
FEW_VALUES = 20
LOOKED_AT = 20_000
"""Trials from which it is told which hyperparameters depend on others, and whether the sweep is a grid."""
Rows = NDArray[np.intp]

_NUMBER_AT_END = re.compile(r"(\d{1,15})\D*$")


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The trials of one issue as the search takes them: those that share their hyperparameters are one.

    What one run of a configuration shows, the others are likely to show for reasons that are no hyperparameter's. Where
    only one hyperparameter varies, its values are the configurations, and the trials count one by one.

    Attributes:
        features: the hyperparameters over the s sampled configurations.
        order: when each was first started, as one more feature, where the sweep says so.
        hits: (s,) sick ones.
        strata: (s,) equal for those that were run about equally often; among these hits are dealt.
        seed: of the null draws.
        n: configurations before sampling.
        m: sick ones among them.
        runs: trials of the n; more than n where some were run again.
    """

    features: tuple[Feature, ...]
    order: Feature | None
    hits: Mask
    strata: Strata
    seed: int
    n: int
    m: int
    runs: int


class Trials:
    """All trials of a sweep, hashed once; samples of them for each issue."""

    def __init__(self, sweep: Sweep) -> None:
        self.columns = sweep.columns(Role.HYPERPARAMETER)
        self.hashes = sweep.configuration_hashes
        some = np.sort(_smallest(np.arange(len(sweep)), self.hashes, LOOKED_AT))
        sampled = [column.take(some) for column in self.columns]
        self.conditional = frozenset(parents(sampled))
        order = started(sweep)
        self.order = None if order is None or _is_grid(sampled, order.take(some)) else order
        again = len(np.unique(self.hashes[some])) < len(some)
        self.replicated = again and len(self._features(some)) > 1

    def sample(self, flagged: Mask, at_risk: Mask) -> Sample:
        """The trials at risk of one issue, at most SAMPLE of them, half of them sick where there are as many."""
        rows = np.flatnonzero(at_risk)
        runs = len(rows)
        if self.replicated:
            if self.order is not None:  # so that the first of its trials stands for each configuration
                rows = rows[np.argsort(self.order.values[rows], kind="stable")]
            first, hits, strata = one_each(self.hashes[rows], flagged[rows])
            rows = rows[first]
        else:
            hits, strata = flagged[rows], np.zeros(runs, np.int64)
        n, m = len(rows), int(hits.sum())
        if n > SAMPLE:
            sick, well = np.flatnonzero(hits), np.flatnonzero(~hits)
            most = max(SAMPLE // 2, SAMPLE - len(well))
            sick = _smallest(sick, self.hashes[rows], most)
            chosen = np.concatenate([sick, _smallest(well, self.hashes[rows], SAMPLE - len(sick))])
            rows, hits, strata = rows[chosen], hits[chosen], strata[chosen]
        own = self.hashes[rows]
        by_content = np.lexsort((hits, own))
        rows, hits, strata, own = rows[by_content], hits[by_content], strata[by_content], own[by_content]
        return Sample(
            features=tuple(self._features(rows)),
            order=None if self.order is None else Feature(self.order.take(rows)),
            hits=hits,
            strata=strata,
            seed=int(np.bitwise_xor.reduce(own * (hits * np.uint64(2) + np.uint64(1)), initial=0)),
            n=n,
            m=m,
            runs=runs,
        )

    def _features(self, rows: Rows) -> list[Feature]:
        """Those that vary among the rows, each once."""
        made = [Feature(column.take(rows), conditional=column.name in self.conditional) for column in self.columns]
        return without_aliases([feature for feature in made if feature.bins > 1], self.hashes[rows])


def _smallest(rows: Rows, all_hashes: Hashes, number: int) -> Rows:
    """The rows with the smallest hashes: a random sample that does not depend on the order of the rows."""
    if len(rows) <= number:
        return rows
    chosen: Rows = rows[np.argpartition(all_hashes[rows], number)[:number]]
    return chosen


def without_aliases(features: Sequence[Feature], configurations: Hashes) -> list[Feature]:
    """The first of each group of hyperparameters whose values go with each other one to one; it names the others."""
    first: dict[bytes, Feature] = {}
    tried = len(np.unique(configurations))
    for feature in features:
        key = _partition(feature, tried)
        if key in first:
            first[key].aliases += (feature.name,)
        else:
            first[key] = feature
    return list(first.values())


def _partition(feature: Feature, tried: int) -> bytes:
    """The same for two columns with the same few values by other names, or whose many values rise or fall together.

    Few are those that come again in other configurations, of which so many were tried.
    """
    order = np.unique(feature.values, return_inverse=True)[1] if feature.numeric else feature.codes
    distinct = int(order.max(initial=0)) + 1
    if distinct <= FEW_VALUES and 2 * distinct < tried:
        return np.unique(order, return_index=True)[1].argsort().argsort()[order].tobytes()
    return min(order.tobytes(), (distinct - 1 - order).tobytes())


def started(sweep: Sweep) -> Column | None:
    """The order in which trials were started, by a time or a running number; None where nothing says it."""
    for column in (*sweep.columns(Role.TIMESTAMP), *sweep.columns(Role.ID)):
        ranks = _ranks(column)
        if ranks is not None:
            return Column(column.name, np.full(len(ranks), Cell.NUMBER, np.uint8), ranks, column.codes, ())
    return None


def _is_grid(columns: Sequence[Column], order: Column) -> bool:
    """Whether trials were sorted by a hyperparameter, as a grid is: then its effect is that of the order."""
    rows = np.argsort(order.values, kind="stable")
    for column in columns:
        values = np.where(column.codes >= 0, column.codes, column.values)[rows]
        distinct = len(np.unique(values))
        changes = int(np.count_nonzero((values[1:] != values[:-1]) & ~(np.isnan(values[1:]) & np.isnan(values[:-1]))))
        if 2 <= distinct <= len(values) // 4 and changes < distinct:
            return True
    return False


def _ranks(column: Column) -> Floats | None:
    """(n,) numbers that rise with time; None where a cell has none, or most have the same."""
    if not column.levels:
        values = column.values
    else:
        numbers = [_number(level) for level in column.levels]
        values = np.array([*numbers, np.nan])[column.codes]
        values = np.where(column.is_(Cell.NUMBER), column.values, values)
    if not np.isfinite(values).all() or len(np.unique(values[:1000])) < 0.9 * min(len(values), 1000):
        return None
    return np.asarray(values, float)


def _number(text: str) -> float:
    """A date and time as a number that rises with it, or the running number at the end of a name."""
    digits = "".join(character for character in text if character.isdigit())
    if len(digits) >= 12 and re.match(r"\d{4}-\d\d-\d\d", text):
        return float(digits[:14].ljust(14, "0"))
    found = _NUMBER_AT_END.search(text)
    return float(found.group(1)) if found and not re.fullmatch(r"[0-9a-f]{6,}", text) else np.nan
