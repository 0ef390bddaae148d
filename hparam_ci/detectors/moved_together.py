"""HP503 moved-together: hyperparameters that cannot be told apart, because one decides the other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from hparam_ci.detectors._tails import correlated_by_chance, log_factorials
from hparam_ci.detectors._trials import NO_HYPERPARAMETER, listed, settings
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
from hparam_ci.sources.rows import Rows, coded, dense, firsts
from hparam_ci.sources.sweep import Sweep
from hparam_ci.sources.table import Cell, Column, Floats, Mask

COMPARED = 2_000  # trials, evenly spread, that are enough to see it
MOST_GROUPS = 0.5  # of the trials: a hyperparameter with more values than that groups nothing
FEWEST = 5
MOST_COMPARED = 200  # hyperparameters: each is held against each other one


@dataclass(frozen=True, slots=True, eq=False)
class _Knob:
    """One hyperparameter over n trials: (n,) `codes` from 0, -1 where it is not set; in order of value for numbers."""

    name: str
    codes: Rows
    is_number: bool


@dataclass(frozen=True, slots=True)
class _Link:
    """Two hyperparameters of which `leader` decides `other`; both decide each other where `is_mutual`."""

    leader: int
    other: int
    is_mutual: bool
    how: str


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> SweepDetection | CouldNotLook:
    columns, config = settings(sweep), sweep.configurations
    if config is None:
        return CouldNotLook(NO_HYPERPARAMETER)
    if len(columns) > MOST_COMPARED:
        return CouldNotLook(
            f"{len(columns):,} hyperparameters, and at most {MOST_COMPARED} are held against each other"
        )
    rows = firsts(config)  # replicates say nothing new of how settings were varied
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), COMPARED)).astype(np.intp))]
    knobs = [_knob(column.take(rows)) for column in columns]
    pairs = list(combinations(range(len(knobs)), 2))
    error = options["error"] / max(len(pairs), 1)
    links = [link for i, j in pairs if (link := _linked(knobs, i, j, options["correlation"], error)) is not None]
    return SweepDetection(tuple(_findings(knobs, links)))


def _knob(column: Column) -> _Knob:
    is_set = ~column.is_(Cell.MISSING, Cell.NAN)
    codes = np.full(len(column), -1, np.intp)
    codes[is_set] = coded(column.take(is_set))
    return _Knob(column.name, codes, not column.levels)


def _linked(knobs: Sequence[_Knob], i: int, j: int, correlation: float, error: float) -> _Link | None:
    """How two hyperparameters hang together among the trials that set both; None if they can be told apart."""
    both = (knobs[i].codes >= 0) & (knobs[j].codes >= 0)
    a, b = _dense(knobs[i].codes, both), _dense(knobs[j].codes, both)
    n, k, m = len(a), _count(a), _count(b)
    if n < FEWEST or min(k, m) < 2:
        return None
    forth, back = _decides(a, b, error), _decides(b, a, error)
    if forth or back:
        return _Link(i, j, forth and back, "") if forth else _Link(j, i, False, "")
    numbers = knobs[i].is_number and knobs[j].is_number
    if numbers and min(k, m) > 2:
        rho = float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])
        if abs(rho) < correlation or correlated_by_chance(rho, n) > error:
            return None
        return _Link(i, j, True, f"rank correlation {rho:.2f}")
    for number, category, leader, other in ((a, b, i, j), (b, a, j, i)):
        if knobs[leader].is_number and _is_split(number, category, error):
            return _Link(leader, other, True, f"each {knobs[other].name} has its own range of {knobs[leader].name}")
    return None


def _dense(codes: Rows, rows: Mask) -> Rows:
    return codes if rows.all() else dense(codes[rows])


def _count(codes: Rows) -> int:
    return int(codes.max()) + 1 if len(codes) else 0


def _decides(a: Rows, b: Rows, error: float) -> bool:
    """Whether each value of a goes with one value of b, more often than chance makes it so.

    Under chance a group of s trials agrees with probability sum p_b^s, where p_b are the shares of the values of b.
    """
    if _count(a) > MOST_GROUPS * len(a):
        return False
    pairs = np.unique(a * (_count(b) + 1) + b)
    if len(pairs) != _count(a):
        return False
    share = np.bincount(b) / len(b)
    group_sizes = np.bincount(a)
    log_p = sum(math.log(float(np.sum(share**size))) for size in group_sizes.tolist())
    return log_p <= math.log(error)


def _is_split(number: Rows, category: Rows, error: float) -> bool:
    """Whether the categories hold separate spans of the number, more often than chance makes it so: of all orders in
    which n trials can stand, k! times the sizes' factorials put each category in one piece."""
    k = _count(category)
    if k > MOST_GROUPS * len(category) / 2 or _count(number) <= k:
        return False
    ends = [(number[category == level].min(), number[category == level].max()) for level in range(k)]
    ends.sort()
    if any(below[1] >= above[0] for below, above in pairwise(ends)):
        return False
    logs = log_factorials(len(category))
    log_p = logs[k] + logs[np.bincount(category)].sum() - logs[len(category)]
    return bool(log_p <= math.log(error))


