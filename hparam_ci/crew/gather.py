"""From an Inspection to the facts that the crew may cite: those of the sweeps that stand worst."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from hparam_ci.crew import found, outlook, reasons
from hparam_ci.crew.facts import Fact, Facts, short
from hparam_ci.inspection import BucketTable, Inspection, LimitResult, SweepResult
from hparam_ci.report import outlook as told
from hparam_ci.report import words

SWEEPS = 3
CAUSES = 8
DETECTORS = 6
ADVICE = 5
DRIVERS = 3
DIMENSIONS = 6


def gather(inspection: Inspection) -> Facts:
    """The facts of the sweeps that stand worst."""
    shown = [one.sweep for one in words.standings(inspection) if one.sweep.issues][:SWEEPS]
    numbers = dict.fromkeys("DLUPMN", 0)
    facts = [found.verdict(inspection)]
    for index, sweep in enumerate(shown):
        for fact in _of_sweep(sweep, index, inspection.gate.limits):
            if fact.id in numbers:
                numbers[fact.id] += 1
                fact = replace(fact, id=f"{fact.id}{numbers[fact.id]}")  # noqa: PLW2901
            facts.append(fact)
    levels = {label for sweep in shown for table in sweep.buckets if not table.ordered for label in _levels(table)}
    return Facts(
        by_id={fact.id: fact for fact in facts},
        params=frozenset(_params(shown)),
        levels=frozenset(levels),
        sweeps=tuple(short(PurePosixPath(sweep.path).name) for sweep in shown),
        paths=tuple(sweep.path for sweep in shown),
    )


def _params(sweeps: Iterable[SweepResult]) -> Iterator[str]:
    for sweep in sweeps:
        yield from (short(column.name) for column in sweep.columns if column.role == "hyperparameter")
        yield from (short(table.param) for table in sweep.buckets)
        yield from (short(condition.param) for cause in sweep.causes for condition in cause.conditions)


def _levels(table: BucketTable) -> list[str]:
    return [short(bucket.label) for bucket in table.buckets if bucket.label != "not set"]


def _of_sweep(sweep: SweepResult, index: int, limits: Iterable[LimitResult]) -> Iterator[Fact]:
    """The facts of one sweep; ids of one letter are numbered by the caller."""
    name = short(PurePosixPath(sweep.path).name)
    causes = sweep.causes[:CAUSES]
    yield found.sweep(sweep, index, name)
    for detector in words.flagged(sweep)[:DETECTORS]:
        yield found.count(detector, index)
    judged = [limit for limit in limits if limit.path == sweep.path and limit.result in ("warn", "fail", "pass")]
    yield from (found.limit(limit, sweep, index) for limit in judged)
    ranges = {table.param: outlook.tried(table, index) for table in sweep.buckets if table.ordered}
    known = {cause.id: reasons.tried(reasons.cause(cause, index), cause, ranges) for cause in causes}
    yield from known.values()
    yield from (found.undetermined(one, index) for one in sweep.undetermined[:DETECTORS])
    for one in sweep.recommendations[:ADVICE]:
        yield reasons.advice(one, [known[id_] for id_ in one.evidence if id_ in known], index)
    yield from _outlook(sweep, known, index)
    named = {condition.param for cause in causes for condition in cause.conditions}
    yield from (fact for param, fact in ranges.items() if param in named)
    for detector in words.flagged(sweep)[:DETECTORS]:
        yield from (found.issue(issue, detector, index) for issue in detector.issues[:1])
    yield from (found.finding(finding, detector, index) for detector, finding in words.remarks(sweep)[:DETECTORS])


def _outlook(sweep: SweepResult, causes: Mapping[str, Fact], index: int) -> Iterator[Fact]:
    """What moves the objective, and what changes in the next search."""
    if sweep.drivers:
        ranking = sweep.drivers.hyperparameters[:DRIVERS]
        yield from (outlook.importance(one, sweep.drivers, index) for one in ranking)
    if sweep.next_space:
        yield from (outlook.dimension(one, index) for one in told.changed(sweep.next_space)[:DIMENSIONS])
        left_out = [one for one in sweep.next_space.excluded if one.evidence in causes]
        yield from (outlook.exclusion(one, causes[one.evidence], index) for one in left_out)
