"""HP507 failures-in-time: failures cluster in time, or on one machine, rather than in configurations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from hparam_ci.detectors._separation import best_separation, deviance
from hparam_ci.detectors._tails import drawn_at_least
from hparam_ci.detectors._trials import Order, died, order_in_time, settings
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
from hparam_ci.sources.dialects import tokens
from hparam_ci.sources.rows import Rows, coded
from hparam_ci.sources.sweep import Role, Sweep
from hparam_ci.sources.table import Cell, Column, Mask

NO_PLACE = "nothing says when or where the trials ran"
MACHINES = frozenset("host hostname node nodelist gpu machine worker server pod device instance ip".split())
NOT_MACHINES = frozenset("util utilization mem memory usage count num n gb mb temp power type hours time".split())
MOST_MACHINES = 50
MOST_WINDOWS = 200  # failures between which windows are searched; of more, every second, third, …
HALF = 0.5  # of the failures must be in the burst, and of the burst must have failed


def _look(sweep: Sweep, options: Options, earlier: Mapping[str, Detection]) -> SweepDetection | CouldNotLook:
    order, machines = order_in_time(sweep), _machines(sweep)
    if order is None and not machines:
        return CouldNotLook(NO_PLACE)
    failed = died(sweep, earlier)
    ended = sweep.ended | failed  # a trial that was killed may be marked as running
    if not options["fewest"] <= failed.sum() < ended.sum():
        return SweepDetection()
    found = [] if order is None else list(_burst(sweep, order, failed, ended, options))
    found += [one for c in machines for one in _machine(sweep, c, failed, ended, len(machines), options)]
    return SweepDetection(tuple(found))


# --- time -----------------------------------------------------------------------------------------


def _burst(sweep: Sweep, order: Order, failed: Mask, ended: Mask, options: Options) -> Iterator[Finding]:
    rows = order.rows[ended[order.rows]]
    hits = failed[rows]
    first, last, g2 = _densest(np.flatnonzero(hits), len(rows))
    inside, k = int(hits[first : last + 1].sum()), last - first + 1
    n, m = len(rows), int(hits.sum())
    p = drawn_at_least(inside, m, k, n) * n * (n - 1) / 2
    if inside < HALF * m or inside < HALF * k or inside < options["fewest"] or p > options["error"]:
        return
    if _explained(sweep, rows, hits, g2, options["rival"]):
        return
    ends = [sweep.trial_ids[int(rows[place])] for place in (first, last)]
    message = (
        f"{inside} of {m} failures lie between trials {ends[0]} and {ends[1]} (by {order.column}), where {k} of {n} "
        "trials ran, and no hyperparameter tells them apart: the machine, not the model"
    )
    burst = rows[first : last + 1]
    yield Finding(
        Evidence(order.column, f"{inside} of {m}", f"about {m * k / n:.2g} by chance", message),
        burst[failed[burst]].tolist(),
    )


def _densest(places: Rows, n: int) -> tuple[int, int, float]:
    """The span from one failure to another in which failures are densest by G2: first and last place, and its G2."""
    m = len(places)
    chosen = np.unique(np.linspace(0, m - 1, min(m, MOST_WINDOWS)).astype(np.intp))
    a, b = np.meshgrid(chosen, chosen, indexing="ij")
    a, b = a[a < b], b[a < b]
    hits, inside = (b - a + 1).astype(float), (places[b] - places[a] + 1).astype(float)
    g2 = np.where(hits * n > inside * m, deviance(hits, inside, m, n), 0.0)
    at = int(np.argmax(g2))
    return int(places[a[at]]), int(places[b[at]]), float(g2[at])


# --- machines -------------------------------------------------------------------------------------


def _machines(sweep: Sweep) -> list[Column]:
    """Columns that say on which machine a trial ran, where they name several."""
    found = []
    for column, reading in zip(sweep.table.columns, sweep.readings, strict=True):
        words = set(tokens(column.name))
        if reading.role in (Role.IGNORED, Role.HYPERPARAMETER) and words & MACHINES and not words & NOT_MACHINES:
            distinct = len(column.levels) + len(np.unique(column.known))
            if 2 <= distinct <= min(MOST_MACHINES, len(column) / 3):
                found.append(column)
    return found


def _machine(
    sweep: Sweep, column: Column, failed: Mask, ended: Mask, columns: int, options: Options
) -> Iterator[Finding]:
    rows = np.flatnonzero(ended & ~column.is_(Cell.MISSING))
    hits, on = failed[rows], coded(column.take(rows))
    n, m = len(rows), int(hits.sum())
    if m < options["fewest"]:
        return
    counts, sick = np.bincount(on), np.bincount(on, hits)
    worst = int(np.argmax(deviance(sick.astype(float), counts.astype(float), m, n) * (sick * n > counts * m)))
    inside, k = int(sick[worst]), int(counts[worst])
    p = drawn_at_least(inside, m, k, n) * len(counts) * columns
    if inside < HALF * m or inside < options["fewest"] or p > options["error"]:
        return
    g2 = float(deviance(float(inside), float(k), m, n))
    if _explained(sweep, rows, hits, g2, options["rival"], column):
        return
    where = column.show(int(rows[np.argmax(on == worst)]))
    all_of = f"all {m}" if inside == m else f"{inside} of {m}"
    message = (
        f"{all_of} failures ran on {column.name} {where}, as {k} of {n} trials did, and no hyperparameter tells them "
        "apart: the machine, not the model"
    )
    chosen = rows[(on == worst) & hits]
    yield Finding(
        Evidence(column.name, f"{inside} of {m}", f"about {m * k / n:.2g} by chance", message), chosen.tolist()
    )


def _explained(sweep: Sweep, rows: Rows, hits: Mask, g2: float, rival: float, but: Column | None = None) -> bool:
    """Whether hyperparameters tell the failures apart nearly as well as time or place does."""
    columns = [column.take(rows) for column in settings(sweep) if column is not but]
    return best_separation(columns, hits) >= rival * g2


DETECTOR = Detector(
    code="HP507",
    name="failures-in-time",
    title="Failures in one burst or on one machine",
    trials="",
    severity="warning",
    rate="",
    summary="Trials that failed or reported no finite number ran one after the other, or on one machine, and no "
    "hyperparameter tells them apart as well.",
    why="A full disk, a driver or a shared node ends trials of any configuration. Blaming a hyperparameter for it "
    "narrows the search for nothing.",
    advice="Look at the machine's log of that time, and run these trials again before searching for a cause.",
    source="A scan for the densest burst (Kulldorff, 1997) by binomial deviance; Fisher's exact test, corrected for "
    "all spans of time or all machines, must exclude chance. The rival is a tree of depth two over hyperparameters: a "
    "sampler that learns changes them as time goes by.",
    look=_look,
    options=(
        DetectorOption("fewest", 5, "failures", "Fewer failures than this make no burst."),
        DetectorOption("error", 0.001, "probability", "Chance of a false alarm that is accepted."),
        DetectorOption("rival", 0.6, "of the deviance", "Hyperparameters that tell the failures apart so well win."),
    ),
    confidence="medium",
    scope="sweep",
)