def _ranks(codes: Rows) -> Floats:
    """Mean ranks of codes from 0 that are in order."""
    counts = np.bincount(codes)
    ranks: Floats = (np.cumsum(counts) - (counts - 1) / 2)[codes]
    return ranks


# --- what is said ---------------------------------------------------------------------------------


def _findings(knobs: Sequence[_Knob], links: Sequence[_Link]) -> Iterator[Finding]:
    """One finding a bundle."""
    for bundle in _bundles(len(knobs), links):
        inside = [link for link in links if link.leader in bundle]
        leader = next((i for i in bundle if _leads(i, bundle, inside)), None)
        names = [knobs[i].name for i in bundle if i != leader]
        how = next((link.how for link in inside if link.how), "")
        if leader is not None and not how:
            name = knobs[leader].name
            message = f"{name} fixes {listed(names)}: in this sweep their effects cannot be told apart"
        else:
            name = knobs[bundle[0]].name
            why = f" ({how})" if how and len(bundle) == 2 else ""
            all_names = listed([knobs[i].name for i in bundle])
            message = f"{all_names} move together{why}: in this sweep their effects cannot be told apart"
        yield Finding(Evidence(name, how or "one value for each", "varied apart", message))


def _leads(i: int, bundle: Sequence[int], links: Sequence[_Link]) -> bool:
    decided = {link.other for link in links if link.leader == i}
    decided |= {link.leader for link in links if link.other == i and link.is_mutual}
    return decided >= set(bundle) - {i}


def _bundles(n: int, links: Sequence[_Link]) -> list[list[int]]:
    """The connected parts of two and more."""
    part = list(range(n))
    for link in links:
        old, new = part[link.other], part[link.leader]
        part = [new if one == old else one for one in part]
    bundles = [[i for i in range(n) if part[i] == one] for one in dict.fromkeys(part)]
    return [bundle for bundle in bundles if len(bundle) > 1]


DETECTOR = Detector(
    code="HP503",
    name="moved-together",
    title="Moved together",
    trials="",
    severity="notice",
    rate="",
    summary="Hyperparameters that never vary apart from each other: one fixes the others, or they rise and fall "
    "together.",
    why="An effect of one of them looks like an effect of the others; no statistic can tell them apart afterwards.",
    advice="Vary them apart in a few trials, or treat the bundle as one hyperparameter.",
    source="Confounding in the design of experiments (Fisher, 1935). One value of the one for each value of the other, "
    "or a rank correlation (Spearman) of at least 0.95, where chance is excluded after correction for all pairs.",
    look=_look,
    options=(
        DetectorOption("correlation", 0.95, "rank correlation", "Numbers that follow each other so closely are one."),
        DetectorOption("error", 0.001, "probability", "Chance of a false alarm that is accepted, for all pairs."),
    ),
    scope="sweep",
)
